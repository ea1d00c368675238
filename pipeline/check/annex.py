"""What the rules of the three annexes (cost, materials, staffing) share: stage windows and doubled rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Record


@dataclass(frozen=True, slots=True)
class Window:
    """First and last day of a stage of the plan; None where the cell cannot be read."""

    code: str
    start: date | None
    end: date | None
    cells: tuple[Place, Place]

    def misses(self, first: date, last: date) -> bool:
        """Whether something from `first` to `last` begins before the stage or ends after it."""
        return self.starts_after(first) or self.ends_before(last)

    def starts_after(self, day: date) -> bool:
        """Whether the stage begins after `day`."""
        return self.start is not None and day < self.start

    def ends_before(self, day: date) -> bool:
        """Whether the stage ends before `day`."""
        return self.end is not None and day > self.end

    def __str__(self) -> str:
        return f"{self.start or '?'}~{self.end or '?'}"


def window_of(case: Case, row: Record) -> Window | None:
    """Window of the stage that a row names; None when the plan has no such stage (rule X216 reports it)."""
    code = row.text("stage")
    stage = case.project.sheet("plan", "stages").find("code", code) if code else None
    if stage is None:
        return None
    start, end = stage.date("start"), stage.date("end")
    cells = (stage.at("start"), stage.at("end"))
    return Window(code, start.value if start else None, end.value if end else None, cells)


def doubled(rows: Iterable[Record], keys: tuple[str, ...]) -> Iterator[tuple[Record, Record]]:
    """Pairs (first, later) of rows that read the same in all of `keys`; rows with a blank one are left out."""
    seen: dict[tuple[str, ...], Record] = {}
    for row in rows:
        texts = tuple(row.text(key) for key in keys)
        if not all(texts):
            continue
        if texts in seen:
            yield seen[texts], row
        else:
            seen[texts] = row


def at_row(case: Case, rule: str, row: Record, key: str, related: Iterable[Place] = (), **values: object) -> Finding:
    """A finding at one cell of a row; the message gets the row's number.

    Args:
        case: makes the finding.
        rule: its code.
        row: the row.
        key: field whose cell is reported.
        related: other cells.
        **values: what fills the message, with `found` and `expected`.
    """
    return case.finding(rule, row.at(key), related, pending=False, row=row.number, **values)


def thousands(value: Decimal) -> str:
    """A threshold in an English message: 10,000."""
    return f"{value:,f}"
