"""Formats as staff find them in Excel and WPS, and whether they show the figure that the cell holds."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.number_formats import hides_text, shows_another_number, zero_padded

D = Decimal


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("General", "1234.56"),
        ("G/通用格式", "1234.56"),
        ("", "1234.56"),
        ("@", "1234.56"),
        ("#,##0.00", "999999.99"),
        ("#,##0.00##", "12.3456"),
        ("0.00_ ", "12.5"),
        ("#,##0.00_);[Red]\\(#,##0.00\\)", "-5"),
        ("#,##0.00;[红色]#,##0.00", "-5"),  # red is a sign
        ("#,##0.00;[Red]-#,##0.00", "-5"),
        ("#,##0;\\-#,##0", "-5"),
        ("¥#,##0.00", "12"),
        ("[$¥-804]#,##0.00", "12"),
        ('#,##0.00"元"', "12.5"),
        ('"¥"#,##0.00;"¥"\\-#,##0.00', "12.5"),
        ('_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', "1234.56"),
        ('_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', "-1234.56"),
        ('_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', "0"),
        ('#,##0;-#,##0;"-"', "0"),
        ("#,##0;-#,##0;", "0"),  # zeros left blank
        ("#,##0", "1234"),
        ("#,##0", "1234.00"),
        ("0.0", "12.5"),
        ("0.00E+00", "12"),
        ("# ?/?", "3"),
        ("[DBNum2][$-804]General", "12"),
        ("[>=10000]#,##0.00;0.00", "9"),
    ],
)
def test_formats_that_show_the_figure(code: str, value: str) -> None:
    assert not shows_another_number(code, D(value))


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ('"200"', "999999"),
        ("\\2\\0\\0", "999999"),
        (";;;", "640000"),
        (";;", "640000"),
        ("#,##0,", "640000"),
        ("0.00,,", "640000"),
        ("#,##0.0,", "640000"),
        ("0!.0,", "640000"),  # WPS and Excel in Chinese: shows 64.0
        ('0!.0000"万元"', "640000"),
        ('0.00"万元"', "64"),
        ('#,##0"万"', "64"),
        ('0"."00', "640000"),
        ('"1"0', "5"),
        ("0%", "640000"),
        ("0.00%", "0.5"),
        ("#,##0", "1234.56"),
        ("0", "0.4"),
        ("0.0", "12.55"),
        ("# ?/?", "3.14"),
        ("#,##0.00;#,##0.00", "-5"),
        ("#,##0.00;", "-5"),
        ('[<100]"少";0', "5"),
        ('[=1]"是";[=0]"否"', "1"),
        ('"无"', "5"),
        ('0;-0;"200"', "0"),
    ],
)
def test_formats_that_show_another_one_or_none(code: str, value: str) -> None:
    assert shows_another_number(code, D(value))


def test_a_percentage_is_the_figure_of_a_field_that_counts_in_per_cent() -> None:
    assert not shows_another_number("0.00%", D("0.13"), percent=True)
    assert shows_another_number("0.00%", D("0.13"))


@pytest.mark.parametrize(
    ("code", "hidden"),
    [
        ("General", False),
        ("@", False),
        (";;;", True),
        (";;;@", False),
        ('0;0;0;"x"', True),
        ('@"万元"', True),
        ('"NO."@', False),
        ('"200"', False),  # a number format without a part for text shows text as it is
        ("_ @_ ", False),
    ],
)
def test_texts(code: str, hidden: bool) -> None:
    assert hides_text(code) is hidden


@pytest.mark.parametrize(("code", "digits"), [("000000", 6), ("00", 2), ("0", 0), ("0.00", 0), ("000-000", 0)])
def test_padding(code: str, digits: int) -> None:
    assert zero_padded(code) == digits


@given(st.text(alphabet='0#?.,%/E+-;@"\\!_*[]<>=1万元 Gy', max_size=14), st.decimals(-(10**9), 10**9, places=3))
def test_no_format_stops_us(code: str, value: Decimal) -> None:
    assert shows_another_number(code, value) in {True, False}
    assert hides_text(code) in {True, False}
