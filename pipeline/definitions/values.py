"""Values of a workbook's cells as its own formulas see them: given ones, and those that the formulas give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from pipeline.core.workdays import WorkCalendar
from pipeline.definitions.calculate import FormulaError, Operand, Scalar, evaluate, from_serial, holds, serial
from pipeline.definitions.forms import Field, Form, Item, SheetForm, Total, node

ERRORS = frozenset({"#REF!", "#VALUE!", "#N/A", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!"})
Row = Mapping[str, Any]
Table = Sequence[Row]
Master = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Pasted:
    """A constant that stands where the form has a formula."""

    value: Any


@dataclass(frozen=True, slots=True)
class RawText:
    """A text stored in the cell as it is, whatever the field's type."""

    text: str


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """A formula error such as `#REF!`."""

    name: str


@dataclass(frozen=True)
class Content:
    """What stands in a workbook: typed values by field key (Decimal, date, str, tuple; None is blank).

    Attributes:
        head: values on top of every sheet.
        sheets: rows of a table, or the values of a form sheet, by sheet key.
        totals: stated totals by sheet key and total key; missing ones are calculated.
        headers: labelled values above the table of a form+table, by sheet key.
    """

    head: Row = field(default_factory=dict)
    sheets: Mapping[str, Any] = field(default_factory=dict)
    totals: Mapping[str, Row] = field(default_factory=dict)
    headers: Mapping[str, Row] = field(default_factory=dict)


def typed(form_field: Field, raw: Any) -> Any:
    """Turn a JSON or TOML value into the typed value of a field.

    Wrappers and None pass through; the name of an error becomes one; what does not fit the type stays text, as a
    person would have typed it (2026-06-31).
    """
    if raw is None or isinstance(raw, Pasted | RawText | ErrorValue | date | Decimal):
        return raw
    if isinstance(raw, str) and raw in ERRORS:
        return ErrorValue(raw)
    if form_field.numeric and not isinstance(raw, bool):
        return _number(raw)
    if form_field.type in {"date", "datetime"}:
        return _moment(form_field.type, str(raw))
    if isinstance(raw, list):
        return tuple(str(item) for item in raw)
    if form_field.type == "any" and isinstance(raw, int):
        return Decimal(raw)
    return str(raw)


def _moment(kind: str, raw: str) -> Any:
    try:
        return date.fromisoformat(raw) if kind == "date" else datetime.fromisoformat(raw)
    except ValueError:
        return raw


def _number(raw: Any) -> Any:
    try:
        return Decimal(str(raw))
    except ArithmeticError:
        return str(raw)


@dataclass(frozen=True)
class Master00:
    """Columns of workbook 00 as formulas and drop-downs use them."""

    sheets: Master

    def rows(self, sheet: str) -> Table:
        """Rows of a table of workbook 00; none where there is no company."""
        return self.sheets.get(sheet) or ()

    def column(self, sheet: str, key: str) -> list[Scalar]:
        """One column, top to bottom."""
        return [serial(row.get(key)) for row in self.rows(sheet)]

    @property
    def calendar(self) -> WorkCalendar:
        """Working days that workbook 00 lists."""
        return WorkCalendar({row["day"]: row["day_type"] == "上班" for row in self.rows("calendar")})

    def days(self, kind: str) -> list[Scalar]:
        """`holidays` or `makeup` days as Excel numbers."""
        calendar = self.calendar
        return [serial(day) for day in (calendar.holidays() if kind == "holidays" else calendar.makeup_days())]

    def standard_rate(self, grade: Any, start: Any) -> Scalar:
        """Day rate of a grade, the latest valid on `start`."""
        day = from_serial(start) if isinstance(start, Decimal) else start
        fitting = [
            (row["valid_from"], row["day_rate"])
            for row in self.rows("rate_card")
            if row["grade"] == grade and isinstance(day, date) and row["valid_from"] <= day
        ]
        return max(fitting)[1] if fitting else None


class Values:
    """Reads a workbook's values the way its formulas do; formula cells that were not given are calculated."""

    def __init__(
        self, form: Form, content: Content, master: Master00, parameter: Callable[[str], Decimal] | None = None
    ) -> None:
        """Take the form, what stands in the workbook and the company's columns.

        Args:
            form: definition of the workbook.
            content: what stands in it.
            master: columns of workbook 00.
            parameter: its thresholds on the business day, which only conditions ask for (`param.basis_limit`).
        """
        self.form = form
        self.content = content
        self.master = master
        self._parameter = parameter
        self._columns: dict[tuple[str, str], list[Scalar]] = {}
        self._running: set[tuple[str, int, str]] = set()

    def heads(self, sheet: str) -> Row:
        """Labelled values above the table of a form+table."""
        return self.content.headers.get(sheet) or {}

    def rows(self, sheet: str) -> Table:
        """Rows of a table."""
        found = self.content.sheets.get(sheet) or ()
        return (found,) if isinstance(found, Mapping) else found

    def cell(self, sheet: SheetForm, index: int, key: str) -> Scalar:
        """Value of one cell (row index from 0); a formula that was not given is calculated.

        Raises:
            FormulaError: the cell shows an error.
        """
        given = self.rows(sheet.key)[index].get(key)
        if isinstance(given, ErrorValue):
            raise FormulaError(given.name)
        if isinstance(given, Pasted):
            return serial(given.value)
        if isinstance(given, RawText):
            return given.text
        form_field = sheet.by_key.get(key)
        if given is None and form_field and form_field.formula:
            return self.calculated(sheet, index, key)
        return serial(given)

    def calculated(self, sheet: SheetForm, index: int, key: str) -> Scalar:
        """What the field's own formula gives for a row, whatever stands in the cell.

        Raises:
            FormulaError: the formula ends in an error.
        """
        guard = (sheet.key, index, key)
        if guard in self._running:
            raise FormulaError("#REF!")
        self._running.add(guard)
        try:
            expression = node(sheet.by_key[key].formula)
            value = evaluate(expression, lambda name: self.named(sheet, index, name))
            return value if not isinstance(value, list) else None
        finally:
            self._running.discard(guard)

    def required(self, sheet: SheetForm, index: int, condition: str) -> bool:
        """Whether a `required_when` condition is true for a row."""
        return holds(node(condition), lambda name: self.named(sheet, index, name))

    def named(self, sheet: SheetForm, index: int, name: str) -> Operand:
        """Value of a name inside an expression of that row."""
        if name in sheet.by_key and index >= 0:
            return self.cell(sheet, index, name)
        item = self._item(sheet, index)
        if name == "rule":
            return item.applies if item else "ALL"
        if name == "item_required":
            return bool(item and self.item_required(sheet, item))
        if name == "electronic":
            medium = self.rows(sheet.key)[index].get("medium") or ()
            return bool({"PDF", "DOCX", "XLSX", "DWG"} & set(medium))
        if name == "standard_rate":
            return self.master.standard_rate(self.cell(sheet, index, "grade"), self.cell(sheet, index, "start"))
        return self._shared(sheet, name)

    def item_required(self, sheet: SheetForm, item: Item) -> bool:
        """Whether a survey item must be answered, its own condition included."""
        if item.required == "C":
            return holds(node(item.required_when), lambda name: self._shared(sheet, f"s_{name}"))
        return item.required == "Y"

    def _item(self, sheet: SheetForm, index: int) -> Item | None:
        if not sheet.items or index < 0:
            return None
        return sheet.item(str(self.rows(sheet.key)[index].get("no")))

    def _shared(self, sheet: SheetForm, name: str) -> Operand:
        """Names that mean the same in every row."""
        if name.startswith("s_"):
            return self._survey_value(name[2:])
        first, _, rest = name.partition(".")
        if first in self._PREFIXES:
            return self._PREFIXES[first](self, sheet, rest)
        if any(f.key == name for f in sheet.header):
            return serial(self.heads(sheet.key).get(name))
        if first == self.form.key:
            return self._cell_of(*rest.split(".", 1))
        if rest and any(s.key == first for s in self.form.sheet):
            return self.column(self.form.sheet_form(first), rest)
        return self.column(sheet, name) if name in sheet.by_key else None

    _PREFIXES: ClassVar[dict[str, Callable[[Values, SheetForm, str], Operand]]] = {
        "master": lambda self, _, rest: self.master.column(*rest.split(".", 1)),
        "lists": lambda self, _, rest: self.master.days(rest),
        "param": lambda self, _, rest: self._parameter(rest) if self._parameter else None,
        "head": lambda self, _, rest: serial(self.content.head.get(rest)),
        "header": lambda self, sheet, rest: serial(self.heads(sheet.key).get(rest)),
    }

    def _cell_of(self, sheet: str, key: str) -> Scalar:
        """A labelled cell of another sheet of the same workbook (`records.notice.pm`)."""
        rows = self.rows(sheet)
        return serial(rows[0].get(key)) if rows else None

    def _survey_value(self, no: str) -> Scalar:
        row = next((row for row in self.rows("items") if row.get("no") == no), {})
        value = row.get("value")
        return value.text if isinstance(value, RawText) else serial(value)

    def column(self, sheet: SheetForm, key: str) -> list[Scalar]:
        """A column of a table; cells in error read blank, as SUMIFS over them would fail anyway."""
        if (sheet.key, key) not in self._columns:
            column = [self._quiet(sheet, index, key) for index in range(len(self.rows(sheet.key)))]
            self._columns[sheet.key, key] = column
        return self._columns[sheet.key, key]

    def _quiet(self, sheet: SheetForm, index: int, key: str) -> Scalar:
        try:
            return self.cell(sheet, index, key)
        except FormulaError:
            return None

    def total(self, sheet: SheetForm, total: Total, *, fresh: bool = False) -> Scalar:
        """Value of a total cell: the stated one, else (or when `fresh`) what its formula or default gives.

        Raises:
            FormulaError: the cell shows an error.
        """
        given = self.content.totals.get(sheet.key, {}).get(total.key)
        if isinstance(given, ErrorValue) and not fresh:
            raise FormulaError(given.name)
        if isinstance(given, Pasted) and not fresh:
            return serial(given.value)
        if given is not None and not isinstance(given, Pasted) and not fresh:
            return serial(given)
        value = evaluate(node(total.formula or total.default), lambda name: self._in_total(sheet, name, fresh))
        return value if not isinstance(value, list) else None

    def default(self, sheet: SheetForm, total: Total) -> Scalar:
        """What a total's default gives over the stated totals, whatever stands in the cell.

        Raises:
            FormulaError: the default ends in an error.
        """
        value = evaluate(node(total.default), lambda name: self._in_total(sheet, name, fresh=False))
        return value if not isinstance(value, list) else None

    def _in_total(self, sheet: SheetForm, name: str, fresh: bool) -> Operand:
        other = next((t for t in sheet.totals if t.key == name), None)
        return self.total(sheet, other, fresh=fresh) if other else self._shared(sheet, name)


def content_from_json(form: Form, raw: Mapping[str, Any]) -> Content:
    """Turn a workbook of `samples/data.json` into typed content.

    Args:
        form: the form it belongs to.
        raw: rows or values by sheet key, with `_head` and `_totals`; sheets the form lacks are ignored.
    """
    head = {f.key: typed(f, raw.get("_head", {}).get(f.key)) for f in form.head.fields}
    sheets = {sheet.key: _sheet_from_json(sheet, raw[sheet.key]) for sheet in form.sheet if sheet.key in raw}
    headers = {
        sheet.key: {f.key: typed(f, raw[sheet.key]["header"].get(f.key)) for f in sheet.header}
        for sheet in form.sheet
        if sheet.header and sheet.key in raw
    }
    stated = raw.get("_totals", {})
    totals = {
        sheet.key: {
            t.key: typed(Field(t.key, t.label, t.type), stated.get(sheet.key, {}).get(t.key)) for t in sheet.totals
        }
        for sheet in form.sheet
        if sheet.totals
    }
    return Content(head, sheets, totals, headers)


def _sheet_from_json(sheet: SheetForm, raw: Any) -> Any:
    if sheet.header:
        return [_row_from_json(sheet, row) for row in raw["rows"]]
    if isinstance(raw, Mapping):
        return _row_from_json(sheet, raw)
    return [_row_from_json(sheet, row) for row in raw]


def _row_from_json(sheet: SheetForm, raw: Row) -> dict[str, Any]:
    row: dict[str, Any] = {f.key: typed(f, raw.get(f.key)) for f in sheet.fields}
    item = sheet.item(str(raw.get("no"))) if sheet.items else None
    if item:
        row["value"] = answer(item, raw.get("value"))
    return row


def answer(item: Item, raw: Any) -> Any:
    """Typed value of a survey item; what does not fit its type stays text (不明确)."""
    return typed(item.field, raw)
