from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audit.printed_texts import in_capitals, number, says
from pipeline.core.money import in_words


@settings(deadline=None)  # the first one loads the library
@given(st.decimals(-(10**11), 10**11, places=2, allow_nan=False))
def test_amounts_in_capitals_are_read_back(amount: Decimal) -> None:
    assert in_capitals(in_words(amount)) == amount


@pytest.mark.parametrize(
    ("text", "wanted"), [("1,234.50", "1234.50"), ("17.20%", "17.20"), ("见A/0版", None), ("", None)]
)
def test_printed_numbers(text: str, wanted: str | None) -> None:
    assert number(text) == (None if wanted is None else Decimal(wanted))


@pytest.mark.parametrize(
    ("text", "value", "form", "wanted"),
    [
        ("5,186,545.40", "5186545.4", "", True),
        ("5,186,545.41", "5186545.4", "", False),
        ("518.65", "5186545.4", ".wan", True),
        ("518.66", "5186545.4", ".wan", False),
        ("人民币叁拾贰万贰仟柒佰元整", "322700", ".upper", True),
        ("人民币叁拾贰万贰仟柒佰元壹角", "322700", ".upper", False),
        ("2026年7月2日", "2026-07-02", "", True),
        ("2026年7月3日", "2026-07-02", "", False),
        ("见A/0版计划包", "见A/0版计划包", "", None),
        ("卢海峰", "E302", "", None),
    ],
)
def test_whether_a_text_says_its_value(text: str, value: str, form: str, wanted: bool | None) -> None:
    assert says(text, value, form) is wanted


@pytest.mark.parametrize("text", ["三百元", "元元", "人民币", "壹佰元整零"])
def test_other_words_are_no_amount(text: str) -> None:
    assert in_capitals(text) in (None, Decimal(0))
