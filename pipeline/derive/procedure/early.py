"""What may not come before the approval of the initiation: rules G305 and G317, for every step that says so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from pipeline.core.places import Sourced
from pipeline.core.procedure import Breach
from pipeline.core.sheets import Cell
from pipeline.definitions.procedure import StepForm
from pipeline.derive.conditions import cells, labelled
from pipeline.derive.procedure.ground import Day, Ground, breach


def too_early(g: Ground, form: StepForm) -> Iterator[Breach]:
    """G305 (6.4.1): nothing is carried out before the approval. G317 (6.2.2, note): nothing follows a refusal."""
    for name in form.days if form.not_before else ():
        book, sheet, _ = name.split(".")
        title = g.forms[book].sheet_form(sheet).name
        for day in filter(None, map(_day, cells(g.project, g.forms, name))):
            yield from _before(g, form.not_before, title, day)
            if labelled(g.forms, name):
                yield from after_refusal(g, day)


def _before(g: Ground, gate: str, title: str, day: Sourced[date]) -> Iterator[Breach]:
    """Only an approval that is complete can be too late."""
    answer = g.answers[gate]
    if not (answer.day and answer.asked and answer.passed) or answer.breaches or day.value >= answer.day.value:
        return
    a, b = day.value, answer.day.value
    yield breach("G305", day.at, [answer.day.at], doc=title, a=a, b=b, found=a, expected=f"不早于{b}")


def after_refusal(g: Ground, day: Day) -> Iterator[Breach]:
    """G317 (6.2.2, note): nothing follows an initiation that was not approved."""
    if day and g.records.rejected:
        rows = g.records.rows("approval")
        refusals = [row.at("decision") for row in rows if row.text("decision") == "不批准"]
        yield breach("G317", day.at, refusals, found=day.value, expected="无")


def _day(cell: Cell) -> Day:
    if isinstance(cell.value, datetime):
        return Sourced(cell.value.date(), cell.at)
    return Sourced(cell.value, cell.at) if isinstance(cell.value, date) else None
