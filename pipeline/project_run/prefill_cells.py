"""Which cells of a workbook the pipeline can fill, with what, and where staff wrote something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.money import plain, typed_number
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Project, Record, Sheet, Value, Workbook
from pipeline.definitions.forms import Field, Form, SheetForm
from pipeline.derive.known import known, rolled_up, stated_and_due

# Sources whose value must still be the one in the cell; a version is that of the day on which it was written.
_STAYS_EQUAL = ("figures.", "version.", "plan.head.", "attachments.pages")
_KEYS = {"from", "match", "sum"}


@dataclass(frozen=True, slots=True)
class Fill:
    """A value to write."""

    at: Place
    value: str | Decimal


@dataclass(frozen=True, slots=True)
class PrefillNotes:
    """A cell that was left alone, or a line that found no room, in Chinese."""

    at: Place
    text: str

    def __str__(self) -> str:
        return f"{self.at}:{self.text}"


def fills_of(
    book: Workbook, project: Project, facts: Facts, company: Company, form: Form
) -> Iterator[Fill | PrefillNotes]:
    """Everything to write into one workbook.

    Args:
        book: as read.
        project: all workbooks, settled.
        facts: what follows from them.
        company: master data.
        form: its form.
    """
    yield from _fields(form.head.fields, book.head, project, facts)
    for definition in form.sheet:
        sheet = book.sheets[definition.key]
        if not sheet.present:
            continue
        yield from _fields(definition.labelled, sheet.head, project, facts)
        for row in sheet.rows:
            yield from _fields(definition.fields, row, project, facts)
        if definition.prefill_rows:
            yield from _lines(definition, sheet, project, company)


def _fields(fields: tuple[Field, ...], record: Record, project: Project, facts: Facts) -> Iterator[Fill | PrefillNotes]:
    for field in fields:
        cell = record.cells.get(field.key) if field.prefill else None
        value = known(field.prefill, project, facts, record) if cell else None
        if cell and value is not None and value != "":
            yield from _one(cell, field.prefill, _text_or_number(value))


def _text_or_number(value: Value) -> str | Decimal:
    return value if isinstance(value, Decimal) else "、".join(value) if isinstance(value, tuple) else str(value)


def _one(cell: Cell, source: str, value: str | Decimal) -> Iterator[Fill | PrefillNotes]:
    if cell.blank and not cell.flaws:
        yield Fill(cell.at, value)
    elif cell.value != value and source.startswith(_STAYS_EQUAL):
        yield PrefillNotes(cell.at, f"已填“{cell.shown}”,系统为“{_shown(value)}”,没有改动。")


def _shown(value: str | Decimal) -> str:
    return plain(value) if isinstance(value, Decimal) else value


# -- lines that roll up another workbook ----------------------------------------------------------------------------


def _lines(definition: SheetForm, sheet: Sheet, project: Project, company: Company) -> Iterator[Fill | PrefillNotes]:
    """Roll-up lines that are missing, in the first free prepared rows; wrong ones are told."""
    room = _Room(definition, sheet)
    for template in definition.prefill_rows:
        groups: dict[tuple[str, ...], list[dict[str, str]]] = {}
        for source in rolled_up(str(template["from"]), project, company):
            line: dict[str, str] = {key: _filled_in(text, source) for key, text in template.items() if key not in _KEYS}
            groups.setdefault(tuple(line[key] for key in template["match"]), []).append({**line, "": source["amount"]})
        for match, lines in groups.items():
            there = [row for row in sheet.rows if tuple(row.text(key) for key in template["match"]) == match]
            if there:
                yield from _compared(there, str(template["sum"]), lines)
            else:
                for line in lines:
                    yield from room.add(line)


def _filled_in(text: Any, source: Mapping[str, str]) -> str:
    return str(text).format_map(source)


def _compared(there: list[Record], field: str, lines: list[dict[str, str]]) -> Iterator[PrefillNotes]:
    stated, due = stated_and_due(there, field, [line[""] for line in lines])
    if stated != due:
        found = "读不出" if stated is None else plain(stated)
        yield PrefillNotes(there[0].at(field), f"已填{found},汇总为{plain(due)},没有改动。")


class _Room:
    """The free prepared rows of a table."""

    def __init__(self, definition: SheetForm, sheet: Sheet) -> None:
        self._definition, self._at, self._columns = definition, sheet.at, sheet.columns
        used = max((row.number for row in sheet.rows), default=0)
        totals = [cell.at.row or 0 for cell in sheet.totals.cells.values()]
        first = max(used + 1, sheet.first_row)
        self._rows = iter(range(first, min(totals, default=first + definition.prepared)))
        numbers = [value.value for row in sheet.rows if (value := row.number_of("no"))]
        self._number = int(max(numbers, default=Decimal(0)))

    def add(self, line: Mapping[str, str]) -> Iterator[Fill | PrefillNotes]:
        """Cells of one more line."""
        row = next(self._rows, None)
        if row is None:
            yield PrefillNotes(self._at, f"没有空行,汇总行没有写入:{line.get('desc', '')}({line['']})。")
            return
        self._number += 1
        for key, text in {"no": str(self._number), **line}.items():
            if key and text and key in self._columns:
                place = Place(self._at.workbook, self._at.sheet, f"{self._columns[key]}{row}")
                numeric = self._definition.field(key).numeric
                yield Fill(place, typed_number(text) if numeric else text)
