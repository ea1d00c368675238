"""Won of all bids that are decided: by sales representative, quarter, industry and amount."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.errors import DefinitionError
from pipeline.core.facts import Facts
from pipeline.core.money import NotAnAmount, half_up, plain, to_wan, typed_number
from pipeline.core.portfolio import Measure
from pipeline.derive.records import LOST, WON

BANDS = "amount_bands"  # parameter of workbook 00
_BETWEEN = re.compile("[、;；\\s]+")
_UNKNOWN = (999, "（不知道）")  # behind all that is known

Group = tuple[int, str]


@dataclass(frozen=True, slots=True)
class _Round:
    """A round of a project that was won or lost, and the day of its result."""

    project: Facts
    won: bool
    day: date | None


def per_cent(part: Decimal | int, whole: Decimal | int) -> str:
    """A share with one decimal; a dash where there is nothing to share."""
    return f"{half_up(Decimal(100 * part) / whole, 1)}%" if whole else "—"


def hit_rates(projects: Sequence[Facts], company: Company) -> Iterator[Measure]:
    """Hit rates with what they are made of; earlier rounds count, what is not known comes last."""
    rounds = [_Round(one, result in WON, day) for one in projects for result, day in decided(one)]
    limits = _limits(company, max(one.as_of for one in projects)) if rounds else ()
    groups: tuple[tuple[str, Callable[[_Round], Group], bool], ...] = (
        ("命中率（销售代表）", lambda one: _representative(one, company), False),
        ("命中率（季度）", _quarter, False),
        ("命中率（行业）", _industry, False),
        ("命中率（合同额）", lambda one: _band(one, limits), True),
    )
    for kind, group, amount in groups:
        won, all_ = Counter[Group](), Counter[Group]()
        for one in rounds:
            all_[group(one)] += 1
            won[group(one)] += one.won
        for key in sorted(all_):
            yield Measure(kind, key[1], per_cent(won[key], all_[key]), f"{won[key]}/{all_[key]}", amount=amount)


def decided(facts: Facts) -> list[tuple[str, date | None]]:
    """Result and day of each round that was won or lost."""
    given = facts.entries.bid.rounds if facts.entries.bid else ()
    return [(result, day) for result, day in given if result in WON or result in LOST]


def _representative(one: _Round, company: Company) -> Group:
    rep = one.project.entries.sales_rep
    return (0, company.told_apart(rep.value)) if rep else _UNKNOWN


def _quarter(one: _Round) -> Group:
    return (0, f"{one.day.year}年第{(one.day.month + 2) // 3}季度") if one.day else _UNKNOWN


def _industry(one: _Round) -> Group:
    industry = one.project.entries.industry
    return (0, industry.value) if industry else _UNKNOWN


def _band(one: _Round, limits: Sequence[Decimal]) -> Group:
    """The band of the contract amount, as signed, else as planned; a limit belongs to the band that it begins."""
    amount = one.project.entries.signed or one.project.entries.contract
    if amount is None:
        return _UNKNOWN
    number = sum(limit <= amount.value for limit in limits)
    words = [f"{_wan(limits[number - 1])}以上"] if number else []
    words += [f"不满{_wan(limits[number])}"] if number < len(limits) else []
    return number, "、".join(words) or "全部"


def _wan(yuan: Decimal) -> str:
    return f"{plain(to_wan(yuan))}万元"


def _limits(company: Company, on: date) -> tuple[Decimal, ...]:
    """Where the bands of the amount begin, in yuan.

    Raises:
        DefinitionError: something in the parameter is no amount.
    """
    text = company.text_parameter(BANDS, on)
    try:
        return tuple(sorted({typed_number(part) for part in _BETWEEN.split(text) if part}))
    except NotAnAmount as error:
        raise DefinitionError(
            f"{company.book.path}:参数 {BANDS} 的值“{text}”应写成用顿号分开的金额(amounts, one after another)。"
        ) from error
