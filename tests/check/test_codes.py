"""Codes that the program takes apart, codes that the company gives, and what people write in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from pipeline.check import codes
from pipeline.check.case import Case
from pipeline.check.codes import check_digit
from pipeline.core.company import Parameter
from pipeline.core.errors import DefinitionError
from tests.cases import load_case
from tests.check.reported import found_by, retyped, table

WRONG: Mapping[str, tuple[str, str, int | str, Mapping[str, Any], str]] = {
    "F038 stage": ("plan", "stages", 7, {"code": "S1.1"}, "阶段计划!A7"),
    "F038 stage that no list has": ("plan", "stages", 7, {"code": "S9"}, "阶段计划!A7"),
    "F038 version of the plan": ("plan", "basics", "head", {"plan_version": "第一版"}, "基本信息!C25"),
    "F038 version of the survey": ("survey", "versions", 7, {"version": "1.0"}, "版本与确认!A7"),
    "F038 stamp": ("cost", "lines", "stamp", {"version": "A1"}, "费用明细!E2"),
    "F038 row number": ("records", "problems", 7, {"no": "P01"}, "问题对策!A7"),
    "F038 memo": ("records", "memos", 7, {"no": "会议1"}, "会议备忘录!A7"),
    "F038 credit code": ("plan", "basics", "head", {"customer_uscc": "9135010OM000100Y43"}, "基本信息!C13"),
    "F013 check digit": ("plan", "basics", "head", {"customer_uscc": "91350100M000100Y44"}, "基本信息!C13"),
}


def typed(workbook: str, sheet: str, where: int | str, values: Mapping[str, Any]) -> Case:
    return retyped(load_case(), workbook, sheet, where, **values)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_spelling_is_named_at_its_cell(name: str) -> None:
    workbook, sheet, where, values, cell = WRONG[name]
    assert table(found_by(codes.CHECKS, typed(workbook, sheet, where, values))) == {(cell, name[:4])}


def test_the_finding_says_form_and_example() -> None:
    (finding,) = found_by(codes.CHECKS, typed("plan", "stages", 7, {"code": "S1.1"}))
    assert finding.message() == "阶段代码“S1.1”写法不对,应为S1–S7或G1–G9,例如S1。"
    assert (finding.blocks, finding.values["found"], finding.values["expected"]) == (True, "S1.1", "S1")


@pytest.mark.parametrize("period", ["第一周", "2026-13", "2026-00", "2026-W99", "2026-W00", "2026-W1", "2026/07"])
def test_what_is_no_period(period: str) -> None:
    case = typed("records", "reports", 7, {"period": period})
    assert {f.rule.code for f in found_by(codes.CHECKS, case)} == {"F038"}


@pytest.mark.parametrize(
    ("workbook", "sheet", "where", "values"),
    [
        pytest.param("plan", "stages", 7, {"code": "G9"}, id="last stage"),
        pytest.param("plan", "basics", "head", {"plan_version": "B/12"}, id="later version"),
        pytest.param("survey", "versions", 7, {"version": "V1.10"}, id="tenth version"),
        pytest.param("cost", "lines", "stamp", {"version": "V1.0"}, id="version of the other kind"),
        pytest.param("records", "problems", 7, {"no": "P-100"}, id="hundredth problem"),
        pytest.param("records", "reports", 7, {"period": "2026-W53"}, id="last week"),
        pytest.param("records", "reports", 7, {"period": "2026-12"}, id="last month"),
        pytest.param("plan", "basics", "head", {"customer_uscc": "无"}, id="a customer without a code"),
        pytest.param("plan", "basics", "head", {"customer_uscc": None}, id="blank"),
        pytest.param("plan", "revisions", 7, {"change_no": "CR-01、CR-02"}, id="two changes"),
        pytest.param("records", "creview", "head", {"draft_version": "终稿2"}, id="the customer's own version"),
        pytest.param("cost", "lines", 7, {"stage": "第一阶段"}, id="no stage of the plan is X216"),
    ],
)
def test_silent(workbook: str, sheet: str, where: int | str, values: Mapping[str, Any]) -> None:
    assert found_by(codes.CHECKS, typed(workbook, sheet, where, values)) == []


# -- codes of the company -------------------------------------------------------------------------------------------


def coded(case: Case, **patterns: str) -> Case:
    """Workbook 00 with these forms of its numbers; of all others it says nothing."""
    own = [Parameter(key, value, None) for key, value in patterns.items()]
    others = [p for p in case.company.parameters if not p.key.endswith("_no_regex")]
    return replace(case, company=replace(case.company, parameters=[*others, *own]))


@pytest.mark.parametrize("number", ["合同36号", "HT(2026)第036号", "ly-xs-2026-0031"])
def test_a_contract_may_have_the_customers_number(number: str) -> None:
    case = typed("records", "creview", "head", {"contract_no": number})
    assert found_by(codes.CHECKS, coded(case)) == []


def test_a_number_of_another_form_than_workbook_00_says_is_a_warning() -> None:
    case = coded(
        typed("records", "creview", "head", {"contract_no": "合同36号"}), contract_no_regex=r"LY-XS-\d{4}-\d{4}"
    )
    (finding,) = found_by(codes.CHECKS, case)
    assert (table([finding]), finding.blocks) == ({("合同评审意见!C5", "F040")}, False)
    assert (
        finding.message() == r"合同编号“合同36号”不合本公司的编码(00工作簿参数 contract_no_regex:LY-XS-\d{4}-\d{4})。"
    )


def test_a_form_that_is_no_regular_expression_is_the_companys_mistake() -> None:
    with pytest.raises(DefinitionError, match=r"00_公司基础资料.*emp_no_regex"):
        list(codes.company_codes(coded(load_case(), emp_no_regex="E(")))


def test_employees_may_be_numbered_otherwise() -> None:
    case = coded(load_case(), emp_no_regex=r"YG\d{4}")
    found = found_by(codes.CHECKS, case)
    assert {f.rule.code for f in found} == {"F040"}
    assert len(found) == len(case.company.persons)
    assert found_by(codes.CHECKS, coded(load_case(), emp_no_regex=r"^E\d+$")) == []


# -- GB 32100 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "last"), [("91350100M000100Y4", "3"), ("91110000101623741", "K")])
def test_credit_codes_of_the_standard(code: str, last: str) -> None:
    assert check_digit(code) == last


@pytest.mark.parametrize("code", ["IOSVZ", "", "9135010OM000100Y4"])
def test_check_digit_of_what_cannot_have_one(code: str) -> None:
    assert check_digit(code) == ""
