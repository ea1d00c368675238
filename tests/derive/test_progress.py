"""How far the plan wanted to be by a day (6.4.9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pipeline.derive.progress import due_by
from tests.cases import DORM, TV, load_case
from tests.check.reported import retyped

D = Decimal


def test_before_the_first_stage_nothing_is_due_and_after_the_last_all_is() -> None:
    case = load_case(code=TV)
    before = due_by(case.project, case.company, date(2026, 1, 1), "budget")
    after = due_by(case.project, case.company, date(2026, 12, 31), "budget")
    assert before is not None
    assert after is not None
    assert (before.done, before.share) == (D("0.00"), D(0))
    assert after.done == after.whole == case.facts.figure_or_zero("cost", "presales").value
    assert after.share == D(100)


def test_a_stage_counts_by_its_working_days() -> None:
    """S1 alone, half of whose working days have passed."""
    case = load_case(code=DORM)
    first = case.project.rows("plan", "stages")[0]
    start, end, days = first.date("start"), first.date("end"), first.money("person_days")
    assert start
    assert end
    assert days
    whole = case.company.calendar.between(start.value, end.value)
    middle = next(
        day
        for day in (date.fromordinal(n) for n in range(start.value.toordinal(), end.value.toordinal()))
        if case.company.calendar.between(start.value, day) * 2 >= whole
    )
    due = due_by(case.project, case.company, middle, "person_days")
    assert due is not None
    passed = case.company.calendar.between(start.value, middle)
    expected = days.value * passed / whole
    assert abs(due.done - expected) <= D("0.05")
    assert due.cells[:3] == (first.at("start"), first.at("end"), first.at("person_days"))


def test_a_stage_without_a_readable_date_leaves_it_unknown() -> None:
    case = load_case(code=DORM)
    row = case.project.rows("plan", "stages")[1]
    broken = retyped(case, "plan", "stages", row.number, start=None)
    assert due_by(broken.project, broken.company, date(2026, 7, 1), "budget") is None
