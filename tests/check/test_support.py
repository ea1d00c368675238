"""Workbook 07: requests given out in time, the limits of the steps, the customer's signature."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from pipeline.check import support
from pipeline.check.case import Case
from tests.cases import TV, load_case, voluntary_case
from tests.check.followed import Edit, followed, recorded, typed
from tests.check.reported import cells, found_by, table, without
from tests.mastered import mastered

FIRST, SECOND = 7, 8


def clean() -> Case:
    return voluntary_case()


def given(received: str, assigned: str | None, row: int = FIRST) -> Edit:
    moment = datetime.fromisoformat(assigned) if assigned else None
    return typed("support", "requests", row, receive_time=datetime.fromisoformat(received), assign_time=moment)


def confirmed(**fields: object) -> Edit:
    return typed("support", "req_confirm", "head", **fields)


def reviewed(**fields: object) -> Edit:
    return typed("bids", "final_review", "head", **fields)


FIRES: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "given out after an hour": ([given("2026-06-22T09:00", "2026-06-22T10:01")], {("服务请求!H7", "G319")}),
    "given out the day after": ([given("2026-06-22T09:00", "2026-06-23T08:40")], {("服务请求!H7", "G319")}),
    "not given out": (
        [given("2026-06-22T09:00", None), given("2026-06-22T09:00", "2026-06-22T09:10", SECOND)],
        {("服务请求!H7", "G319")},
    ),
    "needs reviewed late": ([confirmed(review_date=date(2026, 6, 26))], {("需求确认!C17", "G320")}),
    "a scheme handed in late": ([reviewed(submit_date=date(2026, 7, 2))], {("结案评审!C5", "G320")}),
    "a review two days later": ([reviewed(date=date(2026, 7, 3))], {("结案评审!C7", "G320")}),
    "a scheme without the signature": ([confirmed(customer_date=None)], {("需求确认!C15", "P504")}),
    "signed after the scheme": ([confirmed(customer_date=date(2026, 7, 2))], {("需求确认!C15", "P504")}),
}
PASSES: dict[str, list[Edit]] = {
    "as it is": [],
    "17:45 given out at 08:45": [given("2026-06-22T17:45", "2026-06-23T08:45")],
    "Friday evening given out on Monday": [given("2026-06-26T17:10", "2026-06-29T08:50")],
    "an hour to the minute": [given("2026-06-22T09:00", "2026-06-22T10:00")],
    "over the holiday": [confirmed(review_date=date(2026, 6, 25))],
    "signed on the day of the scheme": [confirmed(customer_date=date(2026, 7, 1))],
}


@pytest.mark.parametrize("name", FIRES)
def test_it_is_said_at_the_cell(name: str) -> None:
    edits, expected = FIRES[name]
    assert table(found_by(support.CHECKS, followed(clean(), edits))) == expected


@pytest.mark.parametrize("name", PASSES)
def test_nothing_is_said_of_what_is_right(name: str) -> None:
    assert found_by(support.CHECKS, followed(clean(), PASSES[name])) == []


def test_office_hours_are_those_of_workbook_00() -> None:
    late = given("2026-06-22T17:10", "2026-06-23T08:50")
    assert found_by(support.CHECKS, followed(clean(), [late])) == []
    shorter = mastered("parameters", ({"key": "assign_hours"}, {"value": "0.5"}))
    assert {cell for cell, _ in table(found_by(support.CHECKS, followed(clean(), [late, shorter])))} == {"服务请求!H7"}


def test_before_a_scheme_is_handed_in_the_signature_is_pending() -> None:
    edits = [
        confirmed(customer_date=None),
        typed("bids", "final_review", "head", submit_date=None),
        recorded("scheme", "head", approve_date=None),
    ]
    (one,) = found_by((support.confirmed_by_customer,), followed(clean(), edits))
    assert one.pending


def test_on_the_day_itself_a_request_is_not_late() -> None:
    case = followed(clean(), [given("2026-06-22T09:00", None)])
    then = replace(case, facts=replace(case.facts, as_of=date(2026, 6, 22)))
    assert found_by((support.given_out_in_time,), then) == []


def test_a_project_without_the_workbook_hears_nothing() -> None:
    assert found_by(support.CHECKS, without(clean(), "support")) == []
    assert found_by(support.CHECKS, load_case(code=TV)) == []


RELATED: dict[str, tuple[str, set[str]]] = {
    "G319": ("given out after an hour", {"服务请求!G7"}),
    "G320": ("a review two days later", {"结案评审!C5"}),
    "P504": ("signed after the scheme", {"结案评审!C5"}),
}


@pytest.mark.parametrize("rule", RELATED)
def test_the_other_cell_of_the_cause_is_named(rule: str) -> None:
    """G319, G320, P504."""
    name, related = RELATED[rule]
    (one,) = found_by(support.CHECKS, followed(clean(), FIRES[name][0]))
    assert (one.rule.code, cells(one)) == (rule, related)
