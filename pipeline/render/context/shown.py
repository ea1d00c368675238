"""Leaves of a context: cells, sums and words as they are printed, by the type of their field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.core.audits import NOT_AUDITED, Audit
from pipeline.core.company import Company
from pipeline.core.facts import NOW, Facts, View
from pipeline.core.figures import Key
from pipeline.core.findings import Comparison, Finding
from pipeline.core.leaves import Forms, Shown
from pipeline.core.money import NotAnAmount, half_up, in_words, plain, to_wan, yuan
from pipeline.core.places import Derived, Place
from pipeline.core.sheets import Cell, Project, Record, Value
from pipeline.definitions.forms import Field, Form

Node = dict[str, Any]
# Workbook of a figure whose name begins otherwise.
_WORKBOOKS = {"revenue": "plan"}


@dataclass(frozen=True)
class Source:
    """Everything that documents of one project are made from.

    Attributes:
        cache: folder that keeps charts and PDFs between runs.
        made_up: a preview, whose sums are as awkward as the rest and add up to nothing.
        view: what the document speaks of for which this was put together.
        audit: what the independent audit found; empty before it.
    """

    project: Project
    company: Company
    facts: Facts
    forms: Mapping[str, Form]
    findings: tuple[Finding, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    cache: Path | None = None
    made_up: bool = False
    view: View = NOW
    audit: Audit = NOT_AUDITED


@dataclass(frozen=True)
class ValueKind:
    """How a field type is printed: the Python type it wants, the text, and the other forms by suffix."""

    wants: type | tuple[type, ...]
    text: Callable[[Any], str]
    forms: Forms


def _price(value: Decimal) -> str:
    """Two to four decimals: 0.0856, 1,200.00."""
    text = f"{half_up(value, 4):,.4f}"
    return text[:-2] + text[-2:].rstrip("0")


def _rate(value: Decimal) -> str:
    return f"{half_up(value):.2f}%"


def _cn(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _cn_minute(moment: date) -> str:
    return f"{_cn(moment)} {moment:%H:%M}" if isinstance(moment, datetime) else _cn(moment)


def _cn_month(month: str) -> str:
    year, number = month.split("-")
    return f"{year}年{int(number)}月"


def _iso(day: date) -> str:
    return day.isoformat()[:10]


def _minute(moment: date) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if isinstance(moment, datetime) else moment.isoformat()


def _joined(value: object) -> str:
    return "、".join(value) if isinstance(value, tuple) else str(value)


def _any(value: object) -> str:
    if isinstance(value, Decimal):
        return plain(value)
    return _iso(value) if isinstance(value, date) else _joined(value)


def _words(value: Decimal) -> str:
    """Amount in words; in figures where there are no words for it."""
    try:
        return in_words(value)
    except NotAnAmount:
        return f"人民币{yuan(value)}元"


_MONEY: Forms = {"wan": lambda value: f"{to_wan(value):,.2f}", "upper": _words}
_DATE: Forms = {"cn": _cn, "iso": _iso}
TEXT = ValueKind((str, tuple), _joined, {})
KINDS: Mapping[str, ValueKind] = {
    "money": ValueKind(Decimal, yuan, _MONEY),
    "money4": ValueKind(Decimal, _price, _MONEY),
    "num": ValueKind(Decimal, plain, {}),
    "int": ValueKind(Decimal, plain, {}),
    "percent": ValueKind(Decimal, lambda value: plain(value) + "%", {}),
    "rate": ValueKind(Decimal, _rate, {}),
    "share": ValueKind(Decimal, lambda value: f"{half_up(value, 1):.1f}%", {}),
    "date": ValueKind(date, _iso, _DATE),
    "datetime": ValueKind(date, _minute, {**_DATE, "cn": _cn_minute}),
    "month": ValueKind(str, str, {"cn": _cn_month}),
    "emp": ValueKind(str, str, {"no": str}),
    "emps": ValueKind(tuple, _joined, {"no": _joined}),
    "any": ValueKind((str, tuple, Decimal, date), _any, {}),
}


def leaf(name: str, value: Value | int | None, kind: str = "text", cells: Iterable[Place] = (), raw: str = "") -> Shown:
    """A leaf by the type of its field.

    Args:
        name: name in the context.
        value: typed value; None is blank.
        kind: field type, or `rate` for a per cent with two decimals, `share` with one.
        cells: where it comes from.
        raw: what stands in the cell; printed as it is where the value does not fit the type.
    """
    how = KINDS.get(kind, TEXT)
    value = Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if value is None or not isinstance(value, how.wants):
        silent: Forms = dict.fromkeys(how.forms, _silent)
        return Shown(raw or _any_text(value), name=name, cells=tuple(cells), forms=silent)
    return Shown(how.text(value), name=name, value=value, cells=tuple(cells), forms=how.forms)


def _silent(_: object) -> str:
    return ""


def _any_text(value: object) -> str:
    return "" if value is None else _any(value)


def words(name: str, text: str, cells: Iterable[Place] = ()) -> Shown:
    """A text of ours."""
    return Shown(text, name=name, cells=tuple(cells))


def of_cell(name: str, cell: Cell, kind: str, company: Company) -> Shown:
    """A cell by the type of its field; employees are printed by name."""
    if kind == "emps" and isinstance(cell.value, tuple):
        people = "、".join(company.name_of(no) for no in cell.value)
        return Shown(people, name=name, value=cell.value, cells=(cell.at,), forms=KINDS["emps"].forms)
    if kind == "emp" and isinstance(cell.value, str):
        person = company.name_of(cell.value)
        return Shown(person, name=name, value=cell.value, cells=(cell.at,), forms=KINDS["emp"].forms)
    return leaf(name, cell.value, kind, (cell.at,), raw=cell.shown)


def of_record(name: str, record: Record, fields: Iterable[Field], company: Company) -> Node:
    """Every field of a row or form sheet by its key, blank where the cell is not there."""
    return {f.key: of_cell(f"{name}.{f.key}", record.cell(f.key), kind_of(f), company) for f in fields}


def kind_of(field: Field) -> str:
    """How a field is printed: its type, `emps` for a list of employees, `rate` for a per cent that is computed."""
    if field.type == "percent" and field.formula:
        return "rate"
    return "emps" if field.type == "list" and field.item_type == "emp" else field.type


def of_rows(name: str, rows: Iterable[Record], fields: Iterable[Field], company: Company) -> list[Node]:
    """Rows of a table; positions in the names count from 0."""
    known = tuple(fields)
    return [of_record(f"{name}[{index}]", row, known, company) for index, row in enumerate(rows)]


def table(source: Source, name: str, form: str, sheet: str, rows: Iterable[Record] | None = None) -> list[Node]:
    """Rows of a sheet (or some of them) as the context `name`."""
    fields = source.forms[form].sheet_form(sheet).fields
    return of_rows(name, source.project.rows(form, sheet) if rows is None else rows, fields, source.company)


def head(source: Source, name: str, form: str, sheet: str) -> Node:
    """Labelled values of a form sheet as the context `name`."""
    fields = source.forms[form].sheet_form(sheet).fields
    return of_record(name, source.project.head(form, sheet), fields, source.company)


def figure(source: Source, name: str, key: Key, kind: str = "money") -> Shown:
    """A sum of `derive` by its key; zero where its workbook is there and nothing was added, else blank."""
    found = source.facts.figure_or_none(*key)
    if found is not None:
        return of_figure(name, found, kind)
    present = source.project.has(_WORKBOOKS.get(key[0], key[0]))
    return leaf(name, Decimal(0) if present else None, kind)


def of_figure(name: str, found: Derived[Decimal], kind: str = "money") -> Shown:
    """A sum with the cells behind it."""
    return leaf(name, found.value, kind, found.from_)


def leaf_at(context: Node, name: str) -> Shown | None:
    """The leaf that a printed name means, `plan.stages[3].budget.wan`; None where there is none."""
    found: Any = context
    for step in re.findall(r"\[\d+\]|[^.\[\]]+", name):
        if isinstance(found, Shown):
            found = found.form(step)
        elif isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step[0] == "[":
            found = found[int(step[1:-1])] if int(step[1:-1]) < len(found) else None
        else:
            return None
    return found if isinstance(found, Shown) else None
