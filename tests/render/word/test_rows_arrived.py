from __future__ import annotations

from typing import Any

import docx
import pytest
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from pipeline.render.word.rows_arrived import lost_rows, rows_of

FOOT, HEAD = "\n第 3 页 共 9 页", "\f澜屿网络 JL-PM-01\n编号 名称 说明\n"


def table(*rows: tuple[str, ...], whole: bool = True) -> Any:
    """A document with one table."""
    document: Any = docx.Document()
    made = document.add_table(rows=0, cols=len(rows[0]))
    for row in rows:
        added = made.add_row()
        for cell, text in zip(added.cells, row, strict=True):
            cell.text = text
        if whole:
            added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return document


def lost(document: Any, text: str) -> list[str]:
    return [row.shown for row in lost_rows(rows_of(document.element.body, document.styles.element), text)]


def test_a_row_whose_values_all_stand_elsewhere_is_lost() -> None:
    document = table(("2027-01-05", "1", "标书"), ("2027-01-27", "2", "交换机"))
    text = "2027-01-05 1 标书" + FOOT + HEAD + "交换机 2 2027-01-27"
    assert lost(document, text) == ["2027-01-27 2 交换机"]
    assert lost(document, "2027-01-05 1 标书" + FOOT + HEAD + "2027-01-27 2\n交换机") == []


def test_a_row_stands_there_as_often_as_in_the_document_and_in_its_order() -> None:
    document = table(("甲", "1"), ("乙", "2"), ("甲", "1"))
    assert lost(document, "甲1乙2甲1") == []
    assert lost(document, "甲1乙2") == ["甲 1"]
    assert lost(document, "乙2甲1甲1") == ["乙 2"]


def test_heads_that_are_repeated_stand_in_between() -> None:
    document = table(("编号", "名称"), ("1", "甲"), ("2", "乙"))
    assert lost(document, "编号名称 1甲" + FOOT + "\f编号名称 2乙") == []


def test_layout_hyphens_case_and_forms_of_characters_do_not_count() -> None:
    document = table(("ﬁre-wall\u00ad", "ＡＢ １２３", "2026-11-\n20", "👨\u200d👩\ufe0f龘é"), ("", "", "", ""))
    assert lost(document, "fire-\nwall AB\n123 2026-11-20👨👩龘e\u0301") == []


@pytest.mark.parametrize("cut", range(1, 12, 3))
def test_a_row_that_may_be_parted_goes_on_on_the_next_page(cut: int) -> None:
    long, short = "第一行第二行第三行第四行", "说明文字"
    parted = f"7 {long[:cut]} {short[:2]}" + FOOT + HEAD + f"{long[cut:]} {short[2:]} 8 后 后"
    assert lost(table(("7", long, short), ("8", "后", "后"), whole=False), parted) == []
    assert lost(table(("7", long, short), ("8", "后", "后")), parted) == [f"7 {long} {short}"]


def test_a_row_over_three_pages_and_one_whose_middle_is_lost() -> None:
    long = "".join(f"第{n}行。" for n in range(60))
    document = table(("7", long), ("8", "后"), whole=False)
    pages = [f"7 {long[:90]}", long[90:200], f"{long[200:]} 8 后"]
    assert lost(document, (FOOT + HEAD).join(pages)) == []
    pages[1] = long[95:200]
    assert len(lost(document, (FOOT + HEAD).join(pages))) == 1


def test_the_next_cell_may_begin_as_the_parted_one_goes_on() -> None:
    long = "".join(f"编号A-{n:02}。" for n in range(9))
    document = table(("7", long, "编号A-77", "末"), ("8", "后", "", ""), whole=False)
    for cut in range(7, len(long), 7):
        assert lost(document, f"7{long[:cut]}编号A-77末" + FOOT + HEAD + f"{long[cut:]}8后") == []
        assert len(lost(document, f"7{long[:cut]}编号A-77末" + FOOT + HEAD + f"{long[cut + 7 :]}8后")) == 1


def test_numbers_of_lists_fields_and_inner_tables_may_stand_in_between() -> None:
    document = table(("一", "甲", "乙"), whole=False)
    cell = document.tables[0].rows[0].cells[1]
    cell.add_paragraph("丙", style="List Number")
    assert lost(document, "一 甲 1. 丙 乙") == []
    assert len(lost(document, "一 甲 1. 乙 丙")) == 1


def test_what_word_does_not_show_is_not_missed() -> None:
    document = table(("甲", "乙", "丙"), ("丁", "x", "戊"))
    rows = document.tables[0].rows
    rows[0].cells[1].paragraphs[0].add_run("隐藏").font.hidden = True
    rows[0].cells[1].paragraphs[0].add_run().add_break(WD_BREAK.LINE)
    merge = OxmlElement("w:vMerge")
    rows[1].cells[1]._tc.get_or_add_tcPr().append(merge)
    assert lost(document, "甲乙丙丁戊") == []
    merge.set(qn("w:val"), "restart")
    assert len(lost(document, "甲乙丙丁戊")) == 1


def test_a_table_that_floats_may_stand_anywhere_and_right_to_left_counts_by_letters() -> None:
    document = table(("甲", "乙"), ("ابجد", "丙"))
    assert lost(document, "丙 دجبا 甲乙") == []
    document.tables[0]._tbl.tblPr.append(OxmlElement("w:tblpPr"))
    assert lost(document, "别的 甲乙") == ["ابجد 丙"]


def test_a_lost_row_whose_cell_says_the_same_over_many_pages_is_told_after_a_bounded_search() -> None:
    """Such a cell could go on at any of its words on every page."""
    document = table(("甲", "光模块、线缆、" * 900), ("乙", "丙"), whole=False)
    pages = "\f".join("甲" + "光模块、线缆、" * 30 for _ in range(20))
    assert lost(document, pages)
