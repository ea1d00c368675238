"""Projects drawn in a test: rows as plain values, no files; or some workbooks of a sample."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.check.case import Case
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Flaw, Project, Record, Sheet, Workbook
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms
from pipeline.derive.facts import derive
from pipeline.derive.formulas import master_columns, settle
from pipeline.intake.projects import read_project
from tests.cases import AS_OF, DORM, load_case, sample_builder, sample_data, write_once

ERROR = object()  # a cell that shows #REF!


def project(**sheets: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> Project:
    """A project from `cost_lines=[{...}]` (a table) or `plan_basics={...}` (a form); rows begin at row 7.

    A number becomes Decimal, a text stays, `ERROR` is a cell in error, a missing key is no column.
    """
    made: dict[str, dict[str, Sheet]] = {}
    for name, content in sheets.items():
        form, _, key = name.partition("_")
        made.setdefault(form, {})[key] = _sheet(form, key, content)
    books = {form: _book(form, given) for form, given in made.items()}
    return Project("LY-SQ-2026-031", Path("x"), books)


def _book(form: str, given: Mapping[str, Sheet]) -> Workbook:
    name = f"{load_forms()[form].no}.xlsx"
    sheets = {s.key: given.get(s.key) or _sheet(form, s.key, []) for s in load_forms()[form].sheet}
    return Workbook(form, name, Path(name), "0" * 64, "1.0", sheets)


def _sheet(form: str, key: str, content: Any) -> Sheet:
    at = Place(f"{load_forms()[form].no}.xlsx", key)
    if isinstance(content, Mapping):
        return Sheet(key, at, Record(at), _record(at, content, 0))
    rows = tuple(_record(at, row, number) for number, row in enumerate(content, start=7))
    return Sheet(key, at, Record(at), Record(at), rows)


def _record(at: Place, row: Mapping[str, Any], number: int) -> Record:
    cells = {}
    for column, (key, value) in enumerate(row.items()):
        place = Place(at.workbook, at.sheet, f"{chr(65 + column)}{number}" if number else f"C{5 + column}")
        cells[key] = _cell(place, value)
    return Record(at, cells, number)


def _cell(place: Place, value: Any) -> Cell:
    if value is ERROR:
        return Cell(place, None, "#REF!", frozenset({Flaw.ERROR}))
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = Decimal(str(value))
    if value is None:
        return Cell(place)
    return Cell(place, value, value.isoformat() if isinstance(value, date) else str(value))


def part_of_sample(edits: Sequence[Mapping[str, Any]], *keys: str, code: str = DORM, recalculate: bool = False) -> Case:
    """A sample with edits, only some of its workbooks; a whole one takes its time to write."""
    builder = sample_builder()
    made = {key: content for key, content in builder.contents(sample_data(), code).items() if key in keys}
    made = builder.apply(made, list(edits), recalculate=recalculate)
    forms, company = load_forms(), load_case(code=code).company
    with tempfile.TemporaryDirectory() as name:
        for key, content in made.items():
            write_once(key, content, master_columns(company), code, Path(name))
        found = read_project(Path(name), company, forms, load_catalogue())
    settled = settle(found.project, company, forms)
    return Case(settled, company, derive(settled, company, forms, AS_OF), forms, load_catalogue())
