"""What a cell style says: number formats by number and by text, ink that nobody sees."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from lxml import etree
from openpyxl.styles import Color, Font, PatternFill

from pipeline.adapters.ooxml.reader import RawBook, read_book
from pipeline.adapters.ooxml.styles import CellStyle, cell_styles


def written(**properties: Any) -> RawBook:
    """A workbook whose A1 is in a format of XlsxWriter."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet().write("A1", 640000, book.add_format(properties))
    book.close()
    return read_book(out)


def unseen(book: RawBook) -> bool:
    return book.style(book.sheets[0].cells[1, 1]).unseen


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, False),
        ({"font_color": "#FFFFFF"}, True),
        ({"font_color": "#FFFFFF", "bg_color": "#FFF9DB"}, True),
        ({"font_color": "#A6A6A6", "bg_color": "#EDEDED"}, False),
        ({"font_color": "#000000", "bg_color": "#333333"}, False),
        ({"font_color": "white"}, True),
        ({"font_color": "#FDFDF8"}, True),
        ({"font_color": "#FFFFFF", "bg_color": "#C00000"}, False),
        ({"font_color": "#C00000", "bg_color": "#C00000"}, True),
        ({"bg_color": "#000000"}, True),
        ({"font_color": "#808080"}, False),
        ({"font_color": "#FFFFFF", "bg_color": "#000000", "pattern": 2}, True),
    ],
)
def test_ink_in_the_colour_of_its_ground(properties: dict[str, Any], expected: bool) -> None:
    assert unseen(written(**properties)) is expected


@pytest.mark.parametrize(
    ("ink", "ground", "expected"),
    [
        (Color(theme=0), None, True),  # the theme's first colour is white
        (Color(theme=1), None, False),
        (Color(theme=0, tint=-0.5), None, False),
        (Color(theme=1, tint=0.97), None, True),
        (Color(indexed=9), None, True),
        (Color(indexed=64), None, False),  # automatic
        (Color(theme=0), Color(theme=4), False),
        (Color(theme=4), Color(theme=4), True),
    ],
)
def test_colours_by_theme_and_index(ink: Color, ground: Color | None, expected: bool) -> None:
    book = openpyxl.Workbook()
    cell = book.active["A1"]
    cell.value, cell.font = 640000, Font(color=ink)
    if ground:
        cell.fill = PatternFill("solid", fgColor=ground)
    out = io.BytesIO()
    book.save(out)
    assert unseen(read_book(out)) is expected


STYLES = """<styleSheet><numFmts><numFmt numFmtId="176" formatCode="0.00_ "/></numFmts>
<cellXfs><xf numFmtId="0"/><xf numFmtId="4"/><xf numFmtId="31"/><xf numFmtId="57"/><xf numFmtId="176"/>
<xf numFmtId="99"/></cellXfs></styleSheet>"""


def test_formats_by_number_are_those_of_a_chinese_excel() -> None:
    """A date that Excel and WPS store as format 31 must not become the text 46086."""
    found = cell_styles(etree.fromstring(STYLES))
    assert [style.number_format for style in found] == [
        "General",
        "#,##0.00",
        'yyyy"年"m"月"d"日"',
        'yyyy"年"m"月"',
        "0.00_ ",
        "General",
    ]


def test_a_style_that_is_not_there_is_a_plain_one() -> None:
    book = written()
    cell = book.sheets[0].cells[1, 1]
    assert RawBook(()).style(cell) == CellStyle()
