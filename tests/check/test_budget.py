"""The approved budget against the plan that was approved and the plan of today (X240, W211, W233)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from pipeline.check import budget
from pipeline.check.case import Case
from pipeline.check.judge import judge
from tests.cases import TV, load_case
from tests.check.followed import Edit, added, followed, recorded, typed
from tests.check.reported import cells, found_by, table
from tests.check.test_legitimate import change, raised

NOTICE, PLAN = "批准通知书!C13", "基本信息!C29"
REVISED = [*raised(date(2026, 7, 9), "CR-01"), change()]


def approved(amount: int) -> Edit:
    """The approved budget in yuan; the plan asks for 71,480."""
    return recorded("notice", "head", approved_budget=D(amount))


def planned(amount: int, total: int = 712346) -> Edit:
    """The presales cost of the plan, and its total, in yuan."""
    return typed("plan", "basics", "head", presales_budget=D(amount), planned_total_cost=D(total))


def added_by_change(amount: int) -> Edit:
    return recorded("changes", 7, delta_cost=D(amount))


CASES: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "as planned": ([], set()),
    "within the tolerance": ([recorded("notice", "head", approved_budget=D("71480.001"))], set()),
    "nothing approved yet": ([recorded("notice", "head", approved_budget=None)], set()),
    "nothing applied for yet": ([approved(81480), recorded("application", "head", att_plan=None)], set()),
    "more than the plan asks for": ([approved(81480)], {(NOTICE, "X240")}),
    "less: the approvers cut it": ([approved(61480)], {(PLAN, "W211")}),
    "the signed plan was cut afterwards": ([planned(61480, 702346)], {(PLAN, "W233")}),
    "a revised plan with the same": (REVISED, set()),
    "a revised plan as the approvers cut it": ([*REVISED, approved(61480), planned(61480, 702346)], set()),
    "a revised plan that costs more": ([*REVISED, planned(80000)], {(PLAN, "W211")}),
    "the same by an approved change": ([*REVISED, added_by_change(8520), planned(80000)], set()),
    "a revised plan that costs less": ([*REVISED, planned(60000)], {(PLAN, "W233")}),
    "that by an approved change": ([*REVISED, added_by_change(-11480), planned(60000)], set()),
    "a change that is not approved explains nothing": (
        [*REVISED, added_by_change(8520), recorded("changes", 7, status="申请"), planned(80000)],
        {(PLAN, "W211")},
    ),
    "more than the whole of the version that was approved": ([*REVISED, approved(9971480)], {(NOTICE, "X240")}),
}


def case(edits: list[Edit]) -> Case:
    return followed(load_case(), edits)


@pytest.mark.parametrize("name", CASES)
def test_the_approved_budget(name: str) -> None:
    edits, wanted = CASES[name]
    assert table(found_by(budget.CHECKS, case(edits))) == wanted


def test_what_it_says() -> None:
    (one,) = found_by(budget.CHECKS, case([approved(9971480)]))
    figures = "批准通知书“批准费用” 9,971,480.00,基本信息“其中售前费用” 71,480.00"
    assert one.message() == f"同一个数两处不同(6.2.2):{figures}。"
    assert one.values["expected"] == "不超过71,480.00"


def test_the_cells_beside() -> None:
    for amount, wanted in ((81480, PLAN), (61480, NOTICE)):
        (one,) = found_by(budget.CHECKS, case([approved(amount)]))
        assert cells(one) == {wanted}
    (one,) = found_by(budget.CHECKS, case([*REVISED, approved(9971480)]))
    assert cells(one) == {"修订记录!F7"}


def test_a_project_whose_plan_grew_by_a_change_of_the_works() -> None:
    assert not found_by(budget.CHECKS, load_case(code=TV))


def test_what_is_signed_can_be_let_pass() -> None:
    fields = {"rule": "X240", "cell": f"06 {NOTICE}", "reason": "通知书笔误,已另函更正", "approver": "E002"}
    row = added("deviations", **fields, date=date(2026, 7, 16))
    found = [one for one in judge(case([approved(81480), row]))[0] if one.rule.code in {"X240", "F053", "F055"}]
    assert [(one.rule.code, one.blocks) for one in found] == [("X240", False)]
