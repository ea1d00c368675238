"""Back-up of a workspace while it works, and its restoring: every version that was accepted, and what was made of it.

A back-up is a folder. Contents are named by their hash and only ever added; `backup.json` names the folder with the
ledger that counts, and is replaced last: whatever happens in between, the back-up before it stays whole. What is
restored is put together beside its place and named last, too; no letter leaves it before somebody has looked.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from pipeline.adapters.files import make_folder, sha256, sync_tree, write_atomic
from pipeline.core.errors import DeliveryFailed, NotReady, UsageProblem
from pipeline.core.names import safe
from pipeline.service.arrivals.names import TAKEN
from pipeline.workspace import projects, signs, store
from pipeline.workspace.layout import Workspace
from pipeline.workspace.ledger import FILE, open_ledger
from pipeline.workspace.locks import locked

NAMED = "backup.json"
_STATE = "state-"
_ROUNDS = 10  # a project that is run at every look is waited for no longer
# What is copied anew with each ledger; what has names of its own for ever.
_WITH_LEDGER = ("portfolio", "outbox", "published")
_ADDED = ("out", "quarantine")


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A back-up: when the ledger in it was taken, UTC, its projects, and how many bytes were added."""

    at: datetime
    projects: int
    added: int


def backup(root: Path, target: Path, now: datetime) -> BackedUp:
    """Copy a workspace into a folder, new or of an earlier back-up, while watch and night go on.

    Args:
        root: the workspace.
        target: on another disk, best on another machine's share.
        now: UTC.

    Raises:
        UsageProblem: the folder lies in the workspace, or holds something else.
        Busy: another back-up writes into the folder.
        NotReady: a project was run again and again meanwhile; try later.
        DeliveryFailed: a content of the store is damaged.
    """
    workspace = Workspace(root)
    _fit(root, target)
    if not target.exists():
        make_folder(target.parent)
        target.mkdir(mode=0o700)
    with closing(open_ledger(root)) as ledger, locked(target / "locks", "backup", wait=False):
        before = _size(target)
        state = target / f"{_STATE}{uuid4().hex}"
        make_folder(state)
        copy = state / FILE
        if not any(_consistent(workspace, ledger, copy, target) for _ in range(_ROUNDS)):
            raise NotReady("备份期间项目一直在重做,请稍后再试(projects are being run all the time; try later)。")
        _copy_store(workspace, target)
        for path in sorted(workspace.quarantine.glob("*")):
            _copy_tree(path, target / "quarantine" / path.name)
        for name in _WITH_LEDGER:
            _copy_tree(root / name, state / name)
        named = {"at": now.isoformat(), "state": state.name, "sha256": sha256(copy)}
        write_atomic(target / NAMED, json.dumps(named, indent=2).encode())
        count = _sweep(target, state)
    return BackedUp(now, count, _size(target) - before)


def _fit(root: Path, target: Path) -> None:
    if target.resolve().is_relative_to(root.resolve()) or root.resolve().is_relative_to(target.resolve()):
        raise UsageProblem(f"{target}:备份要放在工作区以外(the back-up must lie outside the workspace)。")
    if target.exists() and any(target.iterdir()) and not any((target / name).exists() for name in (NAMED, "store")):
        raise UsageProblem(f"{target}:里面有别的东西,请换一个空目录(the folder holds something else)。")


def _consistent(workspace: Workspace, ledger: sqlite3.Connection, copy: Path, target: Path) -> bool:
    """Copy the ledger, and the output that it names; False when a project has moved on in between."""
    _copy_ledger(ledger, copy)
    return _copy_outputs(workspace, ledger, copy, target)


def _copy_ledger(ledger: sqlite3.Connection, copy: Path) -> None:
    with closing(sqlite3.connect(copy)) as other:
        ledger.backup(other)
        other.execute("PRAGMA journal_mode=DELETE")


def _copy_outputs(workspace: Workspace, ledger: sqlite3.Connection, copy: Path, target: Path) -> bool:
    """Copy the output that a copy of the ledger names; False when a project has moved on since it was taken."""
    with closing(sqlite3.connect(copy)) as kept:
        kept.row_factory = sqlite3.Row
        wanted = projects.briefs(kept)
    for code, brief in wanted.items():
        if not brief.output:
            continue
        with locked(workspace.locks, f"project-{safe(code)}"):
            now = projects.brief_of(ledger, code)
            if now is None or now.output != brief.output:
                return False
            _copy_tree(workspace.out / brief.output, target / "out" / brief.output)
    return True


def _copy_store(workspace: Workspace, target: Path) -> None:
    """Every content that is not there yet; a damaged one is named, never copied over a good one."""
    for path in sorted(workspace.store.glob("[0-9a-f][0-9a-f]/*")):
        there = store.place(target / "store", path.name)
        if there.is_file() and there.stat().st_size == path.stat().st_size:
            continue
        with path.open("rb") as stream:
            kept = store.keep(target / "store", stream)
        if kept.sha256 != path.name:
            raise DeliveryFailed(f"{path}:库存文件损坏,备份没有完成(stored file is damaged)。")


def _copy_tree(source: Path, target: Path) -> None:
    """A file or a folder under its name as soon as it is whole; what is there already is the same."""
    if not source.exists() or target.exists():
        return
    aside = target.with_name(f".{target.name[:80]}.part")
    shutil.rmtree(aside, ignore_errors=True)
    make_folder(target.parent)
    if source.is_dir():
        shutil.copytree(source, aside, symlinks=True, copy_function=_copy_if_there)
        sync_tree(aside)
    else:
        shutil.copy2(source, aside)
    aside.rename(target)


def _copy_if_there(source: str, target: str) -> str:
    """A letter's file may have left meanwhile."""
    try:
        return str(shutil.copy2(source, target))
    except FileNotFoundError:
        return target


def _sweep(target: Path, state: Path) -> int:
    """Remove ledgers and outputs that no longer count; returns the number of projects that do."""
    for path in target.glob(f"{_STATE}*"):
        if path.name != state.name:
            shutil.rmtree(path)
    with closing(sqlite3.connect(state / FILE)) as kept:
        kept.row_factory = sqlite3.Row
        wanted = projects.briefs(kept)
    outputs = {brief.output for brief in wanted.values()}
    for folder in (target / "out").glob("*") if (target / "out").is_dir() else ():
        if folder.name not in outputs:
            shutil.rmtree(folder)
    return len(wanted)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


# -- restoring -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Restored:
    """A workspace that was put back: as of when, UTC, and the files of the inbox that were taken in after that."""

    at: datetime
    later: tuple[Path, ...]


def restore(source: Path, root: Path, inbox: Path | None) -> Restored:
    """Make a workspace from a back-up; no letter leaves it before it is released.

    Args:
        source: folder of a back-up.
        root: place of the workspace: absent or empty.
        inbox: watched folder, to find what was taken in since; None does not look.

    Raises:
        UsageProblem: no back-up there, or the place is taken.
        DeliveryFailed: the back-up is damaged.
    """
    at, state = _verified(source)
    if root.exists() and any(root.iterdir()):
        raise UsageProblem(f"{root}:不是空的;请先把原来的工作区移开(the place of the workspace is not empty)。")
    aside = root.with_name(f".{root.name}.restoring")
    shutil.rmtree(aside, ignore_errors=True)
    make_folder(aside)
    for folder in (source / "store", *(source / name for name in _ADDED), *(state / name for name in _WITH_LEDGER)):
        if folder.is_dir():
            shutil.copytree(folder, aside / folder.name, symlinks=True)
    shutil.copy2(state / FILE, aside / FILE)
    Workspace(aside).make()
    signs.hold_letters(Workspace(aside))
    signs.say_restored(Workspace(aside), at)
    sync_tree(aside)
    shutil.rmtree(root, ignore_errors=True)
    aside.rename(root)
    return Restored(at, tuple(_later(root, inbox)) if inbox else ())


def _verified(source: Path) -> tuple[datetime, Path]:
    try:
        named = json.loads((source / NAMED).read_text("utf-8"))
        state, digest, at = source / named["state"], named["sha256"], datetime.fromisoformat(named["at"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageProblem(f"{source}:不是完成了的备份,没有 {NAMED}(no back-up here)。") from error
    ledger = state / FILE
    if not ledger.is_file() or sha256(ledger) != digest:
        raise DeliveryFailed(f"{ledger}:备份的台账缺失或损坏(the ledger of the back-up is damaged)。")
    if broken := next(store.damaged(source / "store"), None):
        raise DeliveryFailed(f"{broken}:备份里的文件损坏(a file of the back-up is damaged)。")
    return at, state


def _later(root: Path, inbox: Path) -> Iterator[Path]:
    """Files under 已接收 whose content the restored workspace does not have."""
    kept = Workspace(root).store
    for path in sorted(inbox.rglob(f"{TAKEN}/**/*")):
        if path.is_file() and not store.place(kept, sha256(path)).is_file():
            yield path
