from __future__ import annotations

from openpyxl.utils import column_index_from_string, get_column_letter

from pipeline.adapters.ooxml.raw import RawCell, RawSheet, column_letter, column_number


def test_columns_are_named_as_excel_names_them() -> None:
    for number in (*range(1, 800), 16384):
        letters = column_letter(number)
        assert letters == get_column_letter(number)
        assert column_number(letters) == column_index_from_string(letters) == number


def test_the_box_is_that_of_filled_cells() -> None:
    cells = {(r, c): RawCell(r, c, "n", "1", False, 0) for r, c in ((3, 2), (5, 7))}
    assert RawSheet("表", False, cells).box == 3 * 6
    assert RawSheet("表", False, {}).box == 0
