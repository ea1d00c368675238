"""Which cells of a workbook the pipeline can fill, with what, and where staff wrote something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.money import plain, typed_number
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Project, Record, Sheet, Value, Workbook
from pipeline.definitions.forms import Field, Form, SheetForm
from pipeline.definitions.prefill import FIGURES, VERSION
from pipeline.derive.known import rolled_up, stated_and_due
from pipeline.derive.proposed import Asked, value_for

# Sources whose value must still be the one in the cell; a version is that of the day on which it was written.
_STAYS_EQUAL = ("figures.", "version.", "plan.head.", "attachments.pages")
_KEYS = {"from", "match", "sum"}


@dataclass(frozen=True, slots=True)
class Fill:
    """A value to write.

    Attributes:
        rank: what it waits for: 0 for nothing, 1 (lines that roll up) and 2 (sums) for all of a lower rank.
    """

    at: Place
    value: str | Decimal | date
    rank: int = 0


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
    ground = Asked(project, facts, company, book.head)
    yield from _fields(form.head.fields, ground)
    for definition in form.sheet:
        sheet = book.sheets[definition.key]
        if not sheet.present:
            continue
        yield from _fields(definition.labelled, replace(ground, record=sheet.head))
        for row in sheet.rows:
            yield from _fields(_of_row(definition, row), replace(ground, record=row, rows=sheet.rows))
        if definition.prefill_rows:
            yield from _lines(definition, sheet, project, company)


def _of_row(definition: SheetForm, row: Record) -> tuple[Field, ...]:
    """Fields of a row; of a survey item its answer, as long as it is not said to be unclear or not to apply."""
    item = definition.item(row.text("no")) if definition.items else None
    if item is None:
        return definition.fields
    return (replace(item.field, key="value"),) if row.text("status") in {"", "明确"} else ()


def _fields(fields: tuple[Field, ...], asked: Asked) -> Iterator[Fill | PrefillNotes]:
    for field in fields:
        cell = asked.record.cells.get(field.key) if field.prefill else None
        value = value_for(field.prefill, asked) if cell else None
        if cell and value is not None and value != "":
            yield from _one(cell, field, _written(value, field, asked.company))


def _written(value: Value, field: Field, company: Company) -> str | Decimal | date:
    """A value as it is written: a person as the drop-down writes him, lists with their stroke."""
    if isinstance(value, Decimal | date):
        return value
    text = "、".join(value) if isinstance(value, tuple) else str(value)
    return f"{text} {company.name_of(text)}" if field.type == "emp" and text in company.persons else text


def _one(cell: Cell, field: Field, value: str | Decimal | date) -> Iterator[Fill | PrefillNotes]:
    if cell.blank and not cell.flaws:
        yield Fill(cell.at, value, 2 if field.prefill.startswith((FIGURES, VERSION)) else 0)
    elif cell.value != value and field.prefill.startswith(_STAYS_EQUAL):
        yield PrefillNotes(cell.at, f"已填“{cell.shown}”,系统为“{_shown(value)}”,没有改动。")


def _shown(value: str | Decimal | date) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


# -- lines that roll up another workbook ----------------------------------------------------------------------------


def _lines(definition: SheetForm, sheet: Sheet, project: Project, company: Company) -> Iterator[Fill | PrefillNotes]:
    """Roll-up lines that are missing, in the first free prepared rows; wrong ones are told."""
    room = _Room(definition, sheet)
    for template in definition.prefill_rows:
        groups: dict[tuple[str, ...], list[dict[str, str]]] = {}
        for source in rolled_up(str(template["from"]), project, company):
            line: dict[str, str] = {key: _filled_in(text, source) for key, text in template.items() if key not in _KEYS}
            key = tuple(line[key] for key in template["match"])
            groups.setdefault(key, []).append({**line, "": source.get("amount", "")})
        for match, lines in groups.items():
            there = [row for row in sheet.rows if tuple(row.text(key) for key in template["match"]) == match]
            if there and "sum" not in template:
                continue
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
                yield Fill(place, typed_number(text) if numeric else text, 1)
