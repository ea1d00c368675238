"""Tables in a workbook, as openpyxl reads them back."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from openpyxl import load_workbook

from pipeline.adapters.xlsx_tables import MOST_CHARACTERS, OPTIONS, Cell, Column, Table, Tables


def read_back(kind: str, *values: Cell) -> Any:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {**OPTIONS, "in_memory": True}) as book:
        Tables(book).add(Table("表", [Column("列", kind)], [(value,) for value in values]), lambda *_: 30)
    return load_workbook(stream)["表"]


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("text", "=1+1", "=1+1"),
        ("text", "", None),
        ("text", "x" * (MOST_CHARACTERS + 9), "x" * (MOST_CHARACTERS - 1) + "…"),
        ("money", Decimal("0.10"), 0.1),
        ("int", 0, 0),
        ("flag", False, False),
        ("date", date(2026, 1, 2), datetime(2026, 1, 2)),
        ("moment", datetime(2026, 1, 2, 3, 4), datetime(2026, 1, 2, 3, 4)),
        ("number", None, None),
    ],
)
def test_a_value_is_written_as_what_it_is(kind: str, value: Cell, read: object) -> None:
    cell = read_back(kind, value)["A2"]
    assert cell.value == read
    assert cell.data_type != "f"


def test_a_table_can_be_filtered_and_has_its_heights() -> None:
    sheet = read_back("text", "a", "b")
    assert sheet.auto_filter.ref == "A1:A3"
    assert sheet.freeze_panes == "B2"
    assert sheet.row_dimensions[2].height == 30


def test_an_empty_table_has_its_head_alone() -> None:
    sheet = read_back("text")
    assert (sheet["A1"].value, sheet.max_row, sheet.auto_filter.ref) == ("列", 1, None)
