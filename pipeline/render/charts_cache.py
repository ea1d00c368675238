"""Charts are drawn once for the same data: kept in the process, and in a folder where one is given.

The name of a kept chart is the hash of its data, of the code that draws it, of the library and of the font, so that
nothing stale can be found. The file ends with the hash of name and picture: one that is damaged, was kept under
another name or came from elsewhere is drawn anew, as is one that was deleted. Processes share a folder without locks,
because files appear whole and never change.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipeline.adapters.files import write_atomic
from pipeline.adapters.fonts import identity
from pipeline.core.errors import DependencyMissing
from pipeline.render.charts_base import FONT

MOST_BYTES = 1 << 30  # of a folder: the charts of some 250 large projects
_MOST = 400  # pictures of some 30 kB
_LARGEST = 16 << 20  # bytes of one picture; a larger file is none of ours
_SEAL = hashlib.sha256().digest_size
_kept: OrderedDict[str, bytes] = OrderedDict()


def drawn(name: str, data: object, draw: Callable[[], bytes], folder: Path | None = None) -> bytes:
    """The picture of these data, drawn only when it is not kept yet.

    Args:
        name: kind of chart.
        data: everything the picture depends on; its `repr` must tell it all, as that of plain dataclasses does.
        draw: makes the PNG.
        folder: where pictures are kept between runs; one that cannot be written is done without.
    """
    key = hashlib.sha256(f"{_drawer()}\n{name}\n{data!r}".encode()).hexdigest()
    if key not in _kept:
        _kept[key] = _from_folder(key, draw, folder) if folder else draw()
        if len(_kept) > _MOST:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key]


def trim(folder: Path, most: int = MOST_BYTES) -> None:
    """Remove the pictures that were longest not used, until the rest takes at most so many bytes."""
    found = []
    for path in folder.glob("*.png"):
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


def _from_folder(key: str, draw: Callable[[], bytes], folder: Path) -> bytes:
    path = folder / f"{key}.png"
    if found := _kept_in(path, key):
        return found
    made = draw()
    with suppress(OSError):  # the picture is there all the same; it is drawn again the next time
        write_atomic(path, made + _seal(key, made))
    return made


def _kept_in(path: Path, key: str) -> bytes:
    """The picture of a file that was kept under this key, marked as used now; nothing of any other file."""
    with suppress(OSError):
        if path.is_file() and path.stat().st_size <= _LARGEST:
            content = path.read_bytes()
            picture = content[:-_SEAL]
            if content[-_SEAL:] == _seal(key, picture):
                os.utime(path)
                return picture
    return b""


def _seal(key: str, picture: bytes) -> bytes:
    return hashlib.sha256(key.encode() + picture).digest()


@cache
def _drawer() -> str:
    """What draws: the code beside this file with the words that it is given, the library and the font."""
    digest = hashlib.sha256(version("matplotlib").encode())
    with suppress(DependencyMissing):  # then it draws with what matplotlib finds by itself
        digest.update(identity(FONT).encode())
    for path in sorted(Path(__file__).parent.glob("*chart*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
