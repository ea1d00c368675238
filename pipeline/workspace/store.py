"""The store: every accepted content once, under its SHA-256, read-only, on disk before anybody is told of it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.files import Readable, copy_hashed, draft, sha256
from pipeline.core.errors import DeliveryFailed

_READ_ONLY = 0o444
_INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class Kept:
    """A content in the store: SHA-256 (hexadecimal), size in bytes, and where it lies."""

    sha256: str
    size: int
    path: Path


def place(store: Path, digest: str) -> Path:
    """Where a content lies in the store."""
    return store / digest[:2] / digest


def keep(store: Path, source: Readable) -> Kept:
    """Copy a stream to its end into the store; when this returns it is on disk.

    The same content twice is kept once. A content that lies there damaged is replaced by the good copy.
    """
    with draft(store / _INCOMING) as incoming:
        digest, size = copy_hashed(source, incoming.stream)
        target = place(store, digest)
        if not intact(target, digest):
            incoming.settle(target, _READ_ONLY)
    return Kept(digest, size, target)


def intact(path: Path, digest: str) -> bool:
    """Whether a content is there and is what its name says."""
    return path.is_file() and sha256(path) == digest


def take_out(store: Path, digest: str, target: Path) -> None:
    """Put a copy of a content at `target`; a hard link where the file system allows one.

    Raises:
        DeliveryFailed: it is missing or damaged; the remedy is the back-up.
    """
    source = place(store, digest)
    if not intact(source, digest):
        raise DeliveryFailed(
            f"{source}:库存文件缺失或损坏,请从备份恢复这个文件(stored file missing or damaged; restore it)。"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        with source.open("rb") as stream, target.open("xb") as copy:
            copy_hashed(stream, copy)
        stat = source.stat()
        os.utime(target, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def clear_incoming(store: Path) -> int:
    """Remove what interrupted copies left; returns how many. Only while nobody else copies."""
    left = list((store / _INCOMING).glob("*"))
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def damaged(store: Path) -> Iterator[Path]:
    """Every file of the store that is not what its name says."""
    for path in sorted(store.glob("[0-9a-f][0-9a-f]/*")):
        if not re.fullmatch(r"[0-9a-f]{64}", path.name) or not intact(path, path.name):
            yield path
