"""Notes and labels that speak of 万元 where the form is in 元 (domain C.0 7, rule F018)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pipeline.adapters.ooxml.reader import RawCell, RawSheet
from pipeline.core.conventions import READING
from pipeline.core.places import Place, Sourced
from pipeline.definitions.forms import Field, SheetForm
from pipeline.intake.columns import Columns, Lines
from pipeline.intake.convert import Reader
from pipeline.intake.labels import label_of

_MONEY = frozenset({"money", "money4"})
_NOTE = re.compile(READING["wan"]["said"])

Found = tuple[Sourced[str], ...]


def in_wan_table(
    sheet: SheetForm, raw: RawSheet, columns: Columns, totals_row: int, at: Place, reader: Reader
) -> Found:
    """Labels of columns of money, units of survey items, totals' labels, notes above and below a table."""
    labels = [(f, raw.cells.get((columns.header_row, columns.by_key[f.key]))) for f in _money(sheet, columns.by_key)]
    heads = [cell for field, cell in labels if cell and _says_wan(field, cell, reader)]
    around = (
        cell
        for (row, _), cell in sorted(raw.cells.items())
        if row < columns.header_row or (totals_row and row >= totals_row)
    )
    cells = [*heads, *_items(sheet, raw, columns, reader), *_notes(sheet, around, reader)]
    return _sourced(cells, at, reader)


def in_wan_form(sheet: SheetForm, raw: RawSheet, lines: Lines, at: Place, reader: Reader) -> Found:
    """Labels of money and notes of a form sheet."""
    labels = [(f, raw.cells.get((lines.rows[f.key], lines.label_column))) for f in _money(sheet, lines.rows)]
    heads = [cell for field, cell in labels if cell and _says_wan(field, cell, reader)]
    values = {(row, lines.value_at(raw, row)) for row in lines.rows.values()}
    around = (cell for place, cell in sorted(raw.cells.items()) if place not in values)
    return _sourced([*heads, *_notes(sheet, around, reader)], at, reader)


def _money(sheet: SheetForm, known: Iterable[str]) -> list[Field]:
    keys = set(known)
    return [f for f in sheet.fields if f.type in _MONEY and f.key in keys]


def _says_wan(field: Field, cell: RawCell, reader: Reader) -> bool:
    return "万" in reader.shown(cell) and "万" not in field.label


def _items(sheet: SheetForm, raw: RawSheet, columns: Columns, reader: Reader) -> Iterator[RawCell]:
    """Label and unit of survey items in 元."""
    if not sheet.items or "no" not in columns.by_key:
        return
    for (row, column), cell in sorted(raw.cells.items()):
        item = sheet.item(reader.shown(cell).strip()) if column == columns.by_key["no"] else None
        if item and item.type in _MONEY:
            beside = (raw.cells.get((row, columns.by_key.get(key, 0))) for key in ("label", "unit"))
            yield from (c for c in beside if c and "万" in reader.shown(c))


def _notes(sheet: SheetForm, cells: Iterable[RawCell], reader: Reader) -> Iterator[RawCell]:
    """Texts that give 万元 as the unit, other than the form's own."""
    own = {label_of(sheet.unit_note), label_of(sheet.note)} | {label_of(f.help) for f in sheet.fields}
    for cell in cells:
        text = reader.shown(cell) if cell.kind == "s" else ""
        if "万" in text and label_of(text) not in own and _NOTE.search(text):
            yield cell


def _sourced(cells: Iterable[RawCell], at: Place, reader: Reader) -> Found:
    places = {cell.ref: Sourced(reader.shown(cell).strip(), Place(at.workbook, at.sheet, cell.ref)) for cell in cells}
    return tuple(places.values())
