"""What is let pass: approved deviations, and records older than the rules that came later."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pipeline.check.case import Case
from pipeline.check.deviations import RULES_FROM, older
from pipeline.check.judge import judge
from pipeline.core.company import Parameter
from pipeline.core.findings import Finding, Severity
from tests.cases import load_case
from tests.check.followed import Edit, added, followed, recorded, removed, typed

COO, QUALITY, ENGINEER = "E002", "E701", "E203"
LATE = recorded("scheme", "head", approve_date=date(2026, 7, 15))  # G308: offered before it was approved
AT = "洽谈投标!C11"


def row(rule: str = "G308", cell: str = f"06 {AT}", approver: str = COO, **other: Any) -> Edit:
    fields = {"rule": rule, "cell": cell, "reason": "截止提前两天", "approver": approver, "date": date(2026, 7, 16)}
    return added("deviations", **{**fields, **other})


def found(*edits: Edit, code: str = "G308") -> list[Finding]:
    return [one for one in judge(followed(load_case(), edits))[0] if one.rule.code == code]


@pytest.mark.parametrize("cell", [f"06 {AT}", AT, f"06{AT}", "洽谈投标!$C$11", "洽谈投标! c11"])
@pytest.mark.parametrize("approver", [COO, QUALITY])
def test_an_approved_deviation_makes_a_warning_that_says_who_and_why(cell: str, approver: str) -> None:
    (was,), (now,) = found(LATE), found(LATE, row(cell=cell, approver=approver))
    assert was.rule.severity is Severity.ERROR
    assert now.rule.severity is Severity.WARNING
    assert not now.blocks
    name = load_case().company.name_of(approver)
    assert now.message() == f"{was.message()}〔偏差说明:截止提前两天;{name} 2026-07-16批准〕"
    assert now.message("en") == f"{was.message('en')} [deviation approved by {name} on 2026-07-16: 截止提前两天]"
    assert now.remedy() != was.remedy()
    assert not found(LATE, row(cell=cell, approver=approver), code="F053")


def test_the_workbook_is_compared_where_it_is_written() -> None:
    name = load_case().project.workbooks["records"].name
    assert not found(LATE, row(cell=f"[{name}]{AT}"))[0].blocks
    assert found(LATE, row(cell=f"[06_别的.xlsx]{AT}"))[0].blocks


@pytest.mark.parametrize("field", ["reason", "approver", "date", "rule", "cell"])
def test_a_row_that_is_not_complete_lets_nothing_pass(field: str) -> None:
    assert found(LATE, row(**{field: None}))[0].blocks


@pytest.mark.parametrize("reason", ["略", "无", "/", "同上", "待定"])
def test_a_row_without_a_reason_lets_nothing_pass(reason: str) -> None:
    assert found(LATE, row(reason=reason))[0].blocks
    assert found(LATE, row(reason=reason), code="W219")


def test_a_row_that_fits_nothing_is_told() -> None:
    (told,) = found(row(), code="F053")
    assert told.at.cell == "B7"
    assert found(LATE, row(cell="06 洽谈投标!C12"), code="F053")
    assert found(LATE, row(cell="06 洽谈投标!C12"))[0].blocks


def test_who_approved_is_judged_by_the_day_of_the_approval() -> None:
    """Whoever held the post then may have moved on since."""
    case = followed(load_case(), [LATE, row()])
    then = next(one for one in case.company.people if one.no == COO)
    moved = (replace(then, left=date(2026, 8, 31)), replace(then, post="", title="顾问", entered=date(2026, 9, 1)))
    people = (*(one for one in case.company.people if one.no != COO), *moved)
    company = replace(case.company, people=people, persons={**case.company.persons, COO: moved[1]})
    later = replace(case, company=company.on(case.as_of))
    assert later.company.persons[COO].post == ""
    codes = {one.rule.code for one in judge(later)[0] if one.rule.code in {"F054", "G308"} and one.blocks}
    assert codes == set()
    early = replace(later, project=followed(case, [recorded("deviations", 7, date=date(2026, 9, 10))]).project)
    assert {"F054", "G308"} <= {one.rule.code for one in judge(early)[0]}


def test_who_approves_must_be_allowed_to() -> None:
    (told,) = found(LATE, row(approver=ENGINEER), code="F054")
    assert told.at.cell == "D7"
    assert found(LATE, row(approver=ENGINEER))[0].blocks


def test_figures_that_contradict_each_other_are_never_let_pass() -> None:
    wrong = recorded("signing", "head", amount=load_case().parameter("tolerance"))
    (is_,) = found(wrong, code="X219")
    (told,) = found(wrong, row("X219", f"06 {is_.at.sheet}!{is_.at.cell}"), code="F055")
    assert told.at.cell == "A7"
    assert found(wrong, row("X219", f"06 {is_.at.sheet}!{is_.at.cell}"), code="X219")[0].blocks


def test_a_blank_of_the_plan_can_be_filled_one_of_the_records_perhaps_not() -> None:
    """What nobody did can no longer be done; what a plan does not say can be written into its next version."""
    plan, scheme = typed("plan", "narrative", "head", background=None), recorded("scheme", "head", author=None)
    of_plan, of_records = row("F001", "02 概述!C8"), row("F001", "06 方案审批!C12")
    assert found(plan, of_plan, code="F001")[0].blocks
    assert found(plan, of_plan, code="F055")
    assert not found(scheme, of_records, code="F001")[0].blocks
    assert not found(scheme, of_records, code="F055")


# -- records older than a rule ------------------------------------------------------------------------------------


def _held_from(case: Case, day: str) -> Case:
    others = (one for one in case.company.parameters if one.key != RULES_FROM)
    company = replace(case.company, parameters=(*others, Parameter(RULES_FROM, day, None)))
    return replace(case, company=company)


def _as_new(case: Case, since: date | None = date(2026, 11, 29)) -> Case:
    return replace(case, rules={**case.rules, "G308": replace(case.rules["G308"], since=since)})


def _blocks(case: Case) -> bool:
    at = case.project.head("records", "bidding").at("submit_time")
    one = older(case, case.finding("G308", at, found="", expected=""))
    assert one.message("en")
    return one.blocks


def test_a_newer_rule_only_warns_of_older_records() -> None:
    case = _as_new(load_case())  # handed in on 14 July, decided on 16 July
    assert _blocks(case)
    assert not _blocks(_held_from(case, "2027-01-01"))
    assert _blocks(_held_from(case, "2026-07-01"))
    assert _blocks(_held_from(case, ""))
    assert _blocks(_held_from(_as_new(case, None), "2027-01-01"))


# -- what follows is settled with its cause -----------------------------------------------------------------------


def errors(*edits: Edit) -> set[str]:
    return {one.rule.code for one in judge(followed(load_case(), edits))[0] if one.blocks}


def told(*edits: Edit) -> set[str]:
    return {one.rule.code for one in judge(followed(load_case(), edits))[0] if one.rule.code.startswith("F05")}


def test_one_row_settles_all_that_one_day_upsets() -> None:
    """G309 and G318 are told with G308, and let pass with it."""
    assert errors(LATE) == {"G308"}
    assert errors(LATE, row()) == set()
    assert told(LATE, row()) == set()


def test_rows_of_what_follows_are_no_mistake_once_the_cause_is_let_pass() -> None:
    beside = row("G309", "02 测试活动!E7")
    assert told(LATE, row(), beside) == set()
    assert told(LATE, beside) == {"F053"}
    assert errors(LATE, beside) == {"G308"}


def test_a_missing_signature_is_settled_with_what_the_application_lacks() -> None:
    """G301, which says the same at the application, is shown beside W193 where the row is gone."""
    gone = removed("countersign", 8)
    assert errors(gone) == {"W193", "G301"}
    assert errors(gone, row("W193", "06 计划会签")) == set()
    other = recorded("application", "head", att_annex="否")
    assert "X225" in errors(gone, other, row("W193", "06 计划会签"))


def test_what_cannot_be_read_is_never_let_pass() -> None:
    case = followed(load_case(), [row("B412", "06 洽谈投标!C11")])
    refused = case.finding(
        "B412", case.project.head("records", "bidding").at("submit_time"), items="", found="", expected=""
    )
    assert [one.blocks for one in judge(case, [refused])[0] if one.rule.code == "B412"] == [True]
