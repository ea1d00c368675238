"""What is printed of a sheet ends with what stands in it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

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
    area = areas("materials")["物资明细"]
    assert area.startswith("OFFSET('物资明细'!$A$1,0,0,MAX(29,SUMPRODUCT(")
    assert "('物资明细'!$A$7:$U$206<>\"\")*ROW('物资明细'!$A$7:$U$206)" in area


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
