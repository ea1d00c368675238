"""One date out of order is one finding: what else says that the same day is too late, or too early, is told with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.core.places import Place

# Rules about the order of two days, what says most about the cause first.
_RULES = (
    *("G302", "G304", "G307", "G308", "G309", "G311", "G314", "G312", "G315", "G322"),
    *("G305", "G341", "G316", "G318", "W206"),
)
# Where `word` of the message does not say it: rules whose own cell is the one that is too late.
_TOO_LATE = frozenset({"G312", "G322"})
_LATE, _EARLY = "too late", "too early"


@dataclass(frozen=True, slots=True)
class _Side:
    """A cell whose day is wrong beside another, and in which direction."""

    at: Place
    how: str


def one_wrong_day(case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """(follower, root): findings of which one day, moved, would settle all; the day that settles most goes first."""
    days = _days(case)
    sides = {n: found for n, one in enumerate(findings) if (found := _sides(days, one))}
    while causes := _by_cause(sides):
        members = max(causes.values(), key=lambda some: (len(some), -min(some)))
        if len(members) < 2:
            return
        root = min(members, key=lambda n: (not findings[n].blocks, _RULES.index(findings[n].rule.code), n))
        yield from ((n, root) for n in members if n != root)
        sides = {n: found for n, found in sides.items() if n not in members}


def _by_cause(sides: dict[int, tuple[_Side, ...]]) -> dict[_Side, list[int]]:
    causes: dict[_Side, list[int]] = {}
    for number, found in sides.items():
        for side in found:
            causes.setdefault(side, []).append(number)
    return causes


def _sides(days: dict[Place, date], finding: Finding) -> tuple[_Side, ...]:
    """The cells of a finding whose days stand in the wrong order, with the direction in which each is wrong."""
    own = days.get(finding.at)
    if finding.rule.code not in _RULES or own is None:
        return ()
    late = finding.values.get("word") == "晚于" or finding.rule.code in _TOO_LATE
    wrong = [at for at in finding.related if (day := days.get(at)) and (day < own if late else day > own)]
    others = [at for at in wrong if at.sheet != finding.at.sheet] or wrong  # beside it stand others of the same side
    how, against = (_LATE, _EARLY) if late else (_EARLY, _LATE)
    return (_Side(finding.at, how), *(_Side(at, against) for at in dict.fromkeys(others))) if others else ()


def _days(case: Case) -> dict[Place, date]:
    """Every day of the project's workbooks by its cell."""
    sheets = [sheet for book in case.project.books for sheet in book.sheets.values()]
    cells = [cell for sheet in sheets for record in sheet.records() for cell in record.cells.values()]
    return {cell.at: _day(cell.value) for cell in cells if isinstance(cell.value, date)}


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value
