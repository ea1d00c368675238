"""What a stored cell means for its field, by the conventions of `definitions/reading.toml`; in doubt it is not read."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from pipeline.audit.reader import Stored
from pipeline.core.conventions import READING
from pipeline.definitions.forms import Field

Value = Decimal | date | str

_NUMBERS, _DATES = READING["numbers"], READING["dates"]
_TYPED, _SEPARATORS = re.compile(_NUMBERS["typed"]), re.compile(_NUMBERS["separators"])
_DAY, _MONTH = re.compile(_DATES["day"] + _DATES["time"]), re.compile(_DATES["month"])
_FIRST_DAY, _LAST_DAY = _DATES["plain_serials"]
_ALIKE = {
    **{ord(dash): "-" for dash in READING["alike"]["dashes"]},
    **{ord(radical): usual for radical, usual in READING["alike"]["radicals"].items()},
}
_COMPATIBLE = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_PART, _WHOLE = 1, 2
_REMEMBERED = 20_000  # texts
_NEARLY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read.

    Attributes:
        value: None where the cell is blank or says nothing that counts.
        how: the convention by which it was read, in Chinese; empty where none was needed.
        unread: why it was not read, in Chinese; empty where it was, or is blank.
    """

    value: Value | None = None
    how: str = ""
    unread: str = ""


BLANK = Read()


def read(cell: Stored | None, field: Field) -> Read:
    """A cell as its field wants it; a day for `date` and `datetime`, `2026-08` for `month`, text in its usual form."""
    if cell is None or not (text := _stripped(cell.text)):
        return BLANK
    if cell.kind in "eb?":
        return Read(unread=f"单元格里是{text}")
    if field.numeric:
        return _number(cell, text, field)
    if field.type in {"date", "datetime", "month"}:
        return _dated(cell, text, field)
    return _text(cell, text, field)


def half_up(value: Decimal, places: int = 2) -> Decimal:
    """Half away from zero, to so many decimals."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP) + 0


def plain(text: str) -> str:
    """A text with its radicals and compatibility ideographs as the usual ones."""
    text = text.translate({code: usual for code, usual in _ALIKE.items() if usual != "-"})
    return _COMPATIBLE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)


@lru_cache(_REMEMBERED)
def keyed(text: str) -> str:
    """A code or choice as a keyboard gives it, without blanks and characters nobody sees."""
    usual = unicodedata.normalize("NFKC", text.translate(_ALIKE)).translate(_ALIKE)
    return "".join(one for one in usual if unicodedata.category(one) != "Cf" and not one.isspace())


def _stripped(text: str) -> str:
    text = text.replace("\u3000", " ").strip()
    return text[1:].strip() if text.startswith("'") and len(text) > 1 and "'" not in text[1:] else text


def _number(cell: Stored, text: str, field: Field) -> Read:
    if cell.struck == _PART:
        return Read(unread="数字的一部分带删除线")
    if cell.kind == "d":
        return Read(unread="数字显示成日期")
    struck = "删除线仍计入" if cell.struck == _WHOLE else ""
    if cell.kind == "n":
        value = _exact(text)
        turned = field.type == "percent" and field.reference not in _NUMBERS["per_cent_as_stored"]
        if value is not None and turned and "%" in _QUOTED.sub("", cell.code):
            return Read(value * 100, "百分比格式按显示读取")
        return Read(unread=f"“{text}”不是数") if value is None else Read(value, struck)
    typed = keyed_number(text.removesuffix("%") if field.type == "percent" else text)
    return Read(unread=f"“{text[:20]}”不是数字") if typed is None else Read(typed, "以文本存的数字")


def keyed_number(text: str) -> Decimal | None:
    """A number that was typed as a text; None where it is none."""
    half = "".join(
        unicodedata.normalize("NFKC", one) if one in "¥" or 0xFF01 <= ord(one) <= 0xFF5E else one for one in text
    )
    half = "".join("-" if one == "\u2212" else one for one in half if unicodedata.category(one) != "Cf").strip()
    bare = re.sub(r"^([+-]?)\s*¥\s*", r"\1", half)
    return Decimal(_SEPARATORS.sub("", bare)) if _TYPED.fullmatch(bare) else None


def _exact(text: str) -> Decimal | None:
    """A stored number to the digits that count."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    if not value.is_finite():
        return None
    over = len(value.as_tuple().digits) - _NUMBERS["digits"]
    if over > 0:
        value = value.quantize(Decimal(1).scaleb(value.adjusted() - _NUMBERS["digits"] + 1), rounding=ROUND_HALF_UP)
    return value


def _dated(cell: Stored, text: str, field: Field) -> Read:
    found, how = _moment(cell, text, field)
    if found is None:
        return Read(unread=f"“{text[:20]}”不是日期")
    day = datetime(found.year, found.month, found.day) + timedelta(days=1)
    if field.type != "datetime" and day - found < _NEARLY:
        found, how = day, "差不到一分钟到零点,按后一天"
    return Read(f"{found:%Y-%m}" if field.type == "month" else found.date(), how)


def _moment(cell: Stored, text: str, field: Field) -> tuple[datetime | None, str]:
    if cell.kind == "d":
        moment = datetime.fromisoformat(text)
        return moment, "月份存成日期" if field.type == "month" else ""
    if cell.kind == "n":
        serial = _exact(text)
        if serial is None or not _FIRST_DAY <= serial < _LAST_DAY + 1:
            return None, ""
        return datetime(1899, 12, 30) + timedelta(seconds=round(float(serial * 86400))), "没有日期格式的数按日期读"
    match = (_MONTH if field.type == "month" else _DAY).fullmatch(_keyed_date(text))
    how = "" if field.type == "month" and re.fullmatch(r"\d{4}-\d{2}", text) else "以文本存的日期"
    return (_spelled(match), how) if match else (None, "")


def _keyed_date(text: str) -> str:
    usual = unicodedata.normalize("NFKC", text.translate(_ALIKE)).translate(_ALIKE)
    return "".join(one for one in usual if unicodedata.category(one) != "Cf").strip()


def _spelled(match: re.Match[str]) -> datetime | None:
    parts = {key: int(value) for key, value in match.groupdict().items() if value}
    try:
        return datetime(
            parts["y"], parts["m"], parts.get("d", 1), parts.get("h", 0), parts.get("n", 0), parts.get("s", 0)
        )
    except ValueError:
        return None


def _text(cell: Stored, text: str, field: Field) -> Read:
    if cell.kind == "d" or (cell.kind == "n" and cell.code not in ("", "0", "@")):
        return Read(unread=f"文本栏里是{'日期' if cell.kind == 'd' else '有格式的数'}“{text[:20]}”")
    if cell.kind == "n":
        number = _exact(text)
        text = text if number is None else f"{number:f}".removesuffix(".0")
        return Read(text, "文本栏里的数")
    usual = _usual(text, field)
    return Read(usual, "" if usual == text else "全角或形近字符按常用字符读")


def _usual(text: str, field: Field) -> str:
    if field.choices:
        known = {keyed(choice): choice for choice in (*field.also_allowed, *field.choices)}
        return text if text in field.choices else known.get(keyed(text), plain(text))
    if field.type == "code":
        code = keyed(text)
        return code.upper() if field.regex and field.regex.fullmatch(code.upper()) else code
    return plain(text)
