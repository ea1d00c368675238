"""One name in one cell is one finding (F019, F021, X228, G331, W204, W209); two names are two."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.check.judge import judge
from pipeline.check.one_person import one_wrong_person
from pipeline.core.findings import Finding, Severity
from tests.cases import load_case
from tests.check.followed import Edit, followed, recorded, with_files
from tests.check.reported import cells
from tests.mastered import left


def found(*edits: Edit) -> list[Finding]:
    every = judge(with_files(followed(load_case(), edits)))[0]
    return [one for one in every if one.rule.severity is not Severity.INFO]


GONE = left("E602", left=date(2026, 5, 20))


@pytest.mark.parametrize(
    ("edits", "rule", "cell"),
    [
        ([recorded("countersign", 10, signer="E602"), GONE], "F019", "F10"),
        ([recorded("countersign", 10, signer="E203")], "F021", "A10"),
        ([recorded("scheme", "head", approver="E203")], "G331", "C16"),
    ],
    ids=["who has left, and is no head", "of another department, and no head", "who may not, and made it himself"],
)
def test_one_wrong_name_is_one_finding(edits: list[Edit], rule: str, cell: str) -> None:
    assert [(one.rule.code, one.at.cell) for one in found(*edits)] == [(rule, cell)]


def test_who_accepts_a_risk_and_verifies_his_own_work_is_told_once() -> None:
    """X228, W209."""
    told = {one.rule.code for one in found(recorded("problems", 7, status="接受风险", verifier="E106"))}
    assert told == {"X228", "W212"}


@pytest.mark.parametrize(
    ("edits", "rule", "cell"),
    [
        ([recorded("notice", "head", pm="E104")], "X215", "C10"),
        ([recorded("handover", "head", giver="E203")], "W189", "C5"),
        ([recorded("handover", "head", giver="E302")], "W189", "C5"),
    ],
    ids=["the notice names another manager", "another one hands over", "who receives hands over"],
)
def test_another_manager_is_told_where_the_wrong_name_stands(edits: list[Edit], rule: str, cell: str) -> None:
    assert [(one.rule.code, one.at.cell) for one in found(*edits)] == [(rule, cell)]


def test_two_wrong_names_are_two_findings() -> None:
    told = found(recorded("scheme", "head", approver="E203", checker="E502"))
    assert [(one.rule.code, one.at.cell) for one in told] == [("G331", "C16"), ("W204", "C14")]


def test_a_name_that_is_right_has_no_finding_to_follow() -> None:
    case = followed(load_case(), [recorded("countersign", 10, signer="E602")])
    (one,) = (one for one in judge(case)[0] if one.rule.code == "W204")
    assert one.at.cell == "F10"
    assert not list(one_wrong_person(case, [one]))


def test_who_has_left_is_told_at_the_signature_of_after_that() -> None:
    """F019: the plan names him rightly for its time; the scheme that he wrote a month after he left is the breach."""
    (one,) = (one for one in found(left("E203", left=date(2026, 5, 30))) if one.rule.code == "F019")
    assert (one.at.sheet, one.at.cell) == ("方案审批", "C12")
    assert {"物资明细!T17", "人员需求!C9"} <= cells(one)
