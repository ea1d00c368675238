"""Formats as staff find them in Excel and WPS, and whether they show the figure that the cell holds."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.shown_numbers import (
    hides_text,
    other_currency,
    shown_date,
    shown_number,
    shows_another_number,
    shows_no_day,
    shows_whole_date,
)

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
        ('0"千米"', "12"),
        ('0.0"km"', "12.5"),
        ('0"kg"', "5"),
        ("#\\ ##0.00", "1234567.5"),
        ("#'##0.00", "1234567.5"),
        ("# ?/?", "0.5"),
        ("# ??/16", "0.1875"),
        ('"(含税)"0.00', "5"),
        ("#,##0.00_);(#,##0.00)", "5"),
        ("0.00E+00", "123000"),
        ('"第"0"次"', "2"),
        ('0"瓦"', "5"),
        ('0"千伏"', "5"),
        ('0"元/千米"', "5"),
        ('0" W"', "5"),
        ('0"人天"', "5"),
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
        ('0"K"', "64"),
        ('0"千"', "64"),
        ('0"百"', "64"),
        ('#,##0"M"', "64"),
        ('0"‰"', "64"),
        ('0"%"', "64"),
        ("-0.00", "5"),
        ("(0.00)", "5"),
        ('"-"0.00', "5"),
        ("¥-0.00", "5"),
        ("0-0", "15"),
        ('0"年"0"月"', "15"),
        ('0000"-"00', "202607"),
        ("0E+00", "123456"),
        ("0.0E+00", "123456"),
        ("##0E+0", "123456"),
        ("# ?/8", "0.3"),
        ("#,##0.0,,", "1234567"),
        ('0"仟"', "64"),
        ('0.0"佰元"', "64"),
        ('0"拾"', "64"),
        ('0"K元"', "64"),
        ('0" KRMB"', "64"),
        ('#,##0"千台"', "64"),
        ('0"百个"', "64"),
        ('0" Mio."', "64"),
        ('0" thousands"', "64"),
    ],
)
def test_formats_that_show_another_one_or_none(code: str, value: str) -> None:
    assert shows_another_number(code, D(value))


def test_a_percentage_is_the_figure_of_a_field_that_counts_in_per_cent() -> None:
    assert not shows_another_number("0.00%", D("0.13"), percent=True)
    assert shows_another_number("0.00%", D("0.13"))
    assert not shows_another_number('0"%"', D(50), percent=True)
    assert shows_another_number("0%", D("0.125"), percent=True)  # shown as 13%
    assert shows_another_number("0%%", D("0.125"), percent=True)


@pytest.mark.parametrize("code", ['0.00"W"', '0" w"', '0"角"', '0"分"'])
def test_some_units_are_another_number_only_beside_an_amount(code: str) -> None:
    assert shows_another_number(code, D(3), money=True)
    assert not shows_another_number(code, D(3))


def test_a_unit_price_counts_to_four_decimals() -> None:
    assert shows_another_number("0.00", D("12.3456"), places=4)
    assert not shows_another_number("0.00", D("12.3456"))
    assert not shows_another_number("#,##0.00##", D("12.3456"), places=4)


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


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("General", "2960.5", "2960.5"),
        ('"EQ-AP-"00', "5", "EQ-AP-05"),
        ('"EQ-AP-"00;-0', "-5", "-5"),
        ('0"芯"', "12", "12芯"),
        ('General" 芯"', "12.5", "12.5 芯"),
        ("000000", "7", "000007"),
        ("000-0000-0000", "13800138000", "138-0013-8000"),
        ("#,##0.00", "1234.5", "1,234.50"),
        ("#,##0", "-1234567", "-1,234,567"),
        ("0.##", "12", "12"),
        ("0.##", "12.30", "12.3"),
        (".00", "0.5", ".50"),
        ("0%", "0.5", "50%"),
        ("0.0%", "0.125", "12.5%"),
        ('0"%"', "50", "50%"),
        ("0.0\\%", "50", "50.0%"),
        ("#,##0,", "1234567", "1,235"),
        ("0.00E+00", "60", "6.00E+01"),
        ("0.0E-00", "60", "6.0E01"),
        ("##0.0E+0", "12345", "12.3E+3"),
        ("# ?/?", "1.5", "1 1/2"),
        ("# ?/8", "0.5", "4/8"),
        ("#,##0.00_);(#,##0.00)", "-5", "(5.00)"),
        ('"$"#,##0.00', "5", "$5.00"),
        ("[$HK$-C04] 0", "5", "HK$ 5"),
        ('[=1]"是";[=0]"否"', "1", "是"),
        ("0_ ", "3", "3"),
    ],
)
def test_as_text_a_number_reads_as_it_is_shown(code: str, value: str, shown: str) -> None:
    assert shown_number(code, D(value)) == shown


@pytest.mark.parametrize(
    ("code", "shown", "whole"),
    [
        ('m"月"d"日"', "1月2日", False),
        ("d-mmm", "2-Jan", False),
        ("mmm-yy", "Jan-26", False),
        ("h:mm", "1:08", False),
        ("h:mm AM/PM", "1:08 上午", False),
        ("mm:ss", "08:00", False),
        ("yyyy/m/d", "2026/1/2", True),
        ('[$-804]yyyy"年"m"月"d"日"', "2026年1月2日", True),
        ("[$-804]aaaa", "星期五", False),
        ('yyyy"年"m"月"', "2026年1月", False),
    ],
)
def test_dates_and_times_as_their_formats_show_them(code: str, shown: str, whole: bool) -> None:
    assert shown_date(code, datetime(2026, 1, 2, 1, 8)) == shown
    assert shows_whole_date(code) is whole


@pytest.mark.parametrize(
    ("code", "hidden"),
    [
        ("h:mm", True),
        ("[h]:mm:ss", True),
        ("mm:ss", True),
        ("dddd", True),
        ("[$-804]aaaa", True),
        ("[$-130000]yyyy\\-mm\\-dd", True),  # the lunar calendar
        ("[$-1060000]yyyy/m/d", True),
        ("b2yyyy/mm/dd", True),
        ("yyyy-mm-dd", False),
        ("[$-804]yyyy年m月d日", False),
        ("[$-F800]dddd, mmmm dd, yyyy", False),
        ("[$-409]d-mmm-yy;@", False),
        ('m"月"d"日"', False),
        ("mm-dd", False),
        ("yyyy-mm-dd hh:mm", False),
        ("[$-404]e/m/d", False),
        ('yyyy"年"m"月"', False),
        ("[DBNum1][$-804]yyyy年m月d日", False),
    ],
)
def test_formats_that_show_another_day_or_none(code: str, hidden: bool) -> None:
    assert shows_no_day(code) is hidden


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "¥#,##0.00",
        "[$¥-804]#,##0.00",
        "[$￥-804]#,##0.00;[RED]-[$￥-804]#,##0.00",
        "[$CNY] #,##0.00",
        "[$CNY-804]#,##0.00",
        '"RMB" #,##0.00',
        "RMB #,##0.00",
        '#,##0.00"元"',
        '0.00"元/台"',
        '0.00"(含税)"',
        "[$-804]#,##0.00",
        "[Red]#,##0.00",
        '_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ',
    ],
)
def test_yuan(code: str) -> None:
    assert other_currency(code, D(12)) == ""
    assert not shows_another_number(code, D(12))


@pytest.mark.parametrize(
    ("code", "currency"),
    [
        ("[$$-409]#,##0.00", "$"),
        ("[$USD] #,##0.00", "USD"),
        ('"$"#,##0.00', "$"),
        ("$#,##0.00", "$"),
        ("\\$0", "$"),
        ("[$€-2] #,##0.00", "€"),
        ("#,##0.00 [$€-407]", "€"),
        ("[$£-809]#,##0", "£"),
        ("[$¥-411]#,##0", "JPY ¥"),
        ("[$￥-411]#,##0", "JPY ¥"),
        ("[$HK$-C04]#,##0", "$"),
        ("[$kr-41D] 0", "kr"),
        ("[$zł-415] 0", "zł"),
        ("[$₴-422] 0", "₴"),
        ("[$PLN] 0", "PLN"),
        ('0.00"美元"', "美元"),
        ('0.00"港元"', "港元"),
        ('0.00" USD"', "USD"),
        ('0.00"usd"', "USD"),
        ('0.00" Euro"', "EURO"),
        ('0" dollars"', "DOLLARS"),
        ('0"美刀"', "美刀"),
        ('0"泰铢"', "泰铢"),
        ('"USDT "0', "USDT"),
        ("0.00;[$€-2] -0.00", ""),  # only for what is negative
    ],
)
def test_other_currencies(code: str, currency: str) -> None:
    assert other_currency(code, D(12)) == currency


@given(st.text(alphabet='0#?.,%/E+-;@"\\!_*[]<>=1万元 Gy', max_size=14), st.decimals(-(10**9), 10**9, places=3))
def test_no_format_stops_us(code: str, value: Decimal) -> None:
    assert shows_another_number(code, value) in {True, False}
    assert hides_text(code) in {True, False}
    assert isinstance(shown_number(code, value), str)
    assert isinstance(shown_date(code, datetime(2026, 1, 2, 1, 8)), str)
    assert isinstance(other_currency(code, value), str)
