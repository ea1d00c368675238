"""Formulas that staff typed: what stands beside them is what they give, or it is said."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.intake.recalculated import is_changing, stale

D = Decimal
CELLS = {"H7": D(520), "H8": None, "H9": "三"}


@pytest.mark.parametrize(
    ("formula", "stored", "result"),
    [
        ("2*350", "600", "700"),
        ("$H$7*1.5", "520", "780"),
        ("H7/3", "100", "173.3333"),
        ("2*350", "700", None),
        ("H7+H8", "520", None),  # an empty cell counts as 0
        ("520/3", "173.333333333333", None),
        ("0.1+0.2", "0.30000000000000004", None),
        ("H7*50%", "1", None),  # what cannot be worked out here is not judged
        ("H9*2", "1", None),
        ("Z99*2", "1", None),
        ("1/0", "1", None),
    ],
)
def test_only_a_result_that_is_another_one_is_told(formula: str, stored: str, result: str | None) -> None:
    note = stale(formula, D(stored), CELLS.__getitem__)
    assert (note.values["expected"] if note else None) == result


def test_formulas_that_change_by_themselves() -> None:
    assert is_changing("TODAY()+30")
    assert is_changing("ROUND(RAND()*10,0)")
    assert not is_changing("H7*1.13")
