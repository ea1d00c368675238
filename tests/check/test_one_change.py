"""A change that is not approved is one finding (G345, X217, X220, W212); two mistakes are two."""

from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.check.judge import judge
from pipeline.check.one_change import one_open_change
from pipeline.core.findings import Finding, Severity
from tests.cases import TV, load_case
from tests.check.followed import Edit, followed, recorded, typed, with_files
from tests.check.reported import cells


def found(*edits: Edit) -> dict[str, Finding]:
    every = judge(with_files(followed(load_case(code=TV), edits)))[0]
    return {one.rule.code: one for one in every if one.rule.severity is not Severity.INFO}


@pytest.mark.parametrize("status", ["申请", "已驳回"])
def test_a_change_that_plan_and_bid_rest_on_is_one_finding(status: str) -> None:
    told = found(recorded("changes", 7, status=status))
    assert list(told) == ["G345"]
    assert {"变更!O7", "立项申请!C10", "修订记录!F8"} <= cells(told["G345"])


def test_another_difference_of_the_costs_stays() -> None:
    total = typed("plan", "revisions", 7, total=Decimal(5016590))
    assert {"G345", "X220"} <= set(found(recorded("changes", 7, status="申请"), total))


def test_an_approved_change_has_nothing_to_fold() -> None:
    case = followed(load_case(code=TV), [typed("plan", "revisions", 8, change_no="CR-09")])
    assert not list(one_open_change(case, judge(case)[0]))
