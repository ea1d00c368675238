"""A person who writes slowly, breaks off, replaces, deletes and renames while the inbox is being emptied."""

from __future__ import annotations

import io
import os
import random
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import IO

import pytest

from pipeline.adapters import files
from pipeline.workspace import inputs, store
from tests.cases import DORM
from tests.service.crash import EVERY, REAL_OPEN, Steps
from tests.service.quick import quickly
from tests.service.stage import STABLE, Stage, workbook

BOOKS, PICTURES = ("费用.xlsx", "费用(1).xlsx"), (f"{DORM}_照片.jpg", f"{DORM}_照片(1).jpg")
# So small a block makes a reading of several steps, between which the writer may write.
BLOCK = 4096
ROUNDS = 30


@cache
def contents() -> dict[str, list[bytes]]:
    """What is written under each name: the same form in three packings, three pictures; each whole, each another."""
    original = workbook("03").read_bytes()
    books = [original]
    for level in (1, 9):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(original)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in old.infolist():
                new.writestr(entry.filename, old.read(entry), compresslevel=level)
        books.append(out.getvalue())
    pictures = [b"\xff\xd8\xff\xe0" + bytes([65 + number]) * (4 * BLOCK + number) for number in range(3)]
    return dict.fromkeys(BOOKS, books) | dict.fromkeys(PICTURES, pictures)


# A step of ours after which the writer may move: whatever looks at the disk or changes it.
SEEN = (*EVERY, "read", "stat", "open", "scandir")


@dataclass
class Writer:
    """Does one thing after the other to the same few names, each in small steps.

    Attributes:
        names: two names under which he writes.
        last: the newest content that was written to its end and not taken away again.
        states: everything that ever stood in one of his files; anything else was mixed by a reader.
    """

    chance: random.Random
    inbox: Path
    names: Sequence[str]
    last: bytes | None = None
    states: set[bytes] = field(default_factory=set)
    _doing: Iterator[None] = field(default_factory=lambda: iter(()))
    _ticks: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def contents(self) -> list[bytes]:
        return contents()[self.names[0]]

    def move(self) -> None:
        """One small step."""
        try:
            next(self._doing)
        except StopIteration:
            actions = (self._slowly, self._keeps_open, self._breaks_off, self._replaces, self._deletes, self._renames)
            self._doing = self.chance.choices(actions, (2, 3, 1, 1, 1, 1))[0]()

    def finish(self) -> None:
        """End what was begun."""
        for _ in self._doing:
            pass

    def _path(self) -> Path:
        return self.inbox / self.chance.choice(self.names)

    def _later(self, file: Path | int) -> None:
        """Every change is made at a later time than the one before, whatever the clock of the kernel can tell apart."""
        moment = (1_790_000_000_000 + next(self._ticks)) * 1_000_000
        os.utime(file, ns=(moment, moment))

    def _slowly(self) -> Iterator[None]:
        with REAL_OPEN(self._path(), "wb", buffering=0) as stream:
            yield from self._in_parts(stream)

    def _keeps_open(self) -> Iterator[None]:
        """Writes a whole file, lets it stand, and writes another one into it, wherever it may lie by then."""
        with REAL_OPEN(self._path(), "wb", buffering=0) as stream:
            self.last = self.chance.choice(self.contents)
            stream.write(self.last)
            self.states.add(self.last)
            self._later(stream.fileno())
            for _ in range(self.chance.randint(1, 12)):
                yield
            stream.seek(0)
            yield from self._in_parts(stream, self.last if self.names == PICTURES else b"")

    def _in_parts(self, stream: IO[bytes], below: bytes = b"") -> Iterator[None]:
        """Write a content in steps over what stands there; half a workbook over another one could pass for whole."""
        content = self.chance.choice(self.contents)
        stream.truncate(len(below))
        for start in range(0, len(content), len(content) // 3):
            self.states.add(content[:start] + below[start:])
            self._later(stream.fileno())
            yield
            stream.write(content[start : start + len(content) // 3])
        stream.truncate(len(content))
        self._later(stream.fileno())
        self._whole(content)

    def _breaks_off(self) -> Iterator[None]:
        path, content = self._path(), self.chance.choice(self.contents)
        self._put(path, content[: self.chance.randrange(len(content))])
        yield
        self._put(path, content)
        self._whole(content)

    def _replaces(self) -> Iterator[None]:
        content, aside = self.chance.choice(self.contents), self.inbox / "~saving.tmp"
        self._put(aside, content)
        yield
        aside.replace(self._path())
        self._whole(content)

    def _put(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        self.states.add(content)
        self._later(path)

    def _whole(self, content: bytes) -> None:
        self.states.add(content)
        self.last = content

    def _deletes(self) -> Iterator[None]:
        path = self._path()
        with suppress(FileNotFoundError):
            gone = path.read_bytes()
            path.unlink()
            if gone == self.last:
                self.last = None
        yield

    def _renames(self) -> Iterator[None]:
        with suppress(FileNotFoundError):
            old = self._path()
            new = old.with_name(next(name for name in self.names if name != old.name))
            moved, buried = old.read_bytes(), new.read_bytes() if new.exists() else b""
            old.replace(new)
            if buried == self.last:  # the writer's own doing
                self.last = moved if moved in self.contents else None
        yield


@dataclass
class Interrupted(Steps):
    """At any step of ours the writer may make some of his."""

    writer: Writer | None = None
    often: float = 0.05
    _his: bool = False

    def happens(self, name: str) -> None:
        often = self.often * (5 if name == "read" else 1)
        if self.writer is None or self._his or self.writer.chance.random() > often:
            return
        self._his = True
        try:
            for _step in range(self.writer.chance.randint(1, 3)):
                self.writer.move()
        finally:
            self._his = False


def race(root: Path, seed: int) -> list[str]:
    """One race; returns what went wrong."""
    chance, stage = random.Random(seed), Stage(root)
    writer = Writer(chance, stage.inbox, chance.choice((BOOKS, PICTURES)))
    often = chance.choice((0.01, 0.03, 0.1))
    try:
        with quickly(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(files, "_BLOCK", BLOCK)
            for _ in range(ROUNDS):
                with Interrupted(kinds=SEEN, writer=writer, often=often).counting():
                    stage.round()
                stage.hands.turn(chance.choice((1, STABLE, STABLE + 1)))
                for _ in range(chance.choice((0, 0, 1, 2))):
                    writer.move()
            writer.finish()
            for _ in range(5):
                stage.hands.turn(STABLE)
                left = stage.round().waiting
        waits = (f"still waits: {path} {why}" for path, why in left.items() if not _half_of_his(stage, writer, path))
        return [*_faults(stage, writer), *waits]
    finally:
        stage.ledger.close()


def _half_of_his(stage: Stage, writer: Writer, path: str) -> bool:
    """A half save of the writer's own that stands aside, because he saved again under its name meanwhile.

    It is no version, and may not be removed: nobody else wrote it. After ten minutes it goes back with its reason.
    """
    return path not in writer.names and (stage.inbox / path).read_bytes() in writer.states - set(writer.contents)


def _faults(stage: Stage, writer: Writer) -> Iterator[str]:
    versions = inputs.versions(stage.ledger, DORM)
    accepted = {store.place(stage.workspace.store, one.sha256).read_bytes() for one in versions}
    possible = set(writer.contents) if writer.names == BOOKS else writer.states
    yield from (f"wrong content accepted: {len(one)} bytes" for one in accepted - possible)
    if writer.last is not None:
        if writer.last not in accepted:
            yield "the last whole file was not taken"
        if not [path for path in stage.files() if (stage.inbox / path).read_bytes() == writer.last]:
            yield "the last whole file lies nowhere"
    yield from (f"left over: {name}" for name in stage.files() if ".处理中" in name or name.endswith(".tmp"))
    yield from (f"went back: {name}" for name in stage.returned())
    for one in inputs.newest_claims(stage.ledger, 1000):
        path = stage.inbox / one.target
        if one.size >= 0 and (not path.exists() or files.sha256(path) != one.sha256):
            yield f"{one.target} is not what was read"
