"""THE ORDER for one project: read, derive, check, compose, render, convert, pack. Files in, folder out."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import get_context
from pathlib import Path

from pipeline.adapters.libreoffice import LibreOffice, probe
from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.documents import Document, FileVerdict, Pack, ProjectResult, Run
from pipeline.core.errors import PipelineError, UsageProblem
from pipeline.core.findings import in_order
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import Form, load_forms
from pipeline.deliver.files import Outbox
from pipeline.deliver.pack import Contents, make_pack
from pipeline.derive.facts import derive
from pipeline.derive.formulas import settle
from pipeline.intake.company import find_company, read_company
from pipeline.intake.projects import project_code, project_folders, read_project
from pipeline.render.maker import Maker, pack_forms, safe, wanted
from pipeline.render.provenance import provenance
from pipeline.render.shown import Source
from pipeline.settings import Settings


@dataclass(frozen=True)
class Wish:
    """What is wanted of a run.

    Attributes:
        as_of: today.
        out: output folder; None only checks.
        draft: make watermarked drafts while errors are open.
        pdf: convert to PDF and make the pack.
        only: project codes to run; empty runs all.
    """

    as_of: date
    out: Path | None = None
    draft: bool = False
    pdf: bool = True
    only: frozenset[str] = frozenset()

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
    """

    path: Path
    company: Path
    wish: Wish
    libreoffice: str = ""
    timeout_s: int = 120


PLAN_PACK = "计划包"


def run_project(job: Job, office: LibreOffice | None = None) -> ProjectResult | None:
    """Run one project; None when it is not among the wanted codes.

    Args:
        job: what to do.
        office: converter, already there or started with the first document; None makes no PDFs.

    Raises:
        PipelineError: we cannot go on; its exit code says why.
    """
    forms, rules = load_forms(), load_catalogue()
    company = read_company(job.company, forms)
    found = read_project(job.path, company, forms, rules)
    if job.wish.only and found.project.code not in job.wish.only:
        return None
    project = settle(found.project, company, forms)
    facts = derive(project, company, forms, job.wish.as_of)
    case = Case(project, company, facts, forms, rules)
    judged, comparisons = judge(case)
    findings = tuple(in_order([*found.findings, *judged]))
    hashes = {book.name: book.sha256 for book in (company.book, *project.workbooks.values())}
    result = ProjectResult(
        project.code, project.name, facts, findings, tuple(comparisons), files=found.verdicts, hashes=hashes
    )
    source = Source(project, company, facts, forms, findings, tuple(comparisons))
    return result if job.wish.out is None else _build(job.wish, job.wish.out, source, result, office)


def _build(wish: Wish, out: Path, source: Source, result: ProjectResult, office: LibreOffice | None) -> ProjectResult:
    """Compose, render, convert into a private folder; then put everything into place and make the pack."""
    due = wanted(source, blocked=result.blocked, draft=wish.draft)
    with tempfile.TemporaryDirectory(prefix="presales-") as work:
        maker = Maker(source, Path(work), office, draft=wish.draft and result.blocked)
        made = [maker.make(order) for order in due]
        outbox = Outbox(out / safe(result.code))
        placed = tuple(_place(outbox, document, load_documents()[document.code].folder) for document in made)
        outbox.close()
        packs = () if result.blocked or office is None else _packs(outbox.folder / "pack", maker, placed, result)
    return replace(result, documents=placed, packs=packs, notes=tuple(outbox.notes))


def _place(outbox: Outbox, document: Document, folder: str) -> Document:
    docx = outbox.put(document.docx, f"{folder or 'docx'}/{document.docx.name}")
    pdf = document.pdf and outbox.put(document.pdf, f"{folder or 'pdf'}/{document.pdf.name}")
    return replace(document, docx=docx, pdf=pdf)


def _packs(folder: Path, maker: Maker, placed: Sequence[Document], result: ProjectResult) -> tuple[Pack, ...]:
    """The plan pack, once every document of it is there."""
    by_code = {document.code: document for document in placed}
    forms = pack_forms(PLAN_PACK)
    if not all(form.code in by_code for form in forms):
        return ()
    inside = [by_code[form.code] for form in forms]
    day = max(document.day for document in inside)
    contents = Contents(
        code=safe(result.code),
        name=result.name,
        kind=PLAN_PACK,
        day=day,
        documents=inside,
        front=lambda name, own: maker.front(PLAN_PACK, day, inside, name, own),
        provenance=provenance(replace(result, documents=tuple(inside))),
        hashes=result.hashes,
        facts=[f"{finding.rule.code} {finding.at}" for finding in result.findings],
    )
    return (make_pack(contents, folder),)


def plan_jobs(paths: Sequence[Path], company: Path | None, settings: Settings, wish: Wish) -> list[Job]:
    """One job for every project in the paths.

    Raises:
        UsageProblem: a path holds no workbook.
        DefinitionError: there is no workbook 00.
        DependencyMissing: PDFs are wanted and LibreOffice is not there.
    """
    folders = [folder for path in paths for folder in project_folders(path)]
    setting = Path(settings.company) if settings.company else None
    forms = load_forms()
    if wish.out is not None:
        _usable(wish.out)
    if wish.converts:
        probe(Path(settings.libreoffice) if settings.libreoffice else None)
    if wish.out is not None and len(folders) > 1:
        _all_different(folders, forms)
    masters = [find_company(company, [folder], setting, forms) for folder in folders]
    return [
        Job(folder, master, wish, settings.libreoffice, settings.convert_timeout_s)
        for folder, master in zip(folders, masters, strict=True)
    ]


def _usable(out: Path) -> None:
    """Say at once that nothing can be written to the output folder."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".presales-"):
            pass
    except OSError as error:
        raise UsageProblem(f"{out}:不能写入输出目录(cannot write to the output folder): {error.strerror}") from error


def _all_different(folders: Sequence[Path], forms: Mapping[str, Form]) -> None:
    """Two sets of one project code would write over each other."""
    seen: dict[str, Path] = {}
    for folder in folders:
        code = project_code(folder, forms)
        if code in seen:
            raise UsageProblem(
                f"{seen[code]} 和 {folder} 是同一个项目编号 {code},请分开处理(same project code twice)。"
            )
        seen[code] = folder


Failure = tuple[Job, PipelineError]


def run_jobs(jobs: Sequence[Job], workers: int) -> tuple[Run, list[Failure]]:
    """Run all jobs; one project's failure never stops the rest.

    Args:
        jobs: what to do; not empty.
        workers: processes; each owns a converter.
    """
    outcomes = _one_by_one(jobs) if min(workers, len(jobs)) < 2 else _side_by_side(jobs, workers)
    results = tuple(outcome for outcome in outcomes if isinstance(outcome, ProjectResult))
    failures = [(job, o) for job, o in zip(jobs, outcomes, strict=True) if isinstance(o, PipelineError)]
    if not results and not failures:
        raise UsageProblem(f"没有编号为 {'、'.join(sorted(jobs[0].wish.only))} 的项目(no project with this code)。")
    files: tuple[FileVerdict, ...] = tuple(verdict for result in results for verdict in result.files)
    return Run(jobs[0].wish.as_of, results, files), failures


Outcome = ProjectResult | PipelineError | None


def _one_by_one(jobs: Sequence[Job]) -> list[Outcome]:
    if not jobs[0].wish.converts:
        return [_outcome(job, None) for job in jobs]
    program = Path(jobs[0].libreoffice) if jobs[0].libreoffice else None
    with LibreOffice(probe(program), timeout_s=jobs[0].timeout_s) as office:
        return [_outcome(job, office) for job in jobs]


def _outcome(job: Job, office: LibreOffice | None) -> Outcome:
    try:
        return run_project(job, office)
    except PipelineError as error:
        return error


def _alone(job: Job) -> Outcome:
    """One job in a process of its own."""
    return _one_by_one([job])[0]


def _side_by_side(jobs: Sequence[Job], workers: int) -> list[Outcome]:
    """A pool; jobs that a dead worker took down with it are run again, one by one."""
    outcomes: dict[int, Outcome] = {}
    with ProcessPoolExecutor(min(workers, len(jobs)), mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(_alone, job): index for index, job in enumerate(jobs)}
        for future in as_completed(futures):
            try:
                outcomes[futures[future]] = future.result()
            except BrokenProcessPool:
                continue
    return [outcomes[i] if i in outcomes else _alone(job) for i, job in enumerate(jobs)]
