"""Carry what stands in a workbook into the present blank of its form; what has no place there is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.adapters.ooxml.reader import RawSheet
from pipeline.core.company import Company
from pipeline.core.errors import UsageProblem
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Flaw, Record, Sheet, Workbook
from pipeline.definitions.forms import Field, Form, SheetForm
from pipeline.definitions.values import Content, ErrorValue, Master00, Pasted, RawText
from pipeline.definitions.writer import write_workbook
from pipeline.derive.formulas import master_columns, recalculated
from pipeline.intake.columns import form_lines, table_columns
from pipeline.intake.company import unique_names
from pipeline.intake.convert import Reader
from pipeline.intake.gate import Refusal
from pipeline.intake.labels import bare_label, total_labels
from pipeline.intake.workbooks import Opened, open_file, read_workbook
from pipeline.project_run.prefill_cells import PrefillNotes

_HEADS = frozenset({"项目", "内容", "说明"})
_OURS = frozenset({"_meta", "_lists", "填写说明"})


@dataclass(frozen=True)
class Upgraded:
    """What was done.

    Attributes:
        path: the new workbook.
        old: form version of the file, empty where it says none.
        new: form version of the new one.
        cells: how many filled cells were carried over.
        told: what was not carried over, or not as it stood, in Chinese, with its place in the old file.
    """

    path: Path
    old: str
    new: str
    cells: int
    told: tuple[PrefillNotes, ...]


def upgrade(
    source: Path, target: Path | None, company: Company | None, forms: Mapping[str, Form], day: date
) -> Upgraded:
    """Write a new workbook of the form's present version with the values of a file; the file stays as it is.

    Args:
        source: the file.
        target: the new one; without it, beside the file with the version behind its name.
        company: master data for drop-downs and look-ups, where it is there.
        forms: form definitions.
        day: kept in the new workbook as the day it was made.

    Raises:
        UsageProblem: the file cannot be read, is none of ours, or the new one exists already.
    """
    opened = open_file(source, forms)
    if isinstance(opened, Refusal):
        raise UsageProblem(f"{source}:{opened.message()}")
    if opened.form is None:
        raise UsageProblem(f"{source}:不是本流程的表单(no form of ours)。")
    form = opened.form
    target = target or source.with_name(f"{source.stem}_V{form.version}.xlsx")
    if target.exists():
        raise UsageProblem(f"{target}:文件已存在,不覆盖(file exists, not overwritten)。")
    book = read_workbook(opened, form, unique_names(company) if company else {})
    target.parent.mkdir(parents=True, exist_ok=True)
    now = _calculated(book, company, forms)
    write_workbook(form, target, _content(book, form, now), master_columns(company) if company else Master00({}), day)
    told = [*_typed_over(book, form, now), *_extras(opened, book, form), *_lost(book, target, form, forms, company)]
    carried = sum(not cell.blank for _, cell in _inputs(book, form))
    return Upgraded(target, book.form_version, form.version, carried, tuple(told))


def _calculated(book: Workbook, company: Company | None, forms: Mapping[str, Form]) -> Mapping[Place, Any]:
    """What the form's formulas give; without master data nothing is said against what stands there."""
    return recalculated(book, company, forms, lambda at: bool(at.cell)) if company else {}


# -- what is carried ------------------------------------------------------------------------------------------------


def _content(book: Workbook, form: Form, now: Mapping[Place, Any]) -> Content:
    head = {f.key: _value(book.head.cell(f.key), f, now) for f in form.head.fields}
    sheets: dict[str, Any] = {}
    headers, totals = {}, {}
    for definition in form.sheet:
        sheet = book.sheets[definition.key]
        if definition.kind == "form":
            sheets[definition.key] = _row(definition.fields, sheet.head, now)
            continue
        sheets[definition.key] = [_row(definition.fields, row, now, definition) for row in sheet.rows]
        headers[definition.key] = _row(definition.header, sheet.head, now)
        totals[definition.key] = {
            t.key: _value(sheet.totals.cell(t.key), Field(t.key, t.label, t.type, formula=t.formula), now)
            for t in definition.totals
        }
    return Content(head, sheets, totals, headers)


def _row(
    fields: tuple[Field, ...], record: Record, now: Mapping[Place, Any], definition: SheetForm | None = None
) -> dict[str, Any]:
    row = {f.key: _value(record.cell(f.key), f, now) for f in fields}
    item = definition.item(record.text("no")) if definition and definition.items else None
    if item:
        row["value"] = _value(record.cell("value"), item.field, now)
    return row


def _value(cell: Cell, field: Field, now: Mapping[Place, Any]) -> Any:
    """What the new cell gets: the value, else the text as it stands; formulas are the new form's."""
    if Flaw.ERROR in cell.flaws:
        return None if field.formula else ErrorValue(cell.shown)
    if field.formula:
        return Pasted(cell.value) if _pasted(cell, now) else None
    if cell.flaws & {Flaw.TEXT_NUMBER, Flaw.NOT_A_NUMBER, Flaw.NOT_A_DATE}:
        return RawText(cell.shown)
    return cell.value


def _pasted(cell: Cell, now: Mapping[Place, Any]) -> bool:
    """A number typed over a formula that gives another one."""
    return Flaw.OVERWRITTEN in cell.flaws and cell.value is not None and cell.value != now.get(cell.at)


def _inputs(book: Workbook, form: Form) -> Iterator[tuple[tuple[str, int, str], Cell]]:
    """Cells that people fill, by sheet, number of the row (from 0; -1 for labelled cells) and key."""
    for key, cell in book.head.cells.items():
        yield ("", -1, key), cell
    for definition in form.sheet:
        sheet = book.sheets[definition.key]
        made = {f.key for f in (*definition.fields, *definition.header) if f.formula}
        for number, record in enumerate(_records(sheet), start=-1):
            yield from (((definition.key, number, k), c) for k, c in record.cells.items() if k not in made)


def _records(sheet: Sheet) -> tuple[Record, ...]:
    return (sheet.head, *sheet.rows)


# -- what is told -----------------------------------------------------------------------------------------------


def _typed_over(book: Workbook, form: Form, now: Mapping[Place, Any]) -> Iterator[PrefillNotes]:
    for definition in form.sheet:
        sheet = book.sheets[definition.key]
        for record in (*_records(sheet), sheet.totals):
            for cell in record.cells.values():
                if Flaw.OVERWRITTEN in cell.flaws and not _pasted(cell, now):
                    yield PrefillNotes(cell.at, f"公式被改写为“{cell.shown}”,新表恢复公式。")
                elif Flaw.OVERWRITTEN in cell.flaws:
                    yield PrefillNotes(cell.at, f"公式被改写为“{cell.shown}”,新表保留这个数,请核对后恢复公式。")


def _extras(opened: Opened, book: Workbook, form: Form) -> Iterator[PrefillNotes]:
    """Filled cells and sheets that the form has no place for."""
    name = opened.path.name
    reader = Reader(opened.book, {})
    read = {sheet.at.sheet: form.sheet_form(key) for key, sheet in book.sheets.items() if sheet.present}
    for raw in opened.book.sheets:
        definition = read.get(raw.name)
        if definition is not None:
            yield from _outside(definition, book.sheets[definition.key], raw, reader)
        elif raw.name not in _OURS and raw.cells:
            yield PrefillNotes(Place(name, raw.name), f"工作表“{raw.name}”不属于本表,没有带过去。")
    for definition in form.sheet:
        if not book.sheets[definition.key].present and not definition.optional:
            yield PrefillNotes(Place(name, definition.name), "原文件没有这张工作表,新表中是空白。")


def _outside(definition: SheetForm, sheet: Sheet, raw: RawSheet, reader: Reader) -> Iterator[PrefillNotes]:
    """Cells beside or below what is read, one for each column."""
    carried = {c.at.cell for r in (*_records(sheet), sheet.stamp, sheet.totals) for c in r.cells.values()}
    first, own = _data_area(definition, sheet, raw, reader)
    words = _HEADS | {label for total in definition.totals for label in total_labels(total)}
    columns: dict[int, list[tuple[str, str]]] = {}
    for (row, column), cell in sorted(raw.cells.items()):
        text = reader.shown(cell).strip()
        ours = column in own or cell.ref in carried or cell.formula or bare_label(text) in words
        if row >= first and text and not ours:
            columns.setdefault(column, []).append((cell.ref, f"{cell.ref}“{text[:20]}”"))
    for column, cells in columns.items():
        label = raw.cells.get((first - 2, column)) or raw.cells.get((first - 1, column))
        named = f"列“{reader.shown(label).strip()}”" if label else "表外的内容"
        more = f"等{len(cells)}格" if len(cells) > 3 else ""
        listed = "、".join(text for _, text in cells[:3])
        yield PrefillNotes(Place(sheet.at.workbook, raw.name, cells[0][0]), f"{named}没有带过去:{listed}{more}。")


def _data_area(definition: SheetForm, sheet: Sheet, raw: RawSheet, reader: Reader) -> tuple[int, set[int]]:
    """First row of data, and the columns that hold the form's own words (keys, labels, help)."""
    if definition.kind == "form":
        lines = form_lines(definition, raw, sheet.at, reader, ())
        return min(lines.rows.values(), default=1), set(range(1, lines.label_column + 1)) | {lines.value_column + 1}
    columns = table_columns(definition, raw, sheet.at, reader)
    return max(columns.header_row, columns.key_row) + 1, set()


def _lost(
    book: Workbook, target: Path, form: Form, forms: Mapping[str, Form], company: Company | None
) -> Iterator[PrefillNotes]:
    """Values that do not read the same from the new workbook; there should be none, but none may go in silence."""
    opened = open_file(target, forms)
    if isinstance(opened, Refusal):
        raise UsageProblem(f"{target}:{opened.message()}")
    new = dict(_inputs(read_workbook(opened, form, unique_names(company) if company else {}), form))
    for place, cell in _inputs(book, form):
        other = new.get(place)
        if not cell.blank and (other is None or (other.value, other.blank) != (cell.value, cell.blank)):
            yield PrefillNotes(cell.at, f"“{cell.shown}”没有带过去。")
