"""What LibreOffice makes of a document, and what it is not given; how it fails is in test_lok_child.py."""

from __future__ import annotations

import random
import socket
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
import xlsxwriter
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from PIL import Image
from pypdf import PdfReader

from pipeline.adapters.office import libreoffice
from pipeline.adapters.office.libreoffice import WORKER, LibreOffice, Office, probe
from pipeline.core.errors import DependencyMissing, DocumentFailed, ExitCode


def write(path: Path, *lines: tuple[str, str] | str) -> Path:
    """A document of paragraphs, each ``(east Asian font, text)`` or just text."""
    document = docx.Document()
    for line in lines:
        font, text = line if isinstance(line, tuple) else ("宋体", line)
        run = document.add_paragraph().add_run(text)
        run.font.name = "Times New Roman"
        run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    document.save(str(path))
    return path


def text_of(pdf: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(pdf).pages)


def fonts_of(pdf: Path) -> dict[str, bool]:
    """Base name of every font -> is it embedded."""
    fonts: dict[str, bool] = {}
    for page in PdfReader(pdf).pages:
        for entry in page["/Resources"]["/Font"].values():
            font = entry.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            descriptor = inner["/FontDescriptor"]
            name = str(font["/BaseFont"]).partition("+")[2].split("-")[0]
            fonts[name] = any(key.startswith("/FontFile") for key in descriptor)
    return fonts


# ---- what it makes


def test_chinese_text_comes_through(office: LibreOffice, tmp_path: Path) -> None:
    line = "合同额（人民币）：壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分"
    pdf = tmp_path / "项目 立项书（终稿）.pdf"
    office.to_pdf(write(tmp_path / "项目 立项书（终稿）.docx", line, "R&D <中心> {{ x }}"), pdf)
    assert line in text_of(pdf)
    assert "R&D <中心> {{ x }}" in text_of(pdf)


@pytest.mark.parametrize(
    ("font", "face"),
    [
        ("宋体", "NotoSerifCJK"),
        ("SimSun", "NotoSerifCJK"),
        ("仿宋", "NotoSerifCJK"),
        ("仿宋_GB2312", "NotoSerifCJK"),
        ("方正小标宋简体", "NotoSerifCJK"),
        ("黑体", "NotoSansCJK"),
        ("微软雅黑", "NotoSansCJK"),
        ("等线", "NotoSansCJK"),
    ],
)
def test_a_font_of_windows_becomes_its_free_face(office: LibreOffice, tmp_path: Path, font: str, face: str) -> None:
    pdf = tmp_path / "a.pdf"
    office.to_pdf(write(tmp_path / "a.docx", (font, "检查 Check")), pdf)
    names = fonts_of(pdf)
    assert [name for name in names if name.startswith("Noto")] == [name for name in names if name.startswith(face)]
    assert "LiberationSerif" in names
    assert len(names) == 2
    assert all(names.values())


def test_the_pdf_is_tagged_pdf_a_2b_with_bookmarks(office: LibreOffice, tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("第一章 总则", 1)
    document.save(str(tmp_path / "a.docx"))
    office.to_pdf(tmp_path / "a.docx", tmp_path / "a.pdf")
    reader = PdfReader(tmp_path / "a.pdf")
    metadata = reader.root_object["/Metadata"].get_object().get_data()
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert [item.title for item in reader.outline] == ["第一章 总则"]


def test_contents_are_brought_up_to_date_on_request(office: LibreOffice, tmp_path: Path) -> None:
    document = docx.Document()
    add_contents(document.add_paragraph(), "旧目录")
    document.add_page_break()
    document.add_heading("第一章 总则", 1)
    document.save(str(tmp_path / "a.docx"))
    (tmp_path / ".~lock.a.docx#").write_text(",somebody,elsewhere,23.11.2026 05:29,file:///;")

    office.to_pdf(tmp_path / "a.docx", tmp_path / "stale.pdf")
    office.to_pdf(tmp_path / "a.docx", tmp_path / "fresh.pdf", update_indexes=True)
    stale, fresh = (PdfReader(tmp_path / name).pages[0].extract_text() for name in ("stale.pdf", "fresh.pdf"))
    assert "旧目录" in stale
    assert "第一章 总则" in fresh
    assert "旧目录" not in fresh


def test_a_document_without_contents_has_none_to_update(office: LibreOffice, tmp_path: Path) -> None:
    office.to_pdf(write(tmp_path / "a.docx", "说明：TOC 见后"), tmp_path / "a.pdf", update_indexes=True)
    assert "说明：TOC 见后" in text_of(tmp_path / "a.pdf")


def add_contents(paragraph: Any, entry: str) -> None:
    """A table of contents with one entry, as Word stores it."""
    for kind, text in (
        ("begin", ""),
        ("", r'TOC \o "1-3" \h'),
        ("separate", ""),
        ("text", entry),
        ("end", ""),
    ):
        run = paragraph.add_run()
        if kind == "text":
            run.text = text
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._element.append(mark)
        else:
            code = OxmlElement("w:instrText")
            code.text = text
            run._element.append(code)


def test_resave_keeps_a_formula_and_finds_its_value(office: LibreOffice, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as book:
        sheet = book.add_worksheet("费用明细")
        sheet.write_row("A1", (2, 3))
        sheet.write_row("A2", (4, 5))
        sheet.write_formula("C1", "=SUMPRODUCT(A1:A2,B1:B2)", value=999)  # as a program leaves it: stale
        sheet.write_formula("C2", '=IFERROR(1/0,"除零")', value="")

    office.resave(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    formulas = openpyxl.load_workbook(tmp_path / "out.xlsx")["费用明细"]
    values = openpyxl.load_workbook(tmp_path / "out.xlsx", data_only=True)["费用明细"]
    assert formulas["C1"].value == "=SUMPRODUCT(A1:A2,B1:B2)"
    assert (values["C1"].value, values["C2"].value) == (26, "除零")


def test_two_at_once_do_not_meet(office: LibreOffice, tmp_path: Path) -> None:
    def convert(instance: LibreOffice, name: str) -> str:
        pdf = tmp_path / f"{name}.pdf"
        for _ in range(3):
            instance.to_pdf(write(tmp_path / f"{name}.docx", f"项目{name}"), pdf)
        return text_of(pdf)

    with LibreOffice() as other, ThreadPoolExecutor(2) as pool:
        here, there = pool.map(convert, (office, other), ("甲", "乙"))
    assert "项目甲" in here
    assert "项目乙" in there


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def two_pictures(folder: Path, listener: socket.socket) -> Path:
    """A document with one picture inside and one that only has an address."""
    document = docx.Document()
    picture = folder / "a.png"
    Image.new("RGB", (40, 40), "red").save(picture)
    document.add_picture(str(picture))
    document.add_picture(str(picture))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/a.png"
    blip = document.element.body.findall(".//" + qn("a:blip"))[1]
    blip.attrib.pop(qn("r:embed"))
    blip.set(qn("r:link"), document.part.relate_to(url, RELATIONSHIP_TYPE.IMAGE, is_external=True))
    document.save(str(folder / "a.docx"))
    return folder / "a.docx"


def test_a_picture_elsewhere_is_not_fetched_and_one_inside_is_shown(
    office: LibreOffice, tmp_path: Path, listener: socket.socket
) -> None:
    office.to_pdf(two_pictures(tmp_path, listener), tmp_path / "a.pdf")
    with pytest.raises(BlockingIOError):
        listener.accept()
    assert len(PdfReader(tmp_path / "a.pdf").pages[0].images) == 1


def test_the_profile_alone_keeps_documents_from_the_network(tmp_path: Path, listener: socket.socket) -> None:
    worker = tmp_path / "worker.py"
    worker.write_text(
        f"import sys; sys.path.insert(0, {str(WORKER.parent)!r})\n"
        "import lok_worker\n"
        "lok_worker._leave_the_network = lambda: None  # as in a container that forbids it\n"
        "lok_worker.main(*sys.argv[1:])\n"
    )
    with LibreOffice(worker=worker) as office:
        office.to_pdf(two_pictures(tmp_path, listener), tmp_path / "a.pdf")
    with pytest.raises(BlockingIOError):
        listener.accept()


# ---- what it refuses


@pytest.mark.parametrize(
    "content",
    [b"", "这是一段文字".encode(), random.Random(3).randbytes(5000), b"PK\x05\x06" + bytes(18)],
    ids=["empty", "text", "random", "empty zip"],
)
def test_what_is_no_word_document_is_refused(office: LibreOffice, tmp_path: Path, content: bytes) -> None:
    source, target = tmp_path / "坏.docx", tmp_path / "坏.pdf"
    source.write_bytes(content)
    target.write_bytes(b"the good one of yesterday")
    with pytest.raises(DocumentFailed, match=r"坏\.docx") as caught:
        office.to_pdf(source, target)
    assert caught.value.exit_code == ExitCode.DOCUMENT
    assert target.read_bytes() == b"the good one of yesterday"


def test_a_damaged_document_and_one_that_is_not_there_are_refused(office: LibreOffice, tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.docx", "甲").read_bytes()
    (tmp_path / "half.docx").write_bytes(whole[: len(whole) // 2])
    with zipfile.ZipFile(tmp_path / "whole.docx") as archive:
        at = archive.getinfo("word/document.xml").header_offset + 200
    (tmp_path / "flipped.docx").write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
    for name in ("half.docx", "flipped.docx", "nowhere.docx"):
        with pytest.raises(DocumentFailed, match=name):
            office.to_pdf(tmp_path / name, tmp_path / "a.pdf")


def test_a_target_that_cannot_be_written_fails_the_document_only(office: LibreOffice, tmp_path: Path) -> None:
    source = write(tmp_path / "a.docx", "甲")
    with pytest.raises(DocumentFailed, match=r"a\.docx/a\.pdf"):
        office.to_pdf(source, source / "a.pdf")
    office.to_pdf(source, tmp_path / "a.pdf")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.docx", "a.pdf"]


def test_a_missing_program_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(libreoffice, "_USUAL_FOLDERS", (tmp_path,))
    monkeypatch.setattr(libreoffice, "_VENDOR_FOLDER", tmp_path)
    command = "sudo apt-get install -y --no-install-recommends libreoffice-writer-nogui libreoffice-calc-nogui "
    for path in (tmp_path, None):
        with pytest.raises(DependencyMissing, match=command + "fonts-noto-cjk") as caught:
            probe(path)
        assert caught.value.exit_code == ExitCode.DEPENDENCY


def test_a_library_that_does_not_load_is_a_missing_program(tmp_path: Path) -> None:
    (tmp_path / "libmergedlo.so").write_bytes(b"not a library")
    with LibreOffice(Office(tmp_path, "0")) as broken, pytest.raises(DependencyMissing, match="apt-get"):
        broken.to_pdf(write(tmp_path / "a.docx", "甲"), tmp_path / "a.pdf")


def test_a_build_of_the_same_version_is_another_program(tmp_path: Path) -> None:
    """Debian mends LibreOffice and keeps its number."""
    library = tmp_path / "libmergedlo.so"
    seen = []
    for content in (b"as released", b"as mended"):
        library.write_bytes(content)
        seen.append(LibreOffice(Office(tmp_path, "7.4.7.2")).identity)
    assert seen[0] != seen[1]


def test_probe_finds_the_same_program_by_any_of_its_paths() -> None:
    found = probe()
    assert found.version[0].isdigit()
    assert [probe(path) for path in (found.program, found.program.parent, found.program / "soffice")] == [found] * 3
