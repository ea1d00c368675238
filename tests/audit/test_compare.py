from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from pipeline.audit.compare import compared, compared_class, in_short
from pipeline.audit.figures import Figures, figures_of
from pipeline.core.audits import Agreement, Audited
from pipeline.core.facts import Facts
from pipeline.core.figures import Key
from pipeline.core.places import Derived, Place
from tests.audit.made import edited, opened, sample
from tests.cases import DORM, TV, load_case

TOTAL = ("cost", "total")


def line(facts: Facts, found: Figures, lost: dict[Key, str] | None = None) -> Audited:
    [one] = [one for one in compared(facts, found, lost or {}) if one.what == "费用 合计"]
    return one


def ours(value: Derived[Decimal] | None) -> Facts:
    facts = load_case().facts
    figures = {key: one for key, one in facts.figures.items() if key != TOTAL}
    return replace(facts, figures=figures | ({TOTAL: value} if value else {}))


def test_equal_figures_are_equal_and_say_their_cells() -> None:
    one = line(load_case().facts, figures_of(opened(sample()))[0])
    assert (one.agreement, one.ours, one.cells) == (Agreement.EQUAL, one.theirs, "03 费用明细!K7:K29")


def test_a_fen_is_a_difference_with_both_values_and_the_cell_that_only_one_way_has() -> None:
    facts = load_case().facts
    whole = facts.figure(*TOTAL)
    short = Derived(whole.value - Decimal("0.01"), whole.from_[1:])
    one = line(ours(short), figures_of(opened(sample()))[0])
    assert one.agreement is Agreement.DIFFERENT
    assert "K7" in one.reason
    assert one.theirs in str(one)
    assert one.ours in str(one)


def test_a_figure_of_one_way_alone_is_a_difference() -> None:
    assert line(ours(None), figures_of(opened(sample()))[0]).agreement is Agreement.DIFFERENT


def test_what_either_way_could_not_read_is_no_difference() -> None:
    found, _ = figures_of(opened(sample()))
    broken = Derived(Decimal(1), (), (Place("03.xlsx", "费用明细", "K7"),))
    assert line(ours(broken), found).agreement is Agreement.UNCHECKED
    unread = {**found, TOTAL: replace(found[TOTAL], value=Decimal(0), unread=("K7 “待定”不是数字",))}
    assert line(load_case().facts, unread).agreement is Agreement.UNCHECKED
    assert line(load_case().facts, {}, {("cost",): "打不开"}).reason == "打不开"


def test_what_a_convention_read_says_which() -> None:
    def edit(book: Any) -> None:
        book["费用明细"]["K7"] = "1,800.00"

    found, _ = figures_of(opened(edited("03", edit)))
    one = line(load_case().facts, found)
    assert (one.agreement, one.reason) == (Agreement.CONVENTION, "以文本存的数字")


@pytest.mark.parametrize(("code", "said"), [(TV, "重大项目"), (DORM, "一般项目")])
def test_the_class_is_found_anew(code: str, said: str) -> None:
    books = opened(sample(code))
    found = compared_class(said, "系统", books)
    other = compared_class("另一类", "系统", books)
    assert found
    assert other
    assert (found.agreement, other.agreement, other.theirs) == (Agreement.EQUAL, Agreement.DIFFERENT, said)


def test_a_threshold_that_changed_leaves_the_class_to_its_day() -> None:
    def edit(book: Any) -> None:
        sheet = book["参数"]
        row = next(cell.row for cell in sheet["A"] if cell.value == "major_amount")
        free = sheet.max_row + 1
        sheet.cell(free, 1, "major_amount")
        sheet.cell(free, 2, "1")
        assert sheet.cell(row, 2).value == "5000000"

    found = compared_class("一般项目", "系统", opened(edited("00", edit)))
    assert found
    assert found.agreement is Agreement.UNCHECKED


def test_cells_in_short() -> None:
    cells = ["[03_费用.xlsx]明细!K7", "[03_费用.xlsx]明细!K8", "[03_费用.xlsx]明细!L9", "[x.xlsx]表"]
    assert in_short(cells) == "03 明细!K7:K8、L9;[x.xlsx]表"


def test_cells_that_were_added_in_another_order_stand_in_that_of_the_sheet() -> None:
    cells = [f"[03_费用.xlsx]明细!{cell}" for cell in ("AA1", "K9", "K7", "K8", "K7")]
    assert in_short(cells) == "03 明细!K7:K9、AA1"
