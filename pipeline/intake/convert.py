"""Turn what a cell stores into what its field means; say what is wrong with it, never guess (domain C.0 6-11)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as fresh
from datetime import date, datetime, timedelta
from decimal import Decimal

from pipeline.adapters.ooxml.reader import RawBook, RawCell
from pipeline.adapters.ooxml.rows import RICH
from pipeline.core.characters import is_printable
from pipeline.core.company import NUMBER_AND_NAME
from pipeline.core.conventions import READING
from pipeline.core.money import NotAnAmount, plain, typed_number
from pipeline.core.number_formats import counts_in_percent, is_plain, shows_date
from pipeline.core.places import Place
from pipeline.core.sheets import LIST_SEPARATORS, Cell, Flaw, Note, Value
from pipeline.core.shown_numbers import around_text, shown_date, shown_number, shows_whole_date
from pipeline.core.texts import as_typed, half_width, unified, without_unseen
from pipeline.definitions.forms import DATED, NUMERIC, Field
from pipeline.intake.disguise import TYPED, disguise, notes, stored_number, without_mark

_DATETIME = re.compile(READING["dates"]["day"] + READING["dates"]["time"])
_MONTH = re.compile(READING["dates"]["month"])
# A tax rate is not turned round: the form divides by it as it is stored, and F016 names the cell.
_AS_STORED = READING["numbers"]["per_cent_as_stored"]
_DAY_MS, _MINUTE = 86_400_000, timedelta(minutes=1)
_NO_DAY = 60
_PLAIN_SERIALS = range(READING["dates"]["plain_serials"][0], READING["dates"]["plain_serials"][1] + 1)


@dataclass(frozen=True)
class Reader:
    """Reads cells of one workbook.

    Attributes:
        book: gives number formats and the date system.
        people: employee numbers by name (only names that are unique) and by themselves in capitals.
    """

    book: RawBook
    people: Mapping[str, str]
    _seen: dict[tuple[str, str, int], str] = fresh(default_factory=dict, repr=False, compare=False)

    def read(self, raw: RawCell | None, field: Field, at: Place, *, hidden: bool = False, struck: str = "") -> Cell:
        """Typed cell of a field.

        Args:
            raw: the stored cell, None where there is none.
            field: what it should hold.
            at: its place.
            hidden: its row, column or sheet is hidden.
            struck: the part of its text that is struck out.
        """
        if raw is None or (raw.text is None and not raw.formula):
            return Cell(at, hidden=hidden)
        if raw.text is None:
            return Cell(at, shown="", flaws=frozenset({Flaw.UNCALCULATED}), hidden=hidden)
        if raw.kind == "e" and raw.text == RICH:
            rich = Note(Flaw.NO_TEXT, {"kind": "单元格中的图片或数据类型", "value": "#VALUE!"})
            return Cell(at, shown="单元格中的图片", flaws=frozenset({Flaw.NO_TEXT}), hidden=hidden, notes=(rich,))
        if raw.kind == "e":
            return Cell(at, shown=raw.text, flaws=frozenset({Flaw.ERROR}), hidden=hidden)
        shown = self.shown(raw) if field.type in TYPED else self.displayed(raw)
        if not shown.strip():
            return Cell(at, hidden=hidden)
        flaws = {Flaw.OVERWRITTEN} if field.formula and not raw.formula else set()
        value, flaw = self._value(raw, shown, field)
        if value is not None and field.type in DATED and self._near_midnight(raw, shown):
            flaws.add(Flaw.NEAR_MIDNIGHT)
        if raw.kind == "s" and not is_printable(shown):
            flaws.add(Flaw.CONTROL)
        found = frozenset(flaws | ({flaw} if flaw else set()))
        told = tuple(
            notes(self.book, raw, field, shown if field.type in TYPED else self.shown(raw), shown, value, struck)
        )
        found |= {note.flaw for note in told}
        if struck and field.type in NUMERIC:  # which digits hold?
            value, found = None, found - {Flaw.TEXT_NUMBER}
        return Cell(at, value, shown, found, hidden=hidden, disguise=disguise(self.book, raw, field), notes=told)

    def shown(self, raw: RawCell) -> str:
        """What is stored in the cell as text: dates as 2026-03-05, numbers plain."""
        if raw.text is None:
            return ""
        if raw.kind == "s":
            text = raw.text
            if "\r" in text:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            return without_mark(text) if text.startswith("'") else text
        key = (raw.kind, raw.text, raw.style)
        if key not in self._seen:
            self._seen[key] = self._as_text(raw, raw.text)
        return self._seen[key]

    def _as_text(self, raw: RawCell, text: str) -> str:
        if raw.kind == "b":
            return "TRUE" if text == "1" else "FALSE"
        if (number := stored_number(raw)) is None:
            return text
        if not self.book.is_date(raw):
            return plain(number)
        if self._is_no_day(number):
            return "1900-02-29"
        exact = self._exact(number)
        return _shown_moment(exact) if exact else plain(number)

    def displayed(self, raw: RawCell) -> str:
        """What the sheet shows: EQ-AP-05 for 5 or 05 under such a format, 1:08 for a time; whole dates: 2026-03-05."""
        code, number = self.book.format(raw), stored_number(raw)
        if raw.kind == "s" and "@" in code and not is_plain(code) and (text := self.shown(raw)):
            before, behind = around_text(code)
            return before + text + behind
        if number is None or is_plain(code):
            return self.shown(raw)
        if not shows_date(code):
            return shown_number(code, number)
        exact = self._exact(number)
        if exact is None or shows_whole_date(code) or (number >= 1 and _to_midnight(exact)):
            return self.shown(raw)
        return shown_date(code, _to_minute(exact))

    def _value(self, raw: RawCell, shown: str, field: Field) -> tuple[Value | None, Flaw | None]:
        if field.type in NUMERIC:
            return self._number(raw, shown, field)
        if field.type in DATED:
            return self._dated(raw, shown, field)
        text = unified(clean(shown))
        convert = _TEXTS.get(field.type)
        if field.type == "code" and field.regex:
            return _in_capitals(_code(text), field.regex), None
        if field.type == "emp" or field.item_type == "emp":
            return self._persons(text, field), None
        value = convert(text) if convert else text
        return (_chosen(value, field) if field.choices else value), None

    def _number(self, raw: RawCell, shown: str, field: Field) -> tuple[Value | None, Flaw | None]:
        if (number := stored_number(raw)) is not None:
            turned = field.type == "percent" and field.reference not in _AS_STORED
            return (number * 100 if turned and counts_in_percent(self.book.format(raw), number) else number), None
        try:
            text = half_width(shown).strip()
            return typed_number(text.removesuffix("%") if field.type == "percent" else text), Flaw.TEXT_NUMBER
        except NotAnAmount:
            return None, Flaw.NOT_A_NUMBER

    def _dated(self, raw: RawCell, shown: str, field: Field) -> tuple[Value | None, Flaw | None]:
        moment: datetime | None = None
        if (number := stored_number(raw)) is not None:
            known = self.book.is_date(raw) or int(number) in _PLAIN_SERIALS
            moment = self._moment(number) if known else None
        else:
            moment = _spelled(as_typed(shown).strip(), field.type)
        if moment is None:
            return None, Flaw.NOT_A_DATE
        if field.type == "month":
            return f"{moment.year:04d}-{moment.month:02d}", None
        return (moment if field.type == "datetime" else moment.date()), None

    def _near_midnight(self, raw: RawCell, shown: str) -> bool:
        number = stored_number(raw)
        exact = self._exact(number) if number is not None else _spelled_exactly(half_width(shown).strip())
        return exact is not None and _to_midnight(exact) is not None

    def _moment(self, number: Decimal) -> datetime | None:
        """Day and time of a serial number in the workbook's date system, to the minute."""
        exact = self._exact(number)
        return None if exact is None else _to_midnight(exact) or _to_minute(exact)

    def _exact(self, number: Decimal) -> datetime | None:
        """The same to the millisecond: what a stored number with its 15 digits surely says.

        Excel counts a 29 February 1900, which was no day: before it every number is a day later than after it.
        """
        if self._is_no_day(number):
            return None
        early = 1 <= number < _NO_DAY
        epoch = datetime(1904, 1, 1) if self.book.date1904 else datetime(1899, 12, 31 if early else 30)
        try:
            return epoch + timedelta(milliseconds=int((number * _DAY_MS).to_integral_value()))
        except OverflowError:
            return None

    def _is_no_day(self, number: Decimal) -> bool:
        return not self.book.date1904 and _NO_DAY <= number < _NO_DAY + 1

    def _persons(self, text: str, field: Field) -> Value:
        if field.type == "list":
            return tuple(self._person(part) for part in LIST_SEPARATORS.split(text) if part)
        return self._person(text)

    def _person(self, text: str) -> str:
        """Employee number of `E302`, `E302 卢海峰` or a unique name; anything else stays as it is."""
        plain_text = without_unseen(unicodedata.normalize("NFKC", unified(text))).strip()
        known = self.people.get(re.sub(r"\s", "", plain_text))
        if known or not (match := NUMBER_AND_NAME.fullmatch(plain_text)):
            return known or plain_text
        number = match["no"].upper()
        return self.people.get(number, number)


def clean(text: str) -> str:
    """Text without blanks around it; full-width blanks count as blanks (domain C.0 10)."""
    return text.replace("\u3000", " ").strip()


def _code(text: str) -> str:
    return re.sub(r"\s", "", as_typed(text))


def _chosen(value: Value, field: Field) -> Value:
    """What looks like a choice is that choice: full-width or compatible characters, other dashes and blanks."""
    if isinstance(value, tuple):
        return tuple(_alike(part, field) for part in value)
    return _alike(value, field) if isinstance(value, str) else value


def _alike(text: str, field: Field) -> str:
    if text in field.choices:
        return text
    return next((choice for choice in (*field.choices, *field.also_allowed) if _code(choice) == _code(text)), text)


def _in_capitals(code: str, spelled: re.Pattern[str]) -> str:
    """The code as the program reads it: v1.0 is V1.0; what is spelled otherwise stays."""
    capitals = code.upper()
    return capitals if spelled.fullmatch(capitals) else code


def _choice(text: str) -> str:
    return clean(without_unseen(text))


def _list(text: str) -> tuple[str, ...]:
    return tuple(clean(part) for part in LIST_SEPARATORS.split(text) if clean(part))


_TEXTS: dict[str, Callable[[str], Value]] = {"code": _code, "enum": _choice, "list": _list}


def _shown_moment(exact: datetime) -> str:
    """A moment as it stands in the cell; to the second where the minute would be another day's."""
    if _to_midnight(exact):
        return f"{exact:%Y-%m-%d %H:%M:%S}"
    moment = _to_minute(exact)
    return f"{moment:%Y-%m-%d}" if (moment.hour, moment.minute) == (0, 0) else f"{moment:%Y-%m-%d %H:%M}"


def _to_minute(exact: datetime) -> datetime:
    """The nearest minute, of two the even one."""
    minutes, rest = divmod(exact - datetime.min, _MINUTE)
    up = rest * 2 > _MINUTE or (rest * 2 == _MINUTE and minutes % 2)
    return exact - rest + (_MINUTE if up and exact.date() < date.max else _MINUTE * 0)


def _to_midnight(exact: datetime) -> datetime | None:
    """The day that begins within less than a minute; None where none does.

    Programs that reckon with the old local time of Shanghai store a day 43 seconds early (SheetJS #2350).
    """
    passed = exact - datetime(exact.year, exact.month, exact.day)
    left = timedelta(days=1) - passed
    return exact + left if left < _MINUTE and exact.date() < date.max else None


def _spelled(text: str, kind: str) -> datetime | None:
    """Date of one of the five spellings, to the minute; None when it is none or no day of the calendar."""
    exact = _parsed(_MONTH.fullmatch(text)) if kind == "month" else _spelled_exactly(text)
    return None if exact is None else _to_midnight(exact) or exact.replace(second=0)


def _spelled_exactly(text: str) -> datetime | None:
    """Date and time of a spelling, to the second."""
    return _parsed(_DATETIME.fullmatch(text))


def _parsed(match: re.Match[str] | None) -> datetime | None:
    if not match:
        return None
    parts = match.groupdict()
    try:
        return datetime(
            int(parts["y"]),
            int(parts["m"]),
            int(parts.get("d") or 1),
            int(parts.get("h") or 0),
            int(parts.get("n") or 0),
            int(parts.get("s") or 0),
        )
    except ValueError:
        return None
