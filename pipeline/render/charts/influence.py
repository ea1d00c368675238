"""F19, who decides at the customer's: who reports to whom, and how each stands to us. For our own papers alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pipeline.render.charts.base import EDGE, LINE, SMALL, WIDTH_MM, nothing, short
from pipeline.render.charts.tree import CHARACTER, Look, boxes, tree

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 45  # people that are drawn; the table beside the chart has all
# Stances differ in pattern, because the papers are copied in black and white; the word stands in the box, too.
_STANCES: Mapping[str, dict[str, Any]] = {
    "支持": {"facecolor": "#6b6b6b", "hatch": ""},
    "中立": {"facecolor": "#ffffff", "hatch": ""},
    "反对": {"facecolor": "#ffffff", "hatch": "xxxxxx"},
    "不明": {"facecolor": "#ffffff", "hatch": "......"},
}
_TALLEST, _PAGE = 15.0, 215.0  # millimetres: a row at most, all rows
_WIDEST, _STRIP, _FOOT, _LINE = 72.0, 4.0, 8.0, 3.3
_NARROW = 46.0  # a box of less gives each part a line of its own


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the customer's; `post` is department and title, `above` the name of who he reports to."""

    name: str
    role: str
    stance: str
    post: str
    above: str = ""


def influence(people: Sequence[Person]) -> bytes:
    """F19: a box a person, its line to the one above; who reports to nobody of the list stands on the left."""
    shown = people[:MOST]
    if not shown:
        return nothing()
    rows = max(box.row for box in boxes(shown)) + 1
    row = min(_PAGE / rows, _TALLEST)
    paint, foot = partial(_box, high=row - 1.6), partial(_legend, left=len(people) - MOST)
    return tree(shown, Look(row, _WIDEST, paint, foot, _FOOT))


def influence_alt(people: Sequence[Person]) -> str:
    """What F19 shows, in words."""
    told = [f"{one.name} {_standing(one)}{f'（向{one.above}汇报）' if one.above else ''}" for one in people[:MOST]]
    more = f"；另有{len(people) - MOST}人" if len(people) > MOST else ""
    return f"决策成员的汇报关系和立场：共{len(people)}人；{'；'.join(told)}{more}。"


def _standing(one: Person) -> str:
    return "，".join(filter(None, (one.role, one.stance)))


def _box(axes: Axes, x: float, y: float, wide: float, one: Person, *, high: float) -> None:
    from matplotlib.patches import Rectangle

    look = _STANCES.get(one.stance, _STANCES["不明"])
    axes.add_patch(Rectangle((x, y - high / 2), wide, high, facecolor="white", edgecolor=EDGE, linewidth=0.8, zorder=2))
    axes.add_patch(Rectangle((x, y - high / 2), _STRIP, high, zorder=3, **(LINE | look)))
    text = "\n".join(_lines(one, wide - _STRIP - 1, high))
    axes.text(x + _STRIP + 1, y, text, ha="left", va="center", fontsize=SMALL, zorder=4, linespacing=1.15)


def _lines(one: Person, wide: float, high: float) -> list[str]:
    """What fits into a box: the stance always, the post where there is room."""
    most, room = max(int(wide / CHARACTER), 3), int(high / _LINE)
    standing = _standing(one)
    if wide >= _NARROW:
        name = f"{short(one.name, max(most - len(standing) - 1, 2))} {standing}"
        lines = [name, one.post] if room > 1 else [f"{name} {one.post}"]
    else:
        lines = [one.name, standing, one.post][:room] if room > 1 else [f"{short(one.name, most - 3)} {one.stance}"]
    return [short(line, most) for line in lines if line]


def _legend(axes: Axes, *, left: int) -> None:
    from matplotlib.patches import Rectangle

    words = [*_STANCES, *([f"另有{left}人见表"] if left > 0 else [])]
    step = 24.0
    x = (WIDTH_MM - step * len(words)) / 2
    for number, word in enumerate(words):
        at = x + number * step
        if look := _STANCES.get(word):
            axes.add_patch(Rectangle((at, 2), 7, 3.5, **(LINE | look)))
        axes.text(at + (8.5 if look else 0), 3.7, word, va="center", fontsize=8)
