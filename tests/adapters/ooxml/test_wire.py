from __future__ import annotations

import contextlib
import dataclasses
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.adapters.ooxml.raw import Veil
from pipeline.adapters.ooxml.reader import NotAWorkbook, RawBook, RawCell, RawSheet, read_book
from pipeline.adapters.ooxml.styles import CellStyle
from pipeline.adapters.ooxml.wire import from_wire, to_wire
from tests.intake import made_files as made

CELLS = (
    RawCell(1, 1, "n", "1.50", False, 0),
    RawCell(1, 2, "s", "青岚台", True, 3),
    RawCell(7, 1, "s", "青岚台", False, 1),
    RawCell(7, 3, "n", None, True, 0),
    RawCell(1048576, 16384, "e", "#REF!", True, 0),
    RawCell(9, 1, "s", "", True, 0),
    RawCell(9, 2, "s", "甲\x0b\ud800", False, 0),
)
FULL = RawBook(
    sheets=(
        RawSheet(
            name="表",
            hidden=True,
            cells={(cell.row, cell.column): cell for cell in CELLS},
            merges=((1, 2, 3, 4), (5, 6, 7, 8)),
            hidden_rows=frozenset({2, 9}),
            hidden_columns=frozenset({4}),
            remote=("B2",),
            outside=("C3",),
            filtered=(6, 20),
            struck=(("A7", "旧"),),
            spilled=((1, 2, 3, 4),),
            veils=(Veil(((1, 2, 3, 4),), "cellIs", "equal", ("1",), "旧", frozenset({3}), "0.00,", struck=True),),
            formulas=(("H7", "2*350"),),
        ),
        RawSheet("空", False, {}),
    ),
    date1904=True,
    names={"f_basics_pm": ("基本 信息", "C12")},
    styles=(CellStyle("0.00", True, struck=True), CellStyle()),
    links=(r"\\srv\x.xlsx",),
    remote_names=("far",),
    stale=True,
    program="WPS 表格",
)


def sent(book: RawBook) -> RawBook:
    return from_wire(json.loads(json.dumps(to_wire(book))))


def test_every_field_arrives() -> None:
    """A field that is new stands here with a value of its own, or this fails."""
    empty = RawBook(())
    assert all(getattr(FULL, f.name) != getattr(empty, f.name) for f in dataclasses.fields(RawBook))
    plain = RawSheet("", False, {})
    assert all(getattr(FULL.sheets[0], f.name) != getattr(plain, f.name) for f in dataclasses.fields(RawSheet))
    assert sent(FULL) == FULL


def test_a_long_text_is_sent_once() -> None:
    cells = {(r, 1): RawCell(r, 1, "s", "长" * 30000, False, 0) for r in range(1, 1000)}
    assert len(json.dumps(to_wire(RawBook((RawSheet("表", False, cells),))))) < 250_000


def test_what_was_read_arrives() -> None:
    book = read_book(io.BytesIO(made.workbook(made.rows_of("| 甲 | 1.5 | =A1*2 | !#REF! |"))))
    assert sent(book) == book


def broken(**changes: Any) -> Any:
    wire = json.loads(json.dumps(to_wire(FULL)))
    for path, value in changes.items():
        *parents, last = path.split("__")
        target = wire
        for key in parents:
            target = target[int(key) if key.isdigit() else key]
        target[last] = value
    return wire


@pytest.mark.parametrize(
    "wire",
    [
        None,
        [],
        "x",
        {},
        broken(texts=[1] * 9),
        broken(texts=[]),
        broken(sheets=7),
        broken(sheets__0__cells=None),
        broken(sheets__0__cells__rows=["1"] * len(CELLS)),
        broken(sheets__0__cells__rows=[1]),
        broken(sheets__0__cells__kinds="x" * len(CELLS)),
        broken(sheets__0__merges=[["a", 1, 2, 3]]),
        broken(sheets__0__merges=[[1]]),
        broken(sheets__0__hidden_rows=["x"]),
        broken(styles=[{"number_format": "0"}, 3]),
        broken(names=[1]),
    ],
)
def test_what_no_reader_of_ours_says_is_refused(wire: Any) -> None:
    with pytest.raises(NotAWorkbook):
        from_wire(wire)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda one: st.lists(one, max_size=3) | st.dictionaries(st.sampled_from(["texts", "sheets", "cells"]), one),
    max_leaves=8,
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    place=st.sampled_from(["texts", "sheets", "styles", "names", "sheets__0__cells", "sheets__0__cells__texts"]),
    junk=JSON,
)
def test_whatever_the_json_holds_it_is_a_workbook_or_an_error(place: str, junk: Any) -> None:
    with contextlib.suppress(NotAWorkbook):
        assert isinstance(from_wire(broken(**{place: junk})), RawBook)
