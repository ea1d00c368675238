"""The sheet 填写说明 of every workbook: what to do, what colours mean, what 不明确 is, whom to ask (domain C.0 13)."""

from __future__ import annotations

from typing import Any

from pipeline.definitions.forms import Form
from pipeline.definitions.styles import LOCKED, PREFILLED, REQUIRED, FormStyles

SHEET = "填写说明"
_TEXTS: tuple[tuple[str, str, str], ...] = (
    (
        "",
        "填好后保存,放到约定的目录或交给项目负责人;系统逐格校验,列出有问题的单元格和处理办法,改好再交即可。",
        "Save and hand the file in; every cell is checked, and what is wrong is listed with cell and remedy.",
    ),
    (REQUIRED, "浅黄底、表头带红色 *:必填。", "Light yellow with a red star: required."),
    ("#FFFFFF", "白底:选填,或满足条件时必填。", "White: optional, or required under a condition."),
    (LOCKED, "浅灰底:公式或固定文字,不要改写。", "Light grey: formula or fixed text; leave it."),
    (PREFILLED, "浅蓝底:系统已填,必要时可改写。", "Light blue: filled by the system; may be changed."),
    (
        "",
        "金额单位一律为元,不写万元;税率写 13 表示 13%;日期写 2026-03-05。",
        "Amounts in yuan, never in 万元; tax rate 13 means 13 %; dates as 2026-03-05.",
    ),
    (
        "",
        "可以插入行、排序、筛选;不要删除或改名工作表、表头行和隐藏的第6行。需要加行时在表格中间插入,再向下复制公式。",
        "Rows may be inserted, sorted and filtered; keep sheet names, header rows and the hidden row 6.",
    ),
    (
        "",
        "6.2.1 注:需求调查表不得有空项;需求不明确的,应当注明“不明确”,并写明澄清措施和计划澄清日期。"
        "确实不适用的选“不适用”并写理由。",
        "Clause 6.2.1 note: no blank items; write 不明确 with action and date, or 不适用 with a reason.",
    ),
    ("", "没有内容的文本项填“无”。0 不是空,空白才是空。", "Write 无 where there is nothing; 0 is not blank."),
    (
        "",
        "联系人:质量管理部(表单与规则)、市场销售部(项目编号)。",
        "Contact: quality (forms), sales (project codes).",
    ),
)


def write_instructions(book: Any, form: Form, styles: FormStyles) -> None:
    """Write the sheet."""
    sheet = book.add_worksheet(SHEET)
    sheet.set_column(0, 0, 6)
    sheet.set_column(1, 1, 62)
    sheet.set_column(2, 2, 62)
    sheet.merge_range(0, 0, 0, 2, f"{form.name} — {SHEET}", styles.look("title"))
    sheet.set_row(0, 30)
    plain = styles.look("plain")
    rows = [("", form.note, ""), *_TEXTS] if form.note else list(_TEXTS)
    for index, (colour, chinese, english) in enumerate(rows, start=2):
        sheet.write_blank(index, 0, None, styles.of(bg_color=colour, border=1) if colour else plain)
        sheet.write_string(index, 1, chinese, plain)
        sheet.write_string(index, 2, english, plain)
        sheet.set_row(index, 32)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&C第 &P 页  共 &N 页")
    sheet.protect("", {"format_cells": True})
