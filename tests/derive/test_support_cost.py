"""What presales cost, project by project, and what was lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from pipeline.core.entries import Bid
from pipeline.core.facts import Facts
from pipeline.core.portfolio import Measure
from pipeline.derive.support_cost import lost_costs, support_costs
from pipeline.derive.worklog import logs_of
from tests.cases import DORM, load_case
from tests.check.followed import followed, recorded
from tests.logged import sample_logs
from tests.made_projects import at, company, made

X = at("x", "C1")


def test_support_costs_the_logged_hours_at_the_day_rate_of_the_grade() -> None:
    # typed in the logs of June: E106 79.5 hours, E203 111.5 hours, together 191; a person-day has 8 of them
    # E106 is L4 at 1,300 a day: 79.5 / 8 x 1,300; E203 is L3 at 1,000 a day: 111.5 / 8 x 1,000
    case, logs = load_case(), logs_of(sample_logs())
    (cost,) = support_costs([case.facts], case.company, logs)
    assert cost == Measure("支持成本（元）", DORM, "26,856.25", "191.0 小时", amount=True, code=DORM)
    assert list(support_costs([], case.company, logs)) == []


def test_hours_without_a_rate_are_told() -> None:
    case, logs = load_case(), logs_of(sample_logs())
    (cost,) = support_costs([case.facts], replace(case.company, rates=()), logs)
    assert (cost.value, cost.basis) == ("0.00", "191.0 小时，其中 191.0 小时没有单价")


def lost(number: int, spent: str = "", result: str = "未中标") -> Facts:
    given = {"spent": Decimal(spent)} if spent else {}
    return made(number, bid=Bid(result, date(2026, 3, 31), X), **given)


def costs(*projects: Facts, logs: bool = False) -> list[tuple[str, str, str]]:
    found = list(lost_costs(projects, company(), logs_of(sample_logs()) if logs else ()))
    assert all(one.amount for one in found)
    return [(one.name, one.value, one.basis) for one in found]


def test_lost_projects_cost_what_workbook_06_says_and_their_sum_names_those_without() -> None:
    assert costs(lost(1, "12000.50"), lost(2, "800", "废标"), lost(3, "9", "中标"), lost(4)) == [
        ("LY-SQ-2026-001", "12,000.50", "06 的实际费用"),
        ("LY-SQ-2026-002", "800.00", "06 的实际费用"),
        ("LY-SQ-2026-004", "没有数据", "06 没有实际费用，也没有日志"),
        ("合计", "12,800.50", "3 个项目，其中 1 个没有数据"),
    ]


def test_one_lost_project_has_no_sum_and_none_no_line() -> None:
    assert [name for name, _, _ in costs(lost(1, "5"))] == ["LY-SQ-2026-001"]
    assert costs(lost(1, "5", "成交"), made(2)) == []
    assert costs(lost(1), lost(2))[-1] == ("合计", "没有数据", "2 个项目，其中 2 个没有数据")


def test_without_an_actual_cost_the_log_and_its_trips_count() -> None:
    # 191 hours as above: 26,856.25; trips 1,080 + 1,080 + 620 = 2,780
    gone = replace(lost(15), code=DORM)
    assert costs(gone, logs=True) == [(DORM, "29,636.25", "日志 191.0 小时，出差 2,780.00")]


def test_the_actual_cost_is_that_of_the_closing_else_of_the_last_report_that_says_one() -> None:
    closed = load_case().facts.entries.spent
    assert closed
    assert closed.value == Decimal(70120)
    running = followed(load_case(), [recorded("closing", "head", actual_cost=None)]).facts.entries.spent
    assert running
    assert running.at.sheet == "项目汇报"
