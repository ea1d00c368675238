"""What nobody has filled is said once, by workbook and sheet, and asks for nothing else (rule F056)."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.check import unfilled
from pipeline.check.case import Case
from pipeline.check.cells import begun
from pipeline.check.judge import judge
from pipeline.core.findings import Finding, Severity, Verdict
from pipeline.derive.known import rolled_up
from tests.cases import DORM, load_case, read_case, write_sample
from tests.check.broken import emptied
from tests.check.followed import Edit, added, followed, typed, with_files
from tests.check.reported import cells, found_by, table

PLAN_SET = ("survey", "plan", "cost", "materials", "staffing")


def blank(*forms: str) -> list[dict[str, str]]:
    """Edits that leave workbooks as they are handed out."""
    case = load_case()
    sheets = [(form, sheet) for form in forms for sheet in case.forms[form].sheet]
    found = [{"op": "clear_sheet", "workbook": f, "sheet": s.key} for f, s in sheets if not s.rows_fixed]
    keys = ("value", "status", "source", "reason", "clarify_plan", "clarify_date", "updated", "remark")
    items = case.forms["survey"].sheet_form("items")
    answers = [key for key in keys if key in items.by_key] if "survey" in forms else []
    return found + [
        {"op": "set", "workbook": "survey", "sheet": "items", "field": key, "match": {}, "value": None}  # type: ignore[dict-item]
        for key in answers
    ]


def said(case: Case) -> list[Finding]:
    return [one for one in judge(with_files(case))[0] if one.rule.severity is not Severity.INFO]


def test_a_set_that_nobody_touched_is_one_finding_a_workbook_and_not_due(tmp_path: Path) -> None:
    case = read_case(write_sample(tmp_path, blank(*PLAN_SET, "records"), DORM))
    found = said(case)
    assert [(f.rule.code, f.pending, f.at.sheet) for f in found] == [("F056", True, None)] * len(PLAN_SET)
    messages = {f.message() for f in found}
    assert "《网络工程客户需求调查表》还没有填:调查表、版本与确认。" in messages
    assert "《项目费用计划明细表》还没有填:费用明细。" in messages


def test_a_blank_set_need_not_even_have_its_code(tmp_path: Path) -> None:
    """Where nothing is filled, the missing project code is not told beside it; where something is, it is."""
    heads = [
        {"op": "set", "workbook": form, "sheet": "_head", "part": "head", "field": key, "value": None}
        for form in PLAN_SET
        for key in ("project_code", "project_name")
    ]
    case = read_case(write_sample(tmp_path / "blank", [*blank(*PLAN_SET, "records"), *heads], DORM))
    assert {f.rule.code for f in said(case)} == {"F056"}
    begun = read_case(write_sample(tmp_path / "begun", heads, DORM))
    assert ("费用明细!H2", "F001") in table(said(begun))


@pytest.mark.parametrize(
    ("edit", "wanted"),
    [
        (emptied("staffing", "lines"), {("05_项目人员需求一览表_LY-SQ-2026-015.xlsx", "F056")}),
        (emptied("cost", "lines"), {("费用明细", "F056")}),
        (emptied("plan", "revenue"), {("收入与毛利", "F056")}),
        (
            typed("plan", "narrative", "head", **dict.fromkeys(load_case().project.head("plan", "narrative").cells)),
            {("概述", "F056")},
        ),
    ],
    ids=["staffing", "cost", "revenue", "narrative"],
)
def test_an_empty_sheet_is_told_and_what_would_be_compared_with_it_is_not(
    edit: Edit, wanted: set[tuple[str, str]]
) -> None:
    """The project was applied for, so it is due; no sum of the right workbooks is said to be wrong."""
    case = followed(load_case(), [edit])
    assert {(cell, code) for cell, code in table(said(case)) if code != "X232"} == wanted
    compared = [one for one in judge(case)[1] if one.verdict is Verdict.DIFFERENT]
    assert {one.rule for one in compared} <= {"X220"}


def test_a_project_without_materials_says_so_in_its_plan() -> None:
    none = followed(load_case(), [emptied("materials", "lines")])
    (finding,) = found_by(unfilled.CHECKS, none)
    assert finding.message() == "《项目所需物资明细表》还没有填:物资明细。"
    nothing_bought = followed(none, [typed("plan", "basics", "head", materials_total=Decimal(0))])
    assert found_by(unfilled.CHECKS, nothing_bought) == []
    assert not unfilled.unfilled(nothing_bought, "materials", "lines")


def test_the_other_sheets_of_a_workbook_are_named() -> None:
    case = followed(load_case(), [emptied("plan", "revenue"), emptied("plan", "revisions")])
    (finding,) = (one for one in found_by(unfilled.CHECKS, case) if one.rule.code == "F056")
    assert (finding.at.sheet, cells(finding)) == ("收入与毛利", {"修订记录!None"})


def test_a_filled_set_is_silent() -> None:
    assert found_by(unfilled.CHECKS, load_case()) == []


def test_optional_sheets_may_stay_empty() -> None:
    empty = followed(load_case(), [emptied("plan", "risks"), emptied("cost", "deposits"), emptied("survey", "updates")])
    assert found_by(unfilled.CHECKS, empty) == []


def rolled(**other: object) -> list[Edit]:
    """The lines of 03 as `presales prefill` rolls them up from 04 and 05, and no other; `other` is typed in each."""
    case = load_case()
    form = case.forms["cost"].sheet_form("lines")
    edits = [emptied("cost", sheet.key) for sheet in case.forms["cost"].sheet if not sheet.rows_fixed]
    for template in form.prefill_rows:
        for source in rolled_up(str(template["from"]), case.project, case.company):
            texts = {f.key: str(template[f.key]).format_map(source) for f in form.fields if f.key in template}
            values = {key: Decimal(text) if form.field(key).numeric else text for key, text in texts.items()}
            edits.append(added("lines", "cost", no=Decimal(len(edits)), **{**values, **other}))
    return edits


def test_lines_that_were_rolled_up_are_nobody_s_beginning() -> None:
    assert len(rolled()) > 5
    assert not begun(followed(load_case(), rolled()), "cost")


@pytest.mark.parametrize("other", [{"remark": "含安装"}, {"desc": "样机运输"}, {"dept": "财务处"}, {"unit": "台"}])
def test_what_somebody_typed_beside_them_is_one(other: dict[str, object]) -> None:
    assert begun(followed(load_case(), rolled(**other)), "cost")
