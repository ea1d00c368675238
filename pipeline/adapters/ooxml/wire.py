"""A workbook's cells as JSON: how a reader that is not trusted hands them over.

Texts stand once in a table, cells in columns of numbers that point at it: a million cells of one long text stay small.
Whatever the JSON holds, reading it gives the types of `ooxml_raw` or an error, never anything that runs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any

from pipeline.adapters.ooxml.raw import NotAWorkbook, RawBook, RawCell, RawSheet

_KINDS = "nsbed"


def to_wire(book: RawBook) -> dict[str, Any]:
    """The workbook as lists, numbers and texts."""
    texts: dict[str, int] = {}
    sheets = [{**_plain_fields(sheet, "cells"), "cells": _columns(sheet, texts)} for sheet in book.sheets]
    return {**_plain_fields(book, "sheets"), "sheets": sheets, "texts": list(texts)}


def _plain_fields(one: Any, without: str) -> dict[str, Any]:
    return {f.name: _plain(getattr(one, f.name)) for f in dataclasses.fields(one) if f.name != without}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return _plain_fields(value, "")
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _columns(sheet: RawSheet, texts: dict[str, int]) -> dict[str, Any]:
    cells = list(sheet.cells.values())
    return {
        "rows": [cell.row for cell in cells],
        "columns": [cell.column for cell in cells],
        "kinds": "".join(cell.kind if cell.kind in _KINDS else "s" for cell in cells),
        "texts": [-1 if cell.text is None else texts.setdefault(cell.text, len(texts)) for cell in cells],
        "formulas": "".join("1" if cell.formula else "0" for cell in cells),
        "styles": [cell.style for cell in cells],
    }


def from_wire(wire: Any) -> RawBook:
    """The workbook again.

    Raises:
        NotAWorkbook: this is no workbook that `to_wire` could have made.
    """
    try:
        texts = wire["texts"]
        if not all(type(text) is str for text in texts):
            raise NotAWorkbook("texts")
        sheets = [{**sheet, "cells": _cells(sheet["cells"], texts)} for sheet in wire["sheets"]]
        book: RawBook = _converter().structure({**wire, "sheets": sheets}, RawBook)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise NotAWorkbook(f"{type(error).__name__}: {error}"[:200]) from error
    return book


def _cells(wire: Any, texts: list[str]) -> dict[tuple[int, int], RawCell]:
    numbers = (wire["rows"], wire["columns"], wire["texts"], wire["styles"])
    if not all(type(number) is int for column in numbers for number in column) or set(wire["kinds"]) - set(_KINDS):
        raise NotAWorkbook("cells")
    columns = zip(*numbers, wire["kinds"], wire["formulas"], strict=True)
    return {
        (row, column): RawCell(row, column, kind, None if text < 0 else texts[text], formula == "1", style)
        for row, column, text, style, kind, formula in columns
    }


@cache
def _converter() -> Any:
    """Structures dataclasses by their types; a new field of `ooxml_raw` needs nothing here."""
    from cattrs import Converter

    converter = Converter(detailed_validation=False)
    cells = Mapping[tuple[int, int], RawCell]
    converter.register_structure_hook_func(lambda kind: kind == cells, lambda value, _: value)
    return converter
