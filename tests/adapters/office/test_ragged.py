"""Which LibreOffice is given lines flush left, and what becomes of a document then."""

from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

from pipeline.adapters.office.libreoffice import LibreOffice, Office, probe
from pipeline.adapters.office.ragged import set_ragged, shrinks_lines
from pipeline.core.errors import DocumentFailed


@pytest.mark.parametrize(
    ("version", "shrinks"),
    [("7.4.7.2", False), ("24.2.7.2", False), ("24.8.0.3", True), ("25.2.3.2", True), ("26.2", True)],
)
def test_lines_are_set_closer_from_24_8_on(version: str, shrinks: bool) -> None:
    assert shrinks_lines(version) is shrinks


def written(path: Path) -> Path:
    """A justified style, a justified, a spread, a centred and a plain paragraph."""
    document = docx.Document()
    document.styles["Body Text"].paragraph_format.alignment = ALIGN.JUSTIFY
    document.add_paragraph("样式两端对齐", "Body Text")
    for align in (ALIGN.JUSTIFY, ALIGN.DISTRIBUTE, ALIGN.CENTER, None):
        document.add_paragraph("接入、双汇聚").alignment = align
    document.save(str(path))
    return path


def test_justified_and_spread_lines_become_flush_left_and_nothing_else_changes(tmp_path: Path) -> None:
    path = written(tmp_path / "one.docx")
    with zipfile.ZipFile(path) as package:
        before = package.namelist()
    set_ragged(path)
    made = docx.Document(str(path))
    assert made.styles["Body Text"].paragraph_format.alignment == ALIGN.LEFT
    assert [one.alignment for one in made.paragraphs] == [None, ALIGN.LEFT, ALIGN.LEFT, ALIGN.CENTER, None]
    assert [one.text for one in made.paragraphs] == ["样式两端对齐", *["接入、双汇聚"] * 4]
    with zipfile.ZipFile(path) as package:
        assert (package.namelist(), package.testzip()) == (before, None)
    assert [file.name for file in tmp_path.iterdir()] == ["one.docx"]


def newer() -> Office:
    """The LibreOffice of this machine, taken for a newer one."""
    return Office(probe().program, "25.2.3.2")


def test_a_newer_libreoffice_is_given_a_copy_and_the_document_stays(tmp_path: Path) -> None:
    source = written(tmp_path / "one.docx")
    content = source.read_bytes()
    with LibreOffice(newer()) as office:
        office.to_pdf(source, tmp_path / "one.pdf")
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF")
    assert source.read_bytes() == content


def test_a_document_with_a_damaged_part_is_refused_by_name(tmp_path: Path) -> None:
    source = written(tmp_path / "one.docx")
    with zipfile.ZipFile(source) as package:
        entry = package.getinfo("word/styles.xml")
    content = bytearray(source.read_bytes())
    content[entry.header_offset + 200] ^= 0xFF
    source.write_bytes(content)
    with LibreOffice(newer()) as office, pytest.raises(DocumentFailed, match=r"one\.docx：文件已损坏"):
        office.to_pdf(source, tmp_path / "one.pdf")
