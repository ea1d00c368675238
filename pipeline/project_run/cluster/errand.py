"""A job on its way to another machine and back: what it needs, laid out there; what it made, laid out here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.core.errors import PipelineError
from pipeline.intake.company import beside
from pipeline.project_run.cluster.exchange import Tree, attempt, put, take, tree
from pipeline.project_run.cluster.places import packed, unpacked
from pipeline.project_run.order import Job
from pipeline.project_run.pool import Outcome

# Where the files of a job lie: the workbooks, workbook 00 (under its name what lies beside it), what runs before made.
_INPUT, _COMPANY, _OUT = "input", "company", "out"


@dataclass(frozen=True)
class Errand:
    """A job whose files lie in the exchange folder; picklable.

    Attributes:
        job: with the paths of the leader.
        folder: its folder in the exchange, relative to that.
        files: the files of each place.
    """

    job: Job
    folder: str
    files: Mapping[str, Tree]


@dataclass(frozen=True)
class Parcel:
    """What came of an errand; picklable.

    Attributes:
        answer: the outcome, packed.
        folder: where what was made lies in the exchange, relative to that.
        made: all files of the output folder; those that the leader had already are not in the folder.
    """

    answer: bytes
    folder: str
    made: Tree


def places(job: Job) -> dict[str, Path]:
    """Where the files of a job lie on this machine.

    The longer path comes before one that it lies in.
    """
    found = {_INPUT: job.path, _COMPANY: job.company}
    found |= {f"{_COMPANY}/{other.name}": other for other in beside(job.company)}
    if job.request.out is not None:
        found[_OUT] = job.request.out
    return dict(sorted(found.items(), key=lambda place: len(str(place[1])), reverse=True))


def sent(job: Job, exchange: Path, folder: str) -> Errand:
    """Put what a job needs into the exchange folder.

    Raises:
        OSError: it cannot be written.
        PipelineError: a job of this kind stays on this machine.
    """
    if job.request.issued or job.request.annotate:
        raise PipelineError("这样的任务只在本机做(this kind of job stays on this machine)。")
    there, files = exchange / folder, {}
    there.mkdir()
    for name, path in places(job).items():
        files[name] = tree(path)
        put(path, files[name], there)
    return Errand(job, folder, files)


def carried_out(errand: Errand, exchange: Path, home: Path, work: Callable[[Job], Outcome]) -> Parcel:
    """Do an errand, on the machine of a worker.

    Args:
        errand: as it was sent.
        exchange: the exchange folder as it is mounted here.
        home: a private folder.
        work: runs a job of this machine.

    Raises:
        FileNotFoundError: nobody waits for it any more.
        DeliveryFailed: what it needs did not arrive.
    """
    job = _at_home(errand.job, home)
    for name, files in errand.files.items():
        take(exchange / errand.folder, files, _place(job, name))
    outcome = work(job)
    made: Tree = {}
    mine = attempt(exchange / errand.folder)
    if job.request.out is not None:
        made = tree(job.request.out)
        put(job.request.out, made, mine, errand.files[_OUT])
    return Parcel(packed(outcome, places(job)), str(mine.relative_to(exchange)), made)


def _place(job: Job, name: str) -> Path:
    """Where a place is to be, though nothing may lie there yet."""
    return places(job).get(name) or job.company.with_name(name.removeprefix(f"{_COMPANY}/"))


def _at_home(job: Job, home: Path) -> Job:
    """The same job with the paths of this machine; a folder keeps its name, which may be that of the project."""
    out = None
    if job.request.out is not None:
        out = home / _OUT
        out.mkdir()
    request = replace(job.request, out=out)
    return replace(job, path=home / _INPUT / job.path.name, company=home / _COMPANY / job.company.name, request=request)


def received(errand: Errand, parcel: Parcel, exchange: Path) -> Outcome:
    """Lay out what an errand has made where the leader wants it.

    Raises:
        DeliveryFailed: it did not arrive.
    """
    job = errand.job
    if job.request.out is not None:
        take(exchange / parcel.folder, parcel.made, job.request.out, errand.files[_OUT])
    outcome: Outcome = unpacked(parcel.answer, places(job))
    return outcome
