"""Workbooks and sheets that nobody has filled: said once, whatever they lack (clause 6.3.1; rule F056)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.check.case import Case
from pipeline.check.cells import begun, in_use
from pipeline.core.findings import Finding
from pipeline.core.sheets import Sheet
from pipeline.definitions.forms import SheetForm

_PLAN_SET = ("survey", "plan", "cost", "materials", "staffing")
# Empty sheets of a workbook that was begun, which rules of their own report: W112, W117, W118, W120, G301, G343.
_TOLD_ELSEWHERE = frozenset({"stages", "feasibility", "interfaces", "quality_goals", "versions", "organisation"})


def unfilled(case: Case, form: str, key: str) -> bool:
    """Whether a sheet that must hold something is there and holds nothing, so that no figure of it means anything."""
    definition, sheet = case.forms[form].sheet_form(key), case.project.sheet(form, key)
    return form in _PLAN_SET and _empty(definition, sheet) and not _needs_nothing(case, form)


def _empty(definition: SheetForm, sheet: Sheet) -> bool:
    filled = bool(sheet.rows) if definition.kind != "form" else in_use(definition, sheet.head)
    return sheet.present and not definition.optional and not definition.rows_fixed and not filled


def _needs_nothing(case: Case, form: str) -> bool:
    """A project may do without materials; then its plan says that they cost 0."""
    total = case.project.head("plan", "basics").money("materials_total")
    return form == "materials" and total is not None and not total.value


def not_filled(case: Case) -> Iterator[Finding]:
    """F056 (6.3.1): a workbook, or a sheet of it, that is still as blank as it was handed out; one finding a workbook.

    Pending as long as nobody has applied for the initiation.
    """
    early = not case.project.head("records", "application").date("apply_date")
    for form in (form for form in _PLAN_SET if case.project.has(form)):
        book, untouched = case.project.workbooks[form], not begun(case, form)
        if untouched and _needs_nothing(case, form):
            continue
        blank = list(_blank(case, form, untouched=untouched))
        if blank:
            names, (first, *others) = "、".join(sheet.name for sheet in blank), [book.sheets[s.key].at for s in blank]
            at = book.at if untouched else first
            values = {"name": case.forms[form].name, "sheets": names, "found": "", "expected": names}
            yield case.finding("F056", at, [first, *others], pending=early, **values)


def _blank(case: Case, form: str, *, untouched: bool) -> Iterator[SheetForm]:
    for definition in case.forms[form].sheet:
        if untouched:
            sheet = case.project.sheet(form, definition.key)
            if sheet.present and not definition.optional and (definition.items or not definition.rows_fixed):
                yield definition
        elif unfilled(case, form, definition.key) and definition.key not in _TOLD_ELSEWHERE:
            yield definition


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (not_filled,)
