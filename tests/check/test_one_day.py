"""One day out of order is one finding, and what else it upsets stands among its cells; two wrong days are two."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from pipeline.check.judge import judge
from pipeline.check.one_day import one_wrong_day
from pipeline.core.findings import Finding, Severity
from tests.cases import load_case
from tests.check.followed import Edit, followed, recorded
from tests.check.reported import cells


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def found(*edits: Edit) -> dict[str, Finding]:
    """The findings about the order of days by rule."""
    every = judge(followed(load_case(), edits))[0]
    return {one.rule.code: one for one in every if one.rule.severity is not Severity.INFO}


SIGNED = recorded("signing", "head", sign_date=day(8, 17))
ACCEPTED = recorded("closing", "head", accept_date=day(7, 28))
REVIEWED = recorded("creview", 19, date=day(7, 30))
APPLIED = recorded("application", "head", apply_date=day(5, 28))

# What was typed, the one finding, and the cells that are named beside it.
ONE: dict[str, tuple[Edit, str, set[str]]] = {
    "a scheme too late": (
        recorded("scheme", "head", approve_date=day(7, 15)),
        "G308",
        {"方案审批!C17", "测试活动!E7"},
    ),
    "a review too late": (
        recorded("req_review", "head", date=day(7, 17), survey_version="V1.3"),
        "G307",
        {"需求评审!B6", "需求评审!B7"},
    ),
    "an approval too late": (
        recorded("approval", 8, date=day(7, 6)),
        "G304",
        {"立项审批!F8", "需求评审!B6", "方案审批!C17"},
    ),
    "an application too early": (APPLIED, "G302", {"计划会签!G8"}),
    "a bid too early": (
        recorded("bidding", "head", submit_time=datetime(2026, 6, 20, 9)),
        "G308",
        {"方案审批!C17", "洽谈投标!C18"},
    ),
    "an opinion too late": (REVIEWED, "G311", {"合同评审意见!F19", "合同评审意见!C10"}),
    "a signature too early": (
        recorded("signing", "head", sign_date=day(7, 17)),
        "G311",
        {"合同评审意见!F18", "问题对策!K8", "合同签订!C15"},
    ),
    "a signature too late": (SIGNED, "G314", {"合同签订!C7", "验收与结束!C10"}),
    "a problem solved too late": (recorded("problems", 9, close_date=day(8, 3)), "G312", {"合同签订!C7"}),
    "an acceptance too early": (ACCEPTED, "G314", {"合同签订!C7"}),
    "an end too late": (
        recorded("closing", "head", close_date=day(8, 20)),
        "G315",
        {"验收与结束!C10", "验收与结束!C19"},
    ),
    "a handover too early": (
        recorded("handover", "head", handover_date=day(7, 15)),
        "G315",
        {"验收与结束!C10", "协议!E8", "协议!E7"},
    ),
}


@pytest.mark.parametrize("name", ONE)
def test_one_day_is_one_finding(name: str) -> None:
    edit, rule, beside = ONE[name]
    every = found(edit)
    assert list(every) == [rule]
    assert cells(every[rule]) == beside


TWO: dict[str, tuple[list[Edit], set[str]]] = {
    "at two ends": ([APPLIED, ACCEPTED], {"G302", "G314"}),
    "beside the same day, each the other way": ([REVIEWED, ACCEPTED], {"G311", "G314"}),
}


@pytest.mark.parametrize("name", TWO)
def test_two_days_are_two_findings(name: str) -> None:
    edits, rules = TWO[name]
    assert set(found(*edits)) == rules


def test_days_in_order_say_nothing() -> None:
    assert found() == {}


def test_an_error_never_hides_behind_a_warning() -> None:
    """The error is told and the warning is among its cells, whichever comes first."""
    case = followed(load_case(), [REVIEWED])
    opinion, signed = (case.project.sheet("records", "creview"), case.project.head("records", "signing"))
    at, late = signed.at("sign_date"), opinion.rows[-1].at("date")
    texts = {"a": "", "b": "", "word": "早于", "clause": "", "found": "", "expected": ""}
    warning = case.finding("W206", opinion.head.at("conclusion_date"), [late], **texts)
    error = case.finding("G318", at, [late], a="", b="", found="", expected="")
    assert list(one_wrong_day(case, [warning, error])) == [(0, 1)]
