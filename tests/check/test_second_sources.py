"""What a second source says against the first: each rule with its case and its legitimate neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from pipeline.check import gates, mandatory_papers, records_handover, second_sources
from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.derive.records import Records
from tests.cases import DORM, TV, load_case
from tests.check.followed import Edit, added, followed, item, recorded, removed, repeated, typed, with_files
from tests.check.reported import found_by, table, with_sheet

D = Decimal
CHECKS = (*second_sources.CHECKS, *mandatory_papers.CHECKS, *records_handover.CHECKS)


@cache
def clean(code: str = DORM) -> Case:
    return with_files(load_case(code=code))


def found(edits: Sequence[Edit], code: str = DORM) -> list[Finding]:
    return found_by(CHECKS, followed(clean(code), edits))


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def amounts(value: str) -> list[Edit]:
    """Bid, review and contract of one amount."""
    cells = (("bidding", "price"), ("creview", "amount"), ("signing", "amount"))
    return [recorded(sheet, "head", **{key: D(value)}) for sheet, key in cells]


def emptied(form: str, sheet: str) -> Edit:
    return lambda case: with_sheet(case, form, sheet, replace(case.project.sheet(form, sheet), rows=()))


def again(sheet: str, row: int, **fields: object) -> Edit:
    """A row of workbook 06 once more, with other values."""

    def edit(case: Case) -> Case:
        old = case.project.sheet("records", sheet)
        same = next(one for one in old.rows if one.number == row)
        case = with_sheet(case, "records", sheet, replace(old, rows=(*old.rows, replace(same, number=row + 100))))
        return recorded(sheet, row + 100, **fields)(case)

    return edit


NO_SITE_ENGINEER = recorded("notice", "head", team=("E106", "E103", "E203"))

FIRES: list[tuple[str, list[Edit], set[tuple[str, str]]]] = [
    ("contract of a major project", amounts("5200000"), {("洽谈投标!C8", "X244")}),
    (
        "with its second part a major project",
        [added("agreements", no="AG-03", name="二期", origin="书面", part_amount=Decimal(4500000))],
        {("协议!O9", "X244"), ("移交清单", "W188")},
    ),
    ("contract below cost", amounts("92000"), {("合同签订!C10", "X247")}),
    ("contract not of the plan", amounts("900000"), {("合同签订!C10", "X247")}),
    ("team without the site engineer", [NO_SITE_ENGINEER], {("批准通知书!C11", "X243")}),
    ("no organisation", [emptied("plan", "organisation")], {("项目组织", "G343")}),
    (
        "organisation without the site engineer",
        [typed("plan", "organisation", 12, role="质量")],
        {("项目组织", "X248")},
    ),
    (
        "tracked and not updated",
        [again("tracking", 9, date=day(7, 7), updated_items=("H04",))],
        {("用户跟踪!H9", "W215")},
    ),
    ("tracked item that is not there", [recorded("tracking", 9, updated_items=("Z99",))], {("用户跟踪!H9", "W215")}),
    ("R&D in the survey", [item("E19", value="需研发中心修改计费软件")], {("调查表!E86", "X246")}),
    (
        "only the author reviews",
        [removed("req_review", 13), *(recorded("req_review", row, reviewer="E203") for row in (14, 15, 16))],
        {("需求评审!B14", "W218")},
    ),
    (
        "tests of a leaflet",
        [typed("plan", "tests", row, basis="厂家宣传册") for row in (7, 8, 9)],
        {("测试活动!G7", "W217")},
    ),
    ("tests of another version", [typed("plan", "tests", 8, basis="网络系统方案V0.3")], {("测试活动!G8", "W217")}),
    (
        "three problems, one row",
        [recorded("creview", 15, opinion_text="一、备件未写明;二、保修期起算日未写明;三、指标未约定")],
        {("合同评审意见!D15", "W216")},
    ),
    ("deposit of another share", [typed("cost", "deposits", 8, amount=D(92000))], {("资金占用!B8", "X249")}),
    ("bid bond", [typed("cost", "deposits", 7, amount=D(19000))], {("资金占用!B7", "X249")}),
    ("all labour with tax", [typed("cost", "lines", n, tax_rate=D(6)) for n in (8, 9)], {("费用明细!J8", "W213")}),
    ("labour with tax", [typed("cost", "lines", 8, tax_rate=D(6))], {("费用明细!J8", "W213")}),
    (
        "agreement that is not listed",
        [again("agreements", 7, no="AG-03", name="补充协议:延长质保", content="质保5年")],
        {("移交清单", "W188")},
    ),
    (
        "another contract",
        [recorded("handover", 18, doc_no="LY-XS-2026-0099", doc_name="销售合同 LY-XS-2026-0099")],
        {("移交清单!C18", "X245")},
    ),
    (
        "another number beside the name",
        [recorded("handover", 18, doc_no="LY-XS-2026-0037")],
        {("移交清单!C18", "X245")},
    ),
    ("an old scheme", [recorded("handover", 20, version="V0.3")], {("移交清单!D20", "X245")}),
    ("an old survey", [recorded("handover", 24, version="V1.2")], {("移交清单!D24", "W214")}),
    ("other pages", [recorded("handover", 18, pages=D(3))], {("移交清单!G18", "W214")}),
    (
        "problem table for the review form",
        [recorded("handover", 22, doc_no="JL-03.2-04", file=("CPM",))],
        {("移交清单", "W188")},
    ),
]


@pytest.mark.parametrize(("edits", "at"), [pytest.param(edits, at, id=name) for name, edits, at in FIRES])
def test_a_second_source_disagrees(edits: list[Edit], at: set[tuple[str, str]]) -> None:
    """Pages are those of the files as they were before the edit."""
    assert table(found(edits)) == at


SILENT: list[tuple[str, str, list[Edit]]] = [
    ("sample", DORM, []),
    ("sample", TV, []),
    (
        "just below the threshold",
        DORM,
        [
            *amounts("4999999.99"),
            typed("plan", "basics", "head", contract_amount=D("4999999.99")),
            typed("cost", "deposits", 8, amount=None),
            typed("cost", "deposits", 9, amount=None),
        ],
    ),
    (
        "price cut by an approved change",
        TV,
        [*amounts("6300000"), recorded("changes", 8, kind="商务", status="已批准")],
    ),
    ("a second site engineer in the team", DORM, [recorded("notice", "head", team=("E106", "E303"))]),
    ("number in the name alone", DORM, [recorded("handover", 18, doc_no=None)]),
    (
        "class that the plan itself gets wrong",
        DORM,
        [typed("plan", "basics", "head", contract_amount=D(5200000)), *amounts("5200000"), emptied("cost", "deposits")],
    ),
    (
        "nobody of a construction department in the plan",
        DORM,
        [NO_SITE_ENGINEER, recorded("handover", "head", handover_date=None)]
        + [typed("staffing", "lines", row, emp_no="E204") for row in (12, 16, 17, 18)],
    ),
    ("nothing updated", DORM, [again("tracking", 9, date=day(7, 7), updated_items=("无",))]),
    ("R&D where software is changed", TV, [item("E19", value="需研发中心修改")]),
    ("the author among others", DORM, [recorded("req_review", 14, reviewer="E203")]),
    ("basis in other words", DORM, [typed("plan", "tests", 7, basis="经批准的系统方案 V1.1 第4章")]),
    ("one problem in parts", DORM, [recorded("creview", 15, opinion_text="一、备件10台是否计入合同未写明")]),
    ("scan of the review form", DORM, [recorded("handover", 22, doc_no="HT-PS-01", doc_name="评审记录", file=None)]),
    (
        "supplement listed by its number",
        DORM,
        [
            again("agreements", 7, no="AG-03", name="补充协议"),
            again("handover", 19, doc_no="AG-03", doc_name="补充协议"),
        ],
    ),
    (
        "contract in two, both listed",
        DORM,
        [
            again("agreements", 7, no="AG-03", name="安装合同", content="合同编号LY-XS-2026-0037"),
            again("handover", 18, doc_no="LY-XS-2026-0037", doc_name="安装合同", file=None),
        ],
    ),
    ("pages of all copies", DORM, [recorded("handover", 18, pages=D(76), copies=D(2))]),
]


@pytest.mark.parametrize(
    ("code", "edits"), [pytest.param(code, edits, id=f"{name} {code}") for name, code, edits in SILENT]
)
def test_neighbours_that_are_right(code: str, edits: list[Edit]) -> None:
    assert found(edits, code) == []


def test_what_a_crossing_says() -> None:
    (crossed,) = found(amounts("5200000"))
    assert crossed.message() == "金额5,200,000.00已达重大项目的标的额(500万元以上),项目类别仍为一般项目。"
    (cheap,) = found(amounts("92000"))
    assert cheap.message() == "签订的合同额92,000.00低于计划总费用712,346.00(相差-620,346.00)。"


def test_a_second_approval_leaves_what_was_done_between() -> None:
    """4.2: a bid that crosses the threshold is approved once more; what was done since the first approval stands."""
    second = [recorded("approval", row, date=day(7, 20)) for row in (107, 108)]
    case = followed(clean(), [repeated("approval", 7, 8), *second])
    first = Records(case.project).first_approval
    assert first
    assert first.value == day(6, 3)
    assert found_by(gates.CHECKS, case) == []
    sent_back = followed(clean(), [repeated("approval", 7, 8, decision="补充后再审"), *second])
    assert Records(sent_back.project).first_approval == Records(sent_back.project).approval_date


# -- conditions of a countersignature (W212) --------------------------------------------------------------------------

CONDITIONAL = recorded("countersign", 10, opinion="有条件同意", opinion_text="预付款不低于30%")


def conditions(*edits: Edit) -> list[Finding]:
    return [one for one in found([CONDITIONAL, *edits]) if one.rule.code == "W212"]


def test_a_condition_that_nobody_settled_is_open_at_the_signature() -> None:
    (one,) = conditions(emptied("records", "problems"))
    assert table([one]) == {("计划会签!D10", "W212")}
    assert one.message() == (
        "还有没有了结的(6.3.2、6.5):计划会签“有条件同意”:财务部(“预付款不低于30%”),而合同已在2026-07-29签订。"
    )


@pytest.mark.parametrize(
    "edits",
    [
        [recorded("countersign", 10, cxo="E004", cxo_result="合同第4条约定预付款30%", cxo_date=day(7, 20))],
        [recorded("countersign", 10, opinion="同意")],
        [recorded("signing", "head", sign_date=None)],
    ],
    ids=["a chief officer says how", "signed again", "not signed yet"],
)
def test_a_condition_that_is_settled_or_not_due(edits: list[Edit]) -> None:
    assert conditions(emptied("records", "problems"), *edits) == []


def test_a_problem_of_that_department_settles_it() -> None:
    assert conditions() == []  # the finance department's own problem was solved
    assert found([], TV) == []
