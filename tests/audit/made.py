"""Workbooks for the tests of the audit: a sample, or small books made with openpyxl."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.audit.books import Books, open_books
from pipeline.audit.frames import Lines, frame_of
from pipeline.audit.reader import Shelf, Stored
from pipeline.audit.values import Read
from pipeline.definitions.forms import Field, load_forms
from tests.cases import DORM, ROOT

# How a test edits a workbook: by the sheets of its `openpyxl` book.
Edit = Callable[[Any], None]


@cache
def sample(code: str = DORM) -> Mapping[str, bytes]:
    """Workbooks of a sample by file name."""
    return {path.name: path.read_bytes() for path in sorted((ROOT / "samples" / code).glob("*.xlsx"))}


def edited(no: str, edit: Edit, code: str = DORM) -> dict[str, bytes]:
    """A sample with one workbook changed; its formulas are gone, their values stay."""
    files = dict(sample(code))
    [name] = [name for name in files if name.startswith(no)]
    book = load_workbook(io.BytesIO(files[name]), data_only=True)
    edit(book)
    files[name] = saved(book)
    return files


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def sheet_of(rows: Sequence[Sequence[Any]], title: str = "费用明细") -> bytes:
    """A workbook with one sheet, rows from the top."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(row)
    return saved(book)


def opened(files: Mapping[str, bytes]) -> Books:
    """Workbooks as the audit opens them."""
    with Shelf() as shelf:
        return open_books(files.items(), load_forms(), shelf)


def number(text: str, code: str = "", struck: int = 0) -> Stored:
    """A number cell."""
    return Stored(1, 1, "n", text, code, struck)


def text(said: str, struck: int = 0) -> Stored:
    """A text cell."""
    return Stored(1, 1, "s", said, "", struck)


def field(kind: str, **more: Any) -> Field:
    """A field of a type."""
    return Field("x", "字段", kind, **more)


def lines(rows: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> Lines:
    """Lines of a made-up sheet: values by key; a `Read` where a value was not plain."""
    made = []
    for place, row in enumerate(rows, start=7):
        line: dict[str, Any] = {"row": place}
        for column, key in enumerate(keys):
            value = row.get(key)
            read = value if isinstance(value, Read) else Read(value)
            line |= {
                key: read.value,
                f"{key}@": f"{chr(65 + column)}{place}",
                f"{key}~": read.how,
                f"{key}!": read.unread,
            }
        made.append(line)
    return Lines("03_费用.xlsx", "费用明细", frame_of(made, keys))
