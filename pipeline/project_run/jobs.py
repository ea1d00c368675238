"""Many projects: one job each, one after the other or side by side; one failure never stops the rest."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from pipeline.adapters.fonts import require
from pipeline.adapters.libreoffice import LibreOffice, probe
from pipeline.core.documents import FileVerdict, ProjectResult, Run
from pipeline.core.errors import DefinitionError, DeliveryFailed, PipelineError, UsageProblem
from pipeline.definitions.forms import Form, load_forms
from pipeline.intake.company import find_company
from pipeline.intake.folders import look_at, project_code, survey
from pipeline.intake.projects import other_master
from pipeline.project_run.order import Job, NothingRecognised, Wish, run_project
from pipeline.render.charts_base import preload
from pipeline.render.template_fonts import template_families
from pipeline.settings import Settings

LOG = logging.getLogger("presales.jobs")
Failure = tuple[Path, PipelineError]


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


def plan_jobs(paths: Sequence[Path], company: Path | None, settings: Settings, wish: Wish) -> Plan:
    """One job for every project in the paths; what cannot be run is a failure of its own.

    Raises:
        UsageProblem: nothing can be written to the output folder.
        DefinitionError: the given workbook 00 is not there.
        DependencyMissing: PDFs are wanted and LibreOffice or a font of the templates is not there.
    """
    if company and not company.is_file():
        raise DefinitionError(f"{company}:没有这个文件(no such workbook 00)。")
    for folder in (wish.out, wish.annotate):
        if folder is not None:
            _usable(folder)
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
            _plan_unit(unit, company, settings, wish, forms, plan)
    if plan.jobs and wish.converts:
        probe(Path(settings.libreoffice) if settings.libreoffice else None)
        require(template_families())
    _all_different(plan, forms)
    used = {job.company.resolve(): job.company for job in plan.jobs}
    plan.files = [_master_used(verdict, used) for verdict in plan.files]
    return plan


def _plan_unit(
    unit: Path, company: Path | None, settings: Settings, wish: Wish, forms: Mapping[str, Form], plan: Plan
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
    plan.jobs.append(Job(unit, master, wish, settings.libreoffice, settings.convert_timeout_s))


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
    if len(plan.jobs) < 2 or not any(job.wish.out or job.wish.annotate for job in plan.jobs):
        return
    sets: dict[str, list[Job]] = {}
    for job in plan.jobs:
        sets.setdefault(project_code(job.path, forms), []).append(job)
    for code, jobs in sets.items():
        if len(jobs) > 1 and (not jobs[0].wish.only or code in jobs[0].wish.only):
            places = " 和 ".join(str(job.path) for job in jobs)
            said = f"{places} 是同一个项目编号 {code},请分开处理(same project code twice)。"
            plan.failures += [(job.path, UsageProblem(said)) for job in jobs]
            plan.jobs = [job for job in plan.jobs if job not in jobs]


def _master_used(verdict: FileVerdict, used: Mapping[Path, Path]) -> FileVerdict:
    if verdict.verdict != "company" or not used or Path(verdict.path).resolve() in used:
        return verdict
    return other_master(verdict, next(iter(used.values())))


def run_jobs(jobs: Sequence[Job], workers: int) -> tuple[Run, list[Failure]]:
    """Run all jobs; one project's failure never stops the rest.

    Args:
        jobs: what to do; not empty.
        workers: processes; each owns a converter.
    """
    outcomes = _one_by_one(jobs) if min(workers, len(jobs)) < 2 else _side_by_side(jobs, workers)
    results = tuple(outcome for outcome in outcomes if isinstance(outcome, ProjectResult))
    failures = [(job.path, error) for job, o in zip(jobs, outcomes, strict=True) if (error := _failure(o))]
    if not results and not failures:
        raise UsageProblem(f"没有编号为 {'、'.join(sorted(jobs[0].wish.only))} 的项目(no project with this code)。")
    files: tuple[FileVerdict, ...] = tuple(verdict for result in results for verdict in result.files)
    return Run(jobs[0].wish.as_of, results, files), failures


Outcome = ProjectResult | PipelineError | None


def _failure(outcome: Outcome) -> PipelineError | None:
    return outcome.failure if isinstance(outcome, ProjectResult) else outcome


Converter = Callable[[], LibreOffice | None]


def _attempt(job: Job, converter: Converter) -> Outcome:
    """Run one job; whatever happens to one project is an answer, and stops no other."""
    try:
        return run_project(job, converter())
    except Exception as error:  # the type is for `as_failure` to tell
        return as_failure(error)


def as_failure(error: Exception) -> PipelineError:
    """What an exception is to the operator: one of ours is itself; any other is told, and its trace is for --debug."""
    if isinstance(error, PipelineError):
        return error
    LOG.debug("", exc_info=error)
    if isinstance(error, OSError):
        failure: PipelineError = DeliveryFailed(f"读写失败(cannot read or write):{error}")
    else:
        failure = PipelineError(f"内部错误(unexpected):{type(error).__name__}: {error}")
    failure.__cause__ = error
    return failure


def _one_by_one(jobs: Sequence[Job]) -> list[Outcome]:
    if not jobs[0].wish.converts:
        return [_attempt(job, lambda: None) for job in jobs]
    program = Path(jobs[0].libreoffice) if jobs[0].libreoffice else None
    with LibreOffice(probe(program), timeout_s=jobs[0].timeout_s) as office:
        return [_attempt(job, lambda: office) for job in jobs]


def _alone(job: Job) -> Outcome:
    """One job in a process of its own."""
    try:
        return _one_by_one([job])[0]
    except Exception as error:  # of the converter's start or end
        return as_failure(error)


def _side_by_side(jobs: Sequence[Job], workers: int) -> list[Outcome]:
    """A pool; jobs that a dead worker took down with it are run again, each in a pool of its own."""
    outcomes = dict(_pooled(dict(enumerate(jobs)), min(workers, len(jobs))))
    for index, job in enumerate(jobs):
        if index not in outcomes:
            outcomes |= dict(_pooled({index: job}, 1))
    died = PipelineError("处理这个项目的进程意外中止(the process of this project died)。")
    return [outcomes.get(index, died) for index in range(len(jobs))]


def _pooled(jobs: Mapping[int, Job], workers: int) -> Iterator[tuple[int, Outcome]]:
    """Outcomes by number, as they come; those that died with their process are left out."""
    spawned = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawned, initializer=preload) as pool:
        futures = {pool.submit(_alone, job): index for index, job in jobs.items()}
        for future in as_completed(futures):
            try:
                yield futures[future], future.result()
            except BrokenProcessPool:
                continue
            except Exception as error:  # its answer could not be sent, say
                yield futures[future], as_failure(error)
