"""Charts are drawn once for the same data: kept in the process, and in a folder where one is given.

The name of a kept chart is the hash of its data, of the code that draws it and of the library, so that nothing stale
can be found; a file that is not a whole PNG is drawn anew.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipeline.adapters.files import write_atomic

_MOST = 400  # pictures of some 30 kB
_START, _END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
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
        _kept[key] = _from_folder(key, draw, folder)
        if len(_kept) > _MOST:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key]


def _from_folder(key: str, draw: Callable[[], bytes], folder: Path | None) -> bytes:
    if folder is None:
        return draw()
    path = folder / f"{key}.png"
    found = b""
    with suppress(OSError):
        found = path.read_bytes()
    if found.startswith(_START) and found.endswith(_END):
        return found
    made = draw()
    with suppress(OSError):  # the picture is there all the same; it is drawn again the next time
        write_atomic(path, made)
    return made


@cache
def _drawer() -> str:
    """What draws: the code beside this file and the library."""
    digest = hashlib.sha256(version("matplotlib").encode())
    for path in sorted(Path(__file__).parent.glob("charts*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
