"""Which files may be taken: unchanged for some seconds, whole to their end, and held open by nobody."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.service.listing import Mark, Seen

SETTLING, INCOMPLETE, OCCUPIED = "正在写入", "不完整", "被占用"
PATIENCE = timedelta(minutes=10)
# An owner file that nobody has touched for a day was left by a program that crashed.
OWNER_STALE = timedelta(hours=24)
_END = 4096


@dataclass
class Ripeness:
    """Remembers since when each file has looked the same.

    Attributes:
        stable_s: seconds that a file must stand still, by a clock that never goes back.
    """

    stable_s: float
    _since: dict[str, tuple[Mark, float]] = field(default_factory=dict)

    def still(self, seen: Sequence[Seen], now: float) -> list[Seen]:
        """Files that have not changed for `stable_s`; also forgets those that are gone.

        Args:
            seen: everything that lies in the inbox now.
            now: seconds, monotonic.
        """
        known, self._since = self._since, {}
        for one in seen:
            mark, since = known.get(one.key, (None, now))
            self._since[one.key] = (one.mark, since if mark == one.mark else now)
        return [one for one in seen if now - self._since[one.key][1] >= self.stable_s]


def hindrance(inbox: Path, seen: Seen, now: datetime) -> str:
    """Why a file that stands still cannot be taken yet; empty when it can."""
    path = inbox / seen.key
    if seen.owner and not _stale(path.with_name(seen.owner), now):
        return OCCUPIED
    try:
        return "" if whole(path) else INCOMPLETE
    except FileNotFoundError:
        return SETTLING
    except OSError:  # a share says that another machine holds it, or it may not be read
        return OCCUPIED


def _stale(owner: Path, now: datetime) -> bool:
    try:
        changed = owner.lstat().st_mtime
    except OSError:
        return True
    return now.timestamp() - changed > OWNER_STALE.total_seconds()


def whole(path: Path) -> bool:
    """Whether a file shows its end: the end record of a package, %%EOF of a PDF, bytes at all of anything else.

    Raises:
        OSError: it cannot be opened or read.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as stream:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or not status.st_size:
            return False
        head = stream.read(_END)
        if head.startswith(b"PK"):
            return zipfile.is_zipfile(stream)
        stream.seek(max(0, status.st_size - _END))
        tail = stream.read(_END)
    if head.startswith(b"%PDF-"):
        return b"%%EOF" in tail
    return bool(head.strip(b"\0") and tail.strip(b"\0"))
