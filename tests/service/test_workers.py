"""Worker processes: what one of them does not survive, the others do."""

from __future__ import annotations

import multiprocessing
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from pipeline.core.documents import ProjectResult
from pipeline.core.errors import DefinitionError, PipelineError
from pipeline.project_run import Job, Wish
from pipeline.service import workers as module
from pipeline.service.workers import work, workers
from tests.cases import AS_OF, DORM
from tests.service.stage import master, workbook


def job(folder: Path) -> Job:
    folder.mkdir(exist_ok=True)
    (folder / "02.xlsx").write_bytes(workbook("02").read_bytes())
    return Job(folder, master(), Wish(AS_OF))


def test_a_worker_that_was_killed_is_replaced(tmp_path: Path) -> None:
    with workers(1) as submit:
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
    wrong = Job(tmp_path, tmp_path / "no-00.xlsx", Wish(AS_OF))
    assert isinstance(work(wrong), DefinitionError)
    for error, said in ((OSError(28, "No space left"), "读写失败"), (ZeroDivisionError("x"), "内部错误")):

        def fails(*_: object, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr(module, "run_project", fails)
        answer = work(wrong)
        assert isinstance(answer, PipelineError)
        assert said in str(answer)
