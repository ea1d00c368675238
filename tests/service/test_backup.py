"""Back-ups are taken beside a working service, survive a kill at any step, and come back without telling twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.cli import run
from pipeline.core.errors import Busy, DeliveryFailed, NotReady, UsageProblem
from pipeline.service import backup as backups
from pipeline.service.backup import NAMED, backup, restore
from pipeline.service.state import ledger_faults
from pipeline.workspace import inputs, projects, signs
from pipeline.workspace.layout import Workspace
from pipeline.workspace.ledger import open_ledger
from pipeline.workspace.locks import locked
from tests.cases import DORM
from tests.service.crash import Steps, cycle, die, lay_out
from tests.service.stage import workbook

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KINDS = ("fsync", "rename", "replace", "unlink", "mkdir", "write")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    lay_out(tmp_path)
    cycle(tmp_path)
    return tmp_path


def versions(root: Path) -> list[tuple[str, int, str]]:
    ledger = open_ledger(root)
    try:
        return sorted((one.slot, one.version, one.sha256) for one in inputs.versions(ledger, DORM))
    finally:
        ledger.close()


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def drop_another(site: Path, number: str = "03") -> None:
    (site / "inbox" / f"{number}.xlsx").write_bytes(workbook(number).read_bytes())
    cycle(site)


def test_what_comes_back_is_what_was_there(site: Path) -> None:
    made = backup(site / "ws", site / "safe", NOW)
    assert made.projects == 1
    assert made.added > 0
    back = restore(site / "safe", site / "new", site / "inbox")
    assert (back.at, back.later) == (NOW, ())
    assert versions(site / "new") == versions(site / "ws")
    for name in ("store", "out", "published"):
        assert tree(site / "new" / name) == tree(site / "ws" / name)
    assert ledger_faults(site / "new") == []


def test_the_second_one_adds_only_what_is_new_and_what_came_after_is_listed(site: Path) -> None:
    first = backup(site / "ws", site / "safe", NOW)
    drop_another(site)
    back = restore(site / "safe", site / "old", site / "inbox")
    assert [path.name for path in back.later] == ["03.xlsx"]
    second = backup(site / "ws", site / "safe", NOW.replace(hour=10))
    assert 0 < second.added < first.added
    assert len(list((site / "safe").glob("state-*"))) == 1
    assert len(list((site / "safe/out").iterdir())) == 1, "output that no longer counts is gone"
    restore(site / "safe", site / "new", None)
    assert versions(site / "new") == versions(site / "ws")


def test_what_was_published_after_the_back_up_is_not_said_to_be_changed_by_hand(site: Path) -> None:
    """The restored workspace publishes its older state over it: ours from later steps aside under a name of its own."""
    backup(site / "ws", site / "safe", NOW)
    drop_another(site)
    made = next(path for path in (site / "share" / DORM).rglob("*.docx"))
    later = made.read_bytes()
    (site / "ws").rename(site / "lost")
    restore(site / "safe", site / "ws", None)
    drop_another(site, "04")
    names = [path.name for path in (site / "share").rglob("*")]
    assert [name for name in names if "人工修改" in name] == []
    (aside,) = (path for path in made.parent.iterdir() if "备份以后" in path.name)
    assert aside.read_bytes() == later
    assert made.read_bytes() != later


def test_no_letter_leaves_before_it_is_released(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By the commands, as an operator does it."""
    safe, new = str(site / "safe"), str(site / "new")
    assert run(["backup", safe, "-w", str(site / "ws")]) == 0
    drop_another(site)
    assert run(["restore", safe, "-w", new, "--inbox", str(site / "inbox")]) == 0
    said = capsys.readouterr().out
    assert "1 个项目" in said
    assert "移回投放目录再收一次" in said
    assert "03.xlsx" in said
    assert signs.letters_held(Workspace(site / "new"))
    assert run(["outbox", "release", "-w", new]) == 0
    assert not signs.letters_held(Workspace(site / "new"))
    assert ledger_faults(site / "new") == [], "the journal tells of it, sealed"


def test_a_project_that_moves_on_meanwhile_is_copied_as_the_ledger_names_it(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, moves = backups._copy_ledger, ["03", "04"]

    def then_it_moves(*args: object) -> None:
        real(*args)  # type: ignore[arg-type]
        if moves:
            drop_another(site, moves.pop())

    monkeypatch.setattr(backups, "_copy_ledger", then_it_moves)
    backup(site / "ws", site / "safe", NOW)
    restore(site / "safe", site / "new", None)
    ledger = open_ledger(site / "new")
    brief = projects.brief_of(ledger, DORM)
    ledger.close()
    assert brief
    assert tree(site / "new/out" / brief.output)
    monkeypatch.setattr(backups, "_ROUNDS", 0)
    with pytest.raises(NotReady, match="稍后再试"):
        backup(site / "ws", site / "safe2", NOW)


# -- killed at any step ----------------------------------------------------------------------------------------------


def in_child(what: Callable[[], object], steps: Steps) -> int:
    child = os.fork()
    if not child:
        status = 1
        try:
            with steps.counting():
                what()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def counted(what: Callable[[], object]) -> int:
    steps = Steps(kinds=KINDS)
    with steps.counting():
        what()
    return steps.count


def test_a_back_up_that_is_killed_leaves_one_that_can_be_restored(site: Path) -> None:
    backup(site / "ws", site / "safe", NOW)
    old = versions(site / "ws")
    drop_another(site)
    new = versions(site / "ws")
    last = counted(lambda: backup(site / "ws", site / "other", NOW))
    assert last > 40
    for number, at in enumerate(range(1, last + 1, max(1, last // 12))):
        status = in_child(lambda: backup(site / "ws", site / "safe", NOW), Steps(at, die, KINDS))
        assert status in (-signal.SIGKILL, 0)
        restore(site / "safe", site / f"new{number}", None)
        assert versions(site / f"new{number}") in (old, new)
        assert ledger_faults(site / f"new{number}") == []
    backup(site / "ws", site / "safe", NOW)
    restore(site / "safe", site / "after", None)
    assert versions(site / "after") == new
    assert len(list((site / "safe").glob("state-*"))) == 1


def test_a_restore_that_is_killed_leaves_nothing_in_its_place_or_all(site: Path) -> None:
    backup(site / "ws", site / "safe", NOW)
    last = counted(lambda: restore(site / "safe", site / "there", None))
    for at in range(1, last + 1, max(1, last // 8)):
        in_child(lambda: restore(site / "safe", site / "new", None), Steps(at, die, KINDS))
        if (site / "new").exists():
            break
    else:
        restore(site / "safe", site / "new", None)
    assert versions(site / "new") == versions(site / "ws")
    assert signs.letters_held(Workspace(site / "new"))


# -- what is refused -------------------------------------------------------------------------------------------------


def test_places_that_do_not_do(site: Path) -> None:
    with pytest.raises(UsageProblem, match="工作区以外"):
        backup(site / "ws", site / "ws" / "safe", NOW)
    with pytest.raises(UsageProblem, match="别的东西"):
        backup(site / "ws", site / "inbox", NOW)
    with pytest.raises(UsageProblem, match="不是完成了的备份"):
        restore(site / "inbox", site / "new", None)
    backup(site / "ws", site / "safe", NOW)
    with pytest.raises(UsageProblem, match="不是空的"):
        restore(site / "safe", site / "ws", None)
    with locked(site / "safe/locks", "backup", wait=False), pytest.raises(Busy):
        backup(site / "ws", site / "safe", NOW)


def damage(path: Path) -> None:
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def test_damage_is_named_on_both_ways(site: Path) -> None:
    backup(site / "ws", site / "safe", NOW)
    kept = next(path for path in (site / "ws/store").glob("[0-9a-f][0-9a-f]/*"))
    damage(kept)
    with pytest.raises(DeliveryFailed, match=kept.name):
        backup(site / "ws", site / "other", NOW)
    assert not (site / "other" / NAMED).exists()
    damage(next((site / "safe/store").glob("[0-9a-f][0-9a-f]/*")))
    with pytest.raises(DeliveryFailed, match="备份里的文件损坏"):
        restore(site / "safe", site / "new", None)
    damage(next((site / "safe").glob("state-*/*.sqlite")))
    with pytest.raises(DeliveryFailed, match="台账"):
        restore(site / "safe", site / "new", None)
    assert not (site / "new").exists()
