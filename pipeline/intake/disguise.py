"""Cells that show something else than they hold: number formats, ink in the colour of the ground, lost digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from pipeline.adapters.ooxml.reader import RawBook, RawCell
from pipeline.core.conventions import READING
from pipeline.core.money import NotAnAmount, excel_number
from pipeline.core.number_formats import is_plain, section_of, shows_date
from pipeline.core.sheets import Flaw, Note, Value
from pipeline.core.shown_numbers import (
    hides_text,
    other_currency,
    shown_number,
    shows_another_number,
    shows_no_day,
    shows_whole_date,
)
from pipeline.core.texts import name_of
from pipeline.definitions.forms import DATED, NUMERIC, Field

_MOST_DIGITS = 15
_NAME = 60  # characters: longer fields hold sentences
_NO_TEXTS = (
    (re.compile(r"=(?:_xlfn\.)?DISPIMG\(.*", re.DOTALL), "WPS嵌入单元格的图片"),
    (re.compile(r"=\s*[A-Z][A-Z0-9._]*\(.*", re.DOTALL), "没有算出来的公式"),
    (
        re.compile(r"=\s*(?:\$?[A-Z]{1,3}\$?\d{1,5}|\d[\d.]*(?=\s*[-+*/]))(?:\s*[-+*/]\s*[$A-Z\d.]+)*"),
        "没有算出来的公式",
    ),
    (re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|FIELD!|GETTING_DATA)"), "公式错误值的文字"),
    (
        re.compile(r"#(?:BUSY|CONNECT|BLOCKED|UNKNOWN|PYTHON|EXTERNAL|TIMEOUT)!|(?:Err|错误)[::]\d{3}"),
        "公式错误值的文字",
    ),
    (re.compile(r"#{3,}"), "列宽不够时显示的井号"),
    (re.compile(r"(?:Loading|正在加载|加载中|Fetching data)(?:\.{3}|…+)"), "还没有取到的内容"),
    (
        re.compile(
            r"(?i:undefined|nan|null|\(null\)|dbnull|\[object \w+\])"
            r"|System\.(?:Object|String|Byte|Char|Data|DBNull|DateTime|Decimal|Collections|Linq)\b\S*"
        ),
        "导出程序留下的空值",
    ),
    (re.compile(r"\d(?:\.\d+)?E\+\d{2,}", re.IGNORECASE), "被改成科学记数的号码,末几位已丢失"),
)
_BEGINNINGS = frozenset("=#0123456789EL错正加FuUnNdD([S")
_OVERSTRUCK = re.compile(
    "([^\u0335-\u0338])[\u0335-\u0338]"
)  # what phones make of a struck text: a stroke on each sign
_UNSEEN = re.compile(f"[{READING['alike']['unseen']}\ue000-\uf8ff]")
# Texts that Excel and WPS take for a date when a formula counts with them; a month is compared as a text.
_DAY = r"(?:\d{4}([-/])\d{1,2}\1\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日)(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?"
_FORMULAS_READ = {
    "date": re.compile(_DAY, re.ASCII),
    "datetime": re.compile(_DAY, re.ASCII),
    "month": re.compile(r"\d{4}-\d{2}", re.ASCII),
}
MONEY = frozenset({"money", "money4"})
TYPED = NUMERIC | DATED
UNSEEN = "字与底色相同"
LOST_DIGITS = "超过15位的号码存成了数字,末几位已丢失"


def disguise(book: RawBook, raw: RawCell, field: Field) -> str:
    """Why a filled cell does not show what it holds, in Chinese; empty where it does.

    Args:
        book: its workbook, for the style.
        raw: the cell.
        field: what it should hold; dates may show as numbers, amounts not as dates.
    """
    style = book.style(raw)
    number = stored_number(raw)
    if style.unseen:
        return UNSEEN
    if number is None:
        other = raw.kind == "s" and hides_text(style.number_format)
    elif field.type in DATED:
        code = style.number_format
        other = shows_no_day(code) if book.is_date(raw) else shows_another_number(code, number.to_integral_value())
    elif book.is_date(raw):
        other = field.type in NUMERIC
    elif field.type not in NUMERIC:  # a text is read as it is shown
        return LOST_DIGITS if abs(number).adjusted() >= _MOST_DIGITS else ""
    else:
        percent, places = field.type == "percent", 4 if field.type == "money4" else 2
        other = shows_another_number(
            style.number_format, number, percent=percent, money=field.type in MONEY, places=places
        )
    return f"数字格式“{style.number_format}”显示的不是单元格的值" if other else ""


def notes(
    book: RawBook, raw: RawCell, field: Field, stored: str, shown: str, value: Value | None, struck: str = ""
) -> Iterator[Note]:
    """What a filled cell shows otherwise than its field wants, beside a disguise.

    Args:
        book: its workbook, for the style.
        raw: the cell.
        field: what it should hold.
        stored: the stored value as text.
        shown: what the sheet shows.
        value: what was read.
        struck: the part of the text that is struck out.
    """
    if raw.kind == "s" and field.type not in TYPED and not struck:
        struck = "".join(_OVERSTRUCK.findall(shown))
    if struck or book.style(raw).struck:
        part, whole = struck or shown, "" if struck else "whole"
        yield Note(
            Flaw.STRUCK, {"value": shown, "part": part, "found": shown, "expected": "没有删除线", "whole": whole}
        )
    if field.type == "date" and isinstance(value, date) and _has_time(stored):
        yield Note(Flaw.TIMED, {"value": stored, "parsed": str(value), "found": stored, "expected": str(value)})
    number = stored_number(raw)
    if number is None:
        yield from _of_text(raw, field, shown, value)
        return
    code = book.format(raw)
    if field.type in MONEY and (currency := other_currency(code, number)):
        value = shown_number(code, number)
        yield Note(Flaw.OTHER_CURRENCY, {"currency": currency, "value": value, "found": value, "expected": "人民币元"})
    if field.type not in TYPED and not raw.formula and (kind := _made_of_text(code, number, field)):
        told = {"kind": kind, "value": shown, "stored": stored, "found": shown}
        yield Note(Flaw.RETYPED, {**told, "expected": "键入的文字"})


def _of_text(raw: RawCell, field: Field, shown: str, value: Value | None) -> Iterator[Note]:
    if raw.kind != "s":
        return
    if field.type in DATED and value is not None and not _FORMULAS_READ[field.type].fullmatch(shown.strip()):
        parsed = str(value)[:10]
        yield Note(
            Flaw.TEXT_DATE, {"value": shown.strip(), "parsed": parsed, "found": shown.strip(), "expected": parsed}
        )
    if field.type not in TYPED and (kind := _no_text(shown.strip())):
        yield Note(Flaw.NO_TEXT, {"kind": kind, "value": shown.strip()})
    if raw.text is None or not (raw.text.startswith("'") or _UNSEEN.search(shown)):
        return
    odd = [f"第{shown.index(one) + 1}个字符是{name_of(one)}" for one in dict.fromkeys(_UNSEEN.findall(shown))]
    if without_mark(raw.text) != raw.text:
        odd.insert(0, "开头多了一个英文单引号 '(读取和打印时已去掉)")
    if odd:
        names = "、".join(odd)
        yield Note(Flaw.UNSEEN, {"odd": names, "found": names, "expected": "没有这样的字符"})


def without_mark(text: str) -> str:
    """A text without the apostrophe in front that says that it is one.

    Excel and WPS keep it beside the text and never show it; a file that went through CSV has it in the text itself.
    One that closes a quotation is no such mark.
    """
    return text[1:] if text[:1] == "'" and len(text) > 1 and "'" not in text[1:] else text


def _has_time(stored: str) -> bool:
    """Whether a moment has a time of day, and not one in the last minute before midnight (F039 names that)."""
    time = re.search(r"[ T](\d{1,2}:\d{2}(?::\d{2})?)", stored)
    return time is not None and not re.fullmatch(r"0?0:00(?::00)?|23:59:\d{2}", time[1])


def _no_text(text: str) -> str:
    """What stands in place of a text, in Chinese; empty for a text."""
    if text[:1] not in _BEGINNINGS:
        return ""
    return next((kind for pattern, kind in _NO_TEXTS if pattern.fullmatch(text)), "")


def _made_of_text(code: str, number: Decimal, field: Field) -> str:
    """What the program made of a text that was typed, in Chinese: 1-2 a date, 1:8 a time, 6E1 a power, 1/2 a fraction.

    A whole date may have been meant where there is room for a sentence; in a code, a name or a model it was not.
    """
    if is_plain(code):
        return ""
    if shows_date(code):
        sentence = field.type == "long" or not 0 < field.max_len <= _NAME or re.search("说明|备注", field.label)
        return "" if sentence and shows_whole_date(code) else "日期" if number >= 1 else "时间"
    mask = section_of(code, number).mask
    return "科学记数" if "E" in mask else "分数" if "/" in mask else ""


def stored_number(raw: RawCell) -> Decimal | None:
    """Number of a number cell; None for other cells and where a damaged file stores something else."""
    if raw.kind != "n" or raw.text is None:
        return None
    try:
        return excel_number(raw.text)
    except NotAnAmount:
        return None
