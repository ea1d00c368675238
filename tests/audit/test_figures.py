from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipeline.audit.figures import figures_of, why_lost
from pipeline.core.figures import FIGURES, name_of
from tests.audit.made import edited, opened, sample
from tests.cases import DORM, TV, load_case, voluntary_case

# The dormitory with the workbooks that a project may do without.
WHOLE = {**sample(DORM), **sample("voluntary-015")}


@pytest.mark.parametrize("code", [TV, DORM])
def test_both_ways_agree_on_every_figure_and_its_cells(code: str) -> None:
    figures, lost = figures_of(opened(sample(code)))
    ours = load_case(code=code).facts.figures
    assert lost == {}
    assert {key: figure.value for key, figure in figures.items()} == {key: one.value for key, one in ours.items()}
    for key, figure in figures.items():
        assert set(figure.cells) == {str(place) for place in ours[key].from_}, key


def test_every_kind_of_figure_is_recomputed() -> None:
    found = {name_of(key) for files in (sample(TV), WHOLE) for key in figures_of(opened(files))[0]}
    assert found == set(FIGURES)


def test_both_ways_agree_on_the_quotation() -> None:
    figures, ours = figures_of(opened(WHOLE))[0], voluntary_case().facts.figures
    for key in (("quotation", name) for name in ("cost", "price", "ratio")):
        assert figures[key].value == ours[key].value
        assert set(figures[key].cells) == {str(place) for place in ours[key].from_}


def put(sheet: str, cell: str, value: object) -> Any:
    def edit(book: Any) -> None:
        book[sheet][cell] = value

    return edit


def test_a_department_with_a_dot_is_a_group_of_its_own() -> None:
    def edit(book: Any) -> None:
        book["人员需求"]["C7"], book["人员需求"]["E7"] = "X99 外聘", "网络.产品部"

    figures, _ = figures_of(opened(edited("05", edit)))
    assert figures["staffing", "dept", "网络.产品部"].cells[0].endswith("!M7")


def test_a_department_typed_over_that_of_its_person_leaves_departments_untold() -> None:
    figures, lost = figures_of(opened(edited("05", put("人员需求", "E7", "别的部"))))
    assert "别的部" in why_lost(("staffing", "dept"), lost)
    assert ("staffing", "days") in figures


def test_an_unreadable_amount_leaves_its_sums_untold_and_the_others_whole() -> None:
    figures, lost = figures_of(opened(edited("03", put("费用明细", "K7", "待定"))))
    assert figures["cost", "total"].unread
    assert not figures["cost", "total_excl"].unread
    assert lost == {}


def test_a_scope_that_is_none_leaves_untold_what_goes_by_scope() -> None:
    figures, lost = figures_of(opened(edited("03", put("费用明细", "E7", "两者"))))
    assert "两者" in why_lost(("cost", "presales"), lost)
    assert ("cost", "total") in figures


def test_a_subtotal_among_the_lines_leaves_every_sum_of_the_table_untold() -> None:
    def edit(book: Any) -> None:
        book["物资明细"]["A7"], book["物资明细"]["B7"] = None, "小计"

    _, lost = figures_of(opened(edited("04", edit)))
    assert "小计" in why_lost(("materials", "total"), lost)


def test_a_missing_workbook_takes_along_what_needs_it() -> None:
    files = {name: content for name, content in sample().items() if not name.startswith("03")}
    figures, lost = figures_of(opened(files))
    assert {("cost",), ("gross_margin",), ("deviation",)} <= set(lost)
    assert figures["staffing", "days"].value == load_case().facts.figure("staffing", "days").value


def test_changes_of_one_number_are_not_told_apart() -> None:
    _, lost = figures_of(opened(edited("06", put("变更", "A8", "CR-01"), TV)))
    assert "重复" in lost[("changes",)]


def test_cost_of_materials_goes_to_its_account() -> None:
    figures, _ = figures_of(opened(sample(TV)))
    borrowed = sum(
        (figure.value for key, figure in figures.items() if key[:2] == ("materials", "account_scope")), Decimal(0)
    )
    assert borrowed <= figures["materials", "total"].value
