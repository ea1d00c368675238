from __future__ import annotations

from datetime import date

import pytest

from pipeline.definitions.documents import PEOPLE, load_documents
from pipeline.derive.worklog import logs_of
from pipeline.render.context.people import person_context, told
from pipeline.render.context.shown import Node
from tests.cases import DORM, load_case
from tests.logged import ENGINEER, row_of, sample_logs, without_rows

(FORM,) = (form for form in load_documents().values() if form.per == PEOPLE)


def shown(period: str, who: str = "E203") -> Node:
    (one,) = (one for one in told(logs_of(sample_logs()), [period]) if one.emp_no == who)
    return person_context(one, load_case().company, FORM)


def test_a_week_goes_from_monday_to_sunday_and_a_month_over_its_days() -> None:
    week, month = told(logs_of(sample_logs()[ENGINEER:]), ["2026-W26", "2026-06"])
    assert (week.title, week.start, week.end) == ("售前周报", date(2026, 6, 22), date(2026, 6, 28))
    assert (month.title, month.start, month.end) == ("售前月报", date(2026, 6, 1), date(2026, 6, 30))
    assert [trip.no for trip in week.trips] == ["CC-2026-0017"]


def test_without_a_period_every_week_and_month_with_a_line_has_its_report() -> None:
    found = [one.period for one in told(logs_of(sample_logs()[ENGINEER:]))]
    assert found == [*(f"2026-W{week}" for week in range(23, 28)), "2026-06"]
    assert told(logs_of(sample_logs()), ["2026-W40", "2025-06"]) == []


@pytest.mark.parametrize(("period", "hours", "days", "away"), [("2026-W26", "31.5", "3.9", "13.5")])
def test_hours_are_those_of_the_lines(period: str, hours: str, days: str, away: str) -> None:
    logged = shown(period)["logged"]
    assert [str(logged[key]) for key in ("hours", "days", "away", "count", "unlogged")] == [
        hours,
        days,
        away,
        "5",
        "无",
    ]
    assert [(str(one["code"]), str(one["hours"])) for one in logged["projects"]] == [(DORM, hours)]
    assert {str(line["trip_no"]) for line in logged["lines"]} == {"", "CC-2026-0017"}


@pytest.mark.parametrize(("period", "head"), [("2026-W26", "2026年第26周"), ("2026-06", "2026年6月")])
def test_the_head_of_a_page_names_the_week_as_people_do(period: str, head: str) -> None:
    assert str(shown(period)["doc"]["version"]) == head


def test_the_person_is_named_with_number_and_department() -> None:
    assert [str(text) for text in shown("2026-06")["person"].values()] == ["E203", "白露", "网络产品部"]


def test_a_working_day_without_a_line_is_named() -> None:
    book = sample_logs()[ENGINEER]
    (one,) = told(logs_of([without_rows(book, "log", row_of(book, date(2026, 6, 25)))]), ["2026-W26"])
    logged = person_context(one, load_case().company, FORM)["logged"]
    assert str(logged["unlogged"]) == "6月25日"
