"""Files that survive a crash: write aside, fsync, rename; copy with a hash; make names durable."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

TEMPORARY_PREFIX, TEMPORARY_SUFFIX = ".presales-", ".tmp"
_BLOCK = 1 << 20
# What file systems say that cannot sync a folder (network shares); any other errno is a real fault.
_CANNOT_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF, errno.EACCES, errno.EPERM})


class Readable(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; none at the end."""


def sha256(path: Path) -> str:
    """Hash of a file's bytes, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomic(path: Path, content: bytes) -> None:
    """Replace a file as a whole: after a crash either the old or the new one stands there."""
    with replacing(path) as stream:
        stream.write(content)


@contextmanager
def replacing(path: Path, mode: int = 0o644) -> Iterator[BinaryIO]:
    """A stream whose bytes take the file's place when the block ends, and leave no trace when it fails.

    Args:
        path: file to write or replace; its folder is made.
        mode: permissions of the new file.
    """
    make_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=TEMPORARY_PREFIX, suffix=TEMPORARY_SUFFIX)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def copy_hashed(source: Readable, target: BinaryIO) -> tuple[str, int]:
    """Copy a stream to its end; returns SHA-256 (hexadecimal) and size in bytes of what was written."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(_BLOCK):
        digest.update(block)
        size += target.write(block)
    return digest.hexdigest(), size


def make_folder(folder: Path) -> None:
    """Make a folder with its parents, each durable in the one above it."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def clear_temporary(folder: Path) -> None:
    """Remove what interrupted writing left below a folder; only while nobody writes there."""
    for path in folder.rglob(f"{TEMPORARY_PREFIX}*{TEMPORARY_SUFFIX}"):
        path.unlink(missing_ok=True)


def move_durable(source: Path, target: Path) -> None:
    """Rename within one file system and make both folders durable; a file at the target would be replaced."""
    make_folder(target.parent)
    source.rename(target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable; network shares that cannot do it are let go, other faults are not."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(handle)
