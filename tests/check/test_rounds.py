"""Earlier rounds that are kept, and pauses that somebody ends (W222, W223, W224)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from pipeline.check import rounds
from tests.cases import load_case
from tests.check.followed import Edit, added, followed, recorded
from tests.check.reported import found_by, table

PAUSE = {"from": date(2026, 7, 10), "reason": "预算", "by": "E106"}


def found(*edits: Edit) -> set[tuple[str, str]]:
    return table(found_by(rounds.CHECKS, followed(load_case(), edits)))


def kept(number: int, step: str = "洽谈投标") -> Edit:
    fields = {"version": "HCZB-99", "date": date(2026, 7, 3), "result": "废标", "reason": "不足三家"}
    return added("rounds", step=step, round=D(number), **fields)


def second(number: int, sheet: str = "bidding") -> Edit:
    return recorded(sheet, "head", round=D(number))


@pytest.mark.parametrize(
    "edits",
    [(), (second(2), kept(1)), (second(3), kept(1), kept(2)), (second(2, "req_review"), kept(1, "需求评审"))],
    ids=["one round", "the first is kept", "both are kept", "of the review"],
)
def test_nothing_is_said_where_all_earlier_rounds_are_kept(edits: tuple[Edit, ...]) -> None:
    assert found(*edits) == set()


def test_each_round_that_is_lost_is_named() -> None:
    (one,) = found_by(rounds.CHECKS, followed(load_case(), [second(4), kept(2)]))
    assert (one.rule.code, one.values["lost"]) == ("W223", "1、3")


def test_a_round_of_another_step_does_not_stand_for_it() -> None:
    assert {code for _, code in found(second(2), kept(1, "需求评审"))} == {"W223", "W224"}


def test_a_kept_round_that_is_not_earlier() -> None:
    assert {code for _, code in found(second(2), kept(1), kept(2))} == {"W224"}


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({}, {"W222"}),
        ({"until": date(2026, 7, 12)}, set()),
        ({"from": date(2026, 8, 30)}, set()),
    ],
    ids=["work went on and nobody ended it", "ended", "nothing happened after it"],
)
def test_a_pause_after_which_work_went_on_has_an_end(fields: dict[str, date], codes: set[str]) -> None:
    assert {code for _, code in found(added("pauses", **{**PAUSE, **fields}))} == codes
