"""The hidden sheet `_lists`: sources of drop-downs and of look-up formulas, one column each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.adapters.ooxml.raw import column_letter
from pipeline.definitions.calculate import Scalar
from pipeline.definitions.expressions import names
from pipeline.definitions.forms import Field, Form, node
from pipeline.definitions.values import Master00

SHEET = "_lists"
STAGES = (*(f"S{n}" for n in range(1, 8)), *(f"G{n}" for n in range(1, 10)))


class Lists:
    """Columns of `_lists` in the order in which they are first asked for."""

    def __init__(self, form: Form, master: Master00) -> None:
        """Collect the columns that the form's drop-downs and formulas need."""
        self._columns: dict[str, list[Scalar]] = {}
        for form_field in _fields(form):
            self._add_choices(form_field, master)
        for name in _formula_names(form):
            self._add_look_up(name, master)

    def _add_choices(self, form_field: Field, master: Master00) -> None:
        key = list_key(form_field)
        if key and key not in self._columns:
            self._columns[key] = _choices(form_field, master)

    def _add_look_up(self, name: str, master: Master00) -> None:
        parts = name.split(".")
        if parts[0] == "master" and len(parts) == 3:
            self._columns.setdefault(name, master.column(parts[1], parts[2]))
        elif parts[0] == "lists":
            self._columns.setdefault(name, master.days(parts[1]))

    def reference(self, key: str) -> str:
        """Absolute address of a column, one empty cell when the list is empty."""
        letter = column_letter(list(self._columns).index(key) + 1)
        return f"{SHEET}!${letter}$2:${letter}${1 + max(1, len(self._columns[key]))}"

    def filled(self, key: str) -> bool:
        """Whether there is anything to choose from."""
        return bool(self._columns.get(key))

    def write(self, book: Any, sheet: Any, date_format: Any) -> None:
        """Write the columns and name each of them `L_...`."""
        for column, (key, values) in enumerate(self._columns.items()):
            sheet.write_string(0, column, key)
            for row, value in enumerate(values):
                if isinstance(value, str) or value is None:
                    sheet.write_string(row + 1, column, value or "")
                else:
                    sheet.write_number(row + 1, column, float(value), date_format if key.startswith("lists.") else None)
            book.define_name(f"L_{key.replace('.', '_')}", f"={self.reference(key)}")


def list_key(form_field: Field) -> str:
    """Name of the column that holds a field's choices, empty when there is none."""
    if form_field.type == "emp" or form_field.item_type == "emp":
        return "persons"
    if form_field.choices and form_field.type in {"enum", "list"}:
        return f"{form_field.key}.{abs(_checksum(form_field.choices)):04d}"
    known = ("master.", "plan.stages.")
    return form_field.reference if form_field.reference.startswith(known) else ""


def _checksum(choices: tuple[str, ...]) -> int:
    """Tell lists of one key apart, the same in every run."""
    return sum(ord(char) * (index + 1) for index, char in enumerate("|".join(choices))) % 10000


def _choices(form_field: Field, master: Master00) -> list[Scalar]:
    if form_field.type == "emp" or form_field.item_type == "emp":
        staff = (row for row in master.rows("persons") if row.get("status") != "离职")
        return [f"{row['emp_no']} {row['name']}" for row in staff]
    if form_field.choices:
        return list(form_field.choices)
    if form_field.reference == "plan.stages.code":
        return list(STAGES)
    return [*master.column(*form_field.reference.split(".")[1:]), *form_field.also_allowed]


def _fields(form: Form) -> Iterator[Field]:
    yield from form.head.fields
    for sheet in form.sheet:
        yield from sheet.fields
        yield from sheet.header
        yield from (item.field for item in sheet.items)


def _formula_names(form: Form) -> Iterator[str]:
    for sheet in form.sheet:
        for form_field in sheet.fields:
            if form_field.formula:
                yield from names(node(form_field.formula))
