"""F1, the flowchart of appendix A with the position of the project (domain A.2, E.4), as PNG.

The same states give the same bytes on the same libraries and fonts. Done steps are ticked, the current one is filled
and framed thick: nothing is told by colour, because the documents are printed and copied in black and white.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline.render.charts_base import EDGE, SMALL, paper, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DONE, CURRENT, AHEAD, SKIPPED = "已完成", "进行中", "未到", "不适用"
NOW = "#bdbdbd"
HEIGHT_MM = 200
# Everything below in millimetres of the paper; the first step is on top.
_TOP, _STEP, _BOX = 192.0, 11.5, 7.8
_LEFT, _RIGHT = 24.0, 98.0
_SIDE_LEFT, _SIDE_RIGHT = 110.0, 140.0
_BAND_LEFT, _BAND_RIGHT = 146.0, 155.0
_CHAMFER = 3.5
_DASHES = (0, (4, 2))


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A step of appendix A.

    Attributes:
        gate: key of the gate that is passed when the step is done (`pipeline.derive.gates`).
        decides: it can send the project back or aside; drawn with pointed ends.
    """

    key: str
    name: str
    note: str
    clause: str
    gate: str
    decides: bool = False

    @property
    def text(self) -> str:
        """Name with what belongs to it, as it is printed."""
        return f"{self.name}（{self.note}）" if self.note else self.name


STEPS = (
    FlowStep("survey", "客户需求调查", "调查表", "6.1", "survey"),
    FlowStep("plan", "编制项目计划", "计划报告和三个附表", "6.3.1", "plan"),
    FlowStep("countersign", "部门会签", "审批单", "6.3.2", "countersign", True),
    FlowStep("application", "立项申请", "申请书和附件", "6.2.1", "application"),
    FlowStep("approval", "立项审批", "一般项目、重大项目", "6.2.2", "approval", True),
    FlowStep("notice", "批准通知书", "", "6.2.2", "notice"),
    FlowStep("team", "组织项目组", "含施工部门网络工程师", "6.2.3", "notice"),
    FlowStep("tracking", "继续跟踪用户", "跟踪情况报告", "6.4.2", "tracking"),
    FlowStep("req_review", "客户需求评审", "评审表", "6.4.2", "req_review", True),
    FlowStep("scheme", "系统方案制作和审批", "", "6.4.3", "scheme"),
    FlowStep("tests", "系统测试和评审", "需要时", "6.4.4", "tests"),
    FlowStep("bid", "与客户洽谈、投标", "", "6.4.5", "bid", True),
    FlowStep("creview", "合同评审", "评审意见表", "6.4.6", "creview", True),
    FlowStep("signing", "签订合同", "", "6.5", "signing"),
    FlowStep("accept", "项目验收", "", "6.6", "closing"),
    FlowStep("handover", "项目结束和移交", "移交清单", "6.7", "handover"),
    FlowStep("archive", "归档", "按规定期限保存", "7.2", "archive"),
)
_PLACE: Mapping[str, int] = {step.key: number for number, step in enumerate(STEPS)}
# Beside which step, what stands there, and what leads to it; `back`: it leads back to the same step.
_ASIDE = (
    ("countersign", "CXO协调", "不能确认", True),
    ("approval", "按审批意见办理\n（结束、补充）", "未批准", False),
    ("bid", "事先批准改动", "改动", True),
    ("creview", "问题对策表", "有问题", True),
)
# On the left: from, to, word.
_SHORT_CUTS = (("team", "req_review", "需求明确\n可省略"), ("scheme", "bid", "不需要\n测试"))
_LANE = 14.0
_BAND = ("贯穿全程", "项目会议", "变更", "汇报", "阶段总结")


def flow_states(passed: Collection[str], skipped: Collection[str] = ()) -> tuple[str, ...]:
    """State of every step: done where its gate is passed; the first one that is not is where the project stands.

    Args:
        passed: keys of the passed gates.
        skipped: keys of the gates that this project does not need; one without a handover still ends.
    """
    found: list[str] = []
    for step in STEPS:
        ending = step.gate == "handover" and step.gate in skipped
        if step.gate in skipped and not ending:
            found.append(SKIPPED)
        elif ("closing" if ending else step.gate) in passed:
            found.append(DONE)
        else:
            found.append(AHEAD if CURRENT in found else CURRENT)
    return tuple(found)


def flowchart(states: Sequence[str]) -> bytes:
    """F1: the steps in a column, loops and branches beside them, done ones ticked, the current one filled.

    Args:
        states: 已完成, 进行中, 未到 or 不适用 of each of `STEPS`, in their order.

    Returns:
        A PNG, 156 mm wide at 200 dpi.

    Raises:
        DependencyMissing: the font is not installed.
        ValueError: not one state a step.
    """
    with paper(HEIGHT_MM) as (figure, axes):
        for number, (step, state) in enumerate(zip(STEPS, states, strict=True)):
            if number:
                _arrow(axes, [(_middle(), _bottom(number - 1)), (_middle(), _top(number))])
            _step(axes, number, step, state)
        for key, text, word, back in _ASIDE:
            _aside(axes, _PLACE[key], text, word, back)
        _lost(axes, _PLACE["bid"], _PLACE["handover"])
        for start, end, word in _SHORT_CUTS:
            _short_cut(axes, _PLACE[start], _PLACE[end], word)
        _again(axes, _PLACE["req_review"], _PLACE["tracking"])
        _band(axes, _top(_PLACE["team"]), _bottom(_PLACE["accept"]))
        _keys(axes, SKIPPED in states)
        return png(figure)


def flow_alt(states: Sequence[str]) -> str:
    """What F1 shows, in words, for readers who cannot see it."""
    now = [step.name for step, state in zip(STEPS, states, strict=True) if state == CURRENT]
    done = sum(1 for state in states if state == DONE)
    place = f"目前在“{now[0]}”" if now else "全部步骤已完成" if done == len(STEPS) else "没有进行中的步骤"
    return f"售前阶段项目控制流程图:共{len(STEPS)}步,已完成{done}步,{place}。"


# -- places ------------------------------------------------------------------------------------------------------------


def _centre(number: int) -> float:
    return _TOP - number * _STEP


def _top(number: int) -> float:
    return _centre(number) + _BOX / 2


def _bottom(number: int) -> float:
    return _centre(number) - _BOX / 2


def _middle() -> float:
    return (_LEFT + _RIGHT) / 2


# -- what is drawn -----------------------------------------------------------------------------------------------------


def _step(axes: Axes, number: int, step: FlowStep, state: str) -> None:
    from matplotlib.patches import Polygon

    y, low, high = _centre(number), _bottom(number), _top(number)
    cut = _CHAMFER if step.decides else 0.0
    corners = [(_LEFT, y), (_LEFT + cut, high), (_RIGHT - cut, high), (_RIGHT, y), (_RIGHT - cut, low)]
    corners.append((_LEFT + cut, low))
    if not step.decides:
        corners = [(_LEFT, high), (_RIGHT, high), (_RIGHT, low), (_LEFT, low)]
    now = state == CURRENT
    look: dict[str, Any] = {"facecolor": NOW if now else "white", "linewidth": 1.8 if now else 0.8}
    look["linestyle"] = _DASHES if state == SKIPPED else "-"
    axes.add_patch(Polygon(corners, closed=True, edgecolor=EDGE, zorder=3, **look))
    _write(axes, _middle(), y, step.text, weight="bold" if now else "normal")
    if state == DONE:
        _write(axes, _LEFT + 5, y, "√", weight="bold")
    _write(axes, _RIGHT - 5.2, y, step.clause, size=6.5)


def _aside(axes: Axes, number: int, text: str, word: str, back: bool) -> None:
    """A box to the right of a step, and the way back from it."""
    y = _centre(number)
    _frame(axes, _SIDE_LEFT, _SIDE_RIGHT, y, text)
    out = y + (1.6 if back else 0)
    _arrow(axes, [(_RIGHT - (_inset(1.6) if back else 0), out), (_SIDE_LEFT, out)])
    _write(axes, (_RIGHT + _SIDE_LEFT) / 2, out + 1.9, word, size=SMALL)
    if back:
        _arrow(axes, [(_SIDE_LEFT, y - 1.6), (_RIGHT - _inset(1.6), y - 1.6)])


def _inset(offset: float) -> float:
    """How far the pointed end of a step lies inside at this distance from its middle."""
    return _CHAMFER * offset / (_BOX / 2)


def _lost(axes: Axes, start: int, end: int) -> None:
    """A lost bid leads to the end of the project, past the contract."""
    lane = _SIDE_RIGHT + 2.6
    y = _centre(start) - 3.1
    points = [(_RIGHT - _inset(3.1), y), (_RIGHT + 4.5, y), (_RIGHT + 4.5, y - 2.6), (lane, y - 2.6)]
    _arrow(axes, [*points, (lane, _centre(end)), (_RIGHT, _centre(end))])
    _write(axes, (_RIGHT + _SIDE_RIGHT) / 2 + 4, _centre(end) + 1.9, "未中标：项目结束", size=SMALL)


def _short_cut(axes: Axes, start: int, end: int, word: str) -> None:
    """A way along the left side past steps that may be left out."""
    from_y, to_y = _centre(start) - 1.8, _centre(end) + 1.8
    target = _LEFT + (_inset(1.8) if STEPS[end].decides else 0)
    _arrow(axes, [(_LEFT, from_y), (_LANE, from_y), (_LANE, to_y), (target, to_y)])
    _write(axes, _LANE - 1.2, (from_y + to_y) / 2, word, size=SMALL, align="right")


def _again(axes: Axes, start: int, end: int) -> None:
    """A review that fails leads back up to an earlier step, along the right side."""
    lane = (_RIGHT + _SIDE_LEFT) / 2
    _arrow(axes, [(_RIGHT, _centre(start)), (lane, _centre(start)), (lane, _centre(end)), (_RIGHT, _centre(end))])
    _write(axes, lane + 1.2, (_centre(start) + _centre(end)) / 2, "不通过", size=SMALL, align="left")


def _band(axes: Axes, high: float, low: float) -> None:
    """What runs along the whole project."""
    from matplotlib.patches import Rectangle

    frame: dict[str, Any] = {"facecolor": "white", "edgecolor": EDGE, "linewidth": 0.8, "linestyle": _DASHES}
    axes.add_patch(Rectangle((_BAND_LEFT, low), _BAND_RIGHT - _BAND_LEFT, high - low, zorder=3, **frame))
    _write(axes, (_BAND_LEFT + _BAND_RIGHT) / 2, (high + low) / 2, "\n\n".join("\n".join(word) for word in _BAND))


def _frame(axes: Axes, left: float, right: float, y: float, text: str) -> None:
    from matplotlib.patches import Rectangle

    frame: dict[str, Any] = {"facecolor": "white", "edgecolor": EDGE, "linewidth": 0.8}
    axes.add_patch(Rectangle((left, y - _BOX / 2), right - left, _BOX, zorder=3, **frame))
    _write(axes, (left + right) / 2, y, text, size=8)


def _keys(axes: Axes, skipped: bool) -> None:
    """What the marks mean, in the free corner on top."""
    from matplotlib.patches import Rectangle

    _write(axes, _SIDE_LEFT + 3, _TOP, "√", weight="bold")
    _write(axes, _SIDE_LEFT + 8, _TOP, DONE, size=8, align="left")
    frame: dict[str, Any] = {"facecolor": NOW, "edgecolor": EDGE, "linewidth": 1.8}
    axes.add_patch(Rectangle((_SIDE_LEFT + 23, _TOP - 2), 6, 4, **frame))
    _write(axes, _SIDE_LEFT + 31, _TOP, CURRENT, size=8, align="left")
    if skipped:
        dashed: dict[str, Any] = {"facecolor": "white", "edgecolor": EDGE, "linewidth": 0.8, "linestyle": _DASHES}
        axes.add_patch(Rectangle((_SIDE_LEFT, _TOP - 9), 6, 4, **dashed))
        _write(axes, _SIDE_LEFT + 8, _TOP - 7, SKIPPED, size=8, align="left")


def _arrow(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    """A line through the points with its head at the last one."""
    if len(points) > 2:
        axes.plot([x for x, _ in points[:-1]], [y for _, y in points[:-1]], color=EDGE, linewidth=0.8, zorder=2)
    head = {"arrowstyle": "-|>", "color": EDGE, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 8}
    axes.annotate("", xy=points[-1], xytext=points[-2], arrowprops=head, zorder=2)


def _write(
    axes: Axes, x: float, y: float, text: str, *, size: float = 9, weight: str = "normal", align: str = "center"
) -> None:
    place: dict[str, Any] = {"horizontalalignment": align, "verticalalignment": "center", "fontweight": weight}
    axes.text(x, y, text, fontsize=size, zorder=5, linespacing=1.15, **place)
