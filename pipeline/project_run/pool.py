"""Where projects are run: one after the other here, or side by side in processes that are gone when we are gone.

An engine is a context that gives something to hand jobs to; the third one, with workers on other machines, is in
`cluster/`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from multiprocessing.util import Finalize

from pipeline.adapters.fences import die_with_parent
from pipeline.adapters.office.converters import Converter, converter
from pipeline.core.documents import ProjectResult
from pipeline.core.errors import DeliveryFailed, PipelineError
from pipeline.project_run.order import Job, run_project

Outcome = ProjectResult | PipelineError | None
Submit = Callable[[Job], "Future[Outcome]"]
Engine = Callable[[int], AbstractContextManager[Submit]]

# What libraries do not give back goes with the process.
_JOBS_PER_PROCESS = 100
_MOST_BESIDE = 4  # converters of one project; each takes some 250 MB
_converter: Converter | None = None
_beside = 1


def engine(count: int, beside: int = 0) -> AbstractContextManager[Submit]:
    """Something to hand jobs to; when the block is left by an exception, running jobs are stopped.

    The future of a job raises nothing but `BrokenProcessPool`: its process died, perhaps by another one's fault.

    Args:
        count: processes; 0 does each job at once, in this process.
        beside: processes that share the cores of this machine; 0: those of this engine.
    """
    return _processes(count, beside or count) if count else _serial()


@contextmanager
def _serial() -> Iterator[Submit]:
    def at_once(job: Job) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        future.set_result(work(job))
        return future

    _share_cores(1)
    try:
        yield at_once
    finally:
        _close()


@contextmanager
def _processes(count: int, beside: int) -> Iterator[Submit]:
    crew = _Crew(count, beside)
    try:
        yield crew.submit
    except BaseException:
        crew.stop()
        raise
    finally:
        crew.pool.shutdown(wait=True, cancel_futures=True)


class _Crew:
    """A pool that is made anew when one of its processes died."""

    def __init__(self, count: int, beside: int) -> None:
        self.count, self.beside = count, beside
        self.pool = self._new()

    def _new(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.count, context, _begin, (self.beside,), max_tasks_per_child=_JOBS_PER_PROCESS)

    def submit(self, job: Job) -> Future[Outcome]:
        """Hand over a job; a worker that died before takes nobody else with it."""
        try:
            return self.pool.submit(work, job)
        except BrokenProcessPool:
            self.pool.shutdown(wait=False)
            self.pool = self._new()
            return self.pool.submit(work, job)

    def stop(self) -> None:
        """End running jobs."""
        self.pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.terminate()


def settled(future: Future[Outcome]) -> Outcome:
    """The answer of a job.

    Raises:
        BrokenProcessPool: its process died.
    """
    try:
        return future.result()
    except BrokenProcessPool:
        raise
    except Exception as error:  # its answer could not be sent, say
        return as_failure(error)


def work(job: Job) -> Outcome:
    """Run one job; whatever happens to one project is an answer, and stops no other."""
    try:
        return run_project(job, _own_converter(job))
    except Exception as error:  # the type is for `as_failure` to tell
        return as_failure(error)


def as_failure(error: Exception) -> PipelineError:
    """What an exception is to the operator: one of ours is itself; any other is told, its trace is a note of it."""
    if isinstance(error, PipelineError):
        return error
    if isinstance(error, OSError | sqlite3.Error):
        failure: PipelineError = DeliveryFailed(f"读写失败(cannot read or write):{error}")
    else:
        failure = PipelineError(f"内部错误(unexpected):{type(error).__name__}: {error}")
    # A note goes with it from process to process; a cause does not.
    failure.add_note("".join(traceback.format_exception(error)))
    return failure


def trace(failure: object) -> str:
    """Where an unexpected error came from; empty for one of ours."""
    return "\n".join(getattr(failure, "__notes__", ()))


def _own_converter(job: Job) -> Converter | None:
    """The converter of this process, whatever number of projects it runs."""
    global _converter  # noqa: PLW0603  one for each process
    if not job.request.converts:
        return None
    if _converter is None:
        _converter = converter(job.libreoffice, job.timeout_s, _beside)
        Finalize(None, _close, exitpriority=10)
    return _converter


def _close() -> None:
    global _converter  # noqa: PLW0603
    if _converter is not None:
        _converter.close()
        _converter = None


def _share_cores(workers: int) -> None:
    """As many converters as there are cores for each of so many workers."""
    global _beside  # noqa: PLW0603  one for each process
    _beside = max(1, min(_MOST_BESIDE, len(os.sched_getaffinity(0)) // workers))


def _begin(workers: int) -> None:
    """A worker leaves interruptions to its parent, and dies with it."""
    _share_cores(workers)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    from pipeline.render.charts.base import preload

    die_with_parent()
    preload()
