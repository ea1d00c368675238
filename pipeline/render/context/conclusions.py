"""Conclusions that follow from what is recorded: nobody types them, and nobody ticks them by hand.

Each is blank while its records are not complete: the paper then shows the boxes to tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from pipeline.core.errors import DefinitionError
from pipeline.core.leaves import Shown
from pipeline.core.money import half_up
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.derive.records import SETTLED, Records, last_result, passes
from pipeline.render.context.approvals import countersign
from pipeline.render.context.shown import Node, Source, leaf, table, words

_AGREED = frozenset({"同意", "有条件同意"})
_CONFIRMED = "各部门已书面确认，可以申请立项"
_Measured = tuple[str, tuple[Place, ...]]


# -- the review of a bid ------------------------------------------------------------------------------------------


def _chair_limit(source: Source) -> Shown:
    """Price up to which the lower post presides over the review of a bid; blank where 00 does not say."""
    try:
        limit = source.company.parameter("chair_limit", source.facts.business_date)
    except DefinitionError:
        return leaf("chair_limit", None, "money")
    return leaf("chair_limit", limit, "money")


def _chair(source: Source) -> Node:
    """The posts of workbook 00 that preside over the review of a bid, and the one of this price (clause 6.4.5)."""
    small, large = (_post(source, key) for key in ("chair_small", "chair_large"))
    price, limit = source.project.head("records", "bidding").money("price"), _chair_limit(source).value
    due = (small if price.value <= limit else large) if price and isinstance(limit, Decimal) else ""
    posts = {"small": words("chair.small", small), "large": words("chair.large", large)}
    return {**posts, "due": words("chair.due", due, (price.at,) if price else ())}


def _post(source: Source, key: str) -> str:
    try:
        return source.company.text_parameter(key, source.facts.business_date)
    except DefinitionError:
        return ""


# -- tests ------------------------------------------------------------------------------------------------------


def _tests(source: Source) -> Shown:
    """What the tests come to, once every planned one has a result (clause 6.4.4)."""
    last, planned = _last_results(source)
    text = ""
    if planned and len(last) == planned:
        again = any(row.text("verdict") == "复测通过" for row in last)
        good = "复测后通过" if again else "全部通过"
        text = good if all(passes(row) for row in last) else "不通过，修改方案后再测"
    return words("tests_conclusion", text, _at(last, "verdict"))


def _last_results(source: Source) -> tuple[list[Record], int]:
    """The last result of each planned test that has one, and how many tests are planned."""
    rows, numbers = Records(source.project).rows("test_results"), source.project.rows("plan", "tests")
    found = [last_result(rows, row.text("no")) for row in numbers]
    return [row for row in found if row], len(numbers)


# -- countersigning -----------------------------------------------------------------------------------------------


def _confirmed(source: Source) -> Shown:
    """Whether every department has agreed to the plan in writing, or its chief has settled it (clause 6.3.2)."""
    asked = countersign(source)
    settled = asked and all(_agrees(node) for node in asked)
    cells = tuple(place for node in asked for place in node["opinion"].cells)
    return words("plan_confirmed", _CONFIRMED if settled else "", cells if settled else ())


def _coordinated(source: Source) -> Shown:
    """Departments between which a chief officer has settled something (clause 6.3.2, note)."""
    asked = [node for node in countersign(source) if str(node["cxo"])]
    cells = tuple(place for node in asked for place in node["cxo"].cells)
    return words("coordinated", "、".join(str(node["dept"]) for node in asked), cells)


def _agrees(node: Node) -> bool:
    said = str(node["opinion"]) in _AGREED or (str(node["cxo_result"]) and str(node["cxo_date"]))
    signed = str(node["name"]) and str(node["date"])
    return bool(said and (signed or not str(node["opinion"])))


# -- quality goals --------------------------------------------------------------------------------------------------


def _goals(source: Source) -> list[Node]:
    """Quality goals of the plan, with what was reached where the workbooks say it (clause 6.4.9)."""
    found = table(source, "goals", "plan", "quality_goals")
    for number, node in enumerate(found):
        text, cells = _measured(source, str(node["indicator"]))
        node["actual"] = words(f"goals[{number}].actual", text, cells)
    return found


def _measured(source: Source, indicator: str) -> _Measured:
    """What an indicator comes to; nothing for one that the workbooks do not measure."""
    return next((measure(source) for word, measure in _MEASURES.items() if word in indicator), ("", ()))


def _blanks(source: Source) -> _Measured:
    return (str(source.facts.survey.blank), ()) if source.facts.survey else ("", ())


def _clear_rate(source: Source) -> _Measured:
    return (f"{source.facts.survey.clear_rate:.2f}", ()) if source.facts.survey else ("", ())


def _test_rate(source: Source) -> _Measured:
    last, planned = _last_results(source)
    return _share(sum(passes(row) for row in last), planned, _at(last, "verdict"))


def _solved(source: Source) -> _Measured:
    rows = Records(source.project).rows("problems")
    return _share(sum(row.text("status") in SETTLED for row in rows), len(rows), _at(rows, "status"))


def _handed(source: Source) -> _Measured:
    """How many of the four mandatory kinds are listed, once the handover was done on the paper's day."""
    answer = source.facts.steps.get("handover")
    checks = answer.checks if answer and answer.day else ()
    cells = tuple(place for line in checks for place in line.cells)
    return _share(sum(bool(line.cells) for line in checks), len(checks), cells)


# Indicators of the plan's quality goals by the word that tells them, as the blank workbook names them.
_MEASURES: dict[str, Callable[[Source], _Measured]] = {
    "空项": _blanks,
    "明确率": _clear_rate,
    "测试": _test_rate,
    "解决率": _solved,
    "齐套率": _handed,
}


def _share(some: int, all_: int, cells: tuple[Place, ...]) -> _Measured:
    return (f"{half_up(Decimal(some * 100) / all_):.2f}（{some}/{all_}）", cells) if all_ else ("", ())


def _at(rows: Iterable[Record], key: str) -> tuple[Place, ...]:
    return tuple(row.at(key) for row in rows)


# Names of the context, with what makes them.
CONCLUSIONS: Mapping[str, Callable[[Source], Any]] = {
    "chair": _chair,
    "chair_limit": _chair_limit,
    "tests_conclusion": _tests,
    "plan_confirmed": _confirmed,
    "coordinated": _coordinated,
    "goals": _goals,
}
