from __future__ import annotations

import pytest
from lxml import etree

from pipeline.adapters.ooxml.cells import Cells, spelled, split_ref
from pipeline.adapters.ooxml.package import CannotEdit


def cells(rows: str, around: str = "") -> Cells:
    return Cells(etree.fromstring(f"<worksheet>{around}<sheetData>{rows}</sheetData></worksheet>"))


def text(sheet: Cells) -> str:
    return etree.tostring(sheet.root, encoding="unicode")


def test_rows_and_cells_stay_in_order() -> None:
    sheet = cells('<row r="3"><c r="C3"/></row>')
    for ref in ("A9", "D3", "A3", "B1", "AA3"):
        sheet.set_value(ref, 1, date1904=False, keep_formula=False)
    rows = [(row.get("r"), [c.get("r") for c in row]) for row in sheet.root.iterfind("sheetData/row")]
    assert rows == [("1", ["B1"]), ("3", ["A3", "C3", "D3", "AA3"]), ("9", ["A9"])]


def test_cells_without_addresses_get_theirs() -> None:
    sheet = cells("<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>")
    sheet.set_value("B2", 4, date1904=False, keep_formula=False)
    found = {c.get("r"): c.findtext("v") for c in sheet.root.iterfind("sheetData/row/c")}
    assert found == {"A1": "1", "B1": "2", "A2": "3", "B2": "4"}


def test_a_new_cell_looks_like_its_row_or_column() -> None:
    sheet = cells('<row r="2" s="5" customFormat="1"/>', '<cols><col min="2" max="3" style="7"/></cols>')
    assert [sheet.style(ref) for ref in ("A1", "B1", "C9", "B2")] == [0, 7, 7, 5]
    sheet.set_value("B2", 1, date1904=False, keep_formula=False)
    assert sheet.style("B2") == 5


def test_a_mark_taken_off_an_empty_place_leaves_nothing() -> None:
    sheet = cells('<row r="1"><c r="A1"><v>1</v></c></row>')
    before = text(sheet)
    sheet.set_style("D7", 3)
    sheet.set_style("A1", 3)
    assert text(sheet) != before
    sheet.set_style("D7", 0)
    sheet.set_style("A1", 0)
    assert text(sheet) == before


def test_formats_are_exchanged_in_cells_rows_and_columns() -> None:
    sheet = cells(
        '<row r="1" s="4" customFormat="1"><c r="A1" s="4"><v>1</v></c></row>',
        '<cols><col min="1" max="1" style="4"/></cols>',
    )
    assert sheet.used_styles() == {4}
    sheet.replace_styles({4: 9})
    assert text(sheet).count('"9"') == 3
    assert sheet.used_styles() == {9}


def test_the_dimension_holds_the_new_cells() -> None:
    sheet = cells('<row r="2"><c r="B2"/></row>', '<dimension ref="B2"/>')
    sheet.set_value("D5", 1, date1904=False, keep_formula=False)
    assert 'ref="B2:D5"' in text(sheet)


def test_the_first_cell_of_a_merged_range_shows() -> None:
    sheet = cells("", "")
    sheet.root.append(etree.fromstring('<mergeCells><mergeCell ref="B2:D4"/></mergeCells>'))
    sheet = Cells(sheet.root)
    assert [sheet.anchor(ref) for ref in ("C3", "B2", "A1")] == ["B2", "B2", "A1"]


@pytest.mark.parametrize("ref", ["", "A", "1", "A0", "XFE1", "A1048577", "a1", "A1:B2", "$A$1"])
def test_what_is_no_address_is_refused(ref: str) -> None:
    with pytest.raises(CannotEdit):
        split_ref(ref)


def test_characters_that_xml_cannot_hold_are_spelled_as_excel_does() -> None:
    assert spelled("a\x0b\x1f\tb\nc") == "a_x000B__x001F_\tb\nc"
    assert spelled("_x000B_") == "_x005F_x000B_"
    assert spelled("\ufffe\ud800") == "\ufffd\ufffd"
