"""The sender's own workbook with its findings: coloured cells, comments, a first sheet 校验结果; nothing else changes.

Dropped again, it is read as if the marks were not there; marked again, it loses the old marks first. They are known
by what outlives Excel, WPS and LibreOffice: the sheet by its name and title, comments by their first line, colours by
their shade (`pipeline.render.marked.colours`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.adapters.ooxml.edit import CannotEdit, Editor, damage_told
from pipeline.core.findings import Finding, in_order
from pipeline.core.marks import AUTHOR, MARKER, SHEET, is_result_sheet, original_name
from pipeline.render.marked.colours import Origins, before, heaviest, shade
from pipeline.render.marked.sheet import result_sheet
from pipeline.render.marked.texts import comment_of

_NOTES = "_presales_fill_"
_TAB = "_presales_tab"
_SIGNED = "_presales_signed"  # it came with a digital signature, which this copy lacks
Cell = tuple[str, str]

__all__ = ["CannotEdit", "mark", "unmark"]


def mark(content: bytes, findings: Sequence[Finding], name: str, lang: str = "zh") -> bytes:
    """Mark a workbook.

    Args:
        content: the sender's file, as it came; it has passed the gate.
        findings: findings of a run; those of other workbooks are left out, those of the project are listed.
        name: file name that the findings have as their workbook.
        lang: zh or en.

    Raises:
        CannotEdit: a part that must be changed cannot be read.
    """
    with damage_told():
        return _marked(Editor(content), findings, name, lang)


def _marked(book: Editor, findings: Sequence[Finding], name: str, lang: str) -> bytes:
    signed = book.signed or bool(book.notes(_SIGNED))
    _unmark(book)
    chosen = in_order(finding for finding in findings if finding.at.workbook in ("", name))
    cells = _cells(book, chosen)
    _colour(book, cells)
    for sheet in dict.fromkeys(sheet for sheet, _ in cells):
        texts = {ref: comment_of(found, lang) for (of, ref), found in cells.items() if of == sheet}
        book.add_comments(sheet, texts, AUTHOR)
    sheets = set(book.sheets)

    def link(finding: Finding) -> Cell | None:
        at = finding.at
        return (at.sheet, at.cell or "A1") if at.workbook and at.sheet in sheets else None

    book.set_notes(_TAB, {"": book.active})
    book.set_notes(_SIGNED, {"": "1"} if signed else {})
    book.add_first_sheet(result_sheet(book.free_name(SHEET), original_name(name), chosen, link, lang, signed=signed))
    return book.to_bytes()


def unmark(content: bytes) -> bytes:
    """The workbook without our marks; its cells look as they did before.

    Raises:
        CannotEdit: a part that must be changed cannot be read.
    """
    with damage_told():
        book = Editor(content)
        _unmark(book)
        return book.to_bytes()


def _cells(book: Editor, findings: Sequence[Finding]) -> Mapping[Cell, list[Finding]]:
    """Findings by the cell that shows them: the first one of a merged range."""
    sheets, found = set(book.sheets), dict[Cell, list[Finding]]()
    for finding in findings:
        at = finding.at
        if at.workbook and at.sheet in sheets and at.cell and at.row:
            found.setdefault((at.sheet, book.cells(at.sheet).anchor(at.cell)), []).append(finding)
    return found


def _colour(book: Editor, cells: Mapping[Cell, Sequence[Finding]]) -> None:
    origins = Origins()
    for (sheet, ref), findings in cells.items():
        number = origins.number(book.fill_of(sheet, ref))
        book.set_fill(sheet, ref, shade(heaviest(findings), number))
    book.set_notes(_NOTES, origins.others)


def _unmark(book: Editor) -> None:
    """Take out what an earlier round put in, whoever has saved the file since."""
    others = book.notes(_NOTES)
    ours = [sheet for sheet in book.sheets if sheet.startswith(SHEET) and is_result_sheet(sheet, book.top_texts(sheet))]
    opened_on = book.notes(_TAB).get("") if book.active in ours else None
    if opened_on in book.all_sheets:  # before, so that no other sheet is selected for a moment
        book.open_on(opened_on)
    for sheet in ours:
        book.remove_sheet(sheet)
    book.replace_fills(lambda fill: before(fill, others))
    book.remove_comments(MARKER)
    book.set_notes(_NOTES, {})
    book.set_notes(_TAB, {})
    book.set_notes(_SIGNED, {})
