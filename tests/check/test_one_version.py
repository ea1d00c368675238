"""A version mistyped in the application is one finding; one that nobody countersigned is told by its signatures."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.check.judge import judge
from pipeline.check.one_version import one_wrong_version
from pipeline.core.findings import Finding, Severity
from tests.cases import DORM, TV, load_case
from tests.check.followed import Edit, followed, recorded, removed, typed, with_files
from tests.check.reported import cells


def found(*edits: Edit, code: str = DORM) -> dict[str, Finding]:
    every = judge(with_files(followed(load_case(code=code), edits)))[0]
    return {one.rule.code: one for one in every if one.rule.severity is not Severity.INFO}


def attached(version: str) -> Edit:
    return recorded("application", "head", att_plan=version)


@pytest.mark.parametrize(
    ("version", "code", "rule"),
    [("A/9", DORM, "X225"), ("A0", DORM, "F038"), ("A/1", TV, "X217")],
    ids=["no such version", "no version at all", "a version of later"],
)
def test_a_plan_version_that_nobody_countersigned_is_one_finding(version: str, code: str, rule: str) -> None:
    told = found(attached(version), code=code)
    assert list(told) == [rule]
    assert (told[rule].at.cell, "立项申请!C8" in cells(told[rule])) == ("C10", True)


def test_what_is_wrong_beside_it_stays() -> None:
    """A blank scope is no matter of the version."""
    assert {"X225", "F001"} == set(found(attached("A/9"), recorded("countersign", 9, scope=None)))


def test_without_any_signature_the_signatures_are_told() -> None:
    assert {"W193", "X225"} <= set(found(attached("A/9"), removed("countersign")))


def test_a_version_of_which_one_signature_lacks_is_told_by_the_signature() -> None:
    assert {"W193", "G301"} == set(found(removed("countersign", 10)))


def test_a_survey_of_after_the_application_is_one_finding() -> None:
    """X233, G318."""
    told = found(recorded("application", "head", att_survey="V1.2"))
    assert list(told) == ["X233"]
    assert (told["X233"].at.cell, told["X233"].values["expected"]) == ("C9", "V1.1")
    assert "修订记录!B7" in cells(told["X233"])


def test_days_out_of_order_for_another_reason_stay() -> None:
    late = typed("plan", "revisions", 7, date=date(2026, 6, 5))
    assert "G318" in found(late)
    case = followed(load_case(), [late])
    assert not list(one_wrong_version(case, judge(case)[0]))
