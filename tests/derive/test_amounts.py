from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipeline.core.sheets import Record
from pipeline.derive.amounts import labour_amount, line_amount, net_amount
from tests.cases import DORM, TV, load_case
from tests.derive.drawn import ERROR, project


def row(**cells: Any) -> Record:
    return project(cost_lines=[cells]).rows("cost", "lines")[0]


@pytest.mark.parametrize(
    ("qty", "price", "amount"),
    [
        (3, 1234.565, "3703.70"),
        (1, 0.005, "0.01"),
        (0, 98000, "0.00"),
        (0.5, 0.01, "0.01"),
        (None, 1, None),
        (1, None, None),
        (ERROR, 1, None),
        ("三台", 1, None),
    ],
)
def test_quantity_by_price(qty: Any, price: Any, amount: str | None) -> None:
    found = line_amount(row(qty=qty, unit_price=price))
    assert found == (amount and Decimal(amount))


def test_a_missing_column_gives_no_amount() -> None:
    assert line_amount(row(qty=1)) is None


@pytest.mark.parametrize(
    ("days", "rate", "amount"), [(15, 1000, "15000.00"), (0.5, 660.55, "330.28"), (None, 1000, None)]
)
def test_days_by_rate(days: Any, rate: Any, amount: str | None) -> None:
    assert labour_amount(row(plan_days=days, day_rate=rate)) == (amount and Decimal(amount))


@pytest.mark.parametrize(
    ("amount", "rate", "net"),
    [
        (18000, 13, "15929.20"),
        (100, 0, "100.00"),
        (113, 13, "100.00"),
        (0.01, 13, "0.01"),
        (100, 12.5, "88.89"),
        (100, -100, None),
        (100, -150, None),
        (100, None, None),
        (ERROR, 13, None),
    ],
)
def test_net_of_tax(amount: Any, rate: Any, net: str | None) -> None:
    assert net_amount(row(amount=amount, tax_rate=rate)) == (net and Decimal(net))


@pytest.mark.parametrize("code", [TV, DORM])
def test_the_rows_of_the_samples_are_what_their_formulas_say(code: str) -> None:
    case = load_case(code=code)
    for form, made in (("cost", line_amount), ("materials", line_amount), ("staffing", labour_amount)):
        for record in case.project.rows(form, "lines"):
            assert made(record) == record.value("amount"), (form, record.number)
    for record in (*case.project.rows("cost", "lines"), *case.project.rows("plan", "revenue")):
        assert net_amount(record) == record.value("amount_excl")
