from __future__ import annotations

from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from pipeline.adapters.fonts import unprintable
from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.definitions.documents import PEOPLE, PORTFOLIO, load_documents
from pipeline.render.maker import DocumentFiller
from pipeline.render.preview.rich import NUMBERS, ROWS, TEXTS, make_preview, rich_info, rich_source
from pipeline.render.word.row_heights import tables_on_pages

FORM_EDGES = 700  # twips: forms and lists may reach into the margins, as their templates do


@pytest.fixture(scope="module")
def fill() -> DocumentFiller:
    return DocumentFiller(rich_source())


@pytest.mark.parametrize(
    "code", [form.code for form in load_documents().values() if form.per not in (PORTFOLIO, PEOPLE)]
)
def test_every_template_takes_the_awkward_data(fill: DocumentFiller, tmp_path: Path, code: str) -> None:
    form = load_documents()[code]
    printed = fill(form, tmp_path / "a.docx", None, rich_info(form, rich_source()))
    assert len(printed) > 10
    made = docx.Document(str(tmp_path / "a.docx"))
    assert made.paragraphs
    assert overflowing(made) == []


def overflowing(made: Any) -> list[str]:
    """Tables that are wider than their page, and rows whose cells do not fill the columns of their table."""
    found = []
    for table, page in tables_on_pages(made.element.body):
        grid = [int(column.get(qn("w:w")) or 0) for column in table.iterfind(f"{qn('w:tblGrid')}/{qn('w:gridCol')}")]
        name = "".join(table.itertext(qn("w:t")))[:20]
        if sum(grid) > page.width + FORM_EDGES:
            found.append(f"{name}: {sum(grid)} > {page.width}")
        for row in table.iterfind(qn("w:tr")):
            spans = [cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}") for cell in row.iterfind(qn("w:tc"))]
            if sum(1 if span is None else int(span.get(qn("w:val"))) for span in spans) != len(grid):
                found.append(f"{name}: a row of {len(spans)} cells in {len(grid)} columns")
    return found


def test_tables_are_long_and_hold_every_kind_of_value() -> None:
    rows = rich_source().project.rows("materials", "lines")
    assert len(rows) == ROWS["materials", "lines"]
    assert len({row.text("no") for row in rows}) == len(rows)
    texts = {str(cell.value) for row in rows for cell in row.cells.values()}
    long, unbroken, rare = (str(text)[:20] for text in TEXTS[1:4])
    assert all(any(start in text for text in texts) for start in (long, unbroken, rare))
    assert {str(NUMBERS[1])} <= texts
    assert any(cell.value is None for row in rows for cell in row.cells.values())


def test_all_of_it_can_be_printed() -> None:
    assert unprintable("".join(text or "" for text in TEXTS)) == ""


def test_the_author_gets_docx_and_pdf(tmp_path: Path, office: LibreOffice) -> None:
    form = load_documents()["PP3"]
    assert [path.name for path in make_preview(form, tmp_path, office)] == ["PP3_预览.docx", "PP3_预览.pdf"]
    for code in ("PP3", "BAT"):
        assert [path.name for path in make_preview(load_documents()[code], tmp_path, None)] == [f"{code}_预览.docx"]
