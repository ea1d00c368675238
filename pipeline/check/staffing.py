"""Rules of workbook 05, the staffing plan (clauses 6.2.3, 6.3.1; rules W160 .. W167)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from pipeline.check.annex import at_row, window_of
from pipeline.check.case import Case, money, shown
from pipeline.core.company import Company
from pipeline.core.findings import Finding
from pipeline.core.sheets import Record
from pipeline.core.workdays import days
from pipeline.derive.classification import modifies_software

_UNDECIDED = "待定"
_ENGINEER = "网络工程师"
_RESEARCH = "研发中心"
# A longer stay is a mistyped year, which rules F017 and F025 report; its days are not counted here.
_LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A row with readable dates in order, and the share of the working time in per cent."""

    row: Record
    start: date
    end: date
    alloc: Decimal


def _lines(case: Case) -> tuple[Record, ...]:
    return case.project.rows("staffing", "lines")


def _stay(row: Record) -> Assignment | None:
    start, end, alloc = row.date("start"), row.date("end"), row.number_of("alloc")
    if start is None or end is None or alloc is None:
        return None
    sensible = start.value <= end.value < date.max and end.value - start.value <= _LONGEST
    return Assignment(row, start.value, end.value, alloc.value) if sensible else None


def inside_stage(case: Case) -> Iterator[Finding]:
    """W160 (6.3.1): a row's days are in order and inside its stage; one finding a row, the other day is related."""
    for row in _lines(case):
        window, start, end = window_of(case, row), row.date("start"), row.date("end")
        if window is None:
            continue
        late = bool(end and (window.ends_before(end.value) or (start and start.value > end.value)))
        early = bool(start and window.starts_after(start.value))
        if late or early:
            key, other = ("end", "start") if late else ("start", "end")
            found = f"{start.value if start else '?'}~{end.value if end else '?'}"
            values = {"code": window.code, "found": found, "expected": str(window)}
            yield at_row(case, "W160", row, key, [row.at(other), *window.cells], **values)


def days_available(case: Case) -> Iterator[Finding]:
    """W161 (6.3.1): planned days fit the working days of the company calendar times the share, plus the slack."""
    slack = case.parameter("plan_days_slack")
    for row in _lines(case):
        stay, planned = _stay(row), row.number_of("plan_days")
        if stay is None or planned is None:
            continue
        available = case.company.calendar.between(stay.start, stay.end) * stay.alloc / 100
        if planned.value > available + slack:
            related = [row.at(key) for key in ("start", "end", "alloc")]
            values = {"a": planned.value, "b": available, "found": planned.value, "expected": available}
            yield at_row(case, "W161", row, "plan_days", related, **values, **_as_share(stay.alloc))


def _as_share(alloc: Decimal) -> dict[str, str]:
    """What to say first where a share of at most 1 % was surely meant as a fraction of 1."""
    if not 0 < alloc <= 1:
        return {"hint": "", "hint_en": ""}
    seen, meant = shown(alloc), shown(alloc * 100)
    return {
        "hint": f"投入比例{seen}像是写成了小数:{meant}%写{meant},先改它。不是的:",
        "hint_en": f"The allocation {seen} looks like a fraction: write {meant} for {meant} %. If it is not: ",
    }


def standard_rate(case: Case) -> Iterator[Finding]:
    """W163 (6.3.1): the day rate is that of the grade by the rate card of the plan or of the first day, or says why."""
    for row in _lines(case):
        rate, grade = row.money("day_rate"), row.text("grade")
        if rate is None or not row.blank("rate_reason"):
            continue
        known = (case.company.standard_rate(grade, day) for day in _days_of(case, row))
        standards = [standard for standard in known if standard is not None]
        if standards and rate.value not in standards:
            a, b = money(rate.value), money(standards[0])
            related = [row.at("grade"), row.at("rate_reason")]
            yield at_row(case, "W163", row, "day_rate", related, a=a, b=b, grade=grade, found=a, expected=b)


def construction_engineer(case: Case) -> Iterator[Finding]:
    """W165 (6.2.3): the team has a network engineer of a construction department; nothing is said of an empty sheet."""
    rows = _lines(case)
    core = [row for row in rows if row.text("core") == "是"]
    if rows and not any(then.site_engineer(row.text("emp_no")) for row in core for then in _then(case, row)):
        expected = f"至少一名施工部门的{_ENGINEER}"
        yield case.finding("W165", case.project.sheet("staffing", "lines").at, found="0名", expected=expected)


def _days_of(case: Case, row: Record) -> tuple[date, ...]:
    """Days by which a row may have been planned: that of the plan, unless the work began before, and its first one.

    What workbook 00 has from a day after the plan takes nothing back, and may have been known.
    """
    start = row.date("start")
    return (min(start.value, case.facts.business_date), start.value) if start else ()


def _then(case: Case, row: Record) -> Iterator[Company]:
    """The company as it was on those days."""
    return (case.company.on(day) for day in _days_of(case, row) or (case.as_of,))


def allocation(case: Case) -> Iterator[Finding]:
    """W166 (6.3.1): nobody is planned for more than 100 % of a working day; the first such day is reported."""
    by_person: dict[str, list[Assignment]] = defaultdict(list)
    for row in _lines(case):
        stay, emp = _stay(row), row.text("emp_no")
        if stay and emp and emp != _UNDECIDED:
            by_person[emp].append(stay)
    for emp, stays in by_person.items():
        day = _overloaded(case, stays)
        if day is None:
            continue
        there = _there(stays, day)
        share = sum((stay.alloc for stay in there), Decimal(0))
        related = [stay.row.at("alloc") for stay in there[:-1]]
        values = {
            "name": case.company.name_of(emp),
            "date": day,
            "v": share,
            "found": f"{shown(share)}%",
            "expected": "≤100%",
        }
        yield at_row(case, "W166", there[-1].row, "alloc", related, **values)


def _there(stays: Sequence[Assignment], day: date) -> list[Assignment]:
    return [stay for stay in stays if stay.start <= day <= stay.end]


def _overloaded(case: Case, stays: Sequence[Assignment]) -> date | None:
    """First working day on which the shares add up to more than 100; who is there changes only at a start or end."""
    turns = sorted({stay.start for stay in stays} | {stay.end + timedelta(days=1) for stay in stays})
    for first, after in pairwise(turns):
        if sum((stay.alloc for stay in _there(stays, first)), Decimal(0)) <= 100:
            continue
        for day in days(first, after - timedelta(days=1)):
            if case.company.calendar.is_workday(day):
                return day
    return None


def research_member(case: Case) -> Iterator[Finding]:
    """W167 (4.2; 6.3.1): where plan or survey wants software changed, somebody of R&D is planned."""
    rows = _lines(case)
    if not rows or not modifies_software(case.project):
        return
    departments = (then.department_of(row.text("emp_no")) for row in rows for then in _then(case, row))
    research = case.company.department_key(_RESEARCH)
    if not any(department and department.code == research for department in departments):
        item = case.item("B17")
        related = [case.project.head("plan", "basics").at("rd_modify"), *([item.at("value")] if item else [])]
        at = case.project.sheet("staffing", "lines").at
        yield case.finding("W167", at, related, found="0名", expected=f"至少一名{_RESEARCH}人员")


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    inside_stage,
    days_available,
    standard_rate,
    construction_engineer,
    allocation,
    research_member,
)
