"""Where the fields of a sheet stand: found by hidden keys, then by labels, never by position (domain C.0 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.adapters.ooxml.reader import RawCell, RawSheet
from pipeline.core.places import Place
from pipeline.core.sheets import Crossed
from pipeline.definitions.forms import Field, SheetForm
from pipeline.intake.convert import Reader
from pipeline.intake.finding import TOP_ROWS
from pipeline.intake.labels import (
    bare_label,
    first_in_column,
    label_of,
    labels_of,
    line_with_most,
    named_field,
)

Named = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Columns:
    """Where a table's fields stand: rows begin below `header_row`; sorting may have moved `key_row` among them.

    Totals have their labels in column A, or where that column has moved to. `missing` and `doubled` hold label and key.
    """

    header_row: int
    key_row: int
    label_columns: tuple[int, ...]
    by_key: Mapping[str, int]
    missing: Named
    doubled: Named
    crossed: tuple[Crossed, ...] = ()


def table_columns(sheet: SheetForm, raw: RawSheet, at: Place, reader: Reader) -> Columns:
    """Columns of a table."""
    words = {label for f in sheet.fields for label in labels_of(f)}
    rows = sorted({row for row, _ in raw.cells if row <= TOP_ROWS})
    moved = {row for (row, column), cell in raw.cells.items() if column == 1 and reader.shown(cell) in sheet.by_key}
    key_row = line_with_most(raw, sheet.by_key, str.strip, reader, by=0, lines={*rows, *moved})
    label_row = line_with_most(raw, words, bare_label, reader, by=0, lines=rows)
    by_key, doubled = _by_keys(sheet, raw.row(key_row), reader)
    crossed = _crossed_columns(sheet, raw, label_row, by_key, at, reader)
    used = set(by_key.values())
    for field in sheet.fields:
        if field.key not in by_key and (column := _labelled(field, raw.row(label_row), used, reader)):
            by_key[field.key] = column
            used.add(column)
    missing = tuple((f.label, f.key) for f in sheet.fields if f.key not in by_key and f.required != "N")
    first = by_key.get(sheet.fields[0].key, 1)
    return Columns(label_row or key_row, key_row, (first, 1), by_key, missing, doubled, crossed)


def _by_keys(sheet: SheetForm, cells: Mapping[int, RawCell], reader: Reader) -> tuple[dict[str, int], Named]:
    found: dict[str, int] = {}
    doubled = []
    for column, cell in sorted(cells.items()):
        key = reader.shown(cell).strip()
        if key in found:
            doubled.append((sheet.field(key).label, key))
        elif key in sheet.by_key:
            found[key] = column
    return found, tuple(doubled)


def _labelled(field: Field, cells: Mapping[int, RawCell], used: Iterable[int], reader: Reader) -> int | None:
    taken = set(used)
    for name in (field.label, *field.aliases):
        for column, cell in sorted(cells.items()):
            text = reader.shown(cell)
            if column not in taken and label_of(name) in {label_of(text), bare_label(text)}:
                return column
    return None


def _crossed_columns(
    sheet: SheetForm, raw: RawSheet, label_row: int, by_key: Mapping[str, int], at: Place, reader: Reader
) -> tuple[Crossed, ...]:
    """Columns whose visible label is that of another field: who typed there followed the label, not the hidden key."""
    cells = ((sheet.field(key), raw.cells.get((label_row, column))) for key, column in by_key.items())
    return tuple(
        crossed(field, cell, at, reader) for field, cell in cells if cell and _other(sheet, field, cell, reader)
    )


def _other(sheet: SheetForm, field: Field, cell: RawCell, reader: Reader) -> bool:
    text = reader.shown(cell)
    other = named_field(sheet, text)
    return other is not None and other is not field and not {label_of(text), bare_label(text)} & labels_of(field)


def crossed(field: Field, cell: RawCell, at: Place, reader: Reader) -> Crossed:
    """The contradiction at a label."""
    return Crossed(field.label, field.key, reader.shown(cell).strip(), Place(at.workbook, at.sheet, cell.ref))


@dataclass(frozen=True)
class Lines:
    """Where a form's fields stand: the rows by key, the column of the labels and that of the values."""

    rows: Mapping[str, int]
    label_column: int
    value_column: int
    missing: Named = ()
    doubled: Named = ()
    crossed: tuple[Crossed, ...] = ()

    def value_at(self, raw: RawSheet, row: int) -> int:
        """Column of the value in a row; a merged label's value stands right of the merge."""
        start = self.label_column
        end = next((m[2] for m in raw.merges if m[0] <= start <= m[2] and m[1] <= row <= m[3]), start)
        return max(self.value_column, end + 1)


def form_lines(sheet: SheetForm, raw: RawSheet, at: Place, reader: Reader, optional: Iterable[str]) -> Lines:
    """Lines of a form sheet.

    Args:
        sheet: its definition.
        raw: its cells.
        at: its place.
        reader: shows cells.
        optional: keys of fields that may be missing without a word.
    """
    words = {label for f in sheet.fields for label in labels_of(f)}
    across = range(1, max((column for _, column in raw.cells), default=0) + 1)
    key_column = line_with_most(raw, sheet.by_key, str.strip, reader, by=1, lines=across) or 1
    label_column = line_with_most(raw, words, bare_label, reader, by=1, lines=across) or key_column + 1
    keys, again = first_in_column(raw, key_column, str.strip, reader)
    labels, _ = first_in_column(raw, label_column, bare_label, reader)
    rows = dict(keys) | {
        f.key: row for f in sheet.fields if f.key not in keys and (row := _row_labelled(f, labels)) is not None
    }
    left_out = set(optional)
    missing = tuple((f.label, f.key) for f in sheet.fields if f.key not in rows and f.key not in left_out)
    doubled = tuple((sheet.field(key).label, key) for key in again if key in sheet.by_key)
    found = [(f, raw.cells.get((keys[f.key], label_column))) for f in sheet.fields if f.key in keys]
    wrong = tuple(crossed(f, c, at, reader) for f, c in found if c and _other(sheet, f, c, reader))
    value_column = _value_column(raw, label_column, labels.get("项目", 0), reader)
    return Lines(rows, label_column, value_column, missing, doubled, wrong)


def _row_labelled(field: Field, labels: Mapping[str, int]) -> int | None:
    return next((labels[n] for n in map(label_of, (field.label, *field.aliases)) if n in labels), None)


def _value_column(raw: RawSheet, label_column: int, head: int, reader: Reader) -> int:
    """The column headed 内容 beside 项目; else the one right of the labels."""
    heads = (cell for column, cell in sorted(raw.row(head).items()) if column > label_column)
    return next((c.column for c in heads if label_of(reader.shown(c)) == "内容"), label_column + 1)
