from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.horizon import believed_from, horizon


@pytest.mark.parametrize(
    ("today", "last"),
    [("2026-11-23", "2036-11-23"), ("2028-02-29", "2038-02-28"), ("2028-03-01", "2038-03-01")],
)
def test_ten_years_ahead(today: str, last: str) -> None:
    assert horizon(date.fromisoformat(today)) == date.fromisoformat(last)


@given(st.dates(date(2000, 1, 1), date(9000, 12, 31)))
def test_a_day_is_believed_from_the_first_today_that_reaches_it(day: date) -> None:
    first = believed_from(day)
    assert horizon(first) >= day > horizon(first - timedelta(days=1))
