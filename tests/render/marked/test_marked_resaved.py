"""Our own forms after LibreOffice has saved their marked copy: nothing of the marks stays, nothing of the form goes."""

from __future__ import annotations

from pathlib import Path

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.adapters.ooxml.edit import Editor
from pipeline.render.marked.copy import mark, unmark
from tests.cases import ROOT
from tests.render.findings import blank

BOOK = next((ROOT / "samples" / "wrong-015").glob("03_*.xlsx"))
CELLS = ("B7", "C8", "D9", "K7", "A5", "C2", "B120")


def resaved(content: bytes, office: LibreOffice, folder: Path, name: str) -> bytes:
    (folder / f"{name}.xlsx").write_bytes(content)
    office.resave(folder / f"{name}.xlsx", folder / f"{name}2.xlsx")
    return (folder / f"{name}2.xlsx").read_bytes()


def looks(book: Editor) -> dict[str, tuple[dict[str, str], dict[str, str]]]:
    """Fills of the cells and all comments of every sheet that people see."""
    shown = [sheet for sheet in book.sheets if not sheet.startswith("_")]
    return {sheet: ({ref: book.fill_of(sheet, ref) for ref in CELLS}, book.comments(sheet)) for sheet in shown}


def test_a_form_is_itself_again_after_marks_and_libreoffice(office: LibreOffice, tmp_path: Path) -> None:
    content = BOOK.read_bytes()
    sheets = [sheet for sheet in Editor(content).sheets if not sheet.startswith("_")]
    found = [blank(BOOK.name, sheet, ref) for sheet in sheets for ref in CELLS]
    marked = resaved(mark(content, found, BOOK.name), office, tmp_path, "marked")
    assert looks(Editor(unmark(marked))) == looks(Editor(resaved(content, office, tmp_path, "plain")))
