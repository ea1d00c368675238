"""Every filled cell of a case with the field it belongs to: what the field rules walk over."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.check.case import Case, shown
from pipeline.core.sheets import Cell, Record, Sheet, Workbook
from pipeline.core.texts import odd_characters
from pipeline.definitions.forms import TYPES, Field, Form, SheetForm, Total

_BRACES = re.compile(r"\\\{\w+\\\}")
_DECLARED = frozenset({"不明确", "不适用"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A filled cell.

    Attributes:
        name: where the form puts it: `cost.lines.amount`; `cost.head.filled_by` for the stamp on the first sheet,
            `survey.items.value` for all survey items.
        field: what the form says of it; for the value of a survey item what the item says.
        cell: what stands there.
        record: its row, or the labelled values around it.
    """

    name: str
    field: Field
    cell: Cell
    record: Record


def books(case: Case, rule: str) -> Iterator[Workbook]:
    """Workbooks that a rule looks at, as they were handed in and as far as they are there; 00 is always there."""
    for form in case.rules[rule].workbooks:
        if form in case.company.workbooks:
            yield case.company.workbooks[form]
        elif form in case.project.workbooks:
            yield from case.project.workbooks[form].each


def united(case: Case, rule: str) -> Iterator[Workbook]:
    """Workbooks that a rule looks at, those of one form as the one that they make together."""
    for form in case.rules[rule].workbooks:
        if form in case.company.workbooks:
            yield case.company.workbooks[form]
        elif form in case.project.workbooks:
            yield case.project.workbooks[form]


def entries(case: Case, rule: str, types: Container[str] = TYPES) -> Iterator[Entry]:
    """Filled cells of the workbooks that a rule looks at: stamps, rows and forms, totals.

    A survey value that reads 不明确 or 不适用 beside the same status is a declaration, not a value, and is left out.

    Args:
        case: the case.
        rule: code of the rule.
        types: field types wanted.
    """
    for book in books(case, rule):
        if book.name not in case.walked:
            case.walked[book.name] = tuple(_of_book(case.forms[book.form], book))
        yield from (entry for entry in case.walked[book.name] if entry.field.type in types)


def _of_book(form: Form, book: Workbook) -> Iterator[Entry]:
    yield from _filled(f"{form.key}.head", book.head, {field.key: field for field in form.head.fields})
    for definition in form.sheet:
        yield from _of_sheet(form, definition, book.sheets[definition.key])


def _of_sheet(form: Form, definition: SheetForm, sheet: Sheet) -> Iterator[Entry]:
    name, fields = f"{form.key}.{definition.key}", definition.by_key
    yield from _filled(name, sheet.head, {field.key: field for field in definition.labelled})
    for record in sheet.rows:
        yield from _filled(name, record, _by_item(definition, record, fields))
    yield from _filled(name, sheet.totals, {total.key: _total_field(total) for total in definition.totals})


def _filled(name: str, record: Record, fields: dict[str, Field]) -> Iterator[Entry]:
    for key, cell in record.cells.items():
        if (cell.flaws or not cell.blank) and key in fields:
            yield Entry(f"{name}.{key}", fields[key], cell, record)


def _by_item(definition: SheetForm, record: Record, fields: dict[str, Field]) -> dict[str, Field]:
    """Fields of a row; in a survey row the value has the item's own type and limits."""
    item = definition.item(record.text("no")) if definition.items else None
    if item is None:
        return fields
    if _declares(record):
        return {key: field for key, field in fields.items() if key != "value"}
    return {**fields, "value": item.field}


def _declares(record: Record) -> bool:
    return record.text("status") in _DECLARED and record.cell("value").shown.strip() == record.text("status")


def _total_field(total: Total) -> Field:
    return Field(total.key, total.label, total.type, formula=total.formula, default=total.default)


def in_use(definition: SheetForm, record: Record) -> bool:
    """Whether somebody filled labelled cells: what the template fills from elsewhere says nothing about it."""
    return _typed({field.key: field for field in definition.labelled}, record)


def _typed(fields: Mapping[str, Field], record: Record) -> bool:
    typed = (key for key, f in fields.items() if f.fill == "input" and not f.default and not f.prefill)
    return any(not record.blank(key) for key in typed)


def begun(case: Case, form: str) -> bool:
    """Whether anything was typed into a workbook; a pre-filled one that nobody opened yet is not wrong."""
    if not case.project.has(form):
        return False
    sheets = case.project.workbooks[form].sheets
    return any(
        in_use(definition, sheets[definition.key].head)
        or any(by_hand(definition, row) for row in sheets[definition.key].rows)
        for definition in case.forms[form].sheet
        if not definition.rows_fixed or definition.items
    )


def by_hand(definition: SheetForm, row: Record) -> bool:
    """Whether people filled a row: lines that `presales prefill` rolls up from another workbook are not theirs."""
    return _typed(_by_item(definition, row, definition.by_key), row) and not any(
        _rolled_up(definition, template, row) for template in definition.prefill_rows
    )


def _rolled_up(definition: SheetForm, template: Mapping[str, Any], row: Record) -> bool:
    """Whether a row says what its template writes, with any names and figures, and nothing more."""
    texts = [(f, row.text(f.key)) for f in definition.fields if f.fill == "input" and not row.blank(f.key)]
    return all(
        f.numeric or (f.key in template and re.fullmatch(_BRACES.sub(".+", re.escape(str(template[f.key]))), text))
        for f, text in texts
    )


def text_of(cell: Cell) -> str:
    """What stands in a cell, for a message: the stored text, else the value worked out."""
    return cell.shown or shown(cell.value)


def with_odd(text: str) -> str:
    """A text for a message, with the characters named that may be taken for others."""
    odd = odd_characters(text)
    return f"{text}({odd})" if odd else text
