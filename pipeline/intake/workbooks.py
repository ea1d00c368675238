"""Recognise a workbook by its `_meta`, then by its title, and read it whole."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.adapters.ooxml.reader import RawBook, RawSheet
from pipeline.core.marks import is_result_sheet
from pipeline.core.sheets import Workbook, no_sheet
from pipeline.definitions.forms import Form
from pipeline.intake.convert import Reader
from pipeline.intake.finding import find_sheets
from pipeline.intake.gate import MAX_FILE, Refusal
from pipeline.intake.labels import label_of
from pipeline.intake.origin import program_of
from pipeline.intake.reader import shared
from pipeline.intake.remarks import remarks
from pipeline.intake.sheets import read_sheet

# What was read last, by name, hash and people; with the form, which a test may exchange.
_KEPT = 64
_known: OrderedDict[tuple[str, str, tuple[tuple[str, str], ...]], tuple[Form, Workbook]] = OrderedDict()


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
    """The workbook without the list of findings that an earlier round put into it (`pipeline.render.marked.copy`)."""
    return replace(book, sheets=tuple(sheet for sheet in book.sheets if not is_result_sheet(sheet.name, _top(sheet))))


def _top(sheet: RawSheet) -> list[str]:
    return [cell.text or "" for row in range(1, 6) if (cell := sheet.cells.get((row, 1)))]


def _meta(book: RawBook) -> dict[str, str]:
    sheet = book.sheet("_meta") or next((s for s in book.sheets if _is_meta(s)), None)
    if sheet is None:
        return {}
    keys = {row: cell.text or "" for (row, column), cell in sheet.cells.items() if column == 1}
    return {key: (sheet.cells[row, 2].text or "") for row, key in keys.items() if (row, 2) in sheet.cells}


def _is_meta(sheet: RawSheet) -> bool:
    """The same under another name: Apple Numbers makes `_meta - 表格 1` of it, and shows it."""
    first = sheet.cells.get((1, 1))
    return first is not None and first.text == "template_id"


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
    """Read every sheet of a recognised workbook; the last ones that were read are not read again.

    Args:
        opened: the file.
        form: its form.
        people: employee numbers by unique name.
    """
    key = opened.path.name, opened.sha256, tuple(people.items())
    known = _known.pop(key, None)
    found = known if known and known[0] is form else (form, _read(opened, form, people))
    _known[key] = found
    if len(_known) > _KEPT:
        _known.popitem(last=False)
    return replace(found[1], path=opened.path)


def _read(opened: Opened, form: Form, people: Mapping[str, str]) -> Workbook:
    reader = Reader(opened.book, people)
    name, version = opened.path.name, opened.meta.get("template_version", "")
    raws = find_sheets(form, opened.book.sheets, reader)
    sheets = {
        sheet.key: read_sheet(form, sheet, raws[sheet.key], name, reader, version)
        if sheet.key in raws
        else no_sheet(sheet.key, name, sheet.name)
        for sheet in form.sheet
    }
    known = opened.meta.get("template_id") == form.template_id and version in form.supported
    found = tuple(remarks(opened.book, form, sheets, name, reader))
    return Workbook(
        form.key, name, opened.path, opened.sha256, version, sheets, found, known, program=program_of(opened.book)
    )
