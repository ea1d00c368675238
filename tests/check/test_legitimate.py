"""What Q/DY 03.2 allows passes: the legitimate neighbours of the rules, each as staff would record it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal as D

import pytest

from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.findings import Severity
from pipeline.derive.former_names import with_supposed_names
from tests.cases import DORM, load_case
from tests.check.followed import Edit, added, followed, item, recorded, removed, repeated, typed, with_files
from tests.check.reported import cells, table, with_sheet
from tests.mastered import mastered

Edits = list[Edit]


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def found(edits: Edits, code: str = DORM) -> set[tuple[str, str]]:
    """(cell, rule) of everything that is open and more than a remark."""
    case = with_files(followed(load_case(code=code), edits))
    return table(one for one in judge(case)[0] if not one.pending and one.rule.severity is not Severity.INFO)


def blank(*sheets: str) -> Edits:
    """Sheets of workbook 06 as if nobody had filled them."""

    def emptied(sheet: str) -> Edit:
        def edit(case: Case) -> Case:
            old = case.project.sheet("records", sheet)
            cells = {key: replace(cell, value=None, shown="") for key, cell in old.head.cells.items()}
            return with_sheet(case, "records", sheet, replace(old, head=replace(old.head, cells=cells), rows=()))

        return edit

    return [emptied(sheet) for sheet in sheets]


def each(sheet: str, **fields: object) -> Edit:
    """Every row of a table of workbook 06 changed."""

    def edit(case: Case) -> Case:
        for row in case.project.rows("records", sheet):
            case = recorded(sheet, row.number, **fields)(case)
        return case

    return edit


def row_of(sheet: str, key: str, value: str, form: str = "records") -> int:
    row = load_case().project.sheet(form, sheet).find(key, value)
    assert row
    return row.number


def change(**fields: object) -> Edit:
    """An approved change."""
    usual = {
        "no": "CR-01", "by": "E106", "date": day(7, 8), "kind": "人员", "reason": "工作调动", "before": "甲",
        "after": "乙", "delta_cost": D(0), "delta_days": D(0), "impact": "无", "approver": "E002",
        "approve_date": day(7, 8), "effective_date": day(7, 9), "status": "已批准",
    }  # fmt: skip
    return added("changes", **{**usual, **fields})


def raised(on: date, no: str | None) -> Edits:
    """The plan as A/1, with all annexes."""
    edits = [typed("plan", "basics", "head", plan_version="A/1")]
    edits += [stamped(form) for form in ("plan", "cost", "materials", "staffing")]
    total = load_case().project.rows("plan", "revisions")[0].value("total")
    row = {"version": "A/1", "date": on, "change": "改付款条件", "by": "E103", "total": total, "change_no": no}
    return [*edits, added("revisions", "plan", **row)]


def stamped(form: str) -> Edit:
    def edit(case: Case) -> Case:
        for key in case.project.workbooks[form].sheets:
            case = typed(form, key, "stamp", version="A/1")(case)
        return case

    return edit


def signed_again(on: date) -> Edit:
    """Every department countersigns A/1."""

    def edit(case: Case) -> Case:
        for row in case.project.rows("records", "countersign"):
            given = {key: cell.value for key, cell in row.cells.items()}
            given |= {"plan_version": "A/1", "sign_date": on, "total": None, "margin": None}
            case = added("countersign", **given)(case)
        return case

    return edit


def emptied_rows(form: str, sheet: str) -> Edit:
    """A sheet without its rows."""
    return lambda case: with_sheet(case, form, sheet, replace(case.project.sheet(form, sheet), rows=()))


NO_OBJECTION = [
    each("creview", opinion="同意", opinion_text=None),
    *blank("problems"),
    recorded("signing", "head", draft_version="A/1"),
]
TALKS = [
    recorded("bidding", "head", method="直接洽谈", bid_no=None, ceiling=None, deadline=None, result="成交"),
    item("B09", value="直接洽谈"),
    item("I02", value="0"),
]
QUALITY = row_of("countersign", "dept", "质量管理部")
SETTLED = {"cxo": "E002", "cxo_result": "由COO协调,同意", "cxo_date": day(6, 2)}
NOT_CONFIRMED = {"opinion": None, "opinion_text": "部门经理出差", "signer": None, "sign_date": None}
BEFORE = [
    *raised(day(6, 1), None),
    signed_again(day(6, 2)),
    recorded("application", "head", att_plan="A/1"),
    recorded("handover", row_of("handover", "doc_name", "项目计划报告 A/0 及三个附表"), version="A/1"),
]
SUCCESSOR = [
    change(new_pm="E105"),
    recorded("signing", "head", signer="E105"),
    recorded("closing", "head", accept_by="E105"),
    recorded("handover", "head", giver="E105"),
]
LISTED = {"clause_item": "a", "doc_name": "安装合同 AG-03", "doc_no": "LY-XS-2026-0037", "version": "正式"}
IN_TWO = [
    recorded("signing", "head", amount=D(640000), amount_upper="人民币陆拾肆万元整"),
    recorded("creview", "head", amount=D(640000)),
    added("handover", **LISTED, medium=("纸质",), copies=D(1), pages=D(12)),
]
PART = {"no": "AG-03", "name": "安装合同", "content": "合同编号LY-XS-2026-0037", "origin": "书面", "technical": "否"}
CHEAPER = [
    change(kind="商务", consulted="E005", reason="签约前让利", approve_date=day(7, 28), effective_date=day(7, 28)),
    recorded("signing", "head", amount=D(900000), amount_upper="人民币玖拾万元整"),
]
FIRST_BID = {"step": "洽谈投标", "version": "HCZB-99", "date": day(7, 3), "result": "废标", "reason": "不足三家"}


def approvers(*roles: str, on: date | None = None) -> Edit:
    """Workbook 00 wants the approval of other roles, too, since a day or without saying since when."""

    def edit(case: Case) -> Case:
        steps = case.company.steps
        first = next(one for one in steps if (one.doc_type, one.project_class) == ("立项", "一般项目"))
        more = tuple(replace(first, number=2, role=role, dept="", valid_from=on) for role in roles)
        return replace(case, company=replace(case.company, steps=(*steps, *more)))

    return edit


def titled(title: str) -> Edit:
    """The site engineer's title in workbook 00."""

    def edit(case: Case) -> Case:
        people = tuple(replace(one, title=title) if one.no == "E302" else one for one in case.company.people)
        company = replace(case.company, people=people, persons={one.no: one for one in people})
        return replace(case, company=company)

    return edit


def renamed(case: Case) -> Case:
    """Workbook 00 calls the purchasing department otherwise, and says of no former name."""
    company = case.company
    offices = tuple(replace(one, name="供应链管理部") if one.code == "D05" else one for one in company.offices)
    company = replace(company, offices=offices, departments={one.code: one for one in offices})
    return replace(case, company=with_supposed_names(case.project, company))


def renamed_on(case: Case) -> Case:
    """The finance department has another name from July on; its people go on writing the old one."""
    company = case.company
    new = {"name": "财务管理部", "former": ("财务部",), "valid_from": day(7, 1)}
    offices = tuple(replace(one, **new) if one.code == "D06" else one for one in company.offices)
    company = replace(company, offices=offices, departments={one.code: one for one in offices})
    return replace(case, company=company)


def deputised(emp_no: str, deputy: str) -> Edit:
    """Somebody stands in for another one."""

    def edit(case: Case) -> Case:
        people = tuple(replace(one, deputies=(deputy,)) if one.no == emp_no else one for one in case.company.people)
        return replace(case, company=replace(case.company, people=people, persons={one.no: one for one in people}))

    return edit


FINANCE = row_of("creview", "dept", "财务部")
AGREED = {"opinion": "同意", "opinion_text": None, "date": day(7, 28)}
SECOND_REVIEW = [
    repeated("creview", *range(14, 20)),
    *(recorded("creview", row + 100, **AGREED) for row in range(14, 20)),
    recorded("creview", "head", conclusion_date=day(7, 28)),
]
SOLVED = {"kind": "技术", "status": "已解决", "result": "已写明", "countermeasure": "写明", "verifier": "E701"}
SOLVED_EARLY = [
    added(
        "problems", **SOLVED, no=f"P-0{number}", dept=dept, raiser=raiser, owner="E106", desc="备件、窗口",
        due=day(7, 24), close_date=day(7, 22),
    )
    for number, dept, raiser in ((1, "网络产品部", "E201"), (2, "网络工程部", "E301"))
]  # fmt: skip
EXTENDED = [
    added("agreements", **{**PART, "name": "补充协议"}, written_date=day(8, 3), part_amount=D(20000)),
    added(
        "handover",
        **{**LISTED, "doc_name": "补充协议 AG-03", "doc_no": "AG-03"},
        medium=("纸质",),
        copies=D(1),
        pages=D(2),
    ),
]
DEARER = {
    "kind": "商务",
    "consulted": "E005",
    "date": day(7, 31),
    "approve_date": day(8, 1),
    "effective_date": day(8, 3),
}

LATER_RULE = {"kind": "商务", "consulted": "E005", "approver": "E101", "approve_date": day(7, 12)}
BY_RULE = {**LATER_RULE, "effective_date": day(7, 10), "reason": "依据公司明文规定《价格管理办法》第5条"}
RULED = {"basis": "公司明文规定", "basis_no": "价格管理办法第5条"}
NO_OFFER = [
    *blank("bidding"),
    recorded("bidding", "head", method="洽谈不报价", result="成交", result_date=day(7, 28)),
    item("B09", value="直接洽谈"),
]
OF_THE_BID = row_of("handover", "doc_name", "投标书")

SKIPPED = [
    typed("plan", "basics", "head", skip_tracking="是", skip_tracking_reason="需求明确"),
    typed("plan", "stages", 10, kind=("需求评审",)),
]

PASSES: dict[str, tuple[Edits, set[tuple[str, str]]]] = {
    "talks without a deadline": (TALKS, set()),
    "problems solved between two rounds of the review": (SECOND_REVIEW, set()),
    "a problem solved before the last department agrees": (
        [*blank("problems"), *SOLVED_EARLY, recorded("creview", FINANCE, opinion="同意", opinion_text=None)],
        set(),
    ),
    "an objection to a version that was revised": (
        [*BEFORE, recorded("countersign", 10, opinion="不同意", opinion_text="付款条件")],
        set(),
    ),
    "a supplement of after the signature": ([change(**DEARER), *EXTENDED], set()),
    "the name of before a renaming": ([renamed_on], set()),
    "the deputy of who takes over": (
        [deputised("E302", "E303"), recorded("handover", "head", receiver="E303")],
        set(),
    ),
    "a review without problems, its table listed": (NO_OBJECTION, set()),
    "no meeting": ([*blank("memos", "actions"), each("tracking", method="电话")], set()),
    "no memo of a meeting": (blank("memos", "actions"), {("用户跟踪!D8", "G360")}),
    "a department that could not confirm": ([recorded("countersign", QUALITY, **NOT_CONFIRMED, **SETTLED)], set()),
    "a plan revised before the initiation": (BEFORE, set()),
    "the same with a change on record": (
        [
            *BEFORE,
            change(kind="商务", consulted="E005", date=day(6, 1), approve_date=day(6, 1), effective_date=day(6, 2)),
        ],
        set(),
    ),
    "another project manager": (SUCCESSOR, set()),
    "a contract in parts": ([*IN_TWO, added("agreements", **PART, part_amount=D(280000))], set()),
    "a contract in parts without an amount": ([*IN_TWO, added("agreements", **PART)], {("协议!O9", "W220")}),
    "a price changed after the review": (CHEAPER, {("合同签订!C10", "W221")}),
    "a second bid": ([recorded("bidding", "head", round=D(2)), added("rounds", round=D(1), **FIRST_BID)], set()),
    "a second bid whose first is lost": ([recorded("bidding", "head", round=D(2))], {("洽谈投标!C15", "W223")}),
    "talks without a formal offer": (NO_OFFER, set()),
    "a change by a written rule": ([change(**BY_RULE, **RULED)], set()),
    "a rule that stands in the reason alone": ([change(**BY_RULE)], {("变更!P7", "W226")}),
    "a duty that workbook 00 added later": (
        [mastered("departments", ({"dept_code": "D08"}, {"countersign_required": "是"}))],
        {("计划会签", "W234")},
    ),
    "an approver that workbook 00 added later": ([approvers("CFO")], {("立项审批", "W225")}),
    "a department that workbook 00 renamed": ([renamed], {("费用明细!O7", "F057")}),
    "a title that says it the other way round": ([titled("项目工程师(网络)")], set()),
    "other staff by who approves the plan": ([change()], set()),
    "other staff by somebody else": ([change(approver="E101")], {("变更!L7", "W204")}),
    "following the customer left out by the plan, and done": (SKIPPED, set()),
    "everything clear at the approval": (
        [*SKIPPED, *blank("tracking"), emptied_rows("survey", "updates")],
        set(),
    ),
    "a survey of the day of the application": ([typed("survey", "versions", 9, date=day(6, 2))], set()),
    "an oral agreement signed on the day it was written": (
        [recorded("agreements", 8, written_date=day(7, 29), coo_date=day(7, 29), cto_date=day(7, 29))],
        set(),
    ),
    "an authority by its number": ([recorded("signing", "head", signer="E101", auth_no="SQ-2026-018")], set()),
    "a survey of the day of the review": ([typed("survey", "versions", 10, date=day(6, 11))], set()),
    "a first bid kept that is no earlier one": ([added("rounds", round=D(1), **FIRST_BID)], {("以前轮次!B7", "W224")}),
}


@pytest.mark.parametrize("name", PASSES)
def test_what_is_allowed_passes(name: str) -> None:
    edits, wanted = PASSES[name]
    assert found(edits) == wanted


# What the same edits become when the sentence is broken after all: rule, edits.
BITES: dict[str, tuple[str, Edits]] = {
    "talks are no excuse in a tender": ("F001", [recorded("bidding", "head", deadline=None)]),
    "a coordination without its result": (
        "W193",
        [recorded("countersign", QUALITY, **NOT_CONFIRMED, cxo="E002", cxo_date=day(6, 2))],
    ),
    "a plan revised after the initiation without a change": ("X217", raised(day(7, 9), None)),
    "who signs before he takes over": ("G313", [*SUCCESSOR, recorded("changes", 7, effective_date=day(7, 30))]),
    "who hands over without a change": ("W189", [recorded("handover", "head", giver="E105")]),
    "a change that was refused": ("G313", [*SUCCESSOR, recorded("changes", 7, status="已驳回")]),
    "parts that are not the bid": ("X219", [*IN_TWO, added("agreements", **PART, part_amount=D(270000))]),
    "a price changed without a change": ("X219", CHEAPER[1:]),
    "a supplement that nobody approved": ("X219", EXTENDED),
    "an objection that its department has not taken back": (
        "F001",
        [*raised(day(6, 1), None), *blank("application"), recorded("countersign", 10, opinion="不同意")],
    ),
    "the name of another department": ("F021", [renamed_on, recorded("creview", FINANCE, reviewer="E301")]),
    "the deputy of somebody else": (
        "W189",
        [deputised("E301", "E303"), recorded("handover", "head", receiver="E303")],
    ),
    "no offer, and no result": (
        "W205",
        [*blank("bidding"), recorded("bidding", "head", method="洽谈不报价"), item("B09", value="直接洽谈")],
    ),
    "a tender needs its price": ("F001", [recorded("bidding", "head", price=None)]),
    "a reason that names no rule": ("G310", [change(**{**BY_RULE, "reason": "超出授权范围,先改后报"})]),
    "a step of the approval that is gone": (
        "G303",
        [approvers("CFO"), removed("approval", row_of("approval", "role", "部门经理"))],
    ),
    "the approver himself is another": ("G303", [approvers("CEO"), recorded("approval", 8, decision="同意")]),
    "a cabling engineer": ("W165", [titled("综合布线工程师")]),
    "following the customer left out while items were unclear": ("W235", [*SKIPPED, *blank("tracking")]),
    "a survey that was replaced before the application": ("X233", [recorded("application", "head", att_survey="V1.0")]),
    "a review of which nobody gave an opinion": ("W192", [removed("req_review")]),
    "an authority that says nothing": ("G313", [recorded("signing", "head", signer="E203", auth_no="略")]),
    "a signature before the agreement was written": ("W206", [recorded("agreements", 8, coo_date=day(7, 1))]),
    "an objection without the table": ("W188", [each("handover", clause_item="a")]),
}


@pytest.mark.parametrize("name", BITES)
def test_what_is_not_allowed_does_not(name: str) -> None:
    rule, edits = BITES[name]
    assert rule in {code for _, code in found(edits)}


NAMES = {
    "W220": ([*IN_TWO, added("agreements", **PART)], {"协议!B9"}),
    "W221": (CHEAPER, {"合同评审意见!C7", "变更!A7"}),
    "W225": ([approvers("CFO")], {"立项审批!E7", "立项审批!E8"}),
    "W226": ([change(**BY_RULE)], {"变更!E7"}),
    "W222": ([added("pauses", **{"from": day(7, 10), "reason": "预算", "by": "E106"})], {"移交清单!C10"}),
    "W224": ([added("rounds", round=D(1), **FIRST_BID)], {"洽谈投标!C15"}),
}


def test_the_cells_that_the_findings_of_new_ways_name() -> None:
    """W220, W221, W222, W224, W225, W226."""
    for rule, (edits, wanted) in NAMES.items():
        (one,) = (one for one in judge(followed(load_case(), edits))[0] if one.rule.code == rule)
        assert cells(one) == wanted


# -- pauses and early ends ----------------------------------------------------------------------------------------

LATER = ("bidding", "creview", "problems", "signing", "agreements", "closing", "handover")
PAUSE = {"from": day(7, 10), "reason": "客户预算调整", "by": "E106"}


def test_a_paused_project_waits_for_nothing_and_is_not_reminded() -> None:
    stopped = followed(load_case(), blank(*LATER))
    assert ("用户跟踪!A9", "W181") in found(blank(*LATER))
    assert stopped.facts.state == "执行中"
    paused = followed(load_case(), [*blank(*LATER), added("pauses", **PAUSE)])
    assert (paused.facts.state, paused.facts.next_gate, paused.facts.missing) == ("已暂停", "", ())
    assert not found([*blank(*LATER), added("pauses", **PAUSE)])


def test_a_pause_that_is_over_counts_no_more() -> None:
    resumed = [*blank(*LATER), added("pauses", **PAUSE, until=day(11, 20))]
    assert followed(load_case(), resumed).facts.state == "执行中"
    assert not found(resumed)
    long_ago = [*blank(*LATER), added("pauses", **{**PAUSE, "until": day(8, 3)})]
    assert ("用户跟踪!A9", "W181") in found(long_ago)


def test_a_pause_that_nobody_ended_is_told() -> None:
    assert found([added("pauses", **PAUSE)]) == {("暂停!D7", "W222")}
    assert followed(load_case(), [added("pauses", **PAUSE)]).facts.state == "已归档"


def test_a_cancelled_project_waits_for_its_closing_alone() -> None:
    early = ["application", "approval", "notice", "tracking", "req_review", "scheme", "test_results", *LATER]
    said = {"close_type": "客户取消", "summary_goal": "无", "summary_experience": "无", "summary_lesson": "无"}
    cancelled: Edits = [*blank(*early), recorded("closing", "head", **said)]
    assert followed(load_case(), cancelled).facts.next_gate == "项目验收和结束(6.6、6.7)"
    cancelled.append(recorded("closing", "head", close_date=day(6, 2)))
    assert followed(load_case(), cancelled).facts.next_gate == "归档(7.2)"
    cancelled.append(recorded("archive", "head", archive_date=day(6, 10)))
    case = followed(load_case(), cancelled)
    assert (case.facts.state, case.facts.next_gate, case.facts.missing) == ("客户取消", "", ())
