"""Real workers of a real scheduler, on the loopback: nothing is lost, nothing twice, and all is as it is here."""

from __future__ import annotations

import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from pipeline.core.documents import ProjectResult
from pipeline.core.errors import DeliveryFailed, DependencyMissing, NotReady
from pipeline.project_run import Job, RunRequest
from pipeline.project_run.cluster import leader
from pipeline.project_run.cluster.access import Access
from pipeline.project_run.cluster.exchange import MARK
from pipeline.project_run.cluster.leader import Cluster, cluster_of
from pipeline.project_run.pool import settled
from pipeline.service.runs.executor import Done
from pipeline.workspace import projects
from tests.cases import AS_OF, DORM, ROOT
from tests.project_run.cluster.stand_in import FAST, KILLS, KILLS_ONCE, scheduler, stand_in
from tests.service.runs.test_executor import FEW, Built
from tests.service.stage import master

PROGRAM = "this program"
TRIES = 2


@dataclass
class Site:
    """A scheduler, two workers and a leader."""

    cluster: Cluster
    access: Access

    def left(self) -> list[str]:
        """What lies in the exchange folder."""
        return sorted(path.name for path in self.access.exchange.iterdir())


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory() as folder, scheduler(2, TRIES) as process:
        assert process.stdout is not None
        access = Access(process.stdout.readline().strip(), Path(folder))
        with subprocess.Popen(stand_in(access, PROGRAM, 2), cwd=ROOT) as workers:
            try:
                assert process.stdout.readline() == "here\n"
                yield Site(cluster_of(access, PROGRAM), access)
            finally:
                workers.terminate()


def quick_jobs(top: Path, **marks: tuple[str, ...]) -> list[Job]:
    """Projects of one file that take milliseconds, with more files that say what they do."""
    jobs = []
    for code, names in marks.items():
        folder = top / "work" / code
        folder.mkdir(parents=True)
        for name in (FAST, *names):
            (folder / name).write_text(code)
        out = top / "out" / code
        out.mkdir(parents=True)
        jobs.append(Job(folder, master(), RunRequest(AS_OF, out)))
    return jobs


def outcomes(site: Site, jobs: list[Job]) -> list[object]:
    with site.cluster.engine(2) as submit:
        return [settled(future) for future in [submit(job) for job in jobs]]


def test_workers_of_another_program_or_another_folder_get_nothing(site: Site, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="有 2 个的程序版本或交换目录与这里不同"):
        cluster_of(site.access, "newer")
    with pytest.raises(NotReady, match="有 2 个"):
        cluster_of(replace(site.access, exchange=tmp_path), PROGRAM)


def test_without_anything_due_no_worker_is_asked(site: Site) -> None:
    with site.cluster.engine(0) as submit:
        assert submit is not None
    assert (site.cluster.slots, site.left()) == (2, [MARK])


def test_a_worker_that_is_killed_half_way_loses_nothing_and_doubles_nothing(site: Site, tmp_path: Path) -> None:
    jobs = quick_jobs(tmp_path, A=(), B=(KILLS_ONCE,), C=(), D=())
    found = outcomes(site, jobs)
    assert [result.code for result in found if isinstance(result, ProjectResult)] == ["A", "B", "C", "D"]
    for job in jobs:
        assert len(list((job.request.out or tmp_path).glob("*/pack/*.zip"))) == 1
    assert site.left() == [MARK]
    assert "IO loop" not in {thread.name for thread in threading.enumerate()}, "what is forked now would inherit it"


def test_a_project_that_kills_its_workers_is_set_aside_and_named(site: Site, tmp_path: Path) -> None:
    jobs = quick_jobs(tmp_path, A=(), B=(KILLS,), C=())
    first, second, third = outcomes(site, jobs)
    assert isinstance(first, ProjectResult)
    assert isinstance(third, ProjectResult)
    assert isinstance(second, DependencyMissing)
    assert f"B:运行它的工作进程中止了 {2 * TRIES} 次" in str(second)
    assert list((jobs[1].request.out or tmp_path).iterdir()) == []
    assert site.left() == [MARK]


@pytest.fixture(scope="module")
def nights(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Built]]:
    """The same project, without PDFs, built by a worker and here."""
    stages = {}
    for name, more in (("cluster", {"engine": site.cluster.engine, "count": 2}), ("here", {})):
        stage = stages[name] = Built(tmp_path_factory.mktemp(name))
        stage.drop_sample(but=FEW)
        executor = stage.executor(**more)
        assert executor.run(executor.look(AS_OF), AS_OF) == [Done(DORM, rebuilt=True)]
    yield stages
    for stage in stages.values():
        stage.ledger.close()


def published(stage: Built) -> dict[str, bytes]:
    top = stage.root / "share"
    return {name: (top / name).read_bytes() for name in stage.files(top) if (top / name).is_file()}


def test_what_workers_make_is_to_the_byte_what_is_made_here(nights: dict[str, Built]) -> None:
    one, two = (published(nights[name]) for name in ("cluster", "here"))
    assert one.keys() == two.keys()
    same = {name for name in one if one[name] == two[name]}
    assert [name for name in one if name not in same and not name.startswith(".")] == []


def test_what_is_remembered_of_it_is_the_same_with_the_paths_of_this_machine(nights: dict[str, Built]) -> None:
    known = {}
    for name, stage in nights.items():
        one = projects.recall(stage.ledger, DORM)
        assert one is not None
        assert all(document.docx.is_relative_to(stage.root) for document in one.documents)
        known[name] = [(document.code, document.printed) for document in one.documents], one.findings, one.facts
    assert known["cluster"] == known["here"]


def test_a_night_leaves_nothing_in_the_exchange_folder(site: Site, nights: dict[str, Built]) -> None:
    assert nights.keys() == {"cluster", "here"}
    assert site.left() == [MARK]


def test_what_came_back_damaged_is_an_answer(site: Site, tmp_path: Path, monkeypatch) -> None:
    def meddled(errand, parcel, exchange):
        made = {name: replace(listed, sha256="0" * 64) for name, listed in parcel.made.items()}
        return real(errand, replace(parcel, made=made), exchange)

    real = leader.received
    monkeypatch.setattr(leader, "received", meddled)
    (found,) = outcomes(site, quick_jobs(tmp_path, A=()))
    assert isinstance(found, DeliveryFailed)


def test_an_exchange_folder_that_is_full_or_gone_fails_the_project_alone(site: Site, tmp_path: Path) -> None:
    gone, there = quick_jobs(tmp_path, A=(), B=())
    for path in gone.path.iterdir():
        path.unlink()
    gone.path.rmdir()
    first, second = outcomes(site, [gone, there])
    assert isinstance(first, DeliveryFailed)
    assert isinstance(second, ProjectResult)


def test_what_is_under_way_when_the_leader_is_interrupted_is_forgotten(site: Site, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _interrupted(site, quick_jobs(tmp_path, A=())[0])
    assert site.left() == [MARK]


def _interrupted(site: Site, job: Job) -> None:
    with site.cluster.engine(2) as submit:
        submit(job)
        raise KeyboardInterrupt


def test_a_scheduler_that_does_not_answer_is_said(site: Site, monkeypatch) -> None:
    monkeypatch.setattr(leader, "_CONNECT_S", 0.5)
    nobody = replace(site.access, scheduler="tcp://127.0.0.1:1")
    with pytest.raises(NotReady, match="没有回答"):
        cluster_of(nobody, PROGRAM)
