"""Whom we met when bids were opened: how often, who won, and by how much the prices differed. Internal only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.core.company import Company, normal_name
from pipeline.core.entries import Bidder
from pipeline.core.facts import Facts
from pipeline.core.money import half_up
from pipeline.core.portfolio import Measure
from pipeline.derive.records import WON


@dataclass(frozen=True, slots=True)
class _Met:
    """A competitor at an opening, and we; None where no line is ours, or more than one."""

    them: Bidder
    us: Bidder | None
    we_won: bool

    @property
    def gap(self) -> Decimal | None:
        """By how much their price is above ours, per cent of ours; None where one of them was not read out."""
        ours = self.us.price if self.us else None
        return (self.them.price - ours) / ours * 100 if self.them.price and ours else None


def competitors(projects: Sequence[Facts], company: Company) -> Iterator[Measure]:
    """Every competitor that bid against us, the most frequent first; whom workbook 09 does not know is told."""
    known = {normal_name(row.text("title")): row.text("title") for row in company.sheet("library", "competitors").rows}
    met: dict[str, list[_Met]] = {}
    for one in (one for facts in projects for one in _met(facts)):
        met.setdefault(normal_name(one.them.name), []).append(one)
    for key, some in sorted(met.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        value = f"遇到 {len(some)} 次，对方中标 {_won(some)} 次，我方中标 {sum(one.we_won for one in some)} 次"
        basis = _gap([one.gap for one in some if one.gap is not None])
        unknown = "；09 竞争对手里没有" if known and key not in known else ""
        yield Measure("竞争对手（开标）", known.get(key, some[0].them.name), value, basis + unknown)


def _met(facts: Facts) -> Iterator[_Met]:
    bidders, bid = facts.entries.bidders, facts.entries.bid
    ours = [one for one in bidders if one.ours]
    us = ours[0] if len(ours) == 1 else None
    result = (us.result if us else "") or (bid.result if bid else "")
    yield from (_Met(one, us, result in WON) for one in bidders if not one.ours)


def _won(some: Sequence[_Met]) -> int:
    return sum(one.them.result in WON for one in some)


def _gap(gaps: Sequence[Decimal]) -> str:
    """The mean of the differences of the price, in words."""
    if not gaps:
        return "没有可比的开标价"
    mean = half_up(sum(gaps, Decimal(0)) / len(gaps), 1)
    word = f"比我方{'高' if mean > 0 else '低'} {abs(mean)}%" if mean else "与我方相同"
    return f"开标价{'平均' if len(gaps) > 1 else ''}{word}（{len(gaps)} 次）"
