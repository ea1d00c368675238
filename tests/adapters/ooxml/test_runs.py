"""Runs of a text: struck out, above and below the line; cells that say more than their value."""

from __future__ import annotations

import io

import pytest
from lxml import etree

from pipeline.adapters.ooxml.reader import read_book
from pipeline.adapters.ooxml.rows import RICH, item_text
from pipeline.adapters.ooxml.runs import Struck
from pipeline.adapters.ooxml.styles import cell_styles
from pipeline.adapters.ooxml.wire import from_wire, to_wire
from tests.intake import made_files as made

SUPER, SUB = '<rPr><vertAlign val="superscript"/></rPr>', '<rPr><vertAlign val="subscript"/></rPr>'
STRIKE = "<rPr><strike/></rPr>"


def text_of(inside: str) -> str:
    return item_text(etree.fromstring(f"<si>{inside}</si>"))


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        (f"<r><t>误码率10</t></r><r>{SUPER}<t>-9</t></r>", "误码率10⁻⁹"),
        (f"<r><t>H</t></r><r>{SUB}<t>2</t></r><r><t>O</t></r>", "H₂O"),
        (f"<r><t>20 m</t></r><r>{SUPER}<t>2</t></r>", "20 m²"),
        (f"<r><t>5</t></r><r>{SUPER}<t>th</t></r>", "5th"),
        ("<t>10-9</t>", "10-9"),
        ('<r><rPr><vertAlign val="baseline"/></rPr><t>10-9</t></r>', "10-9"),
    ],
)
def test_digits_above_and_below_the_line_stay_there(inside: str, text: str) -> None:
    assert text_of(inside) == text


def test_struck_runs_are_told_and_kept() -> None:
    found = text_of(f"<r>{STRIKE}<t>4</t></r><r><t>6</t></r>")
    assert isinstance(found, Struck)
    assert (found, found.part) == ("46", "4")
    off = text_of('<r><rPr><strike val="0"/></rPr><t>46</t></r>')
    assert not isinstance(off, Struck)
    blank = text_of(f"<r>{STRIKE}<t> </t></r><r><t>6</t></r>")
    assert not isinstance(blank, Struck)


def test_a_struck_font_is_one_of_the_style() -> None:
    styles = (
        "<styleSheet><fonts><font/><font><strike/></font><font><strike val='0'/></font></fonts><fills/>"
        "<cellXfs><xf fontId='0'/><xf fontId='1'/><xf fontId='2'/></cellXfs></styleSheet>"
    )
    assert [style.struck for style in cell_styles(etree.fromstring(styles))] == [False, True, False]


def sheet(rows: str, **options: object) -> bytes:
    return made.zipped(made.parts({"表": f"<sheetData>{rows}</sheetData>"}, **options))  # type: ignore[arg-type]


def test_what_cells_say_beside_their_value_comes_over_the_wire() -> None:
    content = sheet(
        '<row r="1" ht="0.75"><c r="A1" t="s"><v>0</v></c></row>'
        '<row r="2" ht="6"><c r="A2" t="e" vm="1"><v>#VALUE!</v></c><c r="B2" t="e"><v>#VALUE!</v></c></row>'
        '<row r="3"><c r="A3"><f t="array" ref="A3:A5">B3:B5*2</f><v>2</v></c></row>'
        '<row r="4"><c r="A4"><v>4</v></c><c r="B4"><f t="dataTable" ref="B4:C9"/><v>1</v></c></row>',
        strings=[f"<r>{STRIKE}<t>旧</t></r><r><t>新</t></r>"],
    )
    (found,) = from_wire(to_wire(read_book(io.BytesIO(content)))).sheets
    assert found.hidden_rows == {1}
    assert found.struck == (("A1", "旧"),)
    assert [found.cells[2, column].text for column in (1, 2)] == [RICH, "#VALUE!"]
    assert found.spilled == ((1, 3, 1, 5), (2, 4, 3, 9))


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("2026-08-10T16:00:00.000Z", "2026-08-11T00:00:00"),
        ("2026-08-10T16:00:00Z", "2026-08-11T00:00:00"),
        ("2026-08-11T00:00:00+08:00", "2026-08-11T00:00:00"),
        ("2026-08-10T12:00:00-04:00", "2026-08-11T00:00:00"),
        ("2026-08-11T00:00:00.000", "2026-08-11T00:00:00"),
        ("2026-08-11", "2026-08-11"),
        ("2026-13-11T00:00:00Z", "2026-13-11T00:00:00Z"),
    ],
)
def test_a_date_of_a_time_zone_is_that_of_china(stored: str, read: str) -> None:
    (found,) = read_book(io.BytesIO(sheet(f'<row r="1"><c r="A1" t="d"><v>{stored}</v></c></row>'))).sheets
    assert found.cells[1, 1].text == read


@pytest.mark.parametrize(
    ("settings", "stale"),
    [
        ('<calcPr calcMode="manual" calcCompleted="0" calcOnSave="0"/>', True),
        ('<calcPr calcMode="manual"/>', False),
        ('<calcPr calcMode="manual" calcOnSave="0"/>', False),  # somebody pressed F9
        ('<calcPr fullCalcOnLoad="1"/>', False),  # every program that writes workbooks says so
        ("", False),
    ],
)
def test_a_workbook_that_was_not_calculated_says_so(settings: str, stale: bool) -> None:
    parts = made.parts({"表": "<sheetData/>"})
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(b"</workbook>", f"{settings}</workbook>".encode())
    assert read_book(io.BytesIO(made.zipped(parts))).stale is stale
