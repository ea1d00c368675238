"""Several workbooks of one form become one: eight departments write in workbook 06 of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from pipeline.core.company import normal_name
from pipeline.core.findings import Finding, Rule
from pipeline.core.sheets import Cell, Record, Sheet, Workbook
from pipeline.core.workdays import period_end
from pipeline.definitions.forms import Form, SheetForm

T = TypeVar("T")
_Key = tuple[str, ...]


@dataclass
class _Merging:
    """A sheet while its parts come together; what they say differently of one thing becomes a finding."""

    definition: SheetForm
    rules: Mapping[str, Rule]
    findings: list[Finding] = field(default_factory=list)


def merge(books: Sequence[Workbook], form: Form, rules: Mapping[str, Rule]) -> tuple[Workbook, list[Finding]]:
    """Merge workbooks by the row keys of their sheets; every cell keeps the place in its own file.

    Rows of different workbooks with the same key become one, rows of one workbook never do, and a key with a blank
    in it unites nothing. Cell by cell the newer one that is filled counts, and X229 names what it differs from. What
    was noticed about any of the workbooks stays; they stand themselves in `Workbook.parts`.

    Args:
        books: oldest first; at least one.
        form: their form.
        rules: the catalogue.
    """
    if len(books) == 1:
        return books[0], []
    sheets, findings = {}, list[Finding]()
    for definition in form.sheet:
        parts = [book.sheets[definition.key] for book in books]
        merging = _Merging(definition, rules)
        sheets[definition.key] = _merge_sheet(merging, [part for part in parts if part.present] or parts[-1:])
        findings += merging.findings
    united = {name: unite([getattr(book, name) for book in books]) for name, unite in WORKBOOK.items()}
    return replace(books[-1], **united, sheets=sheets, parts=tuple(books)), findings


def _merge_sheet(merging: _Merging, parts: Sequence[Sheet]) -> Sheet:
    united: dict[str, Any] = {name: unite([getattr(part, name) for part in parts]) for name, unite in SHEET.items()}
    rows = _in_order(merging, [part.rows for part in parts])
    heads = [part.head for part in parts]
    head = replace(heads[-1], cells=_merge_cells(heads, merging))
    return replace(parts[-1], **united, head=head, rows=rows)


# -- what was noticed --------------------------------------------------------------------------------------------------


def _newest(values: Sequence[T]) -> T:
    return values[-1]


def _all_of(values: Sequence[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(one for several in values for one in several))


def _filled_up(records: Sequence[Record]) -> Record:
    """The newest record, its blanks filled from the older ones."""
    return replace(records[-1], cells=_merge_cells(records))


def _first_known(values: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    return {key: value for one in values for key, value in one.items()}


# How each field of the workbooks and of their sheets becomes one; rows, heads and sheets are merged above.
WORKBOOK: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "form": _newest,
    "name": _newest,
    "path": _newest,
    "sha256": _newest,
    "form_version": _newest,
    "remarks": _all_of,
    "known_version": all,
    "program": _newest,
}
SHEET: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "key": _newest,
    "at": _newest,
    "stamp": _filled_up,
    "totals": _filled_up,
    "missing": _all_of,
    "doubled": _all_of,
    "present": any,
    "strays": _all_of,
    "subtotals": _all_of,
    "crossed": _all_of,
    "in_wan": _all_of,
    "columns": _first_known,
    "first_row": _newest,
}


# -- rows --------------------------------------------------------------------------------------------------------------


@dataclass
class _Row:
    """A row as merged so far; `when` orders it among the rows of the other workbooks."""

    record: Record
    key: _Key | None
    when: str


def _in_order(merging: _Merging, parts: Sequence[Sequence[Record]]) -> tuple[Record, ...]:
    """The rows of all parts; each part keeps its own order, between them the day decides, else the older is first."""
    merged: list[_Row] = []
    for rows in parts:
        keys = [_key(merging.definition, row) for row in rows]
        partners = _partners(rows, keys, merged)
        latest = ""
        for number, row in enumerate(rows):
            latest = max(latest, _when(merging.definition, row))
            if number in partners:
                known = partners[number]
                known.record = replace(row, cells=_merge_cells([known.record, row], merging))
            else:
                merged.append(_Row(row, keys[number], latest))
    return tuple(one.record for one in sorted(merged, key=lambda one: one.when))


def _partners(rows: Sequence[Record], keys: Sequence[_Key | None], merged: Sequence[_Row]) -> dict[int, _Row]:
    """For rows of one workbook the row of the others that each is: of one key the equal ones first, then in turn."""
    free: dict[_Key, list[_Row]] = {}
    for known in merged:
        if known.key is not None:
            free.setdefault(known.key, []).append(known)
    found: dict[int, _Row] = {}
    for equal in (True, False):
        for number, (row, key) in enumerate(zip(rows, keys, strict=True)):
            left = free.get(key, []) if key and number not in found else []
            fitting = [known for known in left if not equal or _same(known.record, row)]
            if fitting:
                found[number] = fitting[0]
                left.remove(fitting[0])
    return found


def _key(definition: SheetForm, row: Record) -> _Key | None:
    """What tells rows apart; the round counts as 1 where it is blank, any other blank leaves a row by itself."""
    parts = tuple(_said(row, key) or ("1" if key == "round" else "") for key in definition.row_key)
    return parts if parts and all(parts) else None


def _said(row: Record, key: str) -> str:
    """How a key reads, whatever its letters' case and width: cr-01 is CR-01."""
    return normal_name(row.text(key) or row.cell(key).shown).casefold()


def _same(first: Record, second: Record) -> bool:
    keys = {*first.cells, *second.cells}
    return all(_content(first.cell(key)) == _content(second.cell(key)) for key in keys)


def _when(definition: SheetForm, row: Record) -> str:
    """Day of a row, or the end of its period, as text that sorts; empty without one."""
    value = row.value(definition.row_order)
    end = period_end(value) if isinstance(value, str) else value
    return end.isoformat() if isinstance(end, date) else ""


# -- cells -------------------------------------------------------------------------------------------------------------


def _merge_cells(records: Iterable[Record], merging: _Merging | None = None) -> dict[str, Cell]:
    """Cells of one thing, oldest first: a blank erases nothing, of two filled ones the newer counts."""
    cells: dict[str, Cell] = {}
    for record in records:
        for key, cell in record.cells.items():
            known = cells.get(key)
            if known is None or _weight(cell) >= _weight(known):
                cells[key] = cell
            if merging and known and not known.blank and not cell.blank and _content(known) != _content(cell):
                merging.findings.append(_conflict(merging, key, known, cell))
    return cells


def _weight(cell: Cell) -> int:
    return 2 if not cell.blank else 1 if cell.flaws else 0


def _content(cell: Cell) -> object:
    return cell.value if cell.value is not None else cell.shown


def _conflict(merging: _Merging, key: str, left: Cell, right: Cell) -> Finding:
    fields = (*merging.definition.fields, *merging.definition.header)
    label = next((f.label for f in fields if f.key == key), key)
    values = {"label": label, "a": left.shown, "b": right.shown, "found": right.shown, "expected": left.shown}
    return Finding(merging.rules["X229"], right.at, (left.at,), values)
