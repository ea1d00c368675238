"""Charts are drawn once for the same data: kept in the process, and in a folder where one is given.

The name of a kept chart is the hash of its data, of the code that draws it, of the library and of the font, so that
nothing stale can be found.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from pipeline.adapters.fonts import identity
from pipeline.adapters.kept_files import kept
from pipeline.core.errors import DependencyMissing
from pipeline.render.charts.base import FONT

_MOST = 400  # pictures of some 30 kB
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
        _kept[key] = kept(folder, key, ".png", draw)
        if len(_kept) > _MOST:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key]


@cache
def _drawer() -> str:
    """What draws: the code beside this file with the words that it is given, the library and the font."""
    digest = hashlib.sha256(version("matplotlib").encode())
    with suppress(DependencyMissing):  # then it draws with what matplotlib finds by itself
        digest.update(identity(FONT).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
