"""The days on which the suite is run anew."""

from __future__ import annotations

from datetime import date

import pytest

from tests.soak.dates import dates, parts


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        ("2026-11-28", ("2026-12-28", "2028-02-29", "2028-11-28")),
        ("2027-12-31", ("2028-01-28", "2028-02-29", "2029-12-28")),
        ("2028-02-29", ("2028-03-28", "2032-02-29", "2030-02-28")),
    ],
)
def test_next_month_the_next_leap_day_and_two_years_on(today: str, expected: tuple[str, ...]) -> None:
    assert tuple(map(str, dates(date.fromisoformat(today)))) == expected


def test_every_test_is_in_a_part() -> None:
    assert {"core", "service", "test_golden.py", "test_soak_dates.py"} <= set(parts())
