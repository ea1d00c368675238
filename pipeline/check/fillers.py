"""Required texts that say nothing: rule W219 (F005 says it of the survey)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from pipeline.check.case import Case
from pipeline.check.cells import Entry, entries, text_of
from pipeline.check.procedure import records_of
from pipeline.core.findings import Finding
from pipeline.core.sheets import Cell
from pipeline.definitions.fillers import is_decision, is_filler, is_nothing

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
# Where 无 is no answer either, and what to do where there is none: the excuse that the cell stands for has no ground.
_GROUNDS = {
    "records.changes.basis_no": _RULE,
    "records.bidding.basis_no": _RULE,
    "records.deviations.reason": _REASON,
}


def fillers(case: Case) -> Iterator[Finding]:
    """W219 (6.2.1, note): a required text is more than a filler; one finding a row or form."""
    found: dict[int, list[Entry]] = {}
    for entry in entries(case, "W219", {"text", "long"}):
        if entry.field.required in {"Y", "C"} and _says_nothing(entry):
            found.setdefault(id(entry.record), []).append(entry)
    for group in found.values():
        labels = "、".join(entry.field.label for entry in group)
        instead = next((_GROUNDS[entry.name] for entry in group if entry.name in _GROUNDS), _NONE)
        yield _finding(case, labels, [entry.cell for entry in group], instead=instead)


def _says_nothing(entry: Entry) -> bool:
    text = text_of(entry.cell)
    empty = is_nothing if entry.name in _GROUNDS else is_filler
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
