"""Files that survive a crash: write aside, fsync, rename; copy with a hash; make names durable."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

TEMPORARY_PREFIX, TEMPORARY_SUFFIX = ".presales-", ".tmp"
_BLOCK = 1 << 20
_ALIKE = 0o2777  # what a folder takes from the one above: all but a sticky bit, which kept its owner's files apart
# What file systems say that cannot sync a folder (network shares); any other errno is a real fault.
_CANNOT_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF, errno.EACCES, errno.EPERM})


# renameat2(2) of the C library; a name alone is what it looks for there.
_renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
_HERE, _NO_REPLACE = -100, 1
# What file systems say that know neither a rename which does not replace nor a second name (some network shares).
_CANNOT_TELL = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EPERM, errno.EMLINK})


class Readable(Protocol):
    """Anything that gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes; none at the end."""


def sha256(path: Path) -> str:
    """Hash of a file's bytes, hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_atomic(path: Path, content: bytes, *, lasting: bool = True) -> None:
    """Replace a file as a whole: after a crash either the old or the new one stands there.

    Args:
        path: file to write or replace.
        content: its bytes.
        lasting: as of `replacing`.
    """
    with replacing(path, lasting=lasting) as stream:
        stream.write(content)


class Draft:
    """Bytes beside the place of a file; they are nothing until they are settled.

    Attributes:
        stream: takes the bytes.
    """

    def __init__(self, stream: BinaryIO, path: Path) -> None:
        self.stream, self._path = stream, path

    def settle(self, target: Path, mode: int = 0o644, *, lasting: bool = True) -> None:
        """Give the bytes their name, when they are on disk; no more bytes after this.

        Args:
            target: file to write or replace, on the same file system; its folder is made.
            mode: permissions of the file.
            lasting: as of `replacing`.

        Raises:
            OSError: they are not on disk, or it is not sure that the name is.
        """
        make_folder(target.parent)
        self.stream.flush()
        os.fchmod(self.stream.fileno(), mode)
        if lasting:
            os.fsync(self.stream.fileno())
        self._path.replace(target)
        if lasting:
            sync_folder(target.parent)


@contextmanager
def draft(folder: Path) -> Iterator[Draft]:
    """Bytes that wait in a folder, which is made, for their name; what is not settled leaves no trace."""
    make_folder(folder)
    handle, name = tempfile.mkstemp(dir=folder, prefix=TEMPORARY_PREFIX, suffix=TEMPORARY_SUFFIX)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield Draft(stream, Path(name))
    finally:
        with suppress(OSError):
            Path(name).unlink(missing_ok=True)


@contextmanager
def replacing(path: Path, mode: int = 0o644, *, lasting: bool = True) -> Iterator[BinaryIO]:
    """A stream whose bytes take the file's place when the block ends, and leave no trace when it fails.

    Args:
        path: file to write or replace; its folder is made.
        mode: permissions of the new file.
        lasting: whether it is on disk afterwards; a file that a run throws away, or that tells whether it is whole,
            need not be.
    """
    with draft(path.parent) as beside:
        yield beside.stream
        beside.settle(path, mode, lasting=lasting)


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


def make_alike(folder: Path, top: Path) -> None:
    """Make a folder below another one, with all between, with the permissions that somebody gave that one.

    Args:
        folder: to make; one that is there stays as it is.
        top: what it lies in.
    """
    missing, mode = [], stat.S_IMODE(top.stat().st_mode) & _ALIKE
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        with suppress(OSError):  # a share without permissions
            if stat.S_IMODE(path.stat().st_mode) != mode:
                path.chmod(mode)
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


def move_new(source: Path, target: Path) -> None:
    """Move a file as `move_durable` does, to where nothing stands, also when somebody puts something there just now.

    Args:
        source: a file.
        target: on the same file system; its folder is there.

    Raises:
        FileExistsError: something stands at the target; the source is where it was.
    """
    _rename_new(source, target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def _rename_new(source: Path, target: Path) -> None:
    """Rename without replacing, by the best means that the file system has."""
    code = _renameat2(_HERE, os.fsencode(source), _HERE, os.fsencode(target), _NO_REPLACE) if _renameat2 else -1
    problem = ctypes.get_errno() if _renameat2 else errno.ENOSYS
    if not code:
        return
    if problem not in _CANNOT_TELL:
        raise OSError(problem, os.strerror(problem), str(source), None, str(target))
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _CANNOT_TELL:
            raise
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target)) from error
        source.rename(target)
    else:
        source.unlink()


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable; network shares that cannot do it are let go, other faults are not."""
    try:
        _sync(folder)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise


def sync_tree(folder: Path) -> None:
    """Bring a folder with all that is in it to disk, before it gets its name or is spoken of.

    A file of two names is on disk since it had one.
    """
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            sync_folder(path)
        elif path.stat().st_nlink == 1:
            _sync(path)
    sync_folder(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
