from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.core.places import Place, Sourced
from pipeline.core.portfolio import Portfolio
from pipeline.core.stages import Coverage, Stage
from pipeline.render.daily.workbook import batch_workbook
from tests.cases import AS_OF
from tests.made_portfolio import archive, many, remembered, surveyed
from tests.made_projects import due, made

EVIL = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", '=HYPERLINK("http://x","y")', "http://x.example/", "{=1}", "1E5")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("report") / "批次日报.xlsx"
    batch_workbook(surveyed([*many(70), archive(900, "2027-01-31")]), path)
    return openpyxl.load_workbook(path)


def rows(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(min_row=2, values_only=True))


def test_every_list_has_its_sheet_and_its_rows(book: Any) -> None:
    assert book.sheetnames == [
        *(
            "项目一览",
            "等谁签字",
            "跨项目问题",
            "逾期事项",
            "到期档案",
            "规则次数",
            "月度金额",
            "退回文件",
            "指标",
            "人员周负荷",
            "设备占用",
        ),
        *("图", "状态"),
    ]
    portfolio = surveyed([*many(70), archive(900, "2027-01-31")])
    assert [row[0] for row in rows(book["项目一览"])] == [line.code for line in portfolio.lines]
    assert len(rows(book["等谁签字"])) == sum(len(line.awaited) for line in portfolio.lines)
    assert len(rows(book["跨项目问题"])) == len(portfolio.findings)
    assert [row[0] for row in rows(book["到期档案"])] == ["LY-SQ-2026-900"]
    assert len(rows(book["人员周负荷"])) == len(portfolio.people)


def test_amounts_are_numbers_and_days_are_days(book: Any) -> None:
    first = rows(book["项目一览"])[0]
    assert (first[5], first[6]) == (6400000, 5186545.4)
    assert book["项目一览"]["F2"].number_format == "#,##0.00"
    assert rows(book["逾期事项"])[0][5].date() < AS_OF


def test_secret_projects_are_a_code(book: Any) -> None:
    secret = next(row for row in rows(book["项目一览"]) if row[0] == "LY-SQ-2026-102")
    assert secret[1] == "（秘密项目）"
    assert [secret[column] for column in (2, 3, 5, 6, 12, 13, 14)] == [None] * 7


def test_more_than_there_is_is_red(book: Any) -> None:
    red = [
        cell
        for row in book["设备占用"].iter_rows(min_row=2, min_col=5)
        for cell in row
        if cell.fill.fgColor.rgb == "FFB3261E"
    ]
    assert red
    assert all(cell.value > book["设备占用"].cell(cell.row, 4).value for cell in red)


def test_charts_point_at_the_lists(book: Any) -> None:
    assert len(book["图"]._charts) == 3


@pytest.mark.parametrize("text", EVIL)
def test_a_text_is_a_text_whatever_it_begins_with(text: str, tmp_path: Path) -> None:
    facts = replace(
        made(1, customer=text, dues=(replace(due("D7", "2026-11-01"), text=text, owner=text),)),
        name=text,
        next_gate=text,
    )
    path = tmp_path / "x.xlsx"
    batch_workbook(surveyed([remembered(facts, failure=text)], quiet=True), path)
    read = openpyxl.load_workbook(path)
    found = [cell for sheet in read for row in sheet.iter_rows() for cell in row if cell.value == text]
    assert len(found) >= 5
    assert {cell.data_type for cell in found} == {"s"}
    assert all(cell.hyperlink is None for cell in found)
    with zipfile.ZipFile(path) as package:
        assert not any(b"<f>" in package.read(name) for name in package.namelist() if name.startswith("xl/worksheets/"))


def test_the_same_portfolio_gives_the_same_bytes_and_an_empty_one_a_workbook(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        batch_workbook(surveyed([remembered(made(1))], quiet=True), tmp_path / name)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    batch_workbook(Portfolio(AS_OF), tmp_path / "empty.xlsx")
    assert openpyxl.load_workbook(tmp_path / "empty.xlsx").sheetnames[0] == "项目一览"


def test_rows_are_as_high_as_their_texts(book: Any) -> None:
    """Not every program fits the rows when it opens a file."""
    sheet = book["跨项目问题"]
    heights = {len(row[2]): sheet.row_dimensions[number].height for number, row in enumerate(rows(sheet), 2)}
    assert heights[max(heights)] > 2 * heights[min(heights)]
    assert all(sheet.row_dimensions[number].height for number in range(2, sheet.max_row + 1))


def test_the_numbers_of_a_bar_chart_stand_below_it(book: Any) -> None:
    bars = [chart for chart in book["图"]._charts if chart.tagname == "barChart" and chart.barDir == "bar"]
    assert [(chart.x_axis.scaling.orientation, chart.y_axis.crosses) for chart in bars] == [("maxMin", "max")] * 2


def test_stages_stand_in_a_sheet_of_their_own_where_there_are_some(tmp_path: Path) -> None:
    days = [Sourced(date(2026, 6, number), Place("07.xlsx")) for number in (22, 22)]
    step = Stage("1", "接受服务单", False, *days, Decimal("0.6666666"), Decimal(1), "小时")
    model = Coverage("wbs", "实施步骤", (step, Stage("3", "原文缺失", absent=True)))
    batch_workbook(surveyed([remembered(replace(made(1), stages=(model,)))]), tmp_path / "x.xlsx")
    first, second = rows(openpyxl.load_workbook(tmp_path / "x.xlsx")["各流程阶段"])
    assert (*first[2:6], *first[8:]) == ("实施步骤", "1", "接受服务单", "已结束", "0.67小时", "1小时", "是")
    assert second[5:] == ("原文缺失", None, None, None, None, None)


def test_a_sheet_that_holds_nothing_is_not_printed(tmp_path: Path) -> None:
    """It is hidden and still there for those who read the workbook by its names."""
    path = tmp_path / "批次日报.xlsx"
    batch_workbook(surveyed(many(1)), path)
    book = openpyxl.load_workbook(path)
    lists = [sheet for sheet in book.worksheets if sheet.title not in {"项目一览", "图", "状态"}]
    assert {sheet.title: sheet.sheet_state for sheet in lists} == {
        sheet.title: "hidden" if sheet.max_row == 1 else "visible" for sheet in lists
    }
    assert "hidden" in {sheet.sheet_state for sheet in lists}
    assert book["项目一览"].sheet_state == "visible"
