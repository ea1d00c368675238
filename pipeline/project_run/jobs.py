"""Many projects: one job each, one after the other or side by side; one failure never stops the rest."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.adapters.fonts import require
from pipeline.adapters.kept_files import trim
from pipeline.adapters.office.converters import installed
from pipeline.core.documents import FileVerdict, ProjectResult, Run
from pipeline.core.errors import DefinitionError, PipelineError, UsageProblem
from pipeline.definitions.forms import Form, load_forms
from pipeline.intake.company import beside, find_company, of_people
from pipeline.intake.folders import look_at, project_code, survey
from pipeline.intake.projects import other_used
from pipeline.intake.reader import shared as reading
from pipeline.project_run.judged import NothingRecognised
from pipeline.project_run.order import Job
from pipeline.project_run.pool import Outcome, as_failure, engine, settled, trace
from pipeline.project_run.request import RunRequest
from pipeline.render.word.template_fonts import template_families
from pipeline.settings import Settings

LOG = logging.getLogger("presales.jobs")
CACHE = ".presales-cache"  # of an output folder: what the next build of the same need not make again
Failure = tuple[Path, PipelineError]
_DIED = PipelineError("处理这个项目的进程意外中止(the process of this project died)。")
_TWICE = (
    "与 {other} 是同一个项目编号 {code},两套分别校验了。只留一套:过时的移走,错的改编号。",
    "The same project code {code} as in {other}; each set was judged by itself. Keep one: move the old one away.",
)


@dataclass
class Plan:
    """What the paths of a command line come to.

    Attributes:
        jobs: one for every project.
        failures: paths and projects that cannot be run.
        files: what lies in the paths and belongs to no project.
        units: units of work of each path that could be looked at.
    """

    jobs: list[Job] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    files: list[FileVerdict] = field(default_factory=list)
    units: dict[Path, list[Path]] = field(default_factory=dict)

    def unread(self, failures: Sequence[Failure]) -> list[NothingRecognised]:
        """Paths in which nothing was recognised, once all jobs have run."""
        empty = {unit for unit, error in failures if isinstance(error, NothingRecognised)}
        return [NothingRecognised(str(path)) for path, units in self.units.items() if empty.issuperset(units)]


def plan_jobs(paths: Sequence[Path], company: Path | None, settings: Settings, request: RunRequest) -> Plan:
    """One job for every project in the paths; what cannot be run is a failure of its own.

    Raises:
        UsageProblem: nothing can be written to the output folder.
        DefinitionError: the given workbook 00 is not there.
        DependencyMissing: PDFs are wanted and LibreOffice or a font of the templates is not there.
    """
    if company and not company.is_file():
        raise DefinitionError(f"{company}:没有这个文件(no such workbook 00)。")
    for folder in (request.out, request.annotate):
        if folder is not None:
            _usable(folder)
    reading.begin()
    forms, plan = load_forms(), Plan()
    for path in dict.fromkeys(paths):
        try:
            found = survey(path, forms)
        except Exception as error:  # a path that cannot be looked at never stops the others
            plan.failures.append((path, as_failure(error)))
            continue
        plan.files += found.files
        plan.units[path] = found.units
        for unit in found.units:
            _plan_unit(unit, company, settings, request, forms, plan)
    if plan.jobs and request.converts:
        installed(settings.libreoffice)
        require(template_families())
    _all_different(plan, forms)
    used = {job.company.resolve(): job.company for job in plan.jobs}
    plan.files = [_master_used(verdict, used) for verdict in plan.files]
    return plan


def _plan_unit(
    unit: Path, company: Path | None, settings: Settings, request: RunRequest, forms: Mapping[str, Form], plan: Plan
) -> None:
    setting = Path(settings.company) if settings.company else None
    try:
        master = find_company(company, [unit], setting, forms)
    except DefinitionError as error:
        look = look_at(unit, forms)
        if look.kinds:
            plan.failures.append((unit, error))
        else:  # what can be said of it needs no workbook 00
            plan.failures.append((unit, NothingRecognised(str(unit), look.verdicts)))
        return
    cache = request.out and (Path(settings.cache) if settings.cache else request.out / CACHE)
    plan.jobs.append(Job(unit, master, request, settings.libreoffice, settings.convert_timeout_s, cache))


def _usable(out: Path) -> None:
    """Say at once that nothing can be written to the output folder."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out, prefix=".presales-"):
            pass
    except OSError as error:
        raise UsageProblem(f"{out}:不能写入输出目录(cannot write to the output folder): {error.strerror}") from error


def _all_different(plan: Plan, forms: Mapping[str, Form]) -> None:
    """Two sets of one project code would write over each other: neither is run."""
    if len(plan.jobs) < 2 or not any(job.request.out or job.request.annotate for job in plan.jobs):
        return
    sets: dict[str, list[Job]] = {}
    for job in plan.jobs:
        sets.setdefault(project_code(job.path, forms), []).append(job)
    for code, jobs in sets.items():
        if len(jobs) > 1 and (not jobs[0].request.only or code in jobs[0].request.only):
            places = " 和 ".join(str(job.path) for job in jobs)
            said = f"{places} 是同一个项目编号 {code},请分开处理(same project code twice)。"
            plan.failures += [(job.path, UsageProblem(said)) for job in jobs]
            plan.jobs = [job for job in plan.jobs if job not in jobs]


def _master_used(verdict: FileVerdict, used: Mapping[Path, Path]) -> FileVerdict:
    path = Path(verdict.path).resolve()
    if verdict.verdict != "company" or not used or any(path in (one, *beside(one), *of_people(one)) for one in used):
        return verdict
    return other_used(verdict, next(iter(used.values())), path.name[:2])


def run_jobs(jobs: Sequence[Job], workers: int) -> tuple[Run, list[Failure]]:
    """Run all jobs; one project's failure never stops the rest.

    Args:
        jobs: what to do; not empty.
        workers: processes; each owns a converter.
    """
    outcomes = _outcomes(jobs, min(workers, len(jobs)))
    for cache in {job.cache for job in jobs if job.cache}:
        trim(cache)
    results = tuple(outcome for outcome in outcomes if isinstance(outcome, ProjectResult))
    failures = [(job.path, error) for job, o in zip(jobs, outcomes, strict=True) if (error := _failure(o))]
    if not results and not failures:
        raise UsageProblem(f"没有编号为 {'、'.join(sorted(jobs[0].request.only))} 的项目(no project with this code)。")
    files: tuple[FileVerdict, ...] = tuple(verdict for result in results for verdict in result.files)
    files += tuple(_twice(jobs, outcomes))
    return Run(jobs[0].request.as_of, results, files), failures


def _twice(jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> Iterator[FileVerdict]:
    """A word for every set of workbooks beyond the first that bears a project code."""
    first: dict[str, Path] = {}
    for job, outcome in zip(jobs, outcomes, strict=True):
        if isinstance(outcome, ProjectResult) and (known := first.setdefault(outcome.code, job.path)) != job.path:
            said, said_en = (words.format(other=known, code=outcome.code) for words in _TWICE)
            yield FileVerdict(str(job.path), "twice", message=said, message_en=said_en)


def _failure(outcome: Outcome) -> PipelineError | None:
    return outcome.failure if isinstance(outcome, ProjectResult) else outcome


def _outcomes(jobs: Sequence[Job], workers: int) -> list[Outcome]:
    """One for each job; those that a dead worker took down with it are run again, each in a pool of its own."""
    with engine(workers if workers > 1 else 0) as submit:
        futures = [submit(job) for job in jobs]
        outcomes = [_answer(future) for future in futures]
    outcomes = [_again(job) if outcome is _DIED else outcome for job, outcome in zip(jobs, outcomes, strict=True)]
    for outcome in outcomes:
        if outcome is not None and (told := trace(outcome)):
            LOG.debug(told)
    return outcomes


def _answer(future: Future[Outcome]) -> Outcome:
    try:
        return settled(future)
    except BrokenProcessPool:
        return _DIED


def _again(job: Job) -> Outcome:
    with engine(1) as submit:
        return _answer(submit(job))
