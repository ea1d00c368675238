"""Where everything stands on a sheet (domain C.0): row 1 title, 2-3 stamp, 4 unit, 5 labels, 6 keys, 7 on data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.adapters.ooxml.raw import column_letter
from pipeline.definitions.forms import Field, Form, SheetForm, Total

LABEL_ROW = 5
KEY_ROW = 6
FIRST_ROW = 7
FORM_WIDTHS = (18, 22, 58, 38)


@dataclass(frozen=True, slots=True)
class Slot:
    """Label and value of one stamp field: row and column spans, from 1, both ends included."""

    field: Field
    row: int
    label: tuple[int, int]
    value: tuple[int, int]

    @property
    def cell(self) -> str:
        """Address of the value."""
        return f"{column_letter(self.value[0])}{self.row}"


@dataclass(frozen=True)
class Layout:
    """Places of a sheet. Rows and columns count from 1."""

    sheet: SheetForm
    slots: tuple[Slot, ...]
    widths: tuple[float, ...]
    first: int
    count: int
    header: tuple[Slot, ...] = ()

    @property
    def label_row(self) -> int:
        """Row of the column labels of a table."""
        return self.first - 2

    @property
    def key_row(self) -> int:
        """Hidden row of the keys of a table."""
        return self.first - 1

    @property
    def last(self) -> int:
        """Last prepared row."""
        return self.first + self.count - 1

    @property
    def end(self) -> int:
        """Last row of the sheet: the totals' where there are totals."""
        return max((self.total_row(total) for total in self.sheet.totals), default=self.last)

    @property
    def columns(self) -> int:
        """Number of columns used."""
        return len(self.widths)

    def column(self, key: str) -> int:
        """Column of a field of a table."""
        return [f.key for f in self.sheet.fields].index(key) + 1

    def cell(self, key: str, index: int = 0) -> str:
        """Address of a field: in row `index` (from 0) of a table, or of a form."""
        if self.sheet.kind == "form":
            return f"C{self.first + [f.key for f in self.sheet.fields].index(key)}"
        return f"{column_letter(self.column(key))}{self.first + index}"

    def range(self, key: str) -> str:
        """Absolute address of a whole column of data, `$K$7:$K$106`."""
        letter = column_letter(self.column(key))
        return f"${letter}${self.first}:${letter}${self.last}"

    def total_row(self, total: Total) -> int:
        """Row of a total; totals with one row label share a row."""
        labels = list(dict.fromkeys(t.row_label for t in self.sheet.totals))
        return self.last + 1 + labels.index(total.row_label)

    def total_cell(self, total: Total) -> str:
        """Address of a total."""
        return f"{column_letter(self.column(total.column))}{self.total_row(total)}"


def lay_out(form: Form, sheet: SheetForm, rows: int, *, first_sheet: bool) -> Layout:
    """Plan a sheet.

    Args:
        form: the workbook.
        sheet: the sheet.
        rows: rows of data to hold; prepared ones are added.
        first_sheet: the first sheet also carries the fields that are typed once.
    """
    stamp = [f for f in form.head.fields if first_sheet or f.key not in {"filled_by", "filled_on"}]
    if sheet.kind == "form":
        slots = tuple(Slot(f, 2 + index, (2, 2), (3, 3)) for index, f in enumerate(stamp))
        return Layout(sheet, slots, FORM_WIDTHS, 4 + len(stamp), len(sheet.fields))
    widths = [float(f.width) for f in sheet.fields]
    slots = _stamp_slots(stamp, widths)
    header = tuple(_header_slot(f, LABEL_ROW + index, widths) for index, f in enumerate(sheet.header))
    first = FIRST_ROW + (len(header) + 1 if header else 0)
    return Layout(sheet, slots, tuple(widths), first, max(rows, sheet.prepared, len(sheet.items), 1), header)


def _header_slot(form_field: Field, row: int, widths: list[float]) -> Slot:
    """Label and value of a labelled cell above a table, one a row."""
    label = _span(widths, 1, 18.0)
    return Slot(form_field, row, label, _span(widths, label[1] + 1, 46.0 if form_field.type == "long" else 24.0))


def _stamp_slots(stamp: Sequence[Field], widths: list[float]) -> tuple[Slot, ...]:
    """Give each label and value as many columns as it needs; columns are added where the table is narrow."""
    wide = {"project_name": 52.0, "project_code": 18.0, "record_no": 14.0, "filled_by": 16.0}
    found, column, row = [], 1, 2
    for form_field in stamp:
        if form_field.key == "project_name":
            column, row = 1, 3
        label = _span(widths, column, 9.0 + 2 * max(0, len(form_field.label) - 4))
        value = _span(widths, label[1] + 1, wide.get(form_field.key, 12.0))
        found.append(Slot(form_field, row, label, value))
        column = value[1] + 1
    return tuple(found)


def _span(widths: list[float], start: int, needed: float) -> tuple[int, int]:
    end, total = start, 0.0
    while True:
        if end > len(widths):
            widths.append(max(12.0, min(needed - total, 20.0)))
        total += widths[end - 1]
        if total >= needed:
            return start, end
        end += 1
