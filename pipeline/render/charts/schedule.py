"""The figures of domain E.4 as PNG: F3, the Gantt chart of the stages, and F5, the cost by month with its S-curve.

Plain data in, bytes out: the same data give the same bytes on the same libraries and fonts. What differs in colour
also differs in hatch or shape, because the documents are printed and copied in black and white.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipeline.core.money import to_wan
from pipeline.render.charts.base import (
    EDGE,
    ENGINEERING,
    GRID,
    MOST_ROWS,
    MOST_TICKS,
    PRESALES,
    REST,
    SMALL,
    TODAY,
    canvas,
    key,
    legend,
    note,
    nothing,
    png,
    say_left_out,
    short,
)

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes


_WIDE = 1000  # 万元: figures from here on are so wide that half of the months are named
_FEW_MONTHS = 2  # of so few the weeks are marked, too


@dataclass(frozen=True, slots=True)
class Bar:
    """A stage of the plan; both days belong to it. `actual_end` is None while the stage is not finished."""

    code: str
    name: str
    start: date
    end: date
    presales: bool
    actual_end: date | None = None


@dataclass(frozen=True, slots=True)
class Month:
    """The cost of one month (2026-03), what of it is presales, and the sum up to it, in yuan. Nothing is added here."""

    month: str
    amount: Decimal
    running: Decimal
    presales: Decimal = Decimal(0)


def gantt(bars: Sequence[Bar], as_of: date, holidays: Sequence[date] = (), line: str = "今日") -> bytes:
    """F3: stage bars, a diamond at the end of each stage, a line for today, holidays shaded.

    Args:
        bars: stages in the order in which they are printed, the first on top.
        as_of: "today"; its line is drawn only where it lies within the plan.
        holidays: days off to be shaded, in any order (with all the weekends nothing could be read).
        line: what the line of that day is called.

    Returns:
        A PNG, 156 mm wide at 200 dpi; without bars one that says 无数据.

    Raises:
        DependencyMissing: the font is not installed.
    """
    if not bars:
        return nothing()
    first, last = _span(bars)
    shaded = [day for day in sorted(holidays) if first <= day <= last]
    current = first <= as_of <= last
    with canvas(22 + 8 * len(bars)) as (figure, axes):
        _shade(axes, shaded, first)
        shown = bars[:MOST_ROWS]
        for row, bar in enumerate(shown):
            _stage(axes, row, bar, first)
        if current:
            axes.axvline((as_of - first).days, color=TODAY, linewidth=1.2, linestyle="--", zorder=4)
        axes.set_yticks(range(len(shown)), [f"{bar.code} {short(bar.name)}" for bar in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        date_axis(axes, first, last)
        say_left_out(axes, len(bars))
        legend(figure, _gantt_keys(bars, f"{line} {as_of}" if current else "", bool(shaded)))
        return png(figure)


def gantt_alt(bars: Sequence[Bar], as_of: date) -> str:
    """What F3 shows, in words, for readers who cannot see it."""
    if not bars:
        return "项目进度甘特图：无数据"
    first = min(bar.start for bar in bars)
    last = max(bar.end for bar in bars)
    presales = sum(1 for bar in bars if bar.presales)
    done = sum(1 for bar in bars if bar.actual_end and bar.actual_end <= as_of)
    return (
        f"项目进度甘特图：共{len(bars)}个阶段（售前{presales}个，工程{len(bars) - presales}个），"
        f"自{first}至{last}；至{as_of}完成{done}个。"
    )


def monthly_cost(months: Sequence[Month]) -> bytes:
    """F5: the cost of each month as a bar, presales below engineering, and the sum up to it as a line, in 万元.

    Args:
        months: in order of time.

    Returns:
        A PNG, 156 mm wide at 200 dpi; without months one that says 无数据.

    Raises:
        DependencyMissing: the font is not installed.
    """
    if not months:
        return nothing()
    places = range(len(months))
    amounts = [float(to_wan(month.amount)) for month in months]
    running = [float(to_wan(month.running)) for month in months]
    with canvas(80) as (figure, axes):
        presales = [float(to_wan(month.presales)) for month in months]
        rest = [amount - own for amount, own in zip(amounts, presales, strict=True)]
        axes.bar(places, presales, width=0.55, edgecolor=EDGE, linewidth=0.6, zorder=2, **PRESALES)
        axes.bar(places, rest, width=0.55, bottom=presales, edgecolor=EDGE, linewidth=0.6, zorder=2, **ENGINEERING)
        axes.plot(places, running, color=EDGE, marker="o", markersize=4, linewidth=1.3, zorder=3)
        _scale(axes, [*amounts, *running])
        if len(months) > 1:
            note(axes, places[-1], running[-1], f"累计 {running[-1]:,.2f}", (0, 5))
        axes.set_xlim(-0.6, len(months) - 0.4)
        # The figure of a month stands below it: above its bar the curve would go through it.
        names = [f"{month.month}\n{amount:,.2f}" for month, amount in zip(months, amounts, strict=True)]
        step = -(-len(months) // (MOST_TICKS if max(amounts) < _WIDE else MOST_TICKS // 2))
        axes.set_xticks(list(places)[::step], names[::step], fontsize=SMALL)
        legend(figure, _cost_keys())
        return png(figure)


def monthly_cost_alt(months: Sequence[Month]) -> str:
    """What F5 shows, in words, for readers who cannot see it."""
    if not months:
        return "月度费用及累计图：无数据"
    peak = max(months, key=lambda month: month.amount)
    return (
        f"月度费用及累计图：{months[0].month}至{months[-1].month}，累计{to_wan(months[-1].running)}万元，"
        f"最高为{peak.month}的{to_wan(peak.amount)}万元。"
    )


def _span(bars: Sequence[Bar]) -> tuple[date, date]:
    """First day of the first month and last day of the last month that the bars touch."""
    days = [day for bar in bars for day in (bar.start, bar.end, bar.actual_end) if day]
    first, last = min(days), max(days)
    following = (last.replace(day=1) + timedelta(days=32)).replace(day=1)
    return first.replace(day=1), following - timedelta(days=1)


def _stage(axes: Axes, row: int, bar: Bar, first: date) -> None:
    """One stage in its row: the bar, the diamond at its end, the day of that end beside it."""
    left = (bar.start - first).days
    length = max((bar.end - bar.start).days + 1, 1)
    look = PRESALES if bar.presales else ENGINEERING
    axes.barh(row, length, left=left, height=0.5, edgecolor=EDGE, linewidth=0.6, zorder=2, **look)
    end = bar.actual_end or bar.end
    place = (end - first).days + 1
    fill = EDGE if bar.actual_end else "white"
    axes.plot(place, row, marker="D", markersize=5, color=EDGE, markerfacecolor=fill, markeredgewidth=0.8, zorder=5)
    farthest = max(place, left + length)
    note(axes, farthest, row, f"{end.month}-{end.day}", (6, 0), ha="left", va="center")


def _shade(axes: Axes, days: Sequence[date], first: date) -> None:
    """Shade each day; neighbours join to one field."""
    for day in days:
        axes.axvspan((day - first).days, (day - first).days + 1, facecolor=REST, edgecolor="none", zorder=0)


def date_axis(axes: Axes, first: date, last: date) -> None:
    """Months along the bottom, thinned out where there are many; of one or two the weeks."""
    if (last - first).days <= 31 * _FEW_MONTHS:
        _weeks_along(axes, first, last)
        return
    starts: list[date] = []
    day = first
    while day <= last:
        starts.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    step = -(-len(starts) // MOST_TICKS)
    shown = starts[::step]
    years = [
        f"\n{day.year}" if place == 0 or day.year != shown[place - 1].year else "" for place, day in enumerate(shown)
    ]
    words = [f"{day.month}月{year}" for day, year in zip(shown, years, strict=True)]
    axes.set_xticks([(day - first).days for day in shown], words, horizontalalignment="left")
    _along_days(axes, first, last)


def _weeks_along(axes: Axes, first: date, last: date) -> None:
    """Every seventh day, the year below the first."""
    shown = [first + timedelta(days=step) for step in range(0, (last - first).days + 1, 7)]
    words = [f"{day.month}-{day.day}" for day in shown]
    words[0] += f"\n{first.year}"
    axes.set_xticks([(day - first).days for day in shown], words, horizontalalignment="left")
    _along_days(axes, first, last)


def _along_days(axes: Axes, first: date, last: date) -> None:
    axes.set_xlim(0, ((last - first).days + 1) * 1.05)  # room for the day beside the last bar
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)


def _scale(axes: Axes, values: Sequence[float]) -> None:
    """Amounts up the side, from zero (or below it), with room for the figures above."""
    axes.set_ylim(min(0.0, *values) * 1.15, max(0.01, *values) * 1.15)
    axes.set_ylabel("金额（万元）")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axes.grid(axis="y", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)


def _gantt_keys(bars: Sequence[Bar], today: str, shaded: bool) -> list[Artist]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    diamond: dict[str, Any] = {"marker": "D", "markersize": 5, "linestyle": "none", "color": EDGE}
    keys: list[Artist] = []
    if any(bar.presales for bar in bars):
        keys.append(Patch(edgecolor=EDGE, linewidth=0.6, label="售前", **PRESALES))
    if any(not bar.presales for bar in bars):
        keys.append(Patch(edgecolor=EDGE, linewidth=0.6, label="工程（测算）", **ENGINEERING))
    if any(not bar.actual_end for bar in bars):
        keys.append(Line2D([], [], markerfacecolor="white", label="计划完成", **diamond))
    if any(bar.actual_end for bar in bars):
        keys.append(Line2D([], [], label="实际完成", **diamond))
    if today:
        keys.append(Line2D([], [], color=TODAY, linewidth=1.2, linestyle="--", label=today))
    if shaded:
        keys.append(Patch(facecolor=REST, edgecolor="none", label="节假日"))
    return keys


def _cost_keys() -> list[Artist]:
    from matplotlib.lines import Line2D

    line = Line2D([], [], color=EDGE, marker="o", markersize=4, linewidth=1.3, label="累计费用")
    return [key("售前", PRESALES), key("工程（测算）", ENGINEERING), line]
