"""What a share is of, and which cost lines are the fee of a guarantee."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipeline.core.sheets import Project, Record
from pipeline.derive.guarantees import base_of, fee_of
from tests.derive.drawn import project


def drawn(kind: str, form: str, *fees: tuple[str, Any]) -> tuple[Project, Record]:
    lines = [{"desc": desc, "amount": amount} for desc, amount in fees]
    made = project(cost_deposits=[{"kind": kind, "form": form}], cost_lines=lines)
    return made, made.rows("cost", "deposits")[0]


@pytest.mark.parametrize(
    ("kind", "base"),
    [
        ("投标保证金", "客户预算"),
        ("履约保证金", "合同额"),
        ("预付款保函", "合同额"),
        ("质保金", "合同额"),
        ("押金", ""),
    ],
)
def test_base_of_a_share(kind: str, base: str) -> None:
    assert base_of(drawn(kind, "现金")[1]) == base


@pytest.mark.parametrize(
    ("kind", "form", "fees", "fee"),
    [
        ("投标保证金", "保函", [("投标保函手续费", 1300)], 1300),
        ("投标保证金", "保函", [("投标保函手续费", 1300), ("投标保函延期手续费", 200)], 1500),
        ("履约保证金", "保函", [("投标保函手续费", 1300)], None),  # that of another guarantee
        ("履约保证金", "现金", [("履约保函手续费", 900)], None),  # no guarantee
        ("履约保证金", "保函", [("履约保证金", 900)], None),  # no fee of a guarantee
        ("预付款保函", "保函", [("预付款保函手续费", None)], None),
    ],
)
def test_fee_of_a_guarantee(kind: str, form: str, fees: list[tuple[str, Any]], fee: int | None) -> None:
    found = fee_of(*drawn(kind, form, *fees))
    assert (found.value if found else None) == (None if fee is None else Decimal(fee))
    assert found is None or len(found.from_) == len(fees)
