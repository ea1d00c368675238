"""What of a sheet is printed and how, what is protected, and which rows of the survey turn grey or orange."""

from __future__ import annotations

from typing import Any

from pipeline.adapters.ooxml.raw import column_letter
from pipeline.definitions.forms import SheetForm
from pipeline.definitions.layout import Layout
from pipeline.definitions.styles import FormStyles
from pipeline.definitions.texts import lines_of

_ROWS_OF_A_PAGE = 22
_A3, _A4 = 8, 9
_LONG_SIDE = {_A3: 16.54, _A4: 11.69}  # inches, the width of a landscape page
_MARGIN = 0.5  # inches, left and right
_UNIT, _EDGE = 5.56, 0.71  # points of a column unit (a digit of the unit font); units that each column adds
_LEAST_SCALE = 0.7  # prints the 10 points of a table in 7, the least that is read without effort
_PROTECTION = {
    "insert_rows": True,
    "delete_rows": True,
    "sort": True,
    "autofilter": True,
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
}


def set_page(book: Any, out: Any, sheet: SheetForm, layout: Layout) -> None:
    """Set paper, print area, repeated rows and protection of a sheet.

    Args:
        book: XlsxWriter's workbook.
        out: its sheet.
        sheet: the definition.
        layout: where everything stands.
    """
    out.set_portrait() if sheet.kind == "form" else out.set_landscape()
    out.set_paper(_A4 if sheet.kind == "form" or _fits(layout, _A4) else _A3)
    out.set_margins(left=_MARGIN, right=_MARGIN, top=0.6, bottom=0.7)
    out.fit_to_pages(1, 0)
    out.set_footer("&C第 &P 页  共 &N 页&R&A")
    out.center_horizontally()
    if sheet.kind != "form":
        _print_area(book, out, sheet, layout)
        out.repeat_rows(layout.label_row - 1 if layout.header else 0, layout.key_row - 1)
        if not sheet.rows_fixed or sheet.items:
            last = column_letter(len(sheet.fields))
            out.unprotect_range(f"A{layout.first}:{last}{layout.last}", f"data_{sheet.key}")
    if sheet.items:
        _grey_out(book, out, sheet, layout)
    out.protect("", _PROTECTION)


def _fits(layout: Layout, paper: int) -> bool:
    """Whether a table is as wide as the landscape page at the least scale, or narrower."""
    room = (_LONG_SIDE[paper] - 2 * _MARGIN) * 72
    return sum(width + _EDGE for width in layout.widths) * _UNIT * _LEAST_SCALE <= room


def _print_area(book: Any, out: Any, sheet: SheetForm, layout: Layout) -> None:
    """What is printed: down to the last row that holds something, of a blank one page of prepared rows.

    A table with totals is printed down to them: they stand below its prepared rows.
    """
    one_page = layout.first + _ROWS_OF_A_PAGE
    if layout.end <= one_page or sheet.rows_fixed or sheet.totals:
        # LibreOffice leaves out rows that hold nothing but a format; the area says that they belong to the form.
        out.print_area(0, 0, layout.end - 1, layout.columns - 1)
        return
    name, last = f"'{sheet.name}'", column_letter(len(sheet.fields))
    data = f"{name}!$A${layout.first}:${last}${layout.last}"
    rows = f'MAX({one_page},SUMPRODUCT(MAX(({data}<>"")*ROW({data}))))'
    # LibreOffice knows no such area and prints down to the last cell that holds something: here, the blank page's.
    out.set_column(layout.columns, layout.columns, 0.5)
    out.write_string(one_page - 1, layout.columns, " ")
    book.define_name(f"{name}!_xlnm.Print_Area", f"=OFFSET({name}!$A$1,0,0,{rows},{layout.columns})")


def _grey_out(book: Any, out: Any, sheet: SheetForm, layout: Layout) -> None:
    """Grey rows that do not apply; mark the unclear ones."""
    area = f"A{layout.first}:{column_letter(len(sheet.fields))}{layout.last}"
    applies, status = (f"${column_letter(layout.column(key))}{layout.first}" for key in ("applies", "status"))
    grey = book.add_format({"font_color": "#A6A6A6", "bg_color": "#EDEDED"})
    orange = book.add_format({"bg_color": "#FCE4D6"})
    out.conditional_format(area, {"type": "formula", "criteria": f'={applies}="不适用"', "format": grey})
    out.conditional_format(area, {"type": "formula", "criteria": f'={status}="不明确"', "format": orange})


def write_opening(out: Any, layout: Layout, styles: FormStyles, at: tuple[int, int], text: str) -> None:
    """When, who and why, above the table; a text wider than the table goes on in more lines, and so is printed whole.

    Args:
        out: the sheet.
        layout: of the sheet.
        styles: of the form.
        at: row and column of its cell, both from 0.
        text: what it says.
    """
    row, first = at
    lines = lines_of(text, sum(layout.widths[first:]))
    if lines == 1:
        out.write_string(row, first, text, styles.look("unit"))
        return
    out.merge_range(row, first, row, len(layout.widths) - 1, text, styles.look("hint"))
    out.set_row(row, 14.0 * lines + 5)
