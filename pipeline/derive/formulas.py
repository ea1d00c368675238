"""Work out formula cells that were never calculated, so that no figure is missing (design: which amount counts)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pipeline.core.company import Company
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Flaw, Project, Record, Sheet, Value, Workbook
from pipeline.definitions.calculate import FormulaError, Scalar, evaluate, from_serial
from pipeline.definitions.expressions import names
from pipeline.definitions.forms import Field, Form, SheetForm, Total, node
from pipeline.definitions.values import Content, ErrorValue, Master00, Values

AMOUNTS = frozenset({"money", "num"})
_AS_TEXT = frozenset({Flaw.TEXT_NUMBER, Flaw.TEXT_DATE})


def master_columns(company: Company) -> Master00:
    """Workbook 00 as formulas see it."""
    return Master00(
        {
            key: {k: c.value for k, c in sheet.head.cells.items()}
            if sheet.head.cells
            else [{k: cell.value for k, cell in row.cells.items()} for row in sheet.rows]
            for key, sheet in company.book.sheets.items()
        }
    )


def values_of(
    workbook: Workbook, company: Company, forms: Mapping[str, Form], parameter: Callable[[str], Decimal] | None = None
) -> Values:
    """A workbook as its own formulas see it; with `parameter`, thresholds of the business day, its conditions, too.

    Row index n is the n-th of `Sheet.rows`; a form sheet has index 0. Formula cells that were never calculated, or
    that are in error only because of a number stored as text, count as not given and are calculated.
    """
    form = forms[workbook.form]
    sheets: dict[str, Any] = {}
    totals: dict[str, Mapping[str, Any]] = {}
    headers: dict[str, Mapping[str, Any]] = {}
    for definition in form.sheet:
        sheet = workbook.sheets[definition.key]
        labelled = {key: _given(cell) for key, cell in sheet.head.cells.items()}
        if definition.kind == "form":
            sheets[definition.key] = _row(definition, sheet.head) if labelled else []
        else:
            sheets[definition.key] = [_row(definition, row) for row in sheet.rows]
            headers[definition.key] = labelled
        totals[definition.key] = {key: _given(cell) for key, cell in sheet.totals.cells.items()}
    head = {key: cell.value for key, cell in workbook.head.cells.items()}
    return Values(form, Content(head, sheets, totals, headers), master_columns(company), parameter)


def _row(definition: SheetForm, record: Record) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for key, cell in record.cells.items():
        row[key] = None if _to_calculate(definition.by_key[key], record) else _given(cell)
    return row


def _given(cell: Cell) -> Any:
    return ErrorValue(cell.shown) if Flaw.ERROR in cell.flaws else cell.value


def _to_calculate(field: Field, record: Record) -> bool:
    """A formula cell without a value of its own, or in error because of a number or date stored as text in its row."""
    cell = record.cell(field.key)
    if not (field.formula or field.default):
        return False
    if Flaw.UNCALCULATED in cell.flaws or (cell.blank and field.formula):
        return True
    return _spoilt_by_text(field, record)


def _spoilt_by_text(field: Field, record: Record) -> bool:
    """An error that goes back to a number or date stored as text: in an operand, or in an operand's own operands."""
    if not field.formula or Flaw.ERROR not in record.cell(field.key).flaws:
        return False
    operands = [record.cell(name) for name in names(node(field.formula)) if name in record.cells]
    return any(cell.flaws & _AS_TEXT for cell in operands) or any(
        Flaw.ERROR in cell.flaws and _AS_TEXT & _flaws_of(record) for cell in operands
    )


def _flaws_of(record: Record) -> set[Flaw]:
    return {flaw for cell in record.cells.values() for flaw in cell.flaws}


def _sum_spoilt_by_text(book: Workbook, sheet: Sheet, formula: str) -> bool:
    """Whether a sum adds a column in which an error goes back to a number stored as text."""
    for name in names(node(formula)):
        owner, _, key = name.rpartition(".")
        source = book.sheets.get(owner) if owner else sheet
        for row in source.rows if source else ():
            if Flaw.ERROR in row.cell(key).flaws and _AS_TEXT & _flaws_of(row):
                return True
    return False


def settle(project: Project, company: Company, forms: Mapping[str, Form]) -> Project:
    """The project with every formula cell holding a value, as far as one can be worked out.

    A cell whose value was calculated here keeps `Flaw.UNCALCULATED`; one that was typed over gets `calculated`,
    and `Flaw.REPLACED` where that counts instead of what was typed.
    """
    books = {key: _settle_book(book, company, forms) for key, book in project.workbooks.items()}
    return replace(project, workbooks=books)


def _settle_book(book: Workbook, company: Company, forms: Mapping[str, Form]) -> Workbook:
    settled = _settle_cells(book, values_of(book, company, forms), forms)
    replaced = {key for key, sheet in settled.sheets.items() if any(_replaced(row) for row in sheet.rows)}
    if replaced:  # sums in which a typed value was added are added again
        settled = _add_again(settled, values_of(settled, company, forms), forms, replaced)
    parts = tuple(_settle_book(part, company, forms) for part in book.parts)
    return replace(settled, parts=parts)


def _replaced(row: Record) -> set[str]:
    return {key for key, cell in row.cells.items() if Flaw.REPLACED in cell.flaws}


def _add_again(book: Workbook, values: Values, forms: Mapping[str, Form], wanted: Iterable[str]) -> Workbook:
    sheets = dict(book.sheets)
    for key in wanted:
        sheet, definition = sheets[key], forms[book.form].sheet_form(key)
        columns = set().union(*(_replaced(row) for row in sheet.rows))
        cells = dict(sheet.totals.cells)
        for total in definition.totals:
            cell = cells.get(total.key)
            if (
                cell
                and total.formula
                and columns & set(names(node(total.formula)))
                and Flaw.OVERWRITTEN not in cell.flaws
            ):
                cells[total.key] = replace(
                    cell, value=as_value(values.total(definition, total, fresh=True), total.type)
                )
        sheets[key] = replace(sheet, totals=replace(sheet.totals, cells=cells))
    return replace(book, sheets=sheets)


def _settle_cells(book: Workbook, values: Values, forms: Mapping[str, Form]) -> Workbook:
    sheets = {}
    for definition in forms[book.form].sheet:
        sheet = book.sheets[definition.key]
        labelled = {f.key: f for f in definition.labelled}
        cells = {k: _settled(values, definition, 0, labelled[k], sheet.head) for k in sheet.head.cells}
        head = Record(sheet.at, cells)
        rows = tuple(_settle_row(values, definition, index, row) for index, row in enumerate(sheet.rows))
        totals = replace(sheet.totals, cells=dict(_settle_totals(values, definition, sheet, book)))
        stamp = replace(sheet.stamp, cells=_settle_stamp(sheet, book))
        sheets[definition.key] = replace(sheet, head=head, rows=rows, totals=totals, stamp=stamp)
    return replace(book, sheets=sheets)


def _settle_row(values: Values, definition: SheetForm, index: int, row: Record) -> Record:
    wanted = {f.key: f for f in definition.fields if f.formula and f.key in row.cells}
    touched = {
        key: _settled(values, definition, index, field, row)
        for key, field in wanted.items()
        if _to_calculate(field, row) or Flaw.OVERWRITTEN in row.cell(key).flaws
    }
    return replace(row, cells={**row.cells, **touched}) if touched else row


def _settled(values: Values, definition: SheetForm, index: int, field: Field, record: Record) -> Cell:
    cell = record.cell(field.key)
    if Flaw.OVERWRITTEN in cell.flaws:
        return _typed_over(cell, field, _calculated(values, definition, index, field))
    if not _to_calculate(field, record) or _waits(definition, field, record):
        return cell
    value = _calculated(values, definition, index, field)
    if value is None and cell.blank and Flaw.UNCALCULATED not in cell.flaws:
        return cell
    said = cell.flaws & {Flaw.UNCALCULATED, Flaw.ERROR}  # an error, or nothing stored, is no empty text
    more = {Flaw.UNCALCULATED} if said else {Flaw.UNCALCULATED, Flaw.FOUND_NOTHING}
    return replace(cell, value=value, calculated=value, flaws=cell.flaws | more)


def _waits(definition: SheetForm, field: Field, record: Record) -> bool:
    """A cell whose formula gives the empty text because its first operand is blank (`IF(start="","",...)`)."""
    cell = record.cell(field.key)
    if not field.formula or not cell.blank or cell.flaws:
        return False
    first = next((name for name in names(node(field.formula)) if name in definition.by_key), "")
    return first in record.cells and not definition.by_key[first].formula and record.blank(first)


def _typed_over(cell: Cell, field: Field, calculated: Value | None) -> Cell:
    """An amount counts as it stands; a name, grade, flag, account or number of days counts as its formula gives it.

    What the formula does not know (a person who is not in workbook 00) stays as typed.
    """
    if field.type in AMOUNTS or calculated is None or calculated == cell.value:
        return replace(cell, calculated=calculated)
    return replace(cell, value=calculated, calculated=calculated, flaws=cell.flaws | {Flaw.REPLACED})


def _calculated(values: Values, definition: SheetForm, index: int, field: Field) -> Value | None:
    try:
        if field.formula:
            return as_value(values.calculated(definition, index, field.key), field.type)
        index = 0 if definition.kind == "form" else -1
        found = evaluate(node(field.default), lambda name: values.named(definition, index, name))
        return as_value(found if not isinstance(found, list) else None, field.type)
    except FormulaError:
        return None


def _settle_totals(values: Values, definition: SheetForm, sheet: Sheet, book: Workbook) -> Iterator[tuple[str, Cell]]:
    for total in definition.totals:
        cell = sheet.totals.cells.get(total.key)
        if cell is None:
            continue
        spoilt = bool(total.formula) and Flaw.ERROR in cell.flaws and _sum_spoilt_by_text(book, sheet, total.formula)
        blank = Flaw.UNCALCULATED in cell.flaws or (cell.blank and total.formula)
        if blank or spoilt or Flaw.OVERWRITTEN in cell.flaws:
            try:
                value = as_value(values.total(definition, total, fresh=True), total.type)
            except FormulaError:
                value = None
            if Flaw.OVERWRITTEN in cell.flaws:
                cell = replace(cell, calculated=value)
            else:
                cell = replace(cell, value=value, calculated=value, flaws=cell.flaws | {Flaw.UNCALCULATED})
        yield total.key, cell


def _settle_stamp(sheet: Sheet, book: Workbook) -> Mapping[str, Cell]:
    """On later sheets the stamp is a formula on the first; one never calculated takes the first sheet's value."""
    first = book.head.cells
    return {
        key: replace(cell, value=first[key].value) if Flaw.UNCALCULATED in cell.flaws and key in first else cell
        for key, cell in sheet.stamp.cells.items()
    }


def as_value(scalar: Scalar, kind: str) -> Value | None:
    """Turn a calculated scalar into the typed value of a field; the empty text is blank."""
    if scalar is None or scalar == "":
        return None
    if kind == "date" and isinstance(scalar, Decimal):
        return from_serial(scalar)
    if isinstance(scalar, Decimal) and kind in {"text", "long", "code", "enum"}:
        return str(scalar)
    return scalar


Live = Callable[[Place], bool]


def recalculated(book: Workbook, company: Company, forms: Mapping[str, Form], live: Live) -> dict[Place, Value | None]:
    """What every formula of the form gives now, whatever value its cell stored last; None is the empty text.

    Args:
        book: the workbook as read.
        company: master data.
        forms: form definitions.
        live: tells whether a cell still holds a formula; what was typed over one is left alone.
    """
    emptied = {key: _emptied(sheet, forms[book.form].sheet_form(key), live) for key, sheet in book.sheets.items()}
    book = replace(book, sheets=emptied)
    values = values_of(book, company, forms)
    found: dict[Place, Value | None] = {}
    for definition in forms[book.form].sheet:
        sheet = book.sheets[definition.key]
        for index, row in enumerate(sheet.rows):
            found |= _given_now(values, definition, index, definition.fields, row)
        found |= _given_now(values, definition, 0, definition.labelled, sheet.head)
        found |= {sheet.totals.at(t.key): _total_now(values, definition, t) for t in definition.totals}
        found |= {sheet.stamp.at(key): cell.value for key, cell in book.head.cells.items()}
    return {at: value for at, value in found.items() if at.cell and live(at)}


def _emptied(sheet: Sheet, definition: SheetForm, live: Live) -> Sheet:
    """The sheet with nothing in the cells that are to be calculated anew."""

    def record(found: Record, keys: Iterable[str]) -> Record:
        blank = {key: Cell(found.at(key)) for key in keys if key in found.cells and live(found.at(key))}
        return replace(found, cells={**found.cells, **blank})

    keys = [f.key for f in (*definition.fields, *definition.header) if f.formula or f.default]
    rows = tuple(record(row, keys) for row in sheet.rows)
    totals = record(sheet.totals, [total.key for total in definition.totals])
    return replace(sheet, head=record(sheet.head, keys), rows=rows, totals=totals)


def _given_now(
    values: Values, definition: SheetForm, index: int, fields: Iterable[Field], record: Record
) -> dict[Place, Value | None]:
    wanted = (f for f in fields if (f.formula or f.default) and f.key in record.cells)
    return {record.at(f.key): _guarded(values, definition, index, f, record) for f in wanted}


def _guarded(values: Values, definition: SheetForm, index: int, field: Field, record: Record) -> Value | None:
    """The form writes every formula so that it is blank while its first operand is (`IF(qty="","",...)`)."""
    keys = (name.removeprefix("header.") for name in names(node(field.formula or field.default)))
    first = next((key for key in keys if key in record.cells and key != field.key), "")
    operand = definition.by_key.get(first)
    if operand is not None and operand.formula:
        blank = _guarded(values, definition, index, operand, record) is None
    else:
        blank = bool(first) and record.cell(first).blank
    return None if blank else _calculated(values, definition, index, field)


def _total_now(values: Values, definition: SheetForm, total: Total) -> Value | None:
    try:
        return as_value(values.total(definition, total), total.type)
    except FormulaError:
        return None
