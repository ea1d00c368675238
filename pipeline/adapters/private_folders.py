"""Private folders that nobody has to clear: what a killed process left is removed when the next folder is made.

A folder carries a file that says that it is ours, on which its owner holds a lock. The system frees the lock when the
owner dies, however it dies; whoever gets the lock has found a folder that no living process owns. A folder without
that file is somebody else's, whatever its name, and stays. No clock and no list of process numbers is needed.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PREFIX = "presales-work-"  # in the folder for temporary files
MAKING = ".making-"  # beside what is being made
_OWNED, _INSIDE = ".presales-owned", "files"


@dataclass(frozen=True)
class FolderClaim:
    """A private folder.

    Attributes:
        folder: for the owner's files, empty at first.
        handle: holds the lock while it is open.
    """

    folder: Path
    handle: int

    def leave(self) -> None:
        """Remove the folder; the lock goes last.

        Raises:
            OSError: some of it stays, which must not pass for a part of what was made beside it.
        """
        outer = self.folder.parent
        try:
            shutil.rmtree(outer)
        except FileNotFoundError:  # already empty, it may be swept by another process
            if outer.exists():
                raise
        finally:
            os.close(self.handle)


@contextmanager
def private_folder(prefix: str = PREFIX, parent: Path | None = None) -> Iterator[Path]:
    """A fresh folder that only we may enter, gone after the block.

    Args:
        prefix: beginning of its name; folders of ours that no living process owns are removed first.
        parent: where it lies; None: the folder for temporary files.
    """
    claim = claim_folder(prefix, parent)
    try:
        yield claim.folder
    finally:
        claim.leave()


def claim_folder(prefix: str = PREFIX, parent: Path | None = None) -> FolderClaim:
    """As `private_folder`, for an owner that is no block."""
    parent = parent or Path(tempfile.gettempdir())
    for left in parent.glob(f"{prefix}*"):
        _remove_ownerless(left)
    while True:
        outer = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        with suppress(FileNotFoundError):  # somebody found it in the moment before it was ours
            return _own(outer)


def _own(outer: Path) -> FolderClaim:
    """Put our file into a folder, locked.

    Raises:
        FileNotFoundError: another process removed the folder meanwhile.
    """
    mark = outer / _OWNED
    handle = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with suppress(OSError):  # a file system without locks; then nobody can take the folder from us either
            fcntl.flock(handle, fcntl.LOCK_EX)
        if not os.path.samestat(mark.stat(), os.fstat(handle)):
            raise FileNotFoundError(mark)
        inside = outer / _INSIDE
        inside.mkdir()
    except BaseException:
        os.close(handle)
        raise
    return FolderClaim(inside, handle)


def _remove_ownerless(outer: Path) -> None:
    """Remove a folder of ours whose owner is dead; one that is empty was just made, or left in that moment."""
    with suppress(OSError):
        outer.rmdir()
    with suppress(OSError):
        handle = os.open(outer / _OWNED, os.O_RDWR | os.O_NOFOLLOW)
        try:
            if os.fstat(handle).st_uid == os.geteuid():
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(outer, ignore_errors=True)
        finally:
            os.close(handle)
