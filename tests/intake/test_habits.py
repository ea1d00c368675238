"""What staff do to a sheet, and what becomes of it: read right, or named with its cell; each sheet is drawn here."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pytest

from pipeline.adapters.ooxml.reader import RawBook, read_book
from pipeline.core.sheets import Flaw, Sheet, Workbook
from pipeline.definitions.forms import load_forms
from pipeline.intake.convert import Reader
from pipeline.intake.finding import find_sheets
from pipeline.intake.sheets import read_sheet
from pipeline.intake.workbooks import open_file, read_workbook
from tests.intake import made_files as made

D = Decimal
FORMATS = ("General", "yyyy-mm-dd", "#,##0,", '"200"', ";;;", '0.00"万元"', "0!.0,", "000000", "0.00%", "m/d")
LINES = """
| 项目费用计划明细表 — 费用明细
| 记录编号 | JL-PM-02 | 版本 | A/0 | 项目编号 | LY-SQ-2026-007
| 项目名称 | 青岚台
| 金额单位:元(人民币),含税,保留两位小数;税率写 13 表示 13%
| 序号* | 科目编码* | 说明* | 归属* | 数量* | 单价(含税)* | 含税金额 | 不含税金额 | 使用时间*
| no | acc | desc | scope | qty | unit_price | amount | amount_excl | use_month
"""
ONE = "| 1 | 1001 | 交换机 | 工程 | 2 | 60 | 120 | 106.19 | 2026-06\n"
TWO = "| 2 | 3001 | 差旅 | 售前 | 1 | 80 | 80 | 80 | 2026-04\n"
TOTAL = "| 合计 | | | | | | 200 | 186.19 |\n"


def book_of(drawn: str, *, before: str = "", around: str = "", hide: tuple[int, ...] = ()) -> RawBook:
    """A drawn sheet 费用明细 with hidden rows; `before` stands in front of the cells, `around` behind them."""
    return books_of({"费用明细": drawn}, before=before, around=around, hide=hide)


def books_of(drawn: dict[str, str], *, before: str = "", around: str = "", hide: tuple[int, ...] = ()) -> RawBook:
    sheets = {}
    for name, text in drawn.items():
        rows = made.rows_of(text)
        for row in hide:
            rows = rows.replace(f'<row r="{row}">', f'<row r="{row}" hidden="1">')
        sheets[name] = f"{before}<sheetData>{rows}</sheetData>{around}"
    return read_book(io.BytesIO(made.zipped(made.parts(sheets, formats=FORMATS))))


def read(drawn: str, *, form: str = "cost", sheet: str = "lines", **options: Any) -> Sheet:
    book = book_of(drawn, **options)
    definition = load_forms()[form]
    return read_sheet(definition, definition.sheet_form(sheet), book.sheets[0], "03.xlsx", Reader(book, {}))


def amounts(sheet: Sheet) -> list[tuple[int, Any, Any]]:
    """Row number, account and amount of every row."""
    return [(row.number, row.value("acc"), row.value("amount")) for row in sheet.rows]


BONDS = """
| 项目费用计划明细表 — 资金占用
|
|
|
| 类型 | 金额 | 比例 | 交纳日期 | 预计退回 | 形式
| kind | amount | pct | pay_date | return_date | form
| 投标保证金 | 130000 | 1.91 | 2026-06-30 | 2026-07-31 | 保函
"""
PLAIN = [(7, "1001", D(120)), (8, "3001", D(80))]


# -- read right -------------------------------------------------------------------------------------------------


def test_as_the_form_gives_it() -> None:
    sheet = read(LINES + ONE + TWO + TOTAL)
    assert amounts(sheet) == PLAIN
    assert (sheet.crossed, sheet.in_wan, sheet.strays, sheet.totals.value("grand_total")) == ((), (), (), D(200))


def test_rows_inserted_and_left_blank_and_a_note_under_the_rows() -> None:
    sheet = read(LINES + "|\n" + ONE + "|\n|\n" + TWO + "| 注:以上均含税\n" + TOTAL + "| 备注:报价有效期30天\n")
    assert amounts(sheet) == [(8, "1001", D(120)), (11, "3001", D(80))]


@pytest.mark.parametrize("note", ["注:保函原件在财务", "备注: 待退回", "说明、以合同为准", "※含手续费", "注1:见附件"])
def test_a_note_under_rows_without_a_total_is_no_row(note: str) -> None:
    drawn = BONDS + f"| {note}\n"
    assert [row.number for row in read(drawn, sheet="deposits").rows] == [7]


def test_a_note_beside_an_amount_is_a_row() -> None:
    """Nothing that holds a figure is left out."""
    drawn = LINES + ONE + "| | | 注:另加运费 | | | | 500\n" + TWO + TOTAL
    assert (8, None, D(500)) in amounts(read(drawn))


@pytest.mark.parametrize("label", ["合计", "合 计", "合\n计:", "总计", "合计(元)", "总 计 (人民币)", "合计金额"])
def test_totals_by_the_words_people_use(label: str) -> None:
    drawn = LINES + ONE + TWO + TOTAL.replace("合计", "合计占位")
    book = made.rows_of(drawn).replace("合计占位", label)
    package = made.parts({"费用明细": f"<sheetData>{book}</sheetData>"}, formats=FORMATS)
    raw = read_book(io.BytesIO(made.zipped(package)))
    definition = load_forms()["cost"]
    sheet = read_sheet(definition, definition.sheet_form("lines"), raw.sheets[0], "03.xlsx", Reader(raw, {}))
    assert (amounts(sheet), sheet.totals.value("grand_total")) == (PLAIN, D(200))


@pytest.mark.parametrize(
    "label", ["单 价\n(含税)", "单价(含税)*", "单价(元)", "*单价", "单价\u200b(含税)", "单价(含税)(元)"]
)
def test_labels_with_line_breaks_stars_and_units_where_the_keys_are_gone(label: str) -> None:
    head = LINES.strip().splitlines()[:-1]
    drawn = made.rows_of("\n".join([*head, ONE, TOTAL])).replace("单价(含税)*", label)
    raw = read_book(io.BytesIO(made.zipped(made.parts({"费用明细": f"<sheetData>{drawn}</sheetData>"}))))
    definition = load_forms()["cost"]
    sheet = read_sheet(definition, definition.sheet_form("lines"), raw.sheets[0], "03.xlsx", Reader(raw, {}))
    assert sheet.rows[0].value("unit_price") == D(60)


def test_labels_in_two_merged_rows_and_columns_do_not_move_values() -> None:
    merges = '<mergeCells><mergeCell ref="A1:I1"/><mergeCell ref="A4:I4"/><mergeCell ref="A9:F9"/></mergeCells>'
    assert amounts(read(LINES + ONE + TWO + TOTAL, around=merges)) == PLAIN


def test_a_line_put_in_by_hand_without_formulas_is_read_and_calculated_later() -> None:
    sheet = read(LINES + ONE + "| 3 | 1004 | 线缆 | 工程 | 5 | 10 | | | 2026-06\n" + TOTAL)
    assert sheet.rows[1].value("unit_price") == D(10)
    assert sheet.rows[1].blank("amount")


FORM = """
| | 项目计划基本信息 — 基本信息
| head.project_code | 项目编号 | LY-SQ-2026-007
| |
| | 项目 | 内容 | 说明
| customer_name | 客户名称* | 青岚台 |
| contract_amount | 合同额(含税)* | 6400000 | 单位元,不是万元
| pm | 建议售前项目经理* | E104 | 批准后以通知书为准
"""


def read_form(drawn: str, **options: Any) -> Sheet:
    return read(drawn, form="plan", sheet="basics", **options)


@pytest.mark.parametrize(
    "drawn",
    [
        FORM,
        re.sub(r"(?m)^\| ", "| 我的列 | ", FORM),  # a column in front
        re.sub(r"(?m)^(\|[^|\n]*)", r"\1 | ", FORM),  # one between keys and labels
        re.sub(r"(?m)^(\|[^|\n]*\|[^|\n]*)", r"\1 | 看", FORM).replace("看| 内容", " | 内容"),  # one before the values
        re.sub(r"(?m)^\|[^|\n]*", "", FORM),  # the hidden column deleted
    ],
    ids=["as given", "in front", "behind the keys", "before the values", "no keys"],
)
def test_a_form_sheet_with_columns_put_in_or_deleted(drawn: str) -> None:
    sheet = read_form(drawn)
    assert sheet.head.value("contract_amount") == D(6400000)
    assert sheet.head.value("pm") == "E104"
    assert sheet.crossed == ()


def test_a_merged_label_of_a_form_has_its_value_to_the_right() -> None:
    drawn = FORM.replace("客户名称* | 青岚台", "客户名称* | | 青岚台")
    sheet = read_form(drawn, around='<mergeCells><mergeCell ref="B5:C5"/></mergeCells>')
    assert sheet.head.value("customer_name") == "青岚台"


def test_millions_of_formatted_empty_rows_cost_nothing(tmp_path: Any) -> None:
    """Who formats a whole sheet leaves a style on every row; none of them is a row of data."""
    empty = "".join(f'<row r="{r}" s="5" customFormat="1"><c r="A{r}" s="5"/></row>' for r in range(10, 20010))
    package = made.parts({"费用明细": f"<sheetData>{made.rows_of(LINES + ONE + TWO + TOTAL)}{empty}</sheetData>"})
    raw = read_book(io.BytesIO(made.zipped(package)))
    assert len(raw.sheets[0].cells) < 100
    assert raw.sheets[0].last_row == 9


# -- named ------------------------------------------------------------------------------------------------------


def test_a_label_typed_over_another_does_not_swap_figures_in_silence() -> None:
    """The hidden keys still say quantity, then price; who fills follows the labels."""
    swapped = LINES.replace("数量* | 单价(含税)*", "单价(含税) | 数量")
    found = [(c.key, c.label, c.written, c.at.cell) for c in read(swapped + ONE + TOTAL).crossed]
    assert found == [("qty", "数量", "单价(含税)", "E5"), ("unit_price", "单价(含税)", "数量", "F5")]


def test_a_label_of_ones_own_is_no_contradiction() -> None:
    assert read(LINES.replace("数量*", "多少") + ONE + TOTAL).crossed == ()


def test_a_form_whose_labels_were_moved_without_the_hidden_keys() -> None:
    swapped = FORM.replace("客户名称*", "占位").replace("建议售前项目经理*", "客户名称").replace("占位", "售前项目经理")
    assert [(c.key, c.at.cell) for c in read_form(swapped).crossed] == [("customer_name", "B5"), ("pm", "B7")]


def test_a_line_copied_into_a_form_is_named_as_double() -> None:
    assert read_form(FORM + "| pm | 建议售前项目经理* | E105 |\n").doubled == (("建议售前项目经理", "pm"),)


ITEMS = """
| 网络工程客户需求调查表
|
|
| 黄底必填
| 编号 | 类别 | 调查项 | 填写值 | 明确状态 | 单位
| no | section | label | value | status | unit
| B05 | 项目概况 | 客户预算 | 1300000 | 明确 | 元
"""


def test_a_survey_row_under_the_text_of_another_item() -> None:
    moved = ITEMS.replace("客户预算", "客户名称")
    names = {item.label: item.no for item in load_forms()["survey"].sheet_form("items").items}
    moved = ITEMS.replace("客户预算", next(label for label in names if label != "客户预算"))
    (found,) = read(moved, form="survey", sheet="items").crossed
    assert (found.key, found.at.cell) == ("B05", "C7")


@pytest.mark.parametrize(
    ("drawn", "cell"),
    [
        (LINES.replace("金额单位:元(人民币)", "金额单位:万元"), "A4"),
        (LINES.replace("金额单位:元(人民币)", "单位(万元)"), "A4"),
        (LINES.replace("含税金额 | 不", "含税金额(万元) | 不"), "G5"),
        (LINES.replace("单价(含税)*", "单价 万元"), "F5"),
        (LINES, None),
    ],
)
def test_a_sheet_that_says_wan(drawn: str, cell: str | None) -> None:
    found = [said.at.cell for said in read(drawn + ONE + TOTAL).in_wan]
    assert found == ([cell] if cell else [])


@pytest.mark.parametrize(
    ("total", "cells"),
    [
        ("| 合计(万元) | | | | | | 200 | 186.19 |\n| 注:以上金额以万元计 |\n", ["A8", "A9"]),
        (TOTAL + "| 单位:万元\n", ["A9"]),
        (TOTAL + "| 注:合同额640万元\n", []),  # an amount in a remark is no unit
    ],
)
def test_wan_below_the_rows(total: str, cells: list[str]) -> None:
    assert [said.at.cell for said in read(LINES + ONE + total).in_wan] == (cells if "合计(" not in total else cells[1:])


def test_wan_in_a_form_and_in_a_survey_item() -> None:
    assert [s.at.cell for s in read_form(FORM.replace("合同额(含税)*", "合同额(万元)")).in_wan] == ["B6"]
    assert read_form(FORM.replace("单位元,不是万元", "单位元，不是万元")).in_wan == ()
    assert [s.at.cell for s in read_form(FORM.replace("单位元,不是万元", "单位:万元")).in_wan] == ["D6"]
    assert read_form(FORM).in_wan == ()
    assert [s.at.cell for s in read(ITEMS.replace("| 元", "| 万元"), form="survey", sheet="items").in_wan] == ["F7"]
    assert read(ITEMS, form="survey", sheet="items").in_wan == ()


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        ("| 3 | 3001 | 加班 | 售前 | 1 | 500 | 500\n", "A10"),
        ("| | 3001 | 加班 | 售前 | '1 | '500 | \n", "E10"),  # numbers as text count as well
        ("| | 3001 | 加班 | 售前 | | 500 | | | 2026-04\n", "F10"),  # most of what is due
        ("| 注 | | | | | 500 |\n", None),
        ("|\n", None),
    ],
)
def test_rows_typed_below_the_total(row: str, cell: str | None) -> None:
    found = [place.cell for place in read(LINES + ONE + TWO + TOTAL + row).strays]
    assert found == ([cell] if cell else [])


@pytest.mark.parametrize(
    ("typed", "value", "flaw"),
    [
        ("'60", D(60), Flaw.TEXT_NUMBER),
        ("'\uff16\uff10\uff0e\uff15", D("60.5"), Flaw.TEXT_NUMBER),
        ("'1,060.50", D("1060.5"), Flaw.TEXT_NUMBER),
        ("'\uffe560", D(60), Flaw.TEXT_NUMBER),
        ("'60\u200b", D(60), Flaw.TEXT_NUMBER),
        ("'60元", None, Flaw.NOT_A_NUMBER),
        ("'6万", None, Flaw.NOT_A_NUMBER),
        ("'0.6万元", None, Flaw.NOT_A_NUMBER),
        ("'1,5", None, Flaw.NOT_A_NUMBER),  # a comma for a point is not 15
        ("'30 30", None, Flaw.NOT_A_NUMBER),
        ("'10²", None, Flaw.NOT_A_NUMBER),  # not 102
    ],
)
def test_amounts_pasted_as_text(typed: str, value: Decimal | None, flaw: Flaw) -> None:
    cell = read(LINES + ONE.replace("| 60 |", f"| {typed} |") + TOTAL).rows[0].cell("unit_price")
    assert (cell.value, cell.flaws) == (value, {flaw})


@pytest.mark.parametrize(
    ("cell", "disguise"),
    [
        ("60", ""),
        ("{2}640000", "数字格式“#,##0,”显示的不是单元格的值"),
        ("{3}999999", '数字格式“"200"”显示的不是单元格的值'),
        ("{4}640000", "数字格式“;;;”显示的不是单元格的值"),
        ("{5}64", '数字格式“0.00"万元"”显示的不是单元格的值'),
        ("{6}640000", "数字格式“0!.0,”显示的不是单元格的值"),
        ("{8}0.6", "数字格式“0.00%”显示的不是单元格的值"),
        ("{1}46086", "数字格式“yyyy-mm-dd”显示的不是单元格的值"),  # an amount that shows as a day
    ],
)
def test_an_amount_whose_format_shows_another_figure(cell: str, disguise: str) -> None:
    found = read(LINES + ONE.replace("| 60 |", f"| {cell} |") + TOTAL).rows[0].cell("unit_price")
    assert found.disguise == disguise
    assert found.value == D(re.sub(r"\{\d\}", "", cell))


def test_texts_under_formats() -> None:
    row = "| 1 | {7}1001 | {8}0.5 | {4}'工程 | 2 | 60 | 120 | 106.19 | 2026-06\n"
    (record,) = read(LINES + row + TOTAL).rows
    assert [record.value(key) for key in ("acc", "desc", "scope")] == ["001001", "50.00%", "工程"]
    assert [bool(record.cell(key).disguise) for key in ("acc", "desc", "scope")] == [False, False, True]


def test_a_long_number_that_lost_its_last_digits() -> None:
    row = ONE.replace("交换机", "123456789012345678")
    assert "15位" in read(LINES + row + TOTAL).rows[0].cell("desc").disguise


# -- remarks of a whole workbook ----------------------------------------------------------------------------------


def remarks(sheets: dict[str, str], tmp_path: Any, *, state: str = "", **options: Any) -> list[tuple[str, str, int]]:
    """What F031 will say: the habit, its first place, how many other cells."""
    rows = {}
    for name, drawn in sheets.items():
        text = made.rows_of(drawn)
        for row in options.get("hide", ()):
            text = text.replace(f'<row r="{row}">', f'<row r="{row}" hidden="1">')
        rows[name] = f"{options.get('before', '')}<sheetData>{text}</sheetData>{options.get('around', '')}"
    package = made.parts(rows, formats=FORMATS)
    if state:
        book = package["xl/workbook.xml"].replace(f'name="{state}"'.encode(), f'name="{state}" state="hidden"'.encode())
        package["xl/workbook.xml"] = book
    path = tmp_path / "03.xlsx"
    path.write_bytes(made.zipped(package))
    opened = open_file(path, load_forms())
    assert hasattr(opened, "book")
    book_read: Workbook = read_workbook(opened, load_forms()["cost"], {})
    return [(r.what, str(r.at).partition("]")[2], len(r.related)) for r in book_read.remarks]


SHEET = {"费用明细": LINES + ONE + TWO + TOTAL}
CHOSEN = '<filterColumn colId="3"><filters><filter val="售前"/></filters></filterColumn>'
FILTER = f'<autoFilter ref="A5:I8">{CHOSEN}</autoFilter>'


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, []),
        ({"hide": (7, 8)}, [("隐藏的行", "费用明细!A7", 1)]),
        ({"hide": (7,), "around": FILTER}, [("筛选隐藏的行", "费用明细!A7", 0)]),
        ({"hide": (7, 9), "around": FILTER}, [("筛选隐藏的行", "费用明细!A7", 0), ("隐藏的行", "费用明细!G9", 0)]),
        ({"around": FILTER}, []),  # a filter that hides nothing
        ({"hide": (6,)}, []),  # the key row is always hidden
        (
            {"before": '<cols><col min="7" max="8" hidden="1"/></cols>'},
            [("隐藏的列", "费用明细!G7", 1)],
        ),
        (
            {"around": '<mergeCells><mergeCell ref="D7:D8"/></mergeCells>'},
            [("数据区合并单元格", "费用明细!D7", 0)],
        ),
        ({"state": "费用明细"}, [("隐藏的工作表", "费用明细", 0)]),
    ],
)
def test_hidden_and_merged(tmp_path: Any, options: dict[str, Any], expected: list[tuple[str, str, int]]) -> None:
    assert remarks(SHEET, tmp_path, **options) == expected


def test_disguised_cells_are_one_remark_a_format(tmp_path: Any) -> None:
    drawn = LINES + ONE.replace("| 60 |", "| {2}60 |") + TWO.replace("| 80 | 80 | 80", "| {2}80 | {2}80 | 80") + TOTAL
    assert remarks({"费用明细": drawn}, tmp_path) == [("数字格式“#,##0,”显示的不是单元格的值", "费用明细!F7", 2)]


def test_a_copied_sheet_is_named_because_it_is_not_read(tmp_path: Any) -> None:
    found = remarks({**SHEET, "资金占用": BONDS, "资金占用 (2)": BONDS, "我的草稿": "| 1 | 2"}, tmp_path)
    assert found == [("工作表“资金占用 (2)”与“资金占用”相同(没有读取)", "资金占用 (2)", 0)]


def test_a_hidden_sheet_of_ones_own_with_amounts_is_named(tmp_path: Any) -> None:
    found = remarks({**SHEET, "底稿": "| 成本 | 500000"}, tmp_path, state="底稿")
    assert found == [("隐藏的工作表“底稿”不属于本表(没有读取)", "底稿", 0)]


def test_sheets_in_another_order_under_other_names() -> None:
    """By the hidden keys, and by the labels where the key row is gone."""
    labels_only = "\n".join(line for line in BONDS.splitlines() if "| kind |" not in line)
    for drawn in (BONDS, labels_only):
        raw = books_of({"草稿": "| 1", "Sheet9": drawn})
        found = find_sheets(load_forms()["cost"], raw.sheets, Reader(raw, {}))
        assert {key: sheet.name for key, sheet in found.items()} == {"deposits": "Sheet9"}
