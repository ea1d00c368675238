"""What must exist in workbook 00, and what of it no rule reads."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pipeline.check import references
from pipeline.check.judge import judge
from tests.cases import load_case
from tests.check.followed import Edit, added, followed, recorded
from tests.check.reported import cells, found_by, table
from tests.mastered import left, mastered


def with_parameter(key: str, value: str, valid_from: str | None = None) -> dict[str, object]:
    """A row more in the parameters of workbook 00."""
    row = {"key": key, "value": value, "valid_from": valid_from}
    return {"op": "add_row", "workbook": "master", "sheet": "parameters", "row": row}


def test_a_misspelt_parameter_has_no_effect_and_is_named() -> None:
    (finding,) = found_by(references.CHECKS, load_case([with_parameter("min_magrin", "14")]))
    assert table([finding]) == {("参数!A49", "F037")}
    assert finding.values["expected"] == "min_margin"
    assert finding.message() == "参数“min_magrin”没有规则使用,不起作用;应为:min_margin。"


def test_a_parameter_unlike_any_other_is_named_without_a_guess() -> None:
    (finding,) = found_by(references.CHECKS, load_case([with_parameter("公司口号", "快")]))
    assert (finding.rule.code, finding.values["expected"]) == ("F037", "参数表说明中的参数")


@pytest.mark.parametrize("key", ["min_margin", "\uff4d\uff49\uff4e_margin", " min_margin "])
def test_a_parameter_that_is_known_is_not(key: str) -> None:
    assert found_by(references.CHECKS, load_case([with_parameter(key, "12", "2026-01-01")])) == []


@pytest.mark.parametrize("valid_from", ["2027-01-01", "2026-11-24"])
def test_a_condition_reads_the_threshold_of_the_business_day(valid_from: str) -> None:
    """From next year every amount needs its basis; what is planned today does not."""
    clean = [(f.rule.code, f.at) for f in judge(load_case())[0]]
    assert [(f.rule.code, f.at) for f in judge(load_case([with_parameter("basis_limit", "1", valid_from)]))[0]] == clean


# -- who has left (F019) ----------------------------------------------------------------------------------------------

LEFT = date(2026, 7, 8)
UNDER_WAY = [
    recorded("handover", "head", handover_date=None, archive_date=None),
    recorded("closing", "head", accept_date=None, close_date=None),
]
CHANGE = {
    "no": "CR-01", "by": "E106", "date": LEFT, "kind": "人员", "reason": "离职", "before": "施工部门网络工程师卢海峰",
    "after": "E303 邓子安", "delta_cost": Decimal(0), "delta_days": Decimal(0), "impact": "无", "approver": "E002",
    "approve_date": LEFT, "effective_date": date(2026, 7, 9), "status": "已批准",
}  # fmt: skip
SUCCESSOR = [recorded("problems", 8, owner="E303"), recorded("handover", "head", receiver="E303")]


def change(**fields: object) -> Edit:
    return added("changes", **{**CHANGE, **fields})


def gone(edits: list[Edit]) -> list[str]:
    """Cells of the findings of those who have left, in a project under way."""
    case = followed(load_case(), [*UNDER_WAY, *edits])
    return [f"{one.at.sheet}!{one.at.cell}" for one in found_by([references.known_person], case)]


def test_who_has_left_is_told_once_with_every_cell_that_still_names_him() -> None:
    case = followed(load_case(), [*UNDER_WAY, left("E302", left=LEFT)])
    (one,) = found_by([references.known_person], case)
    assert table([one]) == {("基本信息!C21", "F019")}
    assert cells(one) == {"阶段计划!J14", "风险!G7", "人员需求!C16", "移交清单!C6", "问题对策!G8"}
    assert one.message() == "工号E302 卢海峰(2026-11-23)那天不在职,共6处。"


def test_two_who_have_left_are_two_findings_and_workbook_00_is_another() -> None:
    head = mastered("departments", ({"dept_code": "D08"}, {"head_emp": "E302"}))
    found = gone([left("E302", left=LEFT), left("E106", left=LEFT), head])
    assert found == ["部门!C14", "合同签订!C8", "基本信息!C21"]


HEAD_SUCCEEDED = mastered(
    "departments",
    ({"dept_code": "D08"}, {"head_emp": "E302", "valid_until": LEFT}),
    more=[{"dept_code": "D08", "head_emp": "E303", "valid_from": date(2026, 7, 9)}],
)


def test_the_remedy_for_a_head_who_has_left_is_in_workbook_00() -> None:
    """F019: a second row of the department, and nothing is left to say."""
    unmended = mastered("departments", ({"dept_code": "D08"}, {"head_emp": "E302"}))
    case = followed(load_case(), [*UNDER_WAY, left("E302", left=LEFT), unmended])
    head, engineer = found_by([references.known_person], case)
    assert head.remedy().startswith("请质量管理部在00的部门表另加一行(原行填失效日期,新行填生效日期和在职的负责人)")
    assert "sheet 部门 (last day on the old row" in head.remedy("en")
    assert engineer.remedy().startswith("从下拉列表选择当日在职的人员")
    assert gone([left("E302", left=LEFT), HEAD_SUCCEEDED]) == ["基本信息!C21"]


def test_the_remedy_for_a_deputy_who_has_left_is_in_the_row_of_who_has_him() -> None:
    deputised = mastered("persons", ({"emp_no": "E301"}, {"deputies": ("E302",)}))
    case = followed(load_case(), [*UNDER_WAY, left("E302", left=LEFT), deputised])
    deputy = next(one for one in found_by([references.known_person], case) if one.at.sheet == "人员")
    assert deputy.remedy().startswith("请质量管理部在00的人员表另加一行(原行填离职日期")


def test_a_number_that_nobody_has_is_told_where_it_stands() -> None:
    found = gone([recorded("tracking", 7, by="E999"), recorded("tracking", 8, by="E999")])
    assert found == ["用户跟踪!B7", "用户跟踪!B8"]


def test_the_plan_of_before_is_right_where_a_change_names_the_successor() -> None:
    assert gone([left("E302", left=LEFT), change(), *SUCCESSOR]) == []
    assert not gone([left("E302", left=date(2026, 7, 3)), change(), *SUCCESSOR])  # appointed some days later


@pytest.mark.parametrize(
    "edits",
    [
        [change(status="申请")],
        [change(before="售前工程师一名")],
        [change(), added("revisions", "plan", version="A/1", date=date(2026, 7, 10), change_no="CR-01")],
    ],
    ids=["not approved", "of somebody else", "the plan was made anew after it"],
)
def test_the_plan_is_not_right_without_it(edits: list[Edit]) -> None:
    assert gone([left("E302", left=LEFT), *edits, *SUCCESSOR]) == ["基本信息!C21"]


def test_a_successor_takes_over_though_the_plan_does_not_name_him() -> None:
    """W189."""
    usual = [left("E302", left=LEFT), *SUCCESSOR]
    assert ("移交清单!C6", "W189") in table(judge(followed(load_case(), usual))[0])
    assert ("移交清单!C6", "W189") not in table(judge(followed(load_case(), [*usual, change()]))[0])
    buyer = recorded("handover", "head", receiver="E503")
    other = followed(load_case(), [*usual, change(after="E503"), buyer])
    assert ("移交清单!C6", "W189") in table(judge(other)[0])
