from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from pipeline.check import survey
from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.core.sheets import Cell, Value
from tests.cases import DORM, TV, load_case
from tests.check.reported import cells, found_by, retyped, table, typed_in, with_sheet, without

UNCLEAR = {"value": "不明确", "status": "不明确"}


def item(no: str, **values: Any) -> list[dict[str, Any]]:
    return typed_in("survey", "items", {"no": no}, **values)


MISTAKES = [
    *item("D05", value=None),
    *item("B14", value=None),
    *item("E19", **UNCLEAR, clarify_plan=None, clarify_date=None),
    *item("C07", **UNCLEAR, clarify_plan="向信息化中心索取", clarify_date=None),
    *item("E01", value=None, status="不适用", reason=None),
    *item("J04", value=" ｔｂｄ "),
    *item("J03", value="—"),
    *typed_in("survey", "extra_items", {"no": 1}, content="略"),
    *item("F03", value=179),
    *item("I02", value="19000.01"),
    *item("I03", value="10.5"),
]


@cache
def mistaken() -> tuple[Finding, ...]:
    return tuple(found_by(survey.CHECKS, load_case(MISTAKES)))


def one(rule: str) -> Finding:
    return next(finding for finding in mistaken() if finding.rule.code == rule)


@pytest.mark.parametrize("code", [TV, DORM])
def test_a_clean_sample_says_nothing(code: str) -> None:
    """The television survey leaves no item of hospitals blank, because they do not apply; nor the other way round."""
    assert found_by(survey.CHECKS, load_case(code=code)) == []


def test_every_rule_at_its_cell() -> None:
    assert table(mistaken()) == {
        ("调查表!E53", "F002"),
        ("调查表!E34", "F002"),
        ("调查表!I86", "F003"),
        ("调查表!J86", "F003"),
        ("调查表!J45", "F003"),
        ("调查表!H68", "F004"),
        ("补充项!B7", "F005"),
        ("调查表!E120", "F005"),
        ("调查表!E119", "F005"),
        ("调查表", "W101"),
        ("调查表!E34", "W103"),
        ("调查表!E89", "W105"),
        ("调查表!E111", "W106"),
        ("调查表!E112", "W106"),
    }


@pytest.mark.parametrize(
    ("rule", "zh"),
    [
        ("F002", "调查项B14“标准方案名称及版本”为空项;需求不明确的应注明“不明确”。"),
        ("F003", "调查项C07已注明“不明确”,但缺少澄清措施或计划澄清日期。"),
        ("F004", "调查项E01标为“不适用”,须填写理由。"),
        ("W105", "日志留存179天,少于180天(网络安全法第二十一条)。"),
        ("W106", "投标保证金或履约保证金比例超过法定上限(2%/10%)。"),
    ],
)
def test_message(rule: str, zh: str) -> None:
    assert zh in {finding.message() for finding in mistaken() if finding.rule.code == rule}


def test_rates() -> None:
    """Of 114 items two are blank; of the 92 that are decided two are unclear."""
    assert one("W101").message() == "调查表完整率98.25%,需求明确率97.83%。"
    assert one("W101").remedy() == "有空项的按提示补齐,“不明确”的逐步澄清。"


def test_a_survey_that_nobody_filled_has_no_rates() -> None:
    """F056 says that it is not filled."""
    case = load_case([{"op": "clear_sheet", "workbook": "survey", "sheet": "versions"}])
    items = case.project.sheet("survey", "items")
    typed = [f.key for f in case.forms["survey"].sheet_form("items").fields if f.fill == "input"]
    blank = tuple(replace(row, cells={**row.cells, **{k: Cell(row.at(k)) for k in typed}}) for row in items.rows)
    untouched = with_sheet(case, "survey", "items", replace(items, rows=blank))
    untouched = without_rows(untouched, "updates", "extra_items")
    assert not [f for f in found_by(survey.CHECKS, untouched) if f.rule.code == "W101"]


@pytest.mark.parametrize(("version", "hit"), [("V1.4", True), ("V1.3", False), ("V1.2", False), (None, False)])
def test_the_version_on_top_is_registered(version: str | None, hit: bool) -> None:
    """W227: of a version that nobody registered; one that is not the last, or that nobody wrote on top, may be."""
    case = retyped(load_case(), "survey", "items", "stamp", version=version)
    found = found_by([survey.version_registered], case)
    assert [(f.rule.code, cells(f)) for f in found] == ([("W227", {"版本与确认!A10"})] if hit else [])


def without_rows(case: Case, *sheets: str) -> Case:
    for key in sheets:
        case = with_sheet(case, "survey", key, replace(case.project.sheet("survey", key), rows=()))
    return case


def test_remedies_take_the_limits_from_workbook_00() -> None:
    assert one("W105").remedy() == "日志留存不少于180天。"
    assert one("W105").remedy("en") == "Keep logs for at least 180 days."


def test_concurrent_users_exceed_users() -> None:
    (finding,) = found_by([survey.concurrent_users], load_case(item("D05", value=2461)))
    assert (finding.at.cell, finding.rule.code, cells(finding)) == ("E53", "W104", {"调查表!E52"})
    assert finding.message() == "并发用户数2461大于用户总数2460。"


@pytest.mark.parametrize(
    ("row", "values"),
    [
        pytest.param(52, {"value": "很多"}, id="W104 one side is no number"),
        pytest.param(34, {"value": "标准方案 V1"}, id="W103 named"),
        pytest.param(118, {"value": "无"}, id="F005 无 is an answer"),
        pytest.param(68, {"status": "不适用", "reason": "由校方实施"}, id="F004 with a reason"),
        pytest.param(70, {"value": None, "status": None, "reason": None}, id="F004 does not apply anyway"),
    ],
)
def test_silent(row: int, values: dict[str, Value | None]) -> None:
    case = retyped(load_case(), "survey", "items", row, **values)
    assert found_by(survey.CHECKS, case) == []


def test_limits_themselves_are_kept() -> None:
    edits = [*item("F03", value=180), *item("I02", value="19000.00"), *item("I03", value=10)]
    edits += [*item("D05", value=2460), *item("B13", value="否"), *item("B14", value=None)]
    edits += item("D13", **UNCLEAR, clarify_plan="问运营商", clarify_date="2026-06-10")
    assert table(found_by(survey.CHECKS, load_case(edits))) == {("调查表", "W101")}


def test_item_that_applies_because_of_another() -> None:
    """E03 applies to television only: as soon as the customer is a station, and nobody says otherwise, it is asked."""
    undecided = [*item("E03", status=None, reason=None), *item("E04", reason=None)]
    found = found_by(survey.CHECKS, load_case([*item("A04", value="广电"), *undecided]))
    assert table(found) == {("调查表", "W101"), ("调查表!E70", "F002"), ("调查表!H71", "F004")}


def test_deleted_row_is_a_blank_item() -> None:
    """Rows are fixed; one that is gone cannot be pointed at, so the sheet is."""
    case = load_case()
    sheet = case.project.sheet("survey", "items")
    rows = tuple(row for row in sheet.rows if row.text("no") not in {"H02", "A02", "E03"})
    facts = replace(case.facts, items={row.text("no"): case.facts.items[row.text("no")] for row in rows})
    case = replace(with_sheet(case, "survey", "items", replace(sheet, rows=rows)), facts=facts)
    found = found_by([survey.answered], case)
    assert table(found) == {("调查表", "F002")}
    assert [finding.values["no"] for finding in found] == ["H02"]


def test_without_a_survey_nothing_is_said() -> None:
    assert found_by(survey.CHECKS, without(load_case(), "survey")) == []
