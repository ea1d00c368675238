"""A person who writes slowly, breaks off, replaces, deletes and renames while the inbox is being emptied."""

from __future__ import annotations

import hashlib
import io
import random
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.workspace import inputs
from tests.cases import DORM
from tests.service.crash import Steps
from tests.service.quick import quickly
from tests.service.stage import STABLE, Stage, workbook

NAMES = ("费用.xlsx", "费用(1).xlsx")
ROUNDS = 14


def contents() -> list[bytes]:
    """The same form in three packings: three different files, each whole."""
    original = workbook("03").read_bytes()
    made = [original]
    for level in (1, 9):
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(original)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in old.infolist():
                new.writestr(entry.filename, old.read(entry), compresslevel=level)
        made.append(out.getvalue())
    return made


@dataclass
class Writer:
    """Does one thing after the other to the same two names, each in small steps.

    Attributes:
        last: the newest content that was written to its end and not taken away again.
    """

    chance: random.Random
    inbox: Path
    contents: list[bytes]
    last: bytes | None = None
    _doing: Iterator[None] = field(default_factory=lambda: iter(()))

    def move(self) -> None:
        """One small step."""
        try:
            next(self._doing)
        except StopIteration:
            action = self.chance.choice((self._slowly, self._slowly, self._breaks_off, self._replaces, self._deletes,
                                         self._renames))  # fmt: skip
            self._doing = action()

    def finish(self) -> None:
        """End what was begun."""
        for _ in self._doing:
            pass

    def _path(self) -> Path:
        return self.inbox / self.chance.choice(NAMES)

    def _slowly(self) -> Iterator[None]:
        content = self.chance.choice(self.contents)
        with self._path().open("wb") as stream:
            for start in range(0, len(content), len(content) // 3):
                yield
                stream.write(content[start : start + len(content) // 3])
                stream.flush()
        self.last = content

    def _breaks_off(self) -> Iterator[None]:
        path, content = self._path(), self.chance.choice(self.contents)
        path.write_bytes(content[: self.chance.randrange(len(content))])
        yield
        path.write_bytes(content)
        self.last = content

    def _replaces(self) -> Iterator[None]:
        content, aside = self.chance.choice(self.contents), self.inbox / "~saving.tmp"
        aside.write_bytes(content)
        yield
        aside.replace(self._path())
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
            new = old.with_name(next(name for name in NAMES if name != old.name))
            moved, buried = old.read_bytes(), new.read_bytes() if new.exists() else b""
            old.replace(new)
            if buried == self.last:  # the writer's own doing
                self.last = moved if moved in self.contents else None
        yield


def race(root: Path, seed: int) -> list[str]:
    """One race; returns what went wrong."""
    chance, stage = random.Random(seed), Stage(root)
    writer = Writer(chance, stage.inbox, contents())
    try:
        with quickly():
            for _ in range(ROUNDS):
                steps = Steps(chance.randint(1, 30), lambda: [writer.move() for _ in range(chance.randint(1, 4))])
                with steps.counting():
                    stage.round()
                stage.hands.turn(chance.choice((1, 3, STABLE, STABLE + 1)))
                for _ in range(chance.randint(0, 3)):
                    writer.move()
            writer.finish()
            for _ in range(4):
                stage.hands.turn(STABLE)
                stage.round()
        return list(_faults(stage, writer))
    finally:
        stage.ledger.close()


def _faults(stage: Stage, writer: Writer) -> Iterator[str]:
    whole = {hashlib.sha256(content).hexdigest() for content in writer.contents}
    versions = inputs.versions(stage.ledger, DORM)
    yield from (f"wrong content accepted: {one.sha256}" for one in versions if one.sha256 not in whole)
    if writer.last is not None:
        wanted = hashlib.sha256(writer.last).hexdigest()
        if wanted not in {one.sha256 for one in versions}:
            yield "the last whole file was not taken"
        lying = [path for path in stage.files() if (stage.inbox / path).read_bytes() == writer.last]
        if not lying:
            yield "the last whole file lies nowhere"
    left = [name for name in stage.files() if ".处理中" in name or name.endswith(".tmp")]
    yield from (f"left over: {name}" for name in left)
    taken = stage.taken()
    if len(taken) < len(versions):
        yield f"{len(versions)} versions from {len(taken)} files"
