"""Contents that cost time are made once: kept in a folder by a key that tells all they depend on.

A file ends with the hash of its key and its content: one that is damaged, was kept under another key or came from
elsewhere is made anew, as is one that was deleted. Processes share a folder without locks, because files appear whole
and never change.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from pipeline.adapters.files import write_atomic

MOST_BYTES = 2 << 30  # of a folder: the charts and PDFs of some 250 large projects
OURS = (".png", ".pdf", ".json", ".docx")
_LARGEST = 64 << 20  # bytes of one content; a larger file is none of ours
_SEAL = hashlib.sha256().digest_size


def kept(folder: Path | None, key: str, suffix: str, make: Callable[[], bytes]) -> bytes:
    """The content of a key, made only when it is not kept yet.

    Args:
        folder: where contents are kept between runs; None keeps nothing, one that cannot be written is done without.
        key: hash of everything the content depends on, hexadecimal.
        suffix: of the file name, one of `OURS`.
        make: makes the content.
    """
    if folder is None:
        return make()
    if content := found(folder, key, suffix):
        return content
    made = make()
    keep(folder, key, suffix, made)
    return made


def found(folder: Path, key: str, suffix: str) -> bytes:
    """The content that is kept under a key, marked as used now; empty where there is none, or it is not sound."""
    path = folder / f"{key}{suffix}"
    with suppress(OSError):
        if path.is_file() and path.stat().st_size <= _LARGEST:
            stored = path.read_bytes()
            content = stored[:-_SEAL]
            if stored[-_SEAL:] == _seal(key, content):
                os.utime(path)
                return content
    return b""


def keep(folder: Path, key: str, suffix: str, content: bytes) -> None:
    """Keep a content under a key, in place of another; where it cannot be written, it is made again the next time."""
    with suppress(OSError):
        write_atomic(folder / f"{key}{suffix}", content + _seal(key, content), lasting=False)


def is_kept(folder: Path, key: str, suffix: str) -> bool:
    """Whether a content of a key lies there; whether it is sound, `kept` finds out."""
    return (folder / f"{key}{suffix}").is_file()


def trim(folder: Path, most: int = MOST_BYTES) -> None:
    """Remove the contents that were longest not used, until the rest takes at most so many bytes."""
    found = []
    for path in (path for path in folder.glob("*") if path.suffix in OURS):
        with suppress(OSError):  # another process was faster
            status = path.lstat()
            found.append((status.st_mtime_ns, status.st_size, path))
    size = sum(bytes_ for _, bytes_, _ in found)
    for _, bytes_, path in sorted(found):
        if size <= most:
            return
        with suppress(OSError):
            path.unlink()
            size -= bytes_


def _seal(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode() + content).digest()
