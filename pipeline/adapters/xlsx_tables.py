"""Tables as sheets of a workbook, to filter and count on; a text is a text whatever it begins with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

Cell = str | bool | int | Decimal | date | datetime | None
Heights = Callable[[Sequence[str], Sequence[float]], float]
"""Height of a row in points, for its texts and the widths of their columns."""

BASE = {"font_name": "宋体", "font_size": 10, "valign": "top", "border": 1, "border_color": "#BFBFBF"}
OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
MOST_ROWS, MOST_CHARACTERS = 1_048_576, 32_767
_FORMATS = {
    "money": "#,##0.00",
    "number": "0.####",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
    "int": "0",
    "flag": "General",
    "text": "@",
}


@dataclass(frozen=True)
class Column:
    """A column: its label, kind (`text`, `flag`, `int`, `number`, `money`, `date`, `moment`), width in characters."""

    label: str
    kind: str = "text"
    width: float = 12


@dataclass(frozen=True)
class Table:
    """A sheet with one table."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]


class Tables:
    """Writes tables into a workbook of xlsxwriter.

    Attributes:
        kinds: formats of the cells by kind.
    """

    def __init__(self, book: Any) -> None:
        """Make the formats, each once."""
        head = {**BASE, "bold": True, "bg_color": "#EDEDED", "text_wrap": True, "valign": "vcenter"}
        self._book, self._head = book, book.add_format(head)
        self.kinds = {
            kind: book.add_format({**BASE, "num_format": code, "text_wrap": kind == "text"})
            for kind, code in _FORMATS.items()
        }

    def add(self, table: Table, heights: Heights | None = None) -> Any:
        """Write a table on a sheet of its own, which it returns.

        Args:
            table: what is written; a sheet takes no more than `MOST_ROWS` rows with the head.
            heights: gives the height of each row; without it all are as high as one line.
        """
        sheet = self.sheet(table.name, table.columns)
        for number, row in enumerate(table.rows, 1):
            texts = [value if isinstance(value, str) else "" for value in row]
            if heights:
                sheet.set_row(number, heights(texts, [one.width for one in table.columns]))
            for column, value in enumerate(row):
                self.cell(sheet, number, column, value, self.kinds[table.columns[column].kind])
        if table.rows:
            sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
        return sheet

    def sheet(self, name: str, columns: Sequence[Column]) -> Any:
        """A sheet with its labels, ready for A4 across."""
        sheet = self._book.add_worksheet(name)
        for number, column in enumerate(columns):
            sheet.set_column(number, number, column.width)
            sheet.write_string(0, number, column.label, self._head)
        sheet.freeze_panes(1, 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&C第 &P 页 共 &N 页")
        return sheet

    def cell(self, sheet: Any, row: int, column: int, value: Cell, format_: Any) -> None:
        """A value as what it is; a text is never a formula, and too long for a cell it ends with an ellipsis."""
        if value is None or value == "":
            sheet.write_blank(row, column, None, format_)
        elif isinstance(value, str):
            cut = value if len(value) <= MOST_CHARACTERS else value[: MOST_CHARACTERS - 1] + "…"
            sheet.write_string(row, column, cut, format_)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, format_)
        elif isinstance(value, date):
            moment = value if isinstance(value, datetime) else datetime.combine(value, time())
            sheet.write_datetime(row, column, moment, format_)
        else:
            sheet.write_number(row, column, value, format_)
