from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from lxml import etree

from benchmarks.many_rows import DAY, LISTS, source
from pipeline.core.leaves import Shown
from pipeline.definitions.documents import load_documents
from pipeline.render.context.document import DocumentInfo, common, for_document
from pipeline.render.word.contents import headings
from pipeline.render.word.fill import render
from pipeline.render.word.package import W
from pipeline.render.word.rendered import fit_grids
from tests.render.made_up import form
from tests.render.word.test_fill import context, template


def table(widths: list[int], *rows: int) -> etree._Element:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    body = "".join(f"<w:tr>{'<w:tc/>' * cells}</w:tr>" for cells in rows)
    return etree.fromstring(f'<w:tbl xmlns:w="{W[1:-1]}"><w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>')


def widths(found: etree._Element) -> list[int]:
    return [int(column.get(f"{W}w", "0")) for column in found.iter(f"{W}gridCol")]


@pytest.mark.parametrize(
    ("given", "rows", "fitted"),
    [
        ([100, 200], (2, 2), [100, 200]),
        ([300, 300], (3, 2), [200, 200, 200]),  # a loop went across
        ([100, 100, 100], (2, 2), [150, 150]),  # columns that were left out
        ([100, 200], (), [100, 200]),
    ],
)
def test_a_table_has_as_many_columns_as_rows_have_cells(given: list[int], rows: tuple[int, ...], fitted: Any) -> None:
    found = table(given, *rows)
    fit_grids(found)
    assert widths(found) == fitted


def test_a_cell_over_two_columns_counts_for_both() -> None:
    found = table([100, 100], 1)
    etree.SubElement(etree.SubElement(found.find(f".//{W}tc"), f"{W}tcPr"), f"{W}gridSpan", {f"{W}val": "2"})
    fit_grids(found)
    assert widths(found) == [100, 100]


def test_ends_of_lines_and_tabs_of_a_value_are_those_of_word(tmp_path: Path) -> None:
    template(tmp_path, "{{ x }}")
    render(form(), context(x=Shown("一\n二\t三", name="x")), tmp_path / "out.docx", draft=False, folder=tmp_path)
    paragraph = docx.Document(str(tmp_path / "out.docx")).paragraphs[0]
    assert paragraph.text == "一\n二\t三"
    assert [node.tag for node in paragraph._p.iter(qn("w:br"), qn("w:tab"))] == [qn("w:br"), qn("w:tab")]


def test_a_template_is_read_once_however_long_its_lists_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is filled goes straight into the tree that is written: no part of it is written out and read again."""
    read = Counter[str]()
    for name in ("fix_tables", "map_tree", "build_xml", "resolve_listing"):
        monkeypatch.setattr(DocxTemplate, name, lambda *_, name=name: read.update([name]))
    made, paper = source(20, LISTS), load_documents()["PP3"]
    about = DocumentInfo(paper, "A/0", DAY, "待签")
    render(paper, for_document(made, common(made), about), tmp_path / "out.docx", draft=False)
    assert not read
    assert len(docx.Document(str(tmp_path / "out.docx")).tables)


def test_the_style_of_a_paragraph_is_looked_up_for_headings_only(monkeypatch: pytest.MonkeyPatch) -> None:
    document = docx.Document()
    document.add_heading("概述", 1)
    for number in range(50):
        document.add_paragraph(str(number))
    asked = Counter[str]()
    found = type(document.part).get_style
    monkeypatch.setattr(type(document.part), "get_style", lambda *a: asked.update(["style"]) or found(*a))
    assert [heading.level for heading in headings(document)] == [1]
    assert asked["style"] < 5
