from __future__ import annotations

import multiprocessing
import re
import subprocess
from pathlib import Path

import pytest

from pipeline.core.errors import NotReady
from pipeline.project_run import Job, RunRequest, pool
from pipeline.project_run.cluster import worker
from pipeline.project_run.cluster.access import Access
from pipeline.project_run.cluster.errand import sent
from pipeline.project_run.cluster.worker import Bench, Hands, serve
from tests.cases import AS_OF, ROOT
from tests.project_run.cluster.stand_in import scheduler, stand_in
from tests.project_run.cluster.test_errand import job  # noqa: F401  a fixture


@pytest.fixture
def hands(tmp_path: Path):
    made = Hands(Bench(tmp_path / "exchange", "its own office", tmp_path / "cache", 3))
    made.setup(None)
    yield made
    made.teardown(None)


def test_a_job_is_done_with_the_office_and_the_cache_of_the_worker(hands: Hands, job: Job, tmp_path: Path) -> None:  # noqa: F811
    asked = []

    def noted(own: Job):
        asked.append(own)
        return done

    done = pool.as_failure(ValueError("x"))
    hands._submit = lambda own: _ready(noted(own))  # type: ignore[method-assign]
    hands.carry_out(sent(job, tmp_path / "exchange", "errand"))
    assert [(own.libreoffice, own.cache) for own in asked] == [("its own office", tmp_path / "cache")]
    assert not asked[0].path.exists(), "its files are private, and gone with it"


def _ready(outcome):
    future = pool.Future()
    future.set_result(outcome)
    return future


def test_what_runs_ends_with_the_worker(tmp_path: Path) -> None:
    made = Hands(Bench(tmp_path, "", tmp_path, 1))
    made.setup(None)
    made._submit(Job(tmp_path, tmp_path / "no-00.xlsx", RunRequest(AS_OF)))
    assert len(multiprocessing.active_children()) == 1
    made.teardown(None)
    for child in multiprocessing.active_children():
        child.join(10)
    assert multiprocessing.active_children() == []


def test_the_workers_of_a_machine_share_its_cores(tmp_path: Path, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(worker, "engine", lambda count, beside: asked.append((count, beside)) or pool._serial())
    Hands(Bench(tmp_path, "", tmp_path, 3)).setup(None)
    assert asked == [(1, 3)]


def test_a_scheduler_that_does_not_answer_is_said(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(worker, "_JOIN_S", 1)
    with pytest.raises(NotReady, match="连不上调度器"):
        serve(Access("tcp://127.0.0.1:1", tmp_path), "program", Bench(tmp_path, "", tmp_path, 1))


def test_a_worker_ends_with_its_scheduler_so_that_whoever_watches_it_starts_it_again(tmp_path: Path) -> None:
    with scheduler(1, 1) as process:
        assert process.stdout is not None
        access = Access(process.stdout.readline().strip(), tmp_path)
        with subprocess.Popen(stand_in(access, "p", 1), cwd=ROOT, stderr=subprocess.PIPE, text=True) as alone:
            assert process.stdout.readline() == "here\n"
            process.kill()
            _, said = alone.communicate(timeout=60)
    assert alone.returncode == 1
    # The scheduler may know the worker before the one who watches it knows that it has started.
    assert re.search("调度器没有了|连不上调度器", said)
