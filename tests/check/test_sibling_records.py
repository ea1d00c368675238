"""Workbooks 07 and 08: a record that contradicts itself or another one (P556, P557), and whose hand it bears (W204)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from pipeline.check import compared, dates, hands
from pipeline.check.case import Case
from pipeline.core.findings import Finding
from tests.cases import voluntary_case
from tests.check.followed import Edit, followed, recorded, typed
from tests.check.reported import cells, found_by, table

D = Decimal
CHECKS = (*compared.CHECKS, *hands.CHECKS)
RULES = {"P537", "P556", "P557", "W204", "X241"}
EARLY, LATE = date(2026, 5, 1), date(2026, 12, 30)


def row(book: str, sheet: str, /, **fields: object) -> Edit:
    """Other values in the first row of a table."""

    def edit(case: Case) -> Case:
        return typed(book, sheet, case.project.rows(book, sheet)[0].number, **fields)(case)

    return edit


def head(book: str, sheet: str, /, **fields: object) -> Edit:
    return typed(book, sheet, "head", **fields)


def no_finance(case: Case) -> Case:
    """A company whose workbook 00 calls no department 财务部."""
    company = case.company
    offices = tuple(replace(one, name="综合部") if one.name == "财务部" else one for one in company.offices)
    return replace(case, company=replace(company, offices=offices).on(case.as_of))


def found(*edits: Edit) -> list[Finding]:
    return [one for one in found_by(CHECKS, followed(voluntary_case(), edits)) if one.rule.code in RULES]


FIRES: dict[str, tuple[Edit, str, str]] = {
    "received before it was asked": (
        row("support", "requests", receive_time=datetime(2026, 5, 1, 9)),
        "P556",
        "服务请求",
    ),
    "given out before it was received": (
        row("support", "requests", assign_time=datetime(2026, 5, 1, 9)),
        "P556",
        "服务请求",
    ),
    "needs of a version that is not there": (head("support", "req_confirm", survey_version="V9.9"), "X241", "需求确认"),
    "signed before it was written": (head("support", "req_confirm", customer_date=EARLY), "P556", "需求确认"),
    "reviewed before it was written": (head("support", "req_confirm", review_date=EARLY), "P556", "需求确认"),
    "confirmed after the show": (row("support", "demos", confirmed=LATE), "P556", "演示与试用"),
    "installed after the show": (row("support", "demos", installed=LATE), "P556", "演示与试用"),
    "tried by who installed it": (row("support", "demos", tried_by="E203"), "P556", "演示与试用"),
    "reported before the service ended": (row("support", "support_result", report_date=EARLY), "P556", "售前服务报告"),
    "another unit than in the list of materials": (row("bids", "quotation", unit="箱"), "P556", "报价清单"),
    "quoted after the bid": (head("bids", "quotation", date=LATE), "P556", "报价清单"),
    "finance after the bid": (head("bids", "quotation", finance_date=LATE), "P556", "报价清单"),
    "a kick-off of which there is no memo": (head("bids", "work_order", kickoff="HY-09"), "X241", "工程施工任务书"),
    "a quotation that ends before the bid": (head("bids", "quotation", validity_days=D(1)), "P556", "报价清单"),
    "confirmed before it was explained": (
        head("bids", "customer_confirm", confirmed_date=EARLY),
        "P556",
        "方案讲解与确认",
    ),
    "opened before the deadline": (head("bids", "bid_opening", opened=datetime(2026, 7, 1, 9)), "P556", "开标记录"),
    "work before it was ordered": (row("bids", "work_plan", start=EARLY), "P556", "施工进度计划"),
    "needs to be reviewed again": (head("support", "req_confirm", review_result="补充后再审"), "P557", "需求确认"),
    "a design that failed": (head("support", "design_review", conclusion="不通过"), "P557", "设计评审"),
    "a bid that the review refused": (head("bids", "final_review", conclusion="不同意"), "P557", "结案评审"),
    "signed though not accepted": (head("bids", "customer_confirm", result="不接受"), "P557", "方案讲解与确认"),
    "asked by an engineer": (row("support", "requests", initiator="E303"), "W204", "服务请求"),
    "countersigned by an engineer": (row("support", "support_result", cosigner="E203"), "W204", "售前服务报告"),
    "a plan countersigned by an engineer": (row("support", "support_plan", cosigner="E203"), "W204", "售前服务计划"),
    "an engineer for finance": (head("bids", "quotation", finance_by="E203"), "W204", "报价清单"),
    "not for the library, with its codes": (recorded("closing", "head", to_library="否"), "P557", "验收与结束"),
    "to get better before it was a problem": (row("support", "customer_issues", improve_due=EARLY), "P537", "客户问题"),
    "cost from sales": (head("bids", "quotation", cost_by="E103"), "W204", "报价清单"),
    "a price of the buyers": (head("bids", "quotation", price_by="E502"), "W204", "报价清单"),
}
PASSES: dict[str, list[Edit]] = {
    "as it is": [],
    "asked, received and given out at once": [
        row(
            *("support", "requests"),
            request_time=datetime(2026, 6, 8, 9),
            receive_time=datetime(2026, 6, 8, 9),
            assign_time=datetime(2026, 6, 8, 9),
        )
    ],
    "opened at the deadline": [head("bids", "bid_opening", opened=datetime(2026, 7, 14, 9, 30))],
    "nothing filled yet": [
        head("support", "req_confirm", customer_date=None, customer_name=None, review_date=None, reviewer=None),
        head("bids", "customer_confirm", confirmed_date=None),
    ],
    "a service that is not in the list of materials": [row("bids", "quotation", source=None, unit="项")],
    "not seen by finance": [head("bids", "quotation", finance_by=None, finance_date=None)],
    "seen by the CFO": [head("bids", "quotation", finance_by="E004")],
    "a company without a department of finance": [no_finance, head("bids", "quotation", finance_by="E203")],
    "to get better at once": [row("support", "customer_issues", improve_due=date(2026, 7, 6))],
    "a kick-off with its memo": [head("bids", "work_order", kickoff="HY-01")],
    "a quotation of the next round": [head("bids", "quotation", round=D(2), date=LATE, validity_days=D(1))],
    "refused, and no bid handed in": [
        head("bids", "final_review", conclusion="不同意"),
        recorded("bidding", "head", submit_time=None),
    ],
    "a deputy of the head of sales countersigns": [row("support", "support_result", cosigner="E101")],
}


@pytest.mark.parametrize("name", FIRES)
def test_it_is_said_on_the_sheet(name: str) -> None:
    edit, rule, sheet = FIRES[name]
    assert [(at.partition("!")[0], code) for at, code in table(found(edit))] == [(sheet, rule)]


def test_finance_by_who_quotes_is_no_second_pair_of_eyes() -> None:
    """P556, W204."""
    same = found(head("bids", "quotation", finance_by="E103"))
    assert sorted(one.rule.code for one in same) == ["P556", "W204"]


@pytest.mark.parametrize("name", PASSES)
def test_nothing_is_said_of_what_is_right(name: str) -> None:
    assert table(found(*PASSES[name])) == set()


@pytest.mark.parametrize(
    ("name", "other"), [("opened before the deadline", "洽谈投标!C10"), ("a design that failed", "方案审批!C17")]
)
def test_the_other_cell_is_named(name: str, other: str) -> None:
    """P556, P557."""
    (one,) = found(FIRES[name][0])
    assert cells(one) == {other}


@pytest.mark.parametrize(
    ("edit", "cell"),
    [
        (head("support", "req_confirm", customer_date=date(2027, 3, 1)), "需求确认"),
        (row("support", "requests", receive_time=datetime(2027, 3, 1, 9)), "服务请求"),
        (head("bids", "bid_check", checked_on=date(2027, 3, 1)), "投标审查"),
        (row("bids", "negotiations", date=date(2026, 11, 24)), "谈判记录"),
    ],
)
def test_what_has_happened_does_not_lie_ahead(edit: Edit, cell: str) -> None:
    """F025."""
    found = [one for one in found_by(dates.CHECKS, followed(voluntary_case(), [edit])) if one.rule.code == "F025"]
    assert [one.at.sheet for one in found] == [cell]


def test_a_topic_negotiated_today_has_happened() -> None:
    """F025, the neighbour of a day that lies ahead."""
    case = voluntary_case()
    today = followed(case, [row("bids", "negotiations", date=case.as_of)])
    assert [one for one in found_by(dates.CHECKS, today) if one.rule.code == "F025"] == []


def test_a_demonstration_may_be_planned() -> None:
    ahead = followed(voluntary_case(), [row("support", "demos", date=date(2027, 3, 1))])
    assert [one for one in found_by(dates.CHECKS, ahead) if one.rule.code == "F025"] == []
