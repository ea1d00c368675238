"""Whether a printed text says its value: amounts with separators, 万元, capitals, per cent, days."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation

from pipeline.audit.values import half_up

_DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}
_GREAT = (("亿", 10**8), ("万", 10**4))
_DAY = re.compile(r"(\d{4})[年-](\d{1,2})[月-](\d{1,2})日?")


def number(text: str) -> Decimal | None:
    """A printed number: 1,234.50, 17.20%, -2; None for anything else."""
    bare = text.strip().replace(",", "").removesuffix("%").replace("−", "-")
    if not re.fullmatch(r"-?\d+(\.\d+)?", bare):
        return None
    try:
        return Decimal(bare)
    except InvalidOperation:
        return None


def in_capitals(text: str) -> Decimal | None:
    """An amount in capitals as a number of yuan; None where it is none."""
    words = text.strip()
    sign = -1 if words.startswith("减少") else 1
    words = words.removeprefix("减少").removeprefix("人民币").removesuffix("整")
    yuan, mark, rest = words.rpartition("元")
    if not mark and ("角" in words or "分" in words):
        yuan, rest = "零", words
    try:
        total = Decimal(_whole(yuan or "零"))
        for unit, worth in (("角", Decimal("0.1")), ("分", Decimal("0.01"))):
            if unit in rest:
                digit, _, rest = rest.partition(unit)
                total += _DIGITS[digit.removeprefix("零") or "零"] * worth
    except KeyError:
        return None
    return sign * total if not rest else None


def _whole(words: str) -> int:
    for unit, worth in _GREAT:
        if unit in words:
            high, _, low = words.rpartition(unit)
            return _whole(high) * worth + _whole(low or "零")
    total, digit = 0, 0
    for one in words:
        if one in _UNITS:
            total, digit = total + (digit or 1) * _UNITS[one], 0
        else:
            digit = _DIGITS[one]
    return total + digit


def says(text: str, value: str, form: str) -> bool | None:
    """Whether a text says a value; None where this cannot be told.

    Args:
        text: as printed.
        value: of the provenance.
        form: `.wan`, `.upper` or empty.
    """
    amount = number(value) if "%" not in value else None
    if amount is None or not text:
        return _says_day(text, value)
    if form == ".upper":
        return in_capitals(text) == half_up(amount)
    shown = number(text)
    if shown is None:
        return None
    if form == ".wan":
        return shown == half_up(amount / 10000)
    return shown == amount or shown == half_up(amount)


def day(text: str) -> date | None:
    """A printed day: 2026-08-01, 2026年8月1日; None for anything else."""
    match = _DAY.fullmatch(text.strip())
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else None
    except ValueError:
        return None


def _says_day(text: str, value: str) -> bool | None:
    found = day(text)
    return found == date.fromisoformat(value) if found and re.fullmatch(r"\d{4}-\d\d-\d\d", value) else None
