"""Read files in a child process: whatever a file does to its reader, this process lives and names it (threats T8).

One child serves all files of a run. It starts with the first file and again after a death or a limit; a file that a
healthy child died on is what killed it.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from pipeline.adapters.child import FRAMES, Child, ChildLost, spawned
from pipeline.adapters.ooxml.reader import NotAWorkbook, RawBook
from pipeline.adapters.ooxml.wire import from_wire
from pipeline.intake.refusals import Refusal, reasons

# By the clock, for a child that waits instead of working; well above the processor time that it grants itself (60 s).
TIMEOUT_S = 600.0
# A run asks for workbook 00 and for project codes before it reads: forms that were read a moment ago are kept.
_KEPT, _KEPT_CELLS = 16, 20_000
WORKER = (sys.executable, "-I", "-m", "pipeline.intake.reader_worker")


class Reading:
    """The child that reads, started when it is needed; several threads may ask.

    Args:
        command: the child's program.
        timeout_s: seconds by the clock that one file may take; what counts is the processor time that the child
            grants itself.

    Attributes:
        used: what the child said of itself with its last answer: `peak_kb`, `cpu_s`.
    """

    def __init__(self, command: Sequence[str] = WORKER, timeout_s: float = TIMEOUT_S) -> None:
        self.used: dict[str, float] = {}
        self._command = command
        self._timeout_s = timeout_s
        self._child: Child | None = None
        self._lock = threading.Lock()
        self._known: dict[bytes, RawBook] = {}

    def begin(self) -> None:
        """Start the child, so that it is ready when the first file comes."""
        with self._lock:
            self._child = self._child or Child(spawned(self._command), FRAMES)

    def read(self, name: str, content: bytes) -> RawBook | Refusal:
        """Cells of a workbook, or why it is not read.

        Args:
            name: file name; its suffix tells .et from .xls.
            content: all its bytes.
        """
        with self._lock:
            key = sha256(content).digest()
            found = self._known.get(key) or self._fresh(name, content)
            if isinstance(found, RawBook) and sum(len(sheet.cells) for sheet in found.sheets) <= _KEPT_CELLS:
                self._known[key] = found
                if len(self._known) > _KEPT:
                    del self._known[next(iter(self._known))]
            return found

    def _fresh(self, name: str, content: bytes) -> RawBook | Refusal:
        try:
            return self._verdict(self._ask(name, content))
        except ChildLost as lost:
            self._child = None
            return Refusal("slow" if lost.slow else "crash", str(lost))
        except NotAWorkbook as nonsense:
            self._end()
            return Refusal("crash", str(nonsense))

    def _ask(self, name: str, content: bytes) -> Any:
        """The child's answer; a child that died while nothing was asked of it gets a successor."""
        served = self._child is not None
        for again in (served, False):
            try:
                self._child = self._child or Child(spawned(self._command), FRAMES)
                return self._child.ask({"name": name}, content, timeout_s=self._timeout_s)
            except ChildLost as lost:
                self._child = None
                if lost.slow or not again:
                    raise
        raise AssertionError("unreachable")

    def _verdict(self, said: Any) -> RawBook | Refusal:
        if not isinstance(said, dict):
            raise NotAWorkbook("no verdict")
        self.used = {key: said[key] for key in ("peak_kb", "cpu_s") if isinstance(said.get(key), int | float)}
        if said.get("last"):
            self._end()
        if said.get("refused") in reasons():
            return Refusal(str(said["refused"]), str(said.get("detail", ""))[:500])
        return from_wire(said.get("book"))

    def _end(self) -> None:
        if self._child:
            self._child.end()
        self._child = None

    def end(self) -> None:
        """End the child; the next file starts another."""
        with self._lock:
            self._end()

    def forget(self) -> None:
        """In a forked process: the child belongs to the one that started it."""
        self._lock = threading.Lock()
        if self._child:
            self._child.abandon()
        self._child = None


shared = Reading()
atexit.register(shared.end)
os.register_at_fork(after_in_child=shared.forget)
