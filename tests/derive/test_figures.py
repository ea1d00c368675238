from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipeline.core.facts import Facts
from pipeline.core.places import Derived
from pipeline.core.sheets import Project, Record
from pipeline.derive.figures import account_of, all_figures
from tests.cases import DORM, TV, expected, load_case
from tests.derive.drawn import ERROR, project

D = Decimal


def values(facts: Facts, *name: str) -> dict[str, Decimal]:
    return {key: figure.value for key, figure in facts.group(*name).items()}


def stated(raw: dict[str, Any]) -> dict[str, Decimal]:
    return {key: D(str(value)) for key, value in raw.items()}


# -- the figures of the samples ---------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [TV, DORM])
@pytest.mark.parametrize(
    ("figure", "path"),
    [
        (("cost", "total"), "cost.total"),
        (("cost", "total_excl"), "cost.total_excl"),
        (("cost", "presales"), "cost.presales"),
        (("cost", "engineering"), "cost.engineering"),
        (("materials", "total"), "materials.total"),
        (("materials", "presales"), "materials.presales"),
        (("materials", "engineering"), "materials.engineering"),
        (("staffing", "days"), "staffing.person_days"),
        (("staffing", "presales_days"), "staffing.presales_days"),
        (("staffing", "engineering_days"), "staffing.engineering_days"),
        (("staffing", "amount"), "staffing.amount"),
        (("staffing", "presales_amount"), "staffing.presales_amount"),
        (("staffing", "engineering_amount"), "staffing.engineering_amount"),
        (("plan", "stage_days"), "staffing.person_days"),
        (("plan", "stage_budget"), "cost.total"),
        (("revenue", "total"), "revenue.total"),
        (("revenue", "total_excl"), "revenue.total_excl"),
        (("gross_profit",), "gross_profit"),
        (("gross_margin",), "gross_margin"),
    ],
)
def test_totals_of_the_samples(code: str, figure: tuple[str, ...], path: str) -> None:
    wanted: Any = expected(code)
    for key in path.split("."):
        wanted = wanted[key]
    found = load_case(code=code).facts.figure(*figure)
    assert found.value == D(str(wanted))
    assert found.from_
    assert found.broken == ()


@pytest.mark.parametrize("code", [TV, DORM])
@pytest.mark.parametrize(
    ("name", "block", "key"),
    [
        (("cost", "account"), "cost", "by_account"),
        (("cost", "stage"), "cost", "by_stage"),
        (("cost", "month"), "cost", "by_month"),
        (("materials", "category"), "materials", "by_category"),
        (("staffing", "dept"), "staffing", "by_dept"),
        (("staffing", "stage"), "staffing", "by_stage"),
    ],
)
def test_groups_of_the_samples(code: str, name: tuple[str, ...], block: str, key: str) -> None:
    """A group without any row is not there; the data state it as zero."""
    wanted = {name: value for name, value in stated(expected(code)[block][key]).items() if value}
    assert {name: value for name, value in values(load_case(code=code).facts, *name).items() if value} == wanted


@pytest.mark.parametrize("code", [TV, DORM])
def test_every_row_is_counted_once_in_every_breakdown(code: str) -> None:
    facts, counts = load_case(code=code).facts, expected(code)
    for block, total, groups in (
        (
            "cost",
            ("cost", "total"),
            (
                ("cost", "account"),
                ("cost", "stage"),
                ("cost", "month"),
                ("cost", "account_scope"),
                ("cost", "account_stage"),
            ),
        ),
        ("materials", ("materials", "total"), (("materials", "category"), ("materials", "group"))),
        ("staffing", ("staffing", "days"), (("staffing", "dept"), ("staffing", "stage"), ("staffing", "dept_stage"))),
        ("staffing", ("staffing", "amount"), (("staffing", "dept_amount"), ("staffing", "scope_stage"))),
    ):
        cells = facts.figure(*total).from_
        assert len(cells) == len(set(cells)) == counts[block]["rows"]
        for name in groups:
            parts = facts.pivot(*name).values()
            assert sum(part.value for part in parts) == facts.figure(*total).value, name
            assert sorted(c for part in parts for c in map(str, part.from_)) == sorted(map(str, cells)), name


def test_figures_point_at_the_cells_of_the_rows_they_add() -> None:
    case = load_case(code=DORM)
    rows = [row for row in case.project.rows("cost", "lines") if row.text("acc") == "2001"]
    assert case.facts.figure("cost", "account", "2001").from_ == tuple(row.at("amount") for row in rows)
    assert {str(row.at("amount")) for row in rows} == {
        f"[03_项目费用计划明细表_{DORM}.xlsx]费用明细!K{row.number}" for row in rows
    }


@pytest.mark.parametrize("code", [TV, DORM])
def test_cost_runs_up_to_the_total(code: str) -> None:
    facts = load_case(code=code).facts
    months, running = values(facts, "cost", "month"), values(facts, "cost", "running")
    assert list(running) == sorted(months)
    total = D(0)
    for month, sum_so_far in running.items():
        total += months[month]
        assert sum_so_far == total
    assert total == facts.figure("cost", "total").value
    assert facts.figure("cost", "running", max(running)).from_


# -- drawn rows ---------------------------------------------------------------------------------------------------


def line(amount: Any, **others: Any) -> dict[str, Any]:
    row = {
        "acc": "1001",
        "scope": "工程",
        "stage": "G1",
        "amount": amount,
        "amount_excl": amount,
        "use_month": "2026-08",
    }
    return {**row, **others}


def test_fen_are_added_exactly() -> None:
    figures = all_figures(project(cost_lines=[line(0.1) for _ in range(3)]))
    assert figures["cost", "total"].value == D("0.3")


def test_what_cannot_be_read_is_named_and_not_added() -> None:
    figures = all_figures(project(cost_lines=[line(100), line(ERROR), line(None, scope="售前"), line("面议")]))
    total = figures["cost", "total"]
    assert total.value == 100
    assert [cell.cell for cell in total.from_] == ["D7"]
    assert [cell.cell for cell in total.broken] == ["D8", "D9", "D10"]
    assert [cell.cell for cell in figures["cost", "presales"].broken] == ["D9"]
    assert figures["cost", "presales"].value == 0
    assert len(figures["cost", "running", "2026-08"].broken) == 3


def test_a_missing_column_breaks_every_row_at_the_sheet() -> None:
    rows = [{"acc": "1001", "scope": "工程", "stage": "G1"}]
    total = all_figures(project(cost_lines=rows))["cost", "total"]
    assert [str(place) for place in total.broken] == ["[03.xlsx]lines"]


def test_a_scope_of_neither_kind_counts_in_the_total_only() -> None:
    figures = all_figures(project(cost_lines=[line(100, scope="其他"), line(1)]))
    assert figures["cost", "total"].value == 101
    assert figures["cost", "engineering"].value == 1
    assert ("cost", "presales") not in figures


def test_a_row_without_a_month_is_in_no_month() -> None:
    figures = all_figures(project(cost_lines=[line(100, use_month=None), line(1)]))
    assert [key for key in figures if key[:2] == ("cost", "month")] == [("cost", "month", "2026-08")]
    assert figures["cost", "running", "2026-08"].value == 1


def test_nothing_gives_no_figures() -> None:
    assert all_figures(project(cost_lines=[])) == {}


def revenue(*amounts: Any) -> list[dict[str, Any]]:
    return [{"amount": amount, "amount_excl": amount} for amount in amounts]


@pytest.mark.parametrize(
    ("net_revenue", "net_cost", "profit", "margin"),
    [
        ([1000], [800], "200", "20.00"),
        ([1000], [1200], "-200", "-20.00"),
        ([3], [2], "1", "33.33"),
        ([800], [799.96], "0.04", "0.01"),  # 0.005 goes up
        ([0], [5], None, None),
        ([1000, ERROR], [800], None, None),
        ([1000], [800, None], None, None),
        ([1000], [], None, None),
        ([], [800], None, None),
    ],
)
def test_margin_on_net_figures(
    net_revenue: list[Any], net_cost: list[Any], profit: str | None, margin: str | None
) -> None:
    drawn = project(cost_lines=[line(amount) for amount in net_cost], plan_revenue=revenue(*net_revenue))
    figures = all_figures(drawn)
    found = [figures.get(key, Derived(None)).value for key in (("gross_profit",), ("gross_margin",))]
    assert found == [profit and D(profit), margin and D(margin)]
    if profit:
        assert len(figures["gross_margin",].from_) == len(net_revenue) + len(net_cost)


# -- which account a thing belongs to (rule X203) -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "mode", "account"),
    [
        ("硬件设备", "外购", "1001"),
        ("工具仪器", "外购", "1001"),
        ("工具仪器", "租赁", "1005"),
        ("硬件设备", "租赁", "1005"),
        ("软件", "外购", "1002"),
        ("软件", "自产", "1003"),
        ("软件", "租赁", "1005"),
        ("辅材线缆", "外购", "1004"),
        ("办公资料", "外购", "1006"),
        ("硬件设备", "借用", ""),
        ("软件", "库存", ""),
        ("硬件设备", "客户提供", ""),
        ("没有的类别", "外购", ""),
        ("硬件设备", "", ""),
    ],
)
def test_account_of_a_thing(category: str, mode: str, account: str) -> None:
    drawn: Project = project(materials_lines=[{"category": category, "mode": mode or None}])
    row: Record = drawn.rows("materials", "lines")[0]
    assert account_of(row) == account


def test_what_costs_nothing_is_in_the_total_but_in_no_account() -> None:
    rows = [
        {"category": "硬件设备", "mode": mode, "scope": "售前", "amount": amount}
        for mode, amount in (("外购", 10), ("借用", 0), ("租赁", 5))
    ]
    figures = all_figures(project(materials_lines=rows))
    assert figures["materials", "total"].value == 15
    accounts = {k[2:]: f.value for k, f in figures.items() if k[:2] == ("materials", "account_scope")}
    assert accounts == {("1001", "售前"): 10, ("1005", "售前"): 5}
    assert figures["materials", "group", "硬件设备", "售前", "借用"].value == 0
