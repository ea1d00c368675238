from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.core.entries import Bid, StageDates
from pipeline.core.facts import Facts
from pipeline.core.places import Derived, Sourced
from pipeline.core.portfolio import HitRate, Portfolio
from pipeline.core.procedure import Answer
from tests.cases import AS_OF
from tests.made_portfolio import Remembered, archive, many, night, remembered, samples, surveyed
from tests.made_projects import at, due, made

X = at("x", "C1")


def seen(*projects: Facts) -> Portfolio:
    return surveyed([remembered(facts) for facts in projects], quiet=True)


def test_both_samples_are_done_and_clean() -> None:
    portfolio = surveyed(samples(), quiet=True)
    assert [
        (line.code, line.state, line.status, line.errors, line.warnings, line.amount) for line in portfolio.lines
    ] == [
        ("LY-SQ-2026-007", "已归档", "ok", 0, 0, Decimal(6400000)),
        ("LY-SQ-2026-015", "已归档", "ok", 0, 0, Decimal(920000)),
    ]
    assert portfolio.findings == ()
    assert portfolio.late == ()
    assert portfolio.hit_rate == HitRate(2, 0, 0, Decimal("100.0"))
    assert (portfolio.signed_total, portfolio.contract_total) == (Decimal(7320000), Decimal(7320000))
    july = next(month for month in portfolio.months if month.month == "2026-07")
    assert (july.signed, july.planned, july.cost) == (Decimal(7320000), Decimal(0), Decimal("100250.00"))
    assert [line.cost for line in portfolio.lines] == [Decimal("5186545.40"), Decimal("712346.00")]


def test_contracts_stand_in_the_month_of_the_signature_and_lost_ones_nowhere() -> None:
    plan = {"contract": Decimal(100), "plan_sign": Sourced(date(2026, 12, 10), X)}
    signed = replace(
        made(1, signed=Decimal(90), **plan), steps={"signing": Answer("signing", day=Sourced(date(2026, 11, 2), X))}
    )
    portfolio = seen(signed, made(2, **plan), made(3, "未中标结束", **plan))
    sums = {month.month: (month.signed, month.planned) for month in portfolio.months if month.signed or month.planned}
    assert sums == {"2026-11": (Decimal(90), Decimal(0)), "2026-12": (Decimal(0), Decimal(100))}
    assert (portfolio.signed_total, portfolio.contract_total) == (Decimal(90), Decimal(190))


def test_twelve_months_around_today() -> None:
    months = [month.month for month in seen(made(1)).months]
    assert (len(months), months[0], months[-1]) == (12, "2026-03", "2027-02")


def test_costs_add_up_by_month() -> None:
    costs = {("cost", "month", "2026-11"): Derived(Decimal("0.10")), ("cost", "total"): Derived(Decimal(5))}
    rows = [replace(made(n), figures=costs) for n in (1, 2, 3)]
    assert {month.month: month.cost for month in seen(*rows).months if month.cost} == {"2026-11": Decimal("0.30")}


@pytest.mark.parametrize(
    ("results", "rate"),
    [
        (["中标", "成交", "未中标", "废标"], HitRate(2, 2, 0, Decimal("50.0"))),
        (["中标", "未中标", "未成交"], HitRate(1, 2, 0, Decimal("33.3"))),
        (["撤回"], HitRate(0, 1, 0, Decimal("0.0"))),
        ([], HitRate()),
    ],
)
def test_hit_rate_of_what_is_decided(results: list[str], rate: HitRate) -> None:
    assert seen(*(made(n, bid=Bid(result, AS_OF, X)) for n, result in enumerate(results, 1))).hit_rate == rate


def test_a_bid_without_a_result_is_open() -> None:
    handed_in = replace(made(1), steps={"bid": Answer("bid", day=Sourced(date(2026, 11, 2), X))})
    assert seen(handed_in, replace(handed_in, code="LY-SQ-2026-002", state="客户取消")).hit_rate == HitRate(0, 0, 1)


def test_what_is_late_the_oldest_first() -> None:
    stages = (
        StageDates("S3", "方案", date(2026, 10, 8), date(2026, 11, 2), None, X),
        StageDates("S2", "跟踪", date(2026, 9, 1), date(2026, 9, 30), date(2026, 10, 8), X),
        StageDates("G1", "实施", date(2026, 10, 1), date(2026, 10, 2), None, X),
    )
    project = made(
        1, dues=(due("D7", "2026-11-20"), due("D8", "2026-11-01", "problem"), due("D9", "2026-11-23")), stages=stages
    )
    assert [(one.kind, one.no, one.owner, one.days) for one in seen(project).late] == [
        ("评审问题", "HY-01", "许知行", 22),
        ("计划阶段", "S3", "", 21),
        ("行动项", "HY-01", "许知行", 3),
    ]
    assert seen(project).lines[0].stage == "S3 方案（计划 2026-11-02 完成）"
    assert [one.kind for one in seen(replace(project, state="已归档")).late] == ["评审问题", "行动项"]


def test_archives_that_end_within_the_warning_time() -> None:
    found = surveyed(
        [archive(1, "2027-05-22"), archive(2, "2027-05-23"), archive(3, "2026-11-23")], quiet=True
    ).expiring
    assert [(one.code, one.days) for one in found] == [("LY-SQ-2026-003", 0), ("LY-SQ-2026-001", 180)]


def test_findings_of_the_portfolio_count_at_every_project_they_name() -> None:
    portfolio = seen(made(1, contract_no="X-1"), made(2, contract_no="X-1"), made(3))
    assert [(line.status, line.errors, len(line.findings)) for line in portfolio.lines] == [
        ("errors", 1, 1),
        ("errors", 1, 1),
        ("ok", 0, 0),
    ]
    assert [(rule.code, rule.severity, rule.hits, rule.projects) for rule in portfolio.rules] == [
        ("B411", "error", 1, 2)
    ]


def test_rules_count_what_is_due_errors_first() -> None:
    portfolio = surveyed(many(30)[2:], quiet=True)
    severities = [rule.severity for rule in portfolio.rules]
    assert severities == sorted(severities)
    for severity in set(severities):
        hits = [rule.hits for rule in portfolio.rules if rule.severity == severity]
        assert hits == sorted(hits, reverse=True)
    assert not any("{" in rule.text for rule in portfolio.rules)


def test_a_project_that_failed_is_shown_as_failed() -> None:
    (line,) = surveyed([Remembered("LY-SQ-2026-901", "坏项目", None, failure="转换超时。")], quiet=True).lines
    assert (line.code, line.name, line.status, line.failure) == ("LY-SQ-2026-901", "坏项目", "errors", "转换超时。")


def test_the_night_marks_what_it_did() -> None:
    known = many(12)[2:]
    portfolio = surveyed(known)
    changes = {line.code: line.change for line in portfolio.lines if line.change}
    assert changes == {**dict.fromkeys(night(known).new, "新增"), **dict.fromkeys(night(known).changed, "变更")}
    assert "B414" not in {finding.rule.code for finding in portfolio.findings}  # the count says it


def test_states_stand_in_the_order_of_the_procedure() -> None:
    portfolio = seen(made(1, "客户取消"), made(2, "已签订"), made(3, "草稿"), made(4, "已签订"))
    assert portfolio.states == (("草稿", 1), ("已签订", 2), ("客户取消", 1))
