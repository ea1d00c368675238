"""Samples built once for all processes of a test run, the command line's own way, with the real LibreOffice."""

from __future__ import annotations

import os
import pickle
import re
import tempfile
import unicodedata
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from docx import Document as open_document
from pypdf import PdfReader

from pipeline.core.documents import Document, Pack, ProjectResult
from pipeline.project_run import Job, RunRequest, building, plan_jobs, run_jobs
from pipeline.render.context.shown import Source
from pipeline.render.maker import SYSTEM, wanted
from pipeline.render.orders import Order
from pipeline.settings import Settings
from pipeline.workspace.locks import locked
from tests.cases import AS_OF, ROOT

SHARED = "FOLDER_OF_THIS_TEST_RUN"


def shared() -> Path:
    """Folder that all processes of this test run share; made and removed by tests/conftest.py, or by `sharing`."""
    return Path(os.environ[SHARED])


@contextmanager
def sharing() -> Iterator[None]:
    """A folder for the time of a block that is no run of pytest, as the long proofs are."""
    with tempfile.TemporaryDirectory(prefix="samples-built-") as folder:
        os.environ[SHARED] = folder
        try:
            yield
        finally:
            del os.environ[SHARED]


@dataclass(frozen=True)
class Built:
    """A sample's result and where it was written."""

    out: Path
    result: ProjectResult

    def document(self, code: str) -> Document:
        return next(document for document in self.result.documents if document.code == code)

    def pack(self, kind: str) -> Pack:
        return next(pack for pack in self.result.packs if kind in pack.name)

    def docx_text(self, code: str) -> str:
        return docx_text(self.document(code).docx)

    def pdf_text(self, code: str) -> str:
        pdf = self.document(code).pdf
        assert pdf
        return pdf_text(pdf)


def build(
    path: Path, out: Path, *codes: str, draft: bool = False, pdf: bool = True, day: date = AS_OF
) -> ProjectResult:
    """Build one project, all its documents or only these; its failure is raised."""
    with only(codes):
        run, failures = run_jobs(keeping(path, RunRequest(day, out, draft, pdf)), 1)
    if failures:
        raise failures[0][1]
    return run.projects[0]


@contextmanager
def only(codes: Collection[str]) -> Iterator[None]:
    """Within the block only these documents, and those of the system, are made; all where none is named."""

    def some(source: Source, *, blocked: bool, draft: bool) -> list[Order]:
        due = wanted(source, blocked=blocked, draft=draft)
        return [order for order in due if not codes or order.form.code in {*codes, *SYSTEM}]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "wanted", some)
        yield


def keeping(path: Path, request: RunRequest) -> list[Job]:
    """The jobs of a project; charts and PDFs are kept for the whole run of the tests, as the service does."""
    kept = shared() / "cache"
    kept.mkdir(exist_ok=True)
    return [replace(job, cache=kept) for job in plan_jobs([path], None, Settings(), request).jobs]


@cache
def sample(name: str) -> Built:
    """A committed sample, built; nobody may change what is there."""
    folder = shared() / name
    with locked(shared(), folder.name):
        kept = folder / "result.pickle"
        if not kept.exists():
            result = build(ROOT / "samples" / name, folder / "out")
            kept.write_bytes(pickle.dumps(result))
        return Built(folder / "out", pickle.loads(kept.read_bytes()))


def squeezed(text: str) -> str:
    """Text without layout: NFKC, no blanks."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def docx_text(path: Path) -> str:
    """All text of a document in order: body, tables and headers."""
    document = open_document(str(path))
    parts = [node.text or "" for node in document.element.body.iter() if node.tag.endswith("}t")]
    for section in document.sections:
        parts += [p.text for p in section.header.paragraphs]
    return squeezed("".join(parts))


def pdf_text(path: Path) -> str:
    """All text of a PDF."""
    return squeezed("".join(page_texts(path)))


@cache
def page_texts(path: Path) -> tuple[str, ...]:
    """Text of each page of a PDF that stays as it was built."""
    return tuple(page.extract_text() for page in PdfReader(path).pages)
