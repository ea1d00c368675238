"""Competitors that were met when bids were opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from zipfile import ZipFile

from pipeline.core.entries import Bid, Bidder
from pipeline.core.facts import Facts
from pipeline.definitions.documents import load_documents
from pipeline.derive.achieved import achieved
from pipeline.derive.competitors import competitors
from tests.cases import ROOT, voluntary_case
from tests.made_projects import at, company, made

X, DAY = at("x", "C1"), date(2026, 7, 14)
US = "北京澜屿网络系统工程股份有限公司(虚构)"


def bidder(name: str, price: str = "", result: str = "") -> Bidder:
    return Bidder(name, name == US, DAY, Decimal(price) if price else None, None, result, X)


def opened(number: int, *bidders: Bidder, result: str = "") -> Facts:
    return made(number, bidders=bidders, bid=Bid(result, DAY, X) if result else None)


def told(*projects: Facts) -> list[tuple[str, str, str]]:
    return [(one.name, one.value, one.basis) for one in competitors(projects, company())]


def test_the_dormitory_met_two_and_won() -> None:
    # 905,000 against our 920,000 is 1.6 per cent less, 948,000 is 3.0 per cent more
    case = voluntary_case()
    met = "遇到 1 次，对方中标 0 次，我方中标 1 次"
    assert [(one.name, one.value, one.basis) for one in competitors([case.facts], case.company)] == [
        ("宁川智联科技有限公司(虚构)", met, "开标价比我方高 3.0%（1 次）"),
        ("江城信合网络有限公司(虚构)", met, "开标价比我方低 1.6%（1 次）"),
    ]
    first = case.facts.entries.bidders[1]
    assert (first.opened, first.price, first.rank, first.at.cell) == (DAY, Decimal(905000), Decimal(2), "A14")


def test_meetings_add_up_whatever_the_brackets_and_blanks_of_the_name() -> None:
    # 110 against 100 is +10 per cent, 80 against 100 is -20: -5 on average; of the third no price was read out
    projects = (
        opened(1, bidder(US, "100", "中标"), bidder("江城信合（华东）", "110", "未中标")),
        opened(2, bidder(US, "100"), bidder("江城 信合(华东)", "80", "成交"), result="未成交"),
        opened(3, bidder(US, "", "未中标"), bidder("江城信合(华东)", "90", ""), bidder("宁川", "", "中标")),
    )
    assert told(*projects) == [
        ("江城信合（华东）", "遇到 3 次，对方中标 1 次，我方中标 1 次", "开标价平均比我方低 5.0%（2 次）"),
        ("宁川", "遇到 1 次，对方中标 1 次，我方中标 0 次", "没有可比的开标价"),
    ]


def test_an_opening_without_a_line_of_ours_goes_by_the_result_of_workbook_06() -> None:
    one = opened(1, bidder("宁川", "100", "未中标"), result="中标")
    assert told(one) == [("宁川", "遇到 1 次，对方中标 0 次，我方中标 1 次", "没有可比的开标价")]
    equal = opened(2, bidder(US, "100"), bidder("宁川", "100"))
    assert told(equal)[0][2] == "开标价与我方相同（1 次）"
    assert told(made(3)) == []


def test_whom_workbook_09_does_not_know_is_told_and_a_secret_project_is_not() -> None:
    case = voluntary_case()
    new = replace(case.facts, entries=replace(case.facts.entries, bidders=(bidder("新来的", "1"),)))
    (found,) = competitors([new], case.company)
    assert found.basis == "没有可比的开标价；09 竞争对手里没有"
    assert [one for one in achieved([new], case.company, (), ()) if one.kind.startswith("竞争对手")] == []


def test_no_paper_for_the_customer_can_print_what_is_counted_over_all_projects() -> None:
    papers = [one for one in load_documents().values() if one.audience == "customer"]
    assert papers
    for one in papers:
        with ZipFile(ROOT / "output_templates" / f"{one.code}.docx") as docx:
            assert b"portfolio." not in docx.read("word/document.xml")
