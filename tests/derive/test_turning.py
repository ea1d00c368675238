"""The next day on which rules may answer differently."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.derive.facts import derive
from tests.cases import DORM, TV, load_case


def on(case: Case, day: date) -> Case:
    """The same workbooks on another day."""
    return replace(case, facts=derive(case.project, case.company, case.forms, day))


def test_a_date_that_comes_is_a_turn_and_after_the_last_there_is_none() -> None:
    case = load_case()
    first = min(found.value for found in case.facts.dates.values())
    turn = on(case, first - timedelta(days=1)).facts.next_turn
    assert turn == first
    assert on(case, date(2080, 1, 1)).facts.next_turn is None


@pytest.mark.parametrize(("code", "start"), [(DORM, date(2026, 5, 1)), (TV, date(2026, 6, 20))])
def test_between_two_turns_no_rule_answers_differently(code: str, start: date) -> None:
    case, turn, before = load_case(code=code), start, None
    for step in range(8):
        today = on(case, start + timedelta(days=step))
        found = {(f.rule.code, f.at, f.pending) for f in judge(today)[0]}
        if today.facts.as_of < turn:
            assert found == before, today.facts.as_of
        else:
            turn = today.facts.next_turn or date.max
        before = found


def test_the_longest_gap_between_two_visits_is_a_turn() -> None:
    """W181 hits on the first working day beyond the gap, though nobody has typed that day."""
    case = load_case()
    visits = [found.value for row in case.project.rows("records", "tracking") if (found := row.date("date"))]
    days = [turn for offset in range(60) if (turn := on(case, max(visits) + timedelta(days=offset)).facts.next_turn)]
    gap = int(case.company.parameter("tracking_gap", case.facts.business_date))
    between = case.company.calendar.between
    assert any(between(max(visits) + timedelta(days=1), day) == gap + 1 for day in days)
