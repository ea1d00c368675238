"""Working days: the company calendar first, then the published holidays, then Monday to Friday (domain G.4)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property

import chinese_calendar

_LISTED_FROM = 2025


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked.

    Attributes:
        company: days of workbook 00 that differ from Monday to Friday, True where worked.
    """

    company: Mapping[date, bool] = field(default_factory=dict)

    def is_workday(self, day: date) -> bool:
        """Tell whether `day` is worked."""
        if day in self.company:
            return self.company[day]
        if day.year in self.company_years:
            return day.weekday() < 5
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            return day.weekday() < 5

    @cached_property
    def company_years(self) -> frozenset[int]:
        """Years for which workbook 00 holds at least one day."""
        return frozenset(day.year for day in self.company)

    def knows(self, year: int) -> bool:
        """Tell whether `year` has company days or published holidays; else only week-ends are known (B418)."""
        if year in self.company_years:
            return True
        try:
            chinese_calendar.is_workday(date(year, 6, 15))
        except NotImplementedError:
            return False
        return True

    def between(self, start: date, end: date) -> int:
        """Count working days from `start` to `end`, both included; 0 when `end` lies before `start`."""
        count = 0
        for year in range(start.year, end.year + 1):
            first, last = max(start, date(year, 1, 1)), min(end, date(year, 12, 31))
            count += sum(map(self.is_workday, days(first, last))) if self.knows(year) else weekdays(first, last)
        return count

    def worked(self, start: datetime, end: datetime, opens: time, closes: time) -> timedelta:
        """Working time between two moments: on working days between `opens` and `closes`; of over a year, all time."""
        if end - start > timedelta(days=366):
            return end - start
        total = timedelta()
        for day in filter(self.is_workday, days(start.date(), end.date())):
            begin, finish = max(start, datetime.combine(day, opens)), min(end, datetime.combine(day, closes))
            total += max(finish - begin, timedelta())
        return total

    def holidays(self) -> list[date]:
        """Days that are not worked though formulas would count them: of the company, else published; in order."""
        own = [day for day, worked in self.company.items() if not worked]
        return sorted([*own, *self._published(chinese_calendar.constants.holidays)])

    def makeup_days(self) -> list[date]:
        """Days that are worked although they are a week-end: of the company, else published; in order."""
        own = [day for day, worked in self.company.items() if worked]
        return sorted([*own, *self._published(chinese_calendar.constants.workdays)])

    def _published(self, days: Iterable[date]) -> list[date]:
        """Published days of recent years for which the company has none of its own."""
        return [day for day in days if day.year >= _LISTED_FROM and day.year not in self.company_years]


def weekdays(start: date, end: date) -> int:
    """Days from Monday to Friday, without looking at each of them: a mistyped year 9999 costs nothing."""
    weeks, rest = divmod((end - start).days + 1, 7)
    return weeks * 5 + sum(1 for offset in range(rest) if (start.weekday() + offset) % 7 < 5)


def days(start: date, end: date) -> Iterator[date]:
    """Every day from `start` to `end`, both included."""
    for offset in range((end - start).days + 1):
        yield start + timedelta(days=offset)


def months(start: date, end: date) -> Iterator[str]:
    """Every month from `start` to `end` as 2026-03."""
    year, month = start.year, start.month
    while (year, month) <= (end.year, end.month):
        yield f"{year:04d}-{month:02d}"
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def period_end(period: str) -> date | None:
    """Last working day of a week (2026-W27: its Friday) or last day of a month (2026-07); None for another text."""
    try:
        if "W" in period:
            year, week = period.split("-W")
            return date.fromisocalendar(int(year), int(week), 5)
        year, month = period.split("-")
        return date(int(year), int(month), monthrange(int(year), int(month))[1])
    except ValueError:
        return None


def period_start(period: str) -> date | None:
    """Monday of a week (2026-W27) or first day of a month (2026-07); None for another text."""
    end = period_end(period)
    if end is None:
        return None
    return end - timedelta(days=4) if "W" in period else end.replace(day=1)


def in_lists(part: str) -> str:
    """A week or month as it stands in lists: 2026年第28周, 2026年7月; what is no period as it is."""
    end = period_end(part)
    if end is None:
        return part
    if "W" in part:
        return "{}年第{}周".format(*end.isocalendar())
    return f"{end.year}年{end.month}月"
