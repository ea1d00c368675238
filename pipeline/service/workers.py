"""Processes that build projects: each with a LibreOffice of its own, gone when we are gone."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.util import Finalize
from pathlib import Path

from pipeline.adapters.libreoffice import LibreOffice, probe
from pipeline.core.documents import ProjectResult
from pipeline.core.errors import PipelineError
from pipeline.project_run import Job, as_failure, run_project
from pipeline.render.charts_base import preload

LOG = logging.getLogger("presales.work")
Outcome = ProjectResult | PipelineError
Submit = Callable[[Job], "Future[Outcome]"]

# What libraries do not give back goes with the process.
_JOBS_PER_PROCESS = 100
_PR_SET_PDEATHSIG = 1
_office: LibreOffice | None = None


@contextmanager
def workers(count: int) -> Iterator[Submit]:
    """Something to hand jobs to; when the block is left by an exception, running jobs are stopped.

    Args:
        count: processes; 0 does each job at once, in this process.
    """
    if not count:
        try:
            yield _at_once
        finally:
            _close()
        return
    crew = _Crew(count)
    try:
        yield crew.submit
    except BaseException:
        crew.stop()
        raise
    finally:
        crew.pool.shutdown(wait=True, cancel_futures=True)


class _Crew:
    """A pool that is made anew when one of its processes died."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.pool = self._new()

    def _new(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self.count, context, _begin, max_tasks_per_child=_JOBS_PER_PROCESS)

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


def _at_once(job: Job) -> Future[Outcome]:
    future: Future[Outcome] = Future()
    future.set_result(work(job))
    return future


def work(job: Job) -> Outcome:
    """Run one job; every fault of one project is an answer, and none of our trouble stops the others."""
    try:
        result = run_project(job, _converter(job))
    except Exception as error:  # the night goes on; the log keeps what happened
        if not isinstance(error, PipelineError | OSError):
            LOG.exception("项目 %s 意外中止", job.path.name)
        return as_failure(error)
    return result if result is not None else PipelineError("没有结果(no result)")


def _converter(job: Job) -> LibreOffice | None:
    global _office  # noqa: PLW0603  one for each process
    if not job.wish.converts:
        return None
    if _office is None:
        _office = LibreOffice(probe(Path(job.libreoffice) if job.libreoffice else None), timeout_s=job.timeout_s)
        Finalize(None, _close, exitpriority=10)
    return _office


def _close() -> None:
    global _office  # noqa: PLW0603
    if _office is not None:
        _office.close()
        _office = None


def _begin() -> None:
    """A worker leaves interruptions to its parent, and dies with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    preload()
