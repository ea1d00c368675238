from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.money import (
    NotAnAmount,
    excel_number,
    from_words,
    half_up,
    in_words,
    plain,
    to_wan,
    typed_number,
    yuan,
)

FEN = st.integers(0, 10**12).map(lambda fen: Decimal(fen) / 100)

# domain G.2: the sixteen vectors, the words without their prefix
VECTORS = [
    ("6400000", "陆佰肆拾万元整"),
    ("1800000.5", "壹佰捌拾万元伍角"),
    ("100000.05", "壹拾万元零伍分"),
    ("10010.1", "壹万零壹拾元壹角"),
    ("1009", "壹仟零玖元整"),
    ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
    ("325.04", "叁佰贰拾伍元零肆分"),
    ("107000.53", "壹拾万柒仟元伍角叁分"),
    ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
    ("20000000", "贰仟万元整"),
    ("100010000", "壹亿零壹万元整"),
    ("10203040.05", "壹仟零贰拾万叁仟零肆拾元零伍分"),
    ("1000001", "壹佰万零壹元整"),
    ("0.05", "伍分"),
    ("0", "零元整"),
]


@pytest.mark.parametrize(("value", "words"), VECTORS)
def test_amounts_in_words(value: str, words: str) -> None:
    assert in_words(Decimal(value)) == "人民币" + words
    assert from_words("人民币" + words) == Decimal(value)


def test_a_negative_amount_reads_as_a_reduction() -> None:
    assert in_words(Decimal("-5.5")) == "减少人民币伍元伍角"


@pytest.mark.parametrize("value", ["-0.001", "0.004", "-0"])
def test_an_amount_under_half_a_fen_is_zero_without_a_sign(value: str) -> None:
    assert in_words(Decimal(value)) == "人民币零元整"
    assert yuan(Decimal(value)) == "0.00"


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("人民币壹拾万柒仟元零伍角叁分", "107000.53"),  # the regulation allows this 零
        ("人民币壹拾万零柒仟元伍角叁分", "107000.53"),
        ("陆佰肆拾万圆正", "6400000"),
        ("人民币:陆佰肆拾万圓整", "6400000"),
        (" 人民币 陆佰 肆拾万元整 ", "6400000"),
        ("人民币壹佰捌拾万元伍角整", "1800000.5"),
        ("人民币壹佰元零角伍分", "100.05"),
        ("拾万元整", "100000"),
        ("壹万億元整", "1000000000000"),
        ("十二万三千元", "123000"),
        ("两百元整", "200"),
        ("叁角", "0.3"),
    ],
)
def test_legal_variants_of_words(words: str, value: str) -> None:
    assert from_words(words) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    ["", "人民币", "整", "元整", "万元整", "亿元", "壹贰元", "肆角贰元", "6400000元整", "约壹佰元", "壹佰", "大写"],
)
def test_what_is_no_amount_in_words(text: str) -> None:
    with pytest.raises(NotAnAmount):
        from_words(text)


@given(FEN)
def test_words_read_back_to_the_same_amount(value: Decimal) -> None:
    assert from_words(in_words(value)) == value


@given(FEN)
def test_the_optional_zero_and_the_old_signs_never_change_the_amount(value: Decimal) -> None:
    words = in_words(value).replace("元", "圆").replace("整", "正")
    assert from_words(words) == value
    assert (
        from_words(in_words(value).replace("元", "元零").replace("元零整", "元整").replace("元零零", "元零")) == value
    )


def test_there_are_no_words_beyond_sixteen_digits() -> None:
    assert in_words(Decimal("9999999999999999")).startswith("人民币玖仟")
    with pytest.raises(NotAnAmount):
        in_words(Decimal("1E+16"))


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("1234.565", "1234.57"),  # half even and float both give 1234.56
        ("1234.5649999", "1234.56"),
        ("0.005", "0.01"),
        ("-0.005", "-0.01"),
        ("2.675", "2.68"),
        ("-1234.565", "-1234.57"),
        ("1E+30", "1000000000000000000000000000000.00"),
    ],
)
def test_half_up(value: str, rounded: str) -> None:
    assert str(half_up(Decimal(value))) == rounded


def test_wan_are_made_after_summing() -> None:
    lines = [Decimal("4.50"), Decimal("49.99"), Decimal("45.51")]
    assert to_wan(sum(lines, Decimal(0))) == Decimal("0.01")
    assert sum(map(to_wan, lines)) == Decimal("0.00")  # so a sum of single 万元 is another figure
    assert to_wan(Decimal("5186545.40")) == Decimal("518.65")


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        ("5186545.4000000004", "5186545.4"),
        ("0.30000000000000004", "0.3"),
        ("1234.5649999999999", "1234.565"),
        ("1.2345678901234567E-2", "0.0123456789012346"),
        ("9000000", "9000000"),
        ("1E+3", "1000"),
        ("-0", "0"),
        ("12.50", "12.5"),
        ("46086", "46086"),
    ],
)
def test_a_stored_number_is_what_excel_shows(stored: str, value: str) -> None:
    number = excel_number(stored)
    assert number == Decimal(value)
    assert plain(number) == value


@pytest.mark.parametrize("stored", ["", "abc", "NaN", "Infinity", "-Infinity", "0x10", "1E+999999999", "1E-999999999"])
def test_what_no_spreadsheet_can_store(stored: str) -> None:
    with pytest.raises(NotAnAmount):
        excel_number(stored)


@given(st.decimals("-99999999", "99999999", places=4))
def test_a_float_on_the_way_loses_nothing(value: Decimal) -> None:
    assert excel_number(repr(float(value))) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234.50", "1234.50"),
        ("\uff11\uff0c\uff12\uff13\uff14\uff0e\uff15\uff10", "1234.50"),  # full width
        ("1 234", "1234"),
        ("1\u3000234", "1234"),
        ("1'234", "1234"),
        ("\u00a51,234", "1234"),
        ("\uffe512", "12"),
        ("-5", "-5"),
        ("+5", "5"),
        (".5", "0.5"),
        ("12.", "12"),
        ("640,0000.00", "6400000"),
        ("1, 234, 567", "1234567"),
        ("- 5", "-5"),
        ("-\u00a512", "-12"),
        ("\u00a5 -12", "-12"),
        ("\u200b12\ufeff", "12"),
    ],
)
def test_numbers_typed_as_text(text: str, value: str) -> None:
    assert typed_number(text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        *("", "92万", "1e3", "12元", "--1", "1.2.3", "暂无", "1/2", "Infinity", "NaN"),
        # a comma for a point, two numbers in a cell, digits that are none
        *("1,5", "12,50", "3 4", "1,23,456", "10\u00b2", "\u2460", "1\u00a52", "1,234,56.7", "(12)"),
    ],
)
def test_text_that_is_no_number(text: str) -> None:
    with pytest.raises(NotAnAmount):
        typed_number(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [("9000000", "9000000"), ("12.50", "12.5"), ("1E+3", "1000"), ("0.00", "0"), ("1E-7", "0.0000001")],
)
def test_plain(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


def test_yuan_has_thousands_and_fen() -> None:
    assert yuan(Decimal("1234.5")) == "1,234.50"
    assert yuan(Decimal("-1234567.895")) == "-1,234,567.90"
