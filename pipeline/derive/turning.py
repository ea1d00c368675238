"""When findings may come or go by the calendar alone: so that a night need not look at every project again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from pipeline.core.company import Company
from pipeline.core.errors import PipelineError
from pipeline.core.sheets import Project, Value
from pipeline.core.workdays import WorkCalendar

_DAY = timedelta(days=1)
_SEARCHED = 400


def next_turn(project: Project, company: Company, as_of: date, business_day: date) -> date | None:
    """First day after `as_of` on which a rule may answer differently for the same workbooks; None: never.

    Rules compare today with the dates of the workbooks, so a turn is a date that has come, or the day after it; or
    with the latest tracking of the customer (W181), so it is also the first working day beyond the longest gap.

    Args:
        project: settled workbooks.
        company: workbook 00.
        as_of: today.
        business_day: day whose thresholds count.
    """
    turns = {turn for day in _dates(project) for turn in (day, day + _DAY)}
    turns |= set(_overdue_tracking(project, company, business_day))
    return min((turn for turn in turns if turn > as_of), default=None)


def _dates(project: Project) -> Iterator[date]:
    """Every date of every workbook; the last representable day is nobody's plan."""
    for book in project.workbooks.values():
        for sheet in book.sheets.values():
            for record in (*sheet.records(), *((sheet.totals,) if sheet.totals.cells else ())):
                for cell in record.cells.values():
                    day = _day(cell.value)
                    if day and day < date.max:
                        yield day


def _day(value: Value | None) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _overdue_tracking(project: Project, company: Company, business_day: date) -> Iterator[date]:
    """First day on which the latest tracking lies too far back."""
    days = [found.value for row in project.rows("records", "tracking") if (found := row.date("date"))]
    try:
        most = int(company.parameter("tracking_gap", business_day))
    except PipelineError:
        return  # the rule itself will say that the parameter is missing
    if days:
        yield from _workday_after(max(days), most + 1, company.calendar)


def _workday_after(start: date, count: int, calendar: WorkCalendar) -> Iterator[date]:
    """The `count`-th working day after a day; nothing beyond a year, or at the end of time."""
    seen = 0
    for offset in range(1, min(_SEARCHED, (date.max - start).days)):
        day = start + offset * _DAY
        seen += calendar.is_workday(day)
        if seen == count:
            yield day
            return
