"""A revised plan against the version before it: what its signer is asked to approve (clause 6.4.8).

Of the version before only what revisions, countersignatures and the application registered is known; all else refers
to that version's pack and is never worked out backwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.core.facts import View
from pipeline.core.places import Place, Sourced
from pipeline.core.sheets import Record
from pipeline.derive.history import known_plan
from pipeline.render.context.shown import Node, Source, leaf, of_cell, table, words
from pipeline.render.context.views import elsewhere

_NAME = "plan.revised"
_NOTHING = Record(Place(""))
_POINTS, _SAME = "个百分点", "不变"


@dataclass(frozen=True)
class _Side:
    """A value of one version with its cells; None where it is not known."""

    value: Decimal | date | None = None
    cells: tuple[Place, ...] = ()


_Line = tuple[str, str, _Side, _Side]


def revised(source: Source) -> Node:
    """Versions, lines (yuan, %, person-days, dates) and the changes behind them; empty without an earlier version."""
    before, after = _versions(source)
    version = before.text("version")
    lines = _lines(source, version) if version else []
    return {
        "before": of_cell(f"{_NAME}.before", before.cell("version"), "text", source.company),
        "after": of_cell(f"{_NAME}.after", after.cell("version"), "text", source.company),
        "lines": [_shown(number, line, version) for number, line in enumerate(lines)],
        "changes": table(source, f"{_NAME}.changes", "records", "changes", _changes(source, after)),
    }


def _versions(source: Source) -> tuple[Record, Record]:
    """The last two revisions; empty ones before the first, or while the last is not the version of the plan."""
    rows = [row for row in source.project.rows("plan", "revisions") if row.text("version")]
    current = source.project.head("plan", "basics").text("plan_version")
    earlier = [row for row in rows if row.text("version") != current]
    if not source.view.current or not earlier or rows[-1].text("version") != current:
        return _NOTHING, _NOTHING
    return earlier[-1], rows[-1]


def _lines(source: Source, version: str) -> list[_Line]:
    known = known_plan(source.project, version)
    basics = source.project.head("plan", "basics")
    return [
        ("合同额（含税，元）", "money", _side(known.amount), _side(basics.money("contract_amount"))),
        ("计划总费用（元）", "money", _side(known.total), _figure(source, "cost", "total")),
        ("预计毛利率", "rate", _side(known.margin), _figure(source, "gross_margin")),
        ("总人天", "num", _Side(), _figure(source, "staffing", "days")),
        ("计划签约", "date", _Side(), _side(basics.date("plan_sign"))),
        ("计划结束（售前）", "date", _Side(), _side(basics.date("plan_end"))),
    ]


def _side(found: Sourced[Decimal] | Sourced[date] | None) -> _Side:
    return _Side(found.value, (found.at,)) if found else _Side()


def _figure(source: Source, *key: str) -> _Side:
    found = source.facts.figure_or_none(*key)
    return _Side(found.value, tuple(found.from_)) if found else _Side()


def _shown(number: int, line: _Line, version: str) -> Node:
    item, kind, was, now = line
    name = f"{_NAME}.lines[{number}]"
    unknown = "" if was.value is not None else elsewhere(View(plan=version, current=False))
    return {
        "item": words(f"{name}.item", item),
        "before": leaf(f"{name}.before", was.value, kind, was.cells, raw=unknown),
        "after": leaf(f"{name}.after", now.value, kind, now.cells),
        "difference": words(f"{name}.difference", _difference(kind, was.value, now.value), (*was.cells, *now.cells)),
    }


def _difference(kind: str, was: object, now: object) -> str:
    """After less before, with its sign; nothing where a side is not known."""
    if not isinstance(was, Decimal) or not isinstance(now, Decimal):
        return ""
    if was == now:
        return _SAME
    return f"{now - was:+,.2f}" + (_POINTS if kind == "rate" else "")


def _changes(source: Source, revision: Record) -> list[Record]:
    """The changes that a revision names, in the order of their sheet."""
    numbers = set(re.split("[、,;]", revision.text("change_no"))) - {""}
    return [row for row in source.project.rows("records", "changes") if row.text("no") in numbers]
