"""Which cells the formulas of a form use: where an error value comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Flaw, Project, Record, Sheet, Workbook
from pipeline.definitions.expressions import names
from pipeline.definitions.forms import Form, SheetForm, node


def causes_of_errors(project: Project, forms: Mapping[str, Form]) -> dict[Place, Place]:
    """Every formula cell in error, with the cell to which its error goes back: one that cannot be read, or in error.

    A cell whose error goes back to nothing in its workbook is not among them.
    """
    return {at: cause for book in project.books for at, cause in _of_book(book, forms[book.form])}


def _of_book(book: Workbook, form: Form) -> Iterator[tuple[Place, Place]]:
    used = {cell.at: (cell, formula, where) for cell, formula, where in _formulas(book, form)}
    for at, (cell, _, _) in used.items():
        cause = _followed(book, used, cell) if Flaw.ERROR in cell.flaws else None
        if cause and cause.at != at:
            yield at, cause.at


_Where = tuple[Sheet, Record | None]
_Used = Mapping[Place, tuple[Cell, str, _Where]]


def _formulas(book: Workbook, form: Form) -> Iterator[tuple[Cell, str, _Where]]:
    """Every cell that has a formula by its form, with the formula and its sheet; of a row with the row."""
    for definition in form.sheet:
        sheet = book.sheets[definition.key]
        for record, row in ((sheet.head, sheet.head), *((row, row) for row in sheet.rows)):
            yield from _of_record(definition, sheet, record, row)
        for total in definition.totals:
            if total.formula and total.key in sheet.totals.cells:
                yield sheet.totals.cell(total.key), total.formula, (sheet, None)


def _of_record(definition: SheetForm, sheet: Sheet, record: Record, row: Record) -> Iterator[tuple[Cell, str, _Where]]:
    for key, cell in record.cells.items():
        if key in definition.by_key and (formula := definition.by_key[key].formula):
            yield cell, formula, (sheet, row)


def _followed(book: Workbook, used: _Used, cell: Cell) -> Cell | None:
    """The first cell, back along the formulas, that cannot be read or is in error by itself."""
    seen = {cell.at}
    while True:
        _, formula, where = used[cell.at]
        spoilt = [one for one in _operands(book, formula, where) if _unread(one) and one.at not in seen]
        if not spoilt:
            return cell
        cell = spoilt[0]
        seen.add(cell.at)
        if cell.at not in used:
            return cell


def _unread(cell: Cell) -> bool:
    """Whether a cell makes the formulas that use it give an error."""
    return Flaw.ERROR in cell.flaws or (cell.value is None and bool(cell.shown))


def _operands(book: Workbook, formula: str, where: _Where) -> Iterator[Cell]:
    """Cells that a formula uses: of its own row, else whole columns."""
    own, row = where
    for name in names(node(formula)):
        owner, _, key = name.rpartition(".")
        sheet = book.sheets.get(owner) if owner and owner != "header" else own
        if sheet is None:
            continue
        records = [sheet.head] if owner == "header" else [row] if row and sheet is own else [sheet.head, *sheet.rows]
        yield from (record.cells[key] for record in records if key in record.cells)
