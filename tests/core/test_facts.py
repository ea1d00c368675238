from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pipeline.core.places import Derived, Place
from tests.cases import load_case

AT = Place("03.xlsx", "费用明细", "K7")


def test_a_group_holds_one_level_in_its_order() -> None:
    figures = {
        "cost.account.2001": Derived(Decimal(2), (AT,)),
        "cost.account.1001": Derived(Decimal(1), (AT,)),
        "cost.account_scope.1001|售前": Derived(Decimal(9), (AT,)),
        "cost.account.1001.deeper": Derived(Decimal(9), (AT,)),
    }
    facts = replace(load_case().facts, figures=figures)
    assert {key: figure.value for key, figure in facts.group("cost.account").items()} == {"2001": 2, "1001": 1}
    assert list(facts.group("cost.account")) == ["2001", "1001"]


def test_nothing_added_is_zero_without_cells() -> None:
    facts = replace(load_case().facts, figures={})
    assert facts.figure("cost.total") == Derived(Decimal(0))
    assert facts.group("cost.account") == {}


def test_a_sum_that_is_zero_keeps_its_cells() -> None:
    facts = replace(load_case().facts, figures={"cost.total": Derived(Decimal(0), (AT,))})
    assert facts.figure("cost.total").from_ == (AT,)
