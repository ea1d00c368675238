"""Workbook 06: who must answer, and what may not stay open (rules W102, W164, W168, W185, W192)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from pipeline.check.case import Case, shown
from pipeline.check.cells import in_use
from pipeline.check.records import missing
from pipeline.core.facts import SurveyFacts
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.derive.history import surveyed
from pipeline.derive.records import Records

_UNDECIDED = "待定"
_MANAGER = "售前项目经理"
_NOT_CONCLUDED = {
    "conclusion": ("没有填总结论", "no conclusion", "总结论"),
    "conditions": ("有条件通过,没有列出条件", "a conditional pass without its conditions", "条件"),
    "reviewers": ("有结论,没有一位评审人的意见", "a conclusion, and no opinion of any reviewer", "评审人的意见"),
}


def problem_listed(case: Case) -> Iterator[Finding]:
    """W185 (6.4.6): what a department objects to stands in the table of countermeasures."""
    records = Records(case.project)
    key = case.company.department_key
    listed = {key(row.text("dept")) for row in records.rows("problems")}
    for row in records.rows("creview"):
        dept, answer = row.text("dept"), row.text("opinion")
        if dept and answer in {"有问题", "不同意"} and key(dept) not in listed:
            expected = f"问题对策表中{dept}的条目"
            yield case.finding("W185", row.at("opinion"), [row.at("dept")], dept=dept, found=answer, expected=expected)


# -- requirement review -------------------------------------------------------------------------------


def clear_enough(case: Case) -> Iterator[Finding]:
    """W102 (6.4.2): requirements are reviewed when they are clear; the survey of that day counts, if it is known."""
    day, least = Records(case.project).day("req_review", "date"), case.parameter("min_clear_rate") * 100
    facts = _surveyed(case, day.value) if day else None
    if day and facts and facts.clear_rate < least:
        k, related = facts.clear_rate, [case.project.sheet("survey", "items").at]
        values = {"k": k, "min": least, "found": f"{shown(k)}%", "expected": f"不低于{shown(least)}%"}
        yield case.finding("W102", day.at, related, pending=False, **values)


def _surveyed(case: Case, day: date) -> SurveyFacts | None:
    """Counts of the survey version that was reviewed on a day; of today's where the updates do not say them."""
    version = Records(case.project).head("req_review").text("survey_version")
    found = surveyed(case.project, case.company, case.forms, day, version)
    return found[0] if found else case.facts.survey


def review_concluded(case: Case) -> Iterator[Finding]:
    """W192 (6.4.2): the requirement review has a conclusion of somebody, a conditional one its conditions."""
    records = Records(case.project)
    head = records.head("req_review")
    if not records.rows("req_review") and not in_use(case.forms["records"].sheet_form("req_review"), head):
        return
    at, cells, lacks = head.at("conclusion"), [], ""
    if missing(head, "conclusion"):
        lacks = "conclusion"
    elif head.text("conclusion") == "有条件通过" and missing(head, "conditions"):
        at, cells, lacks = head.at("conditions"), [head.at("conclusion")], "conditions"
    elif not head.blank("conclusion") and not records.rows("req_review"):
        at, cells, lacks = case.project.sheet("records", "req_review").at, [head.at("conclusion")], "reviewers"
    if lacks:
        what, what_en, expected = _NOT_CONCLUDED[lacks]
        yield case.finding("W192", at, cells, what=what, what_en=what_en, found="", expected=expected)


# -- team -------------------------------------------------------------------------------------------------------


def one_manager(case: Case) -> Iterator[Finding]:
    """W164 (5.1, 6.2.2): from the notice on there is exactly one presales project manager."""
    lines, notice = case.project.rows("staffing", "lines"), Records(case.project).day("notice", "date")
    rows = [row for row in lines if row.text("role") == _MANAGER]
    unread = any(missing(row, "emp_no") for row in rows) or not all({"role", "emp_no"} <= set(r.cells) for r in lines)
    if not lines or notice is None or unread:
        return
    first = {row.text("emp_no"): row for row in reversed(rows) if row.text("emp_no") != _UNDECIDED}
    if len(first) != 1 and not (first and set(first) <= {one.no for one in case.managers}):
        places: list[Place] = sorted((row.at("emp_no") for row in first.values()), key=lambda place: place.order)
        places = places or [row.at("emp_no") for row in rows] or [case.project.sheet("staffing", "lines").at]
        n = Decimal(len(first))
        yield case.finding("W164", places[-1], [*places, notice.at], n=n, found=f"{shown(n)}人", expected="1人")


def everybody_named(case: Case) -> Iterator[Finding]:
    """W168 (6.2.3): once the project is approved every role has its person."""
    records = Records(case.project)
    if not records.approved:
        return
    related = [day.at] if (day := records.approval_date) else []
    for row in case.project.rows("staffing", "lines"):
        emp = row.text("emp_no")
        if missing(row, "emp_no") or emp == _UNDECIDED:
            role = row.text("role") or f"第{row.number}行"
            yield case.finding("W168", row.at("emp_no"), related, role=role, found=emp, expected="工号")


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    clear_enough,
    one_manager,
    everybody_named,
    problem_listed,
    review_concluded,
)
