"""A leaf prints itself in the ways of its type, and is written down with its plain value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pipeline.core.documents import Printed
from pipeline.core.leaves import Shown, as_printed, value_text
from pipeline.core.places import Place

AT = Place("03.xlsx", "费用明细", "F7")


def test_a_leaf_is_printed_another_way_only_where_its_type_has_one() -> None:
    amount = Shown(
        "1,200.00", name="cost.total", value=Decimal(1200), cells=(AT,), forms={"wan": lambda v: f"{v / 10000:f}"}
    )
    wan = amount.form("wan")
    assert wan == "0.12"
    assert wan is not None
    assert (wan.name, wan.cells) == ("cost.total.wan", (AT,))
    assert (amount.form("text"), amount.form("cn")) == (amount, None)


def test_zero_and_nothing_are_false_in_a_template() -> None:
    assert [bool(one) for one in (Shown("0.00", value=Decimal(0)), Shown(""), Shown("0"))] == [False, False, True]


def test_it_is_written_down_as_plain_text() -> None:
    assert as_printed(Shown("1E+3\x0b", name="n", value=Decimal("1E+3"))) == Printed("n", "1E+3\ufffd", "1000")
    assert [value_text(one) for one in (date(2026, 7, 1), ("甲", "乙"), None)] == ["2026-07-01", "甲、乙", ""]
