"""A change that is not approved is one finding: what rests on it is told with it (rules G345, X217, X220, W212)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.core.money import NotAnAmount, typed_number
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.derive.records import IN_FORCE

# What says most about the cause first.
_RULES = ("G345", "X217", "X220", "W212")


def one_open_change(case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """(follower, root): findings that the approval of one change would settle all."""
    about = [(n, one) for n, one in enumerate(findings) if one.rule.code in _RULES]
    for change in case.project.rows("records", "changes"):
        if change.text("status") not in IN_FORCE:
            cells = {change.at("status"), *_relying(case, change.text("no"))}
            members = [n for n, one in about if cells & {one.at, *one.related} or _lacks_its_cost(one, change)]
            root = min(members, key=lambda n: _RULES.index(findings[n].rule.code), default=-1)
            yield from ((n, root) for n in members if n != root)


def _relying(case: Case, no: str) -> list[Place]:
    """Cells of the plan's revisions that name a change."""
    rows = case.project.rows("plan", "revisions")
    return [row.at("change_no") for row in rows if no and no in re.split("[、,;]", row.text("change_no"))]


def _lacks_its_cost(finding: Finding, change: Record) -> bool:
    """X220 whose difference is the cost of the change."""
    delta = change.money("delta_cost")
    if finding.rule.code != "X220" or not delta:
        return False
    try:
        a, b, c = (typed_number(finding.values[key].split("(")[0]) for key in "abc")
    except NotAnAmount:
        return False
    return abs(a - b - c - delta.value) < Decimal("0.01")
