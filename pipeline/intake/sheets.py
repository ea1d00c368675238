"""Find a sheet's fields by key row, label or alias and read its rows until the total (design section 5)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.adapters.ooxml import RawCell, RawSheet
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Record, Sheet
from pipeline.definitions.forms import Field, Form, SheetForm, Total
from pipeline.intake.convert import Reader

_TOP_ROWS = 60


@dataclass(frozen=True)
class Columns:
    """Where a table's fields stand: rows begin below `header_row`; sorting may have moved `key_row` among them.

    Totals have their labels in column A, or where that column has moved to.
    """

    header_row: int
    key_row: int
    label_columns: tuple[int, ...]
    by_key: Mapping[str, int]
    missing: tuple[tuple[str, str], ...]
    doubled: tuple[tuple[str, str], ...]


def label_of(text: str) -> str:
    """Label for comparing: no blanks, line breaks, stars or colons."""
    return re.sub(r"[\s**::]", "", unicodedata.normalize("NFKC", text))


def find_sheet(form: SheetForm, sheets: Sequence[RawSheet], taken: set[str], reader: Reader) -> RawSheet | None:
    """The sheet by name, by alias, or by its keys when it was renamed."""
    for name in (form.name, *form.aliases):
        found = next((s for s in sheets if label_of(s.name) == label_of(name) and s.name not in taken), None)
        if found:
            return found
    keys = {f.key for f in form.fields}
    for sheet in sheets:
        if sheet.name not in taken and _best_key_count(sheet, keys, reader) > max(2, len(keys) * 2 // 3):
            return sheet
    return None


def _best_key_count(sheet: RawSheet, keys: set[str], reader: Reader) -> int:
    rows = (len(keys & {reader.shown(c) for c in sheet.row(r).values()}) for r in range(1, _TOP_ROWS))
    column_a = {reader.shown(cell) for (_, column), cell in sheet.cells.items() if column == 1}
    return max(max(rows, default=0), len(keys & column_a))


def read_sheet(form: Form, sheet: SheetForm, raw: RawSheet, workbook: str, reader: Reader) -> Sheet:
    """Read a sheet.

    Args:
        form: form of the workbook.
        sheet: definition of the sheet.
        raw: its cells.
        workbook: file name for the places.
        reader: converts cells.
    """
    at = Place(workbook, raw.name)
    if sheet.kind == "form":
        return _read_form(form, sheet, raw, at, reader)
    return _read_table(form, sheet, raw, at, reader)


# -- forms ----------------------------------------------------------------------------------------------------


def _read_form(form: Form, sheet: SheetForm, raw: RawSheet, at: Place, reader: Reader) -> Sheet:
    keys = _first_column(raw, 1, reader)
    labels = _first_column(raw, 2, reader, normal=True)
    cells, missing = {}, []
    for field in sheet.fields:
        row = keys.get(field.key) or _by_label(field, labels)
        if row is None:
            if field.since in form.supported[:1] or field.required != "N":
                missing.append((field.label, field.key))
            continue
        cells[field.key] = _read(raw, row, 3, field, at, reader)
    stamp = {
        f.key: _read(raw, keys[f"head.{f.key}"], 3, f, at, reader) for f in form.head.fields if f"head.{f.key}" in keys
    }
    if not stamp:
        stamp = _stamp(form, raw, at, reader, _TOP_ROWS)
    return Sheet(sheet.key, at, Record(at, stamp), Record(at, cells), missing=tuple(missing))


def _first_column(raw: RawSheet, column: int, reader: Reader, *, normal: bool = False) -> dict[str, int]:
    found: dict[str, int] = {}
    for (row, col), cell in sorted(raw.cells.items()):
        if col == column:
            text = reader.shown(cell)
            found.setdefault(label_of(text) if normal else text.strip(), row)
    return found


def _by_label(field: Field, labels: Mapping[str, int]) -> int | None:
    return next((labels[label_of(n)] for n in (field.label, *field.aliases) if label_of(n) in labels), None)


# -- tables ---------------------------------------------------------------------------------------------------


def _read_table(form: Form, sheet: SheetForm, raw: RawSheet, at: Place, reader: Reader) -> Sheet:
    columns = _columns(sheet, raw, reader)
    stamp = Record(at, _stamp(form, raw, at, reader, columns.header_row or 6))
    head = Record(at, _beside(sheet.header, raw, at, reader, range(4, columns.header_row)))
    ends = {label_of(total.row_label) for total in sheet.totals}
    rows, totals_row = [], 0
    for number in sorted({row for row, _ in raw.cells if row > columns.header_row} - {columns.key_row}):
        cells = raw.row(number)
        if any(_label(cells.get(column), reader) in ends for column in columns.label_columns):
            totals_row = number
            break
        if record := _record(sheet, raw, number, columns.by_key, at, reader):
            rows.append(record)
    totals = _totals(sheet, raw, totals_row, columns, at, reader) if totals_row else {}
    return Sheet(
        sheet.key,
        at,
        stamp,
        head,
        tuple(rows),
        Record(at, totals),
        columns.missing,
        columns.doubled,
        strays=_strays(sheet, raw, totals_row, columns, at, reader) if totals_row else (),
    )


def _strays(
    sheet: SheetForm, raw: RawSheet, start: int, columns: Columns, at: Place, reader: Reader
) -> tuple[Place, ...]:
    """First cells of rows below the totals that look like data: two numbers or more in columns of numbers."""
    numeric = {
        columns.by_key[f.key] for f in sheet.fields if f.numeric and f.fill == "input" and f.key in columns.by_key
    }
    found = []
    ends = {label_of(total.row_label) for total in sheet.totals}
    for number in sorted({row for row, _ in raw.cells if row > start}):
        cells = raw.row(number)
        is_total = any(_label(cells.get(column), reader) in ends for column in columns.label_columns)
        numbers = [
            c for column, c in sorted(cells.items()) if column in numeric and c.kind == "n" and c.text is not None
        ]
        if not is_total and len(numbers) >= 2:
            found.append(Place(at.workbook, at.sheet, numbers[0].ref))
    return tuple(found)


def _columns(sheet: SheetForm, raw: RawSheet, reader: Reader) -> Columns:
    keys = {f.key for f in sheet.fields}
    key_row = _row_with_most(raw, keys, reader, normal=False)
    labels = {label_of(n) for f in sheet.fields for n in (f.label, *f.aliases)}
    label_row = _row_with_most(raw, labels, reader, normal=True)
    by_key, doubled = _by_keys(sheet, raw.row(key_row), reader)
    used = set(by_key.values())
    for field in sheet.fields:
        if field.key not in by_key:
            column = _labelled(field, raw.row(label_row), used, reader)
            if column:
                by_key[field.key] = column
                used.add(column)
    missing = tuple((f.label, f.key) for f in sheet.fields if f.key not in by_key and f.required != "N")
    first = by_key.get(sheet.fields[0].key, 1)
    return Columns(label_row or key_row, key_row, (first, 1), by_key, missing, tuple(doubled))


def _row_with_most(raw: RawSheet, words: set[str], reader: Reader, *, normal: bool) -> int:
    """Row that holds most of the words, 0 when none holds two."""
    best, best_count = 0, 1
    for number in sorted({row for row, _ in raw.cells if row <= _TOP_ROWS} | _rows_with(raw, words, reader)):
        texts = {reader.shown(cell).strip() for cell in raw.row(number).values()}
        count = len(words & ({label_of(t) for t in texts} if normal else texts))
        if count > best_count:
            best, best_count = number, count
    return best


def _rows_with(raw: RawSheet, words: set[str], reader: Reader) -> set[int]:
    """Rows below the top whose first cell is one of the words: a key row that sorting has moved."""
    return {row for (row, column), cell in raw.cells.items() if column == 1 and reader.shown(cell) in words}


def _by_keys(
    sheet: SheetForm, cells: Mapping[int, RawCell], reader: Reader
) -> tuple[dict[str, int], list[tuple[str, str]]]:
    found: dict[str, int] = {}
    doubled = []
    for column, cell in sorted(cells.items()):
        key = reader.shown(cell).strip()
        if key in found:
            doubled.append((sheet.field(key).label, key))
        elif key in sheet.by_key:
            found[key] = column
    return found, doubled


def _labelled(field: Field, cells: Mapping[int, RawCell], used: Iterable[int], reader: Reader) -> int | None:
    taken = set(used)
    for name in (field.label, *field.aliases):
        for column, cell in sorted(cells.items()):
            if column not in taken and label_of(reader.shown(cell)) == label_of(name):
                return column
    return None


def _label(cell: RawCell | None, reader: Reader) -> str:
    return label_of(reader.shown(cell)) if cell else ""


def _record(
    sheet: SheetForm, raw: RawSheet, number: int, by_key: Mapping[str, int], at: Place, reader: Reader
) -> Record | None:
    """A row, or None when nobody filled anything in it."""
    item = None
    if sheet.items and "no" in by_key and (raw_no := raw.cells.get((number, by_key["no"]))):
        item = sheet.item(reader.shown(raw_no).strip())
    cells = {}
    for field in sheet.fields:
        if field.key in by_key:
            kind = item.field if item and field.key == "value" else field
            cells[field.key] = _read(raw, number, by_key[field.key], kind, at, reader)
    wanted = {"input", "template"} if sheet.rows_fixed else {"input"}
    used = any(not cells[f.key].blank for f in sheet.fields if f.fill in wanted and f.key in cells)
    return Record(at, cells, number) if used else None


def _read(raw: RawSheet, row: int, column: int, field: Field, at: Place, reader: Reader) -> Cell:
    stored = raw.cells.get((row, column))
    place = Place(at.workbook, at.sheet, stored.ref if stored else RawCell(row, column, "n", None, False, 0).ref)
    hidden = raw.hidden or row in raw.hidden_rows or column in raw.hidden_columns
    return reader.read(stored, field, place, hidden=hidden)


def _totals(
    sheet: SheetForm, raw: RawSheet, start: int, columns: Columns, at: Place, reader: Reader
) -> dict[str, Cell]:
    rows: dict[str, int] = {}
    for number in range(start, min(raw.last_row, start + 40) + 1):
        for label_column in columns.label_columns:
            rows.setdefault(_label(raw.cells.get((number, label_column)), reader), number)
    found = {}
    for total in sheet.totals:
        row, column = rows.get(label_of(total.row_label)), columns.by_key.get(total.column)
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
