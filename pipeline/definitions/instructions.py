"""The sheet 填写说明, first of every workbook: what is filled in which order, what colours mean (domain C.0 13)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.definitions.forms import Form
from pipeline.definitions.styles import LOCKED, PREFILLED, REQUIRED, FormStyles
from pipeline.definitions.texts import in_print, lines_of

SHEET = "填写说明"
_WIDTHS = (6.0, 88.0)
_SET = (
    "整套的次序:01 调查表 → 02“基本信息”和“阶段计划” → 04 物资、05 人员 → 03 直接费用 → 02 其余各表。"
    "06 从会签开始,办一步登记一步。不必全部填完才交:交一本校验一本。",
    "同一件事只填一次:每填好一本,请管理员预填(命令 presales forms prefill),别处已有的名称、客户、金额、人员、日期、"
    "单价、序号和合计就写进浅蓝的格,您核对,不对的改写。",
)
_COLOURS = (
    (REQUIRED, "浅黄底、标题带红色 *:必填。"),
    ("#FFFFFF", "白底:选填;有的在某种条件下必填,说明里写着。"),
    (PREFILLED, "浅蓝底:系统可以预填;没有预填时自己填,必要时改写。"),
    (LOCKED, "浅灰底:公式或固定文字,不要改写。"),
)
_SURVEY = (
    "6.2.1 注:需求调查表不得有空项;需求不明确的,应当注明“不明确”(选在“明确状态”),并写明澄清措施和计划澄清日期。"
    "确实用不着的,状态选“不适用”并写理由。"
)
_COMMON = (
    "没有内容的文本项填“无”。0 不是空,空白才是空。日期写 2026-03-05,月份写 2026-03。",
    "金额一律为元,不写万元;税率写 13 表示 13%。",
)
_ROWS = (
    "先用空行;不够时在表格中间插入行,再向下复制公式。不要删除或改名工作表,不要删除表头和隐藏的行、列、工作表。"
    "打印只到最后一行有内容的;有合计行的打印到合计行。"
)
_HELP = "填好保存,放到约定的目录。系统逐格校验,退回一份标了颜色的:改好再交。更细的说明见《填写指南》。"
_CONTACT = "联系人:质量管理部(表单与规则)、市场销售部(项目编号)。"


def write_instructions(book: Any, form: Form, styles: FormStyles) -> None:
    """Write the sheet; it is the first that a reader sees."""
    sheet = book.add_worksheet(SHEET)
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width)
    sheet.merge_range(0, 0, 0, 1, f"{form.name} — {SHEET}", styles.look("title"))
    sheet.set_row(0, 30)
    for row, (kind, mark, ours) in enumerate(_lines(form), start=1):
        text = in_print(ours)
        if kind == "heading":
            sheet.merge_range(row, 0, row, 1, text, styles.look("form_label"))
            sheet.set_row(row, 20)
            continue
        if kind == "colour":
            sheet.write_blank(row, 0, None, styles.of(bg_color=mark, border=1))
        else:
            sheet.write_string(row, 0, mark, styles.look("step"))
        sheet.write_string(row, 1, text, styles.look("plain"))
        sheet.set_row(row, 15.0 * lines_of(text, _WIDTHS[1]) + 4)
    sheet.set_portrait()
    sheet.set_paper(9)
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C第 &P 页  共 &N 页&R&A")
    sheet.hide_gridlines(2)
    sheet.protect("", {"format_cells": True})


def _lines(form: Form) -> Iterator[tuple[str, str, str]]:
    """Kind of a line, what stands in its first column, and its text."""
    if form.note:
        yield "text", "", form.note
    yield "heading", "", "填写次序"
    yield from (("text", str(number), step) for number, step in enumerate(form.steps, start=1))
    if form.head.fields:
        yield from (("text", "", text) for text in _SET)
    yield "heading", "", "底色"
    yield from (("colour", colour, text) for colour, text in _COLOURS)
    yield "heading", "", "共同的规矩"
    if any(sheet.items for sheet in form.sheet):
        yield "text", "", _SURVEY
    yield from (("text", "", text) for text in _COMMON)
    if any(sheet.kind != "form" and not sheet.rows_fixed for sheet in form.sheet):
        yield "text", "", _ROWS
    yield from (("text", "", text) for text in (_HELP, _CONTACT))
