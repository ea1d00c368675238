from __future__ import annotations

from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from pipeline.render.word.row_heights import hold_rows, part_tall_rows
from tests.cases import ROOT


def document(*lines: int, heads: int = 1, text: str = "行") -> Any:
    """A table of 9 pt in lines of 13 pt on A4, whose second column has so many lines in each row."""
    made: Any = docx.Document(str(ROOT / "output_templates" / "STYLES.docx"))
    table = made.add_table(rows=len(lines), cols=2)
    for number, (row, count) in enumerate(zip(table.rows, lines, strict=True)):
        for cell in row.cells:
            cell.paragraphs[0].style = made.styles["表格文字"]
        row.cells[1].paragraphs[0].add_run("\n".join([text] * count))
        properties = row._tr.get_or_add_trPr()
        if number < heads:
            properties.append(OxmlElement("w:tblHeader"))
        if number % 2:
            properties.append(OxmlElement("w:cantSplit"))
    return made


def parted(made: Any) -> list[int]:
    rows = list(made.element.body.iter(qn("w:tr")))[-len(made.tables[-1].rows) :]
    return [n for n, row in enumerate(rows) if row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is None]


def test_a_row_that_may_be_taller_than_a_page_is_parted_and_a_low_one_never_is() -> None:
    made = document(1, 1, 24, 60, 61, 120)
    hold_rows(made)
    assert parted(made) == [3, 4, 5]


def test_long_text_counts_by_the_width_of_its_column() -> None:
    made = document(1, 1, 1, 1)
    rows = made.tables[-1].rows
    rows[1].cells[1].paragraphs[0].add_run("字" * 200)
    rows[2].cells[1].paragraphs[0].add_run("字" * 3000)
    rows[3].cells[1].paragraphs[0].add_run("word " * 4000)
    hold_rows(made)
    assert parted(made) == [2, 3]


def test_the_heads_take_their_share_and_are_not_repeated_when_they_take_most() -> None:
    made = document(18, 30, 22)
    hold_rows(made)
    assert parted(made) == [1]
    made = document(40, 30, 22)
    hold_rows(made)
    assert list(made.tables[-1]._tbl.iter(qn("w:tblHeader"))) == []
    assert parted(made) == [0] or parted(made) == []


@pytest.mark.parametrize("turned", [False, True])
def test_the_page_is_that_of_the_section(turned: bool) -> None:
    made = document(1, 26)
    section = made.sections[-1]
    if turned:
        section.page_width, section.page_height = section.page_height, section.page_width
    hold_rows(made)
    assert parted(made) == ([1] if turned else [])


def test_more_rows_are_parted_when_nothing_else_helps_but_none_below_half_a_page() -> None:
    made = document(1, 20, 29, 40)
    hold_rows(made)
    assert parted(made) == [3]
    part_tall_rows(made)
    assert parted(made) == [2, 3] or parted(made) == [3]
