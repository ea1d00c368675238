"""Whose turn it is, as the samples go through the procedure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.core.facts import Facts
from pipeline.core.sheets import Record, Sheet
from pipeline.definitions.procedure import load_procedure
from pipeline.derive.facts import derive
from tests.cases import AS_OF, DORM, TV, load_case

ORDER = (
    *("countersign", "application", "approval", "notice", "tracking", "req_review", "scheme", "test_results"),
    *("bidding", "creview", "problems", "signing", "closing", "handover"),
)


def empty(sheet: Sheet) -> Sheet:
    return replace(sheet, rows=(), head=Record(sheet.at))


def until(last: str, code: str = DORM) -> Facts:
    """Facts of a sample whose workbook 06 ends with a sheet; empty: without any record."""
    case = load_case(code=code)
    kept = ORDER[: ORDER.index(last) + 1] if last else ()
    book = case.project.workbooks["records"]
    sheets = {key: sheet if key in kept else empty(sheet) for key, sheet in book.sheets.items()}
    workbooks = {**case.project.workbooks, "records": replace(book, sheets=sheets)}
    return derive(replace(case.project, workbooks=workbooks), case.company, case.forms, AS_OF)


def waits(facts: Facts) -> list[str]:
    return [f"{one.what}|{one.role}|{one.person}" for one in facts.entries.awaited]


@pytest.mark.parametrize(
    ("last", "gate", "expected"),
    [
        (
            "",
            "countersign",
            [
                f"《项目计划报告》审批单|{dept}|{person}"
                for dept, person in (
                    ("网络产品部", "骆明远"),
                    ("网络工程部", "程立群"),
                    ("商务采购部", "柳静宜"),
                    ("财务部", "方蕴"),
                    ("质量管理部", "祝启明"),
                )
            ],
        ),
        ("countersign", "application", ["《立项申请书》|销售代表|田一诺"]),
        ("application", "approval", ["立项审批表|市场销售部部门经理|沈嘉禾", "立项审批表|COO|梁书珩"]),
        ("approval", "notice", ["项目立项批准通知书|质量文档管理员|苏晴"]),
        ("tracking", "req_review", ["网络方案顾客需求评审表|项目经理|秦川"]),
        ("req_review", "scheme", ["系统方案审批单|项目经理|秦川"]),
        ("signing", "closing", ["项目验收申请、结束申请|项目经理|秦川"]),
    ],
)
def test_who_is_waited_for(last: str, gate: str, expected: list[str]) -> None:
    facts = until(last)
    assert facts.next_gate == load_procedure().steps[gate].label
    assert waits(facts) == expected


def test_a_major_project_goes_up_the_whole_chain() -> None:
    assert [one.role for one in until("application", TV).entries.awaited] == [
        "市场销售部部门经理",
        "CTO",
        "CFO",
        "COO",
        "CEO",
    ]


def test_a_finished_project_waits_for_nobody() -> None:
    assert load_case().facts.entries.awaited == ()


def test_whoever_is_named_is_somebody_of_the_company() -> None:
    people = load_case().company.persons
    for last in ("", *ORDER):
        for one in until(last).entries.awaited:
            assert bool(one.person) == bool(one.emp_no)
            assert not one.emp_no or people[one.emp_no].name == one.person
