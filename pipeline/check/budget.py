"""The approved budget against the plan that was approved, and the plan of today (rules X240, W211, W233)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pipeline.check.case import Case, money
from pipeline.core.findings import Finding
from pipeline.core.places import Sourced
from pipeline.derive.history import known_plan
from pipeline.derive.records import IN_FORCE, Records

_CLAUSE = "6.2.2"


@dataclass(frozen=True, slots=True)
class _Budget:
    """What was approved, what the plan asks for, and what approved changes have added since; in yuan.

    Attributes:
        asked: the planned cost of the version that was approved, as it was recorded then; None where nothing says it.
        same: the plan is still that version.
    """

    approved: Sourced[Decimal]
    planned: Sourced[Decimal] | None
    asked: Sourced[Decimal] | None
    total: Sourced[Decimal] | None
    added: Decimal
    same: bool

    @property
    def cut(self) -> bool:
        """The plan costs less than was recorded when it was signed."""
        return bool(self.asked and self.total and self.total.value < self.asked.value)


def approved_budget(case: Case) -> Iterator[Finding]:
    """X240 (6.2.2): no more is approved than the plan asked for. W211, W233: the plan of today wants more, or less.

    What the approvers cut is theirs to cut, and what approved changes add or save is explained by them.
    """
    found, slack = _found(case), case.parameter("tolerance")
    if found is None:
        return
    approved = found.approved.value
    if found.planned and found.same and approved - found.planned.value >= slack and not found.cut:
        yield _beyond(case, found.approved, found.planned, "其中售前费用")
    elif found.asked and approved - found.asked.value >= slack:
        yield _beyond(case, found.approved, found.asked, "计划总费用")
    elif found.planned and found.planned.value - approved - max(found.added, Decimal(0)) >= slack:
        yield _over(case, found.planned, found.approved)
    elif found.planned and approved + min(found.added, Decimal(0)) - found.planned.value >= slack:
        yield _under(case, found.planned, found.approved)


def _found(case: Case) -> _Budget | None:
    records, basics = Records(case.project), case.project.head("plan", "basics")
    approved, applied = records.head("notice").money("approved_budget"), records.head("application").text("att_plan")
    if approved is None or not applied:
        return None
    changes = [row for row in records.rows("changes") if row.text("status") in IN_FORCE]
    added = sum((delta.value for row in changes if (delta := row.money("delta_cost"))), Decimal(0))
    planned, total = basics.money("presales_budget"), basics.money("planned_total_cost")
    same = applied == basics.text("plan_version")
    return _Budget(approved, planned, known_plan(case.project, applied).total, total, added, same)


def _beyond(case: Case, one: Sourced[Decimal], other: Sourced[Decimal], label: str) -> Finding:
    b = f"{other.at.sheet}“{label}” {money(other.value)}"
    texts: dict[str, Any] = {
        "a": _notice(one),
        "b": b,
        "found": money(one.value),
        "expected": f"不超过{money(other.value)}",
    }
    return case.finding("X240", one.at, [other.at], clause=_CLAUSE, **texts)


def _notice(approved: Sourced[Decimal]) -> str:
    return f"{approved.at.sheet}“批准费用” {money(approved.value)}"


def _over(case: Case, planned: Sourced[Decimal], approved: Sourced[Decimal]) -> Finding:
    a = f"{planned.at.sheet}“其中售前费用” {money(planned.value)}"
    texts: dict[str, Any] = {"found": money(planned.value), "expected": f"不超过{money(approved.value)}"}
    return case.finding(
        "W211", planned.at, [approved.at], clause=_CLAUSE, a=a, word="超过", b=_notice(approved), **texts
    )


def _under(case: Case, planned: Sourced[Decimal], approved: Sourced[Decimal]) -> Finding:
    a, b, d = money(planned.value), money(approved.value), money(approved.value - planned.value)
    return case.finding("W233", planned.at, [approved.at], a=a, b=b, d=d, found=a, expected=b)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (approved_budget,)
