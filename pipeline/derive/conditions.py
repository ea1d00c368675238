"""Cells that a dotted name means in a project's workbooks, and whether a condition on them holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.core.sheets import Cell, Project
from pipeline.definitions.conditions import Condition
from pipeline.definitions.forms import Field, Form
from pipeline.derive.records import last_round


def cells(project: Project, forms: Mapping[str, Form], name: str) -> list[Cell]:
    """A labelled cell, a column in its last round, or every cell of a sheet."""
    book, sheet, *key = name.split(".")
    head, rows = project.head(book, sheet), last_round(project.rows(book, sheet))
    if not key:
        return [cell for record in (head, *rows) for cell in record.cells.values()]
    return [head.cell(key[0])] if labelled(forms, name) else [row.cell(key[0]) for row in rows]


def labelled(forms: Mapping[str, Form], name: str) -> bool:
    """Whether `a.b.c` is a labelled cell, no column."""
    book, sheet, key = name.split(".")
    return any(field.key == key for field in forms[book].sheet_form(sheet).labelled)


def holds(project: Project, forms: Mapping[str, Form], one: Condition) -> bool:
    """Whether a condition holds for a project."""
    return any(fits(cells(project, forms, name), one) for name in one.names)


def fits(given: Iterable[Cell], one: Condition) -> bool:
    """Whether some cells fit a condition: one of them does, where there are several."""
    filled = [cell for cell in given if not cell.blank]
    if not one.values:
        return bool(filled) == one.wanted
    texts = {text for cell in filled for text in _texts(cell)} or {""}
    return bool(texts & set(one.values)) == one.wanted


def _texts(cell: Cell) -> tuple[str, ...]:
    return cell.value if isinstance(cell.value, tuple) else (str(cell.value) if cell.value is not None else cell.shown,)


def typed_cells(project: Project, forms: Mapping[str, Form], name: str) -> list[Cell]:
    """The same, of a sheet only those that people fill: no formulas, and nothing that the pipeline writes for them."""
    book, sheet, *key = name.split(".")
    if key:
        return cells(project, forms, name)
    form = forms[book].sheet_form(sheet)
    head, rows = project.head(book, sheet), last_round(project.rows(book, sheet))
    labels = [field.key for field in form.labelled if _typed(field)]
    columns = [] if form.kind == "form" else [field.key for field in form.fields if _typed(field)]
    return [head.cell(key) for key in labels] + [row.cell(key) for row in rows for key in columns]


def _typed(field: Field) -> bool:
    return field.fill == "input" and not field.prefill and not field.default
