"""What travels between machines speaks of files: here a path becomes a place by name, there a path again."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import Any

Places = Mapping[str, Path]
_MARK = "\0"  # in no path, and in no text that is printed


def packed(answer: object, places: Places) -> bytes:
    """An answer of this machine, in which paths and texts name places.

    Args:
        answer: picklable.
        places: where each place lies here.
    """
    stream = io.BytesIO()
    _Packer(stream, places).dump(answer)
    return stream.getvalue()


def unpacked(content: bytes, places: Places) -> Any:
    """An answer of another machine, as if it had been found here; only of one that we trust.

    Args:
        content: what `packed` gave there.
        places: where the same places lie here.
    """
    return _Unpacker(io.BytesIO(content), places).load()


class _Packer(pickle.Pickler):
    def __init__(self, stream: io.BytesIO, places: Places) -> None:
        super().__init__(stream, pickle.HIGHEST_PROTOCOL)
        self._marks = {str(path): f"{_MARK}{name}{_MARK}" for name, path in places.items()}

    def persistent_id(self, one: object) -> tuple[str, str] | None:
        """What stands for a path or text with a place in it; None leaves all else to pickle."""
        if not isinstance(one, str | PurePath):
            return None
        text = _replaced(str(one), self._marks)
        if text == str(one):
            return None
        return ("text" if isinstance(one, str) else "path"), text


class _Unpacker(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, places: Places) -> None:
        super().__init__(stream)
        self._marks = {f"{_MARK}{name}{_MARK}": str(path) for name, path in places.items()}

    def persistent_load(self, mark: tuple[str, str]) -> str | Path:
        """The path or text on this machine."""
        kinds: Mapping[str, Callable[[str], str | Path]] = {"text": str, "path": Path}
        return kinds[mark[0]](_replaced(mark[1], self._marks))


def _replaced(text: str, by: Mapping[str, str]) -> str:
    for before, after in by.items():
        text = text.replace(before, after)
    return text
