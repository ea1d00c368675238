from __future__ import annotations

import pytest

from pipeline.core.documents import Printed
from pipeline.render.word.arrived import lost_in_pdf

FOOT = "\n第3页 共9页\f澜屿网络 JL-PM-01\n"


def lost(text: str, *values: str) -> list[str]:
    return [value.text for value in lost_in_pdf([Printed("", value, value) for value in values], text)]


def test_layout_does_not_count() -> None:
    assert lost("长文\n字 换行 R&D 123", "长文字换行", "R&D", "１２３", "没有的", "") == ["没有的"]


@pytest.mark.parametrize("cut", [3, 9, 15])
def test_a_value_may_go_on_over_the_end_of_a_page(cut: int) -> None:
    value = "口头希望赠送一年延保,并希望免费适配一次"
    assert lost(f"前{value[:cut]}{FOOT}{value[cut:]}后", value) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.50", "1,234.51"),
        ("甲乙丙丁戊己庚辛", "甲乙丙丁戊己庚"[::-1]),
        ("一二三四五六" + FOOT + "十一十二", "一二三四五六七八九十"),
        ("", "甲"),
        ("后半部分的文字前半部分的文字", "前半部分的文字后半部分的文字"),
    ],
)
def test_a_value_that_is_not_there_is_lost(text: str, value: str) -> None:
    assert lost(text, value) == [value]


def test_text_from_right_to_left_counts_by_its_letters() -> None:
    assert lost("ابجد"[::-1], "ابجد") == []
    assert lost("ابج", "ابجد") == ["ابجد"]


def test_a_text_is_told_once_with_its_first_place() -> None:
    values = [Printed("a", "没", "没"), Printed("b", "没", "没")]
    assert [value.name for value in lost_in_pdf(values, "x")] == ["a"]
