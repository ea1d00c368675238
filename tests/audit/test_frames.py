from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pipeline.audit.frames import Lines, NotFound, frame_of, letters, lines_of, rows_of
from pipeline.audit.reader import Shelf
from pipeline.definitions.forms import load_forms
from tests.audit.made import sheet_of

FORM = load_forms()["cost"].sheet_form("lines")
LABELS = ["科目编码*", "归属*", "阶段*", "数量*", "单价(含税)*", "含税金额", "使用时间*"]
KEYS = ["acc", "scope", "stage", "qty", "unit_price", "amount", "use_month"]


def row(amount: object, scope: str = "售前") -> list[Any]:
    return ["1005", scope, "S4", 1, amount, amount, "2026-06"]


def read(*rows: list[Any], title: str = "费用明细") -> Lines:
    with Shelf() as shelf:
        return lines_of(shelf.open("03.xlsx", sheet_of([["费用明细"], LABELS, KEYS, *rows], title)), FORM)


def test_columns_go_by_the_hidden_keys_and_the_total_ends_the_lines() -> None:
    lines = read(row(100), row("1,234.50"), ["合计", None, None, None, None, 1334.5])
    assert list(lines.frame["amount"]) == [Decimal(100), Decimal("1234.50")]
    assert list(lines.frame["amount@"]) == ["F4", "F5"]
    assert list(lines.frame["amount~"]) == ["", "以文本存的数字"]
    assert lines.place("F4") == "[03.xlsx]费用明细!F4"


def test_a_subtotal_and_a_remark_are_no_lines() -> None:
    lines = read(row(100), ["小计", None, None, None, None, 100], ["注:以上为暂估"], row(5))
    assert list(lines.frame["amount"]) == [Decimal(100), Decimal(5)]
    assert lines.doubts == ("第5行“小计”不计入",)


def test_keys_that_were_sorted_among_the_lines_are_found() -> None:
    with Shelf() as shelf:
        book = sheet_of([["费用明细"], LABELS, row(1), KEYS, row(2)])
        lines = lines_of(shelf.open("03.xlsx", book), FORM)
    assert list(lines.frame["amount"]) == [Decimal(1), Decimal(2)]


def test_a_sheet_without_keys_or_of_another_name_is_not_guessed_at() -> None:
    with pytest.raises(NotFound, match="没有工作表"):
        read(row(1), title="别的")
    with Shelf() as shelf, pytest.raises(NotFound, match="没有隐藏的字段键"):
        lines_of(shelf.open("03.xlsx", sheet_of([LABELS, row(1)])), FORM)


def test_words_of_ten_thousand_are_told_and_nothing_is_converted() -> None:
    with Shelf() as shelf:
        book = sheet_of([["金额单位:万元"], LABELS, KEYS, row(3)])
        lines = lines_of(shelf.open("03.xlsx", book), FORM)
    assert [Decimal(3)] == list(lines.frame["amount"])
    assert "金额一律按元读" in lines.remarks[0]


@pytest.mark.parametrize(("column", "wanted"), [(1, "A"), (26, "Z"), (27, "AA"), (703, "AAA")])
def test_letters_of_columns(column: int, wanted: str) -> None:
    assert letters(column) == wanted


def test_rows_are_those_of_the_frame_with_its_very_values() -> None:
    rows = [{"row": 7, "a": Decimal("1.10"), "a@": "B7", "a~": "", "a!": ""}, {"row": 8, "a": None}]
    frame = frame_of(rows, ["a"])
    assert rows_of(frame)[0] == rows[0]
    assert (rows_of(frame)[1]["row"], rows_of(frame)[1]["a"]) == (8, None)
    assert rows_of(frame_of([], ["a"])) == []
