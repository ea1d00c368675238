from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import docx as word
import pytest

from pipeline.audit import whole
from pipeline.audit.papers import Paper, PrintedField
from pipeline.audit.reader import Shelf
from pipeline.audit.whole import audit_pack, audit_run
from pipeline.core.audits import Agreement
from pipeline.definitions.forms import load_forms
from tests.audit.made import sample
from tests.audit.planted import audited
from tests.audit.varied import write_varied
from tests.cases import DORM, TV, load_case, read_case

CELL = "[{}]费用明细!K7"


def told(versions: dict[str, str], book: str, value: str) -> dict[str, object]:
    field = {"name": "cost.lines[0].amount", "text": f"{int(value):,}.00", "value": value, "cells": [CELL.format(book)]}
    return {"code": "PP1", "file": "pp1.docx", "fields": [field], "workbooks": versions}


def test_a_run_names_the_papers_and_the_workbooks_that_cannot_be_read() -> None:
    files = {**sample(TV), "05_坏.xlsx": b"PK"}
    with Shelf() as shelf:
        found = audit_run(files, load_case(code=TV).facts, [], load_forms(), shelf)
    assert found.different == ()
    assert any("05_坏.xlsx" in remark for remark in found.remarks)
    assert found.figures[0].what == "项目类别"


def test_each_document_is_audited_against_the_versions_that_it_was_made_from(tmp_path: Path) -> None:
    books = []
    for place, code in enumerate((DORM, TV)):
        [(_, content)] = [pair for pair in sample(code).items() if pair[0].startswith("03")]
        folder = tmp_path / "工作簿" / str(place)
        folder.mkdir(parents=True)
        (folder / "03_费用.xlsx").write_bytes(content)
        books.append({"03_费用.xlsx": hashlib.sha256(content).hexdigest()})
    documents = [told(books[0], "03_费用.xlsx", "1800"), told(books[1], "03_费用.xlsx", "18000")]
    with Shelf() as shelf:
        found = audit_pack(tmp_path, {"documents": documents}, load_forms(), shelf, None)
        crossed = [told(books[1], "03_费用.xlsx", "1800"), documents[1]]
        other = audit_pack(tmp_path, {"documents": crossed}, load_forms(), shelf, None)
    assert (found.printed, found.different) == (2, ())
    assert [line.theirs for line in other.all_of(Agreement.DIFFERENT)] == ["18,000"]


def test_a_made_project_with_odd_names_and_prices_agrees_everywhere(tmp_path: Path) -> None:
    """A hundred of them: `scripts/soak audit`."""
    found = audited(read_case(write_varied(tmp_path, 7)))
    assert len(found.figures) > 100
    assert {line.agreement for line in found.figures} == {Agreement.EQUAL}


def paper(folder: Path, text: str = "a", kept: frozenset[str] = frozenset()) -> Paper:
    """A paper of one value."""
    document = word.Document()
    document.add_paragraph(text)
    document.save(str(folder / "a.docx"))
    (folder / "a.pdf").write_bytes(text.encode())
    return Paper("PP1", "a.docx", [PrintedField("x", text, text)], folder / "a.docx", folder / "a.pdf", kept)


def other_bytes(suffix: str, folder: Path, made: Paper) -> Paper:
    path = folder / f"a.{suffix}"
    path.write_bytes(path.read_bytes() + b"\n")
    return made


Changed = Callable[[Path, Paper], Paper]


@pytest.mark.parametrize(
    ("changed", "files", "times"),
    [
        (lambda _, made: made, {}, 1),
        (lambda _, made: replace(made, bound=False), {}, 1),  # whether a pack binds it changes nothing in it
        (partial(other_bytes, "docx"), {}, 2),
        (partial(other_bytes, "pdf"), {}, 2),
        (lambda folder, _: paper(folder, kept=frozenset({"x"})), {}, 2),
        (lambda folder, _: paper(folder, "b"), {}, 2),
        (lambda _, made: made, {"03_坏.xlsx": b"PK3"}, 2),
        (lambda _, made: made, {"04_坏.xlsx": b"PK"}, 2),
    ],
    ids=["same", "unbound", "docx", "pdf", "kept", "values", "workbook", "more workbooks"],
)
def test_a_paper_is_audited_once_while_all_that_it_is_held_against_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: Changed, files: dict[str, bytes], times: int
) -> None:
    asked: list[str] = []
    real = whole._paper
    monkeypatch.setattr(whole, "_paper", lambda one, *rest: asked.append(one.label) or real(one, *rest))
    facts, books, made = load_case(code=TV).facts, {"03_坏.xlsx": b"PK"}, paper(tmp_path)
    with Shelf() as shelf:
        first = audit_run(books, facts, [made], load_forms(), shelf)
        again = audit_run(books | files, facts, [changed(tmp_path, made)], load_forms(), shelf)
    assert len(asked) == times
    assert times > 1 or (first.lines, first.printed, first.rows) == (again.lines, again.printed, again.rows)
