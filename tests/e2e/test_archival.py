"""What is kept for 15 years: every PDF of the samples is sound PDF/A-2b and PDF/UA-1 by independent validators."""

from __future__ import annotations

import getpass
import re
import socket
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import outloud
import page
import pdf_oxide
import pikepdf
import pytest

from pipeline.adapters.pdf_file import against_pdf_a, faults, outline
from pipeline.adapters.pdf_xmp import claims_pdf_a, claims_pdf_ua
from tests.cases import DORM, TV
from tests.e2e.built import Built, sample

# `page` knows no Type 1 program that begins with %!FontType1 (LibreOffice's do), takes the widths of CFF without their
# nominal width, and now and then a word inside of a stream for its end. Fonts and streams are looked at below.
MISREAD = re.compile(r"FONT-EMBEDDING|TYPE1-SUBSET-CHARSET|GLYPH-WIDTH|STREAM-LENGTH")
# `outloud` takes a table whose only line is 无 for one that is all heads.
EMPTY_TABLE = "TBL-010"


@pytest.fixture(scope="module", params=[TV, DORM])
def built(request: pytest.FixtureRequest) -> Built:
    return sample(request.param)


def singles(built: Built) -> list[Path]:
    return [document.pdf for document in built.result.documents if document.pdf]


def merged(built: Built) -> list[Path]:
    return [pack.pdf for pack in built.result.packs if pack.pdf]


def test_every_pdf_is_accepted_as_pdf_a_2b(built: Built) -> None:
    assert len(singles(built)) > 20
    for path in [*singles(built), *merged(built)]:
        found = pdf_oxide.PdfDocument(str(path))
        assert found.validate_pdf_a("2b")["errors"] == [], path.name
        assert found.validate_pdf_ua()["errors"] == [], path.name


def test_another_validator_finds_nothing_against_either_claim(built: Built) -> None:
    for path in [*singles(built), *merged(built)]:
        for profile in ("ua1", "2b"):
            found = page.validate_pdf(str(path), profile=profile).failures
            assert [f.message for f in found if not MISREAD.search(f.rule_id)] == [], (path.name, profile)


def test_everybody_can_read_one_of_each_paper_and_a_pack() -> None:
    """A third opinion, on what is read aloud; it takes its time, so each kind of paper is read once."""
    built = sample(DORM)
    papers = {document.code: document.pdf for document in built.result.documents}
    for path in [*filter(None, papers.values()), built.pack("评审包").pdf]:
        found = outloud.check(str(path)).findings
        wrong = [(f.rule, f.message) for f in found if f.severity == "error" and f.rule != EMPTY_TABLE]
        assert wrong == [], path


def test_every_pdf_claims_it_and_has_tags_language_and_title(built: Built) -> None:
    for path in [*singles(built), *merged(built)]:
        with pikepdf.open(path) as pdf:
            assert claims_pdf_a(pdf), path.name
            assert claims_pdf_ua(pdf), path.name
            assert against_pdf_a(pdf) == [], path.name
            assert str(pdf.Root.Lang) == "zh-CN", path.name
            assert str(pdf.docinfo["/Title"]), path.name
        assert faults(path) == [], path.name


def test_qpdf_finds_nothing(built: Built) -> None:
    """The packs hold the pages of all documents; singles go through the same library in `faults` above."""
    for path in merged(built):
        checked = subprocess.run(["qpdf", "--check", str(path)], capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, ""), path.name


def test_all_fonts_are_embedded(built: Built) -> None:
    for path in merged(built):
        listed = subprocess.run(["pdffonts", str(path)], capture_output=True, text=True, check=True).stdout
        embedded = [re.split(r"\s+", line.strip())[-5] for line in listed.splitlines()[2:]]
        assert embedded, path.name
        assert set(embedded) == {"yes"}, path.name


def test_a_pack_is_hardly_larger_than_its_parts_and_every_bookmark_leads_to_a_page(built: Built) -> None:
    for pack in built.result.packs:
        assert pack.pdf
        parts = list(pack.folder.rglob("pdf/*.pdf"))
        assert pack.pdf.stat().st_size <= 1.1 * sum(path.stat().st_size for path in parts)
        with pikepdf.open(pack.pdf) as pdf:
            found = list(outline(pdf))
            assert len(found) > len(parts)
            assert [title for title, page in found if page is None] == []


def pieces(path: Path) -> Iterator[tuple[str, bytes]]:
    """What a file holds, unpacked: parts of a document, objects of a PDF."""
    if path.suffix == ".docx":
        with zipfile.ZipFile(path) as package:
            yield from ((name, package.read(name)) for name in package.namelist())
        return
    with pikepdf.open(path) as pdf:
        yield "info", repr(dict(pdf.docinfo)).encode()
        yield "metadata", pdf.Root.Metadata.read_bytes()
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Dictionary):
                yield "object", thing.unparse()


def test_nothing_of_the_machine_is_in_any_file(built: Built) -> None:
    """Threat T26: names of host and user, folders, other people's marks."""
    host, user = socket.gethostname().encode(), getpass.getuser().encode()
    secret = re.compile(
        rb"/tmp/|/home/|/var/|file://|presales-|[A-Z]:\\\\Users|python-docx|\b%s\b|\b%s\b"
        % (re.escape(host), re.escape(user))
    )
    for document in built.result.documents:
        for path in filter(None, (document.docx, document.pdf)):
            for name, content in pieces(path):
                if not name.endswith(".png"):
                    hit = secret.search(content)
                    assert hit is None, (path.name, name, hit)


def test_no_document_carries_what_its_template_was_made_with(built: Built) -> None:
    """Comments, revisions, editors, printers, thumbnails of the template's author stay behind."""
    for document in built.result.documents:
        with zipfile.ZipFile(document.docx) as package:
            names = package.namelist()
            body = package.read("word/document.xml")
        odd = [name for name in names if re.search(r"comments|people|customXml|printerSettings|thumbnail", name)]
        assert odd == [], document.docx.name
        assert not re.search(rb"<w:(ins|del|moveFrom|moveTo) ", body), document.docx.name
