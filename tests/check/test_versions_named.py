"""Versions that a text names: of the plan in force (W263), of the contract's draft that is signed (W264)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from pipeline.check import versions_named
from tests.cases import TV, load_case
from tests.check.followed import Edit, added, followed, recorded, removed, typed
from tests.check.reported import cells, found_by, table
from tests.check.test_legitimate import change, raised

REVISED = [*raised(date(2026, 7, 9), "CR-01"), change()]
RISK = "风险!B7"


def said(text: str) -> Edit:
    return typed("plan", "risks", 7, desc=text)


TEXTS: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "the version before": ([*REVISED, said("按A/0版计划执行")], {(RISK, "W263")}),
    "with a blank": ([*REVISED, said("进度见 A/0 版")], {(RISK, "W263")}),
    "the version in force": ([*REVISED, said("按A/1版计划执行")], set()),
    "the only version": ([said("按A/0版计划执行")], set()),
    "how it was": ([*REVISED, said("立项时(A/0版)毛利率19.85%")], set()),
    "what it became": ([*REVISED, said("由A/0版的单机改为双机")], set()),
    "history beside an order": ([*REVISED, said("A/0版已批准。按A/0版执行")], {(RISK, "W263")}),
    "a draft of the contract": ([*REVISED, said("合同草案A/0的付款条件")], set()),
    "no version of this plan": ([*REVISED, said("按A/4版式打印,光模块SFP28/10")], set()),
    "a plan whose version is not registered": (
        [*REVISED, said("按A/0版计划执行"), typed("plan", "basics", "head", plan_version="A/2")],
        set(),
    ),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_names_a_version_of_the_plan(name: str) -> None:
    edits, wanted = TEXTS[name]
    assert table(found_by([versions_named.plan_in_force], followed(load_case(), edits))) == wanted


def test_one_finding_names_all_the_texts() -> None:
    edits = [*REVISED, said("按A/0版执行"), typed("plan", "feasibility", "head", f_g="按A/0版计划执行")]
    (one,) = found_by([versions_named.plan_in_force], followed(load_case(), edits))
    assert one.rule.code == "W263"
    assert {one.at.cell, *(place.cell for place in one.related)} == {"C15", "B7", "C25"}


# -- the draft of the contract ----------------------------------------------------------------------------------------


def memo(text: str, day: date = date(2026, 7, 24)) -> Edit:
    return added("memos", no="HY-02", start=datetime(day.year, day.month, day.day, 9), discussion=text)


def signs(version: str | None) -> Edit:
    return recorded("signing", "head", draft_version=version)


AT = "合同签订!C16"
DRAFTS: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "changed by the problems": ([], set()),
    "the one reviewed": ([signs("A/1")], set()),
    "not said, and none was agreed on since": ([signs(None)], set()),
    "not said, where another was agreed on": ([signs(None), memo("商定合同草案A/2")], {(AT, "W264")}),
    "the one agreed on": ([memo("商定合同草案A/2")], set()),
    "the one reviewed, where another was agreed on": ([signs("A/1"), memo("商定合同草案A/2")], {(AT, "W264")}),
    "the one agreed on last": ([signs("A/3"), memo("合同草案A/2改为草案A/3")], set()),
    "spoken of before the review": ([signs("A/1"), memo("合同草案A/0", date(2026, 7, 1))], set()),
    "another without a reason": ([removed("problems")], {(AT, "W264")}),
    "another by a commercial change": ([removed("problems"), change(kind="商务")], set()),
    "nothing signed yet": ([memo("商定合同草案A/3"), recorded("signing", "head", sign_date=None)], set()),
}


@pytest.mark.parametrize("name", DRAFTS)
def test_the_draft_that_is_signed(name: str) -> None:
    edits, wanted = DRAFTS[name]
    assert table(found_by([versions_named.draft_signed], followed(load_case(), edits))) == wanted


def test_where_the_other_version_stands() -> None:
    case = followed(load_case(code=TV), [recorded("signing", "head", draft_version="B/1")])
    (one,) = found_by([versions_named.draft_signed], case)
    assert one.rule.code == "W264"
    assert cells(one) == {"合同评审意见!C6", "会议备忘录!K9"}
    assert one.message() == "合同草案的版本对不上:签的是B/1,评审以后商定的是B/2。"
