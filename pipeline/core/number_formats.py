"""Number formats taken apart (ECMA-376 18.8.31): the one tokenizer; `shown_numbers` says what they show."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cached_property, lru_cache

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|_(?P<pad>.)|\*(?P<fill>.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/通用格式|常规)|(?P<clock>AM/PM|A/P|上午/下午)|(?P<exponent>E[+-])|(?P<digit>[0#?])"
    r"|(?P<percent>%)|(?P<fraction>/\s*\d+)|(?P<mark>[.,/])|(?P<text>@)"
    r"|(?P<date>y+|m+|d+|h+|s+|a{3,4}|e+|g+|b+)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_PART = re.compile(r'((?:"[^"]*"?|[\\!_*].|\[[^\]]*\]|[^;])*)(?:;|$)', re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "=": lambda a, b: a == b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<>": lambda a, b: a != b,
}
_LITERALS = ("quoted", "escaped", "other")
_COLOURS = re.compile(
    r"black|blue|cyan|green|magenta|red|white|yellow|color\s*\d+|[黑蓝青绿红白黄]色?|洋红", re.IGNORECASE
)


class Section:
    """One of the parts between semicolons.

    Attributes:
        tokens: kind and text of each piece, in their order. Kinds: `literal`, `digit` (`0`, `#` or `?`), `percent`
            (neither quoted nor escaped), `exponent`, `fraction` (a fixed denominator), `mark` (`.`, `,`
            or `/`), `general`, `text`, `date` (a letter, also of elapsed time), `clock`, `pad`, `fill`, `currency`.
        brackets: colours and conditions.
        locale: language of the currency or of the whole section, `804` for Chinese; empty where it is not said.
    """

    def __init__(self, source: str) -> None:
        """Take a part apart."""
        self.tokens: list[tuple[str, str]] = []
        self.brackets: list[str] = []
        self.locale = ""
        for match in _TOKEN.finditer(source):
            kind, text = str(match.lastgroup), match[match.lastgroup or 0]
            if kind == "bracket":
                self._bracket(text)
            elif text:
                self.tokens.append(("literal" if kind in _LITERALS else kind, text))
        if not self.is_date:  # letters beside digits are a unit that somebody forgot to quote
            self.tokens = [("literal" if kind == "date" else kind, text) for kind, text in self.tokens]

    def _bracket(self, text: str) -> None:
        if text.startswith("$"):
            symbol, _, self.locale = text[1:].partition("-")
            self.tokens += [("currency", symbol)] if symbol else []
        elif _ELAPSED.fullmatch(text):
            self.tokens.append(("date", text))
        else:
            self.brackets.append(text.strip())

    @cached_property
    def is_date(self) -> bool:
        """Whether it shows a date or time: letters of one, and no digits before them."""
        kinds = [kind for kind, text in self.tokens if kind in {"date", "clock", "digit"}]
        return bool(kinds) and kinds[0] != "digit" and not self._has("digit", "#?")

    @cached_property
    def mask(self) -> str:
        """Placeholders and signs in their order, each literal between them as `~`."""
        short = {"literal": "~", "currency": "~", "exponent": "E", "fraction": "/"}
        kept = {"literal", "currency", "exponent", "fraction", "digit", "percent", "mark"}
        return "".join(short.get(kind, text) for kind, text in self.tokens if kind in kept)

    @cached_property
    def literal(self) -> str:
        """All text that is shown as it stands."""
        return "".join(text for kind, text in self.tokens if kind in {"literal", "currency"})

    @cached_property
    def literals(self) -> tuple[str, ...]:
        """The literals, neighbours joined."""
        return tuple("".join(run) for run in _runs(self.tokens))

    @cached_property
    def before(self) -> str:
        """Literal text before the number."""
        place = next((n for n, (kind, _) in enumerate(self.tokens) if kind in {"digit", "general", "text"}), 0)
        return "".join(text for kind, text in self.tokens[:place] if kind in {"literal", "currency"})

    @cached_property
    def condition(self) -> re.Match[str] | None:
        """Comparison and limit, as in `[>=10000]`."""
        return next((m for b in self.brackets if (m := _CONDITION.fullmatch(b))), None)

    @cached_property
    def coloured(self) -> bool:
        """Whether it has a colour of its own."""
        return any(_COLOURS.fullmatch(bracket) for bracket in self.brackets)

    @cached_property
    def general(self) -> bool:
        """Whether it shows numbers as they are: `General`, `@`."""
        return any(kind in {"general", "text"} for kind, _ in self.tokens)

    @cached_property
    def text(self) -> bool:
        """Whether it says how a text is shown."""
        return any(kind == "text" for kind, _ in self.tokens)

    @cached_property
    def placeholders(self) -> bool:
        """Whether it shows the number at all."""
        return self.general or self.is_date or self._has("digit", "0#?")

    @cached_property
    def power(self) -> int:
        """Power of ten by which it multiplies: 2 for each per cent sign, -3 for each comma behind the last digit."""
        trailing = re.search(r"[0#?](,+)(?![0#?,])", self.mask)
        return 2 * self.mask.count("%") - 3 * (len(trailing[1]) if trailing else 0)

    @cached_property
    def signed(self) -> bool:
        """Whether a positive exponent has a plus."""
        return any(kind == "exponent" and text.endswith("+") for kind, text in self.tokens)

    @cached_property
    def decimals(self) -> int:
        """Digits behind the point; of the mantissa where there is an exponent."""
        return len(re.findall(r"[0#?]", self.mask.partition("E")[0].partition(".")[2]))

    def _has(self, wanted: str, texts: str) -> bool:
        return any(kind == wanted and text in texts for kind, text in self.tokens)


def _runs(tokens: list[tuple[str, str]]) -> list[list[str]]:
    runs: list[list[str]] = [[]]
    for kind, text in tokens:
        if kind in {"literal", "currency"}:
            runs[-1].append(text)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


@lru_cache(maxsize=512)
def sections(code: str) -> tuple[Section, ...]:
    """The format's sections; semicolons in quotes, brackets and behind an escape do not part them."""
    parts = _PART.findall(code)
    return tuple(Section(part) for part in (parts[:-1] if len(parts) > 1 and not code.endswith(";") else parts))


def section_of(code: str, value: Decimal) -> Section:
    """The section that shows a number: by its condition, else by its sign."""
    found = sections(code)
    if any(section.condition for section in found[:2]):
        for section in found[:3]:
            met = section.condition
            if met is None or _COMPARE[met[1]](value, Decimal(met[2])):
                return section
    numbers = found[:3]
    index = 0 if len(numbers) == 1 or value > 0 else 1 if value < 0 else len(numbers) - 1 if len(numbers) == 3 else 0
    return numbers[index]


@lru_cache(maxsize=512)
def is_plain(code: str) -> bool:
    """Whether a format shows what is stored."""
    return not code or code.strip().casefold() in {"general", "g/通用格式", "常规", "@"}


@lru_cache(maxsize=512)
def shows_date(code: str) -> bool:
    """Whether a number format shows a positive number as a date or time."""
    return not is_plain(code) and sections(code)[0].is_date


def counts_in_percent(code: str, value: Decimal) -> bool:
    """Whether a number format shows a hundredth as 1: a per cent sign that is neither quoted nor escaped."""
    return "%" in code and "%" in section_of(code, value).mask


def negative_by_itself(code: str, section: Section) -> bool:
    """Whether a minus is added to the section for a negative number."""
    return section.condition is not None or len(sections(code)) < 2
