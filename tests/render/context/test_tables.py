from __future__ import annotations

from typing import Any

from pipeline.render.context.tables import cost, departments, materials, staffing
from tests.render.made_up import book, source


def line(amount: str, **more: Any) -> dict[str, Any]:
    usual = {"acc": "1001", "scope": "售前", "stage": "S1", "use_month": "2026-04", "amount": amount}
    return {**usual, "amount_excl": amount, **more}


COST = book(
    "cost",
    lines=[
        line("100.10"),
        line("200.20", scope="工程", stage="G1", use_month="2026-03"),
        line("0.05", acc="3001", stage="S2"),
    ],
    deposits=[{"kind": "投标保证金", "amount": "130000", "pct": "1.91"}],
)
PLAN = book("plan", stages=[{"code": "S1", "name": "调查"}, {"code": "G1", "name": "施工"}])


def test_cost_lines_are_split_and_summed_by_account_stage_and_month() -> None:
    found = cost(source(COST, PLAN))
    assert (found["total"], found["presales"], found["engineering"]) == ("300.35", "100.15", "200.20")
    assert [row["amount"] for row in found["presales_lines"]] == ["100.10", "0.05"]
    assert [row["amount"] for row in found["engineering_lines"]] == ["200.20"]
    assert [(a["code"], a["name"], a["presales"], a["engineering"], a["amount"]) for a in found["by_account"]] == [
        ("1001", "设备购置费", "100.10", "200.20", "300.30"),
        ("3001", "", "0.05", "0.00", "0.05"),
    ]
    assert [(s["code"], s["name"], s["amount"]) for s in found["by_stage"]] == [
        ("S1", "调查", "100.10"),
        ("S2", "", "0.05"),
        ("G1", "施工", "200.20"),
    ]
    assert [(m["month"].form("cn"), m["amount"], m["running"]) for m in found["by_month"]] == [
        ("2026年3月", "200.20", "200.20"),
        ("2026年4月", "100.15", "300.35"),
    ]
    assert found["deposits"][0]["pct"] == "1.91%"
    assert (found["deposits"][0]["base"], found["deposits"][0]["fee"]) == ("客户预算", "")


def test_a_sum_knows_every_cell_behind_it() -> None:
    assert [str(place) for place in cost(source(COST))["presales"].cells] == [
        "[03.xlsx]费用明细!K8",
        "[03.xlsx]费用明细!K10",
    ]


def test_nothing_filled_is_empty_lists_and_blank_sums() -> None:
    for made in (cost(source()), materials(source()), staffing(source())):
        lists = [value for value in made.values() if isinstance(value, list)]
        assert lists == [[]] * len(lists)
    assert cost(source())["total"] == ""


def item(name: str, category: str, amount: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "category": category, "amount": amount, "mode": "外购", "scope": "工程", **more}


MATERIALS = book(
    "materials",
    lines=[
        item("网线", "辅材线缆", "50.00", need_date="2026-05-02"),
        item("交换机", "硬件设备", "196000.00", need_date="2026-04-01"),
        item("样机", "硬件设备", "0", mode="借用", need_date="2026-05-02", return_date="2026-06-18"),
        item("仪表", "工具仪器", "18000", mode="租赁"),
    ],
)


def test_materials_are_grouped_in_the_order_of_the_form() -> None:
    found = materials(source(MATERIALS))
    assert [(g["category"], [row["name"] for row in g["lines"]], g["subtotal"]) for g in found["groups"]] == [
        ("硬件设备", ["交换机", "样机"], "196,000.00"),
        ("辅材线缆", ["网线"], "50.00"),
        ("工具仪器", ["仪表"], "18,000.00"),
    ]
    assert [c["amount"].form("wan") for c in found["by_category"]] == ["19.60", "0.01", "1.80"]
    assert found["total"] == "214,050.00"


def test_borrowed_and_hired_things_and_the_days_they_must_be_there() -> None:
    found = materials(source(MATERIALS))
    assert [(row["name"], row["return_date"]) for row in found["borrowed"]] == [("样机", "2026-06-18"), ("仪表", "")]
    assert [(a["need_date"], a["names"], a["count"]) for a in found["arrivals"]] == [
        ("2026-04-01", "交换机", "1"),
        ("2026-05-02", "网线、样机", "2"),
    ]


def test_a_name_stands_once_among_those_of_a_day_and_no_cell_is_filled_with_hundreds() -> None:
    lines = [item(f"物资{n % 50}", "硬件设备", "10", need_date="2026-05-02") for n in range(500)]
    [day] = materials(source(book("materials", lines=lines)))["arrivals"]
    assert day["names"].startswith("物资0、物资1、")
    assert day["names"].endswith("、物资19等50种")
    assert day["count"] == "500"


def person(no: str, dept: str, days: str, stage: str = "S1", **more: Any) -> dict[str, Any]:
    money = {"plan_days": days, "amount": "1000", "scope": "售前"}
    return {"emp_no": no, "name": no, "dept": dept, "stage": stage, "core": "是", **money, **more}


STAFFING = book(
    "staffing",
    lines=[
        person("E301", "网络工程部", "2.5", role="工程师"),
        person("E102", "市场销售部", "10", role="销售代表"),
        person("E301", "网络工程部", "3", "G1", role="另一角色"),
        person("E801", "财务部", "1", core="否"),
    ],
)


def test_departments_stand_in_the_order_of_workbook_00() -> None:
    made = source(STAFFING)
    assert departments(made) == ["市场销售部", "网络工程部", "财务部"]
    assert [(d["dept"], d["days"], d["amount"]) for d in staffing(made)["by_dept"]] == [
        ("市场销售部", "10", "1,000.00"),
        ("网络工程部", "5.5", "2,000.00"),
        ("财务部", "1", "1,000.00"),
    ]


def test_the_matrix_has_days_by_department_and_stage_with_totals() -> None:
    matrix = staffing(source(STAFFING))["matrix"]
    assert matrix["stages"] == ["S1", "G1"]
    assert [(row["dept"], row["cells"], row["total"]) for row in matrix["rows"]] == [
        ("市场销售部", ["10", ""], "10"),
        ("网络工程部", ["2.5", "3"], "5.5"),
        ("财务部", ["1", ""], "1"),
    ]
    assert matrix["totals"] == ["13.5", "3"]


def test_the_team_is_every_core_member_once() -> None:
    team = staffing(source(STAFFING))["team"]
    assert [(member["name"], member["role"]) for member in team] == [("E301", "工程师"), ("E102", "销售代表")]
