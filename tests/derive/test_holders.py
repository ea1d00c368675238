from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Record
from pipeline.definitions.procedure import Hand
from pipeline.derive.holders import holders, in_words
from tests.cases import DORM, TV, load_case
from tests.check.followed import followed, recorded
from tests.mastered import mastered

DAY = date(2026, 7, 2)
NOBODY = Record(Place("06.xlsx", "计划会签"))


def may(hand: Hand, code: str = DORM, row: Record = NOBODY) -> str:
    case = load_case(code=code)
    company = case.company.on(DAY)
    return in_words(company, holders(case.project, company, case.facts, hand, row))


def of(*roles: str, **matrix: object) -> Hand:
    return Hand(("records.scheme.approver",), "W204", roles, **matrix)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hand", "said"),
    [
        (of("项目经理"), "项目经理(E106 秦川)"),
        (of("CFO"), "CFO(E004 宋雅岚)"),
        (of("销售代表", "销售部门的人员"), "销售代表(E103 田一诺)、销售部门的人员"),
        (of("网络产品经理"), "网络产品经理(E202 姜远、E201 骆明远)"),
        (of("投标评审主持人"), "投标评审主持人(E002 梁书珩)"),
        (of(matrix="方案"), "网络产品部部门经理(E201 骆明远)"),
        (
            of(matrix="移交", actions=("接收", "监交")),
            "施工部门网络工程师(E302 卢海峰)、质量管理部部门经理(E701 祝启明)",
        ),
        (of(matrix="方案", actions=("咨询",)), ""),
        (of("会签部门负责人"), ""),
    ],
)
def test_a_role_is_somebody_of_the_project_of_00_or_of_the_matrix(hand: Hand, said: str) -> None:
    assert may(hand) == said


def test_the_class_of_the_project_decides_which_row_of_the_matrix_counts() -> None:
    assert may(of(matrix="方案"), TV) == "CTO(E003 韩牧之)"


def test_the_head_of_the_department_that_the_row_names() -> None:
    at = Place("06.xlsx", "计划会签", "A10")
    assert may(of("会签部门负责人"), row=Record(at, {"dept": Cell(at, "财务部")})) == "会签部门负责人(E601 方蕴)"


def test_the_price_and_the_limit_of_00_decide_who_presides() -> None:
    small = followed(load_case(), [recorded("bidding", "head", price=Decimal(90000))])
    company = mastered("parameters", ({"key": "chair_small"}, {"value": "CFO"}))(small).company.on(DAY)
    found = holders(small.project, company, small.facts, of("投标评审主持人"), NOBODY)
    assert found == {"投标评审主持人": ("E004",)}


def test_who_took_over_is_the_manager_from_that_day_on() -> None:
    change = recorded("changes", 7, kind="人员", status="已批准", effective_date=date(2026, 7, 10), new_pm="E105")
    case = followed(load_case(code=TV), [change])
    for day, said in ((date(2026, 7, 9), "E104"), (date(2026, 7, 10), "E105")):
        found = holders(case.project, case.company.on(day), case.facts, of("项目经理"), NOBODY)
        assert set(found["项目经理"]) == {said}
