"""The validation report as a workbook: one row a finding, over all workbooks of a project, with links to the cells.

Everything is written as text, so that nothing that staff typed becomes a formula (threats T14).
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import xlsxwriter

from pipeline.core.findings import Finding, in_order
from pipeline.definitions.styles import FormStyles
from pipeline.render.marked.colours import family, shade
from pipeline.render.marked.sheet import row_height
from pipeline.render.marked.texts import WORDS, related, severity_word

SHEET = "校验报告"
_Columns = tuple[tuple[str, float, Callable[[Finding], str]], ...]
_ALWAYS = datetime(2002, 2, 6)
# Heading, width in characters, text of a finding.
COLUMNS: _Columns = (
    ("级别", 8, lambda f: severity_word(f, "zh")),
    ("规则", 8, lambda f: f.rule.code),
    ("工作簿", 38, lambda f: f.at.workbook or WORDS["zh"]["project"]),
    ("工作表", 16, lambda f: f.at.sheet or ""),
    ("单元格", 10, lambda f: f.at.cell or ""),
    ("问题", 56, lambda f: f.printed().message()),
    ("原值", 20, lambda f: f.values.get("found", "")),
    ("期望值", 20, lambda f: f.values.get("expected", "")),
    ("怎么改", 40, lambda f: f.printed().remedy()),
    ("依据", 16, lambda f: f.printed().rule.clause),
    ("另见", 30, lambda f: related(f, "zh")),
)
_ENGLISH: _Columns = (("English", 56, lambda f: f.message("en")),)
_PLACE = ("工作表", "单元格")


def findings_book(title: str, findings: Sequence[Finding], marked: Mapping[str, str], lang: str = "zh") -> bytes:
    """The workbook.

    Args:
        title: stands in the file's properties.
        findings: all findings of a project.
        marked: file names of the marked copies in the same folder, by the name of their workbook; places link there.
        lang: with en there is a last column in English.
    """
    columns = COLUMNS + _ENGLISH if lang == "en" else COLUMNS
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "created": _ALWAYS})
    sheet, styles = book.add_worksheet(SHEET), FormStyles(book)
    for column, (heading, width, _) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, heading, styles.look("label"))
    for row, finding in enumerate(in_order(findings), start=1):
        _write(sheet, row, finding, marked.get(finding.at.workbook, ""), styles, columns)
    sheet.autofilter(0, 0, max(len(findings), 1), len(columns) - 1)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    book.close()
    return out.getvalue()


def _write(sheet: object, row: int, finding: Finding, marked: str, styles: FormStyles, columns: _Columns) -> None:
    text = styles.of(border=1, valign="top", text_wrap=True)
    weight = styles.of(border=1, valign="top", align="center", bold=True, bg_color=f"#{shade(family(finding))}")
    link = styles.of(border=1, valign="top", font_color="#0563C1", underline=1)
    address = _address(finding, marked)
    texts = [worded(finding)[:32767] for _, _, worded in columns]
    widths = [width for _, width, _ in columns]
    sheet.set_row(row, row_height(texts, widths))  # type: ignore[attr-defined]
    for column, (value, (heading, _, _)) in enumerate(zip(texts, columns, strict=True)):
        if address and heading in _PLACE and value:
            sheet.write_url(row, column, address, link, value)  # type: ignore[attr-defined]
        else:
            sheet.write_string(row, column, value, text if column else weight)  # type: ignore[attr-defined]


def _address(finding: Finding, marked: str) -> str:
    """Link to a cell of the marked copy beside this file; nothing where there is none."""
    if not marked or not finding.at.sheet:
        return ""
    quoted = finding.at.sheet.replace("'", "''")
    return f"external:{marked}#'{quoted}'!{finding.at.cell or 'A1'}"
