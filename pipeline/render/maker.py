"""Make the documents of one project: which ones, by what name, as DOCX and PDF, with a contents that is right."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.adapters.jinja import SIGNED
from pipeline.adapters.office.converters import Converter
from pipeline.adapters.pdf_file import page_count
from pipeline.core.documents import Document, Printed
from pipeline.core.facts import View
from pipeline.core.leaves import as_printed
from pipeline.core.names import safe
from pipeline.core.places import Place
from pipeline.core.workdays import period_end
from pipeline.definitions.documents import DocumentForm, load_documents
from pipeline.render.context.document import DocumentInfo, PackInfo, PackPart, common, for_document
from pipeline.render.context.handed import MadePaper
from pipeline.render.context.put_back import OF_PLAN, lengths, put_back
from pipeline.render.context.shown import Node, Source, leaf_at
from pipeline.render.context.views import seen, version_of, view_of
from pipeline.render.kept_documents import kept_document, words_of
from pipeline.render.orders import Order, file_part, newest, orders
from pipeline.render.word.fill import render
from pipeline.render.writer import Writer

SYSTEM = ("VAL", "XCK", "VIS")
FRONT = "PKG"
DRAFT = "草稿"


def wanted(source: Source, *, blocked: bool, draft: bool) -> list[Order]:
    """Documents that can be made now, in their order; only the system's own while errors are open."""
    forms = [form for form in load_documents().values() if form.by_project]
    return orders(source, [form for form in forms if form.code in SYSTEM or draft or not blocked])


def pack_forms(kind: str) -> list[DocumentForm]:
    """Documents of a pack, in its order."""
    return [form for form in load_documents().values() if kind in form.packs]


@dataclass(frozen=True)
class Drawn:
    """A document that is filled and not yet converted.

    Attributes:
        document: without a PDF.
        form: kind of document; `info` what tells it from others.
    """

    document: Document
    form: DocumentForm
    info: DocumentInfo


class DocumentFiller:
    """Fills templates of one project; what documents of one view share is made with the first of them and kept."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._seen: dict[View, tuple[Source, dict[str, Any]]] = {}

    def __call__(
        self, form: DocumentForm, docx: Path, pages: Sequence[int] | None, info: DocumentInfo
    ) -> tuple[Printed, ...]:
        """Write one document; `pages` as `render` takes them."""
        adds_up = not (info.draft or self._source.made_up)
        context = self.context(info, words_of(form))
        if info.signed and not info.view.current:
            context = put_back(context, info.signed, info.signed_rows)
        context = {**context, SIGNED: {value.name: value for value in info.signed}}
        fill = partial(render, form, context, docx, draft=info.draft, pages=pages, adds_up=adds_up)
        return kept_document(self._source.cache, form, context, docx, (info.draft, pages, adds_up), fill)

    def context(self, info: DocumentInfo, words: frozenset[str]) -> Node:
        """What the context of one document has under some names, and under the names below them."""
        if info.view not in self._seen:
            self._seen[info.view] = seen(self._source, info.view), {}
        source, made = self._seen[info.view]
        return for_document(source, common(source, words, made), info)


def _of_the_plan(info: DocumentInfo) -> bool:
    """Whether the version is that of our plan, which a paper for the customer does not name."""
    return info.form.audience == "customer" and info.form.about == "record"


@dataclass
class Maker:
    """Makes documents of one project in a work folder.

    Attributes:
        source: everything that is printed.
        work: private folder for the finished files.
        office: converter; None leaves out the PDFs.
        draft: mark what is made as draft.
        papers: made so far, for those that list them.
    """

    source: Source
    work: Path
    office: Converter | None
    draft: bool = False
    papers: tuple[MadePaper, ...] = ()

    def __post_init__(self) -> None:
        """One writer for all documents of the project; what is about one of them is its `DocumentInfo`."""
        self._filler = DocumentFiller(self.source)
        self.write = Writer(self._filler, self.office, self.source.cache)

    def make(self, order: Order) -> Document:
        """One document.

        Raises:
            DocumentFailed: a value was lost, or the conversion failed.
            DefinitionError: the template is wrong.
        """
        return self.finish(self.draw(order))

    def draw(self, order: Order, signed: Sequence[Printed] = (), before: Iterable[Printed] = ()) -> Drawn:
        """One document, filled only; errors as of `make`.

        Args:
            order: which.
            signed: values that are printed as they were signed.
            before: all that the signed paper printed.
        """
        form, info = order.form, replace(self._info(order), signed=tuple(signed), signed_rows=lengths(before))
        code = f"{form.code}-{file_part(order.part)}" if order.part else form.code
        version = safe(info.version) if info.version and not _of_the_plan(info) else ""
        stem = "_".join(filter(None, [safe(self.source.facts.code), code, version, f"{info.day:%Y%m%d}"]))
        docx = self.work / f"{stem}{'_' + DRAFT if info.draft else ''}.docx"
        printed = self.write.fill(form, docx, info)
        document = Document(
            form.code, form.title, info.version, info.state, info.day, docx, printed=printed, part=order.part
        )
        return Drawn(document, form, info)

    def expect(self, drawn: Drawn) -> None:
        """Let a document be converted meanwhile; `finish` will ask for it."""
        self.write.expect(drawn.form, drawn.document.docx, drawn.document.printed, drawn.info)

    def finish(self, drawn: Drawn) -> Document:
        """A document with its PDF, where there is a converter."""
        document = drawn.document
        pdf = self.write.convert(drawn.form, document.docx, document.printed, drawn.info)
        return replace(document, pdf=pdf, pages=pages_of(pdf))

    def said(self, drawn: Drawn, name: str) -> Printed | None:
        """What the context of a document says under a name, printed or not; None where it has no such name.

        Of an older plan nothing is said that the workbooks do not know any more: a blank without cells.
        """
        found = leaf_at(self._filler.context(drawn.info, frozenset(re.findall(r"\w+", name))), name)
        if found is None and not drawn.info.view.current and name.split(".", maxsplit=1)[0] in OF_PLAN:
            return Printed(name, "", "")
        return as_printed(found) if found is not None else None

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
        info = replace(self._info(Order(form)), pack=_pack(kind, day, made, name, own_pages), draft=False)
        pdf = self.write(form, self.work / f"{name}_front.docx", info)[1]
        return pdf or self.work

    def _info(self, order: Order) -> DocumentInfo:
        form, view = order.form, view_of(self.source, order)
        version, day, at = self._dated(order, view)
        draft = self.draft and form.code not in SYSTEM
        state = DRAFT if draft else order.state
        papers = self.papers if form.lists else ()
        return DocumentInfo(form, version, day, state, draft, day_cell=at, row=order.row, view=view, papers=papers)

    def _dated(self, order: Order, view: View) -> tuple[str, date, Place | None]:
        """Version that a document speaks of, date of the newest record in it, and where that stands."""
        facts, form = self.source.facts, order.form
        version = version_of(form, view)
        if form.code == "VAL":
            return version, facts.as_of, None
        if form.day:
            return version, *newest(self.source, order)
        if ended := period_end(order.part):
            return version, ended, None
        surveyed = facts.survey.version_date if facts.survey and version == view.survey else None
        return version, surveyed or facts.business_date, None


def pages_of(pdf: Path | None) -> int:
    """Pages of a PDF; 0 where there is none."""
    return page_count(pdf) if pdf else 0


def _pack(kind: str, day: date, made: Iterable[Document], name: str, own_pages: int) -> PackInfo:
    documents, parts, page = load_documents(), [], own_pages + 1
    for one in made:
        form = documents[one.code]
        bound = kind not in form.unbound
        parts.append(PackPart(one.code, one.name, form.record_no, one.version, one.pages, page if bound else None))
        page += one.pages if bound else 0
    version = name.split("_")[2] if name.count("_") >= 3 else ""
    return PackInfo(name, kind, version, day, tuple(parts), page - 1)
