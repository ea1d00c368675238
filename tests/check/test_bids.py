"""Workbook 08: each rule fires, is silent on the sample, and lets its legitimate neighbour pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from pipeline.check import bids, compared, hands
from pipeline.check.case import Case
from pipeline.core.findings import Finding
from tests.cases import TV, load_case, voluntary_case
from tests.check.followed import Edit, added, followed, recorded, typed
from tests.check.reported import cells, found_by, table, with_sheet, without
from tests.mastered import mastered

D = Decimal
CHECKS = (*bids.CHECKS, *compared.CHECKS, *hands.CHECKS)
EARLY, LATE = date(2026, 7, 1), datetime(2026, 7, 15, 9, 0)
PLANNED, CHECKED = 7, 10  # first row of the bid plan; of the bid check (two labelled cells above it)
OPENED = 13  # first row of the opening


def clean() -> Case:
    return voluntary_case()


def found(edits: list[Edit]) -> list[Finding]:
    return found_by(CHECKS, followed(clean(), edits))


def quoted(where: int | str, /, **fields: object) -> Edit:
    return typed("bids", "quotation", where, **fields)


def emptied(sheet: str) -> Edit:
    """A sheet of workbook 08 as it was handed out: its fixed texts alone."""

    def edit(case: Case) -> Case:
        old = case.project.sheet("bids", sheet)
        blank = {key: replace(cell, value=None, shown="") for key, cell in old.head.cells.items()}
        return with_sheet(case, "bids", sheet, replace(old, head=replace(old.head, cells=blank), rows=()))

    return edit


def none_applies(case: Case) -> Case:
    """Every item of the check answered 不适用."""
    for row in case.project.rows("bids", "bid_check"):
        case = typed("bids", "bid_check", row.number, result="不适用", fix_done=None, recheck_by=None)(case)
        case = typed("bids", "bid_check", row.number, recheck_date=None, finding=None)(case)
    return case


def price(amount: str) -> list[Edit]:
    """The bid and its quotation at another price."""
    service = D(amount) - D(840000)
    return [
        recorded("bidding", "head", price=D(amount)),
        quoted(29, unit_price=service, price=service, unit_cost=service, cost=service),
    ]


def small(amount: str) -> list[Edit]:
    """A quotation of one line at a price, and its bid."""

    def alone(case: Case) -> Case:
        old = case.project.sheet("bids", "quotation")
        return with_sheet(case, "bids", "quotation", replace(old, rows=old.rows[:1]))

    return [alone, quoted(18, unit_price=D(amount), price=D(amount)), recorded("bidding", "head", price=D(amount))]


FIRES: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "a line without its source": ([quoted(18, source=None)], {("报价清单", "P509")}),
    "a source that is not supplied": ([quoted(18, source=D(99))], {("报价清单!B18", "P509"), ("报价清单", "P509")}),
    "a line priced twice": ([quoted(19, source=D(1))], {("报价清单!B19", "P509"), ("报价清单", "P509")}),
    "another quantity": ([quoted(18, qty=D(400))], {("报价清单!G18", "P509")}),
    "a total that is not the bid": ([quoted(29, price=D(90000))], {("报价清单!D5", "P510")}),
    "no service": ([quoted(28, kind="其他"), quoted(29, kind="其他")], {("报价清单", "P511")}),
    "below cost": ([quoted(18, unit_cost=D(700))], {("报价清单!J18", "P512")}),
    "a standard missed": ([typed("bids", "final_review", 13, result="不符合")], {("结案评审!C8", "P513")}),
    "a review before the scheme": (
        [typed("bids", "final_review", "head", date=date(2026, 6, 30))],
        {("结案评审!C7", "P513")},
    ),
    "a review after the bid": ([typed("bids", "final_review", "head", date=LATE.date())], {("结案评审!C7", "P513")}),
    "a plan without a part": ([typed("bids", "bid_plan", PLANNED + 1, part="报价")], {("投标计划", "P514")}),
    "done late": ([typed("bids", "bid_plan", PLANNED, done=date(2026, 7, 3))], {("投标计划!F7", "P556")}),
    "due after the deadline": ([typed("bids", "bid_plan", PLANNED, due=LATE.date())], {("投标计划!E7", "P514")}),
    "two rows say that they are ours": (
        [typed("bids", "bid_opening", OPENED + 1, ours="是", price=None, result=None)],
        {(f"开标记录!B{OPENED + 1}", "P517")},
    ),
    "no row is ours": ([typed("bids", "bid_opening", OPENED, ours="否")], {("开标记录", "P517")}),
    "not done when handed in": ([typed("bids", "bid_plan", PLANNED, done=None)], {("投标计划!F7", "P514")}),
    "an item that nobody looked at": ([typed("bids", "bid_check", CHECKED, result=None)], {("投标审查!C10", "P515")}),
    "an item that was not mended": (
        [typed("bids", "bid_check", CHECKED + 26, fix_done=None, recheck_by=None, recheck_date=None)],
        {("投标审查!C36", "P515")},
    ),
    "mended and not looked at again": (
        [typed("bids", "bid_check", CHECKED + 26, recheck_date=None)],
        {("投标审查!C36", "P515")},
    ),
    "mended before it was found": (
        [typed("bids", "bid_check", CHECKED + 26, fix_done=date(2026, 7, 8))],
        {("投标审查!E36", "P515")},
    ),
    "a check after the bid": (
        [
            typed("bids", "bid_check", "head", checked_on=LATE.date()),
            typed("bids", "bid_check", CHECKED + 26, result="符合", fix_done=None, recheck_date=None),
        ],
        {("投标审查!C6", "P515")},
    ),
    "looked at again after the bid": (
        [typed("bids", "bid_check", CHECKED + 26, recheck_date=LATE.date())],
        {("投标审查!G36", "P515")},
    ),
    "another price read out": ([typed("bids", "bid_opening", 13, price=D(919000))], {("开标记录!C13", "P517")}),
    "another result": ([typed("bids", "bid_opening", 13, result="未中标")], {("开标记录!E13", "P517")}),
    "a number twice": ([quoted(19, no=D(1))], {("报价清单!A19", "X242")}),
    "a line named otherwise than its row": ([quoted(18, item="室外机柜")], {("报价清单!D18", "P556")}),
    "nothing applies": ([none_applies], {("投标审查!C10", "P557")}),
    "two winners": (
        [typed("bids", "bid_opening", OPENED + 1, result="成交")],
        {(f"开标记录!E{OPENED + 1}", "P557")},
    ),
    "two of one rank": ([typed("bids", "bid_opening", OPENED + 2, rank=D(2))], {(f"开标记录!D{OPENED + 2}", "P557")}),
    "the lower post presides": ([typed("bids", "final_review", "head", chair="E003")], {("结案评审!C6", "G321")}),
    "the higher post presides over exactly 100,000": (
        [*small("100000"), recorded("bidding", "head", chair="E003")],
        {("结案评审!C6", "G321"), ("报价清单", "P509"), ("报价清单", "P511"), ("开标记录!C13", "P517")},
    ),
}  # fmt: skip
PASSES: dict[str, list[Edit]] = {
    "as it is": [],
    "a service that workbook 04 does not hold": [quoted(28, source=None)],
    "below cost with its reason": [quoted(18, unit_cost=D(700)), quoted("head", below_cost_reason="由服务费弥补")],
    "a quotation of an earlier round": [quoted(29, price=D(90000)), quoted("head", round=D(2))],
    "a review that agrees after changes": [
        typed("bids", "final_review", 13, result="不符合"),
        typed("bids", "final_review", "head", conclusion="修改后同意"),
    ],
    "an item mended after the finding": [typed("bids", "bid_check", CHECKED + 26, fix_done=date(2026, 7, 9))],
    "a line that says more than its row, in other letters": [quoted(19, item="ＰoＥ 接入交换机(含模块)")],
    "one item applies": [none_applies, typed("bids", "bid_check", CHECKED + 1, result="符合")],
    "ranks and results that nobody was told": [
        typed("bids", "bid_opening", OPENED + where, rank=None, result=None) for where in (1, 2)
    ],
    "done on the day": [typed("bids", "bid_plan", PLANNED, done=date(2026, 7, 2))],
    "no price read out": [typed("bids", "bid_opening", 13, price=None)],
    "a quotation that has only been pre-filled": [
        quoted("head", version=None),
        *(quoted(row, unit_price=None, price=None) for row in range(18, 30)),
    ],
    "sheets that nobody used": [
        emptied(sheet) for sheet in ("quotation", "final_review", "bid_plan", "bid_check", "bid_opening")
    ],
}


@pytest.mark.parametrize("name", FIRES)
def test_it_is_said_at_the_cell(name: str) -> None:
    edits, expected = FIRES[name]
    told = {one for one in table(found(edits)) if one[1][0] == "P" or one[1] in ("G321", "X242")}
    assert told == expected


@pytest.mark.parametrize("name", PASSES)
def test_nothing_is_said_of_what_is_right(name: str) -> None:
    assert table(found(PASSES[name])) == set()


def test_just_over_the_limit_the_higher_post_presides() -> None:
    edits = [*small("100000.01"), recorded("bidding", "head", chair="E002")]
    assert "G321" not in {code for _, code in table(found(edits))}
    moved = mastered("parameters", ({"key": "chair_limit"}, {"value": "100000.01"}))
    assert "G321" in {code for _, code in table(found([*edits, moved]))}


def test_before_the_bid_goes_out_open_items_are_pending() -> None:
    edits = [
        typed("bids", "bid_check", CHECKED, result=None),
        recorded("bidding", "head", submit_time=None, conclusion_date=None),
    ]
    assert [one.pending for one in found(edits) if one.rule.code == "P515"] == [True]


def test_a_project_without_the_workbook_hears_nothing() -> None:
    assert found_by(bids.CHECKS, without(clean(), "bids")) == []
    assert found_by(bids.CHECKS, load_case(code=TV)) == []


def test_the_row_that_is_not_priced_is_named() -> None:
    """P509."""
    (one,) = found([quoted(18, source=None)])
    assert "工程行1没有报价" in one.message("zh")
    assert {place.sheet for place in one.related} == {"物资明细"}


def test_a_line_more_is_priced_too() -> None:
    more = added("lines", form="materials", no=D(77), scope="工程", qty=D(1))
    assert "77" in next(one for one in found([more]) if one.rule.code == "P509").message("zh")


# The other cells that a finding of each rule names.
RELATED: dict[str, tuple[str, set[str]]] = {
    "G321": ("the lower post presides", {"人员!F9"}),
    "P510": ("a total that is not the bid", {"洽谈投标!C8", *(f"报价清单!K{row}" for row in range(18, 30))}),
    "P512": ("below cost", {"报价清单!H18", "报价清单!D12"}),
    "P513": ("a standard missed", {"结案评审!B13"}),
    "P514": ("not done when handed in", {"投标计划!E7", "洽谈投标!C11"}),
    "P515": ("an item that nobody looked at", {"洽谈投标!C11"}),
    "P517": ("another price read out", {"洽谈投标!C8"}),
    "P556": ("a line named otherwise than its row", {"物资明细!C7", "报价清单!B18"}),
    "P557": ("two winners", {f"开标记录!E{OPENED}"}),
}


@pytest.mark.parametrize("rule", RELATED)
def test_the_other_cells_of_the_cause_are_named(rule: str) -> None:
    """G321, P510, P512, P513, P514, P515, P517, P556, P557."""
    name, related = RELATED[rule]
    (one,) = (each for each in found(FIRES[name][0]) if each.rule.code == rule)
    assert cells(one) == related
