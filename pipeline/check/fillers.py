"""Required texts that say nothing: rule W219 (F005 says it of the survey)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pipeline.check.case import Case
from pipeline.check.cells import Entry, entries, text_of
from pipeline.check.procedure import records_of
from pipeline.core.findings import Finding
from pipeline.core.sheets import Cell, Record
from pipeline.definitions.fillers import is_decision, is_filler, is_nothing

_Asked = Callable[[Record], bool]
_NO_MORE = {"more": "", "more_en": ""}
_NONE = {"instead": "确实没有的写“无”", "instead_en": 'write "无" (none) where there is nothing'}
_RULE = {
    "instead": "规定文号写文件号和条款,没有规定的改动事先批准",
    "instead_en": "give number and section of the rule; without one a change is approved beforehand",
}
_REASON = {
    "instead": "写明为什么没有照办,没有写明的偏差说明不起作用",
    "instead_en": "say why it was not done as laid down; without a reason the row lets nothing pass",
}
_PLAIN = {
    "instead": "写明是什么、怎样办的,“无”不是答案",
    "instead_en": 'say what it is and how it was settled; "无" is no answer',
}
_WHY = {"instead": "写明理由,“无”不是理由", "instead_en": 'give the reason; "无" is none'}


def _always(_row: Record) -> bool:
    return True


def _is(key: str, *values: str) -> _Asked:
    return lambda row: row.text(key) in values


def _is_not(key: str, value: str) -> _Asked:
    return lambda row: row.text(key) != value


# Where 无 is no answer either, in which rows, and what to do where there is none: the excuse that the cell stands for
# has no ground, or what was raised, agreed on condition or settled is not on record.
_GROUNDS: Mapping[str, tuple[Mapping[str, str], _Asked]] = {
    "records.changes.basis_no": (_RULE, _always),
    "records.bidding.basis_no": (_RULE, _always),
    "records.deviations.reason": (_REASON, _always),
    "records.changes.reason": (_WHY, _always),
    "records.rounds.reason": (_WHY, _always),
    "records.pauses.reason": (_WHY, _always),
    "plan.basics.class_reason": (_WHY, _always),
    "plan.basics.no_test_reason": (_WHY, _is("needs_test", "否")),
    "plan.basics.skip_tracking_reason": (_WHY, _is("skip_tracking", "是")),
    "records.countersign.opinion_text": (_PLAIN, _is_not("opinion", "同意")),
    "records.countersign.cxo_result": (_PLAIN, _always),
    "records.req_review.opinion_text": (_PLAIN, _is_not("result", "满足")),
    "records.req_review.conditions": (_PLAIN, _is("conclusion", "有条件通过")),
    "records.creview.opinion_text": (_PLAIN, _is_not("opinion", "同意")),
    "records.problems.desc": (_PLAIN, _always),
    "records.problems.countermeasure": (_PLAIN, _always),
    "records.problems.result": (_PLAIN, _is("status", "已解决")),
}
_ANYTHING: tuple[Mapping[str, str], _Asked] = (_NONE, lambda _row: False)


def fillers(case: Case) -> Iterator[Finding]:
    """W219 (6.2.1, note): a required text is more than a filler; one finding a row or form."""
    found: dict[int, list[Entry]] = {}
    for entry in entries(case, "W219", {"text", "long"}):
        if entry.field.required in {"Y", "C"} and _says_nothing(entry):
            found.setdefault(id(entry.record), []).append(entry)
    for group in found.values():
        labels = "、".join(entry.field.label for entry in group)
        instead = next((_GROUNDS[entry.name][0] for entry in group if entry.name in _GROUNDS), _NONE)
        yield _finding(case, labels, [entry.cell for entry in group], instead=instead)


def _says_nothing(entry: Entry) -> bool:
    text, (_, asked) = text_of(entry.cell), _GROUNDS.get(entry.name, _ANYTHING)
    empty = is_nothing if asked(entry.record) else is_filler
    return text not in entry.field.also_allowed and empty(text)


def _finding(
    case: Case, label: str, cells: list[Cell], more: Mapping[str, str] = _NO_MORE, instead: Mapping[str, str] = _NONE
) -> Finding:
    values = {"label": label, "found": text_of(cells[0]), "expected": "实际内容", **more, **instead}
    return case.finding("W219", cells[0].at, [cell.at for cell in cells[1:]], pending=False, **values)


def opinions(case: Case) -> Iterator[Finding]:
    """W219 (6.2.2): somebody of those who approve says more of a) to h) than the decision beside it."""
    cells = [row.cell("opinion_text") for row in records_of(case).rows("approval") if not row.blank("opinion_text")]
    if cells and all(is_decision(text_of(cell)) for cell in cells):
        label = case.forms["records"].sheet_form("approval").field("opinion_text").label
        more = {"more": ":没有一位审批人说到a)–h)", "more_en": ": nobody speaks of a) to h)"}
        yield _finding(case, label, cells, more)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (fillers, opinions)
