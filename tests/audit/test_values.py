from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from pipeline.audit.reader import Stored
from pipeline.audit.values import Read, half_up, keyed, read
from tests.audit.made import field, number, text

D = Decimal


def day(iso: str) -> Stored:
    return Stored(1, 1, "d", iso)


@pytest.mark.parametrize(
    ("cell", "kind", "wanted"),
    [
        (None, "money", Read()),
        (text("  \u3000"), "money", Read()),
        (number("1234.5"), "money", Read(D("1234.5"))),
        (number("5186545.4000000004"), "money", Read(D("5186545.4"))),
        (text("1,234.50"), "money", Read(D("1234.50"), "以文本存的数字")),
        (text("¥１２３"), "money", Read(D(123), "以文本存的数字")),
        (text("1,5"), "money", Read(unread="“1,5”不是数字")),
        (text("300 元"), "money", Read(unread="“300 元”不是数字")),
        (number("7", struck=2), "money", Read(D(7), "删除线仍计入")),
        (text("46", struck=1), "num", Read(unread="数字的一部分带删除线")),
        (number("0.13", "0%"), "percent", Read(D(13), "百分比格式按显示读取")),
        (number("50", '0"%"'), "percent", Read(D(50))),
        (number("50", r"0\%"), "percent", Read(D(50))),
        (text("13%"), "percent", Read(D(13), "以文本存的数字")),
        (day("2026-05-01T00:00:00"), "money", Read(unread="数字显示成日期")),
        (Stored(1, 1, "e", "#N/A"), "money", Read(unread="单元格里是#N/A")),
    ],
)
def test_a_number_is_what_is_shown_or_is_not_read(cell: Stored | None, kind: str, wanted: Read) -> None:
    found = read(cell, field(kind))
    assert (found.how, found.unread) == (wanted.how, wanted.unread)
    assert found.value == wanted.value


def test_a_tax_rate_is_taken_as_it_is_stored() -> None:
    assert read(number("0.13", "0%"), field("percent", allowed="master.tax_rates.rate")) == Read(D("0.13"))


@pytest.mark.parametrize(
    ("cell", "kind", "value", "how"),
    [
        (day("2026-05-01T09:30:00"), "date", date(2026, 5, 1), ""),
        (day("2026-05-01T23:59:30"), "date", date(2026, 5, 2), "差不到一分钟到零点,按后一天"),
        (number("46143"), "date", date(2026, 5, 1), "没有日期格式的数按日期读"),
        (text("2026年5月1日"), "date", date(2026, 5, 1), "以文本存的日期"),
        (text("2026-05"), "month", "2026-05", ""),
        (text("2026—5"), "month", "2026-05", "以文本存的日期"),
        (day("2026-05-01T00:00:00"), "month", "2026-05", "月份存成日期"),
        (text("2026-06-31"), "date", None, ""),
        (number("12"), "date", None, ""),
    ],
)
def test_a_day_is_read_in_all_its_spellings(cell: Stored, kind: str, value: object, how: str) -> None:
    found = read(cell, field(kind))
    assert (found.value, found.how) == (value, how)
    assert bool(found.unread) == (value is None)


@pytest.mark.parametrize(
    ("said", "kind", "more", "value"),
    [
        ("⼯程", "enum", {"allowed": ("售前", "工程")}, "工程"),
        ("售 前", "enum", {"allowed": ("售前", "工程")}, "售前"),
        ("其他", "enum", {"allowed": ("售前", "工程")}, "其他"),
        ("LY–SQ–2026–015", "code", {}, "LY-SQ-2026-015"),
        ("s1", "code", {"pattern": "S[1-7]"}, "S1"),
        ("网络产品部.二室", "text", {}, "网络产品部.二室"),
        ("'77", "text", {}, "77"),
    ],
)
def test_a_text_is_read_in_its_usual_characters(said: str, kind: str, more: dict[str, object], value: str) -> None:
    assert read(text(said), field(kind, **more)).value == value


def test_a_formatted_number_in_a_text_field_is_left_alone() -> None:
    assert read(number("5", '"EQ-AP-"00'), field("text")).unread
    assert read(number("1005"), field("code")) == Read("1005", "文本栏里的数")


@pytest.mark.parametrize(("value", "wanted"), [("1234.565", "1234.57"), ("-0.005", "-0.01"), ("2.674", "2.67")])
def test_half_is_rounded_away_from_zero(value: str, wanted: str) -> None:
    assert str(half_up(D(value))) == wanted


def test_codes_are_compared_without_what_nobody_sees() -> None:
    assert keyed("A\u200b–１ 2") == "A-12"
