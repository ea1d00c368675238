"""Workbook 09: the standard scheme that a survey names is in the library, current and reviewed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from pipeline.check import library
from pipeline.check.case import Case
from tests.cases import TV, load_case, voluntary_case
from tests.check.followed import Edit, followed, item, recorded, typed
from tests.check.reported import cells, found_by, table


def clean() -> Case:
    return voluntary_case()


def stored(**fields: object) -> Edit:
    """The first entry of the library with other values."""

    def edit(case: Case) -> Case:
        book = case.company.others["library"]
        first, *rest = book.sheets["library"].rows
        cells = {key: replace(first.cell(key), value=value, shown=str(value)) for key, value in fields.items()}
        sheet = replace(book.sheets["library"], rows=(replace(first, cells={**first.cells, **cells}), *rest))
        books = {"library": replace(book, sheets={**book.sheets, "library": sheet})}
        return replace(case, company=replace(case.company, others=books))

    return edit


FIRES: dict[str, tuple[list[Edit], str]] = {
    "a scheme that is not there": ([item("B14", value="教学楼标准方案 V1.0")], "P524"),
    "a code that is not there": ([item("B14", value="ZY-999")], "P524"),
    "an older version": ([item("B14", value="宿舍无线覆盖标准方案 V2.0")], "P524"),
    "no longer in use": ([stored(status="停用")], "P524"),
    "due for review": ([stored(review_due=date(2026, 8, 3))], "P525"),
}
PASSES: dict[str, list[Edit]] = {
    "as it is": [],
    "by its code": [item("B14", value="ZY-001")],
    "without a version": [item("B14", value="宿舍无线覆盖标准方案")],
    "with other spaces": [item("B14", value="宿舍无线覆盖 标准方案V2.1")],
    "none": [item("B14", value="无")],
    "not clear yet": [item("B14", value="不明确", status="不明确")],
    "due on the day on which the project was closed": [stored(review_due=date(2026, 8, 4))],
    "due after the project was closed": [stored(review_due=date(2026, 8, 5))],
    "another entry due for review": [stored(kind="模板", review_due=date(2026, 11, 1)), item("B14", value="ZY-002")],
}


@pytest.mark.parametrize("name", FIRES)
def test_it_is_said_at_the_survey(name: str) -> None:
    edits, rule = FIRES[name]
    found = table(found_by(library.CHECKS, followed(clean(), edits)))
    assert {code for _, code in found} == {rule}
    assert {cell.split("!")[0] for cell, _ in found} == {"调查表"}


@pytest.mark.parametrize("name", PASSES)
def test_nothing_is_said_of_what_is_right(name: str) -> None:
    assert found_by(library.CHECKS, followed(clean(), PASSES[name])) == []


def test_a_library_that_cannot_be_read_is_told_to_who_names_something_in_it() -> None:
    """P533."""

    def damaged(case: Case) -> Case:
        return replace(case, company=replace(case.company, others={}, unread={"09_资源库.xlsx": ("坏了", "broken")}))

    (one,) = found_by(library.CHECKS, followed(clean(), [damaged]))
    assert (one.rule.code, one.at.workbook, cells(one)) == ("P533", "09_资源库.xlsx", {"调查表!E34"})
    assert found_by(library.CHECKS, followed(clean(), [damaged, item("B14", value="无")])) == []


def test_whom_we_met_is_among_the_competitors() -> None:
    """P555."""

    def named(case: Case) -> Case:
        return followed(case, [typed("bids", "bid_opening", 14, bidder="新来的网络公司")])

    (one,) = found_by(library.CHECKS, named(clean()))
    assert (one.rule.code, cells(one), one.at.cell) == ("P555", set(), "A14")
    two = followed(named(clean()), [typed("bids", "bid_opening", 15, bidder="另一家")])
    assert [cells(one) for one in found_by(library.CHECKS, two)] == [{"开标记录!A15"}]
    none = replace(clean(), company=replace(clean().company, others={}))
    assert found_by(library.CHECKS, named(none)) == []


def test_without_a_library_nothing_is_said() -> None:
    case = followed(clean(), [item("B14", value="教学楼标准方案")])
    assert found_by(library.CHECKS, replace(case, company=replace(case.company, others={}))) == []
    assert found_by(library.CHECKS, load_case(code=TV)) == []


def test_the_cell_of_the_library_is_named() -> None:
    """P524, P525."""
    found = found_by(library.CHECKS, followed(clean(), [stored(status="停用", review_due=date(2026, 8, 1))]))
    assert [(one.rule.code, cells(one)) for one in found] == [("P524", {"资源目录!D7"}), ("P525", {"资源目录!H7"})]


# -- suppliers ---------------------------------------------------------------------------------------------------------

GOOD, WIRES = "北京澄波网络设备有限公司(虚构)", "江城恒缆线缆有限公司(虚构)"


def bought(supplier: str, *rows: int) -> list[Edit]:
    return [typed("materials", "lines", row, supplier=supplier) for row in rows]


def listed(**fields: object) -> Edit:
    """The first supplier of workbook 09 with other values."""

    def edit(case: Case) -> Case:
        book = case.company.others["library"]
        first, *rest = book.sheets["suppliers"].rows
        cells = {key: replace(first.cell(key), value=value, shown=str(value)) for key, value in fields.items()}
        sheet = replace(book.sheets["suppliers"], rows=(replace(first, cells={**first.cells, **cells}), *rest))
        books = {"library": replace(book, sheets={**book.sheets, "suppliers": sheet})}
        return replace(case, company=replace(case.company, others=books))

    return edit


SUPPLIED: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "not listed": (bought("别家公司", 7, 8), {("物资明细!R7", "P573")}),
    "two that are not listed": ([*bought("别家公司", 7), *bought("另一家", 8)], {("物资明细!R7", "P573")}),
    "qualified no longer": (
        [*bought(GOOD, 7, 8), listed(valid_until=date(2026, 8, 3))],
        {("物资明细!R7", "P572")},
    ),
    "not to be used": ([*bought(GOOD, 8), listed(evaluation="停用")], {("物资明细!R8", "P572")}),
    "listed": (bought(GOOD, 7, 8), set()),
    "listed, written with other brackets": (bought(WIRES.replace("(", "（").replace(")", "）"), 7), set()),
    "qualified to the end of the project": ([*bought(GOOD, 7), listed(valid_until=date(2026, 8, 4))], set()),
    "whose name holds 待": (bought("上海期待网络有限公司", 7), {("物资明细!R7", "P573")}),
    "of nobody": (bought("无", 7), set()),
    "from the customer": ([typed("materials", "lines", 7, supplier="后勤处", mode="客户提供")], set()),
    "from our store": ([typed("materials", "lines", 7, supplier="公司库房", mode="库存")], set()),
    "on trial": ([*bought(GOOD, 7), listed(evaluation="试用")], set()),
    "not chosen yet": (bought("待定标", 7, 8), set()),
    "another one qualified no longer": ([*bought(WIRES, 7), listed(valid_until=date(2026, 1, 1))], set()),
}


@pytest.mark.parametrize("name", SUPPLIED)
def test_of_whom_we_buy_is_fit(name: str) -> None:
    edits, expected = SUPPLIED[name]
    assert table(found_by(library.CHECKS, followed(clean(), edits))) == expected


def test_the_other_rows_of_a_supplier_are_named() -> None:
    """P572, P573."""
    for name in ("not listed", "qualified no longer"):
        (one,) = found_by(library.CHECKS, followed(clean(), SUPPLIED[name][0]))
        assert one.rule.code in {"P572", "P573"}
        assert cells(one) == {"物资明细!R8"}


def test_a_project_that_goes_on_is_held_against_today() -> None:
    """P525, P572."""
    goes_on = recorded("closing", "head", close_date=None, close_type=None)
    over = recorded("handover", "head", handover_date=None, archive_date=None)
    due = [goes_on, over, *bought(GOOD, 7), listed(valid_until=date(2026, 11, 22))]
    found = found_by(library.CHECKS, followed(clean(), [*due, item("B14", value="无")]))
    assert [one.rule.code for one in found] == ["P572"]
    last = [goes_on, over, *bought(GOOD, 7), listed(valid_until=date(2026, 11, 23))]
    assert found_by(library.CHECKS, followed(clean(), last)) == []


def test_without_suppliers_nobody_is_missed() -> None:
    case = followed(clean(), bought("别家公司", 7))
    assert (
        found_by(
            (library.suppliers_known, library.suppliers_fit), replace(case, company=replace(case.company, others={}))
        )
        == []
    )


# -- what a project leaves ---------------------------------------------------------------------------------------------


def test_what_goes_to_the_library_is_in_it() -> None:
    wrong = recorded("closing", "head", library_codes=("ZY-005", "ZY-077"))
    assert {one.rule.code: one.values["what"] for one in found_by(library.CHECKS, followed(clean(), [wrong]))} == {
        "P574": "ZY-077"
    }
    nothing = recorded("closing", "head", to_library="否", library_codes=None)
    assert found_by(library.CHECKS, followed(clean(), [nothing])) == []
    assert found_by((library.kept_for_later,), followed(load_case(), [wrong])) == []  # no library is there
