"""Workbook 10: what people have done on which day for which project, and their trips. Adds hours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.places import Place, Sourced
from pipeline.core.sheets import Record, Workbook

FORM, INSIDE, TRIP = "worklog", "内部", "出差"
_NAMED = re.compile(r"_([^_]+)_(\d{4}-\d{2})")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of somebody's log; day and hours are None where they cannot be read."""

    emp_no: str
    day: date | None
    project: str
    hours: Decimal | None
    kind: str
    trip_no: str
    row: Record

    @property
    def inside(self) -> bool:
        """Work for no project."""
        return self.project == INSIDE


@dataclass(frozen=True, slots=True)
class Trip:
    """A trip; `cost` in yuan, None while it is not known."""

    emp_no: str
    no: str
    project: str
    start: date | None
    end: date | None
    cost: Sourced[Decimal] | None
    row: Record

    @property
    def reversed(self) -> bool:
        """Whether it ends before it begins."""
        return bool(self.start and self.end and self.end < self.start)

    @property
    def days(self) -> Iterator[date]:
        """Every day of it; none where a day cannot be read, or where it would last longer than a quarter."""
        if self.start and self.end and self.end - self.start <= timedelta(days=92):
            yield from (self.start + timedelta(days=n) for n in range((self.end - self.start).days + 1))


@dataclass(frozen=True, slots=True)
class Log:
    """A workbook 10: of one person and month (2026-06), both as they are typed on top."""

    book: Workbook
    emp_no: str
    month: str
    lines: tuple[Line, ...]
    trips: tuple[Trip, ...]

    @property
    def named(self) -> tuple[str, str]:
        """Person and month in the name of the file; empty where it has another form."""
        found = _NAMED.search(self.book.name)
        return (found[1], found[2]) if found else ("", "")

    @property
    def at(self) -> Place:
        """Where it says whose it is."""
        return self.book.sheets["log"].head.at("emp_no")


def logs_of(books: Iterable[Workbook]) -> tuple[Log, ...]:
    """The logs among some workbooks, by person, month and file; first the one whose file bears the number."""
    found = [_log(book) for book in books if book.form == FORM]
    return tuple(sorted(found, key=lambda log: (log.emp_no, log.month, log.emp_no != log.named[0], log.book.name)))


def _log(book: Workbook) -> Log:
    log, trips = book.sheets["log"], book.sheets["trips"]
    emp_no = log.head.text("emp_no")
    lines = tuple(_line(emp_no, row) for row in log.rows)
    return Log(book, emp_no, log.head.text("month"), lines, tuple(_trip(emp_no, row) for row in trips.rows))


def _line(emp_no: str, row: Record) -> Line:
    day, hours = row.date("date"), row.number_of("hours")
    texts = (row.text("kind"), row.text("trip_no").upper())
    return Line(emp_no, day.value if day else None, _project(row), hours.value if hours else None, *texts, row)


def _trip(emp_no: str, row: Record) -> Trip:
    start, end = row.date("from"), row.date("until")
    days = (start.value if start else None, end.value if end else None)
    return Trip(emp_no, row.text("no").upper(), _project(row), *days, row.money("cost"), row)


def _project(row: Record) -> str:
    return row.text("project").strip().upper()


def once(logs: Iterable[Log]) -> tuple[Log, ...]:
    """Of two logs of one person and month the first: a copy counts no hour twice."""
    return tuple({(log.emp_no, log.month): log for log in reversed(list(logs))}.values())[::-1]


def lines_of(logs: Iterable[Log]) -> list[Line]:
    """The lines that can be counted, by person and day."""
    lines = (line for log in once(logs) for line in log.lines if line.day and line.hours is not None)
    return sorted(lines, key=lambda line: (line.emp_no, line.day or date.min))


def hours(lines: Iterable[Line]) -> Decimal:
    """Hours of some lines together."""
    return sum((line.hours for line in lines if line.hours is not None), Decimal(0))


def between(lines: Iterable[Line], start: date, end: date) -> list[Line]:
    """The lines of a time, both days included."""
    return [line for line in lines if line.day and start <= line.day <= end]


def by_project(lines: Iterable[Line]) -> Mapping[str, list[Line]]:
    """The lines by project, in the order in which they come; work for none is 内部."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.project, []).append(line)
    return found


def unlogged(lines: Iterable[Line], company: Company, start: date, end: date) -> list[date]:
    """The working days of a time of which somebody says nothing."""
    told = {line.day for line in lines}
    days = (start + timedelta(days=number) for number in range((end - start).days + 1))
    return [day for day in days if company.calendar.is_workday(day) and day not in told]


def months_told(logs: Sequence[Log], emp_no: str) -> frozenset[str]:
    """Months of which somebody keeps a log."""
    return frozenset(log.month for log in logs if log.emp_no == emp_no and log.lines)
