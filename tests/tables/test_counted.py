"""The figures over all projects as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from pipeline.core.entries import SECRET, Bid
from pipeline.tables.counted import MEASURES
from pipeline.tables.frames import frames
from pipeline.tables.told import Source, Told, Wish
from tests.made_projects import at, company
from tests.tables.told import source, told


def won(number: int, result: str, secrecy: str = "内部") -> Told:
    return told(number, bid=Bid(result, date(2026, 3, 31), at("x", "C1")), secrecy=secrecy)


def counted(given: Source, wish: Wish | None = None) -> dict[tuple[str, str], str]:
    rows = frames(given, wish or Wish())[MEASURES].to_dict("records")
    return {(row["kind"], row["name"]): row["basis"] for row in rows}


def given(*projects: Told) -> Source:
    return replace(source(*projects), company=company())


def test_the_figures_are_those_of_the_exported_projects_alone() -> None:
    quarter = ("命中率（季度）", "2026年第1季度")
    projects = given(won(1, "中标"), won(2, "未中标", SECRET))
    assert counted(projects)[quarter] == "1/1"
    assert counted(projects, Wish(secret=True))[quarter] == "1/2"


def test_what_is_money_or_tells_of_it_comes_only_with_amounts() -> None:
    kinds = {"命中率（合同额）", "未中标项目的费用（元）"}
    plain, priced = ({kind for kind, _ in counted(given(won(1, "未中标")), Wish(amounts=a))} for a in (False, True))
    assert priced - plain == kinds


def test_without_workbook_00_nothing_is_counted() -> None:
    assert counted(source(won(1, "中标"))) == {}
