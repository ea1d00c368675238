"""The child process in which openpyxl opens workbooks, under hard limits and without files or network.

Started by `pipeline.audit.reader` as a module. Question: a frame of JSON (nothing in it counts) and a frame with the
file's bytes. Answer: a frame of JSON, `{"sheets": ...}` or `{"refused": why}`. Each cell is
`[row, column, kind, text, number format, struck]` with kind `n` number, `s` text, `d` day or moment, `b` boolean,
`e` error, `?` anything else; struck is 0, 1 (a part) or 2 (the whole).
"""

from __future__ import annotations

import io
import json
import os
import warnings
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock

from pipeline.adapters.fences import MAX_ANSWER, die_with_parent, leave_the_network, limit, limit_cpu
from pipeline.adapters.frames import read_exactly, read_framed, write_framed

MEMORY = 1 << 30
SECONDS = 60
_MESSAGES = 64 << 10
_CODECS = ("ascii", "cp437", "gb18030", "latin-1", "utf-16", "utf-16-be", "utf-16-le")
_PART, _WHOLE = 1, 2


def sheets(content: bytes) -> list[dict[str, Any]]:
    """Every worksheet with its filled cells, as values; formulas stay unseen, what they gave last is read."""
    with warnings.catch_warnings():  # of print areas and styles that it does not know; nobody reads them here
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(content), data_only=True, keep_links=False, rich_text=True)
    return [{"name": sheet.title, "cells": _cells(sheet)} for sheet in book.worksheets]


def _cells(sheet: Any) -> list[list[Any]]:
    # Not `iter_rows`: it makes a cell for every place of the sheet, which may be a thousand million.
    filled = ((place, cell) for place, cell in sheet._cells.items() if cell.value is not None)
    return [[*place, *_kind_and_text(cell), *_look(cell)] for place, cell in sorted(filled, key=lambda pair: pair[0])]


def _kind_and_text(cell: Any) -> tuple[str, str]:
    value = cell.value
    if cell.data_type == "e":
        return "e", str(value)
    if isinstance(value, bool):
        return "b", str(value)
    if isinstance(value, int | float):
        return "n", repr(value)
    if isinstance(value, date):  # a datetime is one, too
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        return "d", moment.isoformat()
    return ("s" if isinstance(value, str | CellRichText) else "?"), str(value)


def _look(cell: Any) -> tuple[str, int]:
    if not cell.has_style and not isinstance(cell.value, CellRichText):
        return "", 0
    struck = _WHOLE if cell.font is not None and cell.font.strike else 0
    if not struck and isinstance(cell.value, CellRichText):
        parts = [part for part in cell.value if isinstance(part, TextBlock)]
        struck = _PART if any(part.font is not None and part.font.strike for part in parts) else 0
    return ("" if cell.number_format == "General" else cell.number_format), struck


def answer(content: bytes) -> bytes:
    """The answer as it is sent."""
    try:
        said = json.dumps({"sheets": sheets(content)}).encode()
    except MemoryError:
        said = json.dumps({"refused": "内存不够", "last": True}).encode()
    except Exception as problem:  # whatever openpyxl meets in a stranger's file: it cannot be opened with it
        said = json.dumps({"refused": f"{type(problem).__name__}: {problem}"[:300]}).encode()
    return said if len(said) <= MAX_ANSWER else json.dumps({"refused": "单元格太多"}).encode()


def _fence() -> None:
    for codec in _CODECS:
        "".encode(codec)
    die_with_parent()
    leave_the_network()
    limit(AS=MEMORY, FSIZE=_MESSAGES, CORE=0, NOFILE=3)


def main() -> None:
    """Answer until the other end closes the line."""
    line = os.fdopen(0, "r+b", buffering=0, closefd=False)
    _fence()
    while size := line.read(8):
        read_exactly(line, int.from_bytes(size, "big"))
        content = read_framed(line)
        limit_cpu(SECONDS)
        write_framed(line, answer(content))


if __name__ == "__main__":
    main()
