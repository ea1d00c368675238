"""A project as it was on a day, from what its workbooks keep of how it came about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache

import pytest

from pipeline.check.case import Case
from pipeline.core.facts import Facts, View
from pipeline.core.sheets import Cell, Project
from pipeline.derive.history import (
    as_it_was,
    change_of,
    facts_then,
    known_plan,
    plan_on,
    survey_known,
    survey_on,
)
from tests.cases import DORM, TV, load_case
from tests.check.reported import retyped


@cache
def tv() -> Case:
    return load_case(code=TV)


def facts_at(case: Case, view: View) -> Facts:
    return facts_then(as_it_was(case.project, view), case.company, case.forms, case.facts, view)


@pytest.mark.parametrize(
    ("day", "plan", "survey"),
    [
        ("2026-03-05", "", ""),
        ("2026-03-06", "", "V1.0"),
        ("2026-03-24", "A/0", "V1.3"),
        ("2026-04-28", "A/0", "V1.4"),
        ("2026-07-01", "A/0", "V1.5"),
        ("2026-07-02", "A/1", "V1.5"),
        ("2027-01-01", "A/1", "V1.6"),
    ],
)
def test_versions_of_a_day(day: str, plan: str, survey: str) -> None:
    project, on = tv().project, date.fromisoformat(day)
    assert (plan_on(project, on), survey_on(project, on)) == (plan, survey)


@pytest.mark.parametrize(
    ("code", "version", "clear", "unclear", "rate"),
    [
        (TV, "V1.3", 103, 3, "97.17"),
        (TV, "V1.4", 105, 1, "99.06"),
        (TV, "V1.5", 106, 0, "100.00"),
        (TV, "V1.6", 106, 0, "100.00"),
        (DORM, "V1.1", 90, 5, "94.74"),
        (DORM, "V1.2", 93, 2, "97.89"),
        (DORM, "V1.3", 95, 0, "100.00"),
    ],
)
def test_the_survey_of_a_version_counts_what_was_clear_then(
    code: str, version: str, clear: int, unclear: int, rate: str
) -> None:
    found = facts_at(load_case(code=code), View(survey=version)).survey
    assert found
    assert (found.version, found.clear, found.unclear, found.clear_rate) == (version, clear, unclear, Decimal(rate))


def test_an_answer_is_the_one_that_the_first_later_update_found() -> None:
    def answer(version: str) -> str:
        row = as_it_was(tv().project, View(survey=version)).sheet("survey", "items").find("no", "J02")
        assert row
        return row.text("value")

    assert answer("V1.5") == "口头希望赠送1年延保"
    assert answer("V1.6").endswith("(见协议AG-02、AG-03)")


def test_a_later_update_that_does_not_say_what_it_found_leaves_older_counts_unknown() -> None:
    case = retyped(tv(), "survey", "updates", 11, old_status=None)
    assert not survey_known(case.project, View(survey="V1.4"))
    assert survey_known(case.project, View(survey="V1.5"))
    assert survey_known(tv().project, View(survey="V1.0"))


def test_a_version_that_the_table_does_not_name_is_not_known() -> None:
    assert not survey_known(tv().project, View(survey="V9.9"))
    assert survey_known(tv().project, View())


def test_revisions_without_days_leave_the_current_plan() -> None:
    undated = retyped(retyped(tv(), "plan", "revisions", 7, date=None), "plan", "revisions", 8, date=None)
    assert plan_on(undated.project, date(2026, 3, 1)) == "A/1"


def test_a_plan_knows_its_author_its_day_and_no_later_end_of_a_stage() -> None:
    def basics(version: str) -> tuple[str, str, str]:
        head = as_it_was(tv().project, View(plan=version)).head("plan", "basics")
        return head.text("plan_version"), head.text("author"), head.text("author_date")

    assert basics("A/1") == ("A/1", "E104", "2026-07-02")
    assert basics("A/0") == ("A/0", "E102", "2026-03-24")
    then = as_it_was(tv().project, View(date(2026, 5, 1), "A/0"))
    ends = [row.date("actual_end") for row in then.rows("plan", "stages")]
    assert max(end.value for end in ends if end) <= date(2026, 5, 1)
    assert any(row.date("actual_end") for row in tv().project.rows("plan", "stages"))


def done(view: View) -> list[str]:
    return [key for key, answer in facts_at(tv(), view).steps.items() if answer.gate and answer.passed]


def test_steps_count_up_to_the_day_and_what_is_asked_for_is_open() -> None:
    everything = done(View())
    assert "archive" in everything
    assert done(View(date(2026, 3, 27))) == ["survey", "plan", "countersign", "application"]
    asked = done(View(date(2026, 7, 30), asks="handover"))
    assert asked == [key for key in everything if key not in {"handover", "archive"}]
    assert done(View(planned=True)) == []


@pytest.mark.parametrize(
    ("version", "total"), [("A/0", "5016595.40"), ("A/1", "5186545.40"), ("A/9", None), ("", None)]
)
def test_the_total_of_a_version_is_that_of_its_revision(version: str, total: str | None) -> None:
    found = known_plan(tv().project, version).total
    assert (found.value if found else None) == (Decimal(total) if total else None)


def with_beside(project: Project, **values: str) -> Project:
    """An application that states figures beside the version that it attaches."""
    sheet = project.sheet("records", "application")
    cells = {key: Cell(sheet.at, Decimal(value), value) for key, value in values.items()}
    head = replace(sheet.head, cells={**sheet.head.cells, **cells})
    book = project.workbooks["records"]
    book = replace(book, sheets={**book.sheets, "application": replace(sheet, head=head)})
    return replace(project, workbooks={**project.workbooks, "records": book})


def test_figures_that_the_application_states_are_of_the_version_that_it_attaches() -> None:
    project = with_beside(tv().project, total="1", margin="19.85", amount="6400000")
    known = known_plan(project, "A/0")
    assert known.margin
    assert known.amount
    assert known.total
    assert (known.margin.value, known.amount.value) == (Decimal("19.85"), Decimal(6400000))
    assert known.total.value == Decimal("5016595.40")  # the revision is asked before what is copied beside it
    assert known_plan(project, "A/1").margin is None


def test_a_later_version_stands_on_the_change_that_was_approved_after_the_initiation() -> None:
    change = change_of(tv().project, "A/1")
    assert change
    assert change.text("no") == "CR-01"
    assert change_of(tv().project, "A/0") is None
    early = retyped(tv(), "records", "changes", 7, approve_date=date(2026, 4, 1))
    assert change_of(early.project, "A/1") is None  # before the initiation was approved: countersign again
    open_ = retyped(tv(), "records", "changes", 7, status="待审批")
    assert change_of(open_.project, "A/1") is None
