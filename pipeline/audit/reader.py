"""Workbooks as openpyxl reads them, in a child process of its own; each is read once and kept by its hash."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from pipeline.adapters.child import FRAMES, Child, ChildLost, spawned
from pipeline.adapters.kept_files import kept
from pipeline.definitions.program import libraries

TIMEOUT_S = 600.0
WORKER = (sys.executable, "-I", "-m", "pipeline.audit.reader_worker")
# Part of the key under which readings are kept: another one, and all are read anew.
READING = "audit-1"

_Made = TypeVar("_Made")


class NotOpened(Exception):
    """Openpyxl does not open this file; what follows from it is not audited."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A cell as openpyxl gives it: kinds and `struck` as `reader_worker` tells them."""

    row: int
    column: int
    kind: str
    text: str
    code: str = ""
    struck: int = 0


@dataclass(frozen=True)
class Page:
    """A worksheet: its name and its filled cells by row and column, from 1."""

    name: str
    cells: Mapping[tuple[int, int], Stored]


@dataclass(frozen=True)
class Opened:
    """A workbook: its file name and worksheets."""

    name: str
    pages: tuple[Page, ...]


class Shelf:
    """Reads workbooks for one audit and keeps them; a context manager, whose end ends the child.

    Args:
        folder: keeps readings between runs; None keeps them for this audit alone.

    Attributes:
        lost: why workbooks were not read that may be read the next time.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.lost: list[str] = []
        self._folder = folder
        self._child: Child | None = None
        self._known: dict[str, tuple[Page, ...]] = {}
        self._once: dict[tuple[object, ...], Any] = {}

    def __enter__(self) -> Shelf:
        """Nothing is started before the first workbook that is not kept."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the child."""
        if self._child:
            self._child.end()
        self._child = None

    def once(self, key: tuple[object, ...], make: Callable[[], _Made]) -> _Made:
        """What was made of the same before, in this audit or another one on this shelf.

        Args:
            key: everything that it depends on.
            make: makes it.
        """
        if key not in self._once:
            self._once[key] = make()
        made: _Made = self._once[key]
        return made

    def kept(self, key: tuple[object, ...], make: Callable[[], bytes]) -> bytes:
        """What was made of the same in any run; key as of `once`, whose `repr` tells it all."""
        return kept(self._folder, hashlib.sha256(repr(key).encode()).hexdigest(), ".json", make)

    def open(self, name: str, content: bytes) -> Opened:
        """A workbook.

        Args:
            name: file name, as it stands before its cells.
            content: all its bytes.

        Raises:
            NotOpened: openpyxl cannot open it, or died on it; the message says why, in Chinese where we know.
        """
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self._known:
            key = hashlib.sha256(f"{READING} {libraries()} {digest}".encode()).hexdigest()
            self._known[digest] = _pages(kept(self._folder, key, ".json", lambda: self._read(content)))
        return Opened(name, self._known[digest])

    def _read(self, content: bytes) -> bytes:
        try:
            said = self._asked(content)
        except ChildLost as lost:
            self.lost.append("读得太久" if lost.slow else "读取进程中途退出")
            raise NotOpened(self.lost[-1]) from lost
        if not isinstance(said, dict) or "sheets" not in said:
            raise NotOpened(str(said.get("refused", "")) if isinstance(said, dict) else "回答无法理解")
        return json.dumps(said["sheets"]).encode()

    def _asked(self, content: bytes) -> Any:
        """The child's answer; one that was killed gets a successor, once."""
        for last in (False, True):
            try:
                self._child = self._child or Child(spawned(WORKER), FRAMES)
                return self._child.ask({}, content, timeout_s=TIMEOUT_S)
            except ChildLost as lost:
                self._child = None
                if lost.slow or last:
                    raise
        raise AssertionError("unreachable")


def _pages(content: bytes) -> tuple[Page, ...]:
    return tuple(
        Page(sheet["name"], {(cell[0], cell[1]): Stored(*cell) for cell in sheet["cells"]})
        for sheet in json.loads(content)
    )
