from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.core.entries import Entries
from pipeline.core.places import Place
from pipeline.derive.entries import entries
from tests.cases import DORM, TV, load_case
from tests.derive.drawn import project
from tests.made_projects import D


def test_nothing_of_an_empty_project() -> None:
    assert entries(project()) == Entries()


@pytest.mark.parametrize(
    ("code", "stays", "assets", "prices", "contract", "pm", "number"),
    [
        (TV, 25, {"EQ-SW-03"}, 21, "6400000", "E104", "LY-XS-2026-0031"),
        (DORM, 12, {"EQ-AP-05", "EQ-WT-01"}, 11, "920000", "E106", "LY-XS-2026-0036"),
    ],
)
def test_entries_of_the_samples(
    code: str, stays: int, assets: set[str], prices: int, contract: str, pm: str, number: str
) -> None:
    found = load_case(code=code).facts.entries
    assert (len(found.stays), len(found.prices), len(found.stamps)) == (stays, prices, 6)
    assert {loan.asset_no for loan in found.loans} == assets
    assert found.contract
    assert found.signed
    assert found.pm
    assert found.contract_no
    assert (found.contract.value, found.signed.value) == (Decimal(contract), Decimal(contract))
    assert (found.pm.value, found.contract_no.value) == (pm, number)
    assert found.retention
    assert found.bid
    assert found.retention.until == found.retention.archived.replace(year=found.retention.archived.year + 15)  # type: ignore[union-attr]
    assert found.bid.result in {"中标", "成交"}
    assert found.dues == ()


def test_every_value_keeps_its_cell() -> None:
    found = load_case(code=TV).facts.entries
    assert found.stays[0].at == Place("05_项目人员需求一览表_LY-SQ-2026-007.xlsx", "人员需求", "L7")
    assert found.stays[0].emp_at.cell == "C7"
    assert found.contract_no
    assert (found.contract_no.at.sheet, found.contract_no.at.cell) == ("合同评审意见", "C5")


def test_what_is_settled_is_not_due() -> None:
    actions = [
        {"item": "甲", "due": D("2026-06-01"), "status": status} for status in ("未开始", "进行中", "已完成", "取消")
    ]
    problems = [
        {"no": "P-1", "due": D("2026-06-02"), "status": status} for status in ("未处理", "处理中", "已解决", "接受风险")
    ]
    undated = [{"no": "P-2", "status": "未处理"}]
    found = entries(project(records_actions=actions, records_problems=[*problems, *undated]))
    assert [(due.kind, due.status) for due in found.dues] == [
        ("action", "未开始"),
        ("action", "进行中"),
        ("problem", "未处理"),
        ("problem", "处理中"),
    ]


def test_only_purchases_have_a_price_to_compare() -> None:
    rows = [{"name": "光模块", "mode": mode, "unit_price": Decimal(1)} for mode in ("外购", "自产", "租赁")]
    unread = {"name": "光模块", "mode": "外购", "unit_price": "面议"}
    assert len(entries(project(materials_lines=[*rows, unread])).prices) == 1


def test_the_manager_of_the_notice_comes_before_the_plan() -> None:
    planned = entries(project(plan_basics={"pm": "E102"}))
    assert planned.appointed is None
    assert planned.pm
    assert planned.pm.value == "E102"
    noticed = entries(project(plan_basics={"pm": "E102"}, records_notice={"pm": "E104"}))
    assert noticed.pm == noticed.appointed
    assert noticed.pm
    assert noticed.pm.value == "E104"


def test_an_archive_of_a_project_without_a_handover() -> None:
    found = entries(project(records_archive={"archive_date": D("2026-06-01"), "retention_until": D("2041-06-01")}))
    assert found.retention
    assert (found.retention.archived, found.retention.until) == (D("2026-06-01"), D("2041-06-01"))
