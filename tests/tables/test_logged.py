"""Hours and trips of the workbooks 10 as tables."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.core.entries import SECRET
from pipeline.definitions.tables import load_tables
from pipeline.derive.worklog import INSIDE, Log, logs_of
from pipeline.tables.frames import frames
from pipeline.tables.logged import LOGGED, logged_rows
from pipeline.tables.tidy import Row
from pipeline.tables.told import Names, Source, Wish
from tests.cases import DORM
from tests.logged import sample_logs
from tests.tables.told import told

LINES, TRIPS = LOGGED


def logs() -> tuple[Log, ...]:
    return logs_of(sample_logs())


def rows(table: str, *given: Log) -> list[Row]:
    return list(logged_rows(table, given or logs(), Names({}, {"E203": "陆子昂"}), None))


def source(secrecy: str = "内部") -> Source:
    one = told(1, secrecy=secrecy)
    return Source((replace(one, code=DORM),), logs=logs())


@pytest.mark.parametrize("table", LOGGED)
def test_a_row_says_only_what_its_columns_are(table: str) -> None:
    assert {tuple(row) for row in rows(table)} <= {tuple(row) for row in rows(table)[:1]}
    assert set(rows(table)[0]) == {one.key for one in load_tables()[table].column}


def test_hours_are_those_of_the_logs() -> None:
    typed = [line.hours for log in logs() for line in log.lines]
    assert [row["hours"] for row in rows(LINES)] == typed
    (first, *_) = rows(LINES, logs()[1])
    assert (first["emp_no"], first["name"], first["month"]) == ("E203", "陆子昂", "2026-06")
    assert str(first["cells"]).startswith("[10_工作日志_E203_2026-06.xlsx]日志!B")


def test_somebody_whom_workbook_00_does_not_know_has_a_number_and_no_name() -> None:
    assert {(row["emp_no"], row["name"]) for row in rows(LINES, logs()[0])} == {("E106", None)}


def test_a_copy_of_a_log_counts_no_hour_twice() -> None:
    assert rows(LINES, *logs(), *logs()) == rows(LINES)


def test_what_trips_cost_is_there_where_amounts_are_asked_for() -> None:
    plain, priced = (frames(source(), Wish(amounts=amounts))[TRIPS] for amounts in (False, True))
    assert "cost" not in plain.columns
    costs = [trip.cost.value for log in logs() for trip in log.trips if trip.cost]
    assert [cost for cost in priced["cost"] if cost is not None] == costs


@pytest.mark.parametrize(("secrecy", "shown"), [("内部", True), (SECRET, False)])
def test_of_a_secret_project_no_hour_is_told_but_of_work_for_none(secrecy: str, shown: bool) -> None:
    for key in LOGGED:
        codes = set(frames(source(secrecy), Wish())[key]["code"])
        assert (DORM in codes, codes <= {DORM, INSIDE}) == (shown, True)


def test_of_projects_that_are_not_exported_no_hour_is_told_unless_everything_is_asked_for() -> None:
    other = Source((told(1),), logs=logs())
    assert set(frames(other, Wish())[LINES]["code"]) <= {INSIDE}
    assert DORM in set(frames(other, Wish(secret=True))[LINES]["code"])
