"""Amounts of single rows as they should be: quantity by price, net of tax, days by rate (rules W130, W131, W162)."""

from __future__ import annotations

from decimal import Decimal

from pipeline.core.money import half_up
from pipeline.core.sheets import Record


def line_amount(row: Record) -> Decimal | None:
    """Quantity by unit price in yuan, half up to the fen; None when one of them cannot be read."""
    return _product(row, "qty", "unit_price")


def labour_amount(row: Record) -> Decimal | None:
    """Planned days by day rate in yuan, half up to the fen; None when one of them cannot be read."""
    return _product(row, "plan_days", "day_rate")


def net_amount(row: Record) -> Decimal | None:
    """Tax-exclusive amount in yuan: amount / (1 + rate %), half up to the fen (domain C.0 8)."""
    amount, rate = row.money("amount"), row.number_of("tax_rate")
    if amount is None or rate is None or rate.value <= -100:
        return None
    return half_up(amount.value / (1 + rate.value / 100))


def _product(row: Record, first: str, second: str) -> Decimal | None:
    left, right = row.number_of(first), row.number_of(second)
    return None if left is None or right is None else half_up(left.value * right.value)
