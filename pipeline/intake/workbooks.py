"""Recognise a workbook by its `_meta`, then by its title, and read it whole."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.adapters.ooxml import RawBook, RawSheet
from pipeline.core.marks import is_result_sheet
from pipeline.core.places import Place
from pipeline.core.sheets import Record, Sheet, Workbook
from pipeline.definitions.forms import Form
from pipeline.intake.convert import Reader
from pipeline.intake.gate import MAX_FILE, Refusal
from pipeline.intake.reader import shared
from pipeline.intake.sheets import find_sheet, label_of, read_sheet


@dataclass(frozen=True)
class Opened:
    """A file that passed the gate: its bytes' hash, its cells, and its form where it is one of ours."""

    path: Path
    sha256: str
    book: RawBook
    form: Form | None
    meta: Mapping[str, str]


def open_file(path: Path, forms: Mapping[str, Form]) -> Opened | Refusal:
    """Read a file once and recognise it.

    Args:
        path: the file.
        forms: all forms by key.
    """
    content = _content(path)
    if isinstance(content, Refusal):
        return content
    book = shared.read(path.name, content)
    if isinstance(book, Refusal):
        return book
    book = _without_results(book)
    meta = _meta(book)
    return Opened(path, hashlib.sha256(content).hexdigest(), book, _form(book, meta, forms), meta)


def _content(path: Path) -> bytes | Refusal:
    """Bytes of an ordinary file, no more of them than a form can have; a pipe is not waited for."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                return Refusal("special", path.name)
            content = stream.read(MAX_FILE + 1)
    except IsADirectoryError:
        return Refusal("special", path.name)
    except OSError as error:
        return Refusal("unreadable", str(error.strerror or error))
    return Refusal("large", path.name) if len(content) > MAX_FILE else content


def _without_results(book: RawBook) -> RawBook:
    """The workbook without the list of findings that an earlier round put into it (`pipeline.render.marked`)."""
    return replace(book, sheets=tuple(sheet for sheet in book.sheets if not is_result_sheet(sheet.name, _top(sheet))))


def _top(sheet: RawSheet) -> list[str]:
    return [cell.text or "" for row in range(1, 6) if (cell := sheet.cells.get((row, 1)))]


def _meta(book: RawBook) -> dict[str, str]:
    sheet = book.sheet("_meta")
    if sheet is None:
        return {}
    keys = {row: cell.text or "" for (row, column), cell in sheet.cells.items() if column == 1}
    return {key: (sheet.cells[row, 2].text or "") for row, key in keys.items() if (row, 2) in sheet.cells}


def _form(book: RawBook, meta: Mapping[str, str], forms: Mapping[str, Form]) -> Form | None:
    wanted = meta.get("template_id", "")
    found = next((form for form in forms.values() if form.template_id == wanted), None)
    return found or next((form for form in forms.values() if any(_titled(s, form) for s in book.sheets)), None)


def _titled(sheet: RawSheet, form: Form) -> bool:
    """Whether the first filled cells of the top rows begin with the form's name or an alias."""
    names = [label_of(name) for name in (form.name, *form.aliases)]
    for row in range(1, 4):
        for cell in sheet.row(row).values():
            title = label_of(cell.text or "").split("—")[0]
            if title in names:
                return True
    return False


def read_workbook(opened: Opened, form: Form, people: Mapping[str, str]) -> Workbook:
    """Read every sheet of a recognised workbook.

    Args:
        opened: the file.
        form: its form.
        people: employee numbers by unique name.
    """
    reader = Reader(opened.book, people)
    sheets: dict[str, Sheet] = {}
    taken: set[str] = set()
    name = opened.path.name
    for sheet in form.sheet:
        raw = find_sheet(sheet, opened.book.sheets, taken, reader)
        if raw is None:
            at = Place(name, sheet.name)
            sheets[sheet.key] = Sheet(sheet.key, at, Record(at), Record(at), present=False)
            continue
        taken.add(raw.name)
        sheets[sheet.key] = read_sheet(form, sheet, raw, name, reader)
    raws = {s.name: s for s in opened.book.sheets}
    remarks = tuple(_remarks(opened, form, sheets, raws))
    version = opened.meta.get("template_version", "")
    known = opened.meta.get("template_id") == form.template_id and version in form.supported
    return Workbook(form.key, name, opened.path, opened.sha256, version, sheets, remarks, known)


def _remarks(
    opened: Opened, form: Form, sheets: Mapping[str, Sheet], raws: Mapping[str, RawSheet]
) -> Iterator[tuple[str, Place]]:
    """What makes a workbook doubtful though it can be read (rule F031)."""
    name = opened.path.name
    if opened.book.links:
        yield "外部链接", Place(name)
    for definition in form.sheet:
        sheet = sheets[definition.key]
        raw = raws.get(sheet.at.sheet or "") if sheet.present else None
        if raw is None:
            continue
        for ref in raw.remote[:20]:
            yield "远程公式", Place(name, raw.name, ref)
        yield from _hidden_and_merged(sheet, raw, name, table=definition.kind == "table")


def _hidden_and_merged(sheet: Sheet, raw: RawSheet, name: str, *, table: bool) -> Iterator[tuple[str, Place]]:
    if raw.hidden:
        yield "隐藏的工作表", Place(name, raw.name)
    rows = {record.number for record in sheet.rows}
    for first_column, first_row, _, last_row in raw.merges:
        if table and rows & set(range(first_row, min(last_row, first_row + 2000) + 1)):
            cell = raw.cells.get((first_row, first_column))
            yield "数据区合并单元格", Place(name, raw.name, cell.ref if cell else None)
    for place in sheet.strays:
        yield "合计行以下的明细(没有读取)", place
    seen: set[int] = set()
    for record in sheet.rows:
        hidden = [cell for cell in record.cells.values() if cell.hidden and not cell.blank]
        if record.number in raw.hidden_rows and hidden:
            yield "隐藏的行", hidden[0].at
        elif hidden and not seen and not raw.hidden:
            seen.add(record.number)
            yield "隐藏的列", hidden[0].at
