"""Load of people and shared equipment by week, over all projects: the fullest day of each week."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.portfolio import Load, Week
from pipeline.core.workdays import days
from pipeline.derive.occupancy import Use, always, equipment, people, spans
from pipeline.derive.stock import stock

FULL = Decimal(100)
BEFORE, AFTER = 2, 13  # weeks that are shown before and after this one
_WEEK = timedelta(days=6)


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def mondays(as_of: date) -> tuple[date, ...]:
    """Mondays of the weeks around today, in order."""
    return tuple(monday_of(as_of) + timedelta(weeks=number) for number in range(-BEFORE, AFTER + 1))


def people_load(projects: Iterable[Facts], company: Company, weeks: Sequence[date]) -> tuple[Load, ...]:
    """Everybody who is planned in one of the weeks, by department and number; only working days count."""
    worked = cache(company.calendar.is_workday)
    depts = _departments(projects := list(projects))
    found = []
    for emp_no, uses in people(projects).items():
        dept, known = company.department_of(emp_no), company.persons.get(emp_no)
        name = known.name if known else next((use.label for use in uses if use.label), emp_no)
        group = dept.name if dept else depts.get(emp_no, "")
        found.append(Load(emp_no, name, group, FULL, _by_week(uses, weeks, FULL, worked)))
    used = [load for load in found if any(week.projects for week in load.weeks)]
    return tuple(sorted(used, key=lambda load: (load.group, load.key)))


def _departments(projects: Iterable[Facts]) -> Mapping[str, str]:
    return {stay.emp_no: stay.dept for facts in projects for stay in facts.entries.stays}


def equipment_load(projects: Iterable[Facts], company: Company, weeks: Sequence[date]) -> tuple[Load, ...]:
    """All equipment of the ledger in its order, also what nobody borrows; every calendar day counts."""
    used = equipment(projects)
    return tuple(
        Load(
            no,
            asset.name,
            asset.keeper_dept,
            asset.available,
            _by_week(used.get(no, []), weeks, asset.available, always),
        )
        for no, asset in stock(company).items()
    )


def _by_week(
    uses: Iterable[Use], weeks: Sequence[date], most: Decimal, counts: Callable[[date], bool]
) -> tuple[Week, ...]:
    first, last = weeks[0], weeks[-1] + _WEEK
    inside = list(spans(use for use in uses if use.start <= last and use.end >= first))
    return tuple(_week(inside, monday, most, counts) for monday in weeks)


def _week(
    inside: Sequence[tuple[date, date, tuple[Use, ...]]], monday: date, most: Decimal, counts: Callable[[date], bool]
) -> Week:
    peak, projects = Decimal(0), set[str]()
    for first, last, there in inside:
        begin, end = max(first, monday), min(last, monday + _WEEK)
        if begin <= end and there and any(counts(day) for day in days(begin, end)):
            peak = max(peak, sum((use.amount for use in there), Decimal(0)))
            projects |= {use.project for use in there}
    return Week(peak, tuple(sorted(projects)), peak > most)


# -- one week of somebody ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Busy:
    """A week of somebody: its working days, the person-days planned for him (working days x share), by which stays."""

    monday: date
    workdays: int
    planned: Decimal
    uses: tuple[Use, ...]

    @property
    def over(self) -> bool:
        """More is planned than the week has."""
        return self.planned > self.workdays


def busy(uses: Iterable[Use], monday: date, worked: Callable[[date], bool]) -> Busy:
    """What some stays plan for a week; those that hold no working day of it are left out."""
    week = [day for day in days(monday, monday + _WEEK) if worked(day)]
    counted = {use: sum(1 for day in week if use.start <= day <= use.end) for use in uses}
    planned = sum((use.amount * number / FULL for use, number in counted.items()), Decimal(0))
    return Busy(monday, len(week), planned, tuple(use for use, number in counted.items() if number))
