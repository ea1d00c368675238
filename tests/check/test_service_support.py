"""Workbook 07, support, demonstrations, problems: each rule fires, is silent, and lets its neighbour pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.check import compared, hands, service_support
from pipeline.check.case import Case
from pipeline.core.findings import Finding
from tests.cases import TV, load_case, voluntary_case
from tests.check.followed import Edit, followed, typed
from tests.check.reported import cells, found_by, table, with_sheet, without
from tests.mastered import mastered, threshold

D = Decimal
CHECKS = (*service_support.CHECKS, *compared.CHECKS, *hands.CHECKS)
RULES = {"G323", "P518", "P519", "P531", "P535", "P536", "P537", "P557", "P570", "W204", "X241", "X242"}
FIRST = 7


def clean() -> Case:
    return voluntary_case()


def filled(sheet: str, where: int | str = FIRST, /, **fields: object) -> Edit:
    return typed("support", sheet, where, **fields)


def emptied(*sheets: str) -> Edit:
    def edit(case: Case) -> Case:
        for sheet in sheets:
            case = with_sheet(case, "support", sheet, replace(case.project.sheet("support", sheet), rows=()))
        return case

    return edit


def found(edits: list[Edit]) -> list[Finding]:
    return [one for one in found_by(CHECKS, followed(clean(), edits)) if one.rule.code in RULES]


CHIEF = mastered("persons", ({"emp_no": "E202"}, {"title": "技术支持主管"}))
FIRES: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "checked by another": ([filled("tech_support", checked_by="E501")], {("技术支持申请!G7", "P535")}),
    "accepted before the check": (
        [filled("tech_support", checked=date(2026, 6, 16), service_start=date(2026, 6, 17))],
        {("技术支持申请!J7", "P535")},
    ),
    "checked before it was asked": (
        [filled("tech_support", apply_date=date(2026, 6, 13))],
        {("技术支持申请!H7", "P535")},
    ),
    "served before it was accepted": (
        [
            filled("tech_support", service_start=date(2026, 6, 12)),
            filled("support_plan", reviewed=date(2026, 6, 12)),
            filled("support_plan", 8, reviewed=date(2026, 6, 12)),
        ],
        {("技术支持申请!M7", "P535")},
    ),
    "no plan": ([emptied("support_plan")], {("技术支持申请!L7", "P518")}),
    "a plan without review": ([filled("support_plan", reviewed=None)], {("售前服务计划!I7", "P518")}),
    "a plan reviewed later": ([filled("support_plan", reviewed=date(2026, 6, 17))], {("售前服务计划!I7", "P518")}),
    "a proposal without review": ([filled("support_result", reviewed=None)], {("售前服务报告!D7", "G323")}),
    "countersigned afterwards": (
        [filled("support_result", cosigned=date(2026, 6, 20))],
        {("售前服务报告!F7", "G323")},
    ),
    "a late report": ([filled("support_result", report_date=date(2026, 6, 29))], {("售前服务报告!I7", "P519")}),
    "a report later than workbook 00 allows": (
        [
            filled("support_result", report_date=date(2026, 6, 29)),
            filled("tech_support", service_end=date(2026, 6, 22)),
            threshold("report_days", "4"),
        ],
        {("售前服务报告!I7", "P519")},
    ),
    "no report": ([emptied("support_result")], {("技术支持申请!N7", "P519"), ("技术支持申请!N8", "P519")}),
    "a leader of whom nobody asked": ([filled("demos", concerns=None)], {("演示与试用!G7", "P531")}),
    "shown on another day than borrowed": ([filled("demos", date=date(2026, 7, 9))], {("演示与试用!Q7", "P531")}),
    "equipment that nobody borrowed": ([filled("demos", equipment=("EQ-PJ-01",))], {("演示与试用!Q7", "P531")}),
    "an entry that is not there": ([filled("customer_issues", knowledge="ZY-099")], {("客户问题!P7", "P536")}),
    "an entry of another kind": ([filled("customer_issues", knowledge="ZY-001")], {("客户问题!P7", "P536")}),
    "settled late": ([filled("customer_issues", closed=date(2026, 7, 9))], {("客户问题!N7", "P537")}),
    "settled before it came": ([filled("customer_issues", closed=date(2026, 7, 5))], {("客户问题!N7", "P537")}),
    "a report of another application": (
        [filled("support_result", 8, apply="ZC-2026-099")],
        {("售前服务报告!A8", "X241"), ("技术支持申请!N8", "P519")},
    ),
    "settled and still being dealt with": (
        [filled("customer_issues", status="处理中")],
        {("客户问题!M7", "P557")},
    ),
    "accepted by another than the chief": (
        [CHIEF, filled("tech_support", 8, accepted_by="E301")],
        {("技术支持申请!I8", "W204")},
    ),
    "a large compensation by the head of a department": (
        [filled("customer_issues", amount=D("1000.01"))],
        {("客户问题!J7", "P537")},
    ),
    "a compensation above what workbook 00 says": (
        [filled("customer_issues", approver="E102"), threshold("compensation_limit", "50")],
        {("客户问题!J7", "P537")},
    ),
    "who is in charge approves himself": (
        [filled("customer_issues", approver="E203")],
        {("客户问题!J7", "P537")},
    ),
    "better before it went wrong": (
        [filled("customer_issues", improved=date(2026, 7, 1))],
        {("客户问题!T7", "P537")},
    ),
    "a plan that sales did not see": ([filled("support_plan", cosigned=None)], {("售前服务计划!K7", "P570")}),
    "a number twice": ([filled("demos", no=D(1)), filled("support_plan", 8, no=D(1))], {("售前服务计划!A8", "X242")}),
}
PASSES: dict[str, list[Edit]] = {
    "as it is": [],
    "a report as late as workbook 00 allows": [
        filled("support_result", report_date=date(2026, 6, 29)),
        threshold("report_days", "11"),
    ],
    "all on one day": [filled("tech_support", accepted=date(2026, 6, 12))],
    "a report on the fifth working day": [
        filled("support_result", report_date=date(2026, 6, 29)),
        filled("tech_support", service_end=date(2026, 6, 22)),
    ],
    "a service that goes on": [
        filled("tech_support", service_end=None),
        emptied("support_result"),
        filled("tech_support", 8, service_end=None),
    ],
    "a proposal not yet sent": [filled("support_result", delivered=None, reviewed=None, cosigned=None)],
    "no leader comes": [filled("demos", leaders=None, concerns=None)],
    "no equipment": [filled("demos", equipment=None, date=date(2026, 7, 20))],
    "being dealt with": [filled("customer_issues", status="处理中", closed=None)],
    "accepted by the chief, and by the head of the department": [CHIEF, filled("tech_support", accepted_by="E202")],
    "accepted by whom 00 calls nothing": [filled("tech_support", accepted_by="E304")],
    "compensation of as much as the head may give": [filled("customer_issues", amount=D(1000))],
    "a large compensation by an officer": [filled("customer_issues", amount=D(5000), approver="E002")],
    "a large compensation that nobody approved yet": [filled("customer_issues", amount=D(5000), approver=None)],
    "nothing to improve": [
        filled("customer_issues", improvement=None, improve_by=None, improve_due=None, improved=None)
    ],
    "a plan that nobody reviewed yet, before the service": [
        filled("support_plan", reviewed=None, cosigned=None),
        filled("tech_support", plan_required="否"),
    ],
    "countersigned later than reviewed": [filled("support_plan", cosigned=date(2026, 6, 16))],
    "no entry named": [filled("customer_issues", knowledge=None)],
    "sheets that nobody used": [emptied("tech_support", "support_plan", "support_result", "demos", "customer_issues")],
}


@pytest.mark.parametrize("name", FIRES)
def test_it_is_said_at_the_cell(name: str) -> None:
    edits, expected = FIRES[name]
    assert table(found(edits)) == expected


@pytest.mark.parametrize("name", PASSES)
def test_nothing_is_said_of_what_is_right(name: str) -> None:
    assert table(found(PASSES[name])) == set()


def test_before_the_service_begins_there_is_time_for_a_plan() -> None:
    edits = [emptied("support_plan"), filled("tech_support", service_start=None, service_end=None)]
    assert [(one.rule.code, one.pending) for one in found(edits)] == [("P518", True)]


def test_without_a_library_no_entry_is_missed() -> None:
    case = followed(clean(), [filled("customer_issues", knowledge="ZY-099")])
    bare = replace(case, company=replace(case.company, others={}))
    assert found_by((service_support.knowledge_there,), bare) == []


def test_an_open_problem_is_among_what_is_due() -> None:
    case = followed(clean(), [filled("customer_issues", status="处理中", closed=None)])
    assert [(due.kind, due.text) for due in case.facts.entries.dues] == [("issue", "样板间旧86盒装不下面板型AP")]
    assert clean().facts.entries.dues == ()


def test_what_is_to_get_better_is_due_until_it_is_done() -> None:
    case = followed(clean(), [filled("customer_issues", improved=None)])
    assert [(due.kind, due.owner, due.due) for due in case.facts.entries.dues] == [
        ("improvement", "E203", date(2026, 7, 31))
    ]


def test_a_project_without_the_workbook_hears_nothing() -> None:
    assert found_by(service_support.CHECKS, without(clean(), "support")) == []
    assert found_by(service_support.CHECKS, load_case(code=TV)) == []


RELATED: dict[str, tuple[str, set[str]]] = {
    "G323": ("countersigned afterwards", {"售前服务报告!G7"}),
    "P518": ("a plan without review", {"技术支持申请!M7"}),
    "P519": ("a late report", {"技术支持申请!N7"}),
    "P531": ("shown on another day than borrowed", {"物资明细!N17"}),
    "P535": ("checked by another", {"技术支持申请!D7"}),
    "P537": ("settled late", {"客户问题!L7"}),
    "P570": ("a plan that sales did not see", {"售前服务计划!I7"}),
}


@pytest.mark.parametrize("rule", RELATED)
def test_the_other_cells_of_the_cause_are_named(rule: str) -> None:
    """G323, P518, P519, P531, P535, P537, P570."""
    name, related = RELATED[rule]
    (one,) = (each for each in found(FIRES[name][0]) if each.rule.code == rule)
    assert cells(one) == related
