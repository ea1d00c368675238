"""What a cell shows is what counts: other currencies, texts that the program changed (rules F035, F036)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.check.case import Case
from pipeline.check.cells import entries
from pipeline.core.findings import Finding
from pipeline.core.sheets import Flaw


def _noted(case: Case, rule: str, flaw: Flaw) -> Iterator[Finding]:
    """A rule's findings: the notes of one kind that the reader made."""
    for entry in entries(case, rule):
        for note in entry.cell.notes:
            if note.flaw is flaw:
                yield case.finding(rule, entry.cell.at, pending=False, label=entry.field.label, **note.values)


def other_currency(case: Case) -> Iterator[Finding]:
    """F035: an amount is shown in yuan."""
    yield from _noted(case, "F035", Flaw.OTHER_CURRENCY)


def changed_by_the_program(case: Case) -> Iterator[Finding]:
    """F036: a text is what was typed, not a date, time or power of ten that the program made of it."""
    yield from _noted(case, "F036", Flaw.RETYPED)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (other_currency, changed_by_the_program)
