"""Versions of inputs: what counts, what came before, and that a claim is decided once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.workspace import inputs, runs
from pipeline.workspace.given import Given
from pipeline.workspace.inputs import Claim
from pipeline.workspace.ledger import open_ledger
from pipeline.workspace.refusals import ReturnedFile
from pipeline.workspace.store import Kept

NOW = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path):
    opened = open_ledger(tmp_path)
    yield opened
    opened.close()


def give(ledger, id_: str, content: str, slot: str = "plan", project: str = "P") -> None:
    claim = Claim(id_, "", f"{id_}.xlsx", content, "accepted", f"已接收/{id_}.xlsx")
    inputs.decide(ledger, claim, [Given(project, slot, f"{id_}.xlsx", Kept(content, 1, Path(content)))], NOW)


def counts(ledger, project: str = "P") -> list[tuple[str, int, str]]:
    return [(one.slot, one.version, one.sha256) for one in inputs.current(ledger, project)]


def test_a_newer_version_counts_and_the_older_is_kept(ledger) -> None:
    give(ledger, "a", "11")
    give(ledger, "b", "22")
    give(ledger, "c", "33", "cost")
    assert counts(ledger) == [("cost", 1, "33"), ("plan", 2, "22")]
    assert [one.sha256 for one in inputs.versions(ledger, "P")] == ["11", "22", "33"]
    assert set(inputs.all_current(ledger)) == {"P"}


def test_the_same_bytes_make_no_version_but_an_older_one_may_come_back(ledger) -> None:
    give(ledger, "a", "11")
    give(ledger, "b", "11")
    assert counts(ledger) == [("plan", 1, "11")]
    give(ledger, "c", "22")
    give(ledger, "d", "11")
    assert counts(ledger) == [("plan", 3, "11")]


def test_a_claim_is_decided_once(ledger) -> None:
    give(ledger, "a", "11")
    give(ledger, "a", "22")
    assert counts(ledger) == [("plan", 1, "11")]
    inputs.mark_moved(ledger, "a")
    claim = inputs.claim_of(ledger, "a")
    assert claim is not None
    assert (claim.moved, claim.sha256) == (True, "11")


@pytest.mark.parametrize(("second", "since"), [("半个", 0), ("被占用", 60)])
def test_a_file_waits_since_its_reason_began(ledger, second: str, since: int) -> None:
    inputs.see_waiting(ledger, {"a.xlsx": "半个"}, NOW)
    later = inputs.see_waiting(ledger, {"a.xlsx": second}, NOW + timedelta(seconds=60))
    assert later["a.xlsx"] == NOW + timedelta(seconds=since)
    assert inputs.waiting_now(ledger) == [("a.xlsx", second, later["a.xlsx"])]


def test_a_clock_that_was_set_back_does_not_make_a_file_wait_for_years(ledger) -> None:
    inputs.see_waiting(ledger, {"a.xlsx": "半个"}, NOW)
    before = NOW - timedelta(days=400)
    assert inputs.see_waiting(ledger, {"a.xlsx": "半个"}, before) == {"a.xlsx": before}


def test_the_history_tells_a_run_that_was_killed_from_one_that_ended(ledger) -> None:
    """With what it had taken in before; a run of another command may still be at work."""
    runs.begin(ledger, "watch", date(2026, 11, 23), NOW)
    runs.begin(ledger, "batch", date(2026, 11, 23), NOW)
    for number, verdict in enumerate(("accepted", "accepted", "returned")):
        claim = inputs.Claim(f"c{number}", "", "a.xlsx", "x", verdict, "已接收/a.xlsx")
        back = [ReturnedFile("", "a.xlsx", "坏的", NOW, claim=claim.id)] if verdict == "returned" else []
        inputs.decide(ledger, claim, [], NOW, back)
    later = NOW + timedelta(hours=8)
    second = runs.begin(ledger, "batch", date(2026, 11, 24), later)
    runs.end(ledger, second, runs.Tally(3, 1, 2, 9, 0), "完成", later)
    newest, killed, watch = runs.history(ledger, 9)
    assert (newest.tally, newest.outcome, newest.ended_at) == (runs.Tally(3, 1, 2, 9, 0), "完成", later)
    assert (killed.tally, killed.outcome, killed.ended_at) == (runs.Tally(2, 1, 0, 0, 0), runs.STOPPED, later)
    assert watch.ended_at is None
