"""Rows of what is counted over all projects together: the figures of page and daily report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.derive.achieved import achieved
from pipeline.tables.tidy import Row
from pipeline.tables.told import Source, Told

MEASURES = "measures"


def measure_rows(source: Source, projects: Sequence[Told], *, amounts: bool) -> Iterator[Row]:
    """The figures over these projects alone; those that are money, or tell of it, only where amounts are asked for.

    None without workbook 00: rates, calendar and the bands of the amount are its.
    """
    if source.company is None:
        return
    facts = [one.facts for one in projects if one.facts]
    for one in achieved(facts, source.company, source.logs, facts):
        if amounts or not one.amount:
            yield {"code": one.code, "kind": one.kind, "name": one.name, "value": one.value, "basis": one.basis}
