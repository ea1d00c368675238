"""After the contract: a kick-off meeting (P571), and somebody in touch with the customer (P575)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.check import after_contract
from pipeline.check.case import Case
from tests.cases import TV, load_case, voluntary_case
from tests.check.followed import Edit, added, followed, recorded, typed
from tests.check.reported import cells, found_by, table, without
from tests.mastered import threshold

GOES_ON: list[Edit] = [
    recorded("closing", "head", close_date=None, close_type=None),
    recorded("handover", "head", handover_date=None, archive_date=None),
]


def on(day: date) -> Edit:
    return lambda case: replace(case, facts=replace(case.facts, as_of=day))


def visit(day: date) -> Edit:
    return added("tracking", date=day, by="E106")


LATER = [*GOES_ON, on(date(2026, 8, 13))]  # signed on Wednesday, July 29; the eleventh working day
FIRES: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "nobody met in ten days": (LATER, {("会议备忘录", "P571")}),
    "nobody met in as many days as workbook 00 gives": (
        [*GOES_ON, on(date(2026, 8, 4)), threshold("kickoff_days", "3")],
        {("会议备忘录", "P571")},
    ),
    "nobody in touch": (
        [*GOES_ON, recorded("memos", 7, title="启动会"), on(date(2026, 8, 20))],
        {("合同签订!C7", "P575")},
    ),
    "nobody in touch after the first time": (
        [*GOES_ON, recorded("memos", 7, title="启动会"), visit(date(2026, 8, 5)), on(date(2026, 8, 31))],
        {("用户跟踪!A10", "P575")},
    ),
}
PASSES: dict[str, list[Edit]] = {
    "ended": [on(date(2026, 12, 1))],
    "the tenth day": [*GOES_ON, on(date(2026, 8, 12))],
    "met after the approval": [*LATER, recorded("memos", 7, title="项目启动会")],
    "met under another name": [*LATER, typed("bids", "work_order", "head", kickoff="HY-01")],
    "not signed": [*LATER, recorded("signing", "head", sign_date=None)],
    "in touch now and then": [
        *GOES_ON,
        recorded("memos", 7, title="启动会"),
        *(visit(day) for day in (date(2026, 8, 10), date(2026, 8, 28))),
        on(date(2026, 9, 10)),
    ],
    "handed over meanwhile": [
        GOES_ON[0],
        recorded("memos", 7, title="启动会"),
        on(date(2026, 12, 1)),
    ],
}


def case_of(edits: list[Edit]) -> Case:
    return followed(voluntary_case(), edits)


@pytest.mark.parametrize("name", FIRES)
def test_it_is_said(name: str) -> None:
    edits, expected = FIRES[name]
    assert table(found_by(after_contract.CHECKS, case_of(edits))) == expected


@pytest.mark.parametrize("name", PASSES)
def test_nothing_is_said_of_what_is_right(name: str) -> None:
    assert table(found_by(after_contract.CHECKS, case_of(PASSES[name]))) == set()


def test_a_project_without_the_workbooks_hears_nothing() -> None:
    assert found_by(after_contract.CHECKS, without(case_of(LATER), "support", "bids")) == []
    assert found_by(after_contract.CHECKS, load_case(code=TV)) == []


def test_the_contract_is_named() -> None:
    (met,) = found_by(after_contract.CHECKS, case_of(LATER))
    (touch,) = found_by(after_contract.CHECKS, case_of(FIRES["nobody in touch after the first time"][0]))
    assert {met.rule.code, touch.rule.code} == {"P571", "P575"}
    assert cells(met) == cells(touch) == {"合同签订!C7"}
