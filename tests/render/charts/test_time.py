from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from pipeline.render.charts import time as charts_time
from pipeline.render.charts.time import Point, Span
from tests.render.pictures import height_mm, ink, pixels

MONDAY = date(2026, 3, 2)
WEEKS = [MONDAY + timedelta(weeks=number) for number in range(8)]
POINTS = [Point(date(2026, 3, 6), 3, "3项"), Point(date(2026, 4, 28), 1, "1项"), Point(date(2026, 5, 13), 0, "0项")]


def load(share: int) -> bytes:
    return charts_time.heat_map(["许知行"], WEEKS, [[Decimal(share)] * len(WEEKS)])


def red(png: bytes) -> float:
    seen = pixels(png)
    return float(((seen[:, :, 0] > 0.6) & (seen[:, :, 1] < 0.3)).mean())


def test_a_fuller_week_is_darker_and_an_overfull_one_is_framed_in_red() -> None:
    light, full, over = load(20), load(100), load(120)
    assert pixels(light).mean() > pixels(full).mean()
    assert red(full) < red(over) / 2
    assert over != full


def test_three_years_of_weeks_and_forty_people_fit() -> None:
    """One person through all weeks and all people in one week: 6,000 printed fields would take their time."""
    weeks = [MONDAY + timedelta(weeks=number) for number in range(150)]
    shares = [[Decimal(50)] * 150, *[[Decimal(50), *[Decimal(0)] * 149]] * 39]
    made = charts_time.heat_map([f"第{n}人" for n in range(40)], weeks, shares)
    assert abs(pixels(made).shape[1] - 156 / 25.4 * 200) <= 1
    assert height_mm(made) < 260


def test_of_more_weeks_than_can_be_read_a_field_is_the_fullest_of_a_month() -> None:
    weeks = [MONDAY + timedelta(weeks=number) for number in range(60)]
    shares = [[Decimal(number) for number in range(60)], [Decimal(0)] * 60]
    months, lines = charts_time._by_month(weeks, shares)
    assert (months[0], months[-1], len(months)) == (date(2026, 3, 1), date(2027, 4, 1), 14)
    assert lines[0][:2] == (Decimal(4), Decimal(8))  # 30 March is the fifth Monday of March
    assert set(lines[1]) == {Decimal(0)}


def test_an_overfull_week_is_darker_than_a_full_one_in_grey_print() -> None:
    grey = [pixels(load(share))[:, :, :3].mean(axis=2) for share in (100, 120)]
    assert (grey[0] < 0.3).mean() < (grey[1] < 0.3).mean() / 2


def test_many_arrivals_are_marked_with_their_number_only() -> None:
    points = [Point(date(2026, 3, 1) + timedelta(days=3 * n), n % 4 + 1, f"{n}项") for n in range(40)]
    assert charts_time.moments(points) != charts_time.moments(points[:14])


def test_the_other_charts_are_drawn() -> None:
    rows = [Span("25GE接入交换机样机", date(2026, 6, 1), date(2026, 6, 18), "6-1至6-18 EQ-SW-03")]
    for made in (charts_time.burn_down(POINTS), charts_time.spans(rows), charts_time.moments(POINTS)):
        assert ink(made) > 0.01
    assert charts_time.burn_down(POINTS[:1]) != charts_time.burn_down(POINTS)


def test_without_data_they_say_so() -> None:
    nothing = charts_time.burn_down([])
    assert nothing == charts_time.spans([]) == charts_time.moments([]) == charts_time.heat_map([], [], [])
