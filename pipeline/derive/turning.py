"""When findings may come or go by the calendar alone: so that a night need not look at every project again.

Each rule says in the catalogue what of today it looks at (`looks_at`); here stands the day on which that turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

from pipeline.core.company import Company
from pipeline.core.errors import PipelineError
from pipeline.core.findings import LooksAt
from pipeline.core.horizon import believed_from
from pipeline.core.sheets import Project, Value, Workbook
from pipeline.core.workdays import WorkCalendar
from pipeline.definitions.catalogue import load_catalogue

_DAY = timedelta(days=1)
_SEARCHED = 400


def next_turn(project: Project, company: Company, as_of: date, business_day: date) -> date | None:
    """First day after `as_of` on which a rule may answer differently for the same workbooks; None: never.

    Args:
        project: settled workbooks.
        company: workbook 00.
        as_of: today.
        business_day: day whose thresholds count.
    """
    asked = {look for rule in load_catalogue().values() for look in rule.looks_at}
    turns = {turn for look in asked for turn in TURNS[look](project, company, business_day)}
    if business_day >= as_of:  # no plan is dated yet: every threshold is today's
        turns |= {parameter.valid_from for parameter in company.parameters if parameter.valid_from}
    return min((turn for turn in turns if turn > as_of), default=None)


def _typed(project: Project, _company: Company, _business_day: date) -> Iterator[date]:
    """A day that comes, and the day after it; the last representable day is nobody's plan."""
    for book in project.workbooks.values():
        for value in _values(book):
            day = _day(value)
            if day and day < date.max:
                yield from (day, day + _DAY)


def _horizon(project: Project, company: Company, _business_day: date) -> Iterator[date]:
    """First day on which a far day, or month, is believed; workbook 00 is looked at, too."""
    for book in (*project.workbooks.values(), company.book):
        for value in _values(book):
            if day := _day(value) or _month(value):
                yield believed_from(day)


def _gap(project: Project, company: Company, business_day: date) -> Iterator[date]:
    """First working day beyond the longest gap after each tracking, and after the contract.

    Of the trackings the last of those that are believed counts.
    """
    signed = project.head("records", "signing").date("sign_date")
    visits = [day for row in project.rows("records", "tracking") if (day := row.date("date"))]
    for key, days in (("tracking_gap", [*visits, *filter(None, [signed])]), ("kickoff_days", filter(None, [signed]))):
        try:
            most = int(company.parameter(key, business_day))
        except PipelineError:
            continue  # the rule itself will say that the parameter is no number
        for day in days:
            yield from _workday_after(day.value, most + 1, company.calendar)


def _master(_project: Project, company: Company, _business_day: date) -> Iterator[date]:
    """Days from which people, departments and approval powers of workbook 00 hold, or no longer do; those of 09."""
    yield from company.turns()
    for book in company.others.values():
        yield from (day + _DAY for value in _values(book) if (day := _day(value)) and day < date.max)


TURNS: Mapping[LooksAt, Callable[[Project, Company, date], Iterator[date]]] = {
    LooksAt.TYPED: _typed,
    LooksAt.HORIZON: _horizon,
    LooksAt.GAP: _gap,
    LooksAt.MASTER: _master,
}


def _values(book: Workbook) -> Iterator[Value]:
    """Every value of a workbook: stamps, rows and labelled cells, totals."""
    for sheet in book.sheets.values():
        for record in (*sheet.records(), sheet.stamp, sheet.totals):
            yield from (cell.value for cell in record.cells.values() if cell.value is not None)


def _day(value: Value) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _month(value: Value) -> date | None:
    """First day of a text such as 2036-12."""
    if not isinstance(value, str) or len(value) != len("2036-12"):
        return None
    try:
        return date.fromisoformat(f"{value}-01")
    except ValueError:
        return None


def _workday_after(start: date, count: int, calendar: WorkCalendar) -> Iterator[date]:
    """The `count`-th working day after a day; nothing beyond a year, or at the end of time."""
    seen = 0
    for offset in range(1, min(_SEARCHED, (date.max - start).days)):
        day = start + offset * _DAY
        seen += calendar.is_workday(day)
        if seen == count:
            yield day
            return
