"""What presales cost, project by project, and what was lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from pipeline.check.case import Case
from pipeline.core.entries import Bid
from pipeline.core.facts import Facts
from pipeline.core.portfolio import Measure
from pipeline.core.sheets import Workbook
from pipeline.derive.support_cost import contract_costs, lost_costs, service_costs, support_costs
from pipeline.derive.worklog import Log, logs_of
from tests.cases import DORM, load_case, voluntary_case
from tests.check.followed import followed, recorded, typed
from tests.logged import ENGINEER, MANAGER, changed, sample_logs
from tests.made_projects import at, company, made

X = at("x", "C1")


def test_support_costs_the_logged_hours_at_the_day_rate_of_the_grade() -> None:
    # typed in the logs of June: E106 79.5 hours, E203 111.5 hours, together 191; a person-day has 8 of them
    # E106 is L4 at 1,300 a day: 79.5 / 8 x 1,300; E203 is L3 at 1,000 a day: 111.5 / 8 x 1,000
    case, logs = load_case(), logs_of(sample_logs())
    (cost,) = support_costs([case.facts], case.company, logs)
    assert cost == Measure("支持成本（元）", DORM, "26,856.25", "191 小时", amount=True, code=DORM)
    assert list(support_costs([], case.company, logs)) == []


def test_hours_without_a_rate_are_told() -> None:
    case, logs = load_case(), logs_of(sample_logs())
    (cost,) = support_costs([case.facts], replace(case.company, rates=()), logs)
    assert (cost.value, cost.basis) == ("0.00", "191 小时，其中 191 小时没有单价")


def services(case: Case, logs: Sequence[Log]) -> list[tuple[str, str, str]]:
    found = service_costs([case.facts], case.company, logs)
    return [(one.name, one.value, one.basis) for one in found if one.amount and one.code == DORM]


def test_a_service_costs_what_its_people_logged_in_its_days() -> None:
    # ZC-2026-012: E203 from June 16 to 19, who logged 6, 6 and 7 hours on the 16th, 17th and 18th: 19 / 8 x 1,000
    # ZC-2026-016 was given in July, of which nobody keeps a log
    assert services(voluntary_case(), logs_of(sample_logs())) == [
        ("ZC-2026-012", "2,375.00", "方案建议，19 小时"),
        ("ZC-2026-016", "没有数据", "技术答疑，服务期间没有日志"),
    ]
    assert services(voluntary_case(), ()) == []


def test_hours_of_two_services_on_one_day_are_shared() -> None:
    # the second now from the 17th to the 18th: of 6 and 7 hours half each, 6.5; the first keeps 6 + 6.5
    days = {"service_start": date(2026, 6, 17), "service_end": date(2026, 6, 18)}
    assert services(
        followed(voluntary_case(), [typed("support", "tech_support", 8, **days)]), logs_of(sample_logs())
    ) == [
        ("ZC-2026-012", "1,562.50", "方案建议，12.5 小时"),
        ("ZC-2026-016", "812.50", "技术答疑，6.5 小时"),
    ]


def test_whom_the_plan_names_gave_the_service_too_and_one_that_goes_on_has_no_end() -> None:
    # E106 in the place of E203 in the second line of the plan, no end: E203 logged 19 hours to the 18th and from the
    # 22nd on 6 + 7.5 + 6 + 6 + 6 + 7 + 7, E106 3 and 5 to the 18th and 3 + 4 + 3 + 4 + 5 + 5 + 4 from the 22nd on
    edits = [
        typed("support", "support_plan", 8, person="E106"),
        typed("support", "tech_support", 7, service_end=None),
        typed("support", "tech_support", 8, service_start=None),
    ]
    # 64.5 / 8 x 1,000 = 8,062.50 and 36 / 8 x 1,300 = 5,850.00
    assert services(followed(voluntary_case(), edits), logs_of(sample_logs())) == [
        ("ZC-2026-012", "13,912.50", "方案建议，100.5 小时")
    ]


def contracts(*projects: Facts) -> list[tuple[str, str, str]]:
    found = contract_costs(projects, company(), logs_of(renamed_to(projects[-1].code)))
    return [(one.name, one.value, one.basis) for one in found if one.amount]


def renamed_to(code: str) -> list[Workbook]:
    """The logs, of which E203 worked for another project."""
    manager, engineer = sample_logs()[MANAGER], sample_logs()[ENGINEER]
    for row in engineer.sheets["log"].rows:
        if row.text("project") == DORM:
            engineer = changed(engineer, "log", row.number, project=code)
    return [manager, engineer]


def test_a_won_contract_costs_its_own_support_and_its_share_of_what_was_lost() -> None:
    # E106 for the dormitory: 79.5 / 8 x 1,300 = 12,918.75, of 920,000 that is 1.4 per cent
    # E203 for the other one: 111.5 / 8 x 1,000 = 13,937.50; together 26,856.25
    won, other = load_case().facts, replace(lost(2), code="LY-SQ-2026-002")
    own = ("LY-XS-2026-0036（LY-SQ-2026-015）", "12,918.75", "79.5 小时，合同额的 1.4%")
    assert contracts(won, other) == [own, ("平均，含未中标的", "26,856.25", "2 个已有结果的项目，中标 1 个")]
    second = replace(lost(2, result="中标"), code="LY-SQ-2026-002")
    assert contracts(won, second) == [
        own,
        ("LY-SQ-2026-002", "13,937.50", "111.5 小时"),
        ("平均，含未中标的", "13,428.13", "2 个已有结果的项目，中标 2 个"),
    ]
    assert contracts(won, made(2)) == [own]
    assert contracts(other) == []


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
    assert costs(gone, logs=True) == [(DORM, "29,636.25", "日志 191 小时，出差 2,780.00")]


def test_the_actual_cost_is_that_of_the_closing_else_of_the_last_report_that_says_one() -> None:
    closed = load_case().facts.entries.spent
    assert closed
    assert closed.value == Decimal(70120)
    running = followed(load_case(), [recorded("closing", "head", actual_cost=None)]).facts.entries.spent
    assert running
    assert running.at.sheet == "项目汇报"
