"""Many projects: one job each, one after the other or side by side; one failure never stops the rest."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path

from pipeline.adapters.fonts import require
from pipeline.adapters.libreoffice import LibreOffice, probe
from pipeline.core.documents import FileVerdict, ProjectResult, Run
from pipeline.core.errors import PipelineError, UsageProblem
from pipeline.definitions.forms import Form, load_forms
from pipeline.intake.company import find_company
from pipeline.intake.projects import project_code, project_folders
from pipeline.project_run.order import Job, Wish, run_project
from pipeline.render.charts_base import preload
from pipeline.render.template_fonts import template_families
from pipeline.settings import Settings


def plan_jobs(paths: Sequence[Path], company: Path | None, settings: Settings, wish: Wish) -> list[Job]:
    """One job for every project in the paths.

    Raises:
        UsageProblem: a path holds no workbook.
        DefinitionError: there is no workbook 00.
        DependencyMissing: PDFs are wanted and LibreOffice or a font of the templates is not there.
    """
    folders = [folder for path in paths for folder in project_folders(path)]
    setting = Path(settings.company) if settings.company else None
    forms = load_forms()
    for folder in (wish.out, wish.annotate):
        if folder is not None:
            _usable(folder)
    if wish.converts:
        probe(Path(settings.libreoffice) if settings.libreoffice else None)
        require(template_families())
    if (wish.out is not None or wish.annotate is not None) and len(folders) > 1:
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
    count, spawned = min(workers, len(jobs)), get_context("spawn")
    with ProcessPoolExecutor(count, mp_context=spawned, initializer=preload) as pool:
        futures = {pool.submit(_alone, job): index for index, job in enumerate(jobs)}
        for future in as_completed(futures):
            try:
                outcomes[futures[future]] = future.result()
            except BrokenProcessPool:
                continue
    return [outcomes[i] if i in outcomes else _alone(job) for i, job in enumerate(jobs)]
