from __future__ import annotations

from datetime import date

import pytest

from tests.made_projects import due, judged, kept, made, short


def test_actions_and_problems_that_are_late() -> None:
    rows = (
        due("D7", "2026-11-20"),
        due("D8", "2026-11-02", "problem"),
        due("D9", "2026-11-23"),
        due("D10", "2026-12-01"),
    )
    (found,) = judged(made(1, dues=rows))
    assert short([found]) == [("D8", "B416", ("D7",))]
    assert found.message() == "2个事项已逾期,最早2026-11-02。"


def test_what_is_due_today_is_not_late() -> None:
    assert judged(made(1, dues=(due("D9", "2026-11-23"),))) == []


def test_archives_that_come_to_their_end() -> None:
    ends = {1: "2027-05-22", 2: "2026-11-23", 3: "2027-05-23", 4: "2026-11-22"}  # 180 days from 23 November: 22 May
    found = judged(*(made(n, retention=kept(f"C{n}", "2011-11-23", end)) for n, end in ends.items()))
    assert short(found) == [("C2", "B417", ("C1",))]
    assert found[0].message() == "2份档案将在180天内到期。"


@pytest.mark.parametrize(
    ("archived", "until"), [(None, "2026-12-01"), ("2011-12-01", None), ("2026-07-31", "2041-07-31")]
)
def test_archives_without_an_end_in_sight(archived: str | None, until: str | None) -> None:
    assert judged(made(1, retention=kept("C12", archived, until))) == []


def test_today_is_a_parameter() -> None:
    row = made(1, dues=(due("D7", "2026-11-20"),))
    assert judged(row, as_of=date(2026, 11, 20)) == []
