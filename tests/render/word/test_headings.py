"""Headings of the tables of every template: on one line, or broken where a reader would break them."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest
from docx import Document
from docx.table import Table

from tests.cases import ROOT

TEMPLATES = sorted((ROOT / "output_templates").glob("*.docx"))
CHARACTER, MARGINS = 180, 114  # twentieths of a point: a character of the headings (9 pt), the two margins of a cell


def columns(table: Table) -> list[tuple[str, int]]:
    """Headings with the width of their column, where each stands over one column."""
    cells = table.rows[0].cells
    widths = [int(one.get(one.nsmap["w"].join("{}") + "w")) for one in table._tbl.tblGrid.gridCol_lst]
    heads = all(one.style.name == "表头" for cell in cells for one in cell.paragraphs)
    texts = [cell.text for cell in cells]
    return list(zip(texts, widths, strict=True)) if heads and len(set(texts)) == len(widths) else []


def broken_badly(text: str, width: int) -> bool:
    """One character alone on a line, or a bracket that is torn: 工作|日, 合计（万|元）."""
    fits = (width - MARGINS) // CHARACTER
    words = text.replace("（", " （").split()
    if len(text) <= fits or "{" in text:
        return False
    return any(len(word) > fits and (len(word) % fits == 1 or "（" in word) for word in words)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_headings_break_where_they_may(path: Path) -> None:
    found = chain.from_iterable(columns(table) for table in Document(str(path)).tables)
    assert [(text, width) for text, width in found if broken_badly(text, width)] == []


@pytest.mark.parametrize(
    ("text", "width", "bad"),
    [
        ("工作日", 510, True),
        ("工作日", 654, False),
        ("合计（万元）", 1020, False),
        ("合计（万元）", 780, True),
        ("投入比例", 680, True),
        ("投入比例", 600, False),
        ("应完成（截至期末）", 1588, False),
    ],
)
def test_what_is_broken_badly(text: str, width: int, bad: bool) -> None:
    assert broken_badly(text, width) is bad
