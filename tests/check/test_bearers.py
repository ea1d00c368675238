"""Who bears costs has agreed to them: departments of the plan (W261), agreements with the customer (W262)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from pipeline.check import bearers
from pipeline.check.case import Case
from tests.cases import TV, load_case
from tests.check.followed import Edit, added, followed, recorded, removed, typed
from tests.check.reported import cells, found_by, table, with_sheet
from tests.check.test_legitimate import change, raised
from tests.check.test_references import with_parameter

WARRANTY = 28  # row of 6001, borne by 客户服务部
AT = "费用明细!O28"
SIGNED = added(
    "countersign", dept="客户服务部", plan_version="A/0", opinion="同意", signer="E801", sign_date=date(2026, 6, 1)
)
REVIEWED = added(
    "creview", dept="客户服务部", points=("质保",), opinion="同意", reviewer="E801", date=date(2026, 7, 23)
)
COORDINATED = added(
    "countersign",
    dept="客户服务部",
    plan_version="A/0",
    cxo="E002",
    cxo_result="列入下年度预算",
    cxo_date=date(2026, 6, 1),
)


def costs(amount: int, **fields: object) -> Edit:
    """What the warranty costs, in yuan."""
    return typed("cost", "lines", WARRANTY, amount=D(amount), **fields)


CASES: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "less than anybody is asked for": ([costs(49999)], set()),
    "much, and not a word": ([costs(50000)], {(AT, "W261")}),
    "in two lines": ([costs(30000), typed("cost", "lines", 27, dept="客户服务部")], {("费用明细!O27", "W261")}),
    "it countersigned": ([costs(60000), SIGNED], set()),
    "a chief officer settled it": ([costs(60000), COORDINATED], set()),
    "it reviewed the contract": ([costs(60000), REVIEWED], set()),
    "it countersigned the version before": (
        [costs(60000), SIGNED, *raised(date(2026, 7, 9), "CR-01"), change()],
        set(),
    ),
    "a row that nobody signed": ([costs(60000), SIGNED, recorded("countersign", 12, sign_date=None)], {(AT, "W261")}),
    "people's time": ([costs(60000, acc="2001")], set()),
    "what is bought by a list": ([costs(60000, acc="1004")], set()),
    "of several departments": ([costs(60000, dept="相关部门")], set()),
    "the department that submits the plan": ([costs(60000, dept="市场销售部")], set()),
    "a department that nobody knows": ([costs(60000, dept="售后部")], set()),
}


@pytest.mark.parametrize("name", CASES)
def test_who_bears_costs(name: str) -> None:
    edits, wanted = CASES[name]
    assert table(found_by([bearers.bearers], followed(load_case(), edits))) == wanted


def test_before_the_application_it_is_not_due() -> None:
    edits = [costs(60000), recorded("application", "head", apply_date=None)]
    (one,) = found_by([bearers.bearers], followed(load_case(), edits))
    assert one.pending


def test_the_company_sets_the_limit() -> None:
    case = load_case([with_parameter("countersign_cost", "10000", "2026-01-01")])
    assert table(found_by([bearers.bearers], case)) == {(AT, "W261")}


def test_the_other_lines_and_the_sheet_are_named() -> None:
    case = followed(load_case(code=TV), [removed("countersign", 13), removed("creview", 21)])
    found = {one.values["dept"]: one for one in found_by([bearers.bearers], case) if one.rule.code == "W261"}
    assert found["客户服务部"].values["a"] == "120,000.00"
    assert cells(found["客户服务部"]) == {"费用明细!O36", "计划会签!None"}
    assert found["客户服务部"].message() == "客户服务部承担直接费用120,000.00元,没有会签计划,也没有评审合同。"
    assert not found_by(bearers.CHECKS, load_case(code=TV))


# -- agreements -------------------------------------------------------------------------------------------------------


def agreed(**fields: object) -> Edit:
    return recorded("agreements", 8, **fields)


AGREEMENTS: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "nothing, and why": ([], set()),
    "nothing as a figure": ([agreed(cost_effect="0.00元")], set()),
    "an amount": ([agreed(cost_effect="28,800")], {("协议!Q8", "W262")}),
    "in words": ([agreed(cost_effect="增加维保费用")], {("协议!Q8", "W262")}),
    "an amount, and the change": ([agreed(cost_effect="28,800", change_no="CR-01")], set()),
    "something free, and no word of what it costs": ([agreed(cost_effect=None)], {("协议!P8", "W262")}),
    "something free by a change": ([agreed(cost_effect=None, change_no="CR-01")], set()),
    "nothing free": ([agreed(cost_effect=None, content="设备分两批到货", written_text=None)], set()),
}


@pytest.mark.parametrize("name", AGREEMENTS)
def test_what_an_agreement_costs(name: str) -> None:
    edits, wanted = AGREEMENTS[name]
    assert table(found_by([bearers.agreed_costs], followed(load_case(), edits))) == wanted


def test_the_text_of_the_promise_is_named() -> None:
    (one,) = found_by([bearers.agreed_costs], followed(load_case(), [agreed(cost_effect=None)]))
    assert one.rule.code == "W262"
    assert cells(one) == {"协议!C8"}
    assert one.message() == "协议AG-02许诺了“免费”,没有写对费用的影响。"


def test_a_workbook_of_before_is_not_asked() -> None:
    def older(case: Case) -> Case:
        sheet = case.project.sheet("records", "agreements")
        rows = [
            replace(row, cells={key: cell for key, cell in row.cells.items() if key != "cost_effect"})
            for row in sheet.rows
        ]
        return with_sheet(case, "records", "agreements", replace(sheet, rows=tuple(rows)))

    assert not found_by([bearers.agreed_costs], followed(load_case(), [agreed(cost_effect=None), older]))


@pytest.mark.parametrize(
    ("edits", "verdict", "why"),
    [
        ([], "符合", "2项协议均不增加费用"),
        ([agreed(cost_effect="28,800")], "不符合", "没有变更单：AG-02"),
        ([agreed(cost_effect="28,800", change_no="CR-01")], "符合", "AG-02 28,800，CR-01"),
    ],
)
def test_who_permits_the_signature_sees_it(edits: list[Edit], verdict: str, why: str) -> None:
    line = followed(load_case(), edits).facts.steps["signing"].checks[-1]
    assert (line.rule, line.verdict, line.why) == ("W262", verdict, why)
