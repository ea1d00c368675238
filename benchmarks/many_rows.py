"""A materials list of 200 and of 2,000 lines made into DOCX and PDF: the time per line must not grow with the list.

The lines of a sample are repeated under new numbers. The bound of the house: 3 times the time per line at most.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.core.places import Place
from pipeline.core.sheets import Project, Record, Workbook
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import load_forms
from pipeline.derive.facts import derive
from pipeline.derive.formulas import settle
from pipeline.intake.company import read_company
from pipeline.intake.projects import read_project
from pipeline.render.context.document import DocumentInfo, common, for_document
from pipeline.render.context.shown import Source
from pipeline.render.word.fill import render

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "samples" / "LY-SQ-2026-007"
DAY = date(2026, 11, 23)
SIZES = (200, 2000)
BOUND = 3.0


LISTS = (("cost", "lines"), ("materials", "lines"), ("staffing", "lines"))


def source(lines: int, lists: Sequence[tuple[str, str]] = LISTS[1:2]) -> Source:
    """The sample with so many lines in some of its lists, the materials alone if nothing else is said."""
    forms, rules = load_forms(), load_catalogue()
    company = read_company(next(FOLDER.glob("00_*.xlsx")), forms)
    project = settle(read_project(FOLDER, company, forms, rules).project, company, forms)
    longer = {book: _longer(project.workbooks[book], sheet, lines) for book, sheet in lists}
    project = Project(project.code, project.folder, {**project.workbooks, **longer}, project.attachments)
    return Source(project, company, derive(project, company, forms, DAY), forms)


def _longer(book: Workbook, key: str, lines: int) -> Workbook:
    sheet = book.sheets[key]
    rows = tuple(_renumbered(sheet.rows[n % len(sheet.rows)], n) for n in range(lines))
    return replace(book, sheets={**book.sheets, key: replace(sheet, rows=rows)})


def _renumbered(row: Record, number: int) -> Record:
    cells = {
        key: replace(cell, at=Place(cell.at.workbook, cell.at.sheet, f"{chr(65 + n % 26)}{number + 8}"))
        for n, (key, cell) in enumerate(row.cells.items())
    }
    return replace(row, cells=cells, number=number + 8)


@dataclass
class Taken:
    """Seconds by step."""

    context: float = 0.0
    docx: float = 0.0
    pdf: float = 0.0

    @property
    def all(self) -> float:
        """All steps together."""
        return self.context + self.docx + self.pdf


@contextmanager
def clock(taken: Taken, step: str) -> Iterator[None]:
    """Note the seconds of a step."""
    start = time.perf_counter()
    yield
    setattr(taken, step, time.perf_counter() - start)


def measure(lines: int, office: LibreOffice, work: Path) -> Taken:
    """Make the materials list once."""
    form, made, taken = load_documents()["PP2"], source(lines), Taken()
    with clock(taken, "context"):
        context = for_document(made, common(made), DocumentInfo(form, "A/0", DAY, "待签"))
    docx = work / f"{lines}.docx"
    with clock(taken, "docx"):
        render(form, context, docx, draft=False)
    with clock(taken, "pdf"):
        office.to_pdf(docx, docx.with_suffix(".pdf"))
    return taken


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as work, LibreOffice() as office:
        measure(20, office, Path(work))  # programs and templates are warm
        found = {lines: measure(lines, office, Path(work)) for lines in SIZES}
    print(f"{'lines':>6}{'context':>9}{'docx':>8}{'pdf':>8}{'all':>8}{'ms a line':>11}")
    for lines, taken in found.items():
        each = taken.all / lines * 1000
        print(f"{lines:>6}{taken.context:>9.2f}{taken.docx:>8.2f}{taken.pdf:>8.2f}{taken.all:>8.2f}{each:>11.2f}")
    few, many = (found[lines].all / lines for lines in SIZES)
    print(f"\ntime per line: {many / few:.2f} times (bound {BOUND:g})")


if __name__ == "__main__":
    main()
