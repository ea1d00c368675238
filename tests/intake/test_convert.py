from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from pipeline.adapters.ooxml.reader import RawBook, RawCell
from pipeline.adapters.ooxml.styles import CellStyle
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Flaw
from pipeline.definitions.forms import Field
from pipeline.intake.convert import Reader, clean

D = Decimal
AT = Place("03.xlsx", "费用明细", "K12")
FORMATS = ("General", "yyyy-mm-dd", "0.00%", "yyyy-mm-dd hh:mm", '"200"')
PEOPLE = {"卢海峰": "E302", "许知行": "E102", "YG0012": "yg0012"}
READER = Reader(RawBook((), styles=tuple(map(CellStyle, FORMATS))), PEOPLE)
TEXT, NOT_NUMBER, NOT_DATE = Flaw.TEXT_NUMBER, Flaw.NOT_A_NUMBER, Flaw.NOT_A_DATE


def read(kind: str, raw: Any, *, style: int = 0, stored: str | None = None, **field: Any) -> Cell:
    """A cell of a field: a text as `s`, a number as `n`."""
    stored = stored or ("s" if isinstance(raw, str) else "n")
    cell = RawCell(12, 11, stored, str(raw), False, style)
    return READER.read(cell, Field("x", "某列", kind, **field), AT)


@pytest.mark.parametrize(
    ("kind", "raw", "value", "flaw"),
    [
        ("money", 1800, D(1800), None),
        ("money", 5186545.4, D("5186545.4"), None),
        ("money", "1800", D(1800), TEXT),
        ("money", "1,800.50", D("1800.50"), TEXT),
        ("money", "\uff11\uff18\uff10\uff10\uff0e\uff15", D("1800.5"), TEXT),  # full width
        ("money", "\u30001800 ", D(1800), TEXT),
        ("money", "\u00a51,800", D(1800), TEXT),
        ("money", "92万", None, NOT_NUMBER),
        ("money", "1800元", None, NOT_NUMBER),
        ("money", "面议", None, NOT_NUMBER),
        ("money", "1.2.3", None, NOT_NUMBER),
        ("money4", 0.1234, D("0.1234"), None),
        ("int", 3, D(3), None),
        ("int", "3", D(3), TEXT),
        ("int", "三", None, NOT_NUMBER),
        ("num", 347.5, D("347.5"), None),
        ("num", 1e-05, D("0.00001"), None),
        ("percent", 13, D(13), None),
        ("percent", "13%", D(13), TEXT),
        ("percent", "\uff11\uff13\uff05", D(13), TEXT),
        ("percent", "13", D(13), TEXT),
        ("money", "13%", None, NOT_NUMBER),
    ],
)
def test_numbers(kind: str, raw: Any, value: Decimal | None, flaw: Flaw | None) -> None:
    cell = read(kind, raw)
    assert (cell.value, cell.flaws) == (value, frozenset({flaw} if flaw else ()))
    assert cell.at == AT


@pytest.mark.parametrize(("style", "value"), [(0, D("0.13")), (2, D(13))])
def test_a_percent_format_multiplies(style: int, value: Decimal) -> None:
    """In a form 13 means 13 %; who formats the cell as a percentage and types 13 gets 0.13 stored."""
    assert read("percent", 0.13, style=style).value == value
    assert read("money", 0.13, style=style).value == D("0.13")


def test_a_tax_rate_stays_as_the_form_divides_by_it() -> None:
    """The sheet's own net amounts are made of 0.13; the rule for tax rates (F016) names the cell."""
    assert read("percent", 0.13, style=2, allowed="master.tax_rates.rate").value == D("0.13")


DAY = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("2026-03-05", DAY),
        ("2026/3/5", DAY),
        ("2026.3.5", DAY),
        ("2026年3月5日", DAY),
        ("2026年03月05日", DAY),
        (" 2026 年 3 月 5 日 ", DAY),
        ("\uff12\uff10\uff12\uff16-\uff13-\uff15", DAY),
        ("2026-03-05 09:30", DAY),
        ("2026-03-05T00:00:00", DAY),
        ("2026-02-29", None),  # no leap year
        ("2024-02-29", date(2024, 2, 29)),
        ("2026-06-31", None),
        ("2026-13-01", None),
        ("2026-00-10", None),
        ("26-3-5", None),
        ("3/5/2026", None),
        ("2026年3月", None),
        ("三月五日", None),
        ("待定", None),
        ("20260305", None),
    ],
)
def test_spellings_of_a_day(raw: str, value: date | None) -> None:
    cell = read("date", raw)
    assert cell.value == value
    assert cell.flaws - {Flaw.TEXT_DATE, Flaw.TIMED} == (frozenset() if value else frozenset({NOT_DATE}))
    assert cell.shown == raw


@pytest.mark.parametrize(
    ("kind", "raw", "told"),
    [
        ("date", "2026-3-5", False),
        ("date", "2026/03/05", False),
        ("date", "2026年3月5日", False),
        ("date", "2026-03-05 09:30", False),
        ("date", "2026.3.5", True),
        ("date", "2026-3/5", True),
        ("date", "\uff12\uff10\uff12\uff16-\uff13-\uff15", True),
        ("month", "2026-03", False),
        ("month", "2026年3月", True),
        ("month", "2026-3", True),
        ("month", "2026/03", True),
    ],
)
def test_a_date_that_formulas_do_not_read_is_told(kind: str, raw: str, told: bool) -> None:
    assert read(kind, raw).flaws - {Flaw.TIMED} == (frozenset({Flaw.TEXT_DATE}) if told else frozenset())


@pytest.mark.parametrize(
    ("kind", "stored", "style", "value"),
    [
        ("date", 46086, 1, DAY),
        ("date", 46086.75, 1, DAY),
        ("date", 46086, 0, DAY),  # a serial number without a date format, 1990 to 2100
        ("date", 20260305, 0, None),
        ("date", 2026, 0, None),
        ("date", -1, 1, date(1899, 12, 29)),
        ("date", 1e300, 1, None),
        ("datetime", 46086.395833333336, 3, datetime(2026, 3, 5, 9, 30)),
        ("datetime", 46086, 1, datetime(2026, 3, 5)),
        ("month", 46086, 1, "2026-03"),
        ("month", 202603, 0, None),
    ],
)
def test_stored_days(kind: str, stored: float, style: int, value: Any) -> None:
    cell = read(kind, stored, style=style)
    assert cell.value == value
    assert (NOT_DATE in cell.flaws) is (value is None)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("datetime", "2026-03-05 09:30", datetime(2026, 3, 5, 9, 30)),
        ("datetime", "2026-03-05T09:30:59", datetime(2026, 3, 5, 9, 30)),
        ("datetime", "2026年3月5日 9\uff1a30", datetime(2026, 3, 5, 9, 30)),
        ("datetime", "2026-03-05 25:00", None),
        ("month", "2026-06", "2026-06"),
        ("month", "2026/6", "2026-06"),
        ("month", "2026年6月", "2026-06"),
        ("month", "2026.06", "2026-06"),
        ("month", "2026-06-15", "2026-06"),
        ("month", "2026年6月15日", "2026-06"),
        ("month", "2026-13", None),
        ("month", "6月", None),
        ("month", "202606", None),
    ],
)
def test_moments_and_months(kind: str, raw: str, value: Any) -> None:
    cell = read(kind, raw)
    assert cell.value == value
    assert (NOT_DATE in cell.flaws) is (value is None)


NEXT = date(2026, 3, 6)
LATE = 46087 - 1 / 86400  # 23:59:59 of 5 March


@pytest.mark.parametrize(
    ("kind", "raw", "style", "value", "shown"),
    [
        ("date", LATE, 1, NEXT, "2026-03-05 23:59:59"),
        ("date", 46087 - 15 / 86400, 1, NEXT, "2026-03-05 23:59:45"),
        ("date", 46087 - 43 / 86400, 3, NEXT, "2026-03-05 23:59:17"),  # SheetJS in old Shanghai time
        ("date", 46087 - 59 / 86400, 1, NEXT, "2026-03-05 23:59:01"),
        ("date", LATE, 0, NEXT, "46086.9999884259"),
        ("datetime", LATE, 3, datetime(2026, 3, 6), "2026-03-05 23:59:59"),
        ("month", 46113 - 15 / 86400, 1, "2026-04", "2026-03-31 23:59:45"),
        ("date", "2026-03-05 23:59:45", 0, NEXT, "2026-03-05 23:59:45"),
        ("datetime", "2026-03-05T23:59:45", 0, datetime(2026, 3, 6), "2026-03-05T23:59:45"),
    ],
)
def test_the_last_minute_of_a_day_is_the_next_day_and_is_told(
    kind: str, raw: Any, style: int, value: Any, shown: str
) -> None:
    cell = read(kind, raw, style=style)
    assert (cell.value, cell.shown, cell.flaws) == (value, shown, frozenset({Flaw.NEAR_MIDNIGHT}))


@pytest.mark.parametrize(
    ("kind", "raw", "style", "value"),
    [
        ("date", 46086.99999999999, 1, NEXT),  # noise of a formula: every program shows the day
        ("date", 46087 - 60 / 86400, 1, DAY),  # 23:59: a deadline that somebody typed
        ("date", 46086 + 43 / 86400, 1, DAY),
        ("date", 46086.5, 1, DAY),
        ("date", "2026-03-05 23:59", 0, DAY),
        ("datetime", 46087 - 60 / 86400, 3, datetime(2026, 3, 5, 23, 59)),
        ("datetime", 46086.39583, 3, datetime(2026, 3, 5, 9, 30)),
        ("date", 2958465.9999, 1, date(9999, 12, 31)),  # no day comes after it
    ],
)
def test_any_other_time_of_day_is_of_its_own_day(kind: str, raw: Any, style: int, value: Any) -> None:
    cell = read(kind, raw, style=style)
    timed = kind == "date" and " " in cell.shown and not cell.shown.endswith((" 00:00", ":59:59", ":59:51"))
    assert (cell.value, cell.flaws) == (value, frozenset({Flaw.TIMED} if timed else ()))


def test_a_date_in_a_text_is_shown_as_it_is_stored() -> None:
    assert read("text", LATE, style=1).shown == "2026-03-05 23:59:59"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("E302", "E302"),
        ("E302 卢海峰", "E302"),
        ("E302卢海峰", "E302"),
        ("E302-卢海峰", "E302"),
        ("e302", "E302"),
        ("\uff253\uff102", "E302"),
        ("卢海峰", "E302"),
        (" 卢 海峰 ", "E302"),
        ("王小明", "王小明"),  # nobody, or two of that name: the checks ask
        ("待定", "待定"),
        ("E30", "E30"),
        ("yg0012 王小明", "yg0012"),  # as workbook 00 has it
        ("YG0012王小明", "yg0012"),
        ("YG0013 王小明", "YG0013"),
        ("A-1024", "A-1024"),
        ("13912345678 王小明", "13912345678 王小明"),  # no employee number
        ("E3021", "E3021"),
    ],
)
def test_spellings_of_a_person(raw: str, value: str) -> None:
    assert read("emp", raw).value == value


@pytest.mark.parametrize(
    ("kind", "raw", "item", "value"),
    [
        ("list", "面谈、电话", "", ("面谈", "电话")),
        ("list", "面谈; 电话 ,会议\uff0c邮件\uff1b现场勘察", "", ("面谈", "电话", "会议", "邮件", "现场勘察")),
        ("list", "面谈、\n电话、", "", ("面谈", "电话")),
        ("list", "面谈", "", ("面谈",)),
        ("list", "E302 卢海峰、许知行;E999", "emp", ("E302", "E102", "E999")),
        ("code", " ly-sq-2026-007 ", "", "ly-sq-2026-007"),
        ("code", "\uff21/\uff11", "", "A/1"),
        ("code", 1001, "", "1001"),
        ("text", "\u3000 青岚 台\u3000", "", "青岚 台"),
        ("text", 12.5, "", "12.5"),
        ("text", "无", "", "无"),
        ("long", "一、\r\n二、", "", "一、\n二、"),
        ("enum", "是 ", "", "是"),
        ("phone", "\uff11\uff12", "", "\uff11\uff12"),  # text stays as it was typed
    ],
)
def test_texts(kind: str, raw: Any, item: str, value: Any) -> None:
    assert read(kind, raw, item_type=item).value == value


@pytest.mark.parametrize("raw", ["", "   ", "\u3000", "\n", "\u00a0"])
@pytest.mark.parametrize("kind", ["text", "money", "date", "emp", "list"])
def test_what_counts_as_blank(kind: str, raw: str) -> None:
    cell = read(kind, raw)
    assert cell.blank
    assert cell.flaws == frozenset()


@pytest.mark.parametrize(("kind", "raw"), [("money", 0), ("text", "无"), ("text", 0), ("money", "-")])
def test_what_does_not(kind: str, raw: Any) -> None:
    assert not read(kind, raw).blank


def test_no_cell_at_all_is_blank_and_keeps_its_place() -> None:
    cell = READER.read(None, Field("x", "某列", "money"), AT, hidden=True)
    assert cell.blank
    assert cell.at == AT
    assert cell.hidden


FORMULA = {"formula": "ROUND(qty*unit_price,2)", "fill": "formula"}


@pytest.mark.parametrize(
    ("raw", "value", "shown", "flaws"),
    [
        (RawCell(1, 1, "n", "12.5", True, 0), D("12.5"), "12.5", set()),
        (RawCell(1, 1, "n", "12.5", False, 0), D("12.5"), "12.5", {Flaw.OVERWRITTEN}),
        (RawCell(1, 1, "s", "12.5", False, 0), D("12.5"), "12.5", {Flaw.OVERWRITTEN, TEXT}),
        (RawCell(1, 1, "n", None, True, 0), None, "", {Flaw.UNCALCULATED}),
        (RawCell(1, 1, "e", "#REF!", True, 0), None, "#REF!", {Flaw.ERROR}),
        (RawCell(1, 1, "e", "#VALUE!", False, 0), None, "#VALUE!", {Flaw.ERROR}),
        (RawCell(1, 1, "s", "", True, 0), None, "", set()),  # the form's own IF(qty="","",…)
        (RawCell(1, 1, "n", None, False, 0), None, "", set()),
    ],
)
def test_formula_cells(raw: RawCell, value: Any, shown: str, flaws: set[Flaw]) -> None:
    cell = READER.read(raw, Field("x", "金额", "money", **FORMULA), AT)
    assert (cell.value, cell.shown, cell.flaws) == (value, shown, frozenset(flaws))


@pytest.mark.parametrize("text", ["abc", "NaN", "1E+999999999", "甲"])
@pytest.mark.parametrize("kind", ["money", "date", "text", "emp"])
def test_a_damaged_number_is_text_not_a_crash(kind: str, text: str) -> None:
    cell = read(kind, text, stored="n")
    assert cell.shown == text
    assert (cell.value is None) is (kind in {"money", "date"})


def test_a_number_format_that_hides_the_number_does_not_change_it() -> None:
    assert read("money", 999999, style=4).value == D(999999)  # shows 200


@pytest.mark.parametrize(
    ("stored", "text", "shown"),
    [
        ("b", "1", "TRUE"),
        ("b", "0", "FALSE"),
        ("d", "2026-03-05", "2026-03-05"),
        ("n", "5186545.4000000004", "5186545.4"),
    ],
)
def test_what_messages_show(stored: str, text: str, shown: str) -> None:
    assert READER.shown(RawCell(1, 1, stored, text, False, 0)) == shown


def test_dates_are_shown_as_people_read_them() -> None:
    assert READER.shown(RawCell(1, 1, "n", "46086", False, 1)) == "2026-03-05"
    assert READER.shown(RawCell(1, 1, "n", "46086.5", False, 3)) == "2026-03-05 12:00"


def test_clean() -> None:
    assert clean("\u3000 甲\u3000乙 ") == "甲 乙"


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("v1.0", "V1.0"),
        ("\uff36\uff11\uff0e\uff10", "V1.0"),  # full width
        (" V 1.0\u3000", "V1.0"),
        ("a/1", "A/1"),
        ("a\uff0f1", "A/1"),
        ("A/1", "A/1"),
        ("v1", "v1"),  # no version in capitals either: it stays as it stands, and F038 names it
        ("第一版", "第一版"),
    ],
)
def test_a_code_that_is_taken_apart_is_read_in_capitals(raw: str, value: str) -> None:
    assert read("code", raw, pattern=r"V\d+\.\d+|[A-Z]/\d+").value == value


@pytest.mark.parametrize(
    ("serial", "day", "shown"),
    [
        (1, date(1900, 1, 1), "1900-01-01"),
        (59, date(1900, 2, 28), "1900-02-28"),
        (60, None, "1900-02-29"),
        (61, date(1900, 3, 1), "1900-03-01"),
    ],
)
def test_excel_counts_a_day_that_was_none(serial: int, day: date | None, shown: str) -> None:
    cell = read("date", serial, style=1)
    assert (cell.value, cell.shown, cell.flaws) == (day, shown, frozenset() if day else frozenset({NOT_DATE}))


@pytest.mark.parametrize(
    ("raw", "value", "told"),
    [
        ("'EQ-AP-05", "EQ-AP-05", True),
        ("'主楼'", "'主楼'", False),
        ("O'Brien", "O'Brien", False),
        ("'", "'", False),
    ],
)
def test_an_apostrophe_that_says_text_is_no_part_of_it(raw: str, value: str, told: bool) -> None:
    cell = read("str", raw)
    assert (cell.value, Flaw.UNSEEN in cell.flaws) == (value, told)
    assert read("money", "'1800").value == D(1800)
