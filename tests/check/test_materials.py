from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pipeline.check import materials
from pipeline.core.sheets import Value
from tests.cases import DORM, TV, load_case
from tests.check.reported import cells, found_by, retyped, table, typed_in, without

D = Decimal


def line(no: int, **fields: object) -> list[dict[str, object]]:
    return typed_in("materials", "lines", {"no": no}, **fields)


@pytest.mark.parametrize("code", [TV, DORM])
def test_clean_sample_is_silent(code: str) -> None:
    assert found_by(materials.CHECKS, load_case(code=code)) == []


def test_every_rule_at_its_cell() -> None:
    case = load_case(
        [
            *line(11, return_date=None),
            *line(12, return_date="2026-06-03", asset_no=None),  # needed from 06-04 on
            *line(2, unit_price="0.00"),
            *line(6, need_date="2026-08-18"),  # G1 ends on 08-14
            *line(5, qty="18.5"),
            *line(8, model="同上"),
            *line(7, model=None),
            *line(10, name="光模块", model="10G单模"),  # as row 15
            *line(1, quote_basis=None),  # 214,240 yuan
        ]
    )
    assert table(found_by(materials.CHECKS, case)) == {
        ("物资明细!O17", "W150"),
        ("物资明细!O18", "W150"),
        ("物资明细!P18", "W151"),
        ("物资明细!H8", "W152"),
        ("物资明细!N12", "W153"),
        ("物资明细!G11", "W154"),
        ("物资明细!D14", "W155"),
        ("物资明细!D13", "W155"),
        ("物资明细!C16", "W156"),
        ("物资明细!S7", "W157"),
    }


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        pytest.param(17, {"return_date": date(2026, 7, 6)}, id="W150 back on the day of need"),
        pytest.param(7, {"return_date": None}, id="W150 bought"),
        pytest.param(7, {"asset_no": None}, id="W151 bought"),
        pytest.param(7, {"unit_price": None}, id="W152 unreadable"),
        pytest.param(7, {"mode": "客户提供", "unit_price": D(0)}, id="W152 given by the customer"),
        pytest.param(7, {"need_date": date(2026, 8, 6)}, id="W153 first day of G1"),
        pytest.param(7, {"need_date": date(2026, 8, 14)}, id="W153 last day of G1"),
        pytest.param(7, {"need_date": date(2030, 1, 1), "stage": "G9"}, id="W153 stage unknown (X216)"),
        pytest.param(7, {"need_date": None}, id="W153 unreadable"),
        pytest.param(14, {"qty": D("1500.5")}, id="W154 metres"),
        pytest.param(16, {"name": "光模块"}, id="W156 another model"),
        pytest.param(8, {"quote_basis": None, "amount": D("99999.99")}, id="W157 under the limit"),
        pytest.param(7, {"quote_basis": None, "mode": "自产"}, id="W157 own make"),
    ],
)
def test_silent(row: int, fields: dict[str, Value | None]) -> None:
    assert found_by(materials.CHECKS, retyped(load_case(), "materials", "lines", row, **fields)) == []


@pytest.mark.parametrize("mode", ["外购", "租赁", "自产"])
def test_paid_ways_need_a_price(mode: str) -> None:
    case = retyped(load_case(), "materials", "lines", 7, mode=mode, unit_price=D(0), return_date=date(2026, 8, 14))
    assert table(found_by([materials.price_fits_mode], case)) == {("物资明细!H7", "W152")}


@pytest.mark.parametrize("mode", ["借用", "客户提供", "库存"])
def test_free_ways_have_none(mode: str) -> None:
    case = retyped(load_case(), "materials", "lines", 7, mode=mode)
    (finding,) = found_by([materials.price_fits_mode], case)
    assert finding.message() == f"第7行取得方式“{mode}”与单价520矛盾。"


def test_need_names_the_stage() -> None:
    (finding,) = found_by(
        [materials.need_date], retyped(load_case(), "materials", "lines", 7, need_date=date(2026, 8, 5))
    )
    assert finding.message() == "第7行需用日期2026-08-05不在阶段G1(2026-08-06~2026-08-14)内。"
    assert cells(finding) == {"阶段计划!D14", "阶段计划!E14"}


def test_stage_that_ends_before_it_starts_is_not_asked() -> None:
    case = retyped(load_case(), "plan", "stages", 14, end=date(2026, 8, 5))  # G1, rule W110
    assert found_by([materials.need_date], case) == []


def test_quotation_from_the_limit_on() -> None:
    case = retyped(load_case(), "materials", "lines", 8, quote_basis=None, amount=D(100000))
    (finding,) = found_by(materials.CHECKS, case)
    assert finding.message() == "第8行金额≥10万元,须填写询价依据。"
    assert finding.message("en") == "Row 8: quotation basis required for amounts >= 100,000."


def test_without_a_plan_no_stage_is_missed() -> None:
    case = retyped(load_case(), "materials", "lines", 7, need_date=date(2030, 1, 1))
    assert found_by(materials.CHECKS, without(case, "plan")) == []
