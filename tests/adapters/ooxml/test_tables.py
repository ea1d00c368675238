from __future__ import annotations

from openpyxl.styles.colors import COLOR_INDEX
from openpyxl.styles.numbers import BUILTIN_FORMATS as OPENPYXL_FORMATS

from pipeline.adapters.ooxml.tables import BUILTIN_FORMATS, CHINESE_FORMATS, INDEXED_COLOURS


def test_tables_are_those_of_openpyxl() -> None:
    assert BUILTIN_FORMATS == OPENPYXL_FORMATS
    assert tuple(colour[2:] for colour in COLOR_INDEX) == INDEXED_COLOURS


def test_chinese_formats_fill_the_gaps_and_name_the_currency_only() -> None:
    both = set(CHINESE_FORMATS) & set(BUILTIN_FORMATS)
    assert all("$" in BUILTIN_FORMATS[number] and "¥" in CHINESE_FORMATS[number] for number in both)
    assert both == {n for n, code in BUILTIN_FORMATS.items() if "$" in code}
