"""Worker processes: what one of them does not survive, the others do."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import select
import signal
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from pipeline.core.documents import ProjectResult
from pipeline.core.errors import DefinitionError, PipelineError
from pipeline.project_run import Job, RunRequest
from pipeline.project_run import pool as module
from pipeline.project_run.pool import engine, work
from tests.cases import AS_OF, DORM
from tests.service.stage import master, workbook


def job(folder: Path) -> Job:
    folder.mkdir(exist_ok=True)
    (folder / "02.xlsx").write_bytes(workbook("02").read_bytes())
    return Job(folder, master(), RunRequest(AS_OF))


def test_a_worker_that_was_killed_is_replaced(tmp_path: Path) -> None:
    with engine(1) as submit:
        first = submit(job(tmp_path / DORM)).result()
        for child in multiprocessing.active_children():
            child.kill()
            child.join()
        try:
            second = submit(job(tmp_path / DORM)).result()
        except BrokenProcessPool:  # the pool had not noticed yet; the executor, too, then asks once more
            second = submit(job(tmp_path / DORM)).result()
    assert isinstance(first, ProjectResult)
    assert isinstance(second, ProjectResult)
    assert multiprocessing.active_children() == []


def test_every_fault_of_a_project_is_an_answer(tmp_path: Path, monkeypatch) -> None:
    wrong = Job(tmp_path, tmp_path / "no-00.xlsx", RunRequest(AS_OF))
    assert isinstance(work(wrong), DefinitionError)
    for error, said in ((OSError(28, "No space left"), "读写失败"), (ZeroDivisionError("x"), "内部错误")):

        def fails(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(module, "run_project", fails)
        answer = work(wrong)
        assert isinstance(answer, PipelineError)
        assert said in str(answer)


def test_an_unexpected_error_keeps_its_trace_from_process_to_process() -> None:
    try:
        raise ZeroDivisionError("x")
    except ZeroDivisionError as error:
        failure = pickle.loads(pickle.dumps(module.as_failure(error)))
    assert "内部错误(unexpected):ZeroDivisionError: x" in str(failure)
    assert "test_pool.py" in module.trace(failure)
    assert "Traceback" not in str(failure)
    assert module.trace(module.as_failure(DefinitionError("ours"))) == ""


class _Counted:
    """Stands for a converter."""

    made = closed = 0

    def __init__(self, program: str, timeout_s: float, count: int) -> None:
        assert (program, timeout_s, count) == ("somewhere", 7, 3)
        _Counted.made += 1

    def close(self) -> None:
        _Counted.closed += 1


def test_a_process_has_one_converter_for_all_its_projects_and_none_for_a_check(tmp_path: Path, monkeypatch) -> None:
    given = []
    monkeypatch.setattr(module, "converter", _Counted)
    monkeypatch.setattr(module.os, "sched_getaffinity", lambda _: range(3))
    monkeypatch.setattr(module, "run_project", lambda _, converter: given.append(converter))
    wishes = [
        RunRequest(AS_OF),
        RunRequest(AS_OF, tmp_path),
        RunRequest(AS_OF, tmp_path),
        RunRequest(AS_OF, tmp_path, pdf=False),
    ]
    with engine(0) as submit:
        for request in wishes:
            submit(Job(tmp_path, tmp_path, request, "somewhere", 7))
    assert [converter is not None for converter in given] == [False, True, True, False]
    assert given[1] is given[2]
    assert (_Counted.made, _Counted.closed) == (1, 1)


@pytest.mark.parametrize(
    ("cores", "workers", "each"), [(1, 1, 1), (2, 1, 2), (2, 2, 1), (2, 5, 1), (8, 2, 4), (64, 1, 4)]
)
def test_the_converters_of_all_workers_share_the_cores(monkeypatch, cores: int, workers: int, each: int) -> None:
    monkeypatch.setattr(module.os, "sched_getaffinity", lambda _: range(cores))
    monkeypatch.setattr(module, "_beside", 1)
    module._share_cores(workers)
    assert module._beside == each


def test_a_block_that_is_left_by_an_interruption_ends_running_jobs(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "work", _waits)
    with pytest.raises(KeyboardInterrupt):
        _interrupted(Job(tmp_path, tmp_path, RunRequest(AS_OF)))
    for child in multiprocessing.active_children():
        child.join(10)
    # The pool's own thread may have waited for it at the same moment, and not yet noted that it ended.
    assert not [child for child in multiprocessing.active_children() if Path("/proc", str(child.pid)).exists()]


def _interrupted(job: Job) -> None:
    with engine(1) as submit:
        future = submit(job)
        while not (job.path / "running").exists():
            assert not future.done()
        raise KeyboardInterrupt


def _waits(job: Job) -> None:
    (job.path / "running").touch()
    signal.pause()


_LEADER = """
import multiprocessing, sys
from pipeline.project_run.pool import engine
with engine(1) as submit:
    submit(None).result()
    print(multiprocessing.active_children()[0].pid, flush=True)
    sys.stdin.read()
"""


def test_workers_die_with_a_leader_that_was_killed() -> None:
    """Under cron nobody else would end them."""
    command = [sys.executable, "-c", _LEADER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as leader:
        assert leader.stdout
        worker = os.pidfd_open(int(leader.stdout.readline()))
        try:
            leader.kill()
            assert select.select([worker], [], [], 20)[0], "the worker still lives"
        finally:
            os.close(worker)
