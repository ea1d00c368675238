"""File names that strangers gave: how they are shown and kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

CLAIMED, TAKEN, RETURNED, HELD = ".处理中", "已接收", "退回", "待确认"
OURS = frozenset({CLAIMED, TAKEN, RETURNED, HELD})

# Control, bidirectional and zero-width characters, lone surrogates (names that are no UTF-8), what Windows refuses.
_UNFIT = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"|?*\\/\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]'
)
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
LONGEST = 200
# What office programs put before the name of a file that they hold open: Excel, WPS, LibreOffice.
_OWNER = re.compile(r"(?:~\$|\.~lock\.|\.~)(?P<rest>.+?)#?", re.DOTALL)


def shown(name: str) -> str:
    """One part of a path as it is shown and kept: NFC, without characters that deceive, at most 200 bytes."""
    text = unicodedata.normalize("NFC", _UNFIT.sub("_", name)).strip(" .") or "_"
    return fitted(f"_{text}" if _DEVICES.match(text) else text)


def shown_path(path: PurePath) -> str:
    """A relative path, each part as it is shown."""
    return "/".join(shown(part) for part in path.parts)


def fitted(name: str, extra: str = "", longest: int = LONGEST) -> str:
    """A name with `extra` before its suffix, shortened by whole characters to so many bytes."""
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > 8:
        stem, dot, suffix = name, "", ""
    tail = f"{extra}{dot}{suffix}"
    room = longest - len(tail.encode())
    return stem.encode()[: max(room, 1)].decode(errors="ignore") + tail


def owner_of(name: str, others: Iterable[str]) -> str | None:
    """The owner file among the names beside a file, which says that somebody has it open.

    Excel and LibreOffice put their mark before the whole name; WPS and Word write it over one or two letters.
    """
    for other in others:
        match = _OWNER.fullmatch(other)
        if match and name.endswith(match["rest"]) and len(name) - len(match["rest"]) <= 2:
            return other
    return None
