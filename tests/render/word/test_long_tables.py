from __future__ import annotations

from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from pipeline.render.word.long_tables import BLOCK, LONGEST, split_long_tables


def document(rows: int, head: int = 1) -> Any:
    made: Any = docx.Document()
    table = made.add_table(rows=rows, cols=1)
    for number, row in enumerate(table._tbl.tr_lst):
        row.tc_lst[0].p_lst[0].add_r().text = f"r{number}"
        if number < head:
            row.get_or_add_trPr().append(row.makeelement(qn("w:tblHeader"), {}))
    made.add_paragraph("后")
    return made


def texts(made: Any) -> list[list[str]]:
    return [["".join(text.text for text in row.iter(qn("w:t"))) for row in table._tbl.tr_lst] for table in made.tables]


def test_a_table_of_usual_length_stays_as_it_is() -> None:
    made = document(LONGEST)
    before = made.element.xml
    assert split_long_tables(made.element.body) == 0
    assert made.element.xml == before


@pytest.mark.parametrize("rows", [LONGEST + 1, 2 * BLOCK + 1, 2 * BLOCK + 2, 2001])
def test_every_row_is_there_once_in_its_order_under_its_head(rows: int) -> None:
    made = document(rows)
    assert split_long_tables(made.element.body) == 1
    blocks = texts(made)
    assert [block[0] for block in blocks] == ["r0"] * len(blocks)
    assert [row for block in blocks for row in block[1:]] == [f"r{number}" for number in range(1, rows)]
    lengths = [len(block) - 1 for block in blocks]
    assert max(lengths) <= BLOCK
    assert max(lengths) - min(lengths) <= 1  # no block of a single total


def test_blocks_begin_on_a_new_page_and_stand_apart() -> None:
    made = document(LONGEST + 1)
    split_long_tables(made.element.body)
    order = [node.tag.rpartition("}")[2] for node in made.element.body]
    assert order == ["tbl", "p", "tbl", "p", "sectPr"]
    assert made.paragraphs[0].paragraph_format.page_break_before
    assert [table._tbl.tblPr is not None and table._tbl.tblGrid is not None for table in made.tables] == [True, True]


def test_merged_cells_are_not_parted() -> None:
    made = document(401, head=1)
    rows = made.tables[0]._tbl.tr_lst
    for number in range(195, 210):
        merge = rows[0].makeelement(qn("w:vMerge"), {qn("w:val"): "restart"} if number == 195 else {})
        rows[number].tc_lst[0].get_or_add_tcPr().append(merge)
    split_long_tables(made.element.body)
    assert texts(made)[1][1] == "r210"


def test_a_table_inside_of_a_table_stays_whole() -> None:
    outer: Any = docx.Document()
    cell = outer.add_table(rows=1, cols=1).cell(0, 0)
    cell.add_table(rows=LONGEST + 1, cols=1)
    assert split_long_tables(outer.element.body) == 0
