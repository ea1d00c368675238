"""Kill a whole cycle of the service at a chosen durable step, run it again, and look at what is there."""

from __future__ import annotations

import builtins
import errno
import io
import os
import signal
import sqlite3
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters import files
from pipeline.deliver.verify import verify
from pipeline.service.batch import take_all
from pipeline.service.unattended import Options, unattended
from pipeline.settings import Settings
from pipeline.workspace import inputs, journal, store
from tests.cases import AS_OF, DORM
from tests.service.quick import quickly
from tests.service.stage import STABLE, Hands, Stage, master, workbook

STEPS = ("fsync", "rename", "replace", "link", "unlink", "rmdir", "mkdir")
LEDGER = ("sql", "commit", "committed")
WRITES = ("write", "sendfile")
DURABLE = (*STEPS, "commit")
SHARE = "share"
EVERY = (*DURABLE, "committed", "sql", *WRITES)
REAL_OPEN = io.open
_BUFFERED = {"rb": io.BufferedReader, "wb": io.BufferedWriter, "xb": io.BufferedWriter, "w+b": io.BufferedRandom}


@dataclass
class Steps:
    """Counts the steps of this process that change a disk, and does something at one of them.

    Attributes:
        at: number of the step, from 1; 0 only counts.
        act: what happens there, before the step, told which kind of step it is.
        kinds: which steps are counted: calls that change a disk, writes into files, statements that change the ledger,
            their commits (`committed`: after it was done).
    """

    at: int = 0
    act: Callable[[str], object] = lambda _: None
    kinds: Sequence[str] = DURABLE
    count: int = 0
    names: list[str] = field(default_factory=list)

    def step(self, name: str) -> None:
        if name not in self.kinds:
            return
        self.count += 1
        self.names.append(name)
        self.happens(name)

    def happens(self, name: str) -> None:
        if self.count == self.at:
            self.act(name)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count what is done within the block."""
        with pytest.MonkeyPatch.context() as patch:
            for name in (*STEPS, "sendfile", "stat", "open", "scandir"):
                patch.setattr(os, name, self._counted(name, getattr(os, name)))
            patch.setattr(files, "_rename_new", self._counted("rename", files._rename_new))
            for module in (io, builtins):
                patch.setattr(module, "open", self._opening(REAL_OPEN))
            patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=self._ledger()))
            yield

    def _counted(self, name: str, real: Callable[..., object]) -> Callable[..., object]:
        def counted(*args: object, **kwargs: object) -> object:
            self.step(name)
            return real(*args, **kwargs)

        return counted

    def _opening(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """`open`, whose files tell of every write to the system."""

        class Told(io.FileIO):
            def write(raw, data: Any) -> int:
                self.step("write")
                return super().write(data)

            def readinto(raw, buffer: Any) -> int:
                self.step("read")
                return super().readinto(buffer)

        def opened(file: Any, mode: str = "r", buffering: int = -1, *args: Any, **kwargs: Any) -> Any:
            if mode not in _BUFFERED:
                return real(file, mode, buffering, *args, **kwargs)
            raw = Told(file, mode, **{key: value for key, value in kwargs.items() if key in ("closefd", "opener")})
            return _BUFFERED[mode](raw)

        return opened

    def _ledger(self) -> type[sqlite3.Connection]:
        """A connection that tells of every statement that changes something."""

        class Told(sqlite3.Connection):
            def execute(ledger, sql: str, *args: Any) -> sqlite3.Cursor:
                if sql == "COMMIT":
                    self.step("commit")
                elif sql.startswith(("INSERT", "UPDATE", "DELETE", "BEGIN")):
                    self.step("sql")
                done = super().execute(sql, *args)
                if sql == "COMMIT":
                    self.step("committed")
                return done

        return Told


def die(_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def full(kind: str) -> None:
    if kind in LEDGER:
        raise sqlite3.OperationalError("database or disk is full")
    raise OSError(errno.ENOSPC, "No space left on device")


def broken(kind: str) -> None:
    if kind in LEDGER:
        raise sqlite3.OperationalError("disk I/O error")
    raise OSError(errno.EIO, "Input/output error")


def dropped() -> dict[str, bytes]:
    """What people dropped: workbooks, an attachment, a zip with one bad member, and what cannot be read."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr(zipfile.ZipInfo("05.xlsx"), workbook("05").read_bytes())
        package.writestr(zipfile.ZipInfo("bad.xlsx"), b"<html>")
    return {
        "02.xlsx": workbook("02").read_bytes(),
        f"{DORM}_合同.pdf": b"%PDF-1.4 x %%EOF",
        "人员.zip": packed.getvalue(),
        "坏.xlsx": b"<html><table>",
    }


def lay_out(root: Path) -> None:
    """The inbox before the first cycle."""
    stage = Stage(root)
    for name, content in dropped().items():
        stage.drop(content, name)
    stage.ledger.close()


def cycle(root: Path) -> None:
    """What a process does from its start: take in everything, run what is due, publish."""
    options = Options(root / "inbox", root / "ws", master(), AS_OF, jobs=0, pdf=False, stable_s=STABLE)
    hands = Hands()
    mail = {"mail_from": "presales@lanyu.example", "mail_pmo": "pmo@lanyu.example"}
    settings = Settings(publish_dir=str(root / SHARE), min_free_mb=0, **mail)
    with quickly(), unattended(options, settings, hands.clock) as opened:
        opened.intake.tell = True
        take_all(opened)
        hands.turn(3600)  # what has failed may be tried again
        opened.run(opened.look(), lambda _: None)
        opened.executor.retire()
        opened.executor.publish_rest()
        opened.post.returned()


def killed_at(root: Path, step: int) -> bool:
    """Run a cycle in a process of its own that is killed before a step; whether it came that far."""
    return in_child(root, Steps(step, die)) == -signal.SIGKILL


def in_child(root: Path, steps: Steps, seconds: float = 0) -> int:
    """Run a cycle in a forked process with something happening at a step; returns its exit status.

    Args:
        root: of the stage.
        steps: what happens when.
        seconds: after so long the kernel ends the process, wherever it is; 0 never.
    """
    return end_of(begin(root, steps, seconds))


def begin(root: Path, steps: Steps, seconds: float = 0) -> int:
    """Start a cycle in a forked process; returns its number."""
    child = os.fork()
    if not child:
        status = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process as SIGKILL does: nothing of ours runs
            signal.setitimer(signal.ITIMER_REAL, seconds)
            with steps.counting():
                cycle(root)
            status = 0
        finally:
            os._exit(status)
    return child


def end_of(child: int) -> int:
    """Exit status of a process; minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def steps_of(root: Path, kinds: Sequence[str] = DURABLE) -> list[str]:
    """Names of all steps of an undisturbed cycle."""
    steps = Steps(kinds=kinds)
    with steps.counting():
        cycle(root)
    return steps.names


def picture(root: Path) -> dict[str, object]:
    """Everything that must be the same after any crash and a rerun."""
    stage = Stage(root)
    try:
        return {
            "inbox": {_plain(name): (stage.inbox / name).read_bytes() for name in stage.files()},
            "share": {name: _said(root / SHARE / name) for name in stage.files(root / SHARE)},
            "versions": sorted((v.slot, v.version, v.sha256, v.name) for v in inputs.versions(stage.ledger, DORM)),
            "outputs": len(list(stage.workspace.out.iterdir())),
            "told": sorted(_told(stage.ledger)),
            "store": sorted(path.name for path in stage.workspace.store.glob("??/*")),
        }
    finally:
        stage.ledger.close()


def _told(ledger: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """What letters say went back: to whom, and which file, once for each time; and what is still to be told."""
    for row in ledger.execute("SELECT recipient, kind FROM mail_notices JOIN mail ON mail.id = mail_notices.mail"):
        yield row["recipient"], row["kind"].rpartition(" ")[0]
    for row in ledger.execute("SELECT name FROM refusals WHERE letter <> 'made'"):
        yield "", row["name"]


def _plain(name: str) -> str:
    """A path without the number of the claim that returned members of a zip carry."""
    parts = [part.rpartition("_")[0] if part.startswith("人员_") else part for part in name.split("/")]
    return "/".join(parts)


def _said(path: Path) -> bytes:
    """Content of a published file; of a pack's zip only that it is whole, of the folder's marker that it is there."""
    if path.name == ".presales":
        return b"there"
    return b"whole" if path.suffix == ".zip" and verify(path) == [] else path.read_bytes()


def faults(root: Path) -> list[str]:
    """Half files, left-overs and broken seals."""
    stage = Stage(root)
    try:
        names = [str(p.relative_to(root)) for p in root.rglob("*")]
        found = [n for n in names if n.endswith(".tmp") or ".making-" in n or ".处理中" in n or "incoming/" in n]
        found += [str(path) for path in stage.workspace.work.iterdir()]
        found += [str(path) for path in store.damaged(stage.workspace.store)]
        found += [row[0] for row in stage.ledger.execute("PRAGMA integrity_check") if row[0] != "ok"]
        if journal.broken_at(stage.ledger) is not None:
            found.append("journal")
        return found
    finally:
        stage.ledger.close()
