from __future__ import annotations

import io

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.core.findings import Finding
from pipeline.render.marked.findings_book import COLUMNS, findings_book
from tests.render.findings import blank, pending, text_number

BOOK = "03_表.xlsx"


def sheet_of(*findings: Finding) -> Worksheet:
    content = findings_book("X 校验报告", findings, {BOOK: "03_表_校验.xlsx"})
    return openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]


def test_all_findings_of_all_workbooks_stand_in_it_gravest_first() -> None:
    sheet = sheet_of(
        pending(BOOK), text_number(BOOK, "表", "B3"), blank(BOOK, "表", "B2"), blank(""), blank("04.xlsx", "单", "C1")
    )
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert [row[:5] for row in rows] == [
        ("错误", "F001", "整个项目", "", ""),
        ("错误", "F001", BOOK, "表", "B2"),
        ("错误", "F001", "04.xlsx", "单", "C1"),
        ("警告", "F007", BOOK, "表", "B3"),
        ("未到期", "F001", BOOK, "", ""),
    ]


def test_the_english_of_a_finding_stands_beside_it_where_english_is_wanted() -> None:
    content = findings_book("X", [blank(BOOK, "表", "B2")], {}, "en")
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))
    assert rows[0][11] == "English"
    assert "must not be blank" in str(rows[1][11])
    assert not any("English" in str(row) for row in sheet_of(blank(BOOK, "表", "B2")).iter_rows(values_only=True))


def test_places_lead_into_the_marked_copy_beside_it() -> None:
    sheet = sheet_of(blank(BOOK, "it's", "B2"), blank("04.xlsx", "单", "C1"))
    link = sheet["E2"].hyperlink
    assert (link.target, link.location) == ("03_表_校验.xlsx", "'it''s'!B2")
    assert sheet["E3"].hyperlink is None


def test_what_staff_typed_never_becomes_a_formula() -> None:
    sheet = sheet_of(text_number(BOOK, "表", "B3", '=HYPERLINK("http://x","y")'), blank(BOOK, "表", "B2", "=1+1"))
    assert [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    assert sheet.max_column == len(COLUMNS)


def test_the_same_findings_give_the_same_bytes() -> None:
    assert findings_book("X", [blank(BOOK)], {}) == findings_book("X", [blank(BOOK)], {})
