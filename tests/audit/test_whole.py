from __future__ import annotations

import hashlib
from pathlib import Path

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
