"""F2, the organisation of the project (domain E.4): who reports to whom, from left to right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.render.charts.base import EDGE, SMALL, WIDTH_MM, nothing, paper, png, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW, _BOX, _GAP = 11.0, 9.0, 7.0  # millimetres
_CHARACTER = 2.75  # millimetres of the small type
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Member:
    """A place in the project: its role, who holds it, and the name of the person above."""

    role: str
    name: str
    above: str = ""


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a member stands: column from the left, row from the top (halves between rows), and its chief's box."""

    member: Member
    column: int
    row: float
    chief: int | None


def organisation(members: Sequence[Member]) -> bytes:
    """F2: one box a member, its line to the person above; who reports to nobody of the list stands on the left."""
    if not members:
        return nothing()
    boxes = _boxes(members)
    columns = max(box.column for box in boxes) + 1
    rows = max(box.row for box in boxes) + 1
    wide = min((WIDTH_MM - 2 - _GAP * (columns - 1)) / columns, 60.0)
    height = rows * _ROW + 4
    left = (WIDTH_MM - columns * wide - (columns - 1) * _GAP) / 2
    with paper(height) as (figure, axes):
        at = [(left + box.column * (wide + _GAP), height - 2 - _ROW * (box.row + 0.5)) for box in boxes]
        for box, (x, y) in zip(boxes, at, strict=True):
            if box.chief is not None:
                _line(axes, at[box.chief][0] + wide, at[box.chief][1], x, y)
            _box(axes, x, y, wide, box.member)
        return png(figure)


def tree_alt(members: Sequence[Member]) -> str:
    """What F2 shows, in words."""
    lines = [f"{m.role} {m.name}{f'（向{m.above}汇报）' if m.above else ''}" for m in members]
    return f"项目组织图：共{len(members)}个岗位；" + "；".join(lines) + "。"


def _boxes(members: Sequence[Member]) -> list[_Box]:
    """Leaves take a row each, a chief stands in the middle of his people; a circle is cut where it closes."""
    chiefs = [_chief(members, number) for number in range(len(members))]
    below: Mapping[int | None, list[int]] = {
        chief: [number for number, own in enumerate(chiefs) if own == chief] for chief in (None, *range(len(members)))
    }
    placed: dict[int, _Box] = {}
    free = 0

    def place(number: int, column: int, chief: int | None) -> float:
        nonlocal free
        rows = [place(one, min(column + 1, _DEEPEST), number) for one in below[number]]
        if not rows:
            rows, free = [float(free)], free + 1
        placed[number] = _Box(members[number], column, (rows[0] + rows[-1]) / 2, chief)
        return placed[number].row

    for root in below[None]:
        place(root, 0, None)
    return [placed[number] for number in range(len(members))]


def _chief(members: Sequence[Member], number: int) -> int | None:
    """Place of the person above: the first place that he holds; None for nobody, himself or a circle."""
    seen, at = {number}, number
    while (above := _holder(members, members[at].above, at)) is not None and above not in seen:
        seen.add(above)
        at = above
    closed = above is not None
    direct = _holder(members, members[number].above, number)
    return None if direct is None or (closed and number == min(seen)) else direct


def _holder(members: Sequence[Member], name: str, asker: int) -> int | None:
    if not name or name == members[asker].name:
        return None
    return next((number for number, member in enumerate(members) if member.name == name), None)


def _line(axes: Axes, x: float, y: float, to_x: float, to_y: float) -> None:
    middle = x + _GAP / 2
    axes.plot([x, middle, middle, to_x], [y, y, to_y, to_y], color=EDGE, linewidth=0.8, zorder=1)


def _box(axes: Axes, x: float, y: float, wide: float, member: Member) -> None:
    from matplotlib.patches import Rectangle

    frame = Rectangle((x, y - _BOX / 2), wide, _BOX, facecolor="white", edgecolor=EDGE, linewidth=0.8, zorder=2)
    axes.add_patch(frame)
    most = max(int(wide / _CHARACTER), 3)
    text = "\n".join(short(part, most) for part in (member.role, member.name) if part)
    axes.text(x + wide / 2, y, text, ha="center", va="center", fontsize=SMALL, zorder=3, linespacing=1.2)
