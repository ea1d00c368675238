"""What is printed of a sheet ends with what stands in it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.adapters.ooxml.raw import column_letter
from pipeline.definitions.forms import data_folder, load_forms
from pipeline.definitions.layout import lay_out
from pipeline.definitions.texts import in_print, lines_of


def areas(form: str) -> dict[str, str]:
    """Print areas of a blank by the name of its sheet."""
    path: Path = next(data_folder("input_templates").glob(f"{load_forms()[form].no}_*.xlsx"))
    with zipfile.ZipFile(path) as package:
        book = package.read("xl/workbook.xml").decode()
    names = re.findall(r'<sheet name="([^"]+)"', book)
    found = re.findall(r'<definedName name="_xlnm.Print_Area" localSheetId="(\d+)">([^<]+)<', book)
    return {names[int(number)]: area.replace("&lt;", "<").replace("&gt;", ">") for number, area in found}


def test_a_long_table_is_printed_down_to_its_last_filled_row() -> None:
    area = areas("records")["变更"]
    assert area.startswith("OFFSET('变更'!$A$1,0,0,MAX(29,SUMPRODUCT(")
    assert "('变更'!$A$7:$T$46<>\"\")*ROW('变更'!$A$7:$T$46)" in area


@pytest.mark.parametrize(("form", "sheet"), [("plan", "修订记录"), ("survey", "调查表"), ("materials", "类别小计")])
def test_a_short_or_fixed_table_is_printed_whole(form: str, sheet: str) -> None:
    """LibreOffice prints no row that holds nothing but a format; the area brings them back."""
    definition = load_forms()[form]
    one = next(s for s in definition.sheet if s.name == sheet)
    layout = lay_out(definition, one, len(one.items) or len(one.rows), first_sheet=definition.sheet[0] is one)
    assert areas(form)[sheet].endswith(f"${layout.end}")


@pytest.mark.filterwarnings("ignore:Print area")
@pytest.mark.parametrize(("form", "sheet"), [("bids", "项目建议书"), ("bids", "报价清单"), ("support", "售前服务计划")])
def test_an_opening_that_is_wider_than_its_table_stands_in_more_lines_of_it(form: str, sheet: str) -> None:
    definition = load_forms()[form]
    path = next(data_folder("input_templates").glob(f"{definition.no}_*.xlsx"))
    one = next(s for s in definition.sheet if s.name == sheet)
    layout = lay_out(definition, one, 0, first_sheet=False)
    written = openpyxl.load_workbook(path)[sheet]
    cell = next(c for row in written.iter_rows(max_row=8) for c in row if c.value == in_print(one.opening))
    lines = lines_of(in_print(one.opening), sum(layout.widths[cell.column - 1 :]))
    assert lines > 1
    across = next(area for area in written.merged_cells.ranges if cell.coordinate in area)
    assert (across.min_row, across.max_row, across.max_col) == (cell.row, cell.row, len(layout.widths))
    assert cell.alignment.wrap_text
    assert written.row_dimensions[cell.row].height >= 14 * lines


_LONG_SIDE = {"8": 420.0, "9": 297.0}  # mm of A3 and A4
_SHORT_SIDE = {"8": 297.0, "9": 210.0}
_DIGIT = {("Arial", 10.0): 5.56}  # points of a digit of the unit font, which is what a column width counts


def printed_size(sheet: Any, unit: float) -> float:
    """Points of the smallest letter of a sheet fitted to the width of its page; hidden rows and columns aside."""
    page, margins = sheet.page_setup, sheet.page_margins
    side = _LONG_SIDE if page.orientation == "landscape" else _SHORT_SIDE
    room = (side[str(page.paperSize)] / 25.4 - margins.left - margins.right) * 72
    spans = [d for d in sheet.column_dimensions.values() if not d.hidden]
    width = sum((d.max - d.min + 1) * d.width for d in spans) * unit
    shown = (
        cell.font.sz
        for row in sheet.iter_rows(max_row=60)
        for cell in row
        if cell.value is not None
        and not sheet.row_dimensions[cell.row].hidden
        and not sheet.column_dimensions[cell.column_letter].hidden
    )
    return float(min(1.0, room / width) * min(shown))


@pytest.mark.filterwarnings("ignore:Print area")
@pytest.mark.parametrize("path", sorted(data_folder("input_templates").glob("*.xlsx")), ids=lambda path: path.name[:2])
def test_no_sheet_of_a_blank_is_printed_in_letters_under_seven_points(path: Path) -> None:
    book = openpyxl.load_workbook(path)
    unit = _DIGIT[book._fonts[0].name, book._fonts[0].sz]
    sheets = [sheet for sheet in book if sheet.sheet_state == "visible"]
    assert all((s.page_setup.fitToWidth or 1) == 1 and s.sheet_properties.pageSetUpPr.fitToPage for s in sheets)
    sizes = {sheet.title: printed_size(sheet, unit) for sheet in sheets}
    assert {name: size for name, size in sizes.items() if size < 7} == {}


@pytest.mark.parametrize("form", load_forms())
def test_the_totals_of_a_table_are_printed_in_every_program(form: str) -> None:
    """LibreOffice knows no area that is worked out; Excel prints nothing below one."""
    for sheet in (s for s in load_forms()[form].sheet if s.totals):
        layout = lay_out(load_forms()[form], sheet, 0, first_sheet=load_forms()[form].sheet[0] is sheet)
        end = max(layout.total_row(total) for total in sheet.totals)
        assert areas(form)[sheet.name].replace("'", "") == f"{sheet.name}!$A$1:${column_letter(layout.columns)}${end}"
