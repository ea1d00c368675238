"""THE ORDER for one project: read, derive, check, compose, render, convert, pack. Files in, folder out."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from pipeline.adapters.office.converters import Converter
from pipeline.adapters.private_folders import private_folder
from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.documents import Document, FileVerdict, ProjectResult
from pipeline.core.errors import DefinitionError, DocumentFailed, ExitCode, PipelineError
from pipeline.core.findings import Finding, in_order
from pipeline.core.sheets import Workbook
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import load_forms
from pipeline.deliver.files import OutputFolder
from pipeline.derive.facts import derive
from pipeline.derive.former_names import with_supposed_names
from pipeline.derive.formulas import settle
from pipeline.intake.company import read_company
from pipeline.intake.projects import read_project
from pipeline.project_run.marks import CHECK, put_findings_book, put_marked
from pipeline.project_run.packs import changed_after_countersign, frozen, make_packs
from pipeline.project_run.papers import unsigned_in_archive
from pipeline.render.context.shown import Source
from pipeline.render.maker import SYSTEM, Maker, safe, wanted

LOG = logging.getLogger("presales.run")


@dataclass(frozen=True)
class RunRequest:
    """What is wanted of a run.

    Attributes:
        as_of: today.
        out: output folder; None only checks.
        draft: make watermarked drafts while errors are open.
        pdf: convert to PDF and make the pack.
        only: project codes to run; empty runs all.
        annotate: folder for marked workbooks of a run that only checks; each project has its own folder in it.
        lang: language of the marks, zh or en.
    """

    as_of: date
    out: Path | None = None
    draft: bool = False
    pdf: bool = True
    only: frozenset[str] = frozenset()
    annotate: Path | None = None
    lang: str = "zh"

    @property
    def converts(self) -> bool:
        """Whether LibreOffice is needed."""
        return self.out is not None and self.pdf


@dataclass(frozen=True)
class Job:
    """One project to run; picklable.

    Attributes:
        path: folder or file.
        company: workbook 00.
        libreoffice: program folder, empty to look for it.
        timeout_s: limit of one conversion in seconds.
        cache: folder that keeps charts and PDFs between runs; None makes them all.
    """

    path: Path
    company: Path
    request: RunRequest
    libreoffice: str = ""
    timeout_s: int = 120
    cache: Path | None = None


class NothingRecognised(PipelineError):
    """No workbook of a unit of work is one of ours, and none was refused: there is no project to judge.

    Attributes:
        files: what became of each.
    """

    exit_code = ExitCode.FINDINGS

    def __init__(self, path: str, files: tuple[FileVerdict, ...] = ()) -> None:
        super().__init__(path)
        self.files = files

    def __str__(self) -> str:
        """What was given and what to do."""
        return (
            f"{self.args[0]}:没有认出本流程的工作簿,什么也没有校验。请检查路径,或用空白模板填写"
            f"(no workbook of this procedure was recognised; nothing was checked)。"
        )


def run_project(job: Job, office: Converter | None = None) -> ProjectResult | None:
    """Run one project; None when it is not among the wanted codes.

    Args:
        job: what to do.
        office: converter, already there or started with the first document; None makes no PDFs.

    Raises:
        NothingRecognised: none of its workbooks is one of ours.
        PipelineError: we cannot go on; its exit code says why.
    """
    forms, rules = load_forms(), load_catalogue()
    company = read_company(job.company, forms).on(job.request.as_of)
    found = read_project(job.path, company, forms, rules)
    if not found.books and not found.findings:
        raise NothingRecognised(str(job.path), found.verdicts)
    if job.request.only and found.project.code not in job.request.only:
        return None
    company = with_supposed_names(found.project, company)
    project = settle(found.project, company, forms)
    facts = derive(project, company, forms, job.request.as_of)
    case = Case(project, company, facts, forms, rules)
    waiting = unsigned_in_archive(Source(project, company, facts, forms))
    findings, comparisons = judge(case, [*found.findings, *waiting])
    hashes = {book.name: book.sha256 for book in (company.book, *found.books)}
    result = ProjectResult(
        project.code, project.name, facts, tuple(findings), tuple(comparisons), files=found.verdicts, hashes=hashes
    )
    if job.request.out is None:
        return _annotated(job.request, result)
    if archived := frozen(job.request.out / safe(project.code), safe(project.code), result):
        return archived
    source = Source(project, company, facts, forms, tuple(findings), tuple(comparisons), job.cache)
    return _build(job.request, job.request.out / safe(project.code), source, result, office, found.books)


def _annotated(request: RunRequest, result: ProjectResult) -> ProjectResult:
    """Put the marked workbooks of a run that only checks, where they are wanted."""
    if request.annotate is None:
        return result
    outbox = OutputFolder(request.annotate / safe(result.code))
    result = put_marked(result, outbox, "", request.lang)
    outbox.close()
    return replace(result, notes=(*result.notes, *outbox.notes))


def _build(
    request: RunRequest,
    folder: Path,
    source: Source,
    result: ProjectResult,
    office: Converter | None,
    books: Sequence[Workbook],
) -> ProjectResult:
    """Compose, render, convert into a private folder; then put everything into place and make the packs."""
    with private_folder() as work:
        made, maker, failure = _make(request, work, source, result, office)
        if not failure and (changed := changed_after_countersign(folder / "pack", source, made)):
            result, source = _with_finding(result, source, changed)
            made, maker, failure = _make(request, work, source, result, office)
        outbox = OutputFolder(folder)
        placed = tuple(_place(outbox, document) for document in made)
        result = put_marked(result, outbox, CHECK, request.lang)
        put_findings_book(result, placed, outbox)
        outbox.close()
        result = replace(result, documents=placed, notes=(*result.notes, *outbox.notes), failure=failure)
        if result.blocked or failure or office is None:
            return result
        try:
            return replace(result, packs=make_packs(folder / "pack", maker, result, books))
        except (DocumentFailed, DefinitionError) as error:
            return replace(result, failure=_told(error))


def _make(
    request: RunRequest, work: Path, source: Source, result: ProjectResult, office: Converter | None
) -> tuple[list[Document], Maker, PipelineError | None]:
    """The documents; where one of them cannot be made, only those that say what was looked at, and why it is so."""
    maker = Maker(source, work, office, draft=request.draft and result.blocked)
    made: list[Document] = []
    failure: PipelineError | None = None
    for order in wanted(source, blocked=result.blocked, draft=request.draft):
        if failure and order.form.code not in SYSTEM:
            continue
        try:
            made.append(maker.make(order))
        except (DocumentFailed, DefinitionError) as error:
            failure = failure or _told(error)
    return [one for one in made if not failure or one.code in SYSTEM], maker, failure


def _told(error: PipelineError) -> PipelineError:
    """The error without its frames: they hold the child that fills templates, and that holds the project's lock."""
    LOG.debug("", exc_info=error)
    return type(error)(*error.args)


def _with_finding(result: ProjectResult, source: Source, finding: Finding) -> tuple[ProjectResult, Source]:
    findings = tuple(in_order([*result.findings, finding]))
    return replace(result, findings=findings), replace(source, findings=findings)


def _place(outbox: OutputFolder, document: Document) -> Document:
    """Put a document where its kind belongs: check/, customer/, or docx/ and pdf/."""
    form = load_documents()[document.code]
    folder = form.folder or ("customer" if form.audience == "customer" else "")
    docx = outbox.put(document.docx, f"{folder or 'docx'}/{document.docx.name}")
    pdf = document.pdf and outbox.put(document.pdf, f"{folder or 'pdf'}/{document.pdf.name}")
    return replace(document, docx=docx, pdf=pdf)
