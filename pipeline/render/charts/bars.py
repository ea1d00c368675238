"""Charts of bars (domain E.4): F4, F6, F8, F9, F11, F12, F13 and what E.1 wants beside them (F15, F17, F18).

Numbers in, bytes out; nothing is added here. Every bar has its number beside it, so that a copy without colour tells
the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
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
    whole,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_MM, CLOSE_MM, EDGES_MM = 6.2, 5.2, 21
_FEW = 8  # rows that stand apart; more stand closer
_LONG = 16  # characters of a name left of its bar
_MEANINGS: Mapping[str, dict[str, Any]] = {"合计": LOOKS[3], "增加": LOOKS[1], "减少": LOOKS[0]}


@dataclass(frozen=True, slots=True)
class BarRow:
    """A bar: its parts in the order of the legend, and the text beside it."""

    name: str
    parts: tuple[Decimal, ...]
    text: str


@dataclass(frozen=True, slots=True)
class WaterfallStep:
    """A step of a waterfall: a level that stands on the ground, or a change from where the one before ended."""

    name: str
    amount: Decimal
    text: str
    level: bool = False


@dataclass(frozen=True, slots=True)
class Ranked:
    """An item of an ABC analysis: amount, share of all up to and including it (per cent), class A, B or C."""

    name: str
    amount: Decimal
    share: Decimal
    rank: str

    @property
    def text(self) -> str:
        """What the words of the chart tell of it."""
        return f"{self.amount:,.2f}，累计{self.share}%（{self.rank}类）"


def stacked(rows: Sequence[BarRow], legends: Sequence[str], unit: str) -> bytes:
    """Bars along the rows, their parts one after the other (F4, F6, F11, F15, F17).

    Args:
        rows: the first on top.
        legends: names of the parts; without any there is one part and no legend.
        unit: what the axis counts, like 万元.
    """
    if not rows:
        return nothing()
    with canvas(_height(len(rows))) as (figure, axes):
        starts = [0.0] * len(rows)
        for number in range(max(len(legends), 1)):
            lengths = [float(row.parts[number]) for row in rows]
            axes.barh(range(len(rows)), lengths, 0.6, left=starts, zorder=2, **LINE, **LOOKS[number % len(LOOKS)])
            starts = [start + length for start, length in zip(starts, lengths, strict=True)]
        _named(axes, rows)
        for place, (row, end) in enumerate(zip(rows, starts, strict=True)):
            note(axes, max(end, 0.0), place, row.text, (4, 0), ha="left", va="center")
        _along(axes, starts, unit)
        if legends:
            legend(figure, [key(name, LOOKS[number % len(LOOKS)]) for number, name in enumerate(legends)])
        return png(figure)


def side_by_side(rows: Sequence[BarRow], legends: Sequence[str], texts: Sequence[Sequence[str]], unit: str) -> bytes:
    """Several bars a row, one under the other (F9, F13).

    Args:
        rows: the first on top; their own text is not printed.
        legends: what the bars of a row are.
        texts: beside every bar of every row.
        unit: what the axis counts, like %.
    """
    if not rows:
        return nothing()
    thick = 0.8 / len(legends)
    with canvas(EDGES_MM + (1.5 + 2.7 * len(legends)) * len(rows)) as (figure, axes):
        for number in range(len(legends)):
            places = [place + (number - (len(legends) - 1) / 2) * thick for place in range(len(rows))]
            lengths = [float(row.parts[number]) for row in rows]
            axes.barh(places, lengths, thick * 0.88, zorder=2, **LINE, **LOOKS[number])
            for place, length, text in zip(places, lengths, [one[number] for one in texts], strict=True):
                note(axes, max(length, 0.0), place, text, (4, 0), ha="left", va="center")
        _named(axes, rows)
        _along(axes, [float(part) for row in rows for part in row.parts], unit)
        legend(figure, [key(name, LOOKS[number]) for number, name in enumerate(legends)])
        return png(figure)


def waterfall(steps: Sequence[WaterfallStep], unit: str) -> bytes:
    """From one level over its changes to another (F12, F18): levels dark, what falls hatched, what rises dotted."""
    if not steps:
        return nothing()
    with canvas(_height(len(steps))) as (figure, axes):
        at, edges = 0.0, [0.0]
        for place, step in enumerate(steps):
            amount = float(step.amount)
            start = 0.0 if step.level else at
            axes.barh(place, amount, 0.6, left=start, zorder=2, **LINE, **_MEANINGS[_meaning(step)])
            if place:
                axes.plot([at, at], [place - 0.7, place - 0.3], color=EDGE, linewidth=0.6, zorder=1)
            at = start + amount
            edges += [start, at]
            note(axes, max(start, at), place, step.text, (4, 0), ha="left", va="center")
        _named(axes, steps)
        _along(axes, edges, unit)
        used = dict.fromkeys(_meaning(step) for step in steps)
        legend(figure, [key(name, _MEANINGS[name]) for name in used])
        return png(figure)


def _meaning(step: WaterfallStep) -> str:
    return "合计" if step.level else "增加" if step.amount >= 0 else "减少"


def pareto(items: Sequence[Ranked], unit: str) -> bytes:
    """F8: amounts from large to small with the line of their growing share; classes A, B and C by hatch."""
    if not items:
        return nothing()
    looks = dict(zip("ABC", (LOOKS[3], LOOKS[0], LOOKS[2]), strict=True))
    amounts, places = [float(item.amount) for item in items], range(len(items))
    with canvas(92) as (figure, axes):
        for place, item in zip(places, items, strict=True):
            axes.bar(place, amounts[place], 0.7, zorder=2, **LINE, **looks[item.rank])
        axes.set_ylabel(f"金额（{unit}）")
        axes.set_xticks(list(places), [short(item.name, 9) for item in items], rotation=45, ha="right", fontsize=7)
        axes.set_xlim(-0.6, len(items) - 0.4)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
        shares = axes.twinx()
        shares.plot(places, [float(item.share) for item in items], color=EDGE, marker="o", markersize=3, linewidth=1.1)
        shares.set_ylim(0, 108)
        shares.set_ylabel("累计占比（%）")
        shares.tick_params(labelsize=8, width=0.6)
        shares.spines["top"].set_visible(False)
        for place, item in _turns(items):
            note(shares, place, float(item.share), f"{item.share}%", (0, 4))
        legend(figure, [key(f"{rank}类", look) for rank, look in looks.items()])
        return png(figure)


def _turns(items: Sequence[Ranked]) -> list[tuple[int, Ranked]]:
    """The last item of every class: where its share is worth reading."""
    following = [*items[1:], None]
    pairs = enumerate(zip(items, following, strict=True))
    return [(place, item) for place, (item, after) in pairs if after is None or after.rank != item.rank]


def _height(rows: int) -> float:
    return EDGES_MM + rows * (ROW_MM if rows <= _FEW else CLOSE_MM)


def _named(axes: Axes, rows: Sequence[Any]) -> None:
    """Names down the side, the first on top."""
    axes.set_yticks(range(len(rows)), [short(row.name, _LONG) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)


def _of_hundred(axes: Axes, high: float) -> None:
    """Ticks to 100 %, beyond it only as far as a bar goes; the axis ends with them."""
    step = max(20, 20 * round(high / 160))
    ticks = list(range(0, max(100, step * -(-ceil(high) // step)) + 1, step))
    axes.set_xticks(ticks)
    axes.set_xlim(0, ticks[-1] * 1.3)
    axes.spines["bottom"].set_bounds(0, ticks[-1])


def _along(axes: Axes, values: Sequence[float], unit: str) -> None:
    """The axis below, with room for the text beside the longest bar."""
    low, high = min(0.0, *values), max(0.01, *values)
    axes.set_xlim(low * 1.1, high + (high - low) * 0.3)
    axes.set_xlabel(unit, fontsize=8)
    if unit.endswith("%"):
        _of_hundred(axes, high)
    elif all(value.is_integer() for value in values):
        whole(axes.xaxis)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    axes.grid(axis="x", color=GRID, linewidth=0.5)
    axes.set_axisbelow(True)
