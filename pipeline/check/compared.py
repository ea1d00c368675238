"""What two places say must agree, and answers that exclude each other: the sentences of `comparisons.toml`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from pipeline.check.case import Case, money, shown
from pipeline.check.unfilled import unfilled
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Record, Value
from pipeline.core.workdays import period_end
from pipeline.definitions.comparisons import (
    AMONG,
    AT_LEAST,
    AT_MOST,
    DIFFERENT,
    EQUAL,
    ONCE,
    PASSED,
    Comparison,
    Contradiction,
    Side,
    load_comparisons,
)
from pipeline.definitions.conditions import Condition
from pipeline.definitions.forms import Field
from pipeline.derive.conditions import cells, fits, holds, labelled
from pipeline.derive.records import last_round
from pipeline.derive.rounds import passed

# What is wrong with the left value, as the message says it: of days, of anything else.
_WRONG: Mapping[str, tuple[str, str]] = MappingProxyType(
    {AT_MOST: ("晚于", "超过"), AT_LEAST: ("早于", "低于"), EQUAL: ("不是", "不等于"), DIFFERENT: ("就是", "就是")}
)
_RIGHT = {"晚于": "不晚于", "早于": "不早于", "超过": "不超过", "低于": "不低于"}


@dataclass(frozen=True, slots=True)
class Said:
    """A value of one side with its cell and the row or form that it stands in."""

    side: Side
    record: Record
    cell: Cell
    value: Value

    @property
    def at(self) -> Place:
        """Its cell."""
        return self.cell.at


@dataclass(frozen=True, slots=True)
class Wrong:
    """A left value that does not fit, with the right one."""

    left: Said
    right: Said
    due: Value


def compared(case: Case) -> Iterator[Finding]:
    """G322, G341, X240 .. X242, W206 .. W211: every comparison; what follows from one that has been told is not said.

    Several values of one row that fail beside another row for the same reason are one finding.
    """
    told = {breach.rule for answer in case.facts.steps.values() for breach in answer.breaches}
    groups: dict[tuple[str, str, int, int], list[tuple[Comparison, Wrong]]] = {}
    for one in load_comparisons().compare:
        if told & set(one.told_by) or not _asked(case, one):
            continue
        lost = list(_not_among(case, one, one.right)) if one.right and one.operator == AMONG else []
        wrong = list(_wrong(case, one))
        told |= {one.rule} if lost or wrong else set()
        yield from lost
        for each in wrong:
            key = (one.rule, one.operator, id(each.left.record), id(each.right.record))
            groups.setdefault(key, []).append((one, each))
    for group in groups.values():
        yield _finding(case, group)


def contradicted(case: Case) -> Iterator[Finding]:
    """G342, W212: answers that cannot all be true; one finding a sentence."""
    told = set[str]()
    for one in load_comparisons().contradiction:
        if told & set(one.told_by) or (one.unless_passed and passed(case.project, one.unless_passed)):
            continue
        if all(holds(case.project, case.forms, each) for each in one.when):
            told.add(one.rule)
            yield _contradiction(case, one)


def _contradiction(case: Case, one: Contradiction) -> Finding:
    fitting = [[cell for cell in cells(case.project, case.forms, each.name) if fits([cell], each)] for each in one.when]
    said = [
        f"{_label(case, each.name)}“{shown(found[0].value)}”" for each, found in zip(one.when, fitting, strict=True)
    ]
    places = [cell.at for found in fitting for cell in found]
    texts: dict[str, Any] = {
        "a": said[0],
        "b": "、".join(said[1:]),
        "found": shown(fitting[0][0].value),
        "expected": "只能有一个成立",
    }
    return case.finding(one.rule, places[0], places[1:], clause=one.clause, **texts)


# -- values -------------------------------------------------------------------------------------------------------


def _place(text: str) -> tuple[str, str]:
    """Where a row stands in order: a week or month by its last day, anything else by its text."""
    end = period_end(text)
    return (end.isoformat() if end else text), text


def _asked(case: Case, one: Comparison) -> bool:
    texts = [shown(cell.value) for name in one.same for cell in cells(case.project, case.forms, name)]
    return len(set(texts)) <= 1 and all(holds(case.project, case.forms, each) for each in one.when)


def _said(case: Case, one: Comparison, side: Side) -> list[Said]:
    """Values of a side that are there and can be read; the one that is picked where one is."""
    book, sheet, key = side.name.split(".")
    head = labelled(case.forms, side.name)
    records = [case.project.head(book, sheet)] if head else [*last_round(case.project.rows(book, sheet))]
    own = [each for each in one.rows if each.name.rpartition(".")[0] == side.sheet]
    rows = [row for row in records if _chosen(row, own)]
    if side.pick == PASSED and (known := passed(case.project, sheet)):
        cells_of = [
            (one, cell) for one in known for cell in one.row.cells.values() if one.day and cell.at == one.day.at
        ]
        return [Said(side, one.row, cell, one.day.value) for one, cell in cells_of[:1] if one.day]
    found = [Said(side, row, row.cell(key), value) for row in rows if (value := row.value(key)) is not None]
    if len(one.by) == 1 and found and one.by[0] in found[0].record.cells:
        found.sort(key=lambda said: _place(said.record.text(one.by[0])))
    return [_PICKED[side.pick](found)] if side.pick and found else found


def _chosen(row: Record, conditions: Iterable[Condition]) -> bool:
    return all(fits([row.cell(each.name.rpartition(".")[2])], each) for each in conditions)


_PICKED: Mapping[str, Callable[[list[Said]], Said]] = MappingProxyType(
    {
        "first": lambda found: found[0],
        "last": lambda found: found[-1],
        PASSED: lambda found: found[-1],
        "min": lambda found: min(found, key=lambda said: _comparable(said.value)),
        "max": lambda found: max(found, key=lambda said: _comparable(said.value)),
    }
)


def _comparable(value: Value) -> tuple[Decimal, date, str]:
    """Numbers, days and texts in their own order."""
    if isinstance(value, Decimal):
        return value, date.min, ""
    return (Decimal(0), _day(value), "") if isinstance(value, date) else (Decimal(0), date.min, str(value))


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


# -- wrong ones ---------------------------------------------------------------------------------------------------


def _wrong(case: Case, one: Comparison) -> Iterator[Wrong]:
    """Values of the left that do not fit."""
    left = _said(case, one, one.left)
    if one.operator == AMONG:
        return
    if one.right is None:
        pairs = _twice(left) if one.operator == ONCE else _falling(case, left)
        yield from (Wrong(late, early, early.value) for early, late in pairs)
        return
    right = _said(case, one, one.right)
    yield from (bad for a in left for b in _beside(one, a, right) if (bad := _compare(case, one, a, b)))


def _beside(one: Comparison, left: Said, right: list[Said]) -> list[Said]:
    """What a left value is compared with: the same row, the row of the same key, or the one value there is."""
    if len(one.by) == 2:
        return [said for said in right if said.record.text(one.by[1]) == left.record.text(one.by[0])]
    own = [said for said in right if said.record is left.record]
    single = one.right and (one.right.pick or left.side.sheet != one.right.sheet or not left.record.number)
    return right if single or any(not said.record.number for said in right) else own


def _compare(case: Case, one: Comparison, left: Said, right: Said) -> Wrong | None:
    a, due = left.value, right.value
    if one.plus and isinstance(due, date):
        days = [cell.value for cell in _added(case, one)]
        if not days or not isinstance(days[0], Decimal):
            return None
        due = _day(due) + timedelta(days=int(days[0]))
    return None if _agrees(case, one.operator, a, due) else Wrong(left, right, due)


def _agrees(case: Case, operator: str, a: Value, b: Value) -> bool:
    """Whether two values stand as they should; an amount may differ by less than the tolerance."""
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        off = a - b if abs(a - b) >= case.parameter("tolerance") else Decimal(0)
        order = (off > 0) - (off < 0)
    elif isinstance(a, datetime) and isinstance(b, datetime):
        order = (a > b) - (a < b)
    else:
        one, other = _comparable(a), _comparable(b)
        order = (one > other) - (one < other)
    return {AT_MOST: order <= 0, AT_LEAST: order >= 0, EQUAL: order == 0, DIFFERENT: order != 0}[operator]


def _twice(found: list[Said]) -> Iterator[tuple[Said, Said]]:
    """A text that stands there again, each time with the first."""
    first: dict[str, Said] = {}
    for said in found:
        if first.setdefault(str(said.value), said) is not said:
            yield first[str(said.value)], said


def _falling(case: Case, found: list[Said]) -> Iterator[tuple[Said, Said]]:
    for before, after in pairwise(found):
        if not _agrees(case, AT_LEAST, after.value, before.value):
            yield before, after


def _not_among(case: Case, one: Comparison, right: Side) -> Iterator[Finding]:
    """Values that the other side does not hold; nothing is said while it is not submitted, or not filled."""
    book, sheet, _ = right.name.split(".")
    if not case.project.has(book) or unfilled(case, book, sheet):
        return
    known = {text for said in _said(case, one, right) for text in said.record.choices(right.key)}
    for said in _said(case, one, one.left):
        lost = [text for text in said.record.choices(said.side.key) if text not in {*known, *one.but}]
        if lost:
            a, b = f"{_label(case, said.side.name)}“{'、'.join(lost)}”", _label(case, right.name)
            related = [case.project.sheet(book, sheet).at]
            texts: dict[str, Any] = {
                "a": a,
                "b": b,
                "found": "、".join(lost),
                "expected": "、".join(sorted(known)) or "无",
            }
            yield case.finding(one.rule, said.at, related, clause=one.clause, **texts)


# -- words --------------------------------------------------------------------------------------------------------


def _finding(case: Case, group: list[tuple[Comparison, Wrong]]) -> Finding:
    one, first = group[0]
    word = _WRONG.get(one.operator, ("", ""))[not isinstance(first.left.value, date)]
    left = dict.fromkeys(_worded(case, wrong.left, wrong.left.value) for _, wrong in group)
    right = dict.fromkeys(_worded(case, wrong.right, wrong.due) for _, wrong in group)
    places = [wrong.left.at for _, wrong in group[1:]] + [wrong.right.at for _, wrong in group]
    places += [cell.at for each, _ in group for cell in _added(case, each)]
    found, due = _text(case, first.left.side, first.left.value), _text(case, first.right.side, first.due)
    expected = "另一人" if one.operator == DIFFERENT else f"{_RIGHT.get(word, '')}{due}"
    texts: dict[str, Any] = {
        "a": "、".join(left),
        "word": word,
        "b": "、".join(right),
        "found": found,
        "expected": expected,
    }
    return case.finding(one.rule, first.left.at, places, clause=one.clause, **texts)


def _added(case: Case, one: Comparison) -> list[Cell]:
    return cells(case.project, case.forms, one.plus) if one.plus else []


def _worded(case: Case, said: Said, value: Value) -> str:
    """A value with sheet and label: 方案审批“审核日期” 2026-07-01; days that were added to it are named."""
    days = (_day(value) - _day(said.value)).days if isinstance(value, date) and isinstance(said.value, date) else 0
    return f"{_label(case, said.side.name)} {_text(case, said.side, value)}{f'(加{days}天)' if days else ''}"


def _field(case: Case, name: str) -> tuple[str, Field]:
    book, sheet, key = name.split(".")
    form = case.forms[book].sheet_form(sheet)
    return form.name, next(field for field in (*form.header, *form.fields) if field.key == key)


def _label(case: Case, name: str) -> str:
    sheet, field = _field(case, name)
    return f"{sheet}“{field.label}”"


def _text(case: Case, side: Side, value: Value) -> str:
    kind = _field(case, side.name)[1].type
    if kind == "money" and isinstance(value, Decimal):
        return money(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if kind == "emp":
        return f"{value} {case.company.name_of(str(value))}"
    return shown(value)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (compared, contradicted)
