from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from pipeline.core.entries import Bid, Issue
from pipeline.core.facts import Facts
from pipeline.core.places import Sourced
from pipeline.core.portfolio import Measure
from pipeline.core.procedure import Answer
from pipeline.core.stages import Coverage, Stage
from pipeline.derive.achieved import achieved
from pipeline.derive.worklog import logs_of
from tests.cases import DORM, load_case, voluntary_case
from tests.check.followed import added, followed
from tests.logged import sample_logs
from tests.made_projects import at, company, made

X = at("x", "C1")


def bid(number: int, result: str, day: date | None, rep: str = "E102", *earlier: str) -> Facts:
    facts = made(number, bid=Bid(result, day, X, earlier), sales_rep=rep)
    return replace(facts, steps={"approval": Answer("approval", day=Sourced(date(2026, 1, 5), X))})


def of(kind: str, *projects: Facts) -> list[tuple[str, str, str]]:
    found = achieved(projects, company(), (), projects)
    return [(one.name, one.value, one.basis) for one in found if one.kind.startswith(kind)]


BIDS = (
    bid(1, "中标", date(2026, 3, 31)),
    bid(2, "未中标", date(2026, 4, 1)),
    bid(3, "成交", date(2026, 4, 30), "E103", "未成交"),
    bid(4, "", None),
)


def test_hit_rates_count_every_round_that_was_decided() -> None:
    names = {no: company().name_of(no) for no in ("E102", "E103")}
    assert of("命中率（销售代表）", *BIDS) == sorted([(names["E102"], "50.0%", "1/2"), (names["E103"], "50.0%", "1/2")])
    assert of("命中率（季度）", *BIDS) == [
        ("2026年第1季度", "100.0%", "1/1"),
        ("2026年第2季度", "33.3%", "1/3"),
    ]


def test_each_round_belongs_to_the_quarter_of_its_own_result() -> None:
    spring, unknown = date(2026, 2, 1), None
    rounds = Bid("中标", date(2026, 7, 16), X, ("废标", "未中标"), (spring, unknown))
    assert rounds.rounds == (("废标", spring), ("未中标", unknown), ("中标", date(2026, 7, 16)))
    assert of("命中率（季度）", made(1, bid=rounds)) == [
        ("2026年第1季度", "0.0%", "0/1"),
        ("2026年第3季度", "100.0%", "1/1"),
        ("（不知道）", "0.0%", "0/1"),
    ]


def test_the_days_of_earlier_rounds_are_those_of_the_sheet() -> None:
    first = added("rounds", step="洽谈投标", round=Decimal(1), version="HCZB-99", date=date(2026, 3, 9), result="废标")
    found = followed(load_case(), [first]).facts.entries.bid
    assert found
    assert found.rounds[0] == ("废标", date(2026, 3, 9))
    assert found.rounds[-1] == (found.result, found.day)


def test_what_is_not_known_comes_last_and_what_is_open_counts_nowhere() -> None:
    nobody = replace(BIDS[0], entries=replace(BIDS[0].entries, sales_rep=None, bid=Bid("中标", None, X)))
    assert of("命中率（销售代表）", nobody, BIDS[1])[-1] == ("（不知道）", "100.0%", "1/1")
    assert of("命中率", BIDS[3]) == []


def test_the_funnel_goes_from_the_initiation_to_the_contract_without_leads() -> None:
    assert of("漏斗", *BIDS, made(9)) == [
        ("立项", "4", ""),
        ("投标", "3", "前一步的 75.0%"),
        ("中标", "2", "前一步的 66.7%"),
    ]


def test_a_step_in_time_is_one_that_kept_its_limit() -> None:
    days = (Sourced(date(2026, 6, 22), X), Sourced(date(2026, 6, 24), X))
    kept = Stage("2", "现场调查与需求", False, *days, Decimal(3), Decimal(3), "工作日")
    late, under_way = replace(kept, taken=Decimal(4)), replace(kept, ended=None, taken=None)
    projects = [
        replace(made(n), stages=(Coverage("wbs", "x", (one,)),)) for n, one in enumerate((kept, late, under_way))
    ]
    assert of("按期率", *projects) == [("步骤2 现场调查与需求", "50.0%", "1/2")]


def test_problems_are_counted_by_kind_and_only_given_grades_are_averaged() -> None:
    issues = (
        Issue("方案", True, None, None, X),
        Issue("方案", False, Decimal(4), None, X),
        Issue("交付", False, Decimal(5), None, X),
    )
    assert of("客户", made(1, issues=issues)) == [
        ("方案", "未解决 1", "共 2"),
        ("交付", "未解决 0", "共 1"),
        ("平均", "4.5", "2 次评价"),
    ]


def test_support_costs_the_logged_hours_at_the_day_rate_of_the_grade() -> None:
    case, logs = load_case(), logs_of(sample_logs())
    cost = [one for one in achieved([case.facts], case.company, logs, [case.facts]) if one.amount]
    rates = {
        no: case.company.standard_rate(case.company.persons[no].grade, date(2026, 6, 30)) for no in ("E106", "E203")
    }
    assert all(rates.values())
    due = sum(
        (
            (rates[line.emp_no] or 0) * (line.hours or 0) / 8
            for log in logs
            for line in log.lines
            if line.project == DORM
        ),
        Decimal(0),
    )
    assert cost == [Measure("支持成本（元）", DORM, f"{due:,.2f}", "191.0 小时", amount=True)]
    assert [one for one in achieved([case.facts], case.company, logs, []) if one.amount] == []


def test_hours_without_a_rate_are_told() -> None:
    case, logs = load_case(), logs_of(sample_logs())
    poor = replace(case.company, rates=())
    (cost,) = (one for one in achieved([case.facts], poor, logs, [case.facts]) if one.amount)
    assert (cost.value, cost.basis) == ("0.00", "191.0 小时，其中 191.0 小时没有单价")


def test_the_dormitory_kept_every_limit() -> None:
    case = voluntary_case()
    rates = [one for one in achieved([case.facts], case.company, (), ()) if one.kind.startswith("按期率")]
    assert {one.value for one in rates} == {"100.0%"}
    assert len(rates) == 4


def test_the_funnel_begins_with_the_leads_of_the_library() -> None:
    case = voluntary_case()
    found = [one for one in achieved([case.facts], case.company, (), ()) if one.kind == "漏斗"]
    leads = len(case.company.sheet("library", "leads").rows)
    assert leads > 1
    assert [(one.name, one.value) for one in found] == [
        ("线索", str(leads)),
        ("立项", "1"),
        ("投标", "1"),
        ("中标", "1"),
    ]
