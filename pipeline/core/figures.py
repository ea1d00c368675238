"""Keys of the sums of a project: what is added, then by what. A part may hold any text; nothing is ever cut apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pipeline.core.places import Place

Key = tuple[str, ...]
# A key with None for a part that may be anything; a table's name alone means all of its figures.
Pattern = tuple[str | None, ...]

# Every figure by its name, and what its key says after the name. Amounts in yuan, days in person-days, margin in %.
FIGURES: Final[Mapping[Key, Key]] = {
    ("cost", "total"): (),
    ("cost", "total_excl"): (),
    ("cost", "presales"): (),
    ("cost", "engineering"): (),
    ("cost", "presales_excl"): (),
    ("cost", "engineering_excl"): (),
    ("cost", "account"): ("acc",),
    ("cost", "account_excl"): ("acc",),
    ("cost", "account_scope"): ("acc", "scope"),
    ("cost", "account_stage"): ("acc", "scope", "stage"),
    ("cost", "stage"): ("stage",),
    ("cost", "month"): ("month",),  # 2026-08
    ("cost", "month_scope"): ("month", "scope"),
    ("cost", "running"): ("month",),  # up to and including it
    ("materials", "total"): (),
    ("materials", "presales"): (),
    ("materials", "engineering"): (),
    ("materials", "category"): ("category",),
    ("materials", "account_scope"): ("acc", "scope"),
    ("materials", "group"): ("category", "scope", "mode"),
    ("staffing", "days"): (),
    ("staffing", "presales_days"): (),
    ("staffing", "engineering_days"): (),
    ("staffing", "amount"): (),
    ("staffing", "presales_amount"): (),
    ("staffing", "engineering_amount"): (),
    ("staffing", "dept"): ("dept",),  # days
    ("staffing", "dept_scope"): ("dept", "scope"),  # days
    ("staffing", "dept_stage"): ("dept", "stage"),  # days
    ("staffing", "dept_amount"): ("dept",),
    ("staffing", "stage"): ("stage",),  # days
    ("staffing", "scope_stage"): ("scope", "stage"),  # yuan
    ("plan", "stage_days"): (),
    ("plan", "stage_budget"): (),
    ("revenue", "total"): (),
    ("revenue", "total_excl"): (),
    ("quotation", "cost"): (),
    ("quotation", "price"): (),
    ("quotation", "ratio"): (),  # price by cost, in %
    ("gross_profit",): (),
    ("gross_margin",): (),
    ("deviation", "days"): (),  # presales, actual minus plan
    ("deviation", "cost"): (),
    ("revisions", "baseline"): (),
    ("revisions", "planned"): (),  # baseline and approved changes
    ("revisions", "last"): (),
    ("changes", "approved"): (),
    ("changes", "before"): ("no",),  # approved before that change
    ("changes", "after"): ("no",),  # baseline of the plan, those before and that change itself
}


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A cell that should say under which figures its row belongs, and does not; and those it may belong to."""

    at: Place
    patterns: tuple[Pattern, ...]

    def touches(self, key: Key) -> bool:
        """Whether the row may belong to a figure."""
        return any(_fits(pattern, key) for pattern in self.patterns)


def _fits(pattern: Pattern, key: Key) -> bool:
    if len(pattern) == 1:
        return key[:1] == pattern
    return len(pattern) == len(key) and all(part is None or part == own for part, own in zip(pattern, key, strict=True))


class UnknownFigure(LookupError):
    """A figure that does not exist, or one that this project has not: a mistake in the program, never in the data."""


def checked(key: Key) -> Key:
    """The key itself.

    Raises:
        UnknownFigure: no figure has this name, or it has another number of parts.
    """
    name = name_of(key)
    if len(key) != len(name) + len(FIGURES[name]):
        raise UnknownFigure(f"{name} has the parts {FIGURES[name]}, not {key[len(name) :]}")
    return key


def name_of(key: Key) -> Key:
    """Name of the figure that a key belongs to.

    Raises:
        UnknownFigure: there is none.
    """
    for length in (2, 1):
        if key[:length] in FIGURES:
            return key[:length]
    raise UnknownFigure(f"no figure {key}")
