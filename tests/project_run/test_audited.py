"""The audit of a run and of its packs: what it stops, what it lets pass, what it says of a pack years later."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest
from openpyxl import load_workbook

from pipeline.audit import reader
from pipeline.audit.papers import of_document
from pipeline.audit.whole import audit_run
from pipeline.cli import run
from pipeline.core.audits import Audit
from pipeline.core.documents import Document
from pipeline.deliver import manifest
from pipeline.project_run.audited import Auditor, audit_published, kept_apart
from pipeline.render.maker import Maker
from tests.audit.planted import PLANTED, audit
from tests.cases import DORM, ROOT, TV
from tests.e2e.built import only


@pytest.mark.parametrize(
    "name",
    [
        *("lost_row", "wrong_sign", "dotted_name_cut", "half_even", "wrong_group", "swapped_column", "a_fen_more"),
        *("margin_with_tax", "department_scopes_swapped"),  # the checks see nothing of these
    ],
)
def test_a_mistake_in_the_first_way_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, those in printing too: `scripts/soak audit`."""
    PLANTED[name](monkeypatch)
    assert audit(TV).different


def test_without_a_mistake_nothing_is_caught() -> None:
    assert audit(TV).different == ()


# -- a build ----------------------------------------------------------------------------------------------------------


def build(out: Path) -> tuple[int, Any]:
    arguments = ["build", str(ROOT / "samples" / DORM), "-o", str(out), "--no-pdf", "--as-of", "2026-11-23"]
    with only(("PPR", "PP1", "PP3", "PAF")):
        code = run([*arguments, "--json", str(out / "run.json")])
    [project] = json.loads((out / "run.json").read_text("utf-8"))["projects"]
    return code, project


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Document]]:
    """A sample as it is built, with its documents and what they print."""
    out = tmp_path_factory.mktemp("built")
    made: list[Document] = []
    with pytest.MonkeyPatch.context() as patch:
        real = Auditor.audited

        def audited(auditor: Auditor, documents: Sequence[Document], maker: Maker) -> Any:
            made.extend(documents)
            return real(auditor, documents, maker)

        patch.setattr(Auditor, "audited", audited)
        assert build(out)[0] == 0
    return out / DORM, made


def test_what_a_killed_reader_left_out_is_audited_the_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the result nor the output folder passes for what would be made again."""
    with monkeypatch.context() as patch:
        patch.setattr(reader, "WORKER", ("/bin/sh", "-c", "kill -9 $$"))
        build(tmp_path)
    assert "独立复核有工作簿没有读成" in capsys.readouterr().out
    assert "中途退出" in _paper_of_the_audit(tmp_path)
    build(tmp_path)
    assert "独立复核有工作簿没有读成" not in capsys.readouterr().out
    assert "中途退出" not in _paper_of_the_audit(tmp_path)


def _paper_of_the_audit(out: Path) -> str:
    [paper] = out.rglob("*_AUD_*.docx")
    return "".join(docx.Document(str(paper)).element.itertext())


def test_the_paper_of_the_audit_lies_among_the_checks_alone(built: tuple[Path, list[Document]]) -> None:
    out, _ = built
    [paper] = out.rglob("*_AUD_*.docx")
    assert paper.parent.name == "check"
    text = "".join(cell.text for table in docx.Document(str(paper)).tables for row in table.rows for cell in row.cells)
    assert "费用 合计" in text
    assert "不一致" not in text


def test_a_difference_stops_the_papers_and_says_both_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from pipeline.project_run import audited

    def other(*given: Any) -> Audit:
        facts = given[1]
        more = {key: replace(one, value=one.value + 1) for key, one in facts.figures.items()}
        return audit_run(given[0], replace(facts, figures=more), *given[2:])

    monkeypatch.setattr(audited, "audit_run", other)
    code, project = build(tmp_path)
    assert code == 6
    assert {one["code"] for one in project["documents"]} == {"VAL", "XCK", "AUD"}
    assert not (tmp_path / DORM / "docx").exists()
    assert "独立复核不一致" in capsys.readouterr().err


def test_what_a_paper_prints_otherwise_than_today_was_signed_so(built: tuple[Path, list[Document]]) -> None:
    _, made = built
    paper = next(document for document in made if document.code == "PAF")
    first = paper.printed[0]
    signed = replace(paper, printed=(replace(first, text="旧", value="旧"), *paper.printed[1:]))
    assert kept_apart([signed, paper], [paper]) == [replace(signed, kept=(first.name,)), paper]
    assert set(kept_apart([paper], [])[0].kept) == {one.name for one in paper.printed}


# -- a pack -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def pack(built: tuple[Path, list[Document]], tmp_path: Path) -> Path:
    """A pack of some documents, made by hand: its workbooks, provenance and manifest."""
    out, made = built
    folder = tmp_path / f"{DORM}_计划包_V1_20260529"
    (folder / "docx").mkdir(parents=True)
    (folder / "工作簿").mkdir()
    hashes = {}
    for path in (ROOT / "samples" / DORM).glob("*.xlsx"):
        shutil.copy(path, folder / "工作簿")
        hashes[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    documents = [document for document in made if document.code in ("PP1", "PP3", "PAF")]
    told = [_told(document) for document in documents]
    for document in documents:
        shutil.copy(next(out.rglob(document.docx.name)), folder / "docx")
    (folder / "provenance.json").write_bytes(manifest.to_json({"workbooks": hashes, "documents": told}))
    return folder


def _told(document: Document) -> dict[str, Any]:
    paper = of_document(document)
    fields = [{"name": f.name, "text": f.text, "value": f.value, "cells": list(f.cells)} for f in paper.fields]
    return {"code": document.code, "part": document.part, "file": paper.file, "fields": fields}


def differences(pack: Path) -> list[str]:
    return [str(line) for line in audit_published(pack).audit.different]


def test_a_pack_is_audited_from_what_lies_in_it(pack: Path) -> None:
    found = audit_published(pack).audit
    assert found.different == ()
    assert found.remarks == ()
    assert len(found.figures) > 50
    assert found.printed > 500
    assert found.rows > 40


def test_a_fen_in_the_provenance_is_named(pack: Path) -> None:
    path = pack / "provenance.json"
    told = json.loads(path.read_text("utf-8"))
    [field] = [one for one in told["documents"][0]["fields"] if one["name"] == "cost.total"]
    field["value"] = str(Decimal(field["value"]) + Decimal("0.01"))
    path.write_bytes(manifest.to_json(told))
    assert any("cost.total" in line or "费用 合计" in line for line in differences(pack))


def test_a_digit_in_a_workbook_is_named(pack: Path) -> None:
    [path] = (pack / "工作簿").glob("03*")
    book = load_workbook(io.BytesIO(path.read_bytes()), data_only=True)
    book["费用明细"]["K7"] = book["费用明细"]["K7"].value + 1
    book.save(path)
    found = audit_published(pack).audit
    assert any("哈希不符" in remark for remark in found.remarks)
    assert any("K7" in line for line in map(str, found.different))


def test_a_row_that_is_gone_from_a_document_is_named(pack: Path) -> None:
    [path] = (pack / "docx").glob("*_PP3_*")
    document = docx.Document(str(path))
    table = next(table for table in document.tables if len(table.rows) > 10)
    row = table.rows[4]
    row._tr.getparent().remove(row._tr)
    document.save(str(path))
    assert any("没有印在表格里" in line for line in differences(pack))


def test_what_is_not_in_the_pack_is_listed_and_is_no_difference(pack: Path) -> None:
    for path in (pack / "工作簿").glob("0[35]*"):
        path.unlink()
    found = audit_published(pack).audit
    assert found.different == ()
    assert sum("不在包里" in remark for remark in found.remarks) == 2


def test_a_pack_that_is_not_ours_is_told_from_one_that_differs(pack: Path) -> None:
    (pack / "provenance.json").write_text('{"documents": [{"a": 1}]}', "utf-8")
    assert "不是本程序写的样子" in audit_published(pack).audit.remarks[0]
    (pack / "provenance.json").unlink()
    assert "没有" in audit_published(pack).audit.remarks[0]
