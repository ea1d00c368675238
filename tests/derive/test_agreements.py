"""What an agreement with the customer costs."""

from __future__ import annotations

import pytest

from pipeline.derive.agreements import costs
from tests.cases import load_case
from tests.check.reported import retyped


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (None, False),
        ("无", False),
        ("无(计划的质保准备金9.6万元内)", False),
        ("不增加费用", False),
        ("0", False),
        ("0.00元", False),
        ("28,800", True),
        ("约3万元", True),
        ("增加维保费用", True),
    ],
)
def test_whether_it_costs(said: str | None, expected: bool) -> None:
    case = retyped(load_case(), "records", "agreements", 8, cost_effect=said)
    assert costs(case.project.rows("records", "agreements")[1]) is expected
