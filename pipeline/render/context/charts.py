"""Charts of a document: the data of each from the facts, its words, and the drawing, made only when it is printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pipeline.core.leaves import Shown
from pipeline.core.sheets import Record
from pipeline.render.charts import bars as charts_bars
from pipeline.render.charts import data as chart_data
from pipeline.render.charts import influence as charts_map
from pipeline.render.charts import schedule as charts
from pipeline.render.charts import time as charts_time
from pipeline.render.charts import tree as charts_tree
from pipeline.render.charts.cache import drawn
from pipeline.render.charts.flow import flow_alt, flow_of, flowchart
from pipeline.render.context.shown import Node, Source

LAST = 19  # F1 to F14 of domain E.4, those that E.1 wants beside them, F19 of a sibling procedure
CHARTS = frozenset(f"F{number}" for number in range(1, LAST + 1))
OURS = frozenset({"F19"})  # no paper for the customer has them
_MOST_WORDS = 16  # rows that the words of a chart tell; the table beside it has all


@dataclass(frozen=True)
class Picture:
    """A drawing to be made, what it shows in words, and all that it depends on (None: it does not tell)."""

    png: Callable[[], bytes]
    alt: str
    data: object = None


@dataclass(frozen=True)
class ChartKind:
    """A chart of bars or points: its data, how they are drawn, and its title for those who cannot see it."""

    title: str
    data: Callable[[Source], Sequence[Any]]
    draw: Callable[[Sequence[Any]], bytes]


_SCOPES = ("售前", "工程（测算）")
_problems = partial(charts_bars.stacked, legends=("已解决", "接受风险", "未解决"), unit="个")
_costs = partial(charts_bars.stacked, legends=_SCOPES, unit="万元")
_margins = partial(charts_bars.waterfall, unit="万元（不含税）")
_KINDS: Mapping[str, ChartKind] = {
    "F4": ChartKind("费用构成（万元）", chart_data.accounts, _costs),
    "F6": ChartKind("部门人天", chart_data.departments, partial(charts_bars.stacked, legends=_SCOPES, unit="人天")),
    "F8": ChartKind("物资ABC分析（万元）", chart_data.materials, partial(charts_bars.pareto, unit="万元")),
    "F10": ChartKind("不明确项随时间减少", chart_data.unclear, charts_time.burn_down),
    "F11": ChartKind("评审问题关闭情况", chart_data.problems, _problems),
    "F12": ChartKind("毛利构成（万元，不含税）", chart_data.margin, _margins),
    "F14": ChartKind("设备占用时间", chart_data.equipment, charts_time.spans),
    "F15": ChartKind("物资类别占比", chart_data.categories, partial(charts_bars.stacked, legends=(), unit="万元")),
    "F16": ChartKind("物资到货时间轴", chart_data.arrivals, charts_time.moments),
    "F17": ChartKind("测试通过情况", chart_data.tests, partial(charts_bars.stacked, legends=(), unit="项")),
}


def pictures(source: Source, wanted: frozenset[str] = CHARTS) -> Node:
    """Charts of a project; empty where there is nothing to draw, or where it is not wanted."""
    found: Node = {key: Shown(name=f"charts.{key}") for key in sorted(CHARTS)}
    makers: Mapping[str, Callable[[Source], Picture | None]] = {
        "F1": _flow,
        "F2": _organisation,
        "F3": lambda seen: _gantt(seen, chart_data.bars(seen)),
        "F5": _monthly,
        "F7": _load,
        "F9": _rates,
        "F19": _influence,
        "F13": lambda seen: _compared(seen, chart_data.closing(seen)),
        **{key: partial(_of_kind, key=key, kind=kind) for key, kind in _KINDS.items()},
    }
    made = {key: make(source) for key, make in makers.items() if key in wanted}
    return found | {key: picture for key, picture in made.items() if picture}


def row_pictures(source: Source, per: str, row: Record) -> Node:
    """Charts of a document of one row: a report shows the project as of its period, a change its own baseline."""
    found: Mapping[str, Picture | None] = {}
    if per == "records.reports":
        end, rows = chart_data.period_of(row), chart_data.report(source, row)
        found = {"F3": _gantt(source, chart_data.bars(source, end), end), "F13": _compared(source, rows)}
    elif per == "records.changes":
        steps = chart_data.baseline(source, row)
        draw = partial(charts_bars.waterfall, unit="万元")
        found = {"F18": _picture(source, "F18", steps, partial(draw, steps), _words("费用基线对比（万元）", steps))}
    return {key: picture for key, picture in found.items() if picture}


def _picture(source: Source, key: str, data: Any, draw: Callable[[], bytes], alt: str) -> Picture | None:
    return Picture(partial(drawn, key, data, draw, source.cache), alt, (key, data)) if data else None


def _of_kind(source: Source, key: str, kind: ChartKind) -> Picture | None:
    rows = kind.data(source)
    return _picture(source, key, rows, partial(kind.draw, rows), _words(kind.title, rows))


def _words(title: str, rows: Sequence[Any]) -> str:
    """Title, then every row with the figure that stands beside it."""
    told = [f"{_name(row)}{row.text}" for row in rows[:_MOST_WORDS]]
    more = f"；另有{len(rows) - _MOST_WORDS}项" if len(rows) > _MOST_WORDS else ""
    return f"{title}：{'；'.join(told)}{more}。"


def _name(row: Any) -> str:
    """What a row is called in words: its name, or its day where it has none."""
    return f"{row.name} " if hasattr(row, "name") else f"{row.day} "


def _flow(source: Source) -> Picture:
    flow = flow_of(source.facts.steps, source.view)
    draw = partial(drawn, "F1", flow, partial(flowchart, flow), source.cache)
    return Picture(draw, flow_alt(flow), ("F1", flow))


def _organisation(source: Source) -> Picture | None:
    members = chart_data.members(source)
    draw = partial(charts_tree.organisation, members)
    return _picture(source, "F2", members, draw, charts_tree.tree_alt(members))


def _influence(source: Source) -> Picture | None:
    people = chart_data.stakeholders(source)
    return _picture(source, "F19", people, partial(charts_map.influence, people), charts_map.influence_alt(people))


def _gantt(source: Source, bars: Sequence[charts.Bar], day: Any = None) -> Picture | None:
    as_of = day or source.facts.as_of
    line = "期末" if day else "编制日" if source.view.planned else "今日"
    data = (tuple(bars), as_of, tuple(source.company.calendar.holidays()), line)
    return _picture(source, "F3", bars and data, partial(charts.gantt, *data), charts.gantt_alt(bars, as_of))


def _monthly(source: Source) -> Picture | None:
    months = chart_data.months(source)
    return _picture(source, "F5", months, partial(charts.monthly_cost, months), charts.monthly_cost_alt(months))


def _load(source: Source) -> Picture | None:
    weeks, names, shares = chart_data.loads(source)
    draw = partial(charts_time.heat_map, names, weeks, shares)
    peaks = [f"{name}最高{max(line):.0f}%" for name, line in zip(names, shares, strict=True)]
    over = sum(1 for line in shares for share in line if share > charts_time.FULL)
    words = f"人员周负荷：{len(names)}人，{len(weeks)}周；{'；'.join(peaks)}；超过100%的{over}人周。"
    return _picture(source, "F7", names and (weeks, names, shares), draw, words)


def _rates(source: Source) -> Picture | None:
    rows, texts = chart_data.rates(source)
    draw = partial(charts_bars.side_by_side, rows, ("完整率", "明确率"), texts, "%")
    told = [f"{row.name} {'、'.join(text)}" for row, text in zip(rows, texts, strict=True)]
    return _picture(source, "F9", rows and (rows, texts), draw, f"调查完整率和明确率：{'；'.join(told)}。")


def _compared(source: Source, rows: Sequence[charts_bars.BarRow]) -> Picture | None:
    texts = [row.text.split("|") for row in rows]
    draw = partial(charts_bars.side_by_side, rows, ("计划", "实际"), texts, "占计划的%")
    told = [f"{row.name} 计划{plan}，实际{actual}" for row, (plan, actual) in zip(rows, texts, strict=True)]
    return _picture(source, "F13", (rows, texts) if rows else (), draw, f"计划与实际：{'；'.join(told)}。")
