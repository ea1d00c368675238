"""THE ORDER for one project: read, derive, check, compose, render, convert, pack. Files in, folder out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.adapters.office.converters import Converter
from pipeline.core.documents import ProjectResult
from pipeline.core.names import safe
from pipeline.core.sheets import Workbook
from pipeline.deliver.files import OutputFolder
from pipeline.project_run.judged import judged
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


def run_project(job: Job, office: Converter | None = None) -> ProjectResult | None:
    """Run one project; None when it is not among the wanted codes.

    Args:
        job: what to do.
        office: converter, already there or started with the first document; None makes no PDFs.

    Raises:
        NothingRecognised: none of its workbooks is one of ours.
        PipelineError: we cannot go on; its exit code says why.
    """
    found = judged(job.path, job.company, job.request.as_of, job.request.only)
    if found is None:
        return None
    if job.request.out is None:
        return _annotated(job.request, found.result)
    return _built(job, replace(found.source, cache=job.cache), found.result, office, found.books)


def _built(
    job: Job, source: Source, result: ProjectResult, office: Converter | None, books: Sequence[Workbook]
) -> ProjectResult:
    """Put the documents in their places, unless the project is archived, or all stands there as it would be made."""
    from pipeline.project_run.standing import standing

    request, folder = job.request, (job.request.out or Path()) / safe(result.code)
    before = standing(job.cache, folder, request, source, result, office)
    if as_it_stands := before.result(result):
        return as_it_stands
    if office:
        office.begin()
    # what makes documents takes longer to load than a check takes in all
    from pipeline.project_run.building import build
    from pipeline.project_run.packs import frozen

    if archived := frozen(folder, safe(result.code), result):
        return archived
    built = build(request, folder, source, result, office, books)
    return built if frozen(folder, safe(result.code), built) else before.keep(result, built)


def _annotated(request: RunRequest, result: ProjectResult) -> ProjectResult:
    """Put the marked workbooks of a run that only checks, where they are wanted."""
    if request.annotate is None:
        return result
    from pipeline.project_run.marks import put_marked

    outbox = OutputFolder(request.annotate / safe(result.code))
    result = put_marked(result, outbox, "", request.lang)
    outbox.close()
    return replace(result, notes=(*result.notes, *outbox.notes))
