"""All judges as one: the same is said once, whoever says it; a judge that fails is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pipeline.check import judge as judging
from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.errors import PipelineError
from pipeline.core.findings import Finding
from tests.cases import load_case


def said(case: Case, cell: str = "customer_name", *, found: str = "甲", pending: bool = False) -> Finding:
    at = case.project.head("plan", "basics").at(cell)
    return case.finding("W124", at, pending=pending, a="A/1", b="A/0", found=found, expected="A/0")


def once(case: Case) -> Iterator[Finding]:
    """W124: says one thing."""
    yield said(case)


def twice(case: Case) -> Iterator[Finding]:
    """W124: says it again, and all that differs in one point."""
    yield from (said(case), said(case))
    yield from (said(case, "project_name"), said(case, found="乙"), said(case, pending=True))


def test_the_same_finding_of_two_judges_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "CHECKS", (once, twice, once))
    monkeypatch.setattr(judging.totals, "COMPARISONS", ())
    case = load_case()
    found, _ = judge(case)
    wanted = [said(case), said(case, found="乙"), said(case, pending=True), said(case, "project_name")]
    assert len(found) == len(wanted)
    assert all(finding in found for finding in wanted)


def test_a_judge_that_fails_is_named_and_nothing_is_said_against_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(case: Case) -> Iterator[Finding]:
        """W124: fails."""
        raise KeyError("x")

    monkeypatch.setattr(judging, "CHECKS", (once, spoilt))
    with pytest.raises(PipelineError, match=r"规则 W124:.*spoilt.*KeyError"):
        judge(load_case())
