"""Widths of columns by rows: a row is as tall as its tallest cell, so room goes where it makes whole rows shorter.

A short text that wraps in every row of a list costs as many lines as the list has rows, a long one in a single row
its own. Beginning with what no column can do without, room is given step by step to the row that asks least for each
line that the whole list saves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

Lines: TypeAlias = tuple[float, ...]
Row: TypeAlias = tuple[Lines, ...]

_LOSS = 1.06  # a line of Chinese text ends up to one character early
_MOST = 32  # different rows that are weighed; of a longer list every second, third...
_STEPS = 40


class _Step(NamedTuple):
    """Widths that a step leads to, and what it saves, in lines of the list for each twip."""

    saves: float
    widths: tuple[float, ...]


def fewest_lines(least: Sequence[float], rows: Mapping[Row, int], total: float) -> list[float]:
    """Widths of the insides of the columns, at least `least`, with which the rows have about the fewest lines.

    A row has for every column the widths of the lines of its cell, all in twips, and there are so many of it. What
    nobody asks for is left over, so the sum may be less than `total`.
    """
    widths = tuple(least)
    weighed = _weighed(rows)
    for _ in range(_STEPS):
        now = lines_of(weighed, widths)
        steps = [step for row in weighed if (step := _step(row, widths, weighed, now, total))]
        if not steps:
            break
        widths = max(steps).widths
    return list(widths)


def lines_of(rows: Mapping[Row, int], widths: Sequence[float]) -> int:
    """Lines of a list: for each row those of its tallest cell."""
    return sum(count * _height(row, widths) for row, count in rows.items())


def _weighed(rows: Mapping[Row, int]) -> Mapping[Row, int]:
    """Different rows with their numbers, evenly chosen where there are many."""
    every = -(-len(rows) // _MOST) or 1
    return dict(list(rows.items())[::every])


def _step(row: Row, widths: Sequence[float], rows: Mapping[Row, int], now: int, total: float) -> _Step | None:
    """The best way to make a row shorter that there is room for; the list has `now` lines."""
    height = _height(row, widths)
    found = (_towards(row, lines, widths, total) for lines in {1, height // 2, height - 1} if lines)
    steps = [_Step((now - lines_of(rows, wider)) / (sum(wider) - sum(widths)), wider) for wider in found if wider]
    return max((step for step in steps if step.saves > 0), default=None)


def _towards(row: Row, lines: int, widths: Sequence[float], total: float) -> tuple[float, ...] | None:
    """Widths with which the row has so many lines; None where it has them or there is no room."""
    wider = tuple(max(_room(cell, lines), width) for cell, width in zip(row, widths, strict=True))
    return wider if sum(widths) < sum(wider) <= total else None


def _room(cell: Lines, lines: int) -> float:
    """Width with which a cell has no more lines than that; without end where there is none."""
    if not cell:
        return 0.0
    spare = lines - len(cell) + 1
    return math.inf if spare < 1 else max(cell) * (_LOSS / spare if spare > 1 else 1.0)


def _height(row: Row, widths: Sequence[float]) -> int:
    return max((_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)), default=1)


def _wrapped(cell: Lines, width: float) -> int:
    return sum(1 if line <= width else math.ceil(line * _LOSS / width) for line in cell)
