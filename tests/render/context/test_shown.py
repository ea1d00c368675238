from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from pipeline.core.leaves import Shown
from pipeline.core.places import Derived, Place
from pipeline.core.sheets import Cell
from pipeline.render.context.shown import figure, leaf, of_cell, of_figure, table
from tests.render.made_up import book, company, source

AT = Place("03.xlsx", "费用明细", "K12")


@pytest.mark.parametrize(
    ("kind", "value", "forms"),
    [
        ("money", Decimal("1234.5"), {"text": "1,234.50", "wan": "0.12", "upper": "人民币壹仟贰佰叁拾肆元伍角"}),
        ("money", Decimal("6400000"), {"text": "6,400,000.00", "wan": "640.00", "upper": "人民币陆佰肆拾万元整"}),
        ("money", Decimal("-5.5"), {"text": "-5.50", "upper": "减少人民币伍元伍角"}),
        ("money4", Decimal("0.0856"), {"text": "0.0856"}),
        ("money4", Decimal("98000"), {"text": "98,000.00"}),
        ("money4", Decimal("12.345"), {"text": "12.345"}),
        ("num", Decimal("12.50"), {"text": "12.5"}),
        ("int", Decimal("9E+6"), {"text": "9000000"}),
        ("percent", Decimal("13.0"), {"text": "13%"}),
        ("rate", Decimal("17.2"), {"text": "17.20%"}),
        ("date", date(2026, 3, 5), {"text": "2026-03-05", "cn": "2026年3月5日", "iso": "2026-03-05"}),
        ("datetime", datetime(2026, 3, 5, 14, 30), {"text": "2026-03-05 14:30", "cn": "2026年3月5日 14:30"}),
        ("month", "2026-03", {"text": "2026-03", "cn": "2026年3月"}),
        ("list", ("面谈", "电话"), {"text": "面谈、电话"}),
        ("text", "  原样\n两行", {"text": "  原样\n两行"}),
        ("any", Decimal("500.0"), {"text": "500"}),
        ("any", date(2026, 3, 5), {"text": "2026-03-05"}),
    ],
)
def test_values_are_printed_by_the_type_of_their_field(kind: str, value: Any, forms: dict[str, str]) -> None:
    shown = leaf("x.y", value, kind, (AT,))
    for suffix, text in forms.items():
        found = shown.form(suffix)
        assert found == text
        assert found.cells == (AT,)


@pytest.mark.parametrize("kind", ["money", "num", "date", "month", "percent", "text", "emp"])
def test_blank_prints_as_nothing_in_every_form(kind: str) -> None:
    shown = leaf("x", None, kind)
    assert not shown
    assert [shown.form(suffix) for suffix in ("text", *shown.forms)] == [""] * (1 + len(shown.forms))


def test_a_value_that_does_not_fit_its_field_is_printed_as_it_stands() -> None:
    shown = of_cell("x", Cell(AT, None, "约三万"), "money", company())
    assert (shown, shown.form("wan"), shown.form("upper")) == ("约三万", "", "")


def test_an_employee_is_printed_by_name_and_a_stranger_as_typed() -> None:
    person = of_cell("p", Cell(AT, "E102", "E102 许知行"), "emp", company())
    assert (person, person.form("no"), person.value) == ("许知行", "E102", "E102")
    assert of_cell("p", Cell(AT, "待定", "待定"), "emp", company()) == "待定"


def test_rows_carry_names_from_zero_and_their_own_cells() -> None:
    made = source(book("cost", lines=[{"amount": "1"}, {"amount": "2"}]))
    lines = table(made, "cost.lines", "cost", "lines")
    amount = lines[1]["amount"]
    assert (amount.name, [str(p) for p in amount.cells]) == ("cost.lines[1].amount", ["[03.xlsx]费用明细!K9"])
    assert set(lines[0]) == {field.key for field in made.forms["cost"].sheet_form("lines").fields}


def test_a_figure_that_nothing_went_into_is_zero_only_where_its_workbook_is() -> None:
    assert figure(source(book("cost")), "cost.total", ("cost", "total")) == "0.00"
    assert figure(source(), "cost.total", ("cost", "total")) == ""


def test_a_figure_carries_all_the_cells_behind_it() -> None:
    shown = of_figure("t", Derived(Decimal("3"), (AT, AT)), "money")
    assert (shown, shown.cells) == ("3.00", (AT, AT))
    assert isinstance(shown, Shown)
