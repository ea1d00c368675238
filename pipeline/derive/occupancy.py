"""Who and what is where on which day, over all projects: people by share, equipment by number of pieces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pipeline.core.entries import UNDECIDED
from pipeline.core.facts import Facts
from pipeline.core.places import Place
from pipeline.core.workdays import days

BORROWED = "借用"
# A longer stay is a mistyped year, which rules F017 and F025 report; its days are not counted here.
LONGEST = timedelta(days=3660)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Use:
    """Somebody or something held by a project from `start` to `end`, both included.

    Attributes:
        amount: share in per cent, or pieces; above zero.
        label: name of the person or thing as that project writes it.
    """

    project: str
    start: date
    end: date
    amount: Decimal
    at: Place
    label: str = ""


@dataclass(frozen=True, slots=True)
class Clash:
    """Neighbouring days on which the same projects together want more than there is; `peak` is the most of them."""

    first: date
    last: date
    peak: Decimal
    projects: tuple[str, ...]
    uses: tuple[Use, ...]


def people(projects: Iterable[Facts]) -> dict[str, list[Use]]:
    """Readable stays by employee number; nobody yet (待定) is nobody."""
    found: dict[str, list[Use]] = defaultdict(list)
    for facts in projects:
        for stay in facts.entries.stays:
            if stay.emp_no != UNDECIDED:
                _add(found[stay.emp_no], facts.code, (stay.start, stay.end), stay.alloc, (stay.at, stay.name))
    return found


def equipment(projects: Iterable[Facts]) -> dict[str, list[Use]]:
    """Readable loans of shared equipment by asset number; what is rented or bought takes nothing from the stock."""
    found: dict[str, list[Use]] = defaultdict(list)
    for facts in projects:
        for loan in facts.entries.loans:
            if loan.mode == BORROWED:
                span = (loan.need_date, loan.return_date)
                _add(found[loan.asset_no], facts.code, span, loan.qty, (loan.need_at, loan.name))
    return found


def _add(
    uses: list[Use],
    code: str,
    span: tuple[date | None, date | None],
    amount: Decimal | None,
    named: tuple[Place, str],
) -> None:
    start, end = span
    if start and end and amount and amount > 0 and start <= end < date.max and end - start <= LONGEST:
        uses.append(Use(code, start, end, amount, *named))


def spans(uses: Iterable[Use]) -> Iterator[tuple[date, date, tuple[Use, ...]]]:
    """Runs of days with the same uses, in order and without a gap from the first start to the last end."""
    turns: dict[date, list[tuple[bool, Use]]] = defaultdict(list)
    for use in uses:
        turns[use.start].append((True, use))
        turns[use.end + _DAY].append((False, use))
    there: dict[int, Use] = {}
    before: date | None = None
    for day in sorted(turns):
        if before is not None:
            yield before, day - _DAY, tuple(there.values())
        for begins, use in turns[day]:
            if begins:
                there[id(use)] = use
            else:
                del there[id(use)]
        before = day


def always(_: date) -> bool:
    """Every calendar day counts."""
    return True


def clashes(
    uses: Iterable[Use], most: Decimal, counts: Callable[[date], bool] = always, *, projects: int = 1
) -> list[Clash]:
    """Days on which more than `most` is wanted; neighbouring days with the same projects are one.

    Args:
        uses: of one person or one thing.
        most: what there is.
        counts: which days count; the others neither clash nor part two clashes.
        projects: how many projects must take part.
    """
    found: list[Clash] = []
    open_: Clash | None = None
    for first, last, there in spans(uses):
        counted = _first(first, last, counts)
        if counted is None:
            continue
        who = tuple(sorted({use.project for use in there}))
        total = sum((use.amount for use in there), Decimal(0))
        if total <= most or len(who) < projects:
            open_ = None
            continue
        end = _last(first, last, counts)
        if open_ and open_.projects == who:
            found.pop()
            uses_ = tuple({id(use): use for use in (*open_.uses, *there)}.values())
            open_ = Clash(open_.first, end, max(open_.peak, total), who, uses_)
        else:
            open_ = Clash(counted, end, total, who, there)
        found.append(open_)
    return found


def _first(first: date, last: date, counts: Callable[[date], bool]) -> date | None:
    return next((day for day in days(first, last) if counts(day)), None)


def _last(first: date, last: date, counts: Callable[[date], bool]) -> date:
    day = last
    while day > first and not counts(day):
        day -= _DAY
    return day
