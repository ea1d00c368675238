"""Who manages the project on a day: the notice names the first, approved changes those who follow."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.check.case import Case
from pipeline.derive.managers import joined, manager_on, managers, relieved
from tests.cases import load_case
from tests.check.followed import Edit, added, followed, recorded, typed

TAKEN_OVER = date(2026, 7, 9)
CHANGE = {
    "no": "CR-01", "date": date(2026, 7, 8), "kind": "人员", "after": "乙", "approver": "E002",
    "approve_date": date(2026, 7, 8), "effective_date": TAKEN_OVER, "status": "已批准", "new_pm": "E105",
}  # fmt: skip


def change(**fields: object) -> Edit:
    return added("changes", **{**CHANGE, **fields})


def of(case: Case) -> list[str]:
    return [one.no for one in managers(case.project, case.company)]


@pytest.mark.parametrize(
    ("day", "who"), [(date(2026, 7, 8), "E106"), (TAKEN_OVER, "E105"), (date(2026, 8, 1), "E105"), (None, "E105")]
)
def test_a_successor_manages_from_the_day_on_which_the_change_holds(day: date | None, who: str) -> None:
    case = followed(load_case(), [change()])
    found = manager_on(managers(case.project, case.company), day)
    assert found
    assert found.no == who


@pytest.mark.parametrize(
    "fields",
    [{"status": "已驳回"}, {"kind": "商务"}, {"effective_date": None, "approve_date": None}, {"new_pm": None}],
    ids=["refused", "of another kind", "without a day", "naming nobody"],
)
def test_what_is_no_change_of_the_manager(fields: dict[str, object]) -> None:
    assert of(followed(load_case(), [change(**fields)])) == ["E106"]


@pytest.mark.parametrize(
    ("after", "who"),
    [("项目经理贺雨薇", ["E106", "E105"]), ("贺雨薇参加", ["E106"]), ("项目经理秦川、贺雨薇", ["E106"])],
    ids=["one person", "not as manager", "two people"],
)
def test_a_workbook_of_the_older_form_names_the_successor_in_words(after: str, who: list[str]) -> None:
    assert of(followed(load_case(), [change(new_pm=None, after=after)])) == who


def test_the_approval_day_counts_where_no_other_is_given() -> None:
    case = followed(load_case(), [change(effective_date=None)])
    assert [one.since for one in managers(case.project, case.company)] == [None, CHANGE["approve_date"]]


def test_before_the_notice_the_plan_names_the_manager_and_without_both_there_is_none() -> None:
    unnoticed = recorded("notice", "head", pm=None)
    assert of(followed(load_case(), [unnoticed])) == ["E106"]
    nobody = followed(load_case(), [unnoticed, typed("plan", "basics", "head", pm=None)])
    assert of(nobody) == []
    assert manager_on((), TAKEN_OVER) is None


@pytest.mark.parametrize(
    ("fields", "who"),
    [
        ({}, {"E106"}),
        ({"new_pm": None, "before": "施工部门网络工程师卢海峰", "after": "E303 邓子安"}, {"E302"}),
        ({"new_pm": None, "before": "两名售前工程师"}, set()),
        ({"status": "已驳回"}, set()),
        ({"kind": "范围", "before": "卢海峰"}, set()),
    ],
    ids=["the manager until then", "an engineer by name", "nobody by name", "refused", "of another kind"],
)
def test_whose_work_went_to_another(fields: dict[str, object], who: set[str]) -> None:
    case = followed(load_case(), [change(**fields)])
    assert set(relieved(case.project, case.company)) == who


def test_who_joined_by_an_approved_change() -> None:
    case = followed(load_case(), [change(new_pm=None, after="E303 邓子安")])
    assert joined(case.project, case.company) == {"E303"}
    assert joined(load_case().project, case.company) == frozenset()
