"""Leaves of a context: a value with its text, its other ways to be printed, and its cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.core.characters import printable
from pipeline.core.documents import Printed
from pipeline.core.places import Place
from pipeline.core.sheets import Value

Forms = Mapping[str, Callable[[Any], str]]


class Shown(str):
    """A value as it is printed: the text by its type, other ways to print it, and its cells.

    Empty text and zero count as false in a template's `if`.

    Attributes:
        name: name in the context, list positions from 0 as in Jinja: `plan.stages[3].budget`.
        value: the typed value, None when blank or unreadable.
        cells: where it comes from.
        forms: other ways to print the value by suffix: `.wan`, `.cn`.
    """

    __slots__ = ("cells", "forms", "name", "value")
    name: str
    value: Value | int | None
    cells: tuple[Place, ...]
    forms: Forms

    def __new__(
        cls,
        text: str = "",
        *,
        name: str = "",
        value: Value | int | None = None,
        cells: tuple[Place, ...] = (),
        forms: Forms | None = None,
    ) -> Shown:
        """Make a leaf; `value` is the text itself where nothing else is given."""
        made = super().__new__(cls, text)
        made.name, made.cells, made.forms = name, cells, forms or {}
        made.value = (text or None) if value is None else value
        return made

    def __bool__(self) -> bool:
        return len(self) > 0 and self.value != 0

    def __hash__(self) -> int:
        return str.__hash__(self)

    def form(self, suffix: str) -> Shown | None:
        """The value printed another way; None when its type has no such way, empty when there is no value."""
        if suffix == "text":
            return self
        if suffix not in self.forms:
            return None
        text = "" if self.value is None else self.forms[suffix](self.value)
        return Shown(text, name=f"{self.name}.{suffix}", value=self.value, cells=self.cells)


def xml_text(text: str) -> str:
    """Text as a document can hold it: characters that XML forbids become U+FFFD, line ends become a line feed."""
    return printable(text.replace("\r\n", "\n").replace("\r", "\n"))


def value_text(value: object) -> str:
    """A value as the provenance keeps it: plain numbers, ISO dates."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "、".join(value)
    return "" if value is None else str(value)


def as_printed(value: Shown, text: str | None = None) -> Printed:
    """A leaf as it is written down when it is printed."""
    text = xml_text(str(value)) if text is None else text
    return Printed(value.name, text, xml_text(value_text(value.value)), value.cells)
