"""What makes a workbook doubtful though it can be read (rule F031): links, hidden, merged and disguised cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from pipeline.adapters.ooxml.raw import row_and_column
from pipeline.adapters.ooxml.reader import RawBook, RawSheet
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Remark, Sheet
from pipeline.definitions.forms import Form, SheetForm
from pipeline.intake.convert import Reader
from pipeline.intake.finding import twin_of
from pipeline.intake.recalculated import CHANGING, is_changing
from pipeline.intake.veils import veiled

# Cells in the box round what is filled: of 3,029 workbooks four have more, and one of them is a real quotation.
_WIDE = 5_000_000
_ADDRESSES = 3


def remarks(book: RawBook, form: Form, sheets: Mapping[str, Sheet], name: str, reader: Reader) -> Iterator[Remark]:
    """Everything to say about a workbook, one remark a cause and sheet.

    Args:
        book: its cells.
        form: its form.
        sheets: what was read.
        name: file name for the places.
        reader: shows cells.
    """
    yield from _reaching_out(book, name)
    raws = {raw.name: raw for raw in book.sheets}
    for definition in form.sheet:
        sheet = sheets[definition.key]
        raw = raws.pop(sheet.at.sheet or "", None) if sheet.present else None
        if raw is not None:
            yield from _of_sheet(definition, sheet, raw)
    for raw in raws.values():
        yield from _unread(form, raw, Place(name, raw.name), reader)


def _reaching_out(book: RawBook, name: str) -> Iterator[Remark]:
    """What points outside the workbook, on any sheet; it is named and never followed. Cells far from all others."""
    if book.links:
        rest = len(book.links) - _ADDRESSES
        shown = "、".join(book.links[:_ADDRESSES]) + (f" 等{len(book.links)}处" if rest > 0 else "")
        yield Remark(f"外部链接({shown})", Place(name))
    if book.stale:
        yield Remark("手动计算,没有重算", Place(name), rule="F047")
    if book.remote_names:
        yield Remark(f"引用外部的名称({'、'.join(book.remote_names[:_ADDRESSES])})", Place(name))
    for raw in book.sheets:
        yield from _grouped(("远程公式", Place(name, raw.name, ref)) for ref in raw.remote)
        yield from _grouped(("通向外部的超链接", Place(name, raw.name, ref)) for ref in raw.outside)
        if raw.box > _WIDE:
            yield Remark("离表格很远的内容", Place(name, raw.name, max(raw.cells.items())[1].ref))


def _of_sheet(definition: SheetForm, sheet: Sheet, raw: RawSheet) -> Iterator[Remark]:
    if raw.hidden:
        yield Remark("隐藏的工作表", sheet.at)
    yield from _grouped(_merged(definition, sheet, raw))
    yield from _grouped(("合计行以下的明细(没有读取)", place) for place in sheet.strays)
    if not raw.hidden:
        yield from _grouped(_hidden(sheet, raw))
    yield from _grouped((CHANGING, place) for place in _changing(definition, sheet, raw))
    yield from _grouped((cell.disguise, cell.at) for cell in _cells(sheet, stamp=True) if cell.disguise)
    if raw.veils:
        why = {cell.ref: said for cell, said in veiled(raw)}
        places = [cell.at for cell in _cells(sheet, stamp=True) if cell.at.cell in why]
        yield from _grouped((why[at.cell or ""], at) for at in places)


def _changing(definition: SheetForm, sheet: Sheet, raw: RawSheet) -> Iterator[Place]:
    """Cells to be filled in whose formula gives another value at another time."""
    typed = {field.key for field in definition.fields if not field.formula}
    found = ((key, cell) for record in sheet.records() for key, cell in record.cells.items()) if raw.formulas else ()
    yield from (cell.at for key, cell in found if key in typed and is_changing(raw.formula(cell.at.cell or "")))


def _grouped(found: Iterable[tuple[str, Place]]) -> Iterator[Remark]:
    """One remark for all places of one cause."""
    places: dict[str, list[Place]] = {}
    for what, at in found:
        places.setdefault(what, []).append(at)
    for what, (first, *others) in places.items():
        yield Remark(what, first, tuple(others))


def _cells(sheet: Sheet, *, stamp: bool = False) -> Iterator[Cell]:
    """Filled cells of a sheet, its totals last."""
    for record in (*((sheet.stamp,) if stamp else ()), *sheet.records(), sheet.totals):
        yield from (cell for cell in record.cells.values() if not cell.blank)


def _hidden(sheet: Sheet, raw: RawSheet) -> Iterator[tuple[str, Place]]:
    """The first filled cell of every hidden row and column, and how it was hidden."""
    seen: set[tuple[str, int]] = set()
    for cell in _cells(sheet):
        if not cell.hidden or not cell.at.cell:
            continue
        row, column = row_and_column(cell.at.cell)
        by_row = row in raw.hidden_rows
        filtered = by_row and raw.filtered[0] <= row <= raw.filtered[1]
        line = ("row", row) if by_row else ("column", column)
        if line not in seen:
            seen.add(line)
            yield ("筛选隐藏的行" if filtered else "隐藏的行" if by_row else "隐藏的列"), cell.at


def _merged(definition: SheetForm, sheet: Sheet, raw: RawSheet) -> Iterator[tuple[str, Place]]:
    """Merged cells over data rows, or over several values of a form: all but the first read blank."""
    if definition.kind == "form":
        values = [row_and_column(c.at.cell) for c in sheet.head.cells.values() if c.at.cell]
    else:
        values = [(record.number, 0) for record in sheet.rows]
    for first_column, first_row, last_column, last_row in raw.merges:
        hit = [
            (row, column)
            for row, column in values
            if first_row <= row <= last_row and (not column or first_column <= column <= last_column)
        ]
        if len(hit) > (1 if definition.kind == "form" else 0):
            cell = raw.cells.get((first_row, first_column))
            yield "数据区合并单元格", Place(sheet.at.workbook, raw.name, cell.ref if cell else None)


def _unread(form: Form, raw: RawSheet, at: Place, reader: Reader) -> Iterator[Remark]:
    """A sheet that is none of the form's, where somebody may think that it counts."""
    if twin := twin_of(form, raw, reader):
        yield Remark(f"工作表“{raw.name}”与“{twin.name}”相同(没有读取)", at)
    elif raw.hidden and not raw.name.startswith("_") and any(c.kind == "n" and c.text for c in raw.cells.values()):
        yield Remark(f"隐藏的工作表“{raw.name}”不属于本表(没有读取)", at)
