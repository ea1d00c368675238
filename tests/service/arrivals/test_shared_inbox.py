"""An inbox that the service shares with people of a group, each with an account of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.service.arrivals.names import RETURNED, TAKEN
from pipeline.service.arrivals.settling import FORBIDDEN, Ripeness
from pipeline.service.arrivals.taking import Intake, RoundResult
from pipeline.workspace import inputs
from pipeline.workspace.layout import Workspace
from pipeline.workspace.ledger import open_ledger
from tests.service.accounts import PERSON, SERVICE, STAFF, STRANGER, Account, ground, only_root
from tests.service.quick import quickly
from tests.service.stage import STABLE, Hands, Stage, known, workbook

pytestmark = only_root
BROKEN = b"<html>not a workbook"


@pytest.fixture
def place() -> Iterator[Path]:
    with ground() as top, quickly():
        warm = Stage(SERVICE.own(top / "warm", SERVICE.uid, 0o750))
        for name, content in (("a.xlsx", workbook("03").read_bytes()), ("b.xlsx", BROKEN)):
            warm.drop(content, name)
        warm.settle()
        SERVICE.own(top / "投放", STAFF, 0o2770)
        SERVICE.own(top / "ws", SERVICE.uid, 0o750)
        yield top


def drop(who: Account, place: Path, name: str, content: bytes, mode: int = 0o664) -> None:
    def work() -> None:
        path = place / "投放" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        path.chmod(mode)

    assert who.does(work)


def served(place: Path, check: Callable[[RoundResult, Workspace], object] = lambda *_: None) -> None:
    """Two looks of the service; what is checked is checked in its process."""

    def work() -> None:
        workspace, hands = Workspace(place / "ws"), Hands()
        workspace.make()
        ledger = open_ledger(workspace.root)
        intake = Intake(place / "投放", workspace, ledger, hands.clock, Ripeness(STABLE))
        intake.round(known())
        hands.turn(STABLE)
        result = intake.round(known())
        hands.turn(STABLE)
        intake.round(known())
        check(result, workspace)
        ledger.close()

    assert SERVICE.does(work)


def test_people_read_what_was_taken_and_may_delete_what_went_back(place: Path) -> None:
    drop(PERSON, place, "费用.xlsx", workbook("03").read_bytes())
    drop(PERSON, place, "坏的.xlsx", BROKEN)
    served(place)
    inbox = place / "投放"
    (taken,) = inbox.glob(f"{TAKEN}/*/费用.xlsx")
    assert PERSON.may(taken.read_bytes)
    for path in (inbox / RETURNED / "坏的.xlsx", inbox / RETURNED / "坏的.xlsx.原因.txt"):
        assert PERSON.may(path.read_bytes)
        assert not STRANGER.may(path.read_bytes)
        assert PERSON.may(path.unlink)
    assert not list((inbox / RETURNED).iterdir())


def test_what_an_admin_set_of_the_folders_stays(place: Path) -> None:
    drop(PERSON, place, "坏的.xlsx", BROKEN)
    served(place)
    folder = place / "投放" / RETURNED
    folder.chmod(0o2750)
    drop(PERSON, place, "坏的.xlsx", BROKEN + b"2")
    served(place)
    assert folder.stat().st_mode & 0o7777 == 0o2750


def test_what_may_not_be_read_or_moved_is_named_and_keeps_nothing_else(place: Path) -> None:
    """A file that only its owner reads; a folder out of which only its owner moves: others are taken all the same."""
    drop(PERSON, place, "私有.xlsx", workbook("03").read_bytes(), 0o600)
    drop(PERSON, place, "文件夹/费用.xlsx", workbook("03").read_bytes())
    (place / "投放" / "文件夹").chmod(0o2755)
    drop(PERSON, place, "好的.xlsx", workbook("03").read_bytes())

    def check(result: RoundResult, workspace: Workspace) -> None:
        assert result.taken == 1
        assert result.waiting["私有.xlsx"] == FORBIDDEN
        assert "没有权限移走" in result.waiting["文件夹/费用.xlsx"]
        ledger = open_ledger(workspace.root)
        there = {path: why for path, why, _ in inputs.waiting_now(ledger)}
        assert "没有权限移走" in there["文件夹/费用.xlsx"]
        assert there["私有.xlsx"] == FORBIDDEN

    served(place, check)
    left = sorted(str(path.relative_to(place / "投放")) for path in (place / "投放").rglob("*.xlsx"))
    assert [name for name in left if TAKEN not in name] == ["文件夹/费用.xlsx", "私有.xlsx"]
    (place / "投放" / "文件夹").chmod(0o2775)
    served(place)
    assert not (place / "投放" / "文件夹" / "费用.xlsx").exists(), "mended: taken without a restart"
