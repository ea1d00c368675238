"""Duties of departments without a day in workbook 00 (W234): what was over before is not wrong because of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.check.judge import judge
from pipeline.core.findings import Finding, Severity
from pipeline.derive.duties import mark, unproved
from tests.cases import load_case
from tests.check.followed import Edit, followed, recorded, removed, with_files
from tests.check.reported import cells
from tests.mastered import mastered

Edits = list[Edit]
BOTH = {"countersign_required": "是", "creview_required": "是"}
OPEN: Edits = [
    recorded("handover", "head", archive_date=None, handover_date=None),
    recorded("closing", "head", close_date=None, accept_date=None),
]


def judged(edits: Edits) -> dict[str, Finding]:
    every = judge(with_files(followed(load_case(), edits)))[0]
    return {one.rule.code: one for one in every if one.rule.severity is not Severity.INFO and one.rule.code != "F001"}


def duty(code: str = "D08", **more: Any) -> Edit:
    return mastered("departments", ({"dept_code": code}, {**BOTH, **more}))


def again(code: str, since: date) -> Edit:
    """The duty in a second row of the department, from a day on."""
    closed = ({"dept_code": code}, {"valid_until": date(since.year, since.month, since.day - 1)})
    return mastered("departments", closed, more=[{"dept_code": code, **BOTH, "valid_from": since}])


@pytest.mark.parametrize("edits", [[], OPEN], ids=["archived", "under way"])
def test_a_duty_without_a_day_is_one_warning_that_names_its_cell(edits: Edits) -> None:
    told = judged([duty(), *edits])
    assert list(told) == ["W234"]
    assert {"部门!F14", "部门!G14"} & cells(told["W234"])
    assert "00的部门表" in told["W234"].remedy()


def test_who_leads_the_project_is_told_anyway() -> None:
    told = judged([duty("D01")])
    assert (list(told), told["W234"].values["dept"]) == (["W234"], "市场销售部")


def test_a_duty_with_its_day_says_nothing_of_before() -> None:
    assert not judged([again("D08", date(2026, 11, 2))])
    assert {"W193", "G301", "W184", "W201"} == set(judged([again("D08", date(2026, 5, 4))]))


def test_whom_the_notice_told_owes_the_signature() -> None:
    """W193, W184: the finance department was told, and nobody of it is in the team."""
    told = judged([removed("countersign", 10)])
    assert {"W193", "G301"} == set(told)
    assert "部门!F12" in cells(told["W193"])
    assert "部门!G12" in cells(judged([removed("creview", 18)])["W184"])


def test_before_the_approval_the_department_signs_or_gets_its_day() -> None:
    early = followed(load_case(), [duty(), removed("approval")])
    rules = {one.rule.code for one in judge(early)[0]}
    assert {"W193", "G301"} <= rules
    assert "客户服务部" in early.facts.countersigners


def test_a_row_that_is_not_signed_is_no_duty_of_later() -> None:
    assert "W193" in judged([recorded("countersign", 8, signer=None, sign_date=None)])


def test_who_owes_nothing_is_asked_nothing() -> None:
    case = followed(load_case(), [duty()])
    company = case.company.on(date(2026, 6, 2))
    owing = company.countersigning("一般项目", False)
    assert [one.name for one in unproved(case.project, company, owing, "countersign")] == ["客户服务部"]
    assert "客户服务部" not in case.facts.countersigners
    at = mark(company, "D08", "creview")
    assert at is not None
    assert at.cell == "G14"
