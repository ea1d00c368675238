from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pipeline.check import cost
from pipeline.core.sheets import Value
from tests.cases import DORM, TV, load_case
from tests.check.reported import cells, found_by, retyped, table, typed_in, without

D = Decimal


def line(no: int, **fields: object) -> list[dict[str, object]]:
    return typed_in("cost", "lines", {"no": no}, **fields)


@pytest.mark.parametrize("code", [TV, DORM])
def test_clean_sample_is_silent(code: str) -> None:
    assert found_by(cost.CHECKS, load_case(code=code)) == []


def test_every_rule_at_its_cell() -> None:
    case = load_case(
        [
            *line(10, desc="售前差旅(北京—华澄)", stage="S2", use_month="2026-06"),  # as row 15
            *line(13, use_month="2026-08"),  # S5 ends in July
            *line(14, use_month=None),
            *line(23, unit_price="40000.00"),  # 6.4 % of engineering without it
            *line(12, unit_price="9000.00"),  # 11.4 % of presales
            *line(11, desc="投标保证金"),
            *line(21, basis=None),
        ]
    )
    assert table(found_by(cost.CHECKS, case)) == {
        ("费用明细!D16", "W135"),
        ("费用明细!M19", "W136"),
        ("费用明细!M20", "W136"),
        ("费用明细!K29", "W137"),
        ("费用明细!K18", "W137"),
        ("费用明细!D17", "W138"),
        ("费用明细!N27", "W139"),
    }


def test_doubled_row_names_the_first_one() -> None:
    case = retyped(load_case(), "cost", "lines", 16, desc="售前差旅(北京—华澄)", stage="S2")
    (finding,) = found_by([cost.doubled_cost], case)
    assert cells(finding) == {"费用明细!D15"}
    assert finding.message() == "第16行与第15行费用重复。"


def test_month_outside_names_the_stage() -> None:
    (finding,) = found_by([cost.use_month], retyped(load_case(), "cost", "lines", 19, use_month="2026-06"))
    assert cells(finding) == {"阶段计划!D11", "阶段计划!E11"}
    assert (finding.values["found"], finding.values["expected"]) == ("2026-06", "2026-07~2026-07")


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        pytest.param(16, {"desc": "售前差旅(北京—华澄)"}, id="W135 another stage"),
        pytest.param(17, {"desc": None, "acc": None}, id="W135 blank description"),
        pytest.param(10, {"use_month": "2026-07"}, id="W136 last month of S3"),
        pytest.param(10, {"stage": "G9", "use_month": "2027-01"}, id="W136 stage unknown (X216)"),
        pytest.param(17, {"desc": "履约保证金保函手续费"}, id="W138 fee"),
        pytest.param(9, {"basis": None, "amount": D("9999.99")}, id="W139 under the limit"),
        pytest.param(27, {"basis": None, "amount": None}, id="W139 amount unreadable"),
    ],
)
def test_silent(row: int, fields: dict[str, Value | None]) -> None:
    case = retyped(load_case(), "cost", "lines", row, **fields)
    assert found_by([c for c in cost.CHECKS if c is not cost.shares], case) == []


def test_basis_from_the_limit_on() -> None:
    case = retyped(load_case(), "cost", "lines", 9, basis=None, amount=D(10000))
    (finding,) = found_by(cost.CHECKS, case)
    assert finding.message() == "第9行金额≥1万元,须填写测算依据。"
    assert finding.message("en") == "Row 9: basis of estimate required for amounts >= 10,000."


@pytest.mark.parametrize(
    ("row", "amount", "hits"),
    [
        pytest.param(29, "31110.00", False, id="5 % of 622200 exactly"),
        pytest.param(29, "31110.01", True, id="a fen over 5 %"),
        pytest.param(18, "7775.55", False, id="under 10 % of presales"),
        pytest.param(18, "7775.56", True, id="over 10 % of presales"),
        pytest.param(29, None, False, id="unreadable"),
    ],
)
def test_shares_at_their_limits(row: int, amount: str | None, hits: bool) -> None:
    case = retyped(load_case(), "cost", "lines", row, amount=D(amount) if amount else None)
    assert table(found_by([cost.shares], case)) == ({(f"费用明细!K{row}", "W137")} if hits else set())


def test_only_contingency_in_engineering() -> None:
    case = load_case()
    for row in case.project.rows("cost", "lines"):
        if row.text("scope") == "工程" and row.text("acc") != "9001":
            case = retyped(case, "cost", "lines", row.number, scope="售前")
    assert table(found_by([cost.shares], case)) == {("费用明细!K29", "W137")}


def test_without_a_plan_no_stage_is_missed() -> None:
    case = retyped(load_case(), "cost", "lines", 19, use_month=None)
    assert found_by(cost.CHECKS, without(case, "plan")) == []


def test_stage_with_one_date_is_half_checked() -> None:
    case = retyped(load_case(), "plan", "stages", 11, start=None)
    assert found_by([cost.use_month], retyped(case, "cost", "lines", 19, use_month="2025-01")) == []
    late = retyped(case, "cost", "lines", 19, use_month="2026-08")
    assert table(found_by([cost.use_month], late)) == {("费用明细!M19", "W136")}
    moved = retyped(load_case(), "plan", "stages", 11, end=date(2026, 8, 1))
    assert found_by([cost.use_month], retyped(moved, "cost", "lines", 19, use_month="2026-08")) == []
