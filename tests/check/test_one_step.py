"""A step of which nothing is recorded is one finding (G340, G303, G311, W193, W184, G316, X217, X221)."""

from __future__ import annotations

import pytest

from pipeline.check.judge import judge
from pipeline.check.one_step import one_missing_step
from pipeline.core.findings import Finding, Severity
from tests.cases import load_case
from tests.check.followed import Edit, followed, recorded, with_files
from tests.check.reported import cells
from tests.check.test_legitimate import blank


def found(edits: list[Edit]) -> dict[str, Finding]:
    every = judge(with_files(followed(load_case(), edits)))[0]
    return {one.rule.code: one for one in every if one.rule.severity is not Severity.INFO}


@pytest.mark.parametrize(
    ("sheets", "rule", "cell"),
    [
        (["approval"], "G303", "移交清单!C10"),
        (["notice"], "G340", "移交清单!C10"),
        (["countersign"], "W193", "立项申请!C10"),
        (["creview", "problems"], "G311", "移交清单!H22"),
    ],
)
def test_a_step_without_any_record_is_one_finding(sheets: list[str], rule: str, cell: str) -> None:
    told = found(blank(*sheets))
    assert list(told) == [rule]
    assert cell in cells(told[rule])


def test_what_no_rule_of_a_step_says_stays() -> None:
    """Nobody applied: the archive says so, and no other rule does."""
    assert list(found(blank("application"))) == ["G316"]


def test_another_record_that_the_archive_lacks_stays() -> None:
    told = found(blank("notice", "application"))
    assert {"G340", "G316"} <= set(told)


def test_a_step_that_is_half_done_is_told_by_its_own_rules() -> None:
    case = followed(load_case(), [recorded("creview", 18, reviewer=None, date=None)])
    assert not list(one_missing_step(case, judge(case)[0]))
