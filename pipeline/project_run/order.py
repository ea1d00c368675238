"""THE ORDER for one project: read, derive, check, compose, render, convert, pack. Files in, folder out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.adapters.office.converters import Converter
from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.documents import FileVerdict, ProjectResult
from pipeline.core.errors import ExitCode, PipelineError
from pipeline.core.names import safe
from pipeline.core.sheets import Workbook
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms
from pipeline.deliver.files import OutputFolder
from pipeline.derive.facts import derive
from pipeline.derive.former_names import with_supposed_names
from pipeline.derive.formulas import settle
from pipeline.intake.company import read_company
from pipeline.intake.projects import read_project
from pipeline.project_run.papers import unsigned_in_archive
from pipeline.project_run.request import RunRequest
from pipeline.render.context.shown import Source


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
    source = Source(project, company, facts, forms, tuple(findings), tuple(comparisons), job.cache)
    return _built(job.request, job.request.out / safe(project.code), source, result, office, found.books)


def _built(
    request: RunRequest,
    folder: Path,
    source: Source,
    result: ProjectResult,
    office: Converter | None,
    books: Sequence[Workbook],
) -> ProjectResult:
    """Put the documents in their places, unless the project is archived."""
    # what makes documents takes longer to load than a check takes in all
    from pipeline.project_run.building import build
    from pipeline.project_run.packs import frozen

    return frozen(folder, safe(result.code), result) or build(request, folder, source, result, office, books)


def _annotated(request: RunRequest, result: ProjectResult) -> ProjectResult:
    """Put the marked workbooks of a run that only checks, where they are wanted."""
    if request.annotate is None:
        return result
    from pipeline.project_run.marks import put_marked

    outbox = OutputFolder(request.annotate / safe(result.code))
    result = put_marked(result, outbox, "", request.lang)
    outbox.close()
    return replace(result, notes=(*result.notes, *outbox.notes))
