"""The week of the engineers who were named for a request, on SRQ."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from pipeline.check.case import Case
from pipeline.render.context.engineers import engineer_weeks
from tests.cases import voluntary_case
from tests.check.followed import followed, typed
from tests.render.context.test_interview import context, source

FIRST = 7


def weeks(case: Case) -> list[tuple[str, ...]]:
    keys = ("no", "week", "workdays", "planned", "verdict")
    return [tuple(str(row[key]) for key in keys) for row in engineer_weeks(source(case))]


def test_a_request_has_the_person_days_that_the_plan_holds_in_its_week() -> None:
    assert weeks(voluntary_case()) == [
        ("FW-2026-0031", "2026-06-22至2026-06-28", "5", "4", "未超过"),
        ("FW-2026-0038", "2026-06-29至2026-07-05", "5", "4", "未超过"),
    ]


def test_the_cells_are_those_of_the_request_and_of_the_plan() -> None:
    row = engineer_weeks(source(voluntary_case()))[0]
    assert [cell.sheet for cell in row["planned"].cells] == ["服务请求", "人员需求"]
    assert str(row["engineer"]) == "白露"


def test_a_fuller_week_than_there_are_days_is_told() -> None:
    staffing = voluntary_case().project.rows("staffing", "lines")
    line = next(row for row in staffing if row.text("emp_no") == "E203" and row.text("stage") == "S3")
    full = followed(voluntary_case(), [typed("staffing", "lines", line.number, alloc=Decimal(120))])
    assert [row[3:] for row in weeks(full)] == [("6", "超过"), ("6", "超过")]


def test_before_somebody_is_named_there_is_no_row_and_no_week_is_asked_of_a_request_without_a_day() -> None:
    waiting = typed("support", "requests", FIRST, engineer=None)
    undated = typed("support", "requests", FIRST + 1, assign_time=None, request_time=None)
    assert weeks(followed(voluntary_case(), [waiting, undated])) == []
    asked = typed("support", "requests", FIRST, assign_time=None, request_time=datetime(2026, 6, 15, 9))
    assert weeks(followed(voluntary_case(), [asked]))[0][1] == "2026-06-15至2026-06-21"


def test_without_a_plan_of_people_the_paper_is_as_it_was() -> None:
    case = voluntary_case()
    bare = replace(case.facts, entries=replace(case.facts.entries, stays=()))
    assert weeks(replace(case, facts=bare)) == []


def test_the_customer_s_papers_have_no_such_name() -> None:
    case = voluntary_case()
    assert "engineer_weeks" in context(case, "SRQ")
    assert "engineer_weeks" not in context(case, "RQC")
