"""What charts show is what the facts hold, for both samples."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest

from pipeline.core.money import to_wan
from pipeline.derive.records import SETTLED, Records
from pipeline.render.charts import data as chart_data
from pipeline.render.context.shown import Source
from tests.cases import DORM, TV, load_case
from tests.render.made_up import book, source

ZERO = Decimal(0)
CHANGES = [
    {"no": "CR-02", "delta_cost": "-30000", "status": "已批准", "date": "2026-03-05", "approve_date": "2026-03-20"},
    {"no": "CR-01", "delta_cost": "20000", "status": "已批准", "date": "2026-03-01", "approve_date": "2026-03-10"},
    {"no": "CR-03", "delta_cost": "500", "status": "已驳回", "date": "2026-03-02", "approve_date": "2026-03-12"},
    {"no": "CR-04", "delta_cost": "-100000", "status": "待批准", "date": "2026-03-25"},
]


@pytest.fixture(params=[TV, DORM])
def sample(request: pytest.FixtureRequest) -> Source:
    case = load_case((), request.param)
    return Source(case.project, case.company, case.facts, case.forms)


def total(parts: Iterable[Decimal]) -> Decimal:
    return sum(parts, ZERO)


def test_costs_by_account_are_the_figures(sample: Source) -> None:
    rows, figure = chart_data.accounts(sample), sample.facts.figure
    assert len(rows) == len(sample.facts.group("cost", "account"))
    near = Decimal("0.01") * len(rows)  # every row is rounded for itself
    for number, scope in enumerate(("presales", "engineering")):
        assert abs(total(row.parts[number] for row in rows) - to_wan(figure("cost", scope).value)) <= near
    assert all(Decimal(row.text.replace(",", "")) - total(row.parts) <= Decimal("0.01") for row in rows)


def test_days_by_department_are_the_figures(sample: Source) -> None:
    rows = chart_data.departments(sample)
    assert total(part for row in rows for part in row.parts) == sample.facts.figure("staffing", "days").value
    assert [Decimal(row.text) for row in rows] == sorted((total(row.parts) for row in rows), reverse=True)


def test_months_split_into_presales_and_the_rest(sample: Source) -> None:
    months = chart_data.months(sample)
    assert total(month.amount for month in months) == months[-1].running == sample.facts.figure("cost", "total").value
    assert total(month.presales for month in months) == sample.facts.figure("cost", "presales").value


def test_the_abc_analysis_ends_at_the_whole(sample: Source) -> None:
    items = chart_data.materials(sample)
    assert (items[0].rank, items[-1].share) == ("A", Decimal(100))
    whole = to_wan(sample.facts.figure("materials", "total").value)
    assert abs(total(item.amount for item in items) - whole) <= Decimal("0.01") * len(items)


def test_categories_are_shares_of_the_whole(sample: Source) -> None:
    rows = chart_data.categories(sample)
    shares = [Decimal(row.text.split("（")[1].removesuffix("%）")) for row in rows]
    assert abs(total(shares) - 100) <= Decimal("0.1") * len(rows)
    assert len(rows) == len(sample.facts.group("materials", "category"))


def test_the_margin_falls_from_the_income_to_the_profit(sample: Source) -> None:
    steps = chart_data.margin(sample)
    down = steps[0].amount + total(step.amount for step in steps[1:-1])
    assert abs(down - steps[-1].amount) <= Decimal("0.01") * len(steps)
    assert steps[-1].amount == to_wan(sample.facts.figure("gross_profit").value)
    assert f"{sample.facts.figure('gross_margin').value}%" in steps[-1].text


def test_nobody_is_above_a_hundred_per_cent_and_everybody_planned_is_there(sample: Source) -> None:
    weeks, names, shares = chart_data.loads(sample)
    planned = {row.text("emp_no") for row in sample.project.rows("staffing", "lines")} - {"待定"}
    assert len(names) == len(planned)
    assert max(max(line) for line in shares) <= 100
    assert all(monday.weekday() == 0 for monday in weeks)


def test_rates_by_section_add_up_to_the_survey(sample: Source) -> None:
    rows, texts = chart_data.rates(sample)
    survey = sample.facts.survey
    assert survey
    assert len(rows) == len(texts) == 10
    if survey.completeness == 100:
        assert {row.parts[0] for row in rows} == {Decimal(100)}
        assert {text[0] for text in texts} == {"100.00%"}


def test_unclear_items_end_at_what_is_unclear_now(sample: Source) -> None:
    points = chart_data.unclear(sample)
    assert sample.facts.survey
    assert points[-1].count == sample.facts.survey.unclear
    assert points[0].count > points[-1].count


def test_every_problem_is_counted_once_by_its_kind(sample: Source) -> None:
    records = Records(sample.project).rows("problems")
    rows = chart_data.problems(sample)
    assert total(part for row in rows for part in row.parts) == len(records)
    settled = sum(1 for row in records if row.text("status") in SETTLED)
    assert total(part for row in rows for part in row.parts[:2]) == settled


def test_tests_are_counted_by_their_last_result(sample: Source) -> None:
    rows = chart_data.tests(sample)
    verdicts = {row.text("verdict") for row in Records(sample.project).rows("test_results")}
    if verdicts == {"通过"}:
        assert rows == ()  # one bar says nothing
        return
    assert total(row.parts[0] for row in rows) == len(sample.project.rows("plan", "tests"))
    assert rows[0].name == "通过"


def test_the_summary_compares_with_the_plan(sample: Source) -> None:
    days, cost = chart_data.closing(sample)
    figure = sample.facts.figure
    assert days.text.startswith(f"{figure('staffing', 'presales_days').value}人天|")
    over = figure("deviation", "cost").value / figure("cost", "presales").value * 100 + 100
    assert abs(cost.parts[1] - over) <= Decimal("0.05")


def test_a_report_shows_the_project_as_it_stood(sample: Source) -> None:
    row = sample.project.rows("records", "reports")[0]
    end = chart_data.period_of(row)
    assert end
    assert [bar.actual_end for bar in chart_data.bars(sample, end) if bar.actual_end and bar.actual_end > end] == []
    assert [one.name for one in chart_data.report(sample, row)] == ["人天", "费用", "进度"]


def test_equipment_and_arrivals_come_from_the_materials(sample: Source) -> None:
    lines = sample.project.rows("materials", "lines")
    assert len(chart_data.equipment(sample)) == sum(1 for row in lines if row.date("return_date"))
    assert sum(point.count for point in chart_data.arrivals(sample)) == sum(1 for r in lines if r.date("need_date"))


def test_everybody_of_the_organisation_is_in_its_chart(sample: Source) -> None:
    members = chart_data.members(sample)
    assert len(members) == len(sample.project.rows("plan", "organisation"))
    assert {member.above for member in members} - {""} <= {member.name for member in members}


def test_a_change_knows_only_what_was_approved_before_it() -> None:
    plan = book("plan", revisions=[{"version": "A/0", "date": "2026-02-01", "total": "1000000"}])
    here = source(plan, book("records", changes=CHANGES))
    rows = {row.text("no"): row for row in here.project.rows("records", "changes")}
    found = {no: [step.text for step in chart_data.baseline(here, row)] for no, row in rows.items()}
    assert found == {
        "CR-01": ["100.00", "0.00", "+2.00", "102.00"],
        "CR-03": ["100.00", "+2.00", "+0.05", "102.05"],
        "CR-02": ["100.00", "+2.00", "-3.00", "99.00"],
        "CR-04": ["100.00", "-1.00", "-10.00", "89.00"],
    }


def test_an_empty_project_has_no_charts() -> None:
    here = source()
    kinds = [chart_data.accounts, chart_data.departments, chart_data.materials, chart_data.margin, chart_data.unclear]
    kinds += [chart_data.problems, chart_data.categories, chart_data.equipment, chart_data.arrivals, chart_data.tests]
    assert [kind(here) for kind in kinds] == [()] * len(kinds)
