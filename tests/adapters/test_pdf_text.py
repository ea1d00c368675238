from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest

from pipeline.adapters.fonts import unprintable
from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.adapters.pdf_text import pdf_text
from pipeline.core.errors import DocumentFailed

RARE = ("龘", "𠮷", "㎡", "①", "℃", "囍", "镕", "〇", "□", "☑", "Ω", "é", "🛰", "😀")
NOWHERE = "\U0010fffd"


@pytest.fixture(scope="module")
def pages(office: LibreOffice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page for each character, and a last one with a character that no font has."""
    folder = tmp_path_factory.mktemp("rare")
    document: Any = docx.Document()
    for char in (*RARE, NOWHERE):
        paragraph = document.add_paragraph(char)
        paragraph.paragraph_format.page_break_before = True
    document.save(str(folder / "a.docx"))
    office.to_pdf(folder / "a.docx", folder / "a.pdf")
    return folder / "a.pdf"


def pictures(path: Path) -> Iterator[bytes]:
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            yield page.render(scale=1).to_pil().convert("L").crop((60, 60, 140, 110)).tobytes()


def test_every_character_that_the_fonts_claim_has_a_glyph_of_its_own_on_paper(pages: Path) -> None:
    """No empty box: none looks like the page of the character that nobody has, and none is blank."""
    *shown, box = pictures(pages)
    installed = [char for char in RARE if not unprintable(char)]
    assert len(installed) >= 12  # emoji are in an optional font
    assert unprintable(NOWHERE) == NOWHERE
    drawn = dict(zip(RARE, shown, strict=True))
    assert [char for char in installed if drawn[char] == box or len(set(drawn[char])) == 1] == []
    assert len({drawn[char] for char in installed}) == len(installed)


def test_text_comes_out_page_by_page(pages: Path) -> None:
    assert [page.strip() for page in pdf_text(pages).split("\f")][:4] == ["龘", "𠮷", "㎡", "①"]


def test_a_hyphen_at_the_end_of_a_line_is_a_hyphen(tmp_path: Path, office: LibreOffice) -> None:
    text = "LONG-MODEL-NUMBER-WITHOUT-ANY-BLANK/" * 5
    document: Any = docx.Document()
    document.add_paragraph(text)
    document.save(str(tmp_path / "a.docx"))
    office.to_pdf(tmp_path / "a.docx", tmp_path / "a.pdf")
    found = pdf_text(tmp_path / "a.pdf")
    assert "".join(found.split()) == text


def test_what_is_no_pdf_fails_the_document(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 nothing")
    with pytest.raises(DocumentFailed, match=r"a\.pdf"):
        pdf_text(tmp_path / "a.pdf")
    with pytest.raises(DocumentFailed, match=r"b\.pdf"):
        pdf_text(tmp_path / "b.pdf")
