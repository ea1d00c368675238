"""What the night says of the company's library."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.check.portfolio.rules import judge_portfolio
from pipeline.core.company import Company
from pipeline.core.sheets import Value
from pipeline.definitions.catalogue import load_catalogue
from tests.cases import voluntary_case
from tests.mastered import with_threshold


def said(company: Company, as_of: date) -> list[tuple[str, str, str]]:
    found = judge_portfolio([], company, load_catalogue(), as_of)
    return [(one.rule.code, str(one.at), one.message()) for one in found]


def test_entries_that_nobody_reviewed_are_one_finding_at_the_oldest() -> None:
    company = voluntary_case().company
    (one,) = (each for each in said(company, date(2027, 2, 1)) if each[0] == "P525")
    assert one[:2] == ("P525", "[09_资源库.xlsx]资源目录!H8")
    assert "园区有线网络标准方案、投标文件编制规范" in one[2]


def test_on_its_day_an_entry_is_not_late() -> None:
    found = said(voluntary_case().company, date(2026, 12, 31))
    assert "P525" not in {each[0] for each in found}


def test_a_company_without_a_library_hears_nothing() -> None:
    assert said(replace(voluntary_case().company, others={}), date(2027, 2, 1)) == []


def changed(sheet: str, number: int, **values: Value | None) -> Company:
    """The company after other values in one row of its library, by Excel's number."""
    company = voluntary_case().company
    book = company.others["library"]
    old = book.sheets[sheet]
    rows = tuple(
        replace(
            row,
            cells={**row.cells, **{k: replace(row.cell(k), value=v, shown=str(v or "")) for k, v in values.items()}},
        )
        if row.number == number
        else row
        for row in old.rows
    )
    sheets = {**book.sheets, sheet: replace(old, rows=rows)}
    return replace(company, others={"library": replace(book, sheets=sheets)})


def test_a_cell_of_the_library_holds_what_its_field_wants() -> None:
    """As in a project's workbook: a kind of the list, a person of workbook 00, and nothing of what is right."""
    first = voluntary_case().company.sheet("library", "library").rows[0]
    company = changed("library", first.number, kind="随便", owner="E999")
    found = {(code, at.rpartition("!")[2]) for code, at, _ in said(company, DAY)}
    assert found >= {("F011", f"B{first.number}"), ("F019", f"F{first.number}")}
    assert not {code for code, *_ in said(voluntary_case().company, DAY) if code.startswith("F")}


@pytest.mark.parametrize(("sheet", "key", "column"), [("library", "code", "A"), ("leads", "no", "A")])
def test_a_number_twice_is_told_at_the_later_row(sheet: str, key: str, column: str) -> None:
    """P558."""
    first = voluntary_case().company.sheet("library", sheet).rows[0]
    company = changed(sheet, first.number + 1, **{key: first.text(key)})
    (one,) = (each for each in judge_portfolio([], company, load_catalogue(), DAY) if each.rule.code == "P558")
    assert one.at.cell == f"{column}{first.number + 1}"
    assert [place.cell for place in one.related] == [f"{column}{first.number}"]


def test_numbers_that_differ_or_are_blank_are_no_second_ones() -> None:
    company = changed("leads", voluntary_case().company.sheet("library", "leads").rows[0].number, no=None)
    assert "P558" not in {each[0] for each in said(company, DAY)}


LEAD, DAY = 7, date(2026, 11, 23)


def test_a_lead_that_nobody_follows_is_told() -> None:
    (one,) = said(changed("leads", LEAD, last=date(2026, 10, 23), next_date=None), DAY)
    assert one[:2] == ("P526", f"[09_资源库.xlsx]线索!M{LEAD}")
    (one,) = said(changed("leads", LEAD, last=None, date=date(2026, 10, 1), next_date=date(2026, 11, 20)), DAY)
    assert one[:2] == ("P526", f"[09_资源库.xlsx]线索!B{LEAD}")


def test_how_long_a_lead_may_rest_stands_in_workbook_00() -> None:
    """P526."""
    company = changed("leads", LEAD, last=date(2026, 10, 23), next_date=None)
    assert said(with_threshold(company, "lead_days", "31"), DAY) == []
    assert said(with_threshold(company, "lead_days", "30"), DAY) != []


def test_a_second_lead_that_nobody_follows_is_named() -> None:
    """P526."""
    company = changed("leads", LEAD + 1, decision="跟进")
    (one,) = judge_portfolio([], company, load_catalogue(), date(2026, 12, 31))
    assert (one.rule.code, one.at.cell) == ("P526", f"M{LEAD + 1}")
    assert [place.cell for place in one.related] == [f"M{LEAD}"]


@pytest.mark.parametrize(
    "values",
    [
        {"last": date(2026, 10, 24), "next_date": None},
        {"last": date(2026, 1, 5), "next_date": DAY},
        {"last": date(2026, 1, 5), "next_date": None, "decision": "放弃", "reason": "没有预算"},
        {"last": date(2026, 1, 5), "next_date": None, "decision": "已立项", "project_code": "LY-SQ-2026-015"},
    ],
)
def test_a_lead_that_is_followed_given_up_or_a_project_is_not(values: dict[str, Value | None]) -> None:
    assert said(changed("leads", LEAD, **values), DAY) == []


def test_a_competitor_is_reviewed_too() -> None:
    (one,) = said(changed("competitors", 7, review_due=date(2026, 11, 1)), DAY)
    assert one[:2] == ("P525", "[09_资源库.xlsx]竞争对手!H7")


def test_what_a_training_used_is_in_the_library() -> None:
    (one,) = said(changed("training", 7, material="ZY-099"), DAY)
    assert one[:2] == ("P554", "[09_资源库.xlsx]培训!F7")
    assert said(changed("training", 7, material=None), DAY) == []


def test_a_library_that_cannot_be_read_is_told_once() -> None:
    company = replace(voluntary_case().company, others={}, unread={"09_资源库.xlsx": ("坏了", "broken")})
    (one,) = said(company, date(2026, 11, 23))
    assert one[:2] == ("P533", "[09_资源库.xlsx]")
