from __future__ import annotations

from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from pipeline.render.word.columns import Demand, fit_columns, head_lines, shared
from tests.cases import ROOT

WIDTHS = [600, 1400, 1400, 1400, 1400, 1400]
HEADS = ("序号", "名称", "规格型号", "品牌", "单价（含税）", "使用地点")
ROW = ("1", "接入交换机", "24×10GE+4×25GE", "甲牌", "1,234,567.00", "青岚市广播电视中心二号楼三层临时机房")


def document(*rows: tuple[str, ...], widths: list[int] | None = None, heads: tuple[str, ...] = HEADS) -> Any:
    """A list of the house with fixed widths and a repeated head."""
    widths = widths or WIDTHS
    made: Any = docx.Document(str(ROOT / "output_templates" / "STYLES.docx"))
    table = made.add_table(rows=1 + len(rows), cols=len(widths), style=made.styles["文档表格"])
    for column, width in zip(table._tbl.tblGrid, widths, strict=True):
        column.set(qn("w:w"), str(width))
    for row, texts in zip(table.rows, (heads, *rows), strict=True):
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.paragraphs[0].style = made.styles["表格文字"]
            cell.paragraphs[0].add_run(text)
            cell._tc.get_or_add_tcPr().get_or_add_tcW().set(qn("w:w"), str(width))
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    return made


def grid(made: Any) -> list[int]:
    return [int(column.get(qn("w:w"))) for column in made.tables[-1]._tbl.tblGrid]


def test_a_column_is_as_wide_as_what_stands_in_it_and_the_table_as_wide_as_before() -> None:
    made = document(ROW, ROW)
    assert fit_columns(made) == 1
    widths = grid(made)
    assert sum(widths) == sum(WIDTHS)
    assert widths[0] < WIDTHS[0] < WIDTHS[5] < widths[5]
    cells = made.tables[-1].rows[1]._tr.findall(qn("w:tc"))
    assert [int(cell.find(f"{qn('w:tcPr')}/{qn('w:tcW')}").get(qn("w:w"))) for cell in cells] == widths


def test_wide_capitals_of_a_code_have_their_room() -> None:
    rows = [("1", "交换机" * 9, code, "型号" * 9, "1.00", "机房" * 9) for code in ("IIIIIII", "WWWWWWW")]
    narrow, wide = (document(row) for row in rows)
    assert fit_columns(narrow) == fit_columns(wide) == 1
    assert grid(wide)[2] > grid(narrow)[2]


def test_room_between_chinese_and_digits_is_counted() -> None:
    """A column as narrow as the characters of 9号至14号学生宿舍 parted the last of them in every row."""
    rows = [("1", "交换机" * 9, place, "型号" * 9, "1.00", "机房" * 9) for place in ("14号楼", "1号4楼")]
    joined, mixed = (document(row) for row in rows)
    assert fit_columns(joined) == fit_columns(mixed) == 1
    assert grid(mixed)[2] > grid(joined)[2]


def test_no_number_and_no_code_is_broken() -> None:
    made = document(*[(*ROW[:5], "很长的地点" * 40)] * 3)
    fit_columns(made)
    widths = grid(made)
    assert widths[4] >= 12 * 0.5 * 180  # 1,234,567.00 in 9 pt
    assert widths[2] >= 14 * 0.5 * 180


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("序号", ["序号"]),
        ("负责人", ["负责人"]),
        ("使用时间", ["使用", "时间"]),
        ("单价（含税）", ["单价", "（含税）"]),
        ("不含税金额", ["不含税", "金额"]),
        ("联系人、类别", ["联系人、", "类别"]),
        ("SHA-256", ["SHA-256"]),
    ],
)
def test_a_head_is_broken_before_its_bracket_or_in_the_middle(text: str, lines: list[str]) -> None:
    assert list(head_lines(text)) == lines


def test_a_head_that_has_no_room_is_broken_where_it_may_be() -> None:
    made = document(*[(*ROW[:5], "很长的地点" * 40)] * 3)
    fit_columns(made)
    texts = [cell.text for cell in made.tables[-1].rows[0].cells]
    assert [text.replace("\n", "") for text in texts] == list(HEADS)
    assert "使用地点" in texts  # its column has room


def test_an_empty_column_keeps_its_room_where_somebody_may_write_in_it() -> None:
    made = document((*ROW[:3], "", *ROW[4:]))
    fit_columns(made)
    assert grid(made)[3] >= WIDTHS[3] * 0.99
    wide = [700] * 13
    made = document(("乙",) * 12 + ("",), widths=wide, heads=("栏",) * 13)
    fit_columns(made)
    assert grid(made)[12] <= 700


@pytest.mark.parametrize(
    "made",
    [
        document(ROW[:5], widths=WIDTHS[:5], heads=HEADS[:5]),  # few columns
        document(ROW, ("",) * 6),  # a blank row for the hand
        document(),  # heads alone
    ],
)
def test_a_narrow_table_and_one_to_be_filled_by_hand_stay_as_they_are(made: Any) -> None:
    before = grid(made)
    assert fit_columns(made) == 0
    assert grid(made) == before


def test_where_the_longest_words_have_no_room_the_template_knows_better() -> None:
    assert shared([Demand(600, 700), Demand(500, 500)], 1000) is None


def test_texts_wrap_about_equally_often() -> None:
    widths = shared([Demand(180, 4000), Demand(180, 8000), Demand(180, 180)], 2640)
    assert widths is not None
    lines = [4000 / widths[0], 8000 / widths[1]]
    assert sum(widths) == 2640
    assert abs(lines[0] - lines[1]) < 0.1


@pytest.mark.parametrize(
    ("alone", "beside"), [("PDF", "PDF、DOCX"), ("纸质", "纸质、PDF"), ("0555-5550102", "姜远 0555-5550102")]
)
def test_two_words_of_a_list_stay_beside_each_other(alone: str, beside: str) -> None:
    narrow = [600, 3000, 3000, 400, 1400, 1400]
    rows = [("1", "交换机" * 9, "型号" * 15, text, "1.00", "机房" * 9) for text in (alone, beside)]
    one, both = (document(row, widths=narrow) for row in rows)
    assert fit_columns(one) == fit_columns(both) == 1
    assert grid(both)[3] > grid(one)[3]


def test_a_place_that_wraps_in_every_row_has_its_line_and_a_list_of_many_columns_narrower_margins() -> None:
    heads = ("栏",) * 10 + ("名称", "规格", "地点")
    rows = [("1",) * 10 + ("接入交换机", "四十八口千兆", "青岚广电中心机房")] * 9
    made = document(*rows, ("1",) * 10 + ("接入交换机", "口" * 30, "机房"), widths=[500] * 13, heads=heads)
    assert fit_columns(made) == 1
    properties = made.tables[-1]._tbl.tblPr
    sides = [int(side.get(qn("w:w"))) for side in properties.find(qn("w:tblCellMar"))]
    assert sides == [37, 37]
    assert grid(made)[12] >= 8 * 180 + sum(sides)
