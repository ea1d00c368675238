from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from matplotlib.figure import Figure

from pipeline.render.charts import bars as charts_bars
from pipeline.render.charts.bars import BarRow, Ranked, WaterfallStep
from tests.render.pictures import grey, height_mm, ink, pixels

D = Decimal
ROWS = [BarRow("设备购置费", (D(0), D("360.14")), "360.14"), BarRow("人工费", (D("19.29"), D("17.26")), "36.55")]
STEPS = [
    WaterfallStep("收入", D(100), "100.00", level=True),
    WaterfallStep("费用", D(-80), "-80.00"),
    WaterfallStep("毛利", D(20), "20.00", level=True),
]
ITEMS = [Ranked("交换机", D(80), D(80), "A"), Ranked("网线", D(15), D(95), "B"), Ranked("辅料", D(5), D(100), "C")]
SIDES = [BarRow("人天", (D(100), D("98.8")), ""), BarRow("费用", (D(100), D("120.5")), "")]
TEXTS = [("172.5人天", "170.5人天"), ("10.00万元", "12.05万元")]
DRAWINGS: dict[str, Callable[[], bytes]] = {
    "F4": partial(charts_bars.stacked, ROWS, ("售前", "工程"), "万元"),
    "F8": partial(charts_bars.pareto, ITEMS, "万元"),
    "F12": partial(charts_bars.waterfall, STEPS, "万元"),
    "F13": partial(charts_bars.side_by_side, SIDES, ("计划", "实际"), TEXTS, "%"),
}


@pytest.mark.parametrize("key", DRAWINGS)
def test_a_chart_is_drawn_as_wide_as_the_text(key: str) -> None:
    made = DRAWINGS[key]()
    assert abs(pixels(made).shape[1] - 156 / 25.4 * 200) <= 1
    assert 0.03 < ink(made) < 0.6
    assert made == DRAWINGS[key]()


def test_parts_differ_without_colour() -> None:
    one = [BarRow("费用", (D(100),), "100")]
    looks = charts_bars.LOOKS
    seen = []
    for look in looks:
        charts_bars.LOOKS = (look,)
        try:
            seen.append(grey(charts_bars.stacked(one, (), "万元")))
        finally:
            charts_bars.LOOKS = looks
    assert all(abs(a - b).mean() > 0.004 for place, a in enumerate(seen) for b in seen[:place])


@pytest.mark.parametrize(
    ("high", "last"), [(0.0, 100), (98.8, 100), (100.0, 100), (120.5, 140), (333.0, 360), (5000.0, 5580)]
)
def test_an_axis_of_per_cent_ends_at_a_hundred_or_with_the_last_bar(high: float, last: int) -> None:
    axes = Figure().add_subplot()
    charts_bars._along(axes, [high], "占计划的%")
    ticks = [float(tick) for tick in axes.get_xticks()]
    assert (ticks[0], ticks[-1]) == (0, last)
    assert 3 < len(ticks) < 20
    assert axes.spines["bottom"].get_bounds() == (0, last)


@pytest.mark.parametrize("count", [1, 40])
def test_one_row_and_forty_departments(count: int) -> None:
    rows = [BarRow(f"第{number}部门名称很长很长很长很长", (D(number),), str(number)) for number in range(count)]
    assert height_mm(charts_bars.stacked(rows, (), "人天")) > 5 * count


def test_negative_and_zero_amounts_are_drawn() -> None:
    falling = [
        WaterfallStep("首版", D(100), "", level=True),
        WaterfallStep("减少", D(-130), "-130"),
        WaterfallStep("后", D(-30), "", level=True),
    ]
    assert ink(charts_bars.waterfall(falling, "万元")) > 0.03
    assert ink(charts_bars.stacked([BarRow("零", (D(0),), "0.00")], (), "万元")) > 0.005


def test_without_data_it_says_so() -> None:
    nothing = charts_bars.stacked([], (), "")
    assert nothing == charts_bars.pareto([], "") == charts_bars.waterfall([], "")
    assert nothing == charts_bars.side_by_side([], (), [], "")
