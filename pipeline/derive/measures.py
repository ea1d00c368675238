"""What charts show and no figure holds: load by week, shares, rates by section, unclear items by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate

from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.money import half_up
from pipeline.core.sheets import Project
from pipeline.definitions.forms import Form
from pipeline.derive.occupancy import Use, people, spans
from pipeline.derive.survey import CLEAR, UNCLEAR, blank_items

HUNDRED = Decimal(100)
# Customary limits of an ABC analysis: class A holds the first 80 % of the amount, B the next 15 %.
# What is smaller than half of the last printed digit begins where all the larger ones already make up 100.0 %.
_CLASSES = ((Decimal(80), "A"), (Decimal(95), "B"), (Decimal("Infinity"), "C"))
_WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """A person's share of every week, per cent: of its fullest working day."""

    name: str
    weeks: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """An amount, what it and all larger ones are of the whole (per cent), and its class."""

    name: str
    amount: Decimal
    running: Decimal
    rank: str


@dataclass(frozen=True, slots=True)
class Rates:
    """A section of the survey: its items, how many are answered and clear, in per cent; None where nothing counts."""

    section: str
    items: int
    completeness: Decimal | None
    clear_rate: Decimal | None


def per_cent(part: Decimal, whole: Decimal, places: int = 2) -> Decimal | None:
    """What the part is of the whole, in per cent; None where the whole is zero."""
    return half_up(part / whole * HUNDRED, places) if whole else None


def loads(facts: Facts, company: Company) -> tuple[tuple[date, ...], tuple[PersonLoad, ...]]:
    """The Mondays from the first stay to the last, and the load of everybody planned, in the order of the plan."""
    used = {no: uses for no, uses in people([facts]).items() if uses}
    if not used:
        return (), ()
    every = [use for uses in used.values() for use in uses]
    first, last = min(use.start for use in every), max(use.end for use in every)
    first -= timedelta(days=first.weekday())
    weeks = tuple(first + timedelta(days=day) for day in range(0, (last - first).days + 1, 7))
    return weeks, tuple(PersonLoad(uses[0].label or no, _by_week(uses, weeks, company)) for no, uses in used.items())


def _by_week(uses: Iterable[Use], weeks: Sequence[date], company: Company) -> tuple[Decimal, ...]:
    runs = [(start, end, sum((use.amount for use in there), Decimal(0))) for start, end, there in spans(uses)]
    found = []
    for monday in weeks:
        within = [(max(start, monday), min(end, monday + _WEEK), total) for start, end, total in runs]
        found.append(max((total for start, end, total in within if _works(start, end, company)), default=Decimal(0)))
    return tuple(found)


def _works(start: date, end: date, company: Company) -> bool:
    """Whether a day between the two is worked, both included."""
    days = (start + timedelta(days=number) for number in range((end - start).days + 1))
    return any(company.calendar.is_workday(day) for day in days)


def ranked(amounts: Iterable[tuple[str, Decimal]], most: int) -> tuple[Share, ...]:
    """Amounts from large to small with their growing share; what follows the first `most` is one rest (clause E.4 F8).

    Args:
        amounts: with their names, of which two may be alike; zero and less are left out.
        most: entries before the rest.
    """
    order = sorted(((name, value) for name, value in amounts if value > 0), key=lambda pair: -pair[1])
    head, rest = order[:most], order[most:]
    if rest:
        head.append((f"其余{len(rest)}项", sum((value for _, value in rest), Decimal(0))))
    total = sum((value for _, value in order), Decimal(0))
    running = accumulate(value for _, value in head)
    shares = [half_up(value / total * HUNDRED, 1) for value in running]
    return tuple(
        Share(name, value, share, next(rank for limit, rank in _CLASSES if before < limit))
        for (name, value), share, before in zip(head, shares, [Decimal(0), *shares], strict=False)
    )


def largest(amounts: Iterable[tuple[str, Decimal]], most: int) -> tuple[tuple[str, Decimal], ...]:
    """The largest amounts by name, and one sum of the rest, so that all of it is there."""
    order = sorted(amounts, key=lambda pair: -pair[1])
    rest = sum((value for _, value in order[most:]), Decimal(0))
    return (*order[:most], (f"其余{len(order) - most}项", rest)) if len(order) > most else tuple(order)


def section_rates(project: Project, company: Company, forms: Mapping[str, Form], facts: Facts) -> tuple[Rates, ...]:
    """Completeness and clarity of every section, counted as rule W101 counts the whole survey."""
    if not project.has("survey"):
        return ()
    blanks = set(blank_items(project, company, forms, facts.items))
    sections: dict[str, list[str]] = {}
    for item in forms["survey"].sheet_form("items").items:
        sections.setdefault(item.section, []).append(item.no)
    return tuple(_rates(name, numbers, blanks, facts) for name, numbers in sections.items())


def _rates(section: str, numbers: Sequence[str], blanks: set[str], facts: Facts) -> Rates:
    answered = [no for no in numbers if no not in blanks]
    status = [facts.items[no].status for no in answered if no in facts.items]
    clear, decided = status.count(CLEAR), status.count(CLEAR) + status.count(UNCLEAR)
    complete = per_cent(Decimal(len(answered)), Decimal(len(numbers)))
    return Rates(section, len(numbers), complete, per_cent(Decimal(clear), Decimal(decided)))


def unclear_by_day(project: Project, facts: Facts) -> tuple[tuple[date, int], ...]:
    """How many items were unclear from each day on: today's count, and back through the recorded updates (6.4.2)."""
    if facts.survey is None:
        return ()
    updates: dict[date, int] = {}
    for row in project.rows("survey", "updates"):
        if day := row.date("date"):
            step = (row.text("new_status") == UNCLEAR) - (row.text("old_status") == UNCLEAR)
            updates[day.value] = updates.get(day.value, 0) + step
    versions = [day.value for row in project.rows("survey", "versions") if (day := row.date("date"))]
    found: list[tuple[date, int]] = []
    count = facts.survey.unclear
    for turn in sorted({*updates, *versions[:1]}, reverse=True):
        found.append((turn, count))
        count -= updates.get(turn, 0)
    return tuple(reversed(found))
