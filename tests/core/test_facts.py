from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.core.facts import Facts
from pipeline.core.figures import FIGURES, Key, UnknownFigure, checked
from pipeline.core.places import Derived, Place
from tests.cases import load_case

AT = Place("03.xlsx", "费用明细", "K7")


def facts(figures: dict[Key, int]) -> Facts:
    found = {key: Derived(Decimal(value), (AT,)) for key, value in figures.items()}
    return replace(load_case().facts, figures=found)


def test_a_group_holds_one_name_in_its_order() -> None:
    found = facts(
        {("cost", "account", "2001"): 2, ("cost", "account", "1001"): 1, ("cost", "account_scope", "1001", "售前"): 9}
    )
    assert {key: figure.value for key, figure in found.group("cost", "account").items()} == {"2001": 2, "1001": 1}
    assert list(found.group("cost", "account")) == ["2001", "1001"]
    assert list(found.pivot("cost", "account_scope")) == [("1001", "售前")]


def test_a_name_may_hold_what_separates_others() -> None:
    names = ["A.V.网络工程部", "研发|测试", "a/b", "", "售前"]
    found = facts({("staffing", "dept", name): n for n, name in enumerate(names)})
    assert list(found.group("staffing", "dept")) == names
    pairs = {("a|b", "c"): 1, ("a", "b|c"): 2, ("a.b", "c"): 3}
    found = facts({("staffing", "dept_stage", *pair): n for pair, n in pairs.items()})
    assert {key: figure.value for key, figure in found.pivot("staffing", "dept_stage").items()} == pairs


def test_what_was_not_added_is_zero_only_where_that_is_asked_for() -> None:
    found = facts({})
    assert found.figure_or_zero("cost", "total") == Derived(Decimal(0))
    assert found.figure_or_none("cost", "total") is None
    assert found.group("cost", "account") == {}
    with pytest.raises(UnknownFigure):
        found.figure("cost", "total")


@pytest.mark.parametrize("key", [("cost", "totl"), ("cost",), ("cost.total",), ("cost", "account"), ()])
def test_a_name_that_no_figure_has_is_an_error(key: Key) -> None:
    found = facts({("cost", "total"): 1})
    for ask in (found.figure, found.figure_or_none, found.figure_or_zero):
        with pytest.raises(UnknownFigure):
            ask(*key)


def test_a_group_that_no_figure_has_is_an_error() -> None:
    with pytest.raises(UnknownFigure):
        facts({}).group("staffing", "department")


def test_a_sum_that_is_zero_keeps_its_cells() -> None:
    assert facts({("cost", "total"): 0}).figure("cost", "total").from_ == (AT,)


def test_every_figure_of_the_samples_is_one_that_is_described() -> None:
    found = load_case().facts.figures
    assert [checked(key) for key in found] == list(found)
    assert {len(name) for name in FIGURES} == {1, 2}
