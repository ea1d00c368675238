"""What the records of the steps break (G301 .. G317, W184, W193, W194), and the order of all days (rule G318).

The steps themselves say it (`pipeline.derive.procedure`); here it becomes findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from pipeline.check.case import Case
from pipeline.core.findings import Finding


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


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (broken, in_order)
