"""Which program wrote a workbook, by what the file says and by what only that program does."""

from __future__ import annotations

from pipeline.adapters.ooxml.reader import RawBook
from pipeline.core.conventions import READING

_TOP = 5


def program_of(book: RawBook) -> str:
    """Name of the program, empty where nothing tells."""
    return next((mark["program"] for mark in READING["origin"]["marks"] if _bears(book, mark)), book.program)


def _bears(book: RawBook, mark: dict[str, str]) -> bool:
    """Whether the first sheet says at its top what the program writes there."""
    first = book.sheets[0] if book.sheets else None
    tops = (cell.text or "" for (row, _), cell in first.cells.items() if row <= _TOP) if first else ()
    return first is not None and first.name in mark["sheets"] and any(mark["text"] in text for text in tops)
