"""Workbook 08 beside the bid: each rule fires, is silent on the sample, and lets its legitimate neighbour pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.check import beside_bid, compared
from pipeline.check.case import Case
from pipeline.core.findings import Finding
from tests.cases import TV, load_case, voluntary_case
from tests.check.followed import Edit, added, followed, item, recorded, typed
from tests.check.reported import cells, found_by, table, with_sheet, without
from tests.mastered import threshold

D = Decimal
CHECKS = (*beside_bid.CHECKS, *compared.CHECKS)
RULES = {"P520", "P530", "P532", "P550", "P551", "P552", "P553", "P556", "X241", "X242", "P576"}
FIRST, OPENING = 7, 9
BEFORE = date(2026, 7, 1)


def clean() -> Case:
    return voluntary_case()


def filled(sheet: str, where: int | str = FIRST, /, **fields: object) -> Edit:
    return typed("bids", sheet, where, **fields)


def emptied(*sheets: str) -> Edit:
    def edit(case: Case) -> Case:
        for sheet in sheets:
            old = case.project.sheet("bids", sheet)
            blank = {key: replace(cell, value=None, shown="") for key, cell in old.head.cells.items()}
            case = with_sheet(case, "bids", sheet, replace(old, head=replace(old.head, cells=blank), rows=()))
        return case

    return edit


def running(case: Case) -> Case:
    """The project before anything was decided of its bid, on the first of July."""
    return replace(case, facts=replace(case.facts, as_of=BEFORE, state="执行中"))


def found(edits: list[Edit]) -> list[Finding]:
    return [one for one in found_by(CHECKS, followed(clean(), edits)) if one.rule.code in RULES]


HELP = filled(
    "tender_help",
    "head",
    commissioned_by="邵一川",
    commissioned_on=date(2026, 6, 10),
    parts=("技术要求",),
    submitted=date(2026, 6, 18),
    passed=date(2026, 6, 22),
)
MAJOR = typed("plan", "basics", "head", **{"class": "重大项目"})
FIRES: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "old research": (
        [filled("market_research", date=date(2026, 2, 1)), filled("market_research", 8, date=date(2026, 3, 3))],
        {("市场调研!B8", "P551")},
    ),
    "research older than workbook 00 allows": ([threshold("research_days", "1")], {("市场调研!B8", "P551")}),
    "a topic by the number of another": ([filled("negotiations", 8, no=D(1))], {("谈判记录!A8", "X242")}),
    "a milestone of another month": (
        [filled("proposal", "head", milestones="7月投标,8月到货,10月开通")],
        {("项目建议书!C14", "P576")},
    ),
    "nothing chosen": ([filled("options", 8, chosen="否")], {("方案比选", "P552")}),
    "two chosen": ([filled("options", chosen="是")], {("方案比选!G8", "P552")}),
    "a major project with half a SWOT": ([MAJOR, filled("swot", 10, quadrant="优势")], {("SWOT分析", "P553")}),
    "no opening by this method": ([item("B09", value="单一来源")], {("决策事件!B9", "P532")}),
    "another day than the survey": (
        [filled("decision_events", OPENING, planned=date(2026, 7, 20), actual=None)],
        {("决策事件!D9", "P532")},
    ),
    "help with public money": ([HELP, item("B06", value="财政资金")], {("招标文件编制!C8", "P530")}),
    "issued before the contract": (
        [filled("work_order", "head", issue_date=date(2026, 7, 28))],
        {("工程施工任务书!C10", "P520")},
    ),
    "another contract": (
        [filled("work_order", "head", contract_no="LY-XS-2026-0001")],
        {("工程施工任务书!C8", "P520")},
    ),
    "longer than the contract": (
        [filled("work_order", "head", end=date(2026, 10, 8))],
        {("工程施工任务书!C15", "P520")},
    ),
    "a step after the contract": ([filled("work_plan", 9, end=date(2026, 10, 8))], {("施工进度计划!D9", "P520")}),
    "issued by engineering": ([filled("work_order", "head", issuer="E301")], {("工程施工任务书!C9", "P520")}),
    "the receiver is not in the team": (
        [filled("work_order", "head", team=("E305",))],
        {("工程施工任务书!C12", "P520")},
    ),
    "confirmed before it was sent": (
        [filled("proposal", "head", confirmed_date=date(2026, 6, 18))],
        {("项目建议书!C18", "P550")},
    ),
    "handed over before the commission": (
        [HELP, filled("tender_help", "head", submitted=date(2026, 6, 1))],
        {("招标文件编制!C12", "P550")},
    ),
    "a memo that is not there": ([filled("work_order", "head", kickoff="HY-99")], {("工程施工任务书!C17", "X241")}),
    "a superior who is not there": ([filled("stakeholders", 8, reports_to="某某")], {("决策成员!H8", "X241")}),
    "explained before it was approved": (
        [filled("customer_confirm", "head", date=date(2026, 7, 1))],
        {("方案讲解与确认!C7", "P556")},
    ),
    "another version explained": (
        [filled("customer_confirm", "head", scheme_version="V1.2")],
        {("方案讲解与确认!C11", "P556")},
    ),
    "a manager outside the team": (
        [filled("work_order", "head", manager="E304")],
        {("工程施工任务书!C12", "P556")},
    ),
    "a number twice": ([filled("swot", 8, no=D(1))], {("SWOT分析!A8", "X242")}),
}
STAGE = 16
PASSES: dict[str, list[Edit]] = {
    "milestones by day": [filled("proposal", "head", milestones="2026-08-14到货,2026.09验收")],
    "milestones without months": [filled("proposal", "head", milestones="到货、施工、开通")],
    "a milestone of our own": [
        typed("plan", "stages", 7, milestone="是"),
        filled("proposal", "head", milestones="8月到货,9月开通"),
    ],
    "no milestone marked": [
        *(typed("plan", "stages", row, milestone=None) for row in (14, STAGE)),
        filled("proposal", "head", milestones="12月开通"),
    ],
    "as it is": [],
    "two topics of one day": [filled("negotiations", 8, date=date(2026, 7, 21))],
    "research as old as workbook 00 allows": [
        filled("market_research", date=date(2026, 2, 1)),
        filled("market_research", 8, date=date(2026, 3, 3)),
        threshold("research_days", "91"),
    ],
    "research of ninety days": [
        filled("market_research", date=date(2026, 3, 4)),
        filled("market_research", 8, date=date(2026, 3, 4)),
    ],
    "research since": [filled("market_research", 8, date=date(2026, 8, 1))],
    "half a SWOT of an ordinary project": [filled("swot", 10, quadrant="优势")],
    "a major project with all four": [MAJOR],
    "help with money of their own": [HELP],
    "help and a single source": [
        HELP,
        item("B06", value="财政资金"),
        item("B09", value="单一来源"),
        emptied("decision_events"),
    ],
    "an opening that was put off": [filled("decision_events", OPENING, planned=date(2026, 7, 20))],
    "a contract without a memo": [filled("work_order", "head", kickoff="HY-01")],
    "handed over to nobody yet": [
        recorded("handover", "head", receiver=None),
        filled("work_order", "head", team=("E305",), manager="E305"),
    ],
    "explained on the day of the approval": [filled("customer_confirm", "head", date=date(2026, 7, 2))],
    "nothing approved yet": [
        recorded("scheme", "head", approve_date=None),
        filled("customer_confirm", "head", date=date(2026, 7, 1), scheme_version="V1.2"),
    ],
    "a version approved in an earlier round": [
        added("rounds", step="方案审批", round=D(1), version="V1.0", date=date(2026, 6, 25), result="同意"),
        filled("customer_confirm", "head", scheme_version="V1.0", date=date(2026, 6, 26)),
    ],
    "a manager of the team": [filled("work_order", "head", manager="E305")],
    "sheets that nobody used": [
        emptied("market_research", "options", "swot", "stakeholders", "decision_events", "proposal"),
        emptied("work_order", "work_plan"),
    ],
}


@pytest.mark.parametrize("name", FIRES)
def test_it_is_said_at_the_cell(name: str) -> None:
    edits, expected = FIRES[name]
    assert table(found(edits)) == expected


@pytest.mark.parametrize("name", PASSES)
def test_nothing_is_said_of_what_is_right(name: str) -> None:
    assert table(found(PASSES[name])) == set()


def test_what_was_planned_and_has_not_happened_is_told_while_the_project_runs() -> None:
    late = filled("decision_events", actual=None)
    assert found([late]) == []  # it is in the archive
    now = running(followed(clean(), [late, filled("decision_events", OPENING, actual=None)]))
    assert table(found_by((beside_bid.decisions_agree,), now)) == {("决策事件!E7", "P532")}


def test_an_option_more_that_is_not_chosen() -> None:
    assert found([added("options", form="bids", no=D(3), option="室外覆盖", chosen="否")]) == []


def test_a_project_without_the_workbook_hears_nothing() -> None:
    assert found_by(beside_bid.CHECKS, without(clean(), "bids")) == []
    assert found_by(beside_bid.CHECKS, load_case(code=TV)) == []


def test_the_law_is_quoted() -> None:
    """政府采购法实施条例, 第十八条第二款."""
    (one,) = found([HELP, item("B06", value="财政资金")])
    assert "除单一来源采购项目外" in one.message("zh")
    assert "不得再参加该采购项目的其他采购活动" in one.message("zh")


RELATED: dict[str, tuple[str, set[str]]] = {
    "P520": ("issued before the contract", {"合同签订!C7"}),
    "P530": ("help with public money", {"调查表!E26", "调查表!E29"}),
    "P532": ("no opening by this method", {"调查表!E29"}),
    "P550": ("confirmed before it was sent", {"项目建议书!C16"}),
    "P551": ("old research", {"立项申请!C8"}),
    "P552": ("two chosen", {"方案比选!G7"}),
    "P553": ("a major project with half a SWOT", {"基本信息!C14"}),
    "P576": ("a milestone of another month", {"阶段计划!E16", "阶段计划!P16"}),
}


@pytest.mark.parametrize("rule", RELATED)
def test_the_other_cells_of_the_cause_are_named(rule: str) -> None:
    """P520, P530, P532, P550, P551, P552, P553, P576."""
    name, related = RELATED[rule]
    (one,) = (each for each in found(FIRES[name][0]) if each.rule.code == rule)
    assert cells(one) == related
