from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.check import totals
from pipeline.check.case import Case
from pipeline.core.findings import Comparison, Finding, Severity, Verdict
from pipeline.core.money import in_words
from pipeline.core.sheets import Cell, Flaw, Record, Value
from tests.cases import DORM, TV, load_case
from tests.check.reported import cells, found_by, retyped, table, typed_in, with_sheet, without

D = Decimal
FEN = D("0.01")


def compared(case: Case) -> list[Comparison]:
    return [found for compare in totals.COMPARISONS for found in compare(case)]


def judge(case: Case) -> Iterator[Finding]:
    yield from totals.findings(case, compared(case))


def reported(case: Case) -> set[tuple[str, str]]:
    return table(found_by([judge], case))


def unchecked(case: Case) -> dict[str, str]:
    return {f"{c.rule} {c.subject}": c.why for c in compared(case) if c.verdict is Verdict.UNCHECKED}


# -- clean --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [TV, DORM])
def test_clean_sample_agrees_everywhere(code: str) -> None:
    comparisons = compared(load_case(code=code))
    assert {c.verdict for c in comparisons} == {Verdict.EQUAL}
    assert {c.difference for c in comparisons} == {0}
    assert {c.rule for c in comparisons} == {
        *("W121", "W130", "W131", "W132", "W133", "W134", "W140", "W162", "X203", "X204", "X205", "X206"),
        *("X207", "X208", "X209", "X210", "X211", "X212", "X220"),
    }


def test_counts_of_a_sample() -> None:
    """The dormitory's plan: 13 materials and 23 cost rows, ten stages, nine totals, nine labour pairs."""
    comparisons = compared(load_case())
    count = {rule: sum(c.rule == rule for c in comparisons) for rule in {c.rule for c in comparisons}}
    assert {k: count[k] for k in ("W130", "W131", "W162", "W133", "X207", "X209", "X210", "X211", "X212")} == {
        "W130": 36,
        "W131": 26,
        "W162": 12,
        "W133": 9,
        "X207": 9,
        "X209": 2,
        "X210": 2,
        "X211": 10,
        "X212": 10,
    }
    assert {c.rule for c in comparisons if c.by_line} == {"W130", "W131", "W140", "W162"}


def test_sides_say_what_and_from_which_workbook() -> None:
    found = next(c for c in compared(load_case()) if c.rule == "X203")
    assert found.subject == "设备购置费(工程)"
    assert found.left.label == "项目所需物资明细表:计入1001的物资(工程)"
    assert found.right.label == "项目费用计划明细表:1001 设备购置费(工程)"
    assert [place.cell for place in found.left.cells] == ["J7", "J8", "J9", "J10", "J11"]
    assert [place.cell for place in found.right.cells] == ["K21"]


# -- mutations ----------------------------------------------------------------------------------------------------


def test_m12_pasted_amount() -> None:
    """M12: 86250.00 pasted over 412 x 210, nothing calculated again."""
    edits = typed_in("cost", "lines", {"acc": "4002"}, amount="86250.00")
    findings = found_by([judge], load_case(edits, recalculate=False))
    assert table(findings) >= {("费用明细!K27", "W130"), ("费用明细!K109", "W133"), ("阶段计划!M15", "X211")}
    assert {f.rule.code for f in findings} <= {"W130", "W131", "W132", "W133", "W140", "X208", "X209", "X211", "X220"}
    by_rule = {f.rule.code: f for f in findings}
    assert by_rule["W130"].message() == "第27行金额86,250.00≠数量×单价=86,520.00。"
    assert cells(by_rule["X211"]) == {"费用明细!K23", "费用明细!K24", "费用明细!K27"}
    assert (by_rule["X211"].values["found"], by_rule["X211"].values["expected"]) == ("185,720.00", "185,450.00")


def test_m12_recalculated() -> None:
    """The total follows the pasted amount, the typed words do not."""
    edits = typed_in("cost", "lines", {"acc": "4002"}, amount="86250.00")
    assert {rule for _, rule in reported(load_case(edits))} == {"W130", "W134", "X208", "X209", "X211", "X220"}


def test_m14_words_lack_six_yuan() -> None:
    """M14: 陆元 was lost from the total in words."""
    edit = {"op": "set", "workbook": "cost", "sheet": "lines", "part": "totals", "field": "grand_total_upper"}
    case = load_case([{**edit, "value": "人民币柒拾壹万贰仟叁佰肆拾元整"}])
    (finding,) = found_by([judge], case)
    assert table([finding]) == {("费用明细!D110", "W134")}
    assert cells(finding) == {"费用明细!K109"}
    assert finding.message() == "大写金额“人民币柒拾壹万贰仟叁佰肆拾元整”应为“人民币柒拾壹万贰仟叁佰肆拾陆元整”。"
    assert finding.values["d"] == "-6.00"


def test_m15_total_in_error() -> None:
    """M15: the grand total is #REF!; what it belongs to cannot be checked, everything else is."""
    edit = {"op": "set_error", "workbook": "cost", "sheet": "lines", "part": "totals", "field": "grand_total"}
    case = load_case([{**edit, "value": "#REF!"}], recalculate=False)
    assert reported(case) == set()
    book = "[03_项目费用计划明细表_LY-SQ-2026-015.xlsx]"
    assert unchecked(case) == {
        "W133 费用明细 合计": f"项目费用计划明细表:合计为空、无法读取或归不了类:{book}费用明细!K109",
        "W134 合计大写": f"项目费用计划明细表:合计为空、无法读取或归不了类:{book}费用明细!K109",
    }


def test_m17_one_access_point_more() -> None:
    """M17: 421 instead of 412 access points; the cost plan and the plan did not follow."""
    case = load_case(typed_in("materials", "lines", {"name": "面板型AP"}, qty=421))
    findings = found_by([judge], case)
    assert table(findings) == {("费用明细!K21", "X203"), ("基本信息!C31", "X210")}
    by_rule = {f.rule.code: f for f in findings}
    assert cells(by_rule["X203"]) == {f"物资明细!J{row}" for row in (7, 8, 9, 10, 11)}
    assert cells(by_rule["X210"]) == {"物资明细!J207"}
    assert by_rule["X203"].message() == ("物资表硬件设备(外购)工程376,160.00≠费用表设备购置费371,480.00,差4,680.00。")
    assert by_rule["X203"].values["found"] == "371,480.00"
    assert by_rule["X203"].values["expected"] == "376,160.00"


def test_m24_pasted_labour() -> None:
    """M24: 26 days planned, the labour still pasted; the totals follow."""
    where = {"emp_no": "E305", "stage": "G2"}
    findings = found_by([judge], load_case(typed_in("staffing", "lines", where, plan_days=26, amount="14000.00")))
    assert table(findings) == {("人员需求!O17", "W162"), ("阶段计划!L15", "X212"), ("基本信息!C32", "X210")}
    by_rule = {f.rule.code: f for f in findings}
    assert cells(by_rule["X212"]) == {"人员需求!M17"}
    assert by_rule["X212"].message() == "阶段G2人天20≠人员表该阶段合计26。"
    assert by_rule["X210"].message() == "计划中总人天69.5≠附表合计75.5。"


# -- each rule at its cell, each other silent ---------------------------------------------------------------------

_CELLS = [
    pytest.param("plan", "basics", "head", "contract_amount", {("收入与毛利!B17", "W121")}, id="W121"),
    pytest.param("cost", "lines", 27, "unit_price", {("费用明细!K27", "W130")}, id="W130 cost"),
    pytest.param("materials", "lines", 14, "unit_price", {("物资明细!J14", "W130")}, id="W130 materials"),
    pytest.param("cost", "lines", 27, "amount_excl", {("费用明细!L27", "W131"), ("费用明细!L109", "W133")}, id="W131"),
    pytest.param(
        "plan", "revenue", 7, "amount_excl", {("收入与毛利!D7", "W131"), ("收入与毛利!D17", "W133")}, id="rev"
    ),
    pytest.param("cost", "lines", "totals", "presales_subtotal", {("费用明细!K107", "W132")}, id="W132 presales"),
    pytest.param("cost", "lines", "totals", "eng_subtotal", {("费用明细!K108", "W132")}, id="W132 engineering"),
    pytest.param("materials", "subtotals", 9, "subtotal", {("类别小计!E9", "W132")}, id="W132 materials"),
    pytest.param("cost", "lines", "totals", "grand_total_excl", {("费用明细!L109", "W133")}, id="W133 net"),
    pytest.param("materials", "lines", "totals", "grand_total", {("物资明细!J207", "W133")}, id="W133 materials"),
    pytest.param("staffing", "lines", "totals", "total_days", {("人员需求!M107", "W133")}, id="W133 days"),
    pytest.param("staffing", "lines", "totals", "total_amount", {("人员需求!O107", "W133")}, id="W133 labour"),
    pytest.param("plan", "stages", "totals", "stage_days_total", {("阶段计划!L27", "W133")}, id="W133 stage days"),
    pytest.param("plan", "stages", "totals", "stage_budget_total", {("阶段计划!M27", "W133")}, id="W133 budget"),
    pytest.param("plan", "revenue", "totals", "revenue_total", {("收入与毛利!B17", "W133")}, id="W133 revenue"),
    pytest.param("plan", "revenue", "totals", "revenue_excl_total", {("收入与毛利!D17", "W133")}, id="W133 rev. net"),
    pytest.param(
        "cost", "lines", "totals", "grand_total", {("费用明细!K109", "W133"), ("费用明细!D110", "W134")}, id="W133 W134"
    ),
    pytest.param("cost", "summary", 7, "amount", {("汇总!D7", "W140")}, id="W140 scope, yuan"),
    pytest.param("cost", "summary", 9, "amount", {("汇总!D9", "W140")}, id="W140 account"),
    pytest.param("cost", "summary", 23, "amount", {("汇总!D23", "W140")}, id="W140 stage"),
    pytest.param("cost", "summary", 33, "amount_wan", {("汇总!E33", "W140")}, id="W140 month, 万元"),
    pytest.param("staffing", "lines", 17, "day_rate", {("人员需求!O17", "W162")}, id="W162"),
    pytest.param("plan", "basics", "head", "planned_total_cost", {("基本信息!C28", "X208")}, id="X208"),
    pytest.param("plan", "basics", "head", "presales_budget", {("基本信息!C29", "X209")}, id="X209 presales"),
    pytest.param("plan", "basics", "head", "engineering_estimate", {("基本信息!C30", "X209")}, id="X209 engineering"),
    pytest.param("plan", "basics", "head", "materials_total", {("基本信息!C31", "X210")}, id="X210 materials"),
    pytest.param("plan", "basics", "head", "total_person_days", {("基本信息!C32", "X210")}, id="X210 days"),
    pytest.param("plan", "stages", 15, "budget", {("阶段计划!M15", "X211"), ("阶段计划!M27", "W133")}, id="X211"),
    pytest.param("plan", "stages", 15, "person_days", {("阶段计划!L15", "X212"), ("阶段计划!L27", "W133")}, id="X212"),
]


@pytest.mark.parametrize(("form", "sheet", "where", "key", "hits"), _CELLS)
@pytest.mark.parametrize("step", [FEN, -FEN])
def test_one_fen_in_a_stated_cell(
    form: str, sheet: str, where: int | str, key: str, hits: set[tuple[str, str]], step: Decimal
) -> None:
    assert reported(_stepped(load_case(), form, sheet, where, key, step)) == hits


def _stepped(case: Case, form: str, sheet: str, where: int | str, key: str, step: Decimal) -> Case:
    old = next(record for place, record in _places(case, form, sheet) if place == where).number_of(key)
    assert old
    return retyped(case, form, sheet, where, **{key: old.value + step})


def _places(case: Case, form: str, sheet: str) -> Iterator[tuple[int | str, Record]]:
    found = case.project.sheet(form, sheet)
    yield from (("head", found.head), ("totals", found.totals))
    yield from ((row.number, row) for row in found.rows)


@pytest.mark.parametrize(
    ("form", "row", "rule", "at"),
    [
        pytest.param("materials", 7, "X203", "费用明细!K21", id="X203 hardware"),
        pytest.param("materials", 12, "X204", "费用明细!K22", id="X204 software"),
        pytest.param("materials", 13, "X205", "费用明细!K23", id="X205 cabling"),
        pytest.param("materials", 19, "X206", "费用明细!K7", id="X206 bid material"),
        pytest.param("staffing", 7, "X207", "费用明细!K8", id="X207 labour"),
    ],
)
def test_annex_and_cost_plan(form: str, row: int, rule: str, at: str) -> None:
    """A fen in the annex is reported in the cost plan, where it has to be carried over."""
    case = _stepped(load_case(), form, "lines", row, "amount", FEN)
    finding = next(f for f in found_by([judge], case) if f.rule.code == rule)
    assert table([finding]) == {(at, rule)}
    assert f"{'物资明细!J' if form == 'materials' else '人员需求!O'}{row}" in cells(finding)
    assert finding.values["d"] == "0.01"


def test_rented_and_own_made_materials() -> None:
    """1005 and 1003 stand in the television sample: rented instrument, own software."""
    case = load_case(code=TV)
    instrument = next(r for r in case.project.rows("materials", "lines") if r.text("mode") == "租赁")
    software = next(r for r in case.project.rows("materials", "lines") if r.text("mode") == "自产")
    for row, rule, at in ((instrument, "X206", "费用明细!K7"), (software, "X204", "费用明细!K26")):
        assert (at, rule) in reported(_stepped(case, "materials", "lines", row.number, "amount", FEN))


def test_materials_without_a_cost_row() -> None:
    """A rented instrument that the cost plan does not know: reported at its grand total."""
    case = retyped(load_case(), "materials", "lines", 18, mode="租赁", unit_price=D(500), amount=D(500))
    finding = next(f for f in found_by([judge], case) if f.rule.code == "X206")
    assert table([finding]) == {("费用明细!K109", "X206")}
    assert cells(finding) == {"物资明细!J18"}
    assert finding.message() == "物资表租赁/资料500.00≠费用表0.00,差500.00。"


def test_cost_row_without_materials() -> None:
    case = retyped(load_case(), "cost", "lines", 26, acc="1001")
    finding = next(f for f in found_by([judge], case) if f.rule.code == "X203")
    assert table([finding]) == {("费用明细!K21", "X203")}
    assert "费用明细!K26" in cells(finding)


def test_labour_without_a_cost_row() -> None:
    case = retyped(load_case(), "staffing", "lines", 18, stage="G1")
    findings = [f for f in found_by([judge], case) if f.rule.code == "X207"]
    assert table(findings) == {("费用明细!K109", "X207"), ("费用明细!K25", "X207")}
    assert findings[0].message() == "人员表工程G1人工费700.00≠费用表人工费0.00,差700.00。"


def test_exchange_between_scopes_is_seen() -> None:
    """The totals agree, the scopes do not."""
    case = retyped(load_case(), "cost", "lines", 26, scope="售前")
    assert {rule for _, rule in reported(case)} == {"W132", "W140", "X209"}


# -- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "hits"),
    [
        pytest.param("柒拾壹万贰仟叁佰肆拾陆圆正", False, id="圆, 正, no prefix"),
        pytest.param("人民币柒拾壹万零贰仟叁佰肆拾陆元整", False, id="optional 零"),
        pytest.param("人民币柒拾壹万贰仟叁佰肆拾陆元零壹分", True, id="a fen more"),
        pytest.param("七十一万多", True, id="unreadable"),
    ],
)
def test_amount_in_words(words: str, hits: bool) -> None:
    case = retyped(load_case(), "cost", "lines", "totals", grand_total_upper=words)
    assert reported(case) == ({("费用明细!D110", "W134")} if hits else set())


def test_words_that_are_not_there_are_not_judged() -> None:
    case = retyped(load_case(), "cost", "lines", "totals", grand_total_upper=None)
    assert reported(case) == set()
    assert list(unchecked(case)) == ["W134 合计大写"]


def test_words_for_more_digits_than_words_go() -> None:
    case = retyped(load_case(), "cost", "lines", "totals", grand_total=D(10) ** 20)
    finding = next(f for f in found_by([judge], case) if f.rule.code == "W134")
    assert finding.values["expected"] == "100,000,000,000,000,000,000.00"


# -- what is missing ----------------------------------------------------------------------------------------------


def test_unreadable_amount_silences_its_sums() -> None:
    """A text in an amount: no sum that needs it is judged, the others are."""
    case = load_case()
    sheet = case.project.sheet("cost", "lines")
    broken = Cell(sheet.rows[14].at("amount"), None, "待定", frozenset({Flaw.NOT_A_NUMBER}))  # row 21, account 1001
    rows = [replace(r, cells={**r.cells, "amount": broken}) if r.number == 21 else r for r in sheet.rows]
    case = with_sheet(case, "cost", "lines", replace(sheet, rows=tuple(rows)))
    assert reported(case) == set()
    why = unchecked(case)
    assert {key.split(" ")[0] for key in why} == {
        "W130",
        "W131",
        "W132",
        "W133",
        "W140",
        "X203",
        "X208",
        "X209",
        "X211",
        "X220",
    }
    assert "X211 阶段 G1 费用" in why
    assert "X211 阶段 G2 费用" not in why
    assert all("费用明细!K21" in text for text in why.values())


def test_column_that_is_not_there() -> None:
    """Without the stage column no stage can be judged (F029 says so); the totals of rows still are."""
    case = load_case()
    sheet = replace(case.project.sheet("staffing", "lines"), missing=(("阶段", "stage"),))
    rows = tuple(replace(r, cells={k: c for k, c in r.cells.items() if k != "stage"}) for r in sheet.rows)
    why = unchecked(with_sheet(case, "staffing", "lines", replace(sheet, rows=rows)))
    assert "X212 阶段 S1 人天" in why
    assert why["X212 阶段 S1 人天"].endswith("人员需求")


def test_before_the_annexes_are_there() -> None:
    """Only the survey and the plan: what needs an annex is not judged, and nothing is reported."""
    case = without(load_case(), "cost", "materials", "staffing")
    assert reported(case) == set()
    assert unchecked(case)["X208 计划总费用"] == "项目费用计划明细表:费用明细各行之和没有提交"
    assert {key.split(" ")[0] for key in unchecked(case)} == {"X208", "X209", "X210", "X211", "X212", "X220"}


def test_before_the_plan_is_there() -> None:
    case = without(load_case(), "plan")
    assert reported(case) == set()
    assert {key.split(" ")[0] for key in unchecked(case)} == {"X208", "X209", "X210"}


@pytest.mark.parametrize("present", [["survey"], ["cost"], ["materials"], ["staffing"], []])
def test_one_workbook_alone(present: list[str]) -> None:
    case = load_case()
    case = without(case, *(form for form in case.project.workbooks if form not in present))
    assert reported(case) == set()


def test_blank_plan_figure_is_not_judged() -> None:
    case = retyped(load_case(), "plan", "basics", "head", planned_total_cost=None)
    assert reported(case) == set()
    assert unchecked(case)["X208 计划总费用"].startswith("项目计划基本信息:计划总费用为空、无法读取或归不了类:[02_")


# -- one fen anywhere ---------------------------------------------------------------------------------------------

_AMOUNTS = {
    ("plan", "basics"): (
        *("contract_amount", "planned_total_cost", "presales_budget"),
        *("engineering_estimate", "materials_total"),
    ),
    ("plan", "stages"): ("budget", "stage_budget_total"),
    ("plan", "revenue"): ("amount", "amount_excl", "revenue_total", "revenue_excl_total"),
    ("cost", "lines"): (
        *("amount", "amount_excl", "presales_subtotal", "eng_subtotal", "grand_total", "grand_total_excl"),
    ),
    ("cost", "summary"): ("amount",),
    ("materials", "lines"): ("amount", "grand_total"),
    ("materials", "subtotals"): ("subtotal",),
    ("staffing", "lines"): ("amount", "total_amount"),
}


def _amounts(case: Case) -> list[tuple[str, str, int | str, str]]:
    """Every cell that holds an amount of the plan."""
    found: list[tuple[str, str, int | str, str]] = []
    for (form, sheet), keys in _AMOUNTS.items():
        for where, record in _places(case, form, sheet):
            found += [(form, sheet, where, key) for key in keys if key in record.cells]
    return found


@pytest.mark.parametrize("code", [TV, DORM])
@pytest.mark.parametrize("step", [FEN, -FEN])
def test_a_fen_in_any_amount_is_an_error(code: str, step: Decimal) -> None:
    case = load_case(code=code)
    amounts = _amounts(case)
    assert len(amounts) > 130
    for where in amounts:
        findings = list(judge(_stepped(case, *where, step)))
        assert any(f.rule.severity is Severity.ERROR for f in findings), where


@settings(deadline=None)  # the first one reads the sample
@given(data=st.data(), fen=st.integers(1, 10**9), down=st.booleans())
def test_any_difference_in_any_amount_is_an_error(data: st.DataObject, fen: int, down: bool) -> None:
    """And the finding names the cell that was changed, at its place or among the related ones."""
    case = load_case()
    form, sheet, where, key = data.draw(st.sampled_from(_amounts(case)))
    changed = _stepped(case, form, sheet, where, key, (-FEN if down else FEN) * fen)
    cell = next(r for place, r in _places(changed, form, sheet) if place == where).at(key)
    assert any(cell in (finding.at, *finding.related) for finding in judge(changed))


@settings(deadline=None)  # the first one reads the sample
@given(fen=st.integers(1, 10**12))
def test_words_of_another_amount_differ(fen: int) -> None:
    case = load_case()
    stated = case.project.sheet("cost", "lines").totals.number_of("grand_total")
    assert stated
    words: Value = in_words(stated.value + FEN * fen)
    assert ("费用明细!D110", "W134") in reported(retyped(case, "cost", "lines", "totals", grand_total_upper=words))
