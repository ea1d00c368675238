"""What is thought of before an offer is made and a contract signed (rules P528, P529, P562).

The procedure 项目售前实施方案流程 wants the risks of a project named with what is kept for them, and every point of the
contract looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.derive.classification import MAJOR, class_of

CONTINGENCY, _NAMED = "9001", "不可预见"
_OWN_WORK = "知识产权"  # only where we make something new, as a major project does


def risks_named(case: Case) -> Iterator[Finding]:
    """P562 (项目售前实施方案流程): a major project has at least one risk, once its costs are planned."""
    if _planned_major(case) and not any(not row.blank("desc") for row in case.project.rows("plan", "risks")):
        at, class_at = case.project.sheet("plan", "risks").at, case.project.head("plan", "basics").at("class")
        yield case.finding("P562", at, [class_at], pending=not _applied(case), found="没有", expected="至少一条风险")


def contingency_kept(case: Case) -> Iterator[Finding]:
    """P528 (项目售前实施方案流程): a major project keeps money for what cannot be foreseen, or says why not."""
    lines = case.project.rows("cost", "lines")
    if _planned_major(case) and not any(row.text("acc") == CONTINGENCY for row in lines) and not _said_why(case):
        at, class_at = case.project.sheet("cost", "lines").at, case.project.head("plan", "basics").at("class")
        values = {"found": "没有", "expected": f"{CONTINGENCY},或不列的理由"}
        yield case.finding("P528", at, [class_at], pending=not _applied(case), **values)


def every_point_reviewed(case: Case) -> Iterator[Finding]:
    """P529 (项目售前实施方案流程): somebody has looked at each point of a contract whose review is concluded."""
    head, rows = case.project.head("records", "creview"), case.project.rows("records", "creview")
    points = case.forms["records"].sheet_form("creview").field("points").allowed
    wanted = [point for point in points if point != _OWN_WORK or _major(case)]
    seen = {point for row in rows for point in row.choices("points")}
    if rows and not head.blank("conclusion") and (lacking := [point for point in wanted if point not in seen]):
        at, what = case.project.sheet("records", "creview").at, "、".join(lacking)
        related = [row.at("points") for row in rows]
        yield case.finding("P529", at, related, pending=False, what=what, found="没有人评审", expected=what)


def _major(case: Case) -> bool:
    return class_of(case.project, case.facts) == MAJOR


def _planned_major(case: Case) -> bool:
    return _major(case) and bool(case.project.rows("cost", "lines"))


def _applied(case: Case) -> bool:
    return not case.project.head("records", "application").blank("apply_date")


def _said_why(case: Case) -> bool:
    """Whether the plan speaks of what cannot be foreseen, in its assumptions or among its risks."""
    texts = [case.project.head("plan", "narrative").text("assumptions")]
    texts += [f"{row.text('desc')}{row.text('countermeasure')}" for row in case.project.rows("plan", "risks")]
    return any(_NAMED in text for text in texts)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (risks_named, contingency_kept, every_point_reviewed)
