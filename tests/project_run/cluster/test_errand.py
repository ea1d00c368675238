"""A job goes to another place and comes back as if it had been done here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.documents import ProjectResult
from pipeline.core.errors import DeliveryFailed, PipelineError
from pipeline.project_run import Job, RunRequest
from pipeline.project_run.cluster.errand import carried_out, received, sent
from tests.cases import AS_OF
from tests.service.quick import quick_run


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """One project of two files."""
    folder, out = tmp_path / "work" / "LY-1", tmp_path / "out" / "LY-1@1"
    for path in (folder, out, tmp_path / "exchange", tmp_path / "home"):
        path.mkdir(parents=True)
    (folder / "02.xlsx").write_bytes(b"plan")
    (folder / "03.xlsx").write_bytes(b"cost")
    (tmp_path / "00.xlsx").write_bytes(b"company")
    return Job(folder, tmp_path / "00.xlsx", RunRequest(AS_OF, out))


def there_and_back(job: Job, top: Path) -> ProjectResult:
    errand = sent(job, top / "exchange", "errand")
    parcel = carried_out(errand, top / "exchange", top / "home", quick_run)
    outcome = received(errand, parcel, top / "exchange")
    assert isinstance(outcome, ProjectResult)
    return outcome


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_is_as_if_it_had_been_done_here(job: Job, tmp_path: Path) -> None:
    result = there_and_back(job, tmp_path)
    here = replace(job, request=replace(job.request, out=tmp_path / "out" / "here"))
    expected = quick_run(here)
    assert files(job.request.out) == files(here.request.out)  # type: ignore[arg-type]
    assert result.documents[0].docx.read_bytes() == expected.documents[0].docx.read_bytes()
    assert result.documents[0].docx.is_relative_to(job.request.out)  # type: ignore[arg-type]
    assert (result.hashes, result.packs[0].content_sha256) == (expected.hashes, expected.packs[0].content_sha256)


def test_a_second_run_finds_what_the_first_one_left(job: Job, tmp_path: Path) -> None:
    first = there_and_back(job, tmp_path)
    (job.path / "03.xlsx").write_bytes(b"dearer")
    again = tmp_path / "again"
    for name in ("exchange", "home"):
        (again / name).mkdir(parents=True)
    second = there_and_back(job, again)
    assert [pack.version for pack in (*first.packs, *second.packs)] == [1, 2]
    assert first.packs[0].archive.is_file()


def test_the_company_s_other_workbooks_travel_with_workbook_00(job: Job, tmp_path: Path) -> None:
    (job.company.parent / "09_资源库.xlsx").write_bytes(b"library")
    errand = sent(job, tmp_path / "exchange", "errand")
    seen: list[dict[str, bytes]] = []

    def look(own: Job) -> ProjectResult:
        seen.append(files(own.company.parent))
        return quick_run(own)

    carried_out(errand, tmp_path / "exchange", tmp_path / "home", look)
    assert seen == [{"00.xlsx": b"company", "09_资源库.xlsx": b"library"}]


def test_a_check_writes_nothing(job: Job, tmp_path: Path) -> None:
    assert there_and_back(replace(job, request=RunRequest(AS_OF)), tmp_path).documents == ()


def test_inputs_that_did_not_arrive_are_not_worked_with(job: Job, tmp_path: Path) -> None:
    errand = sent(job, tmp_path / "exchange", "errand")
    for path in (tmp_path / "exchange" / "errand").iterdir():
        path.write_bytes(b"meddled with")
    with pytest.raises(DeliveryFailed, match="哈希不符"):
        carried_out(errand, tmp_path / "exchange", tmp_path / "home", quick_run)


def test_two_attempts_are_one_result(job: Job, tmp_path: Path) -> None:
    errand, exchange = sent(job, tmp_path / "exchange", "errand"), tmp_path / "exchange"
    (tmp_path / "home2").mkdir()
    first = carried_out(errand, exchange, tmp_path / "home", quick_run)
    second = carried_out(errand, exchange, tmp_path / "home2", quick_run)
    assert first.folder != second.folder
    received(errand, second, exchange)
    assert len(list(Path(job.request.out or "").glob("LY-1/pack/*.zip"))) == 1


def test_an_attempt_for_which_nobody_waits_leaves_nothing(job: Job, tmp_path: Path) -> None:
    errand, exchange = sent(job, tmp_path / "exchange", "errand"), tmp_path / "exchange"

    def late(own: Job) -> ProjectResult:
        for path in (exchange / "errand").iterdir():
            path.unlink()
        (exchange / "errand").rmdir()
        return quick_run(own)

    with pytest.raises(FileNotFoundError):
        carried_out(errand, exchange, tmp_path / "home", late)
    assert list(exchange.iterdir()) == []


def test_a_failure_is_an_answer_and_names_the_places_of_the_leader(job: Job, tmp_path: Path) -> None:
    errand, exchange = sent(job, tmp_path / "exchange", "errand"), tmp_path / "exchange"
    parcel = carried_out(errand, exchange, tmp_path / "home", lambda own: DeliveryFailed(f"{own.path}/02.xlsx 坏了"))
    assert str(received(errand, parcel, exchange)) == f"{job.path}/02.xlsx 坏了"


def test_a_job_that_reads_more_stays_here(job: Job, tmp_path: Path) -> None:
    marks = replace(job, request=RunRequest(AS_OF, annotate=tmp_path))
    with pytest.raises(PipelineError, match="只在本机做"):
        sent(marks, tmp_path / "exchange", "errand")
