from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.enum.text import WD_BREAK
from pypdf import PdfReader

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.core.errors import DocumentFailed
from pipeline.render.word.contents import MARK, has_contents, heading_pages, headings, insert_contents, number_contents
from pipeline.render.word.package import same_bytes


def document() -> Any:
    made = docx.Document()
    made.add_paragraph(MARK)
    for level, text in ((1, "1 概述"), (2, "1.1 R&D <目标>"), (3, "1.1.1 太深"), (1, ""), (1, "附录")):
        made.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
        made.add_heading(text, level)
    return made


def lines(made: Any) -> list[tuple[str, str]]:
    return [(p.style.name, p.text) for p in made.paragraphs if p.style.name.startswith("toc")]


def test_headings_of_the_first_two_levels_that_have_a_text() -> None:
    made = document()
    assert has_contents(made)
    assert [(h.level, h.text) for h in headings(made)] == [(1, "1 概述"), (2, "1.1 R&D <目标>"), (1, "附录")]


def test_the_contents_is_a_field_with_a_stored_result() -> None:
    made = document()
    insert_contents(made, [2, 3, 6])
    assert lines(made) == [("toc 1", "1 概述\t2"), ("toc 2", "1.1 R&D <目标>\t3"), ("toc 1", "附录\t6")]
    xml = made.element.xml
    assert r'TOC \o "1-2" \h \z \u' in xml
    assert xml.count('fldCharType="begin"') == xml.count('fldCharType="end"') == 4
    assert MARK not in xml
    assert "updateFields" not in made.settings.element.xml


def test_every_line_leads_to_its_heading() -> None:
    made = document()
    insert_contents(made, None)
    anchors = re.findall(r'w:anchor="(\w+)"', made.element.xml)
    bookmarks = re.findall(r'<w:bookmarkStart[^>]*w:name="(\w+)"', made.element.xml)
    assert anchors == bookmarks
    assert len(set(anchors)) == 3
    assert lines(made)[0] == ("toc 1", "1 概述\t…")


def test_a_finished_document_gets_the_numbers_that_it_was_made_without(tmp_path: Path) -> None:
    """To the byte, as if it had been made with them."""
    made, at_once, other = document(), document(), tmp_path / "a.docx"
    insert_contents(made, None)
    insert_contents(at_once, [2, 3, 6])
    other.write_bytes(same_bytes(made))
    assert number_contents(other, [2, 3, 6])
    assert other.read_bytes() == same_bytes(at_once)
    assert lines(docx.Document(str(other))) == [
        ("toc 1", "1 概述\t2"),
        ("toc 2", "1.1 R&D <目标>\t3"),
        ("toc 1", "附录\t6"),
    ]


def test_a_contents_of_other_headings_is_left_alone(tmp_path: Path) -> None:
    made, other = document(), tmp_path / "a.docx"
    insert_contents(made, None)
    made.save(str(other))
    before = other.read_bytes()
    assert not number_contents(other, [2, 3])
    assert other.read_bytes() == before


def test_without_a_mark_nothing_changes() -> None:
    made = docx.Document()
    made.add_heading("1", 1)
    before = made.element.xml
    insert_contents(made, None)
    assert made.element.xml == before


def test_pages_that_do_not_fit_the_headings_stop_the_document() -> None:
    with pytest.raises(DocumentFailed, match="3"):
        insert_contents(document(), [1])


def test_the_pages_of_the_pdf_are_the_pages_of_the_contents(office: LibreOffice, tmp_path: Path) -> None:
    first = document()
    insert_contents(first, None)
    first.save(str(tmp_path / "a.docx"))
    office.to_pdf(tmp_path / "a.docx", tmp_path / "a.pdf")
    pages = heading_pages(tmp_path / "a.pdf")
    assert pages == [2, 3, 6]
    second = document()
    insert_contents(second, pages)
    second.save(str(tmp_path / "b.docx"))
    office.to_pdf(tmp_path / "b.docx", tmp_path / "b.pdf")
    assert heading_pages(tmp_path / "b.pdf") == pages
    text = PdfReader(tmp_path / "b.pdf").pages[0].extract_text()
    assert re.search(r"1 概述[.\s]*2\b", text)
    assert re.search(r"附录[.\s]*6\b", text)


def test_a_file_that_is_no_pdf_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"no")
    with pytest.raises(DocumentFailed, match=r"a\.pdf"):
        heading_pages(tmp_path / "a.pdf")
