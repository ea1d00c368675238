from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from pipeline.check import (
    across_records,
    gates,
    mandatory_papers,
    records_handover,
    records_review,
    references,
    staffing,
)
from pipeline.check.case import Case
from pipeline.derive.days import day_of
from tests.cases import DORM, TV, load_case
from tests.check.followed import Edit, followed, recorded, typed
from tests.check.reported import found_by, table
from tests.mastered import left, mastered

CHECKS = (
    *references.CHECKS,
    staffing.construction_engineer,
    *gates.CHECKS,
    *records_review.CHECKS,
    *mandatory_papers.CHECKS,
    *records_handover.CHECKS,
    *across_records.CHECKS,
)
SUMMER, AUTUMN = date(2026, 8, 31), date(2026, 9, 1)


@cache
def clean(code: str = DORM) -> Case:
    return load_case(code=code)


@cache
def said(code: str) -> set[tuple[str, str]]:
    return table(found_by(CHECKS, clean(code)))


def found(edits: list[Edit], code: str = DORM) -> set[tuple[str, str]]:
    """What is said more than of the untouched sample."""
    return table(found_by(CHECKS, followed(clean(code), edits))) - said(code)


def renamed(code: str, name: str, **more: object) -> Edit:
    return mastered("departments", ({"dept_code": code}, {"dept_name": name, **more}))


def succeeded(emp_no: str, **then: object) -> Edit:
    """Somebody who has another department or post from autumn on: a second row."""
    again = {"emp_no": emp_no, "entered": AUTUMN, **then}
    return mastered("persons", ({"emp_no": emp_no}, {"left": SUMMER}), more=[again])


OURS, NEW = ("商务采购部",), "供应链管理部"
NEW_SET = [
    {
        "doc_type": "立项",
        "class": "一般项目",
        "step": Decimal(step),
        "role": role,
        "dept_code": dept,
        "valid_from": AUTUMN,
    }
    for step, role, dept in ((1, "部门经理", "D01"), (2, "CFO", None), (3, "COO", None))
]
SIGNS_TOO = {"dept_code": "D08", "countersign_required": "是", "creview_required": "是", "valid_from": AUTUMN}
# What changed in workbook 00 after the project was archived: nothing is said against the project.
LATER: dict[str, list[Edit]] = {
    "a head left, nobody knows when": [left("E501")],
    "an engineer left": [left("E203", left=AUTUMN)],
    "the project manager left": [left("E106", left=AUTUMN), left("E104", left=AUTUMN)],
    "a department was renamed": [renamed("D05", NEW, valid_from=AUTUMN, former_names=OURS)],
    "so was the sales department": [renamed("D01", "营销中心", valid_from=AUTUMN, former_names=("市场销售部",))],
    "one more approves": [mastered("approval_matrix", more=NEW_SET)],
    "a department signs, too": [
        mastered("departments", ({"dept_code": "D08"}, {"valid_until": SUMMER}), more=[SIGNS_TOO])
    ],
    "an engineer went elsewhere": [succeeded("E302", dept_code="D08", title="服务工程师")],
    "another COO": [left("E002", left=SUMMER), succeeded("E201", post="COO")],
}  # fmt: skip


@pytest.mark.parametrize("name", LATER)
@pytest.mark.parametrize("code", [DORM, TV])
def test_what_changes_in_00_later_says_nothing_against_a_finished_project(code: str, name: str) -> None:
    case = followed(clean(code), LATER[name])
    assert (table(found_by(CHECKS, case)), case.facts.state) == (said(code), "已归档")
    assert case.facts.countersigners == clean(code).facts.countersigners
    assert case.facts.reviewers == clean(code).facts.reviewers


# A project under way: not handed over, not archived.
UNDER_WAY = [
    recorded("handover", "head", handover_date=None, archive_date=None),
    recorded("closing", "head", accept_date=None, close_date=None),
]


@pytest.mark.parametrize(
    ("edits", "cells"),
    [
        pytest.param([*UNDER_WAY, left("E106", left=AUTUMN)], {"基本信息!C20"}, id="the project manager left"),
        pytest.param([*UNDER_WAY, left("E106")], {"基本信息!C20"}, id="nobody knows when"),
        pytest.param([left("E202", left=date(2026, 6, 30))], {"方案审批!C14"}, id="signed after leaving"),
        pytest.param([mastered("persons", ({"emp_no": "E501"}, {"entered": AUTUMN}))], {"计划会签!F9"}, id="before"),
        pytest.param([recorded("tracking", 7, by="E999")], {"用户跟踪!B7"}, id="unknown"),
        pytest.param([*UNDER_WAY, left("E203", left=AUTUMN)], set(), id="whose work is done"),
        pytest.param(
            [*UNDER_WAY, left("E102"), left("E103")], set(), id="a sales representative after the application"
        ),
    ],
)
def test_who_has_left_is_missed_only_where_work_is_still_to_be_done(edits: list[Edit], cells: set[str]) -> None:
    there = {cell for cell, rule in found(edits) if rule == "F019"}
    assert cells <= there
    assert bool(there) == bool(cells)


@pytest.mark.parametrize(
    ("edits", "fires"),
    [
        pytest.param([renamed("D05", NEW)], True, id="no former name"),
        pytest.param([renamed("D05", NEW, valid_from=date(2026, 5, 1), former_names=OURS)], True, id="renamed before"),
        pytest.param([renamed("D05", NEW, former_names=OURS)], False, id="nobody knows when"),
        pytest.param(
            [renamed("D05", NEW, valid_from=AUTUMN, former_names=OURS), recorded("countersign", 9, dept=NEW)],
            False,
            id="filed under the later name",
        ),
    ],
)
def test_a_former_name_counts_before_the_renaming(edits: list[Edit], fires: bool) -> None:
    assert any(rule == "F021" for _, rule in found(edits)) == fires
    assert not any(rule in {"W184", "W193", "G301"} for _, rule in found(edits)) or fires


def test_a_new_set_of_the_matrix_counts_from_its_day_on() -> None:
    earlier = [{**row, "valid_from": date(2026, 6, 2)} for row in NEW_SET]
    assert ("立项审批", "G303") in found([mastered("approval_matrix", more=earlier)])
    undecided = [recorded("approval", 8, decision=None, date=None), recorded("notice", "head", date=None)]
    case = followed(clean(), [mastered("approval_matrix", more=NEW_SET), *undecided])
    assert case.facts.steps["approval"].asked == ("部门经理", "CFO", "COO")


@pytest.mark.parametrize(
    ("edits", "fires"),
    [
        pytest.param([], True, id="the title says nothing"),
        pytest.param([mastered("persons", ({"emp_no": "E302"}, {"network_engineer": "是"}))], False, id="a flag does"),
    ],
)
def test_a_flag_says_who_is_a_network_engineer(edits: list[Edit], fires: bool) -> None:
    titled = mastered("persons", ({"emp_no": "E302"}, {"title": "项目工程师"}))
    assert {rule for _, rule in found([titled, *edits])} == ({"W165", "W189"} if fires else set())


def test_a_flag_says_who_is_none() -> None:
    assert {rule for _, rule in found([mastered("persons", ({"emp_no": "E302"}, {"network_engineer": "否"}))])} == {
        "W165",
        "W189",
    }


def test_a_deputy_signs_for_whom_he_stands_in() -> None:
    signed = [recorded("approval", 8, approver="E004"), recorded("handover", "head", giver="E105")]
    deputies = mastered(
        "persons", ({"emp_no": "E002"}, {"deputies": ("E004",)}), ({"emp_no": "E106"}, {"deputies": ("E105",)})
    )
    late = mastered("persons", ({"emp_no": "E002"}, {"deputies_from": AUTUMN}))
    assert {rule for _, rule in found(signed)} >= {"X228", "W189"}
    assert not {"X228", "W189"} & {rule for _, rule in found([*signed, deputies])}
    assert "X228" in {rule for _, rule in found([*signed, deputies, late])}


def test_the_day_of_a_cell_is_that_beside_it_and_never_after_the_project() -> None:
    case = clean()
    steps, scheme = case.facts.steps, case.project.head("records", "scheme")
    over = steps["handover"].day
    assert day_of(case.project, "records.scheme.checker", scheme, steps) == scheme.date("check_date")
    assert day_of(case.project, "plan.basics.pm", case.project.head("plan", "basics"), steps) == over
    (row, *_) = case.project.rows("records", "reports")
    found = day_of(case.project, "records.reports.by", row, steps)
    assert found
    assert found.at == row.at("period")
    late = followed(case, [typed("staffing", "lines", 8, end=date(2027, 1, 1))]).project.rows("staffing", "lines")[1]
    assert day_of(case.project, "staffing.lines.emp_no", late, steps) == over
    open_ = followed(case, UNDER_WAY)
    assert day_of(open_.project, "plan.basics.pm", open_.project.head("plan", "basics"), open_.facts.steps) is None
