"""Content that spoils a layout: long words, many rows, no rows, many departments, falling costs, long names."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.core.documents import Document
from pipeline.core.sheets import Workbook
from pipeline.definitions.documents import load_documents
from pipeline.render.maker import Maker
from pipeline.render.orders import orders
from pipeline.render.word.arrived import lost_in_pdf
from tests.e2e.built import docx_text, squeezed
from tests.render.made_up import book, source

WORD = "ABCDEFGHIJKLMNOPQRST0123456789abcdefghij" * 5
CHINESE = "广播电视台全媒体新闻制播网升级改造" * 12
BASICS: Mapping[str, Any] = {
    "project_code": "LY-SQ-2026-007",
    "project_name": "示例项目",
    "plan_version": "A/0",
    "author": "E101",
    "author_date": "2026-03-24",
    "contract_amount": "6400000",
}
LINE: Mapping[str, Any] = {
    "category": "硬件设备",
    "unit": "台",
    "qty": "1",
    "unit_price": "100",
    "amount": "100",
    "scope": "工程",
    "mode": "外购",
    "stage": "G1",
    "need_date": "2026-06-01",
}


def make(office: LibreOffice, folder: Path, code: str, *books: Workbook) -> Document:
    here = source(*books)
    order = orders(here, [load_documents()[code]])[-1]
    made = Maker(here, folder, office).make(order)
    assert made.pdf
    assert lost_in_pdf(made.printed, pdf_text(made)) == []
    return made


def pages(made: Document) -> tuple[str, ...]:
    assert made.pdf
    return _pages(made.pdf)


@cache
def _pages(pdf: Path) -> tuple[str, ...]:
    return tuple(squeezed(page.extract_text()) for page in PdfReader(pdf).pages)


def pdf_text(made: Document) -> str:
    return unicodedata.normalize("NFKC", "".join(pages(made)))


def plan(**sheets: Any) -> Workbook:
    return book("plan", **{"basics": BASICS, **sheets})


def lines(count: int, **more: Any) -> Workbook:
    return book(
        "materials", lines=[{"no": str(n), "name": f"第{n}种设备", **LINE, **more} for n in range(1, count + 1)]
    )


@pytest.mark.parametrize("word", [WORD, CHINESE[:200]])
def test_two_hundred_characters_without_a_blank_in_narrow_columns(
    office: LibreOffice, tmp_path: Path, word: str
) -> None:
    long = dict.fromkeys(("name", "model", "brand", "place", "supplier", "quote_basis", "remark"), word)
    made = make(office, tmp_path, "PP2", plan(), book("materials", lines=[{"no": "1", **LINE, **long}]))
    assert pdf_text(made).count(squeezed(word)[:20]) >= 1
    assert all(len(page) > 40 for page in pages(made))


def test_three_hundred_materials(office: LibreOffice, tmp_path: Path) -> None:
    made = make(office, tmp_path, "PP2", plan(), lines(300))
    table = [page for page in pages(made) if "种设备台" in page]
    assert len(table) > 5
    assert all("规格型号" in page for page in table)  # the head is repeated
    assert "合计大写" in table[-1]  # never alone: it stands on a page with rows
    assert "30,000.00" in table[-1]


@pytest.mark.parametrize("count", range(9, 15))
def test_a_total_never_stands_alone(office: LibreOffice, tmp_path: Path, count: int) -> None:
    """However many rows there are: where the total is, there is a row, too."""
    made = make(office, tmp_path, "PP2", plan(), lines(count))
    with_total = next(page for page in pages(made) if "合计大写" in page)
    assert f"第{count}种设备" in with_total


@pytest.mark.parametrize("count", [0, 1])
def test_no_row_and_one_row(office: LibreOffice, tmp_path: Path, count: int) -> None:
    stages = [{"code": "S1", "name": "调查", "start": "2026-03-02", "end": "2026-03-20"}] * count
    text = pdf_text(make(office, tmp_path, "PP2", plan(stages=stages), lines(count)))
    assert text.count("第1种设备") == 2 * count  # in the list and among the arrivals
    assert text.count("无") >= 1  # nothing is borrowed
    assert "图1" in text if count else "图1" not in text


def test_forty_departments(office: LibreOffice, tmp_path: Path) -> None:
    rows = [
        {
            "no": str(n),
            "role": "工程师",
            "emp_no": f"E{n}",
            "name": f"第{n}人",
            "dept": f"第{n}部门",
            "scope": "工程" if n % 2 else "售前",
            "stage": f"S{n % 7 + 1}",
            "plan_days": "1.5",
            "amount": "1500",
            "core": "是",
        }
        for n in range(1, 41)
    ]
    made = make(office, tmp_path, "PP3", plan(), book("staffing", lines=rows))
    text = pdf_text(made)
    assert all(f"第{n}部门" in text for n in range(1, 41))
    assert "60,000.00" in text
    assert all("部门" in page for page in pages(made) if "第40部门" in page or "第1部门" in page)


def test_a_change_that_saves_money_is_worded(office: LibreOffice, tmp_path: Path) -> None:
    row = {"no": "CR-01", "delta_cost": "-169950", "delta_days": "-3", "status": "已批准", "date": "2026-03-05"}
    revisions = [{"version": "A/0", "date": "2026-02-01", "total": "1000000"}]
    cost = book("cost", lines=[{"no": "1", "acc": "1001", "scope": "售前", "amount": "830050", "use_month": "2026-03"}])
    survey = book("survey", versions=[{"version": "V1.0", "date": "2026-03-01"}])
    records = book("records", changes=[{**row, "approve_date": "2026-03-10"}])
    text = pdf_text(make(office, tmp_path, "CHG", survey, plan(revisions=revisions), cost, records))
    for word in ("-169,950.00元", "减少人民币壹拾陆万玖仟玖佰伍拾元整", "830,050.00", "-3个工作日"):
        assert squeezed(word) in text


def test_a_long_project_name_leaves_the_headers_alone(office: LibreOffice, tmp_path: Path) -> None:
    basics = {**BASICS, "project_name": CHINESE[:100]}
    made = make(office, tmp_path, "PP2", plan(basics=basics), lines(60))
    tops = [page[:60] for page in pages(made)]
    assert len(tops) > 2
    assert all("LY-SQ-2026-007" in top for top in tops)
    assert CHINESE[:100] in docx_text(made.docx)
