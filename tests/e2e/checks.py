"""What must be true of a built sample, for both samples."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

from pypdf import PdfReader

from pipeline.definitions.documents import load_documents
from pipeline.render.word.arrived import lost_in_pdf
from tests.cases import expected
from tests.e2e.built import Built, page_texts, squeezed

PACKED = ["PPR", "PP1", "PP2", "PP3", "CSR", "PAF", "XCK"]


def no_open_finding(built: Built) -> None:
    assert [f.rule.code for f in built.result.findings] == []
    assert built.result.status == "ok"
    assert built.result.facts
    assert built.result.facts.state == "已归档"


def same_figures_everywhere(built: Built, code: str, days: str) -> None:
    """The plan's figures in DOCX, PDF and totals check."""
    figures = expected(code)
    money = [f"{float(figures['cost']['total']):,.2f}", f"{float(figures['materials']['total']):,.2f}"]
    money += [f"{float(figures['cost'][key]):,.2f}" for key in ("presales", "engineering")]
    report = [*money, figures["cost"]["total_upper"], days, f"{figures['gross_margin']}%"]
    for text in (built.docx_text("PPR"), built.pdf_text("PPR")):
        assert [figure for figure in report if squeezed(figure) not in text] == []
    for text in (built.docx_text("XCK"), built.pdf_text("XCK")):
        assert [figure for figure in [*money, days] if squeezed(figure) not in text] == []


def every_printed_value_is_in_the_pdf(built: Built) -> None:
    for document in built.result.documents:
        assert document.pdf
        assert lost_in_pdf(document.printed, "".join(page_texts(document.pdf))) == [], document.code


def no_empty_page(built: Built) -> None:
    for document in built.result.documents:
        assert document.pdf
        for number, text in enumerate(page_texts(document.pdf), start=1):
            assert len(squeezed(text)) > 40, (document.code, number)


def contents_name_the_right_pages(built: Built) -> None:
    """Every entry of the plan report's contents stands on the page that it names."""
    pdf = built.document("PPR").pdf
    assert pdf
    reader = PdfReader(pdf)
    pages = [squeezed(text) for text in page_texts(pdf)]
    contents = next(text for text in pages if "目录" in text and "项目概述" in text)

    def walk(entries: list[Any]) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        for entry in entries:
            if isinstance(entry, list):
                found += walk(entry)
            else:
                number = reader.get_destination_page_number(entry)
                found.append((squeezed(str(entry.title)), int(number or 0)))
        return found

    for title, page in walk(list(reader.outline)):
        assert title in pages[page]
        if title in contents:
            after = contents.split(title, 1)[1].lstrip(".…·")
            assert after.startswith(str(page + 1)), (title, page + 1, after[:10])


def pack_is_complete(built: Built) -> None:
    pack = built.pack("计划包")
    names = {path.relative_to(pack.folder).as_posix() for path in pack.folder.rglob("*") if path.is_file()}
    manifest = json.loads((pack.folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == names - {"manifest.json"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((pack.folder / name).read_bytes()).hexdigest() == digest
    with zipfile.ZipFile(pack.archive) as archive:
        assert {name.split("/", 1)[1] for name in archive.namelist()} == names
    rows = list(csv.reader(io.StringIO((pack.folder / "清单.csv").read_text(encoding="utf-8-sig"))))
    pages = {row[0]: row[rows[0].index("页数")] for row in rows[1:]}
    for document in (built.document(code) for code in PACKED):
        assert document.pdf
        assert pages[f"pdf/{document.pdf.name}"] == str(len(PdfReader(document.pdf).pages))


def pack_has_bookmarks(built: Built) -> None:
    """One bookmark for the front and one for each document, on the page that the contents name."""
    pack = built.pack("计划包")
    assert pack.pdf
    reader = PdfReader(pack.pdf)
    top = [entry for entry in reader.outline if not isinstance(entry, list)]
    documents = [built.document(code) for code in PACKED if not load_documents()[code].unbound]
    assert [entry.title for entry in top] == ["封面与目录", *(document.title for document in documents)]
    starts = [(reader.get_destination_page_number(entry) or 0) + 1 for entry in top[1:]]
    front = "".join(squeezed(page.extract_text()) for page in reader.pages[: starts[0] - 1])
    for document, start in zip(documents, starts, strict=True):
        number = load_documents()[document.code].record_no
        assert squeezed(f"{document.title}{number}{document.version}{document.pages}{start}") in front
    for code in ("PP1", "PP2", "PP3"):  # the report holds their pages already
        assert squeezed(f"{built.document(code).title}{load_documents()[code].record_no}") in front
    assert front.count("单行本") == 4  # and the line below
    assert len(reader.pages) == starts[0] - 1 + sum(document.pages for document in documents)


def provenance_names_the_cells(built: Built) -> None:
    """The printed total names every cell that was added and the hash of each workbook."""
    pack = built.pack("计划包")
    found = json.loads((pack.folder / "provenance.json").read_text(encoding="utf-8"))
    report = next(document for document in found["documents"] if document["code"] == "PPR")
    assert built.result.facts
    total = built.result.facts.figure("cost", "total")
    field = next(field for field in report["fields"] if field["name"] == "cost.total")
    assert field["cells"] == [str(place) for place in total.from_]
    assert found["workbooks"] == dict(sorted(built.result.hashes.items()))
