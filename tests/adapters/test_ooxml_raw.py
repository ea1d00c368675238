from __future__ import annotations

import pytest
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils import column_index_from_string, get_column_letter

from pipeline.adapters.ooxml_raw import RawCell, RawSheet, column_letter, column_number, shows_date


def test_columns_are_named_as_excel_names_them() -> None:
    for number in (*range(1, 800), 16384):
        letters = column_letter(number)
        assert letters == get_column_letter(number)
        assert column_number(letters) == column_index_from_string(letters) == number


@pytest.mark.parametrize(
    "number_format",
    [
        *BUILTIN_FORMATS.values(),
        'yyyy"年"m"月"d"日"',
        "[$-804]aaaa;@",
        "[h]:mm:ss",
        "[mm]:ss",
        '"day"0.00',
        "[Red]0.00;[Blue]-0.00",
        '0"元"',
        "#,##0_d",
        r"\d0",
        "[>=10000]0!.0,万",
        "@",
        "",
        "0.00;yyyy",
    ],
)
def test_dates_are_told_as_openpyxl_tells_them(number_format: str) -> None:
    assert shows_date(number_format) == is_date_format(number_format)


def test_the_box_is_that_of_filled_cells() -> None:
    cells = {(r, c): RawCell(r, c, "n", "1", False, 0) for r, c in ((3, 2), (5, 7))}
    assert RawSheet("表", False, cells).box == 3 * 6
    assert RawSheet("表", False, {}).box == 0
