"""The daily report as a workbook: every list in full, to filter and count on; texts are texts, never formulas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter

from pipeline.adapters.xlsx_tables import BASE, OPTIONS, Cell, Column, Table, Tables
from pipeline.core.findings import SEVERITIES, Severity
from pipeline.core.money import half_up, plain
from pipeline.core.portfolio import Advance, Line, Load, Portfolio, projects_of, shade
from pipeline.core.stages import Stage
from pipeline.render.context.check import place_text
from pipeline.render.context.portfolio import VERDICTS, shown_name
from pipeline.render.marked.sheet import row_height

_SHADES = ("#FFFFFF", "#E3EEFA", "#C4DBF3", "#93BDE8", "#5C94D6", "#B3261E")
_FILLS = {"项目数": "#A9C6E8", "次数": "#E3A29B", "已签合同额": "#A9C6E8", "计划签订": "#FFFFFF", "计划费用": "#D9D9D9"}


def batch_workbook(portfolio: Portfolio, target: Path) -> None:
    """Write the workbook; the same portfolio gives the same bytes."""
    with xlsxwriter.Workbook(str(target), OPTIONS) as book:
        book.set_properties(
            {"title": "批次日报", "created": datetime.combine(portfolio.as_of, time(), UTC).replace(tzinfo=None)}
        )
        written, shades = Tables(book), _shades(book)
        projects, *others = tables(portfolio)
        written.add(projects, row_height)
        sheets = [(written.add(table, row_height), bool(table.rows)) for table in others]
        for name, loads in (("人员周负荷", portfolio.people), ("设备占用", portfolio.equipment)):
            sheets.append((_heat(written, shades, name, loads, portfolio.weeks), bool(loads)))
        for sheet, filled in sheets:
            if not filled:
                sheet.hide()  # a sheet that holds nothing would be a printed page that is nothing but its head
        _charts(book, portfolio)


def _shades(book: Any) -> list[Any]:
    """Formats of the heat maps by how full a week is."""
    white, over = "#FFFFFF", len(_SHADES) - 1
    return [
        book.add_format(
            {**BASE, "align": "center", "bg_color": color, "font_color": white if level == over else "#000000"}
        )
        for level, color in enumerate(_SHADES)
    ]


# -- lists -----------------------------------------------------------------------------------------------------------


def tables(portfolio: Portfolio) -> list[Table]:
    """Every list of the portfolio, whole."""
    return [
        _projects(portfolio),
        _waiting(portfolio),
        _shared(portfolio),
        _late(portfolio),
        _expiring(portfolio),
        _rules(portfolio),
        _months(portfolio),
        _returned(portfolio),
        _measures(portfolio),
        *([_stages(portfolio)] if portfolio.advances else []),
    ]


def _texts(*labels: str, width: int = 16) -> tuple[Column, ...]:
    return tuple(Column(label, width=width) for label in labels)


def _projects(portfolio: Portfolio) -> Table:
    numbers = (Column("错误", "int", 7), Column("警告", "int", 7), Column("未到期", "int", 7), Column("还缺", "int", 7))
    columns = (
        Column("编号", width=19),
        Column("项目名称", width=40),
        Column("客户", width=24),
        *_texts("类别", "状态", width=11),
        Column("合同额（元）", "money", 17),
        Column("计划总费用（元）", "money", 17),
        Column("结论", width=9),
        *numbers,
        Column("下一关口", width=26),
        Column("等谁签字", width=28),
        Column("项目经理", width=10),
        Column("当前阶段", width=34),
        Column("变化", width=7),
        Column("运行失败的原因", width=30),
    )
    return Table("项目一览", columns, [_project(line) for line in portfolio.lines])


def _project(line: Line) -> list[Cell]:
    waits = "、".join(dict.fromkeys(one.person or one.role for one in line.awaited))
    return [
        line.code,
        shown_name(line),
        line.customer,
        line.project_class,
        line.state,
        line.amount,
        line.cost,
        "运行失败" if line.failure else VERDICTS[line.status],
        line.errors,
        line.warnings,
        line.pending,
        len(line.missing),
        line.next_gate,
        waits,
        line.pm,
        line.stage,
        line.change,
        line.failure,
    ]


def _waiting(portfolio: Portfolio) -> Table:
    columns = (
        *_texts("签字人", "身份"),
        Column("记录", width=34),
        Column("编号", width=19),
        Column("项目名称", width=40),
    )
    rows: list[Sequence[Cell]] = [
        (one.person, one.role, one.what, line.code, line.name) for line in portfolio.lines for one in line.awaited
    ]
    return Table("等谁签字", columns, sorted(rows, key=lambda row: [str(cell) for cell in row]))


def _shared(portfolio: Portfolio) -> Table:
    columns = (
        Column("级别", width=7),
        Column("规则", width=8),
        Column("说明", width=60),
        Column("位置", width=40),
        Column("涉及项目", width=36),
        Column("处理办法", width=30),
    )
    rows = [
        (SEVERITIES[f.rule.severity], f.rule.code, f.message(), place_text(f.at), "、".join(projects_of(f)), f.remedy())
        for f in (finding.printed() for finding in portfolio.findings)
    ]
    return Table("跨项目问题", columns, rows)


def _late(portfolio: Portfolio) -> Table:
    columns = (
        Column("编号", width=19),
        *_texts("类别", "事项编号", width=12),
        Column("内容", width=50),
        Column("责任人"),
        Column("期限", "date"),
        Column("逾期（天）", "int"),
        Column("状态"),
    )
    rows = [(one.code, one.kind, one.no, one.text, one.owner, one.due, one.days, one.status) for one in portfolio.late]
    return Table("逾期事项", columns, rows)


def _expiring(portfolio: Portfolio) -> Table:
    columns = (
        Column("编号", width=19),
        Column("项目名称", width=40),
        Column("归档日期", "date"),
        Column("保存至", "date"),
        Column("剩余（天）", "int"),
    )
    rows = [(one.code, one.name, one.archived, one.until, one.days) for one in portfolio.expiring]
    return Table("到期档案", columns, rows)


def _rules(portfolio: Portfolio) -> Table:
    columns = (
        Column("规则", width=8),
        Column("处理办法", width=60),
        Column("级别", width=8),
        Column("次数", "int"),
        Column("项目数", "int"),
    )
    rows = [(one.code, one.text, SEVERITIES[Severity(one.severity)], one.hits, one.projects) for one in portfolio.rules]
    return Table("规则次数", columns, rows)


def _months(portfolio: Portfolio) -> Table:
    columns = (
        Column("月份"),
        *(Column(label, "money", 18) for label in ("已签合同额（元）", "计划签订（元）", "计划费用（元）")),
    )
    return Table("月度金额", columns, [(one.month, one.signed, one.planned, one.cost) for one in portfolio.months])


def _measures(portfolio: Portfolio) -> Table:
    columns = (*_texts("指标", "对象", "数值", width=24), Column("依据", width=34))
    return Table("指标", columns, [(one.kind, one.name, one.value, one.basis) for one in portfolio.measures])


def _stages(portfolio: Portfolio) -> Table:
    """Every stage of every procedure, of the projects that keep a workbook of them."""
    columns = (
        Column("编号", width=19),
        Column("项目名称", width=40),
        *_texts("流程", "序号", "阶段", "进展", width=14),
        Column("开始", "date"),
        Column("结束", "date"),
        Column("用时", width=9),
        Column("时限", width=9),
        Column("按时", width=7),
    )
    rows = [
        _stage_row(one, model.title, stage)
        for one in portfolio.advances
        for model in one.models
        for stage in model.stages
    ]
    return Table("各流程阶段", columns, rows)


_KEPT = {True: "是", False: "否", None: ""}


def _stage_row(one: Advance, model: str, stage: Stage) -> list[Cell]:
    begun, ended = (mark.value if mark else None for mark in (stage.begun, stage.ended))
    taken, limit = (
        f"{plain(half_up(value, 2))}{stage.unit}" if value is not None else "" for value in (stage.taken, stage.limit)
    )
    return [
        one.code,
        one.name,
        model,
        stage.no,
        stage.name,
        stage.state,
        begun,
        ended,
        taken,
        limit,
        _KEPT[stage.in_time],
    ]


def _returned(portfolio: Portfolio) -> Table:
    columns = (Column("时间", width=19), Column("部门"), Column("文件", width=40), Column("原因与处理", width=60))
    rows = [
        (f"{one.at.astimezone():%Y-%m-%d %H:%M}", one.department, one.name, one.reason)
        for one in portfolio.night.returned
    ]
    return Table("退回文件", columns, rows)


# -- loads and charts --------------------------------------------------------------------------------------------------


def _heat(written: Tables, shades: Sequence[Any], name: str, loads: Iterable[Load], weeks: Sequence[date]) -> Any:
    """Loads by week on a sheet, which it returns; each cell is the fullest day, shaded by how full it is."""
    weekly = (Column(f"{monday:%m-%d}", width=7) for monday in weeks)
    sheet = written.sheet(name, (*_texts("编号", "名称", "部门"), Column("可用", width=7), *weekly))
    for row, load in enumerate(loads, 1):
        for column, value in enumerate((load.key, load.name, load.group)):
            written.cell(sheet, row, column, value, written.kinds["text"])
        written.cell(sheet, row, 3, load.most, written.kinds["int"])
        for column, week in enumerate(load.weeks, 4):
            written.cell(sheet, row, column, week.peak or None, shades[shade(week, load)])
    return sheet


def _charts(book: Any, portfolio: Portfolio) -> None:
    """Charts that follow the sheets: states, rules, contracts and costs by month."""
    sheet = book.add_worksheet("图")
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
    states = book.add_worksheet("状态")
    states.set_column(0, 0, 14)
    states.write_row(0, 0, ("状态", "项目数"))
    for row, (name, count) in enumerate(portfolio.states, 1):
        states.write_string(row, 0, name)
        states.write_number(row, 1, count)
    drawn: tuple[tuple[str, str, int, tuple[tuple[str, str, int, int], ...]], ...] = (
        ("项目状态分布", "bar", len(portfolio.states), (("项目数", "状态", 0, 1),)),
        ("错误和警告最多的规则", "bar", min(len(portfolio.rules), 10), (("次数", "规则次数", 0, 3),)),
        (
            "月度合同额和费用（元）",
            "column",
            len(portfolio.months),
            tuple(
                (label, "月度金额", 0, column) for column, label in enumerate(("已签合同额", "计划签订", "计划费用"), 1)
            ),
        ),
    )
    for place, (title, kind, count, series) in enumerate(row for row in drawn if row[2]):
        sheet.insert_chart(place * 20, 0, _chart(book, title, kind, count, series))


def _chart(book: Any, title: str, kind: str, count: int, series: Sequence[tuple[str, str, int, int]]) -> Any:
    chart = book.add_chart({"type": kind})
    for name, sheet, labels, values in series:
        ranges = {"categories": [sheet, 1, labels, count, labels], "values": [sheet, 1, values, count, values]}
        fill = {"fill": {"color": _FILLS[name]}, "border": {"color": "#333333"}}
        chart.add_series({"name": name, **ranges, **fill, "data_labels": {"value": kind == "bar"}, "gap": 60})
    chart.set_title({"name": title, "name_font": {"size": 12}, "overlay": False})
    chart.set_size({"width": 900, "height": 380})
    grid = {"visible": True, "line": {"color": "#D0D0D0", "width": 0.5}}
    if kind == "bar":  # the first name on top, and yet the numbers below
        chart.set_y_axis({"reverse": True, "crossing": "max"})
        chart.set_x_axis({"num_format": "0", "major_gridlines": grid})
    else:
        chart.set_y_axis({"num_format": "#,##0", "major_gridlines": grid})
    chart.set_legend({"none": True} if len(series) == 1 else {"position": "bottom"})
    return chart
