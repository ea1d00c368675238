from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipeline.check import identity
from pipeline.check.case import Case
from pipeline.core.company import Parameter
from pipeline.core.errors import DefinitionError
from pipeline.core.places import Place
from pipeline.core.sheets import Value
from tests.cases import DORM, TV, load_case
from tests.check.reported import cells, found_by, retyped, table, typed_in, with_books, without

D = Decimal
OTHER = "LY-SQ-2026-016"


def head(workbook: str, **fields: object) -> list[dict[str, Any]]:
    base = {"op": "set", "workbook": workbook, "sheet": "_head", "part": "head"}
    return [{**base, "field": field, "value": value} for field, value in fields.items()]


def item(case: Case, no: str, **fields: Value | None) -> Case:
    row = case.item(no)
    assert row
    return retyped(case, "survey", "items", row.number, **fields)


def value_place(case: Case, no: str) -> Place:
    row = case.item(no)
    assert row
    return row.at("value")


def value_cell(case: Case, no: str) -> str:
    return f"{value_place(case, no).sheet}!{value_place(case, no).cell}"


@pytest.mark.parametrize("code", [TV, DORM])
def test_clean_sample_is_silent(code: str) -> None:
    assert found_by(identity.CHECKS, load_case(code=code)) == []


# -- code ---------------------------------------------------------------------------------------------------------


def test_cost_plan_of_another_project() -> None:
    """The cost plan carries another project's code on all its sheets: reported once, at the first sheet."""
    case = load_case(head("cost", project_code=OTHER))
    findings = found_by(identity.CHECKS, case)
    at = case.project.workbooks["cost"].head.at("project_code")
    assert {(f.at, f.rule.code) for f in findings} == {(at, "X201"), (at, "B413")}
    by_rule = {f.rule.code: f for f in findings}
    assert case.project.head("plan", "basics").at("project_code") in by_rule["X201"].related
    assert by_rule["X201"].message() == (
        f"各工作簿项目编号不一致:“{DORM}”(计划基本信息页、网络工程客户需求调查表、项目计划基本信息、"
        f"项目所需物资明细表、项目人员需求一览表、过程记录);“{OTHER}”(项目费用计划明细表)。"
    )
    assert (by_rule["X201"].values["found"], by_rule["X201"].values["expected"]) == (OTHER, DORM)
    assert by_rule["B413"].message() == f"文件名编号{DORM}与表内编号{OTHER}不符。"


def test_later_sheet_of_another_project() -> None:
    case = retyped(load_case(), "cost", "summary", "stamp", project_code=OTHER)
    (finding,) = found_by(identity.CHECKS, case)
    assert finding.rule.code == "X201"
    assert finding.at.sheet == "汇总"


def test_first_sheet_of_another_project() -> None:
    case = retyped(load_case(), "cost", "lines", "stamp", project_code=OTHER)
    assert {(f.rule.code, f.at.sheet) for f in found_by(identity.CHECKS, case)} == {
        ("X201", "费用明细"),
        ("B413", "费用明细"),
    }


def test_plan_alone_against_all() -> None:
    """Where everything else agrees, the plan's own cell is the wrong one."""
    case = retyped(load_case(), "plan", "basics", "head", project_code=OTHER)
    (finding,) = found_by(identity.CHECKS, case)
    assert (finding.rule.code, finding.at) == ("X201", case.project.head("plan", "basics").at("project_code"))
    assert (finding.values["found"], finding.values["expected"]) == (OTHER, DORM)
    assert len(finding.related) == 6


def test_without_a_plan_the_most_frequent_counts() -> None:
    case = without(load_case(head("materials", project_code=OTHER)), "plan", "staffing")
    findings = [f for f in found_by(identity.CHECKS, case) if f.rule.code == "X201"]
    assert [f.at for f in findings] == [case.project.workbooks["materials"].head.at("project_code")]


def test_code_of_another_form() -> None:
    case = load_case(head("survey", project_code="LYSQ-15"))
    findings = [f for f in found_by(identity.CHECKS, case) if f.rule.code == "F012"]
    assert [f.at for f in findings] == [case.project.workbooks["survey"].head.at("project_code")]
    assert findings[0].message() == "项目编号“LYSQ-15”不符合规则 LY-SQ-YYYY-NNN。"
    plan = retyped(load_case(), "plan", "basics", "head", project_code=f"{DORM}A")
    assert ("F012", plan.project.head("plan", "basics").at("project_code")) in {
        (f.rule.code, f.at) for f in found_by(identity.CHECKS, plan)
    }


def test_blank_code_is_left_to_f001() -> None:
    case = retyped(load_case(), "cost", "lines", "stamp", project_code=None)
    assert found_by(identity.CHECKS, case) == []


def test_pattern_of_workbook_00_must_be_one() -> None:
    case = load_case()
    broken = replace(case.company, parameters=[Parameter("project_code_regex", "LY-(", None)])
    with pytest.raises(DefinitionError, match="project_code_regex"):
        list(identity.code_form(replace(case, company=broken)))


@pytest.mark.parametrize(
    ("name", "hits"),
    [
        pytest.param("03_费用.xlsx", False, id="no code"),
        pytest.param(f"03_费用_{DORM}.xlsx", False, id="the code"),
        pytest.param(f"03_费用_{DORM.lower()}(2).xlsx", False, id="small letters"),
        pytest.param(f"03_费用_{DORM}9.xlsx", False, id="no code, too long"),
        pytest.param(f"03_费用_{OTHER}.xlsx", True, id="another code"),
        pytest.param("03_费用_LY-SQ-2026-016.xlsx", True, id="full width"),
    ],
)
def test_code_in_the_file_name(name: str, hits: bool) -> None:
    case = load_case()
    case = with_books(case, {**case.project.workbooks, "cost": replace(case.project.workbooks["cost"], name=name)})
    assert [f.rule.code for f in found_by([identity.file_name], case)] == (["B413"] if hits else [])


# -- names ----------------------------------------------------------------------------------------------------------


def test_project_names() -> None:
    case = load_case(
        [*head("staffing", project_name="学生宿舍无线项目"), *typed_in("survey", "items", {"no": "B01"}, value="宿舍")]
    )
    findings = found_by(identity.CHECKS, case)
    assert {(f.at, f.rule.code) for f in findings} == {
        (case.project.workbooks["staffing"].head.at("project_name"), "X202"),
        (value_place(case, "B01"), "X202"),
    }
    assert "“学生宿舍无线项目”(项目人员需求一览表);“宿舍”(调查项B01)" in findings[0].message()


def test_customer_names() -> None:
    case = load_case(typed_in("plan", "basics", {}, customer_name="华澄大学"))
    (finding,) = found_by(identity.CHECKS, case)
    assert table([finding]) == {(value_cell(case, "A01"), "X202")}
    assert finding.related == (case.project.head("plan", "basics").at("customer_name"),)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(" 华澄理工大学　9号至14号学生宿舍 无线网络覆盖项目", id="blanks"),
        pytest.param("华澄理工大学９号至１４号学生宿舍无线网络覆盖项目", id="full width"),
        pytest.param(None, id="blank"),
    ],
)
def test_same_project_name(name: str | None) -> None:
    assert found_by(identity.CHECKS, retyped(load_case(), "cost", "lines", "stamp", project_name=name)) == []


def test_brackets_of_either_width() -> None:
    case = item(load_case(), "A01", value="华澄(理工)大学")
    assert found_by(identity.CHECKS, retyped(case, "plan", "basics", "head", customer_name="华澄（理工）大学")) == []


# -- what the survey says ------------------------------------------------------------------------------------------


def test_contract_far_from_the_survey() -> None:
    case = retyped(load_case(), "plan", "basics", "head", contract_amount=D("827999.99"))
    (finding,) = found_by(identity.CHECKS, case)
    assert table([finding]) == {("基本信息!C15", "X213")}
    assert cells(finding) == {value_cell(case, "B08")}
    assert finding.message() == "计划合同额827,999.99与调查表预计合同额920,000.00相差超过10%。"


@pytest.mark.parametrize("amount", [D(828000), None])
def test_contract_near_the_survey(amount: Decimal | None) -> None:
    assert found_by(identity.CHECKS, retyped(load_case(), "plan", "basics", "head", contract_amount=amount)) == []


@pytest.mark.parametrize("expected", ["不明确", None, D(0)])
def test_survey_without_an_expectation(expected: Value | None) -> None:
    assert found_by(identity.CHECKS, item(load_case(), "B08", value=expected)) == []


def test_m05_software_change_in_the_survey_only() -> None:
    """M05: B17 是, plan 否."""
    case = load_case(typed_in("survey", "items", {"no": "B17"}, value="是"))
    (finding,) = found_by(identity.CHECKS, case)
    assert table([finding]) == {(value_cell(case, "B17"), "X214")}
    assert finding.related == (case.project.head("plan", "basics").at("rd_modify"),)
    assert finding.message() == (
        "项目类别或判定项在各表不一致:是否需研发中心修改软件:计划“否”、网络工程客户需求调查表“是”。"
    )


def test_mature_case() -> None:
    case = item(load_case(), "B15", value="无")
    assert table(found_by(identity.CHECKS, case)) == {(value_cell(case, "B15"), "X214")}
    assert found_by(identity.CHECKS, item(load_case(), "B15", value="不明确")) == []
    assert found_by(identity.CHECKS, item(load_case(), "B15", value=None)) == []


@pytest.mark.parametrize(("stated", "hits"), [("重大项目", True), ("一般项目", False), (None, False)])
def test_class_of_the_notice(stated: str | None, hits: bool) -> None:
    case = retyped(load_case(), "records", "notice", "head", **{"class": stated})
    found = found_by([identity.class_as_surveyed], case)
    assert table(found) == ({("批准通知书!C12", "X214")} if hits else set())


@pytest.mark.parametrize(
    ("form", "row", "cell"),
    [("cost", 27, "费用明细!F27"), ("materials", 7, "物资明细!M7"), ("staffing", 17, "人员需求!H17")],
)
def test_stage_that_the_plan_lacks(form: str, row: int, cell: str) -> None:
    case = retyped(load_case(), form, "lines", row, stage="G9")
    (finding,) = found_by(identity.CHECKS, case)
    assert table([finding]) == {(cell, "X216")}
    assert finding.message() == "附表引用了计划中不存在的阶段G9。"
    assert found_by(identity.CHECKS, retyped(case, form, "lines", row, stage=None)) == []
    assert table(found_by(identity.CHECKS, without(case, "plan"))) == {(DORM, "B412")}


def test_access_points() -> None:
    """454 of 412 access points are more than 10 % too many; the sample for the test (售前) does not count."""
    case = load_case(typed_in("materials", "lines", {"name": "面板型AP"}, qty=454))
    (finding,) = found_by(identity.CHECKS, case)
    assert table([finding]) == {("物资明细!G7", "X222")}
    assert cells(finding) == {value_cell(case, "D03")}
    assert finding.message() == "物资数量454与调查表无线AP数(预估)412相差超过10%。"


@pytest.mark.parametrize("quantity", [D(421), D("453.2"), D("370.8"), None])
def test_quantities_near_the_survey(quantity: Decimal | None) -> None:
    """M17: 421 is within 10 %."""
    assert found_by(identity.CHECKS, retyped(load_case(), "materials", "lines", 7, qty=quantity)) == []


def test_quantities_of_several_rows_are_added() -> None:
    case = retyped(load_case(), "materials", "lines", 8, name="室外AP", qty=D(42))
    (finding,) = found_by(identity.CHECKS, case)
    assert table([finding]) == {("物资明细!G7", "X222")}
    assert cells(finding) == {"物资明细!G8", value_cell(case, "D03")}


@pytest.mark.parametrize(
    ("no", "name", "category"),
    [("D02", "六类模块及面板", "辅材线缆"), ("E03", "4K有卡编辑工作站", "硬件设备"), ("E04", "无卡工作站", "硬件设备")],
)
def test_outlets_and_workstations(no: str, name: str, category: str) -> None:
    case = item(load_case(), no, value=D(17))
    case = retyped(case, "materials", "lines", 8, name=name, category=category)  # 20 pieces
    findings = found_by(identity.CHECKS, case)
    assert table(findings) == {("物资明细!G8", "X222")}
    assert value_cell(case, no) in cells(findings[0])
    assert found_by(identity.CHECKS, item(case, no, value=D(20))) == []
    assert found_by(identity.CHECKS, item(case, no, value="不明确")) == []


def test_finished_too_late() -> None:
    case = item(load_case(), "B11", value=date(2026, 9, 23))
    (finding,) = found_by(identity.CHECKS, case)
    assert table([finding]) == {("阶段计划!E16", "X223")}
    assert cells(finding) == {value_cell(case, "B11")}
    assert finding.message() == "工程计划完成2026-09-24晚于客户要求2026-09-23。"


def test_finished_on_the_day() -> None:
    assert found_by(identity.CHECKS, item(load_case(), "B11", value=date(2026, 9, 24))) == []
    assert found_by(identity.CHECKS, item(load_case(), "B11", value="不明确")) == []


def test_over_budget() -> None:
    case = item(load_case(), "B05", value=D("919999.99"))
    (finding,) = found_by(identity.CHECKS, case)
    assert table([finding]) == {("基本信息!C15", "X224")}
    assert cells(finding) == {value_cell(case, "B05")}
    assert finding.message() == "预计合同额920,000.00超过客户预算919,999.99。"
    assert found_by(identity.CHECKS, item(load_case(), "B05", value=D(920000))) == []


# -- the set, the calendar -----------------------------------------------------------------------------------------


def test_missing_workbooks_are_pending() -> None:
    case = without(load_case(), "cost", "staffing", "records")
    (finding,) = found_by(identity.CHECKS, case)
    assert (finding.rule.code, finding.at, finding.pending) == ("B412", Place(DORM), True)
    assert finding.message() == (f"项目{DORM}缺少工作簿:03 项目费用计划明细表、05 项目人员需求一览表,本次不出文档。")


def test_year_without_a_calendar() -> None:
    """Stages that run into 2027, for which neither workbook 00 nor the library has holidays: one finding a year."""
    case = retyped(load_case(), "plan", "stages", 16, end=date(2027, 1, 29))
    case = retyped(case, "staffing", "lines", 18, end=date(2027, 1, 29))
    findings = [f for f in found_by(identity.CHECKS, case) if f.rule.code == "B418"]
    assert table(findings) == {("阶段计划!E16", "B418")}
    assert cells(findings[0]) == {"人员需求!J18"}
    assert findings[0].message() == "工作日历缺少2027年数据,仅按周末推算。"


@pytest.mark.parametrize("year", [2126, 9999])
def test_a_mistyped_year_is_left_to_others(year: int) -> None:
    case = retyped(load_case(), "plan", "stages", 15, end=date(year, 9, 11))
    assert {f.rule.code for f in found_by(identity.CHECKS, case)} == {"X223"}
