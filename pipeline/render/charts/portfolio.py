"""The figures of the daily report: projects by state, frequent rules, load of people by week, contracts by month.

Plain data in, bytes out, like `pipeline.render.charts.schedule`; what differs in colour also differs in hatch or in a
figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from pipeline.core.findings import Severity
from pipeline.core.money import plain, to_wan
from pipeline.core.portfolio import Advance, Load, MonthSum, RuleCount, shade
from pipeline.core.stages import ABSENT, AHEAD, ENDED, UNDER_WAY
from pipeline.render.charts.base import EDGE, GRID, PRESALES, SMALL, canvas, legend, nothing, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ERROR: dict[str, Any] = {"facecolor": "#e3a29b", "hatch": "xxxx"}
WARNING: dict[str, Any] = {"facecolor": "#f6dfa6", "hatch": "...."}
PLANNED: dict[str, Any] = {"facecolor": "white", "hatch": "////"}
COST: dict[str, Any] = {"facecolor": "#d9d9d9"}
MOST_PEOPLE = 24  # rows that fit a page beside the caption; the XLSX has everybody
# From nothing to full, then more than full; the figure stands in the cell, so that grey paper will do.
_SHADES = ("#ffffff", "#e3eefa", "#c4dbf3", "#93bde8", "#5c94d6", "#b3261e")
_LONGEST = 24  # characters beside a bar


def states_chart(states: Sequence[tuple[str, int]]) -> bytes:
    """Projects by state as a PNG, 156 mm wide at 200 dpi; the first state on top."""
    if not states:
        return nothing()
    with canvas(16 + 4.6 * len(states)) as (figure, axes):
        counts = [count for _, count in states]
        axes.barh(range(len(states)), counts, height=0.6, edgecolor=EDGE, linewidth=0.6, zorder=2, **PRESALES)
        _bars(axes, counts, [name for name, _ in states], "项目数")
        return png(figure)


def rules_chart(rules: Sequence[RuleCount]) -> bytes:
    """The most frequent rules as a PNG, 156 mm wide at 200 dpi; the first on top."""
    from matplotlib.patches import Patch

    if not rules:
        return nothing()
    with canvas(20 + 4.6 * len(rules)) as (figure, axes):
        looks = [ERROR if rule.severity == Severity.ERROR else WARNING for rule in rules]
        for row, (rule, look) in enumerate(zip(rules, looks, strict=True)):
            axes.barh(row, rule.hits, height=0.6, edgecolor=EDGE, linewidth=0.6, zorder=2, **look)
        _bars(axes, [rule.hits for rule in rules], [f"{rule.code} {_short(rule.text)}" for rule in rules], "次数")
        keys = [(ERROR, "错误"), (WARNING, "警告")]
        legend(
            figure, [Patch(edgecolor=EDGE, linewidth=0.6, label=name, **look) for look, name in keys if look in looks]
        )
        return png(figure)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def _bars(axes: Axes, counts: Sequence[int], names: Sequence[str], label: str) -> None:
    """Names beside the bars and the count at the end of each."""
    from matplotlib.ticker import MaxNLocator

    for row, count in enumerate(counts):
        axes.annotate(str(count), (count, row), xytext=(3, 0), textcoords="offset points", va="center", fontsize=SMALL)
    axes.set_yticks(range(len(names)), list(names))
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xlim(0, max(counts) * 1.08)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(label)
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)


def heat_chart(loads: Sequence[Load], weeks: Sequence[date]) -> bytes:
    """People by week as a PNG, 156 mm wide at 200 dpi; a cell is the fullest day in %, white on red above 100.

    Args:
        loads: the rows from top to bottom, `MOST_PEOPLE` at most.
        weeks: Mondays, one a column.
    """
    if not loads:
        return nothing()
    with canvas(14 + 4.6 * len(loads)) as (figure, axes):
        for row, load in enumerate(loads):
            for column, week in enumerate(load.weeks):
                level = shade(week, load)
                axes.add_patch(_square(column, row, _SHADES[level]))
                if week.peak:
                    ink, weight = ("white", "bold") if week.over else ("#111111", "normal")
                    at: dict[str, Any] = {
                        "ha": "center",
                        "va": "center",
                        "fontsize": 6.5,
                        "color": ink,
                        "weight": weight,
                    }
                    axes.text(column + 0.5, row + 0.5, plain(week.peak), **at)
        axes.set_xlim(0, len(weeks))
        axes.set_ylim(len(loads), 0)
        axes.set_xticks(
            [n + 0.5 for n in range(len(weeks))], [f"{day.month}-{day.day}" for day in weeks], fontsize=SMALL
        )
        axes.set_yticks([n + 0.5 for n in range(len(loads))], [load.name for load in loads])
        axes.tick_params(length=0)
        axes.xaxis.tick_top()
        axes.spines[["left", "bottom"]].set_visible(False)
        return png(figure)


def _square(column: int, row: int, color: str) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((column, row), 1, 1, facecolor=color, edgecolor=GRID, linewidth=0.5)


# A stage that has ended is full, one under way is hatched; one whose text is missing is crossed out.
_STAGES: dict[str, dict[str, Any]] = {
    ENDED: {"facecolor": "#5c94d6"},
    UNDER_WAY: {"facecolor": "#c4dbf3", "hatch": "////"},
    AHEAD: {"facecolor": "white"},
    ABSENT: {"facecolor": "#eeeeee", "hatch": "xxxx"},
}
_BETWEEN = 0.6  # stages are 1 wide; so much is left between two procedures


def stages_chart(advances: Sequence[Advance]) -> bytes:
    """One bar of cells a project as a PNG, 156 mm wide at 200 dpi: its stages in each procedure, from left to right.

    Args:
        advances: the rows from top to bottom, `MOST_PEOPLE` at most; all with the same procedures.
    """
    from matplotlib.patches import Patch

    if not advances:
        return nothing()
    with canvas(26 + 4.6 * len(advances)) as (figure, axes):
        for row, advance in enumerate(advances):
            left = 0.0
            for model in advance.models:
                for number, stage in enumerate(model.stages):
                    axes.add_patch(_cell(left + number, row, _STAGES[stage.state]))
                left += len(model.stages) + _BETWEEN
        _procedures(axes, advances[0])
        axes.set_ylim(len(advances), 0)
        axes.set_yticks([n + 0.5 for n in range(len(advances))], [one.code for one in advances], fontsize=SMALL)
        states = [state for state in _STAGES if any(_has(one, state) for one in advances)]
        legend(figure, [Patch(edgecolor=EDGE, linewidth=0.6, label=state, **_STAGES[state]) for state in states])
        return png(figure)


def _has(advance: Advance, state: str) -> bool:
    return any(stage.state == state for model in advance.models for stage in model.stages)


def _cell(left: float, row: int, look: dict[str, Any]) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((left, row + 0.18), 1, 0.64, edgecolor=EDGE, linewidth=0.5, **look)


def _procedures(axes: Axes, advance: Advance) -> None:
    """Names of the procedures above their cells."""
    middles, left = [], 0.0
    for model in advance.models:
        middles.append(left + len(model.stages) / 2)
        left += len(model.stages) + _BETWEEN
    axes.set_xlim(-0.2, left - _BETWEEN + 0.2)
    axes.set_xticks(middles, [model.title for model in advance.models], fontsize=SMALL)
    axes.tick_params(length=0)
    axes.xaxis.tick_top()
    axes.spines[["left", "bottom"]].set_visible(False)


def months_chart(months: Sequence[MonthSum]) -> bytes:
    """Contracts and costs of each month in 万元 as a PNG, 156 mm wide at 200 dpi."""
    from matplotlib.patches import Patch

    if not any(month.signed or month.planned or month.cost for month in months):
        return nothing()
    places = range(len(months))
    signed, planned, cost = (
        [float(to_wan(getattr(month, key))) for month in months] for key in ("signed", "planned", "cost")
    )
    highest = max(0.01, *map(sum, zip(signed, planned, strict=True)), *cost)
    line: dict[str, Any] = {"edgecolor": EDGE, "linewidth": 0.6, "zorder": 2}
    with canvas(78) as (figure, axes):
        left = [place - 0.2 for place in places]
        axes.bar(left, signed, width=0.36, **line, **PRESALES)
        axes.bar(left, planned, width=0.36, bottom=signed, **line, **PLANNED)
        axes.bar([place + 0.2 for place in places], cost, width=0.36, **line, **COST)
        axes.set_ylim(top=highest * 1.08)  # no bar ends at the frame
        axes.set_xticks(list(places), [month.month for month in months], fontsize=SMALL)
        axes.set_ylabel("金额（万元）")
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
        axes.grid(axis="y", color=GRID, linewidth=0.5)
        axes.set_axisbelow(True)
        keys = ((PRESALES, "已签合同额"), (PLANNED, "计划签订"), (COST, "计划费用"))
        legend(figure, [Patch(edgecolor=EDGE, linewidth=0.6, label=name, **look) for look, name in keys])
        return png(figure)
