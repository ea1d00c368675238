"""Makes the small packs that every later version must still verify, explain and audit.

.venv/bin/python -m tests.deliver.kept_packs RELEASE

Of the smaller sample, its workbooks without their looks: a plain pack with a PDF, and a bag with a table of many rows.
What was made once is never made anew: a release adds its own beside those of the releases before.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pikepdf import ObjectStreamMode, Pdf

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.check.case import Case
from pipeline.core.documents import Document, ProjectResult
from pipeline.deliver.pack import HANDOVER, REVIEW, Contents, make_pack
from pipeline.render.context.shown import Source
from pipeline.render.maker import Maker, wanted
from pipeline.render.provenance import provenance
from tests.cases import DORM, ROOT, read_case

FOLDER = ROOT / "tests" / "data" / "packs"
WITH_PDF, PLAIN = ("PAF",), ("PP3",)


def slim(folder: Path) -> Path:
    """The workbooks of the sample: values with their formats of numbers, and nothing that makes them look well."""
    folder.mkdir(parents=True)
    for path in (ROOT / "samples" / DORM).glob("*.xlsx"):
        told, bare = load_workbook(path, data_only=True), Workbook()
        bare.remove(bare.worksheets[0])
        for sheet in told.worksheets:
            _copied(sheet, bare.create_sheet(sheet.title))
        bare.save(folder / path.name)
    return folder


def _copied(sheet: Worksheet, bare: Worksheet) -> None:
    for place, cell in sheet._cells.items():
        if cell.value is not None and sheet.title != "_lists":
            copy = bare.cell(*place, cell.value)
            if cell.is_date:
                copy.number_format = cell.number_format
    bare.sheet_state = sheet.sheet_state


def documents(case: Case, maker: Maker, codes: tuple[str, ...]) -> list[Document]:
    """The first document of each of these kinds."""
    source = maker.source
    orders = [order for order in wanted(source, blocked=False, draft=False) if order.form.code in codes]
    first = {order.form.code: order for order in reversed(orders)}
    made = [maker.make(first[code]) for code in codes]
    for document in made:
        if document.pdf:
            with Pdf.open(document.pdf, allow_overwriting_input=True) as pdf:
                pdf.save(object_stream_mode=ObjectStreamMode.generate)  # packs store PDFs as they are
    return made


def pack(case: Case, made: list[Document], kind: str, folder: Path) -> Path:
    """The zip of a pack of these documents."""
    books = (case.company.book, *case.project.books)
    hashes = {book.name: book.sha256 for book in books}
    result = ProjectResult(case.facts.code, case.facts.name, case.facts, documents=tuple(made), hashes=hashes)
    day = max(document.day for document in made)
    contents = Contents(case.facts.code, case.facts.name, kind, day, made, None, provenance(result), hashes)
    return make_pack(replace(contents, workbooks={book.name: book.path for book in books}), folder).archive


def main() -> None:
    """Make both packs of a release."""
    release = sys.argv[1]
    with tempfile.TemporaryDirectory() as name, LibreOffice() as office:
        work = Path(name)
        case = read_case(slim(work / DORM))
        source = Source(case.project, case.company, case.facts, case.forms)
        plain = documents(case, Maker(source, work, None), PLAIN)
        printed = documents(case, Maker(source, work, office), WITH_PDF)
        target = FOLDER / release
        target.mkdir(parents=True)
        for made, kind in ((printed, REVIEW), ([*plain], HANDOVER)):
            shutil.copy(pack(case, made, kind, work / "packs"), target)


if __name__ == "__main__":
    main()
