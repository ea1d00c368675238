"""F1, the flowchart of appendix A with the position of the project (domain A.2, E.4), as PNG.

The same states give the same bytes on the same libraries and fonts. Done steps are ticked, the current one is filled
and framed thick: nothing is told by colour, because the documents are printed and copied in black and white. What is
drawn stands in `procedure.toml`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.core.facts import NOW, View
from pipeline.core.procedure import Answer
from pipeline.definitions.procedure import ASIDE, BACK, MAY, OUT, PAST, Box, Branch, load_procedure
from pipeline.render.charts.base import EDGE, SMALL, paper, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DONE, CURRENT, AHEAD, SKIPPED, ASKED = "已完成", "进行中", "未到", "不适用", "本次申请"
FILLED = "#bdbdbd"
HEIGHT_MM = 200
# Everything below in millimetres of the paper; the first step is on top, and the last one stands above the lower edge.
_TOP, _LOW, _STEP, _BOX = 192.0, 8.0, 11.5, 7.8
_LEFT, _RIGHT = 24.0, 98.0
_SIDE_LEFT, _SIDE_RIGHT = 110.0, 140.0
_BAND_LEFT, _BAND_RIGHT = 146.0, 155.0
_CHAMFER = 3.5
_DASHES = (0, (4, 2))
_LANE = 14.0


@dataclass(frozen=True, slots=True)
class Stop:
    """A box of the chart with the state of its step and the ways beside it."""

    step: str
    box: Box
    state: str
    branch: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """All boxes in their order; `band` is what runs along them, from the first box to the last (counted from 0)."""

    stops: tuple[Stop, ...]
    band: tuple[str, ...]
    first: int
    last: int

    def first_of(self, step: str) -> int:
        """Number of the first box of a step."""
        return next(number for number, stop in enumerate(self.stops) if stop.step == step)

    def last_of(self, step: str) -> int:
        """Number of its last box."""
        return max(number for number, stop in enumerate(self.stops) if stop.step == step)

    @property
    def states(self) -> tuple[str, ...]:
        """State of every box."""
        return tuple(stop.state for stop in self.stops)


def flow_of(answers: Mapping[str, Answer], view: View = NOW) -> Flow:
    """The boxes with their states: done where the step is passed; the first that is not is where the project stands.

    A plan stands nowhere yet, and a step that is asked for is neither done nor ahead.
    """
    procedure, stops = load_procedure(), list[Stop]()
    for step in procedure.gates.values():
        for number, box in enumerate(step.boxes, 1):
            state = _state(answers, step.key, box)
            if state == AHEAD and not view.planned and not {CURRENT, ASKED} & {stop.state for stop in stops}:
                state = ASKED if step.key == view.asks else CURRENT
            stops.append(Stop(step.key, box, state, step.branch if number == len(step.boxes) else ()))
    band = (procedure.band.title, *(step.title for step in procedure.step if step.kind == MAY))
    flow = Flow(tuple(stops), band, 0, 0)
    return Flow(flow.stops, band, flow.last_of(procedure.band.first), flow.first_of(procedure.band.last))


def _state(answers: Mapping[str, Answer], step: str, box: Box) -> str:
    answer = answers.get(step)
    if answer and not answer.needed and box.instead:
        answer = answers.get(box.instead)
    if answer is None:
        return AHEAD
    return SKIPPED if not answer.needed else DONE if answer.passed else AHEAD


def appendix() -> tuple[str, ...]:
    """The sentences of appendix A; its drawing is lost, they are rebuilt from the text (domain A.2)."""
    return tuple(box.words or box.name for step in load_procedure().gates.values() for box in step.boxes)


def flowchart(flow: Flow) -> bytes:
    """F1: the steps in a column, loops and branches beside them, done ones ticked, the current one filled.

    Returns:
        A PNG of the width of the text.
    """
    with paper(HEIGHT_MM) as (figure, axes):
        chart = _Chart(axes, len(flow.stops))
        for number, stop in enumerate(flow.stops):
            if number:
                chart.arrow([(_middle(), chart.bottom(number - 1)), (_middle(), chart.top(number))])
            chart.step(number, stop)
        for number, stop in enumerate(flow.stops):
            for branch in stop.branch:
                _WAYS[branch.kind](chart, flow, number, branch)
        chart.band(chart.top(flow.first), chart.bottom(flow.last), flow.band)
        chart.keys(flow.states)
        return png(figure)


def flow_alt(flow: Flow) -> str:
    """What F1 shows, in words, for readers who cannot see it."""
    states, now = flow.states, [stop.box.name for stop in flow.stops if stop.state == CURRENT]
    done = states.count(DONE)
    place = f"目前在“{now[0]}”" if now else "全部步骤已完成" if done == len(states) else "没有进行中的步骤"
    return f"售前阶段项目控制流程图：共{len(states)}步，已完成{done}步，{place}。"


def _middle() -> float:
    return (_LEFT + _RIGHT) / 2


def _inset(offset: float, box: float) -> float:
    """How far the pointed end of a step lies inside at this distance from its middle."""
    return _CHAMFER * offset / (box / 2)


class _Chart:
    """What is drawn, on axes in millimetres; boxes come closer where there are more of them than appendix A has."""

    def __init__(self, axes: Axes, count: int) -> None:
        self._axes = axes
        self._pitch = min(_STEP, (_TOP - _LOW) / max(count - 1, 1))
        self._box = min(_BOX, self._pitch * _BOX / _STEP)

    def centre(self, number: int) -> float:
        return _TOP - number * self._pitch

    def top(self, number: int) -> float:
        return self.centre(number) + self._box / 2

    def bottom(self, number: int) -> float:
        return self.centre(number) - self._box / 2

    def inset(self, offset: float) -> float:
        return _inset(offset, self._box)

    def step(self, number: int, stop: Stop) -> None:
        from matplotlib.patches import Polygon

        y, low, high = self.centre(number), self.bottom(number), self.top(number)
        box, state = stop.box, stop.state
        cut = _CHAMFER if box.decides else 0.0
        corners = [(_LEFT, y), (_LEFT + cut, high), (_RIGHT - cut, high), (_RIGHT, y), (_RIGHT - cut, low)]
        corners.append((_LEFT + cut, low))
        if not box.decides:
            corners = [(_LEFT, high), (_RIGHT, high), (_RIGHT, low), (_LEFT, low)]
        now = state == CURRENT
        look: dict[str, Any] = {"facecolor": FILLED if now else "white", "linewidth": 1.8 if now else 0.8}
        look["linestyle"] = _DASHES if state == SKIPPED else "-"
        self._axes.add_patch(Polygon(corners, closed=True, edgecolor=EDGE, zorder=3, **look))
        self.write(_middle(), y, box.text, weight="bold" if now else "normal")
        if state == DONE:
            self.write(_LEFT + 5, y, "√", weight="bold")
        self.write(_RIGHT - 5.2, y, box.clause, size=6.5)

    def band(self, high: float, low: float, words: Sequence[str]) -> None:
        """What runs along the whole project."""
        from matplotlib.patches import Rectangle

        frame: dict[str, Any] = {"facecolor": "white", "edgecolor": EDGE, "linewidth": 0.8, "linestyle": _DASHES}
        self._axes.add_patch(Rectangle((_BAND_LEFT, low), _BAND_RIGHT - _BAND_LEFT, high - low, zorder=3, **frame))
        self.write((_BAND_LEFT + _BAND_RIGHT) / 2, (high + low) / 2, "\n\n".join("\n".join(word) for word in words))

    def frame(self, left: float, right: float, y: float, text: str) -> None:
        from matplotlib.patches import Rectangle

        frame: dict[str, Any] = {"facecolor": "white", "edgecolor": EDGE, "linewidth": 0.8}
        self._axes.add_patch(Rectangle((left, y - self._box / 2), right - left, _BOX, zorder=3, **frame))
        self.write((left + right) / 2, y, text, size=8)

    def keys(self, states: Collection[str]) -> None:
        """What the marks mean, in the free corner on top; a plan bears none of those of work."""
        from matplotlib.patches import Rectangle

        if not {DONE, CURRENT}.isdisjoint(states):
            self.write(_SIDE_LEFT + 3, _TOP, "√", weight="bold")
            self.write(_SIDE_LEFT + 8, _TOP, DONE, size=8, align="left")
            frame: dict[str, Any] = {"facecolor": FILLED, "edgecolor": EDGE, "linewidth": 1.8}
            self._axes.add_patch(Rectangle((_SIDE_LEFT + 23, _TOP - 2), 6, 4, **frame))
            self.write(_SIDE_LEFT + 31, _TOP, CURRENT, size=8, align="left")
        if SKIPPED in states:
            dashed: dict[str, Any] = {"facecolor": "white", "edgecolor": EDGE, "linewidth": 0.8, "linestyle": _DASHES}
            self._axes.add_patch(Rectangle((_SIDE_LEFT, _TOP - 9), 6, 4, **dashed))
            self.write(_SIDE_LEFT + 8, _TOP - 7, SKIPPED, size=8, align="left")

    def arrow(self, points: Sequence[tuple[float, float]]) -> None:
        """A line through the points with its head at the last one."""
        if len(points) > 2:
            self._axes.plot(
                [x for x, _ in points[:-1]], [y for _, y in points[:-1]], color=EDGE, linewidth=0.8, zorder=2
            )
        head = {"arrowstyle": "-|>", "color": EDGE, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 8}
        self._axes.annotate("", xy=points[-1], xytext=points[-2], arrowprops=head, zorder=2)

    def write(
        self, x: float, y: float, text: str, *, size: float = 9, weight: str = "normal", align: str = "center"
    ) -> None:
        place: dict[str, Any] = {"horizontalalignment": align, "verticalalignment": "center", "fontweight": weight}
        self._axes.text(x, y, text, fontsize=size, zorder=5, linespacing=1.15, **place)


# -- ways beside the column --------------------------------------------------------------------------------------------


def _aside(chart: _Chart, _flow: Flow, number: int, branch: Branch) -> None:
    """A box to the right of a step, and the way back from it."""
    y = chart.centre(number)
    chart.frame(_SIDE_LEFT, _SIDE_RIGHT, y, branch.text)
    out = y + (1.6 if branch.back else 0)
    chart.arrow([(_RIGHT - (chart.inset(1.6) if branch.back else 0), out), (_SIDE_LEFT, out)])
    chart.write((_RIGHT + _SIDE_LEFT) / 2, out + 1.9, branch.word, size=SMALL)
    if branch.back:
        chart.arrow([(_SIDE_LEFT, y - 1.6), (_RIGHT - chart.inset(1.6), y - 1.6)])


def _out(chart: _Chart, flow: Flow, number: int, branch: Branch) -> None:
    """A way past everything that is not done any more, to a later step."""
    lane, end = _SIDE_RIGHT + 2.6, chart.centre(flow.first_of(branch.to))
    y = chart.centre(number) - 3.1
    points = [(_RIGHT - chart.inset(3.1), y), (_RIGHT + 4.5, y), (_RIGHT + 4.5, y - 2.6), (lane, y - 2.6)]
    chart.arrow([*points, (lane, end), (_RIGHT, end)])
    chart.write((_RIGHT + _SIDE_RIGHT) / 2 + 4, end + 1.9, branch.word, size=SMALL)


def _past(chart: _Chart, flow: Flow, number: int, branch: Branch) -> None:
    """A way along the left side past a step that may be left out."""
    start, end = flow.first_of(flow.stops[number].step) - 1, number + 1
    from_y, to_y = chart.centre(start) - 1.8, chart.centre(end) + 1.8
    target = _LEFT + (chart.inset(1.8) if flow.stops[end].box.decides else 0)
    chart.arrow([(_LEFT, from_y), (_LANE, from_y), (_LANE, to_y), (target, to_y)])
    chart.write(_LANE - 1.2, (from_y + to_y) / 2, branch.word, size=SMALL, align="right")


def _again(chart: _Chart, flow: Flow, number: int, branch: Branch) -> None:
    """A step that fails leads back up to an earlier one, along the right side."""
    lane, start, end = (_RIGHT + _SIDE_LEFT) / 2, chart.centre(number), chart.centre(flow.first_of(branch.to))
    chart.arrow([(_RIGHT, start), (lane, start), (lane, end), (_RIGHT, end)])
    chart.write(lane + 1.2, (start + end) / 2, branch.word, size=SMALL, align="left")


_WAYS = {ASIDE: _aside, OUT: _out, PAST: _past, BACK: _again}
