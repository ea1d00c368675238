from __future__ import annotations

import itertools
from datetime import date, datetime, time, timedelta

import pytest

from pipeline.core.workdays import WorkCalendar, days, in_lists, months, period_end, period_start

PUBLISHED = WorkCalendar()


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("01-01", "01-03"),
        ("02-15", "02-23"),
        ("04-04", "04-06"),
        ("05-01", "05-05"),
        ("06-19", "06-21"),
        ("09-25", "09-27"),
        ("10-01", "10-07"),
    ],
)
def test_public_holidays_of_2026_are_free(first: str, last: str) -> None:
    assert PUBLISHED.between(day(first), day(last)) == 0


@pytest.mark.parametrize("text", ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"])
def test_makeup_days_of_2026_are_worked(text: str) -> None:
    assert day(text).weekday() >= 5
    assert PUBLISHED.is_workday(day(text))


def test_an_ordinary_week_end_is_free() -> None:
    assert [PUBLISHED.is_workday(d) for d in days(day("03-02"), day("03-08"))] == [True] * 5 + [False] * 2


def test_nothing_is_published_for_2027() -> None:
    assert PUBLISHED.knows(2026)
    assert not PUBLISHED.knows(2027)
    assert PUBLISHED.is_workday(date(2027, 1, 1))  # a Friday: without a calendar only week-ends are known
    assert not PUBLISHED.is_workday(date(2027, 1, 2))


def test_company_days_win_over_published_ones() -> None:
    company = WorkCalendar({day("10-01"): True, day("03-02"): False})
    assert company.is_workday(day("10-01"))
    assert not company.is_workday(day("03-02"))


def test_a_year_in_workbook_00_is_the_companys_alone() -> None:
    company = WorkCalendar({day("05-09"): True, date(2027, 1, 1): False})
    assert company.is_workday(day("05-01"))  # 00 lists 2026 and does not list this holiday
    assert company.knows(2027)
    assert not company.is_workday(date(2027, 1, 1))
    assert not WorkCalendar({day("05-09"): True}).knows(2027)


def test_both_ends_count_and_a_reversed_span_is_empty() -> None:
    assert PUBLISHED.between(day("03-02"), day("03-02")) == 1
    assert PUBLISHED.between(day("03-02"), day("03-06")) == 5
    assert PUBLISHED.between(day("03-06"), day("03-02")) == 0


def test_holidays_and_makeup_days_come_in_order() -> None:
    company = WorkCalendar({day("10-10"): True, day("10-02"): False, day("05-09"): True, day("10-01"): False})
    assert [d for d in company.holidays() if d.year == 2026] == [day("10-01"), day("10-02")]
    assert [d for d in company.makeup_days() if d.year == 2026] == [day("05-09"), day("10-10")]
    assert company.holidays() == sorted(company.holidays())


def test_published_days_stand_in_for_years_the_company_does_not_list() -> None:
    """Formulas of the workbooks see these lists; they must count as we do."""
    assert {day("10-01"), day("06-19")} <= set(PUBLISHED.holidays())
    assert day("05-09") in PUBLISHED.makeup_days()
    assert day("06-19") not in WorkCalendar({day("10-01"): False}).holidays()


@pytest.mark.parametrize("calendar", [PUBLISHED, WorkCalendar({day("03-04"): False, day("03-07"): True})])
@pytest.mark.parametrize("span", [("01-01", "12-31"), ("02-27", "03-09"), ("05-09", "05-09")])
def test_counting_agrees_with_asking_day_by_day(calendar: WorkCalendar, span: tuple[str, str]) -> None:
    first, last = map(day, span)
    assert calendar.between(first, last) == sum(map(calendar.is_workday, days(first, last)))


def test_a_mistyped_year_costs_nothing_and_counts_weeks() -> None:
    assert (
        PUBLISHED.between(date(2027, 1, 4), date(9999, 12, 31))
        == 5 * ((date(9999, 12, 31) - date(2027, 1, 3)).days // 7) + 5
    )


def test_months_run_over_the_end_of_the_year() -> None:
    assert list(months(date(2026, 11, 30), date(2027, 2, 1))) == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert list(months(date(2026, 3, 31), date(2026, 3, 1))) == ["2026-03"]
    assert list(months(date(2026, 4, 1), date(2026, 3, 1))) == []


def test_days_hold_every_day_once() -> None:
    found = list(days(day("02-27"), day("03-02")))
    assert [d.day for d in found] == [27, 28, 1, 2]
    assert all(b - a == timedelta(1) for a, b in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("period", "end"),
    [
        ("2026-W27", date(2026, 7, 3)),
        ("2026-07", date(2026, 7, 31)),
        ("2026-02", date(2026, 2, 28)),
        ("2026-W60", None),
        ("2026-13", None),
        ("HY-01", None),
        ("财务部", None),
        ("", None),
    ],
)
def test_a_report_is_of_the_end_of_its_period(period: str, end: date | None) -> None:
    assert period_end(period) == end


@pytest.mark.parametrize(
    ("period", "day"),
    [("2026-W28", date(2026, 7, 6)), ("2026-W01", date(2025, 12, 29)), ("2026-07", date(2026, 7, 1)), ("七月", None)],
)
def test_a_period_begins_on_its_monday_or_first(period: str, day: date | None) -> None:
    assert period_start(period) == day


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ("2026-W15", "2026年第15周"),
        ("2026-W01", "2026年第1周"),
        ("2026-07", "2026年7月"),
        ("HY-01", "HY-01"),
        ("财务部", "财务部"),
        ("", ""),
    ],
)
def test_lists_name_a_period_as_people_do(part: str, text: str) -> None:
    assert in_lists(part) == text


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-06-22T09:00", "2026-06-22T10:30", 90),
        ("2026-06-22T17:45", "2026-06-23T08:45", 15),
        ("2026-06-22T17:15", "2026-06-23T08:45", 30),
        ("2026-06-26T17:00", "2026-06-29T09:00", 60),
        ("2026-06-18T17:00", "2026-06-22T09:00", 60),
        ("2026-06-22T10:00", "2026-06-22T09:00", 0),
    ],
)
def test_hours_of_work_are_those_of_working_days(start: str, end: str, minutes: int) -> None:
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    assert PUBLISHED.worked(first, last, time(8, 30), time(17, 30)) == timedelta(minutes=minutes)


def test_a_mistyped_year_costs_nothing() -> None:
    first, last = datetime(2026, 6, 22, 9), datetime(9999, 6, 22, 9)
    assert PUBLISHED.worked(first, last, time(8, 30), time(17, 30)) == last - first
