"""The stages of the sibling procedures: none goes on while the one before it has no end (rule P527)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.check.case import Case
from pipeline.check.cells import by_hand, in_use
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.stages import UNDER_WAY, Coverage, Stage
from pipeline.definitions.conditions import named
from pipeline.definitions.forms import Field
from pipeline.definitions.stage_models import FILE, StageForm, load_stage_models


def earlier_not_ended(case: Case) -> Iterator[Finding]:
    """P527 (all sibling procedures): a stage that begun has its end mark before a later one begins.

    One finding for each mark that is missing, whichever procedures ask for it. A stage that nothing says of was left
    out, and a sheet that nobody uses proves nothing: neither is asked for.
    """
    found = (finding for covered in case.facts.stages for finding in _of(case, covered))
    yield from {finding.at: finding for finding in reversed(list(found))}.values()


def _of(case: Case, covered: Coverage) -> Iterator[Finding]:
    for number, (form, stage) in enumerate(zip(load_stage_models()[covered.key].stage, covered.stages, strict=True)):
        later = next((one for one in covered.stages[number + 1 :] if one.begun), None)
        if stage.state == UNDER_WAY and form.ends and later:
            yield from _missing(case, covered.title, form, stage, later)


def _missing(case: Case, title: str, form: StageForm, stage: Stage, later: Stage) -> Iterator[Finding]:
    """At the cell of the first end mark whose sheet somebody uses; where none is, nothing is asked."""
    name = next((name for name in form.ends if _used(case, name)), "")
    if not name or not stage.begun or not later.begun:
        return
    at, field = _cell(case, name), _field(case, name)
    said = {"model": title, "stage": stage.name, "later": later.name, "mark": field.label}
    expected = f"“{field.label}”的日期"
    yield case.finding("P527", at, [stage.begun.at, later.begun.at], pending=False, **said, found="", expected=expected)


def _used(case: Case, name: str) -> bool:
    """Whether somebody typed into the sheet of a mark; its text of the template and what was prefilled do not count.

    A mark that an older form has no cell for is not asked for.
    """
    book, sheet, key = name.split(".")
    if not case.project.has(book):
        return False
    definition, found = case.forms[book].sheet_form(sheet), case.project.sheet(book, sheet)
    if key not in found.head.cells and key not in found.columns:
        return False
    rows = () if definition.rows_fixed else found.rows
    return in_use(definition, found.head) or any(by_hand(definition, row) for row in rows)


def _cell(case: Case, name: str) -> Place:
    """The labelled cell, the first blank one of a column, or the sheet while it has no row."""
    book, sheet, key = name.split(".")
    found = case.project.sheet(book, sheet)
    if key in found.head.cells or not found.rows:
        return found.head.at(key) if key in found.head.cells else found.at
    return next((row.at(key) for row in found.rows if row.blank(key)), found.rows[-1].at(key))


def _field(case: Case, name: str) -> Field:
    field = named(name, case.forms, FILE.name)[1]
    assert field  # noqa: S101 - the reader has seen to it
    return field


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (earlier_not_ended,)
