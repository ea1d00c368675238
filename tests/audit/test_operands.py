from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from pipeline.audit.operands import NEVER, NotArithmetic, completed, with_departments, worked_out
from pipeline.audit.values import Read
from pipeline.definitions.forms import load_forms, node
from tests.audit.made import lines

FORM = load_forms()["cost"].sheet_form("lines")
KEYS = ["qty", "unit_price", "tax_rate", "amount", "amount_excl"]


def test_what_was_never_calculated_comes_from_its_operands() -> None:
    made = completed(lines([{"qty": Decimal(3), "unit_price": Decimal("0.335"), "tax_rate": Decimal(13)}], KEYS), FORM)
    [row] = made.frame.to_dict("records")
    assert (row["amount"], row["amount_excl"], row["amount~"]) == (Decimal("1.01"), Decimal("0.89"), NEVER)


def test_a_stored_value_stays_and_an_unread_one_is_not_replaced() -> None:
    rows = [{"qty": Decimal(3), "unit_price": Decimal(1), "amount": Decimal(7)}, {"amount": Read(unread="#REF!")}]
    made = completed(lines(rows, KEYS), FORM).frame
    assert list(made["amount"]) == [Decimal(7), None]
    assert made["amount!"][1] == "#REF!"


def test_a_missing_operand_leaves_the_value_unread() -> None:
    made = completed(lines([{"qty": Decimal(3)}], KEYS), FORM).frame
    assert "缺 unit_price" in made["amount!"][0]


@pytest.mark.parametrize("formula", ['IF(qty="","",1)', "qty/0", "SUM(qty)"])
def test_more_than_arithmetic_is_not_worked_out(formula: str) -> None:
    with pytest.raises(NotArithmetic):
        worked_out(node(formula), {"qty": Decimal(1)})


def test_a_department_that_was_never_looked_up_comes_from_workbook_00() -> None:
    form = load_forms()["staffing"].sheet_form("lines")
    persons = pd.DataFrame({"emp_no": ["E1", "E2"], "name": ["甲", "乙"], "dept_code": ["D1", "D2"]})
    departments = pd.DataFrame({"dept_code": ["D1", "D2"], "dept_name": ["一部", "二部"]})
    rows = [
        {"emp_no": "E1 甲"},
        {"emp_no": "乙"},
        {"emp_no": "丙"},
        {"emp_no": "E1", "dept": "别的部"},
        {"emp_no": "丙", "dept": "三部"},
    ]
    made = with_departments(completed(lines(rows, ["emp_no", "dept"]), form), persons, departments).frame
    assert list(made["dept"]) == ["一部", "二部", None, None, "三部"]
    assert [bool(why) for why in made["dept!"]] == [False, False, True, True, False]
