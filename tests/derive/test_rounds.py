"""Rounds of reviews and schemes: which let a step pass, and which pass stood on a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from pipeline.check.case import Case
from pipeline.derive.rounds import OFFERS, earlier, first_passed, last_decided, passed, rounds, stood
from tests.cases import load_case
from tests.check.followed import Edit, added, followed, recorded


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def kept(step: str, number: int, version: str, on: date, result: str) -> Edit:
    fields = {"step": step, "round": D(number), "version": version, "date": on, "result": result}
    return added("rounds", **fields, reason="客户改了要求")


SCHEME = (
    recorded("scheme", "head", version="V1.3", approve_date=day(7, 20)),
    kept("方案审批", 2, "V1.2", day(7, 10), "通过"),
    kept("方案审批", 1, "V1.1", day(7, 2), "修改后再审"),
)


def case(*edits: Edit) -> Case:
    return followed(load_case(), edits)


def test_rounds_stand_in_their_order_and_the_head_is_the_last() -> None:
    found = rounds(case(*SCHEME).project, "scheme")
    assert [(one.version, one.passed) for one in found] == [("V1.1", False), ("V1.2", True), ("V1.3", True)]
    assert [one.at.sheet for one in found] == ["以前轮次", "以前轮次", "方案审批"]


def test_a_step_is_done_from_the_first_round_that_let_it_pass() -> None:
    project = case(*SCHEME).project
    first, last = first_passed(project, "scheme"), last_decided(project, "scheme")
    assert first
    assert last
    assert (first.value, last.value) == (day(7, 10), day(7, 20))
    assert [one.version for one in passed(project, "scheme")] == ["V1.2", "V1.3"]


@pytest.mark.parametrize(
    ("on", "version"), [(day(7, 9), ""), (day(7, 10), "V1.2"), (day(7, 19), "V1.2"), (day(7, 20), "V1.3")]
)
def test_what_stood_on_a_day(on: date, version: str) -> None:
    found = stood(case(*SCHEME).project, "scheme", on)
    assert (found.version if found else "") == version


@pytest.mark.parametrize("opinion", ["不同意", "修改后再审"])
def test_a_scheme_that_was_refused_leaves_the_approved_one(opinion: str) -> None:
    project = case(*SCHEME, recorded("scheme", "head", approve_opinion=opinion)).project
    found = stood(project, "scheme", day(7, 30))
    assert found
    assert found.version == "V1.2"


def test_requirements_that_were_refused_stand_no_more() -> None:
    again = recorded("req_review", "head", date=day(7, 5), conclusion="不通过")
    project = case(again, kept("需求评审", 1, "V1.2", day(6, 11), "通过")).project
    assert stood(project, "req_review", day(7, 4))
    assert not stood(project, "req_review", day(7, 5))


@pytest.mark.parametrize(
    ("step", "head", "wanted"),
    [
        ("scheme", {"approve_date": None}, False),
        ("scheme", {"approve_opinion": None}, True),
        ("req_review", {"conclusion": None}, False),
        ("req_review", {"conclusion": "有条件通过"}, True),
    ],
)
def test_one_round_alone(step: str, head: dict[str, object], wanted: bool) -> None:
    project = case(recorded(step, "head", **head)).project
    assert bool(passed(project, step)) is wanted


def test_other_steps_come_in_no_rounds() -> None:
    assert stood(load_case().project, "signing", day(7, 30)) is None


def test_earlier_bids_are_kept_beside() -> None:
    project = case(*SCHEME, kept(OFFERS, 1, "HCZB-99", day(7, 3), "废标")).project
    assert [row.text("version") for row in earlier(project, OFFERS)] == ["HCZB-99"]
