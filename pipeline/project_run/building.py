"""The second half of the order: draw the documents, issue what is due, put everything into place, make the packs."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from pipeline.adapters.office.converters import Converter
from pipeline.adapters.private_folders import private_folder
from pipeline.core.documents import Document, ProjectResult
from pipeline.core.errors import DefinitionError, DeliveryFailed, DocumentFailed, PipelineError
from pipeline.core.findings import Finding, in_order
from pipeline.core.sheets import Workbook
from pipeline.definitions.documents import load_documents
from pipeline.deliver.files import OutputFolder
from pipeline.deliver.issued.carrying import Issued
from pipeline.project_run.audited import Auditor, kept_apart
from pipeline.project_run.issue_register import Opened, opened, put_register
from pipeline.project_run.issuing import Issuing
from pipeline.project_run.marks import CHECK, put_findings_book, put_marked
from pipeline.project_run.packs import changed_after_countersign, load_for_packs, make_packs
from pipeline.project_run.papers import as_papers, pages_otherwise
from pipeline.project_run.request import RunRequest
from pipeline.render.context.shown import Source
from pipeline.render.maker import SYSTEM, Drawn, Maker, wanted
from pipeline.render.orders import Order

LOG = logging.getLogger("presales.run")
_STOPS = (DocumentFailed, DefinitionError, DeliveryFailed)


@dataclass
class _Made:
    """What a run has made.

    Attributes:
        issuing: the papers that were issued.
        papers: documents of the procedure.
        system: documents that say what was looked at.
        failure: why a document could not be made.
    """

    result: ProjectResult
    source: Source
    maker: Maker
    issuing: Issuing
    papers: list[Document] = field(default_factory=list)
    system: list[Document] = field(default_factory=list)
    failure: PipelineError | None = None

    def found(self, findings: Iterable[Finding]) -> None:
        """Add findings, which the documents of the system are to show."""
        if new := tuple(findings):
            every = tuple(in_order([*self.result.findings, *new]))
            self.result, self.source = replace(self.result, findings=every), replace(self.source, findings=every)
            self.maker = replace(self.maker, source=self.source)


def build(
    request: RunRequest,
    folder: Path,
    source: Source,
    result: ProjectResult,
    office: Converter | None,
    books: Sequence[Workbook],
) -> ProjectResult:
    """Compose, render, convert into a private folder; then put everything into place and make the packs.

    Args:
        request: what is wanted.
        folder: output folder of the project.
        source: everything that is printed.
        result: what was found.
        office: converter; None makes neither PDFs nor packs.
        books: every workbook that was read, for the handover.

    Raises:
        DeliveryFailed: issued papers that were to be taken over cannot be; nothing was written.
    """
    outbox = OutputFolder(folder)
    issued = opened(outbox, source.facts.code, request.issued, request.reissue)
    with private_folder() as work, Auditor(source, books) as auditor:
        maker = Maker(source, work, office, draft=request.draft and result.blocked)
        made = _make(request, folder, result, maker, issued, auditor)
        if not (made.failure or made.result.blocked):
            _audit(made, auditor, issued)
        placed = _put(outbox, made, issued)
        result = put_marked(made.result, outbox, CHECK, request.lang)
        put_findings_book(result, placed, outbox, request.lang)
        outbox.close()
        notes = (*result.notes, *issued.notes, *outbox.notes, *auditor.notes)
        result = replace(result, documents=placed, notes=notes, failure=made.failure)
        if result.blocked or made.failure or office is None:
            return result
        auditor.rest()  # of packs that are made beside each other, each reads for itself
        try:
            papers = Issued(made.issuing.register, issued.shelf)
            return replace(result, packs=make_packs(folder / "pack", made.maker, result, books, papers, auditor.pack))
        except _STOPS as error:
            return replace(result, failure=_told(error))


def _make(
    request: RunRequest, folder: Path, result: ProjectResult, maker: Maker, issued: Opened, auditor: Auditor
) -> _Made:
    """The documents; where one of them cannot be made, those that were issued, what was looked at, and why."""
    made = _Made(result, maker.source, maker, Issuing(issued.shelf, issued.register, maker, request.as_of))
    try:
        if not result.blocked:
            maker.write.spare = [auditor.prepare, *([partial(load_for_packs, made.source)] if maker.office else [])]
        drawn = _drawn(made)
        plain = [one.document for _, one in drawn]
        papers = Issued(issued.register, issued.shelf)
        if not result.blocked and (changed := changed_after_countersign(folder / "pack", maker.source, plain, papers)):
            made.found([changed])
        made.papers = kept_apart(*_papers(made, drawn))
        made.found(pages_otherwise(made.source, as_papers(made.papers)))
    except _STOPS as error:
        made.failure = _told(error)
    made.found(made.issuing.findings)
    made.system = _system(made)
    if made.failure or (made.result.blocked and not maker.draft):
        made.issuing = Issuing(issued.shelf, issued.register, maker, request.as_of)
        made.papers = _standing(made)
    made.failure = issued.trouble or made.failure
    return made


def _audit(made: _Made, auditor: Auditor, issued: Opened) -> None:
    """Recompute everything; where something differs nothing new is issued, and what was issued stands."""
    packed = [one for one in made.system if load_documents()[one.code].packs]  # VAL says what holds today
    papers, made.failure = auditor.audited([*made.papers, *packed], made.maker)
    made.system += papers
    if made.failure:
        made.issuing = Issuing(issued.shelf, issued.register, made.maker, made.issuing.on)
        made.papers = _standing(made)


def _drawn(made: _Made) -> list[tuple[Order, Drawn]]:
    """Everything but the system's own, as it would be today."""
    orders = wanted(made.source, blocked=made.result.blocked, draft=made.maker.draft)
    drawn = [(order, _drawn_one(made, order)) for order in orders if order.form.code not in SYSTEM]
    made.maker.write.number()
    return drawn


def _drawn_one(made: _Made, order: Order) -> Drawn:
    """One document; it is converted while others are drawn, unless it is drawn again or stands as it was issued."""
    drawn = made.maker.draw(order)
    if made.maker.draft or (made.issuing.makes(order, drawn) and not order.form.lists):
        made.maker.expect(drawn)
    made.maker.write.go_on()
    return drawn


def _papers(made: _Made, drawn: Sequence[tuple[Order, Drawn]]) -> tuple[list[Document], list[Document]]:
    """What is issued and what is made anew in each run, the last version first; nothing new while errors are open.

    Returns:
        The papers, and the same as they would be made today; what lists others, with those that were made before it.
    """
    if made.maker.draft:
        return [made.maker.finish(one) for _, one in drawn], [one.document for _, one in drawn]
    if made.result.blocked:
        return [], []
    issuing, found, today = made.issuing, list[Document](), list[Document]()
    for order, early in drawn:
        issuing.maker.papers = as_papers(found)
        one = issuing.maker.draw(order) if order.form.lists else early
        found.append(issuing.paper(order, one) if order.state else made.maker.finish(one))
        today.append(one.document)
    places = list(load_documents())
    return sorted([*found, *issuing.others(found)], key=lambda document: places.index(document.code)), today


def _standing(made: _Made) -> list[Document]:
    """The records that were issued, where nothing new can be."""
    try:
        return made.issuing.records()
    except _STOPS as error:
        made.failure = made.failure or _told(error)
        return []


def _system(made: _Made) -> list[Document]:
    """What says what was looked at; each of them as far as it can be made."""
    drawn, found = [], []
    for order in wanted(made.source, blocked=True, draft=False):
        try:
            drawn.append(made.maker.draw(order))
            made.maker.expect(drawn[-1])
        except _STOPS as error:
            made.failure = made.failure or _told(error)
    for one in drawn:
        try:
            found.append(made.maker.finish(one))
        except _STOPS as error:
            made.failure = made.failure or _told(error)
    return found


def _put(outbox: OutputFolder, made: _Made, issued: Opened) -> tuple[Document, ...]:
    """Put the documents where they belong, and the register, once it may hold something new."""
    if not made.result.blocked and made.failure is issued.trouble:
        put_register(outbox, issued, made.issuing.register)
    papers = [_place(outbox, document, issued.beside) for document in made.papers]
    system = [_place(outbox, document) for document in made.system]
    return tuple(system if issued.trouble else (*papers, *system))


def _told(error: PipelineError) -> PipelineError:
    """The error without its frames: they hold the child that fills templates, and that holds the project's lock."""
    LOG.debug("", exc_info=error)
    return type(error)(*error.args)


def _place(outbox: OutputFolder, document: Document, below: str = "") -> Document:
    """Put a document where its kind belongs, check/, customer/, or docx/ and pdf/, perhaps below another folder."""
    form = load_documents()[document.code]
    folder = form.folder or ("customer" if form.audience == "customer" else "")
    start = f"{below}/" if below else ""
    docx = outbox.put(document.docx, f"{start}{folder or 'docx'}/{document.docx.name}")
    pdf = document.pdf and outbox.put(document.pdf, f"{start}{folder or 'pdf'}/{document.pdf.name}")
    return replace(document, docx=docx, pdf=pdf)
