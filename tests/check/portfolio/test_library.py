"""What the night says of the company's library."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pipeline.check.portfolio.rules import judge_portfolio
from pipeline.core.company import Company
from pipeline.definitions.catalogue import load_catalogue
from tests.cases import voluntary_case


def said(company: Company, as_of: date) -> list[tuple[str, str, str]]:
    found = judge_portfolio([], company, load_catalogue(), as_of)
    return [(one.rule.code, str(one.at), one.message()) for one in found]


def test_entries_that_nobody_reviewed_are_one_finding_at_the_oldest() -> None:
    company = voluntary_case().company
    (one,) = said(company, date(2027, 2, 1))
    assert one[:2] == ("P525", "[09_资源库.xlsx]资源目录!H8")
    assert "园区有线网络标准方案、投标文件编制规范" in one[2]


def test_on_its_day_an_entry_is_not_late() -> None:
    assert said(voluntary_case().company, date(2026, 12, 31)) == []


def test_a_company_without_a_library_hears_nothing() -> None:
    assert said(replace(voluntary_case().company, others={}), date(2027, 2, 1)) == []


def test_a_library_that_cannot_be_read_is_told_once() -> None:
    company = replace(voluntary_case().company, others={}, unread={"09_资源库.xlsx": ("坏了", "broken")})
    (one,) = said(company, date(2026, 11, 23))
    assert one[:2] == ("P533", "[09_资源库.xlsx]")
