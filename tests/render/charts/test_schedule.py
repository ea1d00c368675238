import io
from datetime import date
from decimal import Decimal

import pytest
from matplotlib import image
from matplotlib.figure import Figure

from pipeline.core.errors import DependencyMissing
from pipeline.render.charts import base as charts_base
from pipeline.render.charts import schedule as charts
from pipeline.render.charts.schedule import Bar, Month

TODAY = date(2026, 7, 2)
HOLIDAYS = [date(2026, 5, day) for day in range(1, 6)] + [date(2026, 6, day) for day in (19, 20, 21)]
STAGES = [
    Bar("S1", "客户需求调查与立项", date(2026, 3, 2), date(2026, 4, 3), True, date(2026, 4, 3)),
    Bar("S2", "继续跟踪用户与客户需求评审", date(2026, 4, 7), date(2026, 4, 30), True, date(2026, 4, 29)),
    Bar("S5", "与客户洽谈/投标", date(2026, 6, 22), date(2026, 7, 10), True),
    Bar("G1", "到货与预集成(测算)", date(2026, 8, 10), date(2026, 9, 18), False),
]
MONTHS = [
    Month("2026-07", Decimal("72130.00"), Decimal("322700.00")),
    Month("2026-08", Decimal("4194200.00"), Decimal("4516900.00")),
    Month("2026-12", Decimal("669645.40"), Decimal("5186545.40")),
]


def pixels(png):
    return image.imread(io.BytesIO(png))


def ink(png):
    """Share of the pixels that are not white."""
    return float((pixels(png)[:, :, :3] < 0.95).any(axis=2).mean())


def test_every_figure_is_156_mm_wide_at_200_dpi():
    expected = round(156 / 25.4 * 200)
    for png in (charts.gantt(STAGES, TODAY), charts.monthly_cost(MONTHS), charts.gantt([], TODAY)):
        assert abs(pixels(png).shape[1] - expected) <= 1
        assert b"pHYs" in png[:100]  # Word takes the size of the picture from it


def test_a_chart_with_a_line_for_each_stage_is_never_higher_than_a_page():
    assert pixels(charts.gantt(STAGES * 400, TODAY)).shape[0] <= charts_base.HIGHEST_MM / 25.4 * charts_base.DPI + 1


def test_the_gantt_chart_grows_with_its_stages():
    few, many = charts.gantt(STAGES[:2], TODAY), charts.gantt(STAGES * 4, TODAY)
    assert pixels(many).shape[0] > 2 * pixels(few).shape[0]


def test_figures_are_not_blank():
    assert ink(charts.gantt(STAGES, TODAY, HOLIDAYS)) > 0.05
    assert ink(charts.monthly_cost(MONTHS)) > 0.05


@pytest.mark.parametrize("draw", [lambda: charts.gantt(STAGES, TODAY, HOLIDAYS), lambda: charts.monthly_cost(MONTHS)])
def test_same_data_same_bytes(draw):
    assert draw() == draw()


def test_no_data_says_so():
    nothing = charts.gantt([], TODAY, HOLIDAYS)
    assert nothing == charts.monthly_cost([])
    assert 0.001 < ink(nothing) < 0.1
    assert charts.gantt_alt([], TODAY) == "项目进度甘特图：无数据"
    assert charts.monthly_cost_alt([]) == "月度费用及累计图：无数据"


def test_presales_and_engineering_differ_without_colour():
    stage = STAGES[0]
    engineering = Bar(stage.code, stage.name, stage.start, stage.end, False, stage.actual_end)
    grey = [pixels(charts.gantt([bar], TODAY))[:, :, :3].mean(axis=2) for bar in (stage, engineering)]
    assert charts.PRESALES["hatch"] != charts.ENGINEERING["hatch"]
    assert (abs(grey[0] - grey[1]) > 0.2).mean() > 0.002


@pytest.mark.parametrize(
    "other",
    [
        lambda: charts.gantt(STAGES, date(2026, 5, 20)),  # another today
        lambda: charts.gantt(STAGES, date(2028, 1, 1)),  # today outside the plan: no line
        lambda: charts.gantt(STAGES, TODAY, HOLIDAYS),  # shaded
        lambda: charts.gantt([*STAGES[:1], *STAGES[2:]], TODAY),
    ],
)
def test_what_is_given_is_drawn(other):
    assert other() != charts.gantt(STAGES, TODAY)


def test_odd_plans_are_drawn_all_the_same():
    charts.gantt([Bar("S1", "一" * 200, date(2026, 3, 2), date(2026, 3, 2), True)], TODAY)
    charts.gantt([Bar("S1", "结束早于开始", date(2026, 3, 9), date(2026, 3, 2), True)], TODAY)
    charts.gantt([Bar("S1", "三年", date(2026, 3, 9), date(2029, 3, 2), True, date(2029, 5, 1))], TODAY)
    charts.monthly_cost([Month("2026-03", Decimal(0), Decimal(0))])
    charts.monthly_cost([Month(f"2026-{n:02d}", Decimal(-100), Decimal(-100 * n)) for n in range(1, 13)] * 3)


@pytest.mark.parametrize(("last", "ticks"), [(date(2026, 6, 30), 5), (date(2026, 7, 31), 9), (date(2026, 8, 31), 3)])
def test_one_or_two_months_are_marked_by_weeks(last, ticks):
    axes = Figure().add_subplot()
    charts.date_axis(axes, date(2026, 6, 1), last)
    assert len(axes.get_xticks()) == ticks


def test_words_for_those_who_cannot_see():
    assert charts.gantt_alt(STAGES, TODAY) == (
        "项目进度甘特图：共4个阶段（售前3个，工程1个），自2026-03-02至2026-09-18；至2026-07-02完成2个。"
    )
    assert charts.monthly_cost_alt(MONTHS) == (
        "月度费用及累计图：2026-07至2026-12，累计518.65万元，最高为2026-08的419.42万元。"
    )


def test_a_missing_font_stops_instead_of_printing_boxes(monkeypatch):
    monkeypatch.setattr(charts_base, "FONT", "No Such Font")
    with pytest.raises(DependencyMissing, match="fonts-noto-cjk"):
        charts.monthly_cost(MONTHS)


def test_a_rarely_used_character_of_a_name_is_drawn(recwarn):
    charts.gantt([Bar("S1", "喆琮㛃项目", date(2026, 3, 2), date(2026, 4, 3), True)], TODAY)
    assert not [str(warning.message) for warning in recwarn if "missing" in str(warning.message)]
