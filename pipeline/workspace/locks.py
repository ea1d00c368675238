"""Locks of a workspace: one file a unit of work, freed by the system when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.core.errors import Busy


@contextmanager
def locked(locks: Path, name: str, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock for the time of a block.

    Args:
        locks: folder of the lock files, on a local disk.
        name: unit of work: `inbox`, a project code, `watch`.
        wait: wait until the holder is done; else give up at once.

    Raises:
        Busy: somebody else holds it and we do not wait.
    """
    locks.mkdir(parents=True, exist_ok=True)
    path = locks / f"{name}.lock"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            holder = path.read_text("utf-8", "replace").strip() or "?"
            raise Busy(f"{locks.parent}:另一个 {name} 正在运行(进程 {holder})(already running)。") from error
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
