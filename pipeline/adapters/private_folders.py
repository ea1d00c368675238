"""Private folders that nobody has to clear: what a killed process left is removed when the next folder is made.

The owner holds a lock on its folder, which the system frees when the owner dies, however it dies; whoever gets the lock
of a folder has found one that no living process owns. No clock and no list of process numbers is needed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "presales-"  # in the folder for temporary files
MAKING = ".making-"  # beside what is being made


@contextmanager
def private_folder(prefix: str = PREFIX, parent: Path | None = None) -> Iterator[Path]:
    """A fresh folder that only we may enter, gone after the block.

    Args:
        prefix: beginning of its name; folders of this name that no living process owns are removed first.
        parent: where it lies; None: the folder for temporary files.
    """
    folder, handle = claim(prefix, parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def claim(prefix: str, parent: Path | None = None) -> tuple[Path, int]:
    """As `private_folder`, for an owner that is no block: the folder, and the handle that holds it while it is open."""
    parent = parent or Path(tempfile.gettempdir())
    for left in parent.glob(f"{prefix}*"):
        _remove_ownerless(left)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        with suppress(OSError):  # a file system without locks; then nobody can take the folder from us either
            fcntl.flock(handle, fcntl.LOCK_EX)
        if _stands(folder, handle):
            return folder, handle
        os.close(handle)  # somebody found it in the moment before it was ours


def _remove_ownerless(folder: Path) -> None:
    """Remove a folder of this user whose owner is dead; what cannot be looked into is left alone."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if os.fstat(handle).st_uid == os.geteuid():
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(handle)


def _stands(folder: Path, handle: int) -> bool:
    with suppress(OSError):
        return os.path.samestat(folder.stat(), os.fstat(handle))
    return False
