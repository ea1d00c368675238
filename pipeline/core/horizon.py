"""How far ahead of today a day may lie before its year must be a slip of the hand (rule F025)."""

from __future__ import annotations

from datetime import date

# Bounds of any date on a form: they tell a mistyped year from a plan, and are no business threshold.
EARLIEST = date(2000, 1, 1)
YEARS_AHEAD = 10


def horizon(as_of: date) -> date:
    """The last day that is believed: ten years from today; 28 February where 29 does not exist."""
    try:
        return as_of.replace(year=as_of.year + YEARS_AHEAD)
    except ValueError:
        return as_of.replace(year=as_of.year + YEARS_AHEAD, day=28)


def believed_from(day: date) -> date:
    """The first today on whose horizon a day no longer lies beyond; 1 March where 29 February does not exist."""
    if day.year <= YEARS_AHEAD:
        return date.min
    try:
        return day.replace(year=day.year - YEARS_AHEAD)
    except ValueError:
        return date(day.year - YEARS_AHEAD, 3, 1)
