"""The sample's logs (workbook 10), as they are or with other values in some cells."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.core.sheets import Cell, Record, Sheet, Value, Workbook
from pipeline.definitions.forms import load_forms
from pipeline.intake.company import read_people
from tests.cases import load_case, sample_builder, sample_data

MANAGER, ENGINEER = 0, 1


@cache
def sample_logs() -> tuple[Workbook, ...]:
    """Those of the project manager E106 and of the engineer E203, June 2026."""
    with tempfile.TemporaryDirectory() as folder:
        files = sample_builder().write_logs(sample_data(), Path(folder))
        books, unread = read_people(files, load_case().company, load_forms())
    assert not unread
    return tuple(books)


def changed(book: Workbook, sheet: str, where: int | str, /, **fields: Value | None) -> Workbook:
    """The workbook with other values in a row (Excel's number) or in the labelled cells (`head`)."""
    old = book.sheets[sheet]
    if where == "head":
        return _with(book, replace(old, head=_changed(old.head, fields)))
    return _with(book, replace(old, rows=tuple(_changed(r, fields) if r.number == where else r for r in old.rows)))


def without_rows(book: Workbook, sheet: str, *rows: int) -> Workbook:
    """The workbook without some rows; without numbers: without any."""
    old = book.sheets[sheet]
    return _with(book, replace(old, rows=tuple(row for row in old.rows if rows and row.number not in rows)))


def renamed(book: Workbook, name: str) -> Workbook:
    """The same under another name, its cells with it."""
    sheets = {key: _moved(sheet, name) for key, sheet in book.sheets.items()}
    return replace(book, name=name, path=Path(name), sheets=sheets)


def row_of(book: Workbook, day: date, project: str = "") -> int:
    """Number of the first row of a day (and project)."""
    rows = book.sheets["log"].rows
    return next(
        row.number for row in rows if row.value("date") == day and (not project or row.text("project") == project)
    )


def _with(book: Workbook, sheet: Sheet) -> Workbook:
    return replace(book, sheets={**book.sheets, sheet.key: sheet})


def _changed(record: Record, fields: dict[str, Any]) -> Record:
    typed = {key: Cell(record.at(key), value, "" if value is None else str(value)) for key, value in fields.items()}
    return replace(record, cells={**record.cells, **typed})


def _moved(sheet: Sheet, name: str) -> Sheet:
    def move(record: Record) -> Record:
        cells = {key: replace(cell, at=replace(cell.at, workbook=name)) for key, cell in record.cells.items()}
        return replace(record, sheet=replace(record.sheet, workbook=name), cells=cells)

    rows: Sequence[Record] = [move(row) for row in sheet.rows]
    return replace(sheet, at=replace(sheet.at, workbook=name), head=move(sheet.head), rows=tuple(rows))
