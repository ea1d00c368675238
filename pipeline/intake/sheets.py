"""Read a sheet of a workbook: a form's labelled values, a table's rows until its totals (design section 5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pipeline.adapters.ooxml.reader import RawCell, RawSheet, column_letter
from pipeline.core.conventions import READING
from pipeline.core.money import NotAnAmount, typed_number
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Crossed, Record, Sheet
from pipeline.definitions.forms import Field, Form, SheetForm, Total
from pipeline.intake.columns import Columns, Lines, crossed, form_lines, table_columns
from pipeline.intake.convert import Reader
from pipeline.intake.disguise import stored_number
from pipeline.intake.finding import TOP_ROWS
from pipeline.intake.labels import bare_label, label_of, total_labels
from pipeline.intake.recalculated import is_changing, stale
from pipeline.intake.units import in_wan_form, in_wan_table
from pipeline.intake.veils import value_of

_SUBTOTAL = re.compile(READING["rows"]["subtotal"])
_NOTE = re.compile(READING["rows"]["note"], re.DOTALL)


def read_sheet(form: Form, sheet: SheetForm, raw: RawSheet, workbook: str, reader: Reader, version: str = "") -> Sheet:
    """Read a sheet.

    Args:
        form: form of the workbook.
        sheet: definition of the sheet.
        raw: its cells.
        workbook: file name for the places.
        reader: converts cells.
        version: form version of the workbook; fields that came later may be missing.
    """
    at = Place(workbook, raw.name)
    if sheet.kind == "form":
        found = _read_form(form, sheet, raw, at, reader)
    else:
        found = _read_table(form, sheet, raw, at, reader)
    later = _came_later(form, sheet, version)
    return replace(found, missing=tuple(pair for pair in found.missing if pair[1] not in later))


def _came_later(form: Form, sheet: SheetForm, version: str) -> frozenset[str]:
    """Fields that a workbook of an older supported version cannot have."""
    versions = form.supported
    newer = versions[versions.index(version) + 1 :] if version in versions else ()
    return frozenset(f.key for f in sheet.fields if f.since in newer)


# -- forms ----------------------------------------------------------------------------------------------------


def _read_form(form: Form, sheet: SheetForm, raw: RawSheet, at: Place, reader: Reader) -> Sheet:
    optional = {f.key for f in sheet.fields if f.since and f.since != form.supported[0] and f.required == "N"}
    lines = form_lines(sheet, raw, at, reader, optional)
    cells = {f.key: _on_line(raw, lines, f.key, f, at, reader) for f in sheet.fields if f.key in lines.rows}
    stamped = ((f"head.{f.key}", f) for f in form.head.fields)
    stamp = {f.key: _on_line(raw, lines, key, f, at, reader) for key, f in stamped if key in lines.rows}
    return Sheet(
        sheet.key,
        at,
        Record(at, stamp or _stamp(form, raw, at, reader, TOP_ROWS)),
        Record(at, cells),
        missing=lines.missing,
        doubled=lines.doubled,
        crossed=lines.crossed,
        in_wan=in_wan_form(sheet, raw, lines, at, reader),
    )


def _on_line(raw: RawSheet, lines: Lines, key: str, field: Field, at: Place, reader: Reader) -> Cell:
    row = lines.rows[key]
    return _read(raw, row, lines.value_at(raw, row), field, at, reader)


# -- tables ---------------------------------------------------------------------------------------------------


def _read_table(form: Form, sheet: SheetForm, raw: RawSheet, at: Place, reader: Reader) -> Sheet:
    columns = table_columns(sheet, raw, at, reader)
    stamp = Record(at, _stamp(form, raw, at, reader, columns.header_row or 6))
    head = Record(at, _beside(sheet.header, raw, at, reader, range(4, columns.header_row)))
    totals_row = _totals_row(sheet, raw, columns, reader)
    numbers = {row for row, _ in raw.cells if row > columns.header_row} - {columns.key_row}
    rows, subtotals = [], []
    for number in sorted(n for n in numbers if not totals_row or n < totals_row):
        if place := _subtotal(sheet, raw, number, columns, at, reader):
            subtotals.append(place)
            continue
        record = _record(sheet, raw, number, columns.by_key, at, reader)
        if record and not _is_note(sheet, record):
            rows.append(record)
    return Sheet(
        sheet.key,
        at,
        stamp,
        head,
        tuple(rows),
        Record(at, _totals(sheet, raw, totals_row, columns, at, reader) if totals_row else {}),
        columns.missing,
        columns.doubled,
        subtotals=tuple(subtotals),
        strays=_strays(sheet, raw, totals_row, columns, at, reader) if totals_row else (),
        crossed=(*columns.crossed, *_crossed_items(sheet, raw, rows, columns, at, reader)),
        in_wan=in_wan_table(sheet, raw, columns, totals_row, at, reader),
        columns={key: column_letter(column) for key, column in columns.by_key.items()},
        first_row=max(columns.header_row, columns.key_row if columns.key_row <= columns.header_row + 1 else 0) + 1,
    )


def _totals_row(sheet: SheetForm, raw: RawSheet, columns: Columns, reader: Reader) -> int:
    """First row of the totals below the lines, 0 without one: of rows headed alike the last is the form's own."""
    ends = {label for total in sheet.totals for label in total_labels(total)}
    last: dict[str, int] = {}
    for (row, column), cell in raw.cells.items():
        if row > columns.header_row and column in columns.label_columns:
            label = bare_label(reader.shown(cell))
            if label in ends:
                last[label] = max(row, last.get(label, 0))
    return min(last.values(), default=0)


def _is_note(sheet: SheetForm, record: Record) -> bool:
    """A remark typed below the rows: one text such as 注:… and nothing else where several things are due."""
    filled = [cell for cell in record.cells.values() if not cell.blank]
    due = sum(f.required == "Y" and f.fill == "input" for f in sheet.fields)
    return due > 1 and len(filled) == 1 and bool(_NOTE.fullmatch(filled[0].shown.strip()))


def _subtotal(
    sheet: SheetForm, raw: RawSheet, number: int, columns: Columns, at: Place, reader: Reader
) -> tuple[Place, str] | None:
    """First cell and text of a row that adds up others: it says so in place of a number or a name."""
    if sheet.rows_fixed or not sheet.totals:
        return None
    keys = [f.key for f in sheet.fields[:4] if f.key in columns.by_key]
    first = {key: cell for key in keys if (cell := raw.cells.get((number, columns.by_key[key]))) is not None}
    if "no" in first and stored_number(first["no"]) is not None and not first["no"].formula:
        return None
    texts = ((cell, reader.shown(cell).strip()) for cell in first.values() if cell.kind == "s")
    found = ((cell.ref, text) for cell, text in texts if _SUBTOTAL.fullmatch(re.sub(r"\s", "", text)))
    return next(((Place(at.workbook, at.sheet, ref), text) for ref, text in found), None)


def _strays(
    sheet: SheetForm, raw: RawSheet, start: int, columns: Columns, at: Place, reader: Reader
) -> tuple[Place, ...]:
    """First cells of rows below the totals that look like data: two numbers or more, or most of what is due."""
    typed = {columns.by_key[f.key]: f for f in sheet.fields if f.fill == "input" and f.key in columns.by_key}
    due = sum(f.required == "Y" for f in typed.values())
    ends = {label for total in sheet.totals for label in total_labels(total)}
    found = []
    for number in sorted({row for row, _ in raw.cells if row > start}):
        cells = raw.row(number)
        if any(_label(cells.get(column), reader) in ends for column in columns.label_columns):
            continue
        filled = [c for column, c in sorted(cells.items()) if column in typed and reader.shown(c).strip()]
        numbers = [c for c in filled if typed[c.column].numeric and _is_number(c, reader)]
        if len(numbers) >= 2 or (due > 2 and len(filled) * 2 > due):
            found.append(Place(at.workbook, at.sheet, (numbers or filled)[0].ref))
    return tuple(found)


def _is_number(cell: RawCell, reader: Reader) -> bool:
    try:
        return stored_number(cell) is not None or typed_number(reader.shown(cell)) is not None
    except NotAnAmount:
        return False


def _crossed_items(
    sheet: SheetForm, raw: RawSheet, rows: Sequence[Record], columns: Columns, at: Place, reader: Reader
) -> tuple[Crossed, ...]:
    """Survey rows whose text is that of another item than their number."""
    labels = {label_of(item.label): item for item in sheet.items}
    found = []
    for record in rows if labels and "label" in columns.by_key else ():
        item, cell = sheet.item(record.text("no")), raw.cells.get((record.number, columns.by_key["label"]))
        other = labels.get(label_of(reader.shown(cell))) if cell else None
        if cell and item and other and label_of(item.label) != label_of(other.label):
            found.append(crossed(replace(item.field, key=item.no), cell, at, reader))
    return tuple(found)


def _label(cell: RawCell | None, reader: Reader) -> str:
    return bare_label(reader.shown(cell)) if cell else ""


def _record(
    sheet: SheetForm, raw: RawSheet, number: int, by_key: Mapping[str, int], at: Place, reader: Reader
) -> Record | None:
    """A row, or None when nobody filled anything in it."""
    wanted = {"input", "template"} if sheet.rows_fixed else {"input"}
    typed = [f.key for f in sheet.fields if f.fill in wanted and f.key in by_key]
    if all(_untouched(raw.cells.get((number, by_key[key]))) for key in typed):
        return None  # most rows: prepared, and empty
    item = None
    if sheet.items and "no" in by_key and (raw_no := raw.cells.get((number, by_key["no"]))):
        item = sheet.item(reader.shown(raw_no).strip())
    cells = {}
    for field in sheet.fields:
        if field.key in by_key:
            kind = item.field if item and field.key == "value" else field
            cells[field.key] = _read(raw, number, by_key[field.key], kind, at, reader)
    return Record(at, cells, number) if any(not cells[key].blank for key in typed) else None


def _untouched(cell: RawCell | None) -> bool:
    return cell is None or (cell.text is None and not cell.formula)


def _read(raw: RawSheet, row: int, column: int, field: Field, at: Place, reader: Reader) -> Cell:
    stored = raw.cells.get((row, column))
    place = Place(at.workbook, at.sheet, stored.ref if stored else RawCell(row, column, "n", None, False, 0).ref)
    if stored is not None and not stored.formula and any(_within(box, row, column) for box in raw.spilled):
        stored = replace(stored, formula=True)
    struck = dict(raw.struck).get(place.cell or "", "") if raw.struck else ""
    hidden = raw.hidden or row in raw.hidden_rows or column in raw.hidden_columns
    cell = reader.read(stored, field, place, hidden=hidden, struck=struck)
    formula = raw.formula(place.cell or "") if raw.formulas and not field.formula else ""
    number = stored_number(stored) if stored and formula and not is_changing(formula) else None
    note = None if number is None else stale(formula, number, lambda name: value_of(name, raw))
    return replace(cell, flaws=cell.flaws | {note.flaw}, notes=(*cell.notes, note)) if note else cell


def _within(box: tuple[int, int, int, int], row: int, column: int) -> bool:
    """Whether a cell lies in a range of first column, first row, last column, last row."""
    return box[0] <= column <= box[2] and box[1] <= row <= box[3]


def _totals(
    sheet: SheetForm, raw: RawSheet, start: int, columns: Columns, at: Place, reader: Reader
) -> dict[str, Cell]:
    rows: dict[str, int] = {}
    for number in range(start, min(raw.last_row, start + 40) + 1):
        for label_column in columns.label_columns:
            rows.setdefault(_label(raw.cells.get((number, label_column)), reader), number)
    found = {}
    for total in sheet.totals:
        row = next((rows[label] for label in total_labels(total) if label in rows), None)
        column = columns.by_key.get(total.column)
        if row and column:
            found[total.key] = _read(raw, row, column, total_field(total), at, reader)
    return found


def total_field(total: Total) -> Field:
    """A total cell as a field, so that it is read by its type."""
    return Field(total.key, total.label, total.type, formula=total.formula, default=total.default)


# -- stamp ----------------------------------------------------------------------------------------------------


def _stamp(form: Form, raw: RawSheet, at: Place, reader: Reader, below: int) -> dict[str, Cell]:
    """Values on top of the sheet."""
    return _beside(form.head.fields, raw, at, reader, range(2, below - 1))


def _beside(fields: Sequence[Field], raw: RawSheet, at: Place, reader: Reader, rows: range) -> dict[str, Cell]:
    """Values beside their labels in some rows; a merged label's value stands right of the merge."""
    found: dict[str, Cell] = {}
    labels = {label_of(n): f for f in fields for n in (f.label, *f.aliases)}
    for (row, column), cell in sorted(raw.cells.items()) if labels else ():
        if row in rows and (field := labels.get(label_of(reader.shown(cell)))):
            end = next((m[2] for m in raw.merges if m[0] == column and m[1] == row), column)
            found.setdefault(field.key, _read(raw, row, end + 1, field, at, reader))
    return found
