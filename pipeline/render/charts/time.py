"""Charts along the calendar (domain E.4): F7 load by week, F10 burn-down, F14 equipment, F16 arrivals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipeline.render.charts.base import (
    EDGE,
    GRID,
    LINE,
    LOOKS,
    MOST_ROWS,
    canvas,
    key,
    legend,
    note,
    nothing,
    png,
    say_left_out,
    short,
    thinned,
    whole,
)
from pipeline.render.charts.schedule import date_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FULL = 100  # per cent
_OVER = "#c00000"
_OVER_FRAME: dict[str, Any] = {"edgecolor": _OVER, "linewidth": 1.2}
_SIZES = ((13, 7.5), (26, 6.0))  # type by number of columns
_MOST_WEEKS = 30  # more are shown by month: a figure in so narrow a field cannot be read
_DARKEST = 0.55  # of black, for a full week; what is printed on it stays readable
_OVERFULL = "#3a3a3a"  # darker than a full week in grey print, too
_CROWDED = 14  # points; more are marked with their number only


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days, both of them in it."""

    name: str
    start: date
    end: date
    text: str


@dataclass(frozen=True, slots=True)
class Point:
    """What was so from a day on."""

    day: date
    count: int
    text: str


def heat_map(names: Sequence[str], weeks: Sequence[date], shares: Sequence[Sequence[Decimal]]) -> bytes:
    """F7: a field for every person and week, darker the fuller; above 100 % it is white on near black, in a red frame.

    Args:
        names: people, the first on top.
        weeks: the Mondays; of more than half a year a field is the fullest week of a month.
        shares: per cent of each person in each week; zero is left white.
    """
    if not names or not weeks:
        return nothing()
    monthly = len(weeks) > _MOST_WEEKS
    if monthly:
        weeks, shares = _by_month(weeks, shares)
    size = min(_SIZES, key=lambda pair: abs(pair[0] - len(weeks)))[1]
    with canvas(26 + 5.2 * len(names)) as (figure, axes):
        for row, line in enumerate(shares[:MOST_ROWS]):
            for column, share in enumerate(line):
                if share:
                    _cell(axes, row, column, share, size)
        _weeks(axes, weeks, monthly=monthly)
        shown = names[:MOST_ROWS]
        axes.set_yticks(range(len(shown)), [short(name, 8) for name in shown])
        axes.set_ylim(len(shown) - 0.5, -0.5)
        say_left_out(axes, len(names))
        over: dict[str, Any] = {"facecolor": _OVERFULL} | _OVER_FRAME
        keys = [key("由浅到深：投入由少到100%", {"facecolor": "#737373"}), key("超过100%（超负荷）", over)]
        legend(figure, keys)
        return png(figure)


def _by_month(
    weeks: Sequence[date], shares: Sequence[Sequence[Decimal]]
) -> tuple[list[date], list[tuple[Decimal, ...]]]:
    """First days of the months, and of each person the fullest of the weeks that begin in each."""
    months = sorted({week.replace(day=1) for week in weeks})
    places = [[at for at, week in enumerate(weeks) if week.replace(day=1) == month] for month in months]
    return months, [tuple(max(line[at] for at in one) for one in places) for line in shares]


def burn_down(points: Sequence[Point]) -> bytes:
    """F10: how many items were still unclear from each day on."""
    if not points:
        return nothing()
    first, last = points[0].day, points[-1].day
    with canvas(62) as (figure, axes):
        places = [(point.day - first).days for point in points]
        counts = [point.count for point in points]
        axes.step(places, counts, where="post", color=EDGE, linewidth=1.3, zorder=3)
        axes.plot(places, counts, color=EDGE, marker="o", markersize=4, linestyle="none", zorder=4)
        for place, point in zip(places, points, strict=True):
            note(axes, place, point.count, point.text, (2, 4), ha="left")
        axes.set_ylim(0, max(1, *counts) * 1.3)
        axes.set_ylabel("不明确项（项）")
        whole(axes.yaxis)
        axes.grid(axis="y", color=GRID, linewidth=0.5)
        step, days = thinned(len(points)), [f"{point.day:%Y-%m-%d}" for point in points]
        axes.set_xticks(places[::step], days[::step], rotation=30, ha="right", fontsize=7)
        axes.set_xlim(-1, max((last - first).days, 7) * 1.08)
        return png(figure)


def spans(rows: Sequence[Span]) -> bytes:
    """F14: from when to when each piece of equipment is taken."""
    if not rows:
        return nothing()
    first = min(row.start for row in rows).replace(day=1)
    last = _month_end(max(row.end for row in rows))
    with canvas(20 + 8 * len(rows)) as (figure, axes):
        shown = rows[:MOST_ROWS]
        for place, row in enumerate(shown):
            left, length = (row.start - first).days, (row.end - row.start).days + 1
            axes.barh(place, length, 0.5, left=left, zorder=2, **LINE, **LOOKS[0])
            note(axes, left + length, place, row.text, (4, 0), ha="left", va="center")
        axes.set_yticks(range(len(shown)), [short(row.name) for row in shown])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        date_axis(axes, first, last)
        say_left_out(axes, len(rows))
        axes.set_xlim(0, ((last - first).days + 1) * 1.25)
        legend(figure, [key("占用", LOOKS[0])])
        return png(figure)


def moments(points: Sequence[Point]) -> bytes:
    """F16: what must be there on each day, as a needle as high as the number of items."""
    if not points:
        return nothing()
    first, last = points[0].day.replace(day=1), _month_end(points[-1].day)
    with canvas(64) as (figure, axes):
        places, counts = [(point.day - first).days for point in points], [point.count for point in points]
        axes.vlines(places, 0, counts, color=EDGE, linewidth=1.2, zorder=2)
        axes.plot(places, counts, color=EDGE, marker="D", markersize=5, linestyle="none", zorder=3)
        width = (last - first).days + 1
        crowded = len(points) > _CROWDED
        for place, point, level in zip(places, points, _levels(places, width), strict=True):
            if crowded:
                note(axes, place, point.count, f"{point.count}", (0, 4))
            else:
                _flag(axes, place, point, level)
        axes.set_ylim(0, max(counts) * 1.5)
        axes.set_ylabel("项数")
        whole(axes.yaxis)
        date_axis(axes, first, last)
        axes.set_xlim(-0.04 * width, width * 1.05)
        return png(figure)


def _flag(axes: Axes, place: int, point: Point, level: int) -> None:
    """Day and number of a point; where neighbours push it up, a thin line leads back to the point."""
    if level:
        line: dict[str, Any] = {"arrowstyle": "-", "linewidth": 0.5, "color": EDGE}
        axes.annotate("", (place, point.count), (0, 6 + 11 * level), textcoords="offset points", arrowprops=line)
    note(axes, place, point.count, f"{point.day.month}-{point.day.day} {point.text}", (0, 5 + 11 * level))


def _levels(places: Sequence[int], width: int) -> list[int]:
    """How high a note is lifted, so that close neighbours do not lie on each other."""
    levels: list[int] = []
    for number, place in enumerate(places):
        near = number > 0 and place - places[number - 1] < 0.13 * width
        levels.append((levels[-1] + 1) % 3 if near else 0)
    return levels


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _weeks(axes: Axes, weeks: Sequence[date], *, monthly: bool) -> None:
    """Columns along the bottom: the Mondays, or the months."""
    step = thinned(len(weeks))
    names = [f"{day:%Y-%m}" if monthly else f"{day.month}-{day.day}" for day in weeks]
    axes.set_xticks(list(range(len(weeks)))[::step], names[::step], fontsize=7)
    axes.set_xlim(-0.5, len(weeks) - 0.5)
    axes.set_xlabel("月份（每格是这个月最满的一周）" if monthly else "每周，按周一的日期", fontsize=8)


def _cell(axes: Axes, row: int, column: int, share: Decimal, size: float) -> None:
    from matplotlib.patches import Rectangle

    over = share > FULL
    shade = _OVERFULL if over else f"{1 - _DARKEST * float(share) / FULL:.3f}"
    frame = _OVER_FRAME if over else {"edgecolor": "white", "linewidth": 0.5}
    place = (column - 0.5, row - 0.5)
    inside: dict[str, Any] = {"in_layout": False}  # the axes hold them; to measure thousands takes long
    look: dict[str, Any] = {"color": "white", "fontweight": "bold"} if over else {"color": "black"}
    axes.add_patch(Rectangle(place, 1, 1, facecolor=shade, zorder=3 if over else 2, **frame, **inside))
    axes.text(column, row, f"{share:.0f}", ha="center", va="center", fontsize=size, zorder=4, **look, **inside)
