"""Several workbooks of one form become one: eight departments write in workbook 06 of a project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.core.findings import Finding, Rule
from pipeline.core.sheets import Cell, Record, Sheet, Workbook
from pipeline.definitions.forms import Form, SheetForm


def merge(books: Sequence[Workbook], form: Form, rules: Mapping[str, Rule]) -> tuple[Workbook, list[Finding]]:
    """Merge workbooks by the row keys of their sheets; every cell keeps the place in its own file.

    Rows with the same key and content count once; the same key with other content is X229, and the row of the later
    workbook counts. Labelled cells are filled up from the others; two different ones are X229.

    Args:
        books: oldest first; at least one.
        form: their form.
        rules: the catalogue.
    """
    if len(books) == 1:
        return books[0], []
    findings: list[Finding] = []
    sheets = {}
    for definition in form.sheet:
        parts = [book.sheets[definition.key] for book in books if book.sheets[definition.key].present]
        if not parts:
            sheets[definition.key] = books[-1].sheets[definition.key]
            continue
        head = _merge_cells([part.head for part in parts], definition, rules, findings)
        rows = _merge_rows(definition, parts, rules, findings)
        sheets[definition.key] = replace(parts[-1], head=head, rows=tuple(rows))
    remarks = tuple(remark for book in books for remark in book.remarks)
    return replace(books[-1], sheets=sheets, remarks=remarks), findings


def _merge_rows(
    definition: SheetForm, parts: Sequence[Sheet], rules: Mapping[str, Rule], findings: list[Finding]
) -> list[Record]:
    merged: dict[tuple[str, ...], Record] = {}
    for part in parts:
        for number, row in enumerate(part.rows):
            key = _key(definition, row) or (part.at.workbook, str(number))
            known = merged.get(key)
            if known is not None and known.sheet.workbook != row.sheet.workbook:
                findings += _differences(definition, known, row, rules)
            merged[key] = row
    return list(merged.values())


def _key(definition: SheetForm, row: Record) -> tuple[str, ...]:
    """What tells rows apart; the round counts as 1 where it is blank."""
    if not definition.row_key:
        return ()
    return tuple(row.text(key) or ("1" if key == "round" else "") for key in definition.row_key)


def _differences(definition: SheetForm, first: Record, second: Record, rules: Mapping[str, Rule]) -> Iterator[Finding]:
    """One finding for two rows of one key, at the first cell that differs."""
    for key in first.cells:
        left, right = first.cell(key), second.cell(key)
        if _content(left) != _content(right):
            yield _conflict(definition, key, left, right, rules)
            return


def _merge_cells(
    heads: Sequence[Record], definition: SheetForm, rules: Mapping[str, Rule], findings: list[Finding]
) -> Record:
    cells: dict[str, Cell] = {}
    for head in heads:
        for key, cell in head.cells.items():
            known = cells.get(key)
            if known is None or known.blank:
                cells[key] = cell
            elif not cell.blank and _content(known) != _content(cell):
                findings.append(_conflict(definition, key, known, cell, rules))
                cells[key] = cell
    return Record(heads[-1].sheet, cells)


def _content(cell: Cell) -> object:
    return cell.value if cell.value is not None else cell.shown


def _conflict(definition: SheetForm, key: str, left: Cell, right: Cell, rules: Mapping[str, Rule]) -> Finding:
    label = next((f.label for f in (*definition.fields, *definition.header) if f.key == key), key)
    values = {"label": label, "a": left.shown, "b": right.shown, "found": right.shown, "expected": left.shown}
    return Finding(rules["X229"], right.at, (left.at,), values)
