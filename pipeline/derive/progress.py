"""How far the plan wanted to be by a day: person-days and cost of the presales stages (clause 6.4.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.money import half_up
from pipeline.core.places import Place
from pipeline.core.sheets import Project, Record

_PRESALES = "S"
_PLACES = {"person_days": 1, "budget": 2}


@dataclass(frozen=True, slots=True)
class Due:
    """What the plan wanted to be done by a day.

    Attributes:
        done: person-days or yuan up to that day.
        whole: of all presales stages.
        cells: begin, end and amount of the stages.
    """

    done: Decimal
    whole: Decimal
    cells: tuple[Place, ...]

    @property
    def share(self) -> Decimal | None:
        """The first of the second in whole per cent; None where nothing is planned."""
        return half_up(self.done / self.whole * 100, 0) if self.whole else None


def due_by(project: Project, company: Company, day: date, field: str) -> Due | None:
    """The presales stages up to a day, each by its working days; None where a stage cannot be read.

    Args:
        project: what was read.
        company: workbook 00; its calendar counts.
        day: the last day that counts.
        field: `person_days` (of 0.5) or `budget` (yuan) of the stages.
    """
    stages = [row for row in project.rows("plan", "stages") if row.text("code").startswith(_PRESALES)]
    shares = [_share(row, company, day) for row in stages]
    amounts = [row.money(field) for row in stages]
    if not stages or None in shares or None in amounts:
        return None
    pairs = [
        (amount.value, share) for amount, share in zip(amounts, shares, strict=True) if amount and share is not None
    ]
    done = sum((amount * share for amount, share in pairs), Decimal(0))
    cells = tuple(row.at(key) for row in stages for key in ("start", "end", field))
    return Due(half_up(done, _PLACES[field]), sum((amount for amount, _ in pairs), Decimal(0)), cells)


def _share(row: Record, company: Company, day: date) -> Decimal | None:
    """Which part of a stage's working days has passed at the end of a day, 0 to 1."""
    start, end = row.date("start"), row.date("end")
    if not start or not end or start.value > end.value:
        return None
    whole = company.calendar.between(start.value, end.value)
    passed = company.calendar.between(start.value, min(end.value, day))
    return Decimal(passed) / whole if whole else Decimal(end.value <= day)
