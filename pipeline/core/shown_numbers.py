"""What a number format makes of a number: the text that the sheet shows, and whether that is another figure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from pipeline.core.conventions import READING
from pipeline.core.money import half_up, plain
from pipeline.core.number_formats import Section, is_plain, negative_by_itself, section_of, sections
from pipeline.core.texts import half_width

_DIGIT = re.compile(r"\d")
_NONZERO = re.compile(r"[1-9]")
_MINUS = re.compile(r"[-\u2010-\u2015\u2212(\uff08负]$")
_NEGATIVE = re.compile(r"[-\u2212(\uff08负]")
# Between digits these only part groups of three: blanks of every width and the Swiss apostrophe.
_SEPARATORS = "  \u2009\u202f'’"
_WEEKDAYS = "一二三四五六日"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WORD = re.compile(r"[A-Za-z]+")


# -- another figure -------------------------------------------------------------------------------------------


def shows_another_number(
    code: str, value: Decimal, *, percent: bool = False, money: bool = False, places: int = 2
) -> bool:
    """Whether a number format shows something else than the number.

    Args:
        code: the format, `#,##0.00`.
        value: what the cell stores.
        percent: the field counts in per cent, so that a percentage is its own figure.
        money: the field is an amount in yuan.
        places: decimals that count.
    """
    if is_plain(code):
        return False
    section = section_of(code, value)
    if not section.placeholders:
        return bool(value or _DIGIT.search(section.literal))
    return (
        _reworded(section, percent=percent)
        or (money and not _words(section).isdisjoint(READING["scale"]["money"]))
        or _scaled(section, percent=percent)
        or _unsigned(code, section, value)
        or _rounded(section, value, places)
    )


def _reworded(section: Section, *, percent: bool) -> bool:
    """Literals that make another number of the digits: digits, large units, per cent signs of another meaning."""
    return _other_figure(section) or (not percent and "%" in half_width(section.literal)) or _between_digits(section)


def _other_figure(section: Section) -> bool:
    """Whether a literal has digits or names a large unit."""
    table = READING["scale"]
    return (
        bool(_DIGIT.search(section.literal))
        or not _words(section).isdisjoint(table["words"])
        or any(sign in section.literal for sign in table["anywhere"])
    )


def _words(section: Section) -> set[str]:
    """Whole literals, without what only says what is counted: the yuan, a counter, a dot of an abbreviation."""
    own, counters = sorted(READING["currency"]["own"], key=len, reverse=True), READING["scale"]["counters"]
    found = set()
    for literal in section.literals:
        word = re.sub("|".join(map(re.escape, own)), "", literal).strip(_SEPARATORS + ".()")
        found |= {word, word.rstrip(counters)}
    return found


def _between_digits(section: Section) -> bool:
    """A literal that parts the digits: 1-2 of 12, 64.0 of 640."""
    if "E" in section.mask or "/" in section.mask or not re.search(r"[0#?,]~+[0#?]", section.mask):
        return False
    kinds = [kind for kind, _ in section.tokens]
    first, last = kinds.index("digit"), len(kinds) - kinds[::-1].index("digit")
    inner = [text for kind, text in section.tokens[first:last] if kind in {"literal", "currency"}]
    return any(text.strip(_SEPARATORS) for text in inner)


def _scaled(section: Section, *, percent: bool) -> bool:
    """Commas behind the last digit divide by thousands; a per cent sign multiplies."""
    return section.power not in ({0, 2} if percent else {0})


def _unsigned(code: str, section: Section, value: Decimal) -> bool:
    """A negative number without minus, brackets or a colour of its own; a positive one with a minus."""
    if section.condition:
        return False
    if value >= 0 or negative_by_itself(code, section):
        bare = without_currency(section.before).strip()
        return bool(value and not _DIGIT.search(bare) and _MINUS.search(bare))
    return not section.coloured and not _NEGATIVE.search(section.literal)


def _rounded(section: Section, value: Decimal, places: int) -> bool:
    """Whether digits that count are not shown."""
    if section.general or section.is_date:
        return False
    scaled = abs(value).scaleb(section.power)
    exact = half_up(scaled, places)
    if "/" in section.mask:
        return half_up(_as_decimal(_fraction(section, scaled)), 9) != half_up(scaled, 9)
    if "E" in section.mask:
        mantissa, exponent = _mantissa(section, scaled)
        return half_up(mantissa.scaleb(exponent), places) != exact
    return section.decimals < places and half_up(scaled, section.decimals) != exact


def _mantissa(section: Section, value: Decimal) -> tuple[Decimal, int]:
    """Mantissa as shown and its exponent, a multiple of the digits before the point."""
    step = max(len(re.findall(r"[0#?]", section.mask.partition("E")[0].partition(".")[0])), 1)
    exponent = value.adjusted() // step * step if value else 0
    shown = half_up(value.scaleb(-exponent), section.decimals)
    if shown >= 10**step:
        exponent, shown = exponent + step, half_up(shown.scaleb(-step), section.decimals)
    return shown, exponent


def _fraction(section: Section, value: Decimal) -> Fraction:
    """The fraction that is shown: with a fixed denominator, or the nearest with as many digits."""
    if fixed := _denominator(section):
        return Fraction(int(Fraction(value) * fixed + Fraction(1, 2)), fixed)
    digits = len(re.findall(r"[0#?]", section.mask.partition("/")[2]))
    return Fraction(value).limit_denominator(10 ** max(digits, 1) - 1)


def _denominator(section: Section) -> int:
    """Fixed denominator of a format such as `# ?/8`, 0 for any other."""
    return next((int(text[1:]) for kind, text in section.tokens if kind == "fraction"), 0)


def _as_decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


# -- currencies -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def without_currency(text: str) -> str:
    """A literal without the signs and names of currencies."""
    table = READING["currency"]
    for word in sorted((*table["own"], *table["foreign"]), key=len, reverse=True):
        text = half_width(text).replace(word, "")
    return text


def other_currency(code: str, value: Decimal) -> str:
    """The currency that a number format shows beside the number, empty where it is the yuan or none."""
    if is_plain(code):
        return ""
    section = section_of(code, value)
    for kind, text in section.tokens:
        if kind == "currency" and (found := _foreign(half_width(text).strip(), section.locale)):
            return found
    return _named_currency(half_width(section.literal))


def _foreign(symbol: str, locale: str) -> str:
    """The symbol of a format such as `[$USD]` or `[$kr-41D]`, where it is another currency than the yuan."""
    table = READING["currency"]
    if symbol == "¥" and any(locale.startswith(name) for name in table["yen_locales"]):
        return "JPY ¥"
    if found := _named_currency(symbol):
        return found
    ours = any(own in symbol for own in table["own"]) or symbol in READING["scale"]["words"]
    sign = any(unicodedata.category(character) == "Sc" for character in symbol)
    return symbol if not ours and (sign or (symbol and locale) or re.fullmatch("[A-Z]{3}", symbol)) else ""


@lru_cache(maxsize=256)
def _named_currency(text: str) -> str:
    words = set(_WORD.findall(text.upper()))
    return next(
        (
            name
            for name in READING["currency"]["foreign"]
            if (name in words if name.isascii() and name.isalpha() else name in text)
        ),
        "",
    )


# -- as text --------------------------------------------------------------------------------------------------


def shown_number(code: str, value: Decimal) -> str:
    """The number as its format shows it: `EQ-AP-05`, `12芯`, `1,234.50`, `50%`; the date formats are not for this."""
    if is_plain(code):
        return plain(value)
    section = section_of(code, value)
    scaled = abs(value).scaleb(section.power)
    digits = _shown_digits(section, plain(abs(value)) if section.general else scaled)
    minus = "-" if value < 0 and negative_by_itself(code, section) and _NONZERO.search("".join(digits)) else ""
    left = iter(digits)
    text = "".join(_piece(kind, text, left) for kind, text in section.tokens)
    return minus + re.sub(r" +", " ", text).strip()


def _shown_digits(section: Section, value: Decimal | str) -> list[str]:
    """What the placeholders show, in their order; a fraction or a power of ten stands whole in the first."""
    if isinstance(value, str):
        return [value]
    if "/" in section.mask:
        return [_mixed(section, _fraction(section, value))]
    if "E" not in section.mask:
        return _digits(section, value)
    mantissa, exponent = _mantissa(section, value)
    behind = section.mask.partition("E")[2]
    sign = "-" if exponent < 0 else "+" if section.signed else ""
    return [f"{mantissa:f}E{sign}{abs(exponent):0{len(behind) or 1}d}"]


def _mixed(section: Section, value: Fraction) -> str:
    """Whole and fraction, `1 1/2`; a fixed denominator stays as it is."""
    whole, rest = divmod(value, 1)
    fixed = _denominator(section)
    shown = f"{rest * fixed}/{fixed}" if fixed and rest else str(rest)
    return " ".join(part for part, there in ((str(whole), whole), (shown, rest)) if there) or "0"


def _piece(kind: str, text: str, digits: Iterator[str]) -> str:
    """Text of one token; placeholders and the point take the next of the digits."""
    if kind in {"digit", "general", "text"} or (kind == "mark" and text == "."):
        return next(digits, "")
    return {"pad": " ", "fill": "", "mark": "", "fraction": "", "exponent": ""}.get(kind, text)


def _digits(section: Section, value: Decimal) -> list[str]:
    """What each placeholder and the point show, in their order."""
    whole, _, rest = f"{half_up(value, section.decimals):f}".partition(".")
    before, point, behind = section.mask.partition(".")
    slots = re.findall(r"[0#?]", before)
    optional = re.findall(r"[0#?]", behind)
    while rest and rest[-1] == "0" and optional[len(rest) - 1] != "0":
        rest = rest[:-1]
    grouped = "," in re.sub(r",+$", "", before.rstrip("~%"))
    split = bool(re.search(r"[0#?]~+[0#?]", before))
    shown = _whole(slots, "" if whole == "0" else whole, grouped=grouped, split=split)
    ahead = "" if slots or whole == "0" else whole
    return [*shown, *([ahead + ("." if rest else "")] if point else []), *rest]


def _whole(slots: list[str], whole: str, *, grouped: bool, split: bool) -> list[str]:
    """The digits before the point: all in the first place, unless literals part them."""
    whole = whole.zfill(slots.count("0")) if slots.count("0") else whole
    if not slots:
        return []
    if not split:
        return [f"{int(whole):,}" if grouped and whole else whole, *[""] * (len(slots) - 1)]
    padded = whole.rjust(len(slots))
    cut = len(padded) - len(slots) + 1
    return [padded[:cut].strip(), *(digit.strip() for digit in padded[cut:])]


# -- dates ----------------------------------------------------------------------------------------------------


def shows_whole_date(code: str) -> bool:
    """Whether a date format shows year, month and day."""
    letters = {text[0].lower() for kind, text in sections(code)[0].tokens if kind == "date"}
    return {"m", "d"} <= letters and bool(letters & {"y", "e", "g", "b"})


def shown_date(code: str, moment: datetime) -> str:
    """A date or time as its format shows it: `1月2日`, `1:08`."""
    tokens = sections(code)[0].tokens
    clock = any(kind == "clock" for kind, _ in tokens)
    letters = [(n, text[0].lower()) for n, (kind, text) in enumerate(tokens) if kind == "date"]
    pieces = []
    for n, (kind, text) in enumerate(tokens):
        before = [letter for place, letter in letters if place < n]
        after = [letter for place, letter in letters if place > n]
        minutes = before[-1:] == ["h"] or after[:1] == ["s"]
        piece = _date_piece(text.lower(), moment, minutes=minutes, clock=clock) if kind == "date" else ""
        pieces.append(piece if kind == "date" else _clock(moment) if kind == "clock" else _other_piece(kind, text))
    return "".join(pieces).strip()


def _other_piece(kind: str, text: str) -> str:
    return {"pad": " ", "fill": "", "digit": "0"}.get(kind, text)


def _clock(moment: datetime) -> str:
    return "上午" if moment.hour < 12 else "下午"


def _date_piece(text: str, moment: datetime, *, minutes: bool, clock: bool) -> str:
    letter, size = text[0], len(text)
    number = {
        "y": moment.year % 100 if size < 3 else moment.year,
        "e": moment.year,
        "m": moment.minute if minutes else moment.month,
        "d": moment.day,
        "h": (moment.hour + 11) % 12 + 1 if clock else moment.hour,
        "s": moment.second,
    }.get(letter)
    if letter == "m" and not minutes and size > 2:
        return _MONTHS[moment.month - 1]
    if letter == "a" or (letter == "d" and size > 2):
        return ("" if text == "aaa" else "星期") + _WEEKDAYS[moment.weekday()]
    return "" if number is None else str(number).zfill(min(size, 2))


def shows_no_day(code: str) -> bool:
    """Whether a date format shows nothing of the day itself: a time, a weekday, a day of another calendar."""
    section = sections(code)[0]
    letters = [text.lower() for kind, text in section.tokens if kind == "date"]
    months = [t for n, t in enumerate(letters) if t[0] == "m" and not _is_minute(letters, n)]
    shown = months or any(t[0] in "ye" or (t[0] == "d" and len(t) < 3) for t in letters)
    calendar = section.locale[:-4][-2:].upper().rjust(2, "0")
    return not shown or calendar in READING["time"]["other_calendars"] or any(t[0] == "b" for t in letters)


def _is_minute(letters: list[str], place: int) -> bool:
    """Whether an m stands for minutes: in brackets, behind an hour or before a second."""
    before, after = ["", *letters][place], [*letters, ""][place + 1]
    return before.startswith("h") or after.startswith("s")


# -- texts ----------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def hides_text(code: str) -> bool:
    """Whether a number format shows another text than the one in the cell, or none."""
    found = sections(code)
    section = found[3] if len(found) >= 4 else next((s for s in reversed(found) if s.text), None)
    if section is None:
        return False
    return not section.text or _other_figure(section)


@lru_cache(maxsize=256)
def around_text(code: str) -> tuple[str, str]:
    """What a number format shows before and behind a text: `EQ-` and nothing for `"EQ-"@`."""
    found = sections(code)
    section = found[3] if len(found) >= 4 else next((s for s in reversed(found) if s.text), None)
    kinds = [kind for kind, _ in section.tokens] if section else []
    if section is None or kinds.count("text") != 1:
        return "", ""
    place = kinds.index("text")
    parts = section.tokens[:place], section.tokens[place + 1 :]
    before, behind = ("".join(text for kind, text in part if kind in {"literal", "currency"}) for part in parts)
    return before.lstrip(), behind.rstrip()
