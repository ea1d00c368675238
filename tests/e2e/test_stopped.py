"""What is made when not everything is there or right: errors, drafts, the survey alone, no PDF."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from pipeline.core.documents import Pack, ProjectResult
from pipeline.render.maker import pack_forms
from tests.cases import DORM, ROOT
from tests.e2e.built import Built, build, sample, squeezed

WRONG = {"F002", "W117", "F024", "W111", "W207", "X203", "X210", "X212", "W134", "W161", "W162", "F027", "W101", "G301"}


@pytest.fixture(scope="module")
def wrong() -> Built:
    return sample("wrong-015")


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> ProjectResult:
    return build(ROOT / "samples" / "wrong-015", tmp_path_factory.mktemp("draft"), "PPR", "PAF", draft=True, pdf=False)


def files(folder: Path, *codes: str) -> Path:
    """Copy workbooks of the dormitory sample."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (ROOT / "samples" / DORM).glob("*.xlsx"):
        if path.name[:2] in codes:
            shutil.copy2(path, folder)
    return folder


def test_errors_leave_only_findings_and_totals(wrong: Built) -> None:
    assert {f.rule.code for f in wrong.result.findings} == WRONG
    assert [d.code for d in wrong.result.documents] == ["XCK", "VAL"]
    assert wrong.result.packs == ()
    assert {p.parent.name for p in wrong.out.rglob("*.docx")} == {"check"}


def test_findings_report_says_place_fact_and_remedy(wrong: Built) -> None:
    text = wrong.pdf_text("VAL")
    for said in (
        "不通过",
        "W134",
        "费用明细",
        "D110",
        "应为“人民币柒拾壹万贰仟叁佰肆拾陆元整”",
        "按期望值改写大写金额",
    ):
        assert squeezed(said) in text


def test_totals_check_shows_the_difference(wrong: Built) -> None:
    text = wrong.docx_text("XCK")
    for said in ("376,160.00", "371,480.00", "4,680.00", "不一致"):
        assert said in text


def test_drafts_are_marked_on_every_page_and_never_packed(draft: ProjectResult) -> None:
    report = next(d for d in draft.documents if d.code == "PPR")
    assert report.state == "草稿"
    assert "草稿" in report.docx.name
    with zipfile.ZipFile(report.docx) as package:
        headers = [package.read(n).decode() for n in package.namelist() if n.startswith("word/header")]
    assert headers
    assert all("草稿—未通过校验" in header for header in headers)
    assert draft.packs == ()


def test_survey_alone_gives_the_survey_print(tmp_path: Path) -> None:
    result = build(files(tmp_path / "one", "00", "01"), tmp_path / "out")
    assert sorted(d.code for d in result.documents) == ["AUD", "CSC", "CSR", "VAL", "XCK"]
    assert result.facts
    assert result.facts.state == "调查中"
    (pending,) = [f for f in result.findings if f.pending]
    assert pending.rule.code == "B412"
    assert result.status == "ok"


def test_second_run_changes_nothing_and_keeps_the_pack(tmp_path: Path) -> None:
    folder = files(tmp_path / "one", "00", "01")
    build(folder, tmp_path / "out", pdf=False)
    before = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.docx")}
    again = build(folder, tmp_path / "out", pdf=False)
    assert {path: path.read_bytes() for path in (tmp_path / "out").rglob("*.docx")} == before
    assert again.notes == ()


def test_document_that_a_person_changed_is_left_alone(tmp_path: Path) -> None:
    folder = files(tmp_path / "one", "00", "01")
    first = build(folder, tmp_path / "out", pdf=False)
    mine = first.documents[0].docx
    mine.write_bytes(b"edited in Word")
    again = build(folder, tmp_path / "out", pdf=False)
    assert mine.read_bytes() == b"edited in Word"
    assert [d.docx.name for d in again.documents if "系统重新生成" in d.docx.name]
    assert mine.name in again.notes[0]


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Pack, Pack]:
    """Pack of the dormitory's plan without records, built twice."""
    folder: Path = tmp_path_factory.mktemp("planned")
    source = files(folder / "in", "00", "01", "02", "03", "04", "05")
    first, second = (build(source, folder / "out", *(form.code for form in pack_forms("计划包"))) for _ in range(2))
    return first.packs[0], second.packs[0]


def test_same_content_makes_no_new_version(planned: tuple[Pack, Pack]) -> None:
    assert [(pack.version, pack.unchanged) for pack in planned] == [(1, False), (1, True)]
