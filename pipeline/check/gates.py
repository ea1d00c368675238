"""What the records of the steps break (G301 .. G317, W184, W193, W194), the order of all days, what is lacking.

The steps themselves say it (`pipeline.derive.procedure`); here it becomes findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise

from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.core.places import Place, Sourced
from pipeline.core.procedure import Answer
from pipeline.definitions.procedure import load_procedure
from pipeline.derive.records import Records
from pipeline.derive.rounds import stood


def broken(case: Case) -> Iterator[Finding]:
    """Every sentence that a step of the procedure finds broken."""
    for answer in case.facts.steps.values():
        for one in answer.breaches:
            yield case.finding(one.rule, one.at, one.related, **one.values)


def in_order(case: Case) -> Iterator[Finding]:
    """G318 (6.1 to 6.7): the dates of the procedure never run backwards; one finding a pair of neighbours."""
    if not case.project.has("records"):
        return
    for (one, earlier), (other, later) in pairwise(case.facts.days):
        if later.value < earlier.value:
            a, b = f"{other} {later.value}", f"{one} {earlier.value}"
            yield case.finding("G318", later.at, [earlier.at], a=a, b=b, found=a, expected=f"不早于{b}")


def lacking(case: Case) -> Iterator[Finding]:
    """G340, W205 (6.4.1): what had to be done before has its record once a later must-step has its day.

    One finding a rule, at the first such day; nothing after a refusal or an end that stops everything.
    """
    procedure, steps = load_procedure(), case.facts.steps
    if case.facts.state in procedure.stopped or Records(case.project).rejected:
        return
    told = {one.rule for answer in steps.values() for one in answer.breaches}
    found: dict[tuple[str, Place], list[Answer]] = {}
    for key, form in procedure.steps.items():
        later = _later_day(case, key)
        undone = steps[key].missing or not (form.gate or steps[key].begun)
        if form.lacks and later and undone and not told & set(form.lack_told_by):
            found.setdefault((form.lacks, later.at), []).append(steps[key])
    for (rule, at), answers in found.items():
        items = "、".join(procedure.steps[answer.step].label for answer in answers)
        cells = [one.cell for answer in answers for one in answer.missing]
        yield case.finding(rule, at, cells, items=items, found="", expected=items)


def _later_day(case: Case, key: str) -> Sourced[date] | None:
    """Day of the next gate after a step that has one; work beside the flow is due when the contract is signed.

    A day on which an earlier round of the step had let it pass is none.
    """
    steps, gates = load_procedure().steps, list(load_procedure().gates)
    if not steps[key].gate:
        return case.facts.day("signing")
    days = (case.facts.day(other) for other in gates[gates.index(key) + 1 :])
    return next((day for day in days if day and not stood(case.project, key, day.value)), None)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (broken, in_order, lacking)
