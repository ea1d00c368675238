"""Required texts that say nothing: rule W219 (F005 says it of the survey)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.check.case import Case
from pipeline.check.cells import Entry, entries, text_of
from pipeline.check.procedure import records_of
from pipeline.core.findings import Finding
from pipeline.core.sheets import Cell
from pipeline.definitions.fillers import is_decision, is_filler


def fillers(case: Case) -> Iterator[Finding]:
    """W219 (6.2.1, note): a required text is more than a filler; one finding a row or form."""
    found: dict[int, list[Entry]] = {}
    for entry in entries(case, "W219", {"text", "long"}):
        text = text_of(entry.cell)
        if entry.field.required in {"Y", "C"} and text not in entry.field.also_allowed and is_filler(text):
            found.setdefault(id(entry.record), []).append(entry)
    for group in found.values():
        labels = "、".join(entry.field.label for entry in group)
        yield _finding(case, labels, [entry.cell for entry in group], "", "")


def _finding(case: Case, label: str, cells: list[Cell], more: str, more_en: str) -> Finding:
    text = text_of(cells[0])
    values = {"label": label, "found": text, "expected": "实际内容,没有的写“无”", "more": more, "more_en": more_en}
    return case.finding("W219", cells[0].at, [cell.at for cell in cells[1:]], pending=False, **values)


def opinions(case: Case) -> Iterator[Finding]:
    """W219 (6.2.2): somebody of those who approve says more of a) to h) than the decision beside it."""
    cells = [row.cell("opinion_text") for row in records_of(case).rows("approval") if not row.blank("opinion_text")]
    if cells and all(is_decision(text_of(cell)) for cell in cells):
        label = case.forms["records"].sheet_form("approval").field("opinion_text").label
        yield _finding(case, label, cells, ":没有一位审批人说到a)–h)", ": nobody speaks of a) to h)")


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (fillers, opinions)
