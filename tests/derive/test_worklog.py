from __future__ import annotations

from datetime import date
from decimal import Decimal

from pipeline.derive.worklog import between, by_project, hours, lines_of, logs_of, once, unlogged
from tests.cases import DORM, load_case
from tests.logged import MANAGER, changed, renamed, sample_logs


def test_a_log_is_of_a_person_and_a_month() -> None:
    logs = logs_of(reversed(sample_logs()))
    assert [(log.emp_no, log.month, len(log.lines), len(log.trips)) for log in logs] == [
        ("E106", "2026-06", 23, 1),
        ("E203", "2026-06", 21, 2),
    ]


def test_hours_add_up_by_project() -> None:
    lines = lines_of(logs_of(sample_logs()))
    assert {code: hours(some) for code, some in by_project(lines).items()} == {
        "内部": Decimal(47),
        DORM: Decimal(191),
    }
    week = between(lines, date(2026, 6, 22), date(2026, 6, 26))
    assert hours(week) == Decimal("50.5")


def test_a_line_that_cannot_be_read_is_kept_and_not_counted() -> None:
    book = changed(sample_logs()[MANAGER], "log", sample_logs()[MANAGER].sheets["log"].rows[0].number, hours=None)
    (log,) = logs_of([book])
    assert (len(log.lines), len(lines_of([log]))) == (23, 22)


def test_of_two_logs_of_a_month_the_first_counts() -> None:
    logs = logs_of([sample_logs()[MANAGER], renamed(sample_logs()[MANAGER], "10_工作日志_E106_2026-06(1).xlsx")])
    assert len(logs) == 2
    assert [log.book.name for log in once(logs)] == [logs[0].book.name]
    assert hours(lines_of(logs)) == Decimal("104.5")


def test_a_trip_that_would_never_end_has_no_days() -> None:
    (log,) = logs_of([changed(sample_logs()[MANAGER], "trips", 7, until=date(2062, 6, 5))])
    assert list(log.trips[0].days) == []
    assert len(list(logs_of(sample_logs())[0].trips[0].days)) == 2


def test_working_days_without_a_line_are_told_and_holidays_are_not() -> None:
    company, lines = load_case().company, logs_of(sample_logs())[0].lines
    assert unlogged(lines, company, date(2026, 6, 1), date(2026, 6, 30)) == []
    kept = [line for line in lines if line.day != date(2026, 6, 16)]
    assert unlogged(kept, company, date(2026, 6, 15), date(2026, 6, 21)) == [date(2026, 6, 16)]
