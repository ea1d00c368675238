"""Does a cell's number format show the figure that the cell holds (ECMA-376 18.8.31)?

Not a formatter: it finds the formats that show another figure than the stored one, or none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache

from pipeline.core.money import half_up

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|[_*].|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/通用格式)|(?P<digits>[0#?.,%/]|E[+-])|(?P<text>@)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "=": lambda a, b: a == b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<>": lambda a, b: a != b,
}
_COLOURS = re.compile(
    r"black|blue|cyan|green|magenta|red|white|yellow|color\s*\d+|[黑蓝青绿红白黄]色?|洋红", re.IGNORECASE
)
_LARGE_UNIT = re.compile(r"万|亿|百万|[百千]元")
_DIGIT = re.compile(r"\d")


class _Section:
    """One of the parts between semicolons.

    Attributes:
        mask: placeholders in their order, each literal between them as `~`.
        literal: all text that is shown as it stands.
        brackets: colours, conditions, currencies.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.mask, self.literal = "", ""
        self.brackets: list[str] = []
        self.general = self.text = False
        for token in _TOKEN.finditer(source):
            self._take(token)

    def _take(self, token: re.Match[str]) -> None:
        shown = token["quoted"] or token["escaped"] or token["other"] or ""
        if token["bracket"] is not None:
            self.brackets.append(token["bracket"])
        elif token["digits"]:
            self.mask += token["digits"][0].upper()
        elif shown:
            self.mask += "~"
            self.literal += shown
        self.general = self.general or token["general"] is not None
        self.text = self.text or token["text"] is not None

    @property
    def condition(self) -> re.Match[str] | None:
        return next((m for b in self.brackets if (m := _CONDITION.fullmatch(b.strip()))), None)

    @property
    def placeholders(self) -> bool:
        return self.general or self.text or bool(re.search(r"[0#?]", self.mask))


@lru_cache(maxsize=256)
def _sections(code: str) -> tuple[_Section, ...]:
    """The format's sections; semicolons in quotes, brackets and behind an escape do not part them."""
    parts = re.findall(r'((?:"[^"]*"?|[\\!].|\[[^\]]*\]|[^;])*)(?:;|$)', code, re.DOTALL)
    return tuple(_Section(part) for part in (parts[:-1] if len(parts) > 1 and not code.endswith(";") else parts))


def _section_of(sections: tuple[_Section, ...], value: Decimal) -> _Section:
    """The section that shows a number: by its condition, else by its sign."""
    if any(section.condition for section in sections[:2]):
        for section in sections[:3]:
            met = section.condition
            if met is None or _COMPARE[met[1]](value, Decimal(met[2])):
                return section
    numbers = sections[:3]
    index = 0 if len(numbers) == 1 or value > 0 else 1 if value < 0 else len(numbers) - 1 if len(numbers) == 3 else 0
    return numbers[index]


def shows_another_number(code: str, value: Decimal, *, percent: bool = False) -> bool:
    """Whether a number format shows something else than the number.

    Args:
        code: the format, `#,##0.00`.
        value: what the cell stores.
        percent: the field counts in per cent, so that a percentage is its own figure.
    """
    if not code or _plain(code):
        return False
    section = _section_of(_sections(code), value)
    if not section.placeholders:
        return bool(value or _DIGIT.search(section.literal))
    return (
        bool(_DIGIT.search(section.literal) or _LARGE_UNIT.search(section.literal))
        or _scaled(section, percent=percent)
        or _unsigned(code, section, value)
        or _rounded(section, value)
    )


def _plain(code: str) -> bool:
    return code.strip().casefold() in {"general", "g/通用格式", "@"}


def _scaled(section: _Section, *, percent: bool) -> bool:
    """Commas behind the last digit divide by thousands; a point typed between the digits moves the decimals."""
    if re.search(r"[0#?],+(?![0#?,])", section.mask):
        return True
    if re.search(r"[0#?]~+[0#?]", section.mask) and re.search(r"[.,]", section.literal):
        return True
    return "%" in section.mask and not percent


def _unsigned(code: str, section: _Section, value: Decimal) -> bool:
    """A negative number without minus, brackets or a colour of its own."""
    if value >= 0 or section.condition or len(_sections(code)) < 2:
        return False
    coloured = any(_COLOURS.fullmatch(bracket.strip()) for bracket in section.brackets)
    return not coloured and not re.search(r"[-\u2212(\uff08负]", section.literal)


def _rounded(section: _Section, value: Decimal) -> bool:
    """Whether digits before the third decimal are not shown."""
    if "E" in section.mask or section.general or section.text:
        return False
    if "/" in section.mask:
        return value != value.to_integral_value()
    shown = re.sub(r"[^0#?]", "", section.mask.partition(".")[2])
    return len(shown) < 2 and "%" not in section.mask and half_up(value, len(shown)) != half_up(value)


@lru_cache(maxsize=256)
def hides_text(code: str) -> bool:
    """Whether a number format shows another text than the one in the cell, or none."""
    sections = _sections(code)
    if len(sections) < 4:
        section = next((s for s in reversed(sections) if s.text), None)
    else:
        section = sections[3]
        if not section.text:
            return True
    if section is None:
        return False
    return bool(_DIGIT.search(section.literal) or _LARGE_UNIT.search(section.literal))


def zero_padded(code: str) -> int:
    """Digits of a format that only pads with zeros (`000000`), 0 for any other."""
    return len(code) if re.fullmatch(r"0{2,}", code) else 0
