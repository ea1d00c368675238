"""Who is at work in a workspace, and what a process that died there has left: cleared once nobody else works in it."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.adapters.files import clear_temporary
from pipeline.workspace import store
from pipeline.workspace.layout import Workspace

_LOCK, _MARK = "alive.lock", "unclean"


@contextmanager
def at_work(workspace: Workspace, clear: Callable[[], None]) -> Iterator[None]:
    """Say for the time of a block that this process works here.

    Where the last process of before did not come to its end, what it left is cleared first; never while another
    process works in the workspace.

    Args:
        workspace: its folders exist.
        clear: clears what lies outside the workspace.
    """
    handle = os.open(workspace.locks / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    mark = workspace.locks / _MARK
    try:
        if _alone(handle):
            _clear_work(workspace)
            if mark.exists():
                _clear(workspace)
                clear()
            mark.touch()
        fcntl.flock(handle, fcntl.LOCK_SH)
        try:
            yield
        finally:  # a failure, or an interruption, cleans up after itself; only a death does not
            if _alone(handle):
                mark.unlink(missing_ok=True)
    finally:
        os.close(handle)


def _alone(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _clear(workspace: Workspace) -> None:
    store.clear_incoming(workspace.store)
    for folder in (workspace.published, workspace.portfolio, workspace.cache):
        clear_temporary(folder)


def _clear_work(workspace: Workspace) -> None:
    for folder in workspace.work.iterdir():
        shutil.rmtree(folder, ignore_errors=True)


def clear_outside(folders: list[Path]) -> None:
    """Remove our temporary files below folders; those that are not there are no matter."""
    for folder in folders:
        if folder.is_dir():
            clear_temporary(folder)
