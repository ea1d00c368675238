"""Yuan and fen: exact decimals, half up; 万元 only for reading; amounts in words (domain G.2)."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache

from pipeline.core.conventions import READING
from pipeline.core.texts import half_width

FEN = Decimal("0.01")
WAN = Decimal(10000)
_WIDE = Context(prec=999)  # a cell may hold 1E+300; it must not stop the run
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}
_DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
_DIGITS |= {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"两": 2, "贰": 2}
_SMALL_UNITS = {
    "十": "拾",
    "百": "佰",
    "千": "仟",
    "圆": "元",
    "圓": "元",
    "正": "整",
    "萬": "万",
    "億": "亿",
}
_SEPARATORS = re.compile(READING["numbers"]["separators"])
_TYPED = re.compile(READING["numbers"]["typed"])
_MOST_DIGITS = READING["numbers"]["digits"]
_WORDS = re.compile(r"(?:(?P<yuan>[^元角分整]+)元)?(?:零?(?P<jiao>.)角)?(?:零?(?P<fen>.)分)?整?")


class NotAnAmount(ValueError):
    """The text is no number, or no amount in words."""


def half_up(value: Decimal, places: int = 2) -> Decimal:
    """Round half away from zero to `places` decimals (domain C.0 7)."""
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _WIDE)
    return rounded or abs(rounded)  # never minus zero


def to_wan(yuan: Decimal) -> Decimal:
    """Yuan to 万元 with two decimals; call it on sums only, never before adding."""
    return half_up(yuan / WAN)


@lru_cache(maxsize=8192)
def excel_number(text: str) -> Decimal:
    """Read a number as a spreadsheet stores it, to the 15 significant digits that Excel itself shows.

    Raises:
        NotAnAmount: the text is no number that a spreadsheet can store.
    """
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise NotAnAmount(text) from error
    if not value.is_finite() or abs(value.adjusted()) > 308:
        raise NotAnAmount(text)
    digits = len(value.as_tuple().digits)
    if digits > _MOST_DIGITS:
        exponent = value.adjusted() - _MOST_DIGITS + 1
        value = value.quantize(Decimal(1).scaleb(exponent), rounding=ROUND_HALF_UP)
    return value.normalize() + 0 if value == value.to_integral_value() else value.normalize()


def typed_number(text: str) -> Decimal:
    """Read a number that a person typed as text: full-width digits, a sign for yuan, separators of thousands.

    A separator stands before every three digits (every four, where people count in 万): 1,5 is no number, nor is 3 4.

    Raises:
        NotAnAmount: what is left is no plain decimal number.
    """
    plain = re.sub(r"^([+-]?)\s*¥\s*|\s+$|^\s+", r"\1", half_width(text).strip())
    if not _TYPED.fullmatch(plain):
        raise NotAnAmount(text)
    return Decimal(_SEPARATORS.sub("", plain))


def plain(value: Decimal) -> str:
    """Print without exponent and without trailing zeros: 12.5, 9000000."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def yuan(value: Decimal) -> str:
    """Print with thousands separators and two decimals: 1,234.50."""
    return f"{half_up(value):,.2f}"


def in_words(value: Decimal) -> str:
    """Amount in words with the prefix 人民币; a negative amount begins with 减少人民币 (domain G.2).

    Raises:
        NotAnAmount: there are no words for it (from 亿亿 on).
    """
    amount = half_up(value)
    if abs(amount) >= 10**16:
        raise NotAnAmount(str(value))
    if amount < 0:
        return "减少" + in_words(-amount)
    import cn2an

    words = str(cn2an.an2cn(f"{amount:.2f}", "rmb"))
    return "人民币" + words


def from_words(text: str) -> Decimal:
    """Read an amount in words back to yuan; 圆, 正, an optional 零 and the prefix do not matter.

    Raises:
        NotAnAmount: the text cannot be read as an amount.
    """
    words = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace("人民币", "").strip(":")
    words = "".join(_SMALL_UNITS.get(char, char) for char in words)
    match = _WORDS.fullmatch(words)
    if not words or not match or not (match["yuan"] or match["jiao"] or match["fen"]):
        raise NotAnAmount(text)
    try:
        total = Decimal(_integer(match["yuan"] or "零"))
        total += Decimal(_DIGITS[match["jiao"] or "零"]) / 10
        return total + Decimal(_DIGITS[match["fen"] or "零"]) / 100
    except KeyError as error:
        raise NotAnAmount(text) from error


def _integer(words: str) -> int:
    for unit, factor in (("亿", 10**8), ("万", 10**4)):
        if unit in words:
            high, _, low = words.rpartition(unit)
            if not high:
                raise KeyError(unit)
            return _integer(high) * factor + (_integer(low) if low else 0)
    total, digit = 0, 0
    for char in words:
        if char in _UNITS:
            total, digit = total + (digit or 1) * _UNITS[char], 0
        elif digit:
            raise KeyError(char)
        else:
            digit = _DIGITS[char]
    return total + digit
