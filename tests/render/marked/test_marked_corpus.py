"""Workbooks found in the wild take a mark and stay themselves, where the corpus lies beside the project."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import openpyxl
import pytest

from pipeline.adapters.ooxml.edit import Editor
from pipeline.adapters.ooxml.reader import NotAWorkbook, RawBook, TooMuch, read_book
from pipeline.intake.gate import refuse
from pipeline.render.marked.copy import mark, unmark
from tests.adapters.packages import faults
from tests.cases import ROOT
from tests.render.findings import blank, text_number

CORPUS = ROOT.parent / "shared" / "corpus"
LARGEST = 1_500_000  # larger ones say nothing new and take long


def accepted() -> list[Path]:
    """Files that pass the gate and can be read."""
    found = []
    for path in sorted(CORPUS.glob("*.xlsx")):
        content = path.read_bytes()
        if len(content) < LARGEST and refuse(path.name, content) is None and book_of(content) is not None:
            found.append(path)
    return found


def book_of(content: bytes) -> RawBook | None:
    try:
        return read_book(io.BytesIO(content))
    except (NotAWorkbook, TooMuch):
        return None


def shown(book: RawBook | None) -> dict[str, dict[str, tuple[str, str | None, bool]]]:
    assert book is not None
    return {s.name: {c.ref: (c.kind, c.text, c.formula) for c in s.cells.values()} for s in book.sheets}


def opens(content: bytes) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            openpyxl.load_workbook(io.BytesIO(content))
        except Exception:
            return False
    return True


def test_the_corpus_is_there_in_full_or_not_at_all() -> None:
    if CORPUS.is_dir():
        assert len(accepted()) > 100


@pytest.mark.parametrize("path", accepted(), ids=lambda path: path.name[:10])
def test_a_stranger_takes_a_mark(path: Path) -> None:
    content = path.read_bytes()
    sheet = Editor(content).sheets[0]
    made = [blank(path.name, sheet, "A1"), text_number(path.name, sheet, "C3"), blank(path.name)]
    marked = mark(content, made, path.name)
    before, after = shown(book_of(content)), shown(book_of(marked))
    assert {name: cells for name, cells in after.items() if name in before} == before
    assert len(after) == len(before) + 1
    assert set(faults(marked)) <= set(faults(content))
    if not any("has no format" in fault for fault in faults(content)):
        assert mark(marked, made, path.name) == marked
    assert shown(book_of(unmark(marked))) == before
    assert opens(marked) or not opens(content)
