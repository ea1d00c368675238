"""Make the documents of one project: which ones, by what name, as DOCX and PDF, with a contents that is right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path

import docx as word
from pypdf import PdfReader

from pipeline.adapters.libreoffice import LibreOffice
from pipeline.core.documents import Document, Printed
from pipeline.core.sheets import Project
from pipeline.definitions.documents import DocumentForm, load_documents
from pipeline.definitions.forms import data_folder
from pipeline.render.contents import has_contents, heading_pages
from pipeline.render.context import DocumentInfo, PackInfo, PackPart, common, for_document
from pipeline.render.docx import render
from pipeline.render.shown import Node, Source

SYSTEM = ("VAL", "XCK")
FRONT = "PKG"
DRAFT = "草稿"


def safe(text: str) -> str:
    """A text as part of a file name: letters, digits, dot, dash and underline only."""
    return re.sub(r"[^\w.-]", "", text).strip(".") or "_"


def wanted(project: Project, *, blocked: bool, draft: bool) -> list[DocumentForm]:
    """Documents that can be made now: all whose workbooks are there; only the system's own while errors are open."""
    forms = [form for form in load_documents().values() if form.code != FRONT]
    return [
        form
        for form in forms
        if form.code in SYSTEM or (all(project.has(key) for key in form.needs) and (draft or not blocked))
    ]


def pack_forms(kind: str) -> list[DocumentForm]:
    """Documents of a pack, in its order."""
    return [form for form in load_documents().values() if kind in form.packs]


@dataclass
class Maker:
    """Makes documents of one project in a work folder.

    Attributes:
        source: everything that is printed.
        work: private folder for the finished files.
        office: converter; None leaves out the PDFs.
        draft: mark what is made as draft.
    """

    source: Source
    work: Path
    office: LibreOffice | None
    draft: bool = False
    _shared: Node = field(default_factory=dict)

    def make(self, form: DocumentForm) -> Document:
        """One document.

        Raises:
            DocumentFailed: a value was lost, or the conversion failed.
            DefinitionError: the template is wrong.
        """
        info = self._info(form)
        stem = "_".join([safe(self.source.facts.code), form.code, safe(info.version), f"{info.day:%Y%m%d}"])
        docx = self.work / f"{stem}{'_' + DRAFT if info.draft else ''}.docx"
        printed, pdf = self._render(form, info, docx)
        pages = len(PdfReader(pdf).pages) if pdf else 0
        return Document(form.code, form.title, info.version, info.state, info.day, docx, pdf, pages, printed)

    def front(self, kind: str, day: date, made: Sequence[Document], name: str, own_pages: int) -> Path:
        """Cover and contents of a pack as PDF.

        Args:
            kind: 计划包 ...
            day: date of the pack.
            made: its documents.
            name: name of the pack.
            own_pages: pages of this front itself; 0 while they are not known.
        """
        form = load_documents()[FRONT]
        info = replace(self._info(form), pack=_pack(kind, day, made, name, own_pages), draft=False)
        pdf = self._render(form, info, self.work / f"{name}_front.docx")[1]
        return pdf or self.work

    def _render(self, form: DocumentForm, info: DocumentInfo, docx: Path) -> tuple[tuple[Printed, ...], Path | None]:
        """Render, convert, and render again with the page numbers of the headings where there is a contents."""
        if not self._shared:
            self._shared = common(self.source)
        context = for_document(self.source, self._shared, info)
        printed = render(form, context, docx, draft=info.draft)
        if self.office is None:
            return printed, None
        pdf = docx.with_suffix(".pdf")
        self.office.to_pdf(docx, pdf)
        if _wants_contents(form.template):
            render(form, context, docx, draft=info.draft, pages=heading_pages(pdf))
            self.office.to_pdf(docx, pdf)
        return printed, pdf

    def _info(self, form: DocumentForm) -> DocumentInfo:
        version, day = self._dated(form)
        draft = self.draft and form.code not in SYSTEM
        return DocumentInfo(form, version, day, DRAFT if draft else form.state, draft)

    def _dated(self, form: DocumentForm) -> tuple[str, date]:
        """Version of the workbook behind a document and the date of the newest record in it."""
        facts = self.source.facts
        survey = (facts.survey.version, facts.survey.version_date) if facts.survey else ("", None)
        plan = self.source.project.head("plan", "basics").text("plan_version")
        if form.code == "VAL":
            return plan or survey[0], facts.as_of
        if form.needs == ("survey",) or not plan:
            return survey[0], survey[1] or facts.business_date
        return plan, facts.business_date


def _pack(kind: str, day: date, made: Iterable[Document], name: str, own_pages: int) -> PackInfo:
    documents, parts, page = load_documents(), [], own_pages + 1
    for one in made:
        record_no = documents[one.code].record_no
        parts.append(PackPart(one.code, one.title, record_no, one.version, one.pages, page))
        page += one.pages
    version = name.split("_")[2] if name.count("_") >= 3 else ""
    return PackInfo(name, kind, version, day, tuple(parts), page - 1)


@cache
def _wants_contents(template: str) -> bool:
    return has_contents(word.Document(str(data_folder("output_templates") / template)))
