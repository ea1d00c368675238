"""The one tokenizer of number formats: dates, per cent signs, sections."""

from __future__ import annotations

from decimal import Decimal

import pytest
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from pipeline.core.number_formats import counts_in_percent, section_of, sections, shows_date

D = Decimal


@pytest.mark.parametrize(
    "code",
    [
        "yyyy-mm-dd",
        '[$-804]yyyy"年"m"月"',
        "[h]:mm:ss",
        "mm:ss.0",
        '上午/下午h"时"mm"分"',
        "[$-804]aaaa",
        "[$-411]ge.m.d",
        "YYYY.MM.DD",
    ],
)
def test_dates(code: str) -> None:
    assert shows_date(code)


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "0.00",
        "[Red]0.00",
        "0.00E+00",
        '0"days"',
        "0\\d",
        "_d0",
        "[$USD] 0.00",
        "RMB #,##0.00",
        "#,##0 [$dh-1]",
    ],
)
def test_no_dates(code: str) -> None:
    assert not shows_date(code)


@pytest.mark.parametrize(
    "code",
    [
        *BUILTIN_FORMATS.values(),
        'yyyy"年"m"月"d"日"',
        "[h]:mm:ss",
        "[mm]:ss",
        '"day"0.00',
        "[Red]0.00;[Blue]-0.00",
        '0"元"',
        "#,##0_d",
        r"\d0",
        "[>=10000]0!.0,万",
        "@",
        "",
        "0.00;yyyy",
    ],
)
def test_openpyxl_says_the_same_of_the_built_in_formats(code: str) -> None:
    assert shows_date(code) == is_date_format(code)


@pytest.mark.parametrize(
    ("code", "counts"),
    [
        ("0%", True),
        ("0.00%", True),
        ("0.00 %", True),
        ("#,##0.0%;[Red]-0.0%", True),
        ('0"%"', False),
        ("0\\%", False),
        ("0!%", False),
        ("0_%", False),
        ("0*%", False),
        ("[$%]0", False),
        ("0;-0%", False),  # only for what is negative
    ],
)
def test_only_a_plain_per_cent_sign_multiplies(code: str, counts: bool) -> None:
    assert counts_in_percent(code, D("0.5")) is counts


def test_sections_are_chosen_by_sign_and_by_condition() -> None:
    assert [section.literal for section in sections('0"a;b";[>5]"c"0;\\;0')] == ["a;b", "c", ";"]
    assert section_of('0"a";0"b";0"c"', D(-1)).literal == "b"
    assert section_of('[<3]0"a";[<5]0"b";0"c"', D(4)).literal == "b"
    assert section_of('0"a";;', D(0)).placeholders is False
