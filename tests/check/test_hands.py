"""Whose hand a record bears: each rule with its case, and the neighbour that may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from pipeline.check import hands
from pipeline.check.case import Case
from pipeline.core.attachments import Attachment
from pipeline.core.company import Parameter
from pipeline.core.findings import Finding, Severity
from pipeline.definitions.procedure import load_procedure
from tests.cases import DORM, TV, load_case
from tests.check.broken import emptied
from tests.check.followed import Edit, followed, item, recorded, typed
from tests.check.reported import cells, found_by, table
from tests.mastered import left, mastered

SUMMER, AUTUMN = date(2026, 8, 31), date(2026, 9, 1)


@cache
def clean(code: str = DORM) -> Case:
    return load_case(code=code)


def found(edits: list[Edit], code: str = DORM) -> list[Finding]:
    return found_by(hands.CHECKS, followed(clean(code), edits))


def deputy(emp_no: str, whom: str, **since: object) -> Edit:
    """Somebody stands in for another, as workbook 00 says."""
    return mastered("persons", ({"emp_no": whom}, {"deputies": (emp_no,), **since}))


def attached(path: str) -> Edit:
    file = Attachment(path, path.rpartition("/")[2], "pdf", 1, "", 1, "附件")
    return lambda case: replace(case, project=replace(case.project, attachments=(file,)))


def consulted(emp_no: str, kind: str = "方案-技术") -> list[Edit]:
    """The first change of the television project, of a kind, with somebody else consulted."""
    return [recorded("changes", 7, kind=kind, consulted=emp_no)]


PM_DEPUTY = deputy("E105", "E106")
# What staff typed, and what is said at which cells.
FIRES: dict[str, tuple[str, list[Edit], set[tuple[str, str]]]] = {
    "surveyed by an engineer": (DORM, [item("A13", value="E402")], {("调查表!E19", "G330")}),
    "a version of the survey by a stranger": (
        DORM,
        [typed("survey", "versions", 7, by="E402")],
        {("版本与确认!C7", "G330")},
    ),
    "represented by an engineer, in every workbook alike": (
        DORM,
        [
            typed("plan", "basics", "head", sales_rep="E402"),
            item("A13", value="E402"),
            recorded("application", "head", applicant="E402"),
        ],
        {("基本信息!C19", "G330")},
    ),
    "the review of the contract concluded by an engineer": (
        DORM,
        [recorded("creview", "head", conclusion_by="E203")],
        {("合同评审意见!C9", "W204")},
    ),
    "applied for by an engineer": (
        DORM,
        [recorded("application", "head", applicant="E203")],
        {("立项申请!C7", "G330")},
    ),
    "approved by its author": (DORM, [recorded("scheme", "head", approver="E203")], {("方案审批!C16", "G331")}),
    "a major scheme approved by a head": (
        TV,
        [recorded("scheme", "head", approver="E201")],
        {("方案审批!C16", "G331")},
    ),
    "a buyer asked about a technical change": (TV, consulted("E502"), {("变更!K7", "G332")}),
    "an engineer asked about a commercial one": (TV, consulted("E203", "商务"), {("变更!K7", "G332")}),
    "asked while negotiating": (
        TV,
        [recorded("bidding", 30, change_no=None, consulted="E502")],
        {("洽谈投标!E30", "G332")},
    ),
    "acceptance by an engineer": (DORM, [recorded("closing", "head", accept_by="E203")], {("验收与结束!C8", "G333")}),
    "planned by an accountant": (DORM, [typed("plan", "basics", "head", author="E602")], {("基本信息!C26", "W200")}),
    "revised by an engineer": (TV, [typed("plan", "revisions", 8, by="E203")], {("修订记录!E8", "W200")}),
    "tracked by a stranger": (
        DORM,
        [recorded("tracking", 7, by="E502"), recorded("tracking", 9, by="E502")],
        {("用户跟踪!B7", "W200")},
    ),
    "reported by a stranger": (DORM, [recorded("reports", 7, by="E502")], {("项目汇报!B7", "W200")}),
    "one department told": (DORM, [recorded("notice", "head", notify=("市场销售部",))], {("批准通知书!C14", "W201")}),
    "any text as authority": (
        DORM,
        [recorded("signing", "head", signer="E802", auth_no="123")],
        {("合同签订!C9", "W203")},
    ),
    "countersigned by an accountant": (DORM, [recorded("countersign", 10, signer="E602")], {("计划会签!F10", "W204")}),
    "a plan approved by an accountant": (
        DORM,
        [recorded("plan_approval", 8, approver="E602")],
        {("计划批准!C8", "W204")},
    ),
    "a notice by the manager himself": (DORM, [recorded("notice", "head", by="E106")], {("批准通知书!C8", "W204")}),
    "checked by a buyer": (DORM, [recorded("scheme", "head", checker="E502")], {("方案审批!C14", "W204")}),
    "another schedule by the CTO": (TV, consulted("E502", "进度"), {("变更!L7", "W204")}),
    "permitted by the CFO": (DORM, [recorded("signing", "head", permit_by="E004")], {("合同签订!C14", "W204")}),
    "handed over before anybody": (DORM, [recorded("handover", "head", witness="E502")], {("移交清单!C7", "W204")}),
    "a small bid chaired by the COO": (
        DORM,
        [recorded("bidding", "head", price=Decimal(90000))],
        {("洽谈投标!C16", "W204")},
    ),
    "a deputy before his time": (
        DORM,
        [recorded("closing", "head", accept_by="E105"), deputy("E105", "E106", deputies_from=AUTUMN)],
        {("验收与结束!C8", "G333")},
    ),
    "the head of later": (
        DORM,
        [
            mastered(
                "departments",
                ({"dept_code": "D06"}, {"valid_until": SUMMER}),
                more=[{"dept_code": "D06", "head_emp": "E602", "valid_from": AUTUMN}],
            ),
            recorded("countersign", 10, signer="E602"),
        ],
        {("计划会签!F10", "W204")},
    ),
}
# Neighbours that may.
SILENT: dict[str, tuple[str, list[Edit]]] = {
    "as it is": (DORM, []),
    "as it is, major": (TV, []),
    "another one of the sales department": (
        DORM,
        [item("A13", value="E102"), recorded("application", "head", applicant="E102")],
    ),
    "the survey goes on in the team": (DORM, [typed("survey", "versions", 9, by="E203")]),
    "represented by the head of the sales department": (
        DORM,
        [typed("plan", "basics", "head", sales_rep="E101"), item("A13", value="E101")],
    ),
    "the review of the contract concluded by who approves it": (
        DORM,
        [recorded("creview", "head", conclusion_by="E002")],
    ),
    "a deputy applies": (DORM, [recorded("application", "head", applicant="E203"), deputy("E203", "E103")]),
    "a deputy approves the scheme": (DORM, [recorded("scheme", "head", approver="E202"), deputy("E202", "E201")]),
    "the head of the product manager": (TV, consulted("E201")),
    "the CXO in charge": (TV, consulted("E005", "商务")),
    "whom the CXO has authorised": (TV, consulted("E101", "商务")),
    "another kind of change asks nobody": (TV, [*consulted("E502", "进度"), recorded("changes", 7, approver="E001")]),
    "a deputy of the project manager": (DORM, [recorded("closing", "head", accept_by="E105"), PM_DEPUTY]),
    "the project manager plans": (DORM, [typed("plan", "basics", "head", author="E106")]),
    "a checker, while the plan names no team": (
        DORM,
        [recorded("scheme", "head", checker="E502"), emptied("plan", "organisation")],
    ),
    "somebody of the team": (DORM, [recorded("tracking", 7, by="E203"), recorded("reports", 7, by="E203")]),
    "departments of the team, too": (
        DORM,
        [
            recorded(
                "notice",
                "head",
                notify=("市场销售部", "网络产品部", "网络工程部", "商务采购部", "财务部", "质量管理部", "客户服务部"),
            )
        ],
    ),
    "a numbered paper": (DORM, [recorded("signing", "head", signer="E802", auth_no="授权〔2026〕18号")]),
    "an attached paper": (
        DORM,
        [recorded("signing", "head", signer="E802", auth_no="123"), attached("附件/授权书123.pdf")],
    ),
    "the head of the keeper of documents": (DORM, [recorded("notice", "head", by="E701")]),
    "a small bid chaired by the CTO": (DORM, [recorded("bidding", "head", price=Decimal(90000), chair="E003")]),
    "who signed left later": (DORM, [left("E501"), left("E103", left=AUTUMN), left("E201", left=AUTUMN)]),
    "nobody has the title": (
        DORM,
        [mastered("persons", ({"emp_no": "E702"}, {"title": "内勤"})), recorded("notice", "head", by="E106")],
    ),
    "a matrix without the document": (
        DORM,
        [
            mastered("approval_matrix", ({"doc_type": "方案"}, {"doc_type": "合同"})),
            recorded("scheme", "head", approver="E203"),
        ],
    ),
}


@pytest.mark.parametrize("name", FIRES)
def test_who_may_not_is_named_at_the_cell(name: str) -> None:
    code, edits, cells = FIRES[name]
    said = found(edits, code)
    assert table(said) == cells
    for finding in said:
        assert finding.message("zh")
        assert finding.message("en")
        assert (finding.rule.severity is Severity.ERROR) == finding.rule.code.startswith("G")


@pytest.mark.parametrize("name", SILENT)
def test_who_may_is_let_through(name: str) -> None:
    code, edits = SILENT[name]
    assert table(found(edits, code)) == set()


def test_a_department_that_00_does_not_know_says_nothing_against_anybody() -> None:
    other = mastered("departments", ({"dept_code": "D01"}, {"dept_name": "营销中心"}))
    assert {finding.rule.code for finding in found([other, item("A13", value="E402")])} == {"W201"}


def test_what_one_person_did_often_is_one_finding_that_says_who_may() -> None:
    rows = clean().project.rows("records", "tracking")
    (one,) = found([recorded("tracking", row.number, by="E502") for row in rows])
    assert [place.cell for place in one.related] == [*(f"B{row.number}" for row in rows[1:]), "F33"]  # his row of 00
    assert one.message("zh").startswith(
        "用户跟踪 跟踪人写的是E502 任可(商务采购部采购专员);应由销售代表(E103 田一诺)、"
    )
    (other,) = found([recorded("countersign", 10, signer="E602")])
    assert other.values["may"] == "会签部门负责人(E601 方蕴)"


def test_the_company_says_how_it_numbers_letters_of_authority() -> None:
    def numbered(case: Case) -> Case:
        rows = (*case.company.parameters, Parameter("auth_no_regex", r"\d{3}", AUTUMN))
        old = tuple(Parameter(p.key, r"\d{3}", None) if p.key == "auth_no_regex" else p for p in rows[:-1])
        return replace(case, company=replace(case.company, parameters=old))

    edits = [recorded("signing", "head", signer="E802", auth_no="123")]
    assert found(edits)
    assert not found([*edits, numbered])


def test_every_hand_is_a_rule_that_says_so() -> None:
    rules = {hand.rule for hand in load_procedure().hand}
    assert rules == {"G321", "G330", "G331", "G332", "G333", "W200", "W204"}


@pytest.mark.parametrize(
    ("told", "there"),
    [(("质量部", "财务", "资产.部"), True), (("财务", "质量部", "资产.部"), False), (("财务",), False), ((), False)],
)
def test_a_department_with_a_comma_in_its_name_stands_in_a_list(told: tuple[str, ...], there: bool) -> None:
    assert hands._written_in(told, "财务,资产.部") is there


def test_the_row_of_workbook_00_is_named_that_judges_every_day_alike() -> None:
    """G333: one row without dates may be that of a later post, and the remedy asks for a second one."""
    by_another = recorded("closing", "head", accept_by="E203")
    (one,) = found([by_another])
    assert (one.rule.code, cells(one)) == ("G333", {"人员!F20"})
    assert "另加一行" in one.remedy()
    moved = mastered("persons", more=[{"emp_no": "E203", "entered": date(2026, 9, 1)}])
    (one,) = found([moved, by_another])
    assert cells(one) == set()
