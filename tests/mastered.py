"""Edits of workbook 00 in memory, as the company would have it after a change of people, departments or powers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pipeline.check.case import Case
from pipeline.core.company import Company, Parameter
from pipeline.core.sheets import Cell, Record
from pipeline.intake.company import build_company
from tests.check.followed import Edit

Change = tuple[Mapping[str, str], Mapping[str, Any]]


def mastered(sheet: str, *changes: Change, more: Iterable[Mapping[str, Any]] = ()) -> Edit:
    """Workbook 00 with other values in the rows that fit, and with more rows at the end of a sheet.

    A row that is added takes what it does not say from the last row with the same first value.
    """

    def edit(case: Case) -> Case:
        book = case.company.book
        rows = [_changed(row, changes) for row in book.sheets[sheet].rows]
        for number, said in enumerate(more, 500):
            key, value = next(iter(said.items()))
            like = next(row for row in reversed(book.sheets[sheet].rows) if row.text(key) == value)
            rows.append(_typed(_moved(like, number), said))
        sheets = {**book.sheets, sheet: replace(book.sheets[sheet], rows=tuple(rows))}
        return replace(case, company=build_company(replace(book, sheets=sheets), case.forms["master"]).on(case.as_of))

    return edit


def threshold(key: str, value: str) -> Edit:
    """Workbook 00 with a parameter of which it says nothing as it comes."""
    return lambda case: replace(case, company=with_threshold(case.company, key, value))


def with_threshold(company: Company, key: str, value: str) -> Company:
    """A company with one parameter more."""
    return replace(company, parameters=(*company.parameters, Parameter(key, value, None)))


def left(emp_no: str, **when: Any) -> Edit:
    """Somebody has left; without a date nobody knows when."""
    return mastered("persons", ({"emp_no": emp_no}, {"status": "离职", **when}))


def _changed(row: Record, changes: Iterable[Change]) -> Record:
    for where, said in changes:
        if all(row.text(key) == value for key, value in where.items()):
            row = _typed(row, said)
    return row


def _typed(row: Record, said: Mapping[str, Any]) -> Record:
    new = {key: Cell(row.at(key), value, "" if value is None else str(value)) for key, value in said.items()}
    return replace(row, cells={**row.cells, **new})


def _moved(row: Record, number: int) -> Record:
    cells = {
        key: replace(cell, at=replace(cell.at, cell=re.sub(r"\d+", str(number), cell.at.cell or "")))
        for key, cell in row.cells.items()
    }
    return replace(row, cells=cells, number=number)
