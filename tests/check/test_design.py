"""Workbook 07, from the survey of the site to what a design gives: each rule fires, is silent, and lets pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.check import compared, design
from pipeline.check.case import Case
from pipeline.core.findings import Finding
from tests.cases import TV, load_case, voluntary_case
from tests.check.followed import Edit, added, followed, item, recorded, removed, typed
from tests.check.reported import cells, found_by, table, with_sheet, without

D = Decimal
CHECKS = (*design.CHECKS, *compared.CHECKS)
RULES = {"P502", "P505", "P506", "P507", "P508", "P534", "X241", "X242"}
FIRST, SURVEYED, TASK, INPUT, REVIEWED, DRAWN, GIVEN = 7, 13, 7, 10, 15, 7, 10


def clean() -> Case:
    return voluntary_case()


def filled(sheet: str, where: int | str, /, **fields: object) -> Edit:
    return typed("support", sheet, where, **fields)


def emptied(sheet: str) -> Edit:
    """A sheet of workbook 07 that nobody filled."""

    def edit(case: Case) -> Case:
        old = case.project.sheet("support", sheet)
        blank = {key: replace(cell, value=None, shown="") for key, cell in old.head.cells.items()}
        return with_sheet(case, "support", sheet, replace(old, head=replace(old.head, cells=blank), rows=()))

    return edit


def found(edits: list[Edit]) -> list[Finding]:
    return [one for one in found_by(CHECKS, followed(clean(), edits)) if one.rule.code in RULES]


BEFORE = [
    typed("bids", "final_review", "head", submit_date=None),
    recorded("scheme", "head", approve_date=None),
]
FIRES: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "decided by one side": ([filled("requests", FIRST, survey_decided_tech=None)], {("服务请求!M7", "P502")}),
    "no survey, and the site unclear": ([item("C09", status="不明确")], {("服务请求!K8", "P502")}),
    "a survey that was not made": ([emptied("site_survey")], {("服务请求!K7", "P502")}),
    "other points than the survey": ([filled("site_survey", SURVEYED, aps=D(120))], {("现场勘察!E13", "P502")}),
    "a photo that is not there": ([filled("site_survey", SURVEYED, photo=("附件/a.jpg",))], {("现场勘察!L13", "P502")}),
    "a gap that nobody followed": (
        [filled("design_inputs", INPUT + 1, received=date(2026, 6, 27))],
        {("设计输入!G11", "P505")},
    ),
    "a standard missed": (
        [filled("design_review", REVIEWED, result="不通过"), filled("design_review", "head", conclusion="通过")],
        {("设计评审!C10", "P506"), ("设计评审!C5", "P506"), ("设计输出!D10", "P508")},
    ),
    "a salesman presides": ([filled("design_review", "head", host="E103")], {("设计评审!C8", "P506")}),
    "nobody of business": ([filled("design_review", "head", attendees=("E203", "E302"))], {("设计评审!C9", "P506")}),
    "a review after the approval": (
        [filled("design_review", "head", date=date(2026, 7, 3))],
        {("设计评审!C7", "P506")},
    ),
    "an answer after the scheme was handed in": (
        [filled("drawing_review", DRAWN, answered=date(2026, 12, 1))],
        {("图纸会审!H7", "P507")},
    ),
    "a problem without an answer": ([filled("drawing_review", DRAWN, answered=None)], {("图纸会审!H7", "P507")}),
    "answered before it was raised": (
        [filled("drawing_review", DRAWN, answered=date(2026, 6, 29))],
        {("图纸会审!H7", "P507")},
    ),
    "a file that is not there": ([filled("design_outputs", GIVEN, file=("附件/b.pdf",))], {("设计输出!H10", "P508")}),
    "other pages": ([filled("design_outputs", GIVEN, pages=D(60))], {("设计输出!E10", "P508")}),
    "sent before it was made": ([filled("design_outputs", GIVEN, sent=date(2026, 6, 1))], {("设计输出!J10", "P508")}),
    "done late": ([filled("design_tasks", TASK, done=date(2026, 7, 1))], {("设计任务!K7", "P534")}),
    "checks his own design": ([filled("design_tasks", TASK, checker="E203")], {("设计任务!G7", "P534")}),
    "beyond the scope and no change": (
        [filled("design_tasks", TASK, change_scope=("实际情况范围", "超出范围"))],
        {("设计任务!E7", "P534")},
    ),
    "a change that is not there": (
        [filled("design_tasks", TASK, change_scope=("超出范围",), change_no="CR-01")],
        {("设计任务!E7", "X241")},
    ),
    "planned after the task is due": (
        [filled("design_plan", TASK + 3, due=date(2026, 7, 1), done=date(2026, 7, 1))],
        {("设计计划!F10", "P534")},
    ),
    "a request that is not there": ([filled("design_tasks", TASK, request="FW-2026-0099")], {("设计任务!B7", "X241")}),
    "a plan of another task": ([filled("design_plan", TASK, task="SJ-2026-099")], {("设计计划!B7", "X241")}),
    "an item that is not in the survey": ([filled("design_inputs", INPUT, item="Z99")], {("设计输入!E10", "X241")}),
    "a number twice": ([filled("design_plan", TASK + 1, no=D(1))], {("设计计划!A8", "X242")}),
}  # fmt: skip
CHANGE = added("changes", no="CR-01")
PASSES: dict[str, list[Edit]] = {
    "beyond the scope by a change": [
        CHANGE,
        filled("design_tasks", TASK, change_scope=("超出范围",), change_no="CR-01"),
    ],
    "a change within the scope": [CHANGE, filled("design_tasks", TASK, change_no="CR-01")],
    "as it is": [],
    "points within a tenth": [filled("site_survey", SURVEYED, aps=D(40))],
    "nothing counted": [filled("site_survey", row, aps=None) for row in range(SURVEYED, SURVEYED + 6)],
    "a photo without its folder": [filled("site_survey", SURVEYED, photo=("网络系统方案_V1.1.pdf",))],
    "asked on the day": [filled("design_inputs", INPUT + 1, received=date(2026, 6, 26))],
    "an input without a day of its own": [filled("design_inputs", INPUT, complete="否", lacking="待补图")],
    "several files": [
        filled("design_outputs", GIVEN, file=("附件/网络系统方案_V1.1.pdf", "附件/补充协议_AG-02.pdf"), pages=D(64))
    ],
    "a design without a request": [filled("design_tasks", TASK, request=None)],
    "done on the day": [filled("design_tasks", TASK, done=date(2026, 6, 30))],
    "a standard missed, and said so": [
        filled("design_review", REVIEWED, result="不通过"),
        filled("design_review", "head", conclusion="不通过"),
    ],
    "inputs that were only pre-filled": [
        filled("design_inputs", "head", date=None, designer=None),
        removed("tracking"),
    ],
    "sheets that nobody used": [
        emptied(sheet)
        for sheet in ("requests", "site_survey", "design_tasks", "design_plan", "design_inputs", "design_review")
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", FIRES)
def test_it_is_said_at_the_cell(name: str) -> None:
    edits, expected = FIRES[name]
    assert table(found(edits)) == expected


@pytest.mark.parametrize("name", PASSES)
def test_nothing_is_said_of_what_is_right(name: str) -> None:
    assert table(found(PASSES[name])) == set()


def test_before_a_scheme_is_handed_in_there_is_time() -> None:
    edits = [
        *BEFORE,
        emptied("site_survey"),
        filled("design_inputs", INPUT + 1, received=date(2026, 6, 27)),
        filled("drawing_review", DRAWN, answered=None),
    ]
    assert {(one.rule.code, one.pending) for one in found(edits)} == {("P502", True), ("P505", True), ("P507", True)}


def test_a_project_without_the_workbook_hears_nothing() -> None:
    assert found_by(design.CHECKS, without(clean(), "support")) == []
    assert found_by(design.CHECKS, load_case(code=TV)) == []


RELATED: dict[str, tuple[str, set[str]]] = {
    "P502": ("other points than the survey", {"调查表!E51", *(f"现场勘察!E{row}" for row in range(14, 19))}),
    "P505": ("a gap that nobody followed", {"设计输入!F11"}),
    "P506": ("a review after the approval", {"方案审批!C17"}),
    "P507": ("a problem without an answer", {"结案评审!C5"}),
    "P508": ("sent before it was made", {"设计输出!F10"}),
    "P534": ("done late", {"设计任务!J7"}),
}


@pytest.mark.parametrize("rule", RELATED)
def test_the_other_cells_of_the_cause_are_named(rule: str) -> None:
    """P502, P505, P506, P507, P508, P534."""
    name, related = RELATED[rule]
    (one,) = (each for each in found(FIRES[name][0]) if each.rule.code == rule)
    assert cells(one) == related
