"""Whether projects share equipment sensibly and pay the same prices (rules B406 .. B408)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.check.batch import Batch, grouped, some
from pipeline.check.case import money, shown
from pipeline.core.company import normal_name
from pipeline.core.findings import Finding
from pipeline.core.money import half_up
from pipeline.derive.occupancy import clashes, equipment
from pipeline.derive.stock import stock


def equipment_double_booked(batch: Batch) -> Iterator[Finding]:
    """B406 (6.3.1): no more pieces of shared equipment are borrowed on a day than can be had."""
    ledger = stock(batch.company)
    for asset, uses in equipment(batch.projects).items():
        if asset not in ledger:
            continue
        there = ledger[asset].available
        for clash in clashes(uses, there):
            at = max(clash.uses, key=lambda use: (use.start, use.project))
            values = {"asset": asset, "s": clash.first, "e": clash.last, "list": some(clash.projects)}
            numbers = {"a": clash.peak, "b": there, "found": clash.peak, "expected": f"≤{shown(there)}"}
            related = [use.at for use in clash.uses]
            yield batch.finding("B406", [at.project, *clash.projects], at.at, related, **values, **numbers)


def unknown_equipment(batch: Batch) -> Iterator[Finding]:
    """B407 (6.3.1): an asset number stands in the ledger of shared equipment; one finding a project and number."""
    loans = [(f.code, loan) for f in batch.projects for loan in f.entries.loans]
    unknown = [row for row in loans if row[1].asset_no not in batch.company.equipment]
    for (code, asset), group in grouped(unknown, lambda row: (row[0], row[1].asset_no)).items():
        at, *others = [loan.at for _, loan in group]
        yield batch.finding("B407", [code], at, others, asset=asset, found=asset, expected="共享设备台账中的编号")


def prices_apart(batch: Batch) -> Iterator[Finding]:
    """B408 (6.3.1): what is bought under one name, model and unit costs about the same in all projects."""
    most = batch.parameter("price_diff")
    rows = [(f.code, price) for f in batch.projects for price in f.entries.prices if price.unit_price > 0]
    same = grouped(rows, lambda row: (normal_name(row[1].name), normal_name(row[1].model), normal_name(row[1].unit)))
    for group in same.values():
        by_price = sorted(group, key=lambda row: row[1].unit_price)
        (_, low), (code, high) = by_price[0], by_price[-1]
        spread = (high.unit_price - low.unit_price) / low.unit_price * 100
        if spread > most and len({project for project, _ in group}) > 1:
            values = {"name": high.name, "model": high.model, "p": half_up(spread, 1)}
            sides = {"found": money(high.unit_price), "expected": f"{money(low.unit_price)}(±{shown(most)}%)"}
            codes, related = [code, *(p for p, _ in by_price)], [price.at for _, price in by_price]
            yield batch.finding("B408", codes, high.at, related, **values, **sides)


CHECKS: tuple[Callable[[Batch], Iterator[Finding]], ...] = (
    equipment_double_booked,
    unknown_equipment,
    prices_apart,
)
