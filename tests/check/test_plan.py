from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from pipeline.check import plan
from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.core.sheets import Cell, Value
from tests.cases import DORM, TV, load_case
from tests.check.reported import cells, found_by, retyped, table, typed_in, with_sheet, without

D = Decimal


def basics(**values: Any) -> list[dict[str, Any]]:
    return typed_in("plan", "basics", {}, **values)


def stage(code: str, **values: Any) -> list[dict[str, Any]]:
    return typed_in("plan", "stages", {"code": code}, **values)


def feasibility(**values: Any) -> list[dict[str, Any]]:
    return typed_in("plan", "feasibility", {}, **values)


def removed(sheet: str, key: str, value: str) -> list[dict[str, Any]]:
    return [{"op": "delete_row", "workbook": "plan", "sheet": sheet, "match": {key: value}}]


MISTAKES = [
    *stage("S3", end="2026-06-03"),  # before its start
    *stage("S4", start="2026-06-19", end="2026-06-22", workdays=3),  # 06-19 .. 06-21 are a holiday
    *stage("S5", kind="其他"),
    *stage("S6", start="2026-07-17"),  # the day S5 ends
    *stage("S7", goal=None, owner=None),
    *stage("G3", start="2026-10-09", end="2026-10-16"),
    *basics(**{"class": "重大项目"}, plan_version="A/1", mature_case="有"),
    *feasibility(f_e=None, f_f=None),
    *typed_in("plan", "interfaces", {"no": "IF-03"}, kind="第三方"),
    *typed_in("plan", "tests", {"no": "T02"}, criteria=None, end=None),
    *[{**edit, "field": "method"} for edit in typed_in("plan", "quality_goals", {}, x=None)],
    *typed_in("plan", "revenue", {"kind": "设备及软件销售"}, amount="500000.00"),
    *typed_in("plan", "risks", {"no": "R01"}, countermeasure=None, due=None),
]


@cache
def mistaken() -> tuple[Finding, ...]:
    return tuple(found_by(plan.CHECKS, load_case(MISTAKES)))


def only(case: Case) -> Finding:
    (finding,) = found_by(plan.CHECKS, case)
    return finding


def at(finding: Finding) -> tuple[str, str]:
    return (f"{finding.at.sheet}!{finding.at.cell}", finding.rule.code)


@pytest.mark.parametrize("code", [TV, DORM])
def test_clean_sample_is_silent(code: str) -> None:
    assert found_by(plan.CHECKS, load_case(code=code)) == []


def test_every_rule_at_its_cell() -> None:
    assert table(mistaken()) == {
        ("阶段计划!E9", "W110"),
        ("阶段计划!D10", "W111"),  # more than ten days after the end of S3
        ("阶段计划!D11", "W111"),  # S4 now ends on 06-22
        ("阶段计划!D12", "W111"),
        ("阶段计划!D16", "W111"),
        ("阶段计划", "W112"),
        ("阶段计划!H13", "W113"),
        ("阶段计划!J13", "W113"),
        ("基本信息!C14", "W115"),
        ("可行性分析!C12", "W117"),
        ("可行性分析!C13", "W117"),
        ("技术接口", "W118"),
        ("测试活动!C8", "W119"),
        ("测试活动!F8", "W119"),
        ("质量目标", "W120"),
        ("收入与毛利!D17", "W122"),
        ("风险!F7", "W123"),
        ("风险!H7", "W123"),
        ("基本信息!C25", "W124"),
    }


@pytest.mark.parametrize(
    ("rule", "zh", "related"),
    [
        ("W110", "阶段S3开始日期晚于结束日期。", {"阶段计划!D9"}),
        ("W111", "阶段S5与S6重叠,没有标并行。", {"阶段计划!E11"}),
        ("W112", "执行阶段缺少必须工作“洽谈投标”。", set()),
        ("W117", "可行性分析“e) 经济效益预测”未填写。", set()),
        ("W122", "测算毛利率7.86%超出12%–60%。", {"费用明细!L109"}),
        ("W123", "高风险“暑假施工窗口短,开学前不能全部开通”缺少对策、责任人或期限。", {"风险!E7"}),
        ("W124", "计划版本A/1与修订记录末行A/0不一致。", {"修订记录!A7"}),
    ],
)
def test_message_and_related_cells(rule: str, zh: str, related: set[str]) -> None:
    assert (zh, related) in [(f.message(), cells(f)) for f in mistaken() if f.rule.code == rule]


# -- stages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "values", "reported"),
    [
        pytest.param(12, {"start": date(2026, 7, 17)}, {("阶段计划!D12", "W111")}, id="overlap of a day"),
        pytest.param(12, {"start": date(2026, 7, 17), "parallel": "是"}, set(), id="declared parallel"),
        pytest.param(16, {"start": date(2026, 9, 28)}, set(), id="ten working days between, a Sunday worked"),
        pytest.param(16, {"start": date(2026, 9, 29)}, {("阶段计划!D16", "W111")}, id="eleven"),
        pytest.param(16, {"start": None}, set(), id="no start"),
        pytest.param(16, {"start": date(9026, 9, 14)}, set(), id="year mistyped, F025"),
    ],
)
def test_stage_order(row: int, values: dict[str, Value | None], reported: set[tuple[str, str]]) -> None:
    assert table(found_by([plan.stage_order], retyped(load_case(), "plan", "stages", row, **values))) == reported


@pytest.mark.parametrize(
    ("values", "reported"),
    [
        pytest.param({"end": date(2026, 5, 18)}, {("阶段计划!F7", "W114")}, id="one day, not 13"),
        pytest.param({"end": date(2026, 5, 18), "workdays": D(1)}, set(), id="one day"),
        pytest.param({"end": date(2026, 5, 17)}, {("阶段计划!E7", "W110")}, id="no days to count"),
        pytest.param({"end": date(9026, 6, 3)}, set(), id="year mistyped, F025"),
        pytest.param({"workdays": None}, set(), id="unreadable"),
    ],
)
def test_stage_dates(values: dict[str, Value | None], reported: set[tuple[str, str]]) -> None:
    case = retyped(load_case(), "plan", "stages", 7, **values)
    assert table(found_by([plan.stage_dates, plan.working_days], case)) == reported


def test_workdays_of_the_staff() -> None:
    finding = only(retyped(load_case(), "staffing", "lines", 7, workdays=D(9)))
    assert at(finding) == ("人员需求!K7", "W114")
    assert finding.message() == "阶段S1工作日数填写9,按日历应为8。"


@pytest.mark.parametrize(
    ("kind", "missing"),
    [(("其他",), {"跟踪", "需求评审"}), (("跟踪", "需求评审", "其他"), set()), (("需求评审",), {"跟踪"})],
)
def test_mandatory_work(kind: tuple[str, ...], missing: set[str]) -> None:
    found = found_by([plan.mandatory_work], retyped(load_case(), "plan", "stages", 8, kind=kind))
    assert {name for finding in found for name in finding.values["name"].split("、")} == missing


def test_following_may_be_left_out() -> None:
    case = retyped(load_case(), "plan", "stages", 8, kind=("需求评审",))
    assert found_by(plan.CHECKS, retyped(case, "plan", "basics", "head", skip_tracking="是")) == []


def test_engineering_stages_hold_no_mandatory_work() -> None:
    case = retyped(load_case(), "plan", "stages", 8, kind=("需求评审",))
    found = found_by([plan.mandatory_work], retyped(case, "plan", "stages", 14, kind=("跟踪",)))
    assert [finding.values["name"] for finding in found] == ["跟踪"]


# -- class (4.2) --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        pytest.param(typed_in("survey", "items", {"no": "B17"}, value="是"), "需研发中心修改软件", id="M05 survey"),
        pytest.param(basics(mature_case="无"), "没有成熟案例", id="plan"),
        pytest.param(
            basics(contract_amount="5000000.00", rd_modify="是"),
            "合同额 5,000,000.00 元≥5,000,000.00 元;需研发中心修改软件",
            id="at the limit, and one more",
        ),
    ],
)
def test_class_should_be_major(edits: list[dict[str, Any]], why: str) -> None:
    (finding,) = found_by([plan.project_class], load_case(edits))
    assert at(finding) == ("基本信息!C14", "W115")
    assert finding.message() == f"项目类别填写“一般项目”,按4.2应为“重大项目”({why})。"
    assert "基本信息!C15" in cells(finding)


def test_class_should_be_ordinary() -> None:
    (finding,) = found_by([plan.project_class], load_case(basics(**{"class": "重大项目"})))
    assert finding.values["why"] == "合同额 920,000.00 元<5,000,000.00 元;有成熟案例;不需修改软件"


def test_class_unknown_while_an_input_is_blank() -> None:
    found = found_by(plan.CHECKS, load_case(basics(contract_amount=None, rd_modify=None, **{"class": "重大项目"})))
    assert table(found) == {("基本信息!C15", "W116"), ("基本信息!C17", "W116")}


# -- tests, goals, interfaces ---------------------------------------------------------------------------------------


def test_no_tests_at_all() -> None:
    case = load_case()
    empty = with_sheet(case, "plan", "tests", replace(case.project.sheet("plan", "tests"), rows=()))
    assert table([only(empty)]) == {("测试活动", "W119")}
    unneeded = retyped(empty, "plan", "basics", "head", needs_test="否")
    assert at(only(unneeded)) == ("基本信息!C34", "W119")
    assert found_by(plan.CHECKS, retyped(unneeded, "plan", "basics", "head", no_test_reason="成熟方案")) == []


def test_one_measurable_goal_is_enough() -> None:
    case = load_case()
    for row in (7, 8, 9):
        case = retyped(case, "plan", "quality_goals", row, method=None)
    assert found_by(plan.CHECKS, case) == []
    assert table([only(retyped(case, "plan", "quality_goals", 10, target=None))]) == {("质量目标", "W120")}


@pytest.mark.parametrize(("rows", "reported"), [((7, 8), True), ((9,), True), ((7,), False)])
def test_interfaces_inside_and_to_the_customer(rows: tuple[int, ...], reported: bool) -> None:
    case = load_case()
    for row in rows:
        case = retyped(case, "plan", "interfaces", row, kind="供应商")
    assert table(found_by(plan.CHECKS, case)) == ({("技术接口", "W118")} if reported else set())


def test_low_risk_needs_no_countermeasure() -> None:
    case = retyped(load_case(), "plan", "risks", 9, countermeasure=None, owner=None, due=None)
    assert found_by(plan.CHECKS, case) == []


@pytest.mark.parametrize(("version", "reported"), [("A/0", False), ("A/1", True), (None, False)])
def test_last_revision(version: str | None, reported: bool) -> None:
    found = found_by(plan.CHECKS, retyped(load_case(), "plan", "revisions", 7, version=version))
    assert {code for _, code in table(found)} == ({"W124"} if reported else set())


def margin_of(percent: str) -> Case:
    """The plan with such a margin: 646,324.38 yuan of tax-exclusive cost, one row of revenue."""
    revenue = (D("646324.38") / (1 - D(percent) / 100)).quantize(D("0.01"))
    case = load_case()
    sheet = case.project.sheet("plan", "revenue")
    case = with_sheet(case, "plan", "revenue", replace(sheet, rows=sheet.rows[:1]))
    case = retyped(case, "plan", "revenue", 7, amount_excl=revenue)
    assert case.facts.figure("gross_margin").value == D(percent)
    return case


@pytest.mark.parametrize(
    ("percent", "reported"), [("12", False), ("11.99", True), ("60", False), ("60.01", True), ("-3.5", True)]
)
def test_margin_at_its_limits(percent: str, reported: bool) -> None:
    assert bool(found_by([plan.margin], margin_of(percent))) is reported


# -- what is not there ----------------------------------------------------------------------------------------------


def test_margin_needs_both_workbooks() -> None:
    assert found_by([plan.margin], without(load_case(), "cost")) == []


def test_receipts_add_up_to_the_contract() -> None:
    case = load_case(typed_in("plan", "receipts", {"node": "质保期满"}, amount="45000.00"))
    (one,) = found_by([plan.receipts], case)
    assert table([one]) == {("回款计划!C17", "W247")}
    assert cells(one) == {"基本信息!C15", "回款计划!C7", "回款计划!C8"}
    assert one.message() == "回款计划合计919,000.00与合同额920,000.00不符。"


def test_receipts_that_nobody_plans_or_that_agree_with_the_revenue() -> None:
    case = load_case()
    empty = with_sheet(case, "plan", "receipts", replace(case.project.sheet("plan", "receipts"), rows=()))
    assert found_by([plan.receipts], empty) == []
    other = load_case(basics(contract_amount="930000.00"))
    assert found_by([plan.receipts], other) == []  # W121 tells it


def test_without_a_plan_nothing_is_said() -> None:
    assert found_by(plan.CHECKS, without(load_case(), "plan")) == []


@pytest.mark.parametrize("sheet", ["stages", "feasibility", "interfaces", "quality_goals"])
def test_missing_sheet_is_left_to_f029(sheet: str) -> None:
    case = load_case()
    old = case.project.sheet("plan", sheet)
    gone = replace(old, rows=(), head=replace(old.head, cells={}), present=False)
    assert found_by(plan.CHECKS, with_sheet(case, "plan", sheet, gone)) == []


def test_prefilled_plan_that_nobody_began() -> None:
    case = load_case()
    for key, sheet in case.project.workbooks["plan"].sheets.items():
        blank = dict.fromkeys(sheet.head.cells, Cell(sheet.at))
        case = with_sheet(case, "plan", key, replace(sheet, rows=(), head=replace(sheet.head, cells=blank)))
    case = replace(case, facts=replace(case.facts, project_class=None))
    assert found_by(plan.CHECKS, retyped(case, "plan", "basics", "head", project_code=DORM, plan_version="A/0")) == []
    begun = retyped(case, "plan", "basics", "head", pm="E106")
    assert {code for _, code in table(found_by(plan.CHECKS, begun))} == {"W112", "W116", "W117", "W118", "W120"}
