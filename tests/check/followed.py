"""Edits of workbook 06 in memory, with all facts found again, as if the workbook had been submitted so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pipeline.check.case import Case
from pipeline.core.attachments import Attachment
from pipeline.core.findings import Finding
from pipeline.core.sheets import Cell, Record
from pipeline.derive.facts import derive
from tests.check.reported import found_by, retyped, table, with_sheet

Edit = Callable[[Case], Case]
Check = Callable[[Case], Iterator[Finding]]


def typed(form: str, sheet: str, where: int | str, /, **fields: Any) -> Edit:
    """Other values in one row (Excel's number) or in the labelled cells (`head`)."""
    return lambda case: retyped(case, form, sheet, where, **fields)


def item(no: str, /, **fields: Any) -> Edit:
    """Other values in the row of a survey item."""

    def edit(case: Case) -> Case:
        row = case.item(no)
        assert row
        return retyped(case, "survey", "items", row.number, **fields)

    return edit


def recorded(sheet: str, where: int | str, /, **fields: Any) -> Edit:
    """The same in workbook 06."""
    return typed("records", sheet, where, **fields)


def removed(sheet: str, *rows: int) -> Edit:
    """Workbook 06 without some rows of a sheet; without numbers: without any."""

    def edit(case: Case) -> Case:
        old = case.project.sheet("records", sheet)
        kept = tuple(row for row in old.rows if rows and row.number not in rows)
        return with_sheet(case, "records", sheet, replace(old, rows=kept))

    return edit


def repeated(sheet: str, *rows: int, **fields: Any) -> Edit:
    """The given rows once more as round 2 (each 100 rows further down), with the old ones changed by `fields`."""

    def edit(case: Case) -> Case:
        old = case.project.sheet("records", sheet)
        again = tuple(replace(row, number=row.number + 100) for row in old.rows if row.number in rows)
        case = with_sheet(case, "records", sheet, replace(old, rows=(*old.rows, *again)))
        for row in again:
            case = retyped(case, "records", sheet, row.number, round=Decimal(2))
        for row in old.rows:
            case = retyped(case, "records", sheet, row.number, **fields)
        return case

    return edit


def followed(case: Case, edits: Iterable[Edit]) -> Case:
    """The case after some edits, derived again."""
    for edit in edits:
        case = edit(case)
    return replace(case, facts=derive(case.project, case.company, case.forms, case.as_of))


def with_files(case: Case) -> Case:
    """The case with every file of its handover list in 附件/."""
    rows = case.project.rows("records", "handover")
    files = {file: row.text("pages") for row in rows for file in row.choices("file") if file.startswith("附件/")}
    kept = tuple(
        Attachment(file, file.removeprefix("附件/"), "pdf", 1, "", int(pages or 0), "附件")
        for file, pages in files.items()
    )
    return replace(case, project=replace(case.project, attachments=kept))


def hits(checks: Sequence[Check], case: Case, rule: str) -> set[str]:
    """Cells at which a rule is reported."""
    return {cell for cell, code in table(found_by(checks, case)) if code == rule}


def added(sheet: str, /, form: str = "records", **fields: Any) -> Edit:
    """One more row at the end of a table of workbook 06, or of another form."""

    def edit(case: Case) -> Case:
        old = case.project.sheet(form, sheet)
        number = max((row.number for row in old.rows), default=old.first_row - 1) + 1
        keys = {*old.columns, *fields}
        blank = {key: Cell(replace(old.at, cell=f"{old.columns[key]}{number}")) for key in keys}
        case = with_sheet(case, form, sheet, replace(old, rows=(*old.rows, Record(old.at, blank, number))))
        return retyped(case, form, sheet, number, **fields)

    return edit
