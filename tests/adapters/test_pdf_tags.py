from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pikepdf
import pytest
from docx.oxml import OxmlElement
from pikepdf import Pdf
from PIL import Image

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.adapters.pdf_file import faults
from pipeline.adapters.pdf_tags import finish, mend
from pipeline.adapters.pdf_ua import against_pdf_ua, against_tags, attributes, content_of, kids, rows, strays
from pipeline.adapters.pdf_xmp import claims_pdf_a, claims_pdf_ua

Make = Callable[[Any], None]


def line_under_the_header(document: Any) -> None:
    header = document.sections[0].header.paragraphs[0]
    header.text = "页眉"
    border, bottom = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for key, value in (("val", "single"), ("sz", "4"), ("space", "1"), ("color", "auto")):
        bottom.set(docx.oxml.ns.qn(f"w:{key}"), value)
    border.append(bottom)
    header._p.get_or_add_pPr().append(border)


def table(document: Any, texts: list[list[str]], *, heads: bool = False, styles: tuple[str, ...] = ()) -> None:
    made = document.add_table(rows=len(texts), cols=len(texts[0]))
    for row, line in zip(made.rows, texts, strict=True):
        for number, text in enumerate(line):
            row.cells[number].text = text
            if styles:
                row.cells[number].paragraphs[0].style = document.styles[styles[number]]
    if heads:
        made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def picture(document: Any, description: str) -> None:
    content = io.BytesIO()
    Image.new("RGB", (8, 8), "grey").save(content, "PNG")
    content.seek(0)
    document.add_picture(content)
    shown = next(node for node in document.element.body.iter() if node.tag.endswith("}docPr"))
    shown.set("descr", description)
    shown.set("name", "")


def styled(document: Any) -> None:
    for name in ("表单标题", "表单标签", "表单文字"):
        document.styles.add_style(name, docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("评审单", style="表单标题")
    table(document, [["项目", "甲"], ["编号", "LY-1"]], styles=("表单标签", "表单文字"))
    document.add_paragraph("说明")
    table(document, [["一格之文"]], styles=("表单文字",))


@pytest.fixture(scope="module")
def make(office: LibreOffice, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Make], Path]:
    def made(fill: Make) -> Path:
        folder = tmp_path_factory.mktemp("tags")
        document: Any = docx.Document()
        document.core_properties.title = "纪要"
        line_under_the_header(document)
        fill(document)
        document.save(str(folder / "a.docx"))
        office.to_pdf(folder / "a.docx", folder / "a.pdf")
        return folder / "a.pdf"

    return made


@pytest.mark.parametrize(
    ("fill", "missing"),
    [
        (lambda document: table(document, [["甲", "乙"], ["1", "2"]], heads=True), ""),
        (lambda document: table(document, [["甲", "乙"], ["1", "2"]]), "table without heads"),
        (lambda document: picture(document, "拓扑图:两台交换机"), ""),
        (lambda document: picture(document, ""), "picture without description"),
        (lambda document: [document.add_heading(str(level), level) for level in (1, 3)], "heading level skipped"),
        (styled, ""),
    ],
    ids=["heads", "no heads", "description", "no description", "skipped heading", "form"],
)
def test_only_what_everybody_can_read_claims_it(make: Callable[[Make], Path], fill: Make, missing: str) -> None:
    path = make(fill)
    assert faults(path) == []
    with Pdf.open(path) as pdf:
        assert claims_pdf_a(pdf)
        assert claims_pdf_ua(pdf) == (not missing)
        assert [missing in reason for reason in against_pdf_ua(pdf)] == ([True] if missing else [])


def test_labels_become_heads_boxes_no_tables_and_lines_artifacts(make: Callable[[Make], Path]) -> None:
    with Pdf.open(make(styled)) as pdf:
        whole = kids(pdf.Root.StructTreeRoot)[0]
        _, form, _, box, *_ = kids(whole)
        assert [[str(cell.S) for cell in kids(row)] for row in rows(form)] == [["/TH", "/TD"]] * 2
        heads = [cell for row in rows(form) for cell in kids(row) if str(cell.S) == "/TH"]
        assert {str(said.Scope) for head in heads for said in attributes(head) if "/Scope" in said} == {"/Row"}
        assert str(box.S) == "/Div"
        assert str(pdf.Root.StructTreeRoot.RoleMap["/表单标题"]) == "/H1"
        for page in pdf.pages:
            assert list(strays(content_of(page))) == []
            assert content_of(page).count(b"BMC") + content_of(page).count(b"BDC") == content_of(page).count(b"EMC")
        assert pdf.check_pdf_syntax() == []
        assert against_tags(pdf) == []


def test_a_file_that_is_no_pdf_a_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        assert mend(pdf) == ["没有标签(not tagged)"]
        pdf.save(path)
    before = path.read_bytes()
    assert not finish(path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["a.pdf"]


def test_no_blank_stands_after_the_number_of_a_bookmark() -> None:
    with Pdf.new() as pdf:
        pdf.add_blank_page()
        with pdf.open_outline() as outline:
            chapter = pikepdf.OutlineItem("十一、 其他", 0)
            chapter.children.append(pikepdf.OutlineItem("（二） 资金占用", 0))
            outline.root.extend([chapter, pikepdf.OutlineItem("附表一 费用", 0)])
        mend(pdf)
        with pdf.open_outline() as outline:
            titles = [(one.title, [below.title for below in one.children]) for one in outline.root]
    assert titles == [("十一、其他", ["（二）资金占用"]), ("附表一 费用", [])]
