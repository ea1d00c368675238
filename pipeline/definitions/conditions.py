"""Dotted names of cells and the conditions on them, as `documents.toml` and `procedure.toml` write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import Field, Form, SheetForm, did_you_mean

_CONDITION = re.compile(r"(?P<name>[^=!]+?)\s*(?:(?P<op>!?=)\s*(?P<values>.*))?")


@dataclass(frozen=True)
class Condition:
    """A cell or column that reads one of the values, or a name that holds something.

    Attributes:
        name: dotted name, `plan.basics.needs_test`, or a sheet, `records.problems`.
        values: texts that fit; empty: anything.
        wanted: False for `!=`.
        others: names any of which may stand for the first.
    """

    name: str
    values: tuple[str, ...] = ()
    wanted: bool = True
    others: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All names; one that fits is enough."""
        return (self.name, *self.others)


def condition(text: str, where: str) -> Condition:
    """Read `a.b.c=x|y`, `a.b.c!=x`, `a.b` or `a.b.c|d.e.f`.

    Raises:
        DefinitionError: it is none of these; `where` names file and key.
    """
    match = _CONDITION.fullmatch(text)
    if not match:
        raise DefinitionError(f"{where}:条件“{text}”读不懂(cannot read condition)。")
    values = tuple(value.strip() for value in match["values"].split("|")) if match["op"] else ()
    first, *others = (name.strip() for name in match["name"].split("|"))
    return Condition(first, values, match["op"] != "!=", tuple(others))


def inspect_condition(one: Condition, forms: Mapping[str, Form], where: str) -> None:
    """Its names exist, and its values can stand there.

    Raises:
        DefinitionError: they cannot.
    """
    for name in one.names:
        field = named(name, forms, where)[1]
        if one.values and field is None:
            raise DefinitionError(f"{where}:“{name}”不是一个字段(is no field)。")
        if field and field.choices:
            known(one.values, ("", *field.choices), where)


def named(
    word: str, forms: Mapping[str, Form], where: str, fits: Callable[[Field], bool] | None = None
) -> tuple[SheetForm, Field | None]:
    """Sheet and field that a dotted name means; a name that must `fit` is a field that holds a date.

    Raises:
        DefinitionError: there is no such workbook, sheet or field; the nearest is named.
    """
    book, _, rest = word.partition(".")
    sheet_key, _, field_key = rest.partition(".")
    known((book,), forms, where)
    known((sheet_key,), (sheet.key for sheet in forms[book].sheet), where)
    sheet = forms[book].sheet_form(sheet_key)
    if not field_key and fits is None:
        return sheet, None
    fields = {field.key: field for field in (*sheet.header, *sheet.fields)}
    known((field_key,), fields, where)
    if fits and not fits(fields[field_key]):
        raise DefinitionError(f"{where}:“{word}”不是日期(is no date)。")
    return sheet, fields[field_key]


def dated(field: Field) -> bool:
    """Whether a field holds a day."""
    return field.type in ("date", "datetime")


def known(words: Iterable[str], choices: Iterable[str], where: str) -> None:
    """Every word is among the choices.

    Raises:
        DefinitionError: one is not; the nearest is named.
    """
    allowed = list(choices)
    for word in words:
        if word not in allowed:
            raise DefinitionError(f"{where}:没有“{word}”(unknown value){did_you_mean(word, allowed)}")
