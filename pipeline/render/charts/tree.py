"""F2, the organisation of the project (domain E.4): who reports to whom, from left to right."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from pipeline.render.charts.base import EDGE, SMALL, WIDTH_MM, nothing, paper, png, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ROW, _BOX, GAP = 11.0, 9.0, 7.0  # millimetres
CHARACTER = 2.75  # millimetres of the small type
_DEEPEST = 5


@dataclass(frozen=True, slots=True)
class Member:
    """A place in the project: its role, who holds it, and the name of the person above."""

    role: str
    name: str
    above: str = ""


class Held(Protocol):
    """Somebody with the name of who is above him."""

    @property
    def name(self) -> str:
        """His own."""

    @property
    def above(self) -> str:
        """Of his chief; empty for nobody."""


M = TypeVar("M", bound=Held)


@dataclass(frozen=True, slots=True)
class Box:
    """Where a member stands: column from the left, row from the top (halves between rows), and its chief's box."""

    column: int
    row: float
    chief: int | None


@dataclass(frozen=True, slots=True)
class Look(Generic[M]):
    """How a tree is drawn: height of a row, the widest box, what a box shows; `foot` draws in the space `below`."""

    row: float
    widest: float
    paint: Callable[[Axes, float, float, float, M], None]
    foot: Callable[[Axes], None] | None = None
    below: float = 0.0


def organisation(members: Sequence[Member]) -> bytes:
    """F2: one box a member, its line to the person above; who reports to nobody of the list stands on the left."""
    return tree(members, Look(_ROW, 60.0, _box))


def tree(members: Sequence[M], look: Look[M]) -> bytes:
    """A box a member with a line to the one above him."""
    if not members:
        return nothing()
    placed = boxes(members)
    columns, rows = max(box.column for box in placed) + 1, max(box.row for box in placed) + 1
    wide = min((WIDTH_MM - 2 - GAP * (columns - 1)) / columns, look.widest)
    height = rows * look.row + 4 + look.below
    left = (WIDTH_MM - columns * wide - (columns - 1) * GAP) / 2
    with paper(height) as (figure, axes):
        at = [(left + box.column * (wide + GAP), height - 2 - look.row * (box.row + 0.5)) for box in placed]
        for box, (x, y), member in zip(placed, at, members, strict=True):
            if box.chief is not None:
                _line(axes, at[box.chief], (x, y), wide)
            look.paint(axes, x, y, wide, member)
        if look.foot:
            look.foot(axes)
        return png(figure)


def tree_alt(members: Sequence[Member]) -> str:
    """What F2 shows, in words."""
    lines = [f"{m.role} {m.name}{f'（向{m.above}汇报）' if m.above else ''}" for m in members]
    return f"项目组织图：共{len(members)}个岗位；" + "；".join(lines) + "。"


def boxes(members: Sequence[Held]) -> list[Box]:
    """Leaves take a row each, a chief stands in the middle of his people; a circle is cut where it closes.

    In the last column there is no room to the right: people stand below their chief.
    """
    chiefs = [_chief(members, number) for number in range(len(members))]
    below: Mapping[int | None, list[int]] = {
        chief: [number for number, own in enumerate(chiefs) if own == chief] for chief in (None, *range(len(members)))
    }
    placed: dict[int, Box] = {}
    free = 0

    def place(number: int, column: int, chief: int | None) -> float:
        nonlocal free
        deepest = column == _DEEPEST
        rows = [] if deepest else [place(one, column + 1, number) for one in below[number]]
        if not rows:
            rows, free = [float(free)], free + 1
        for one in below[number] if deepest else ():
            place(one, column, number)
        placed[number] = Box(column, (rows[0] + rows[-1]) / 2, chief)
        return placed[number].row

    for root in below[None]:
        place(root, 0, None)
    return [placed[number] for number in range(len(members))]


def _chief(members: Sequence[Held], number: int) -> int | None:
    """Place of the person above: the first place that he holds; None for nobody, himself or a circle."""
    seen, at = {number}, number
    while (above := _holder(members, members[at].above, at)) is not None and above not in seen:
        seen.add(above)
        at = above
    closed = above is not None
    direct = _holder(members, members[number].above, number)
    return None if direct is None or (closed and number == min(seen)) else direct


def _holder(members: Sequence[Held], name: str, asker: int) -> int | None:
    if not name or name == members[asker].name:
        return None
    return next((number for number, member in enumerate(members) if member.name == name), None)


def _line(axes: Axes, chief: tuple[float, float], own: tuple[float, float], wide: float) -> None:
    (x, y), (to_x, to_y) = chief, own
    middle = to_x - GAP / 2
    ways = ([x + wide, middle, middle, to_x], [y, y, to_y, to_y]) if to_x > x else ([x + 2, x + 2], [y, to_y])
    axes.plot(*ways, color=EDGE, linewidth=0.8, zorder=1)


def _box(axes: Axes, x: float, y: float, wide: float, member: Member) -> None:
    from matplotlib.patches import Rectangle

    frame = Rectangle((x, y - _BOX / 2), wide, _BOX, facecolor="white", edgecolor=EDGE, linewidth=0.8, zorder=2)
    axes.add_patch(frame)
    most = max(int(wide / CHARACTER), 3)
    text = "\n".join(short(part, most) for part in (member.role, member.name) if part)
    axes.text(x + wide / 2, y, text, ha="center", va="center", fontsize=SMALL, zorder=3, linespacing=1.2)
