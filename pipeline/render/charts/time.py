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
    canvas,
    key,
    legend,
    note,
    nothing,
    png,
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
_SIZES = ((13, 7.5), (26, 6.0), (40, 4.5), (60, 3.5))  # type by number of weeks
_DARKEST = 0.55  # of black, for a full week; what is printed on it stays readable


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
    """F7: a field for every person and week, darker the fuller; above 100 % it is printed bold and red, in a frame.

    Args:
        names: people, the first on top.
        weeks: the Mondays.
        shares: per cent of each person in each week; zero is left white.
    """
    if not names or not weeks:
        return nothing()
    size = min(_SIZES, key=lambda pair: abs(pair[0] - len(weeks)))[1]
    with canvas(26 + 5.2 * len(names)) as (figure, axes):
        for row, line in enumerate(shares):
            for column, share in enumerate(line):
                if share:
                    _cell(axes, row, column, share, size)
        _weeks(axes, weeks)
        axes.set_yticks(range(len(names)), [short(name, 8) for name in names])
        axes.set_ylim(len(names) - 0.5, -0.5)
        full: dict[str, Any] = {"facecolor": "#737373"}
        keys = [key("浅→深：投入由少到100%", full), key(">100%（超负荷）", full | _OVER_FRAME)]
        legend(figure, keys)
        return png(figure)


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
        for place, row in enumerate(rows):
            left, length = (row.start - first).days, (row.end - row.start).days + 1
            axes.barh(place, length, 0.5, left=left, zorder=2, **LINE, **LOOKS[0])
            note(axes, left + length, place, row.text, (4, 0), ha="left", va="center")
        axes.set_yticks(range(len(rows)), [short(row.name) for row in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        date_axis(axes, first, last)
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
        for place, point, level in zip(places, points, _levels(places, width), strict=True):
            note(axes, place, point.count, f"{point.day.month}-{point.day.day} {point.text}", (0, 5 + 11 * level))
        axes.set_ylim(0, max(counts) * 1.5)
        axes.set_ylabel("项数")
        whole(axes.yaxis)
        date_axis(axes, first, last)
        axes.set_xlim(-0.04 * width, width * 1.05)
        return png(figure)


def _levels(places: Sequence[int], width: int) -> list[int]:
    """How high a note is lifted, so that close neighbours do not lie on each other."""
    levels: list[int] = []
    for number, place in enumerate(places):
        near = number > 0 and place - places[number - 1] < 0.13 * width
        levels.append((levels[-1] + 1) % 3 if near else 0)
    return levels


def _month_end(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _weeks(axes: Axes, weeks: Sequence[date]) -> None:
    step = thinned(len(weeks))
    axes.set_xticks(list(range(len(weeks)))[::step], [f"{day.month}-{day.day}" for day in weeks][::step], fontsize=7)
    axes.set_xlim(-0.5, len(weeks) - 0.5)
    axes.set_xlabel("每周的周一", fontsize=8)


def _cell(axes: Axes, row: int, column: int, share: Decimal, size: float) -> None:
    from matplotlib.patches import Rectangle

    over = share > FULL
    grey = 1 - _DARKEST * min(float(share), FULL) / FULL
    frame = _OVER_FRAME if over else {"edgecolor": "white", "linewidth": 0.5}
    place = (column - 0.5, row - 0.5)
    inside: dict[str, Any] = {"in_layout": False}  # the axes hold them; to measure thousands takes long
    look: dict[str, Any] = {"color": _OVER, "fontweight": "bold"} if over else {"color": "black"}
    axes.add_patch(Rectangle(place, 1, 1, facecolor=(grey, grey, grey), zorder=3 if over else 2, **frame, **inside))
    axes.text(column, row, f"{share:.0f}", ha="center", va="center", fontsize=size, zorder=4, **look, **inside)
