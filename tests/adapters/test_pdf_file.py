from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.adapters.pdf_file import against_pdf_a, faults, outline, page_count
from pipeline.adapters.pdf_xmp import claims_pdf_a


@pytest.fixture(scope="module")
def good(office: LibreOffice, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good")
    document: Any = docx.Document()
    document.core_properties.title = "立项书"
    for number in (1, 2):
        document.add_heading(f"{number} 概述", 1)
        document.add_paragraph("甲乙丙 ABC")
    document.save(str(folder / "a.docx"))
    office.to_pdf(folder / "a.docx", folder / "a.pdf")
    return folder / "a.pdf"


def spoilt(good: Path, folder: Path, change: Callable[[Any], object]) -> Path:
    path = folder / "spoilt.pdf"
    with pikepdf.open(good) as pdf:
        change(pdf)
        pdf.save(path, deterministic_id=True)
    return path


def no_fonts(pdf: Any) -> None:
    for thing in pdf.objects:
        if isinstance(thing, Dictionary) and thing.get("/Type") == Name.FontDescriptor:
            for key in ("/FontFile", "/FontFile2", "/FontFile3"):
                if key in thing:
                    del thing[key]


def dead_bookmark(pdf: Any) -> None:
    pdf.Root.Outlines.First.Dest = Array([Dictionary(), Name.Fit])


def script(pdf: Any) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def without(key: str) -> Callable[[Any], object]:
    def change(pdf: Any) -> None:
        del pdf.Root[key]

    return change


def test_a_converted_document_is_sound(good: Path) -> None:
    assert faults(good) == []
    with pikepdf.open(good) as pdf:
        assert claims_pdf_a(pdf)
        assert against_pdf_a(pdf) == []
        assert list(outline(pdf)) == [("1 概述", 0), ("2 概述", 0)]
    assert page_count(good) == 1


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (without("/OutputIntents"), "no OutputIntent"),
        (without("/StructTreeRoot"), "not tagged"),
        (without("/MarkInfo"), "not tagged"),
        (without("/Lang"), "no /Lang"),
        (no_fonts, "fonts not embedded"),
        (dead_bookmark, "dead bookmarks"),
        (script, "scripts or actions"),
        (lambda pdf: pdf.docinfo.__setitem__("/Title", "别的"), "title differs"),
        (lambda pdf: pdf.pages.__delitem__(0), "no pages"),
        (lambda pdf: pdf.pages[0].contents_add(b"0 0 9 9 re f"), "untagged content"),
    ],
    ids=["intent", "tree", "mark", "lang", "fonts", "bookmark", "script", "title", "pages", "stray"],
)
def test_a_false_claim_is_named(good: Path, tmp_path: Path, change: Callable[[Any], object], named: str) -> None:
    assert any(named in fault for fault in faults(spoilt(good, tmp_path, change)))


def test_a_file_without_a_claim_needs_only_be_sound(good: Path, tmp_path: Path) -> None:
    def bare(pdf: Any) -> None:
        del pdf.Root.Metadata, pdf.Root.OutputIntents, pdf.Root.StructTreeRoot

    assert faults(spoilt(good, tmp_path, bare)) == []


@pytest.mark.parametrize("share", [0, 10, 50, 90])
def test_a_cut_file_is_one_sentence(good: Path, tmp_path: Path, share: int) -> None:
    content = good.read_bytes()
    path = tmp_path / "cut.pdf"
    path.write_bytes(content[: len(content) * share // 100])
    assert faults(path)
    assert faults(tmp_path / "nowhere.pdf")
    assert page_count(tmp_path / "nowhere.pdf") == 0
