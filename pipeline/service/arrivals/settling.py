"""Which files may be taken: unchanged for some seconds, whole to their end, and held open by nobody."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path, PurePath

from pipeline.service.arrivals.listing import Mark, Seen
from pipeline.service.arrivals.names import shown_path

SETTLING, INCOMPLETE, OCCUPIED = "正在写入", "不完整", "被占用"
FORBIDDEN = "程序没有读它的权限,或者被占用"
FIXED = "没有权限移走它。请把它和所在的文件夹改成本组可写,或者不带文件夹、直接放在投放目录里"
RESTING = "上次没有接收成功,稍后再试"
PATIENCE = timedelta(minutes=10)
# A file that is being written, or in use, is not stuck before this.
STUCK = timedelta(hours=2)
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


@dataclass
class Setbacks:
    """Files that could not be taken: tried again at the next look, then each rests ever longer, until it changes.

    Attributes:
        most: after so many setbacks through a fault of ours a file is given back to its sender.
    """

    most: int = 3
    _seen: dict[str, tuple[Mark, int, float, str]] = field(default_factory=dict)
    _ours: dict[str, int] = field(default_factory=dict)
    _hampered: dict[str, str] = field(default_factory=dict)

    def note(
        self, seen: Seen, now: float, why: str, *, ours: bool = False, lasting: bool = False, passes: bool = False
    ) -> None:
        """A file could not be taken now.

        Args:
            seen: the file.
            now: seconds, monotonic.
            why: for people.
            ours: through a fault of the program.
            lasting: until somebody mends the file.
            passes: a disk or a share stood in the way, which is no matter of the file.
        """
        if passes:
            self._hampered[seen.key] = why
        mark, count, *_ = self._seen.get(seen.key, (None, 0, 0.0, ""))
        count = count + 1 if mark == seen.mark else 1 + lasting
        self._ours[seen.key] = (self._ours.get(seen.key, 0) if mark == seen.mark else 0) + ours
        rest_s = min(_REST_S * 2.0 ** (count - 2), _LONGEST_REST_S) if count > 1 else 0.0
        self._seen[seen.key] = (seen.mark, count, now + rest_s, why)

    @property
    def hampered(self) -> str:
        """Why files that still lie there could not be taken because of a disk or a share; empty where none was."""
        return next(iter(self._hampered.values()), "")

    def rests(self, seen: Seen, now: float) -> str:
        """Why a file that has not changed is left alone for now; empty where it is not."""
        mark, _, until, why = self._seen.get(seen.key, (None, 0, 0.0, ""))
        return f"{RESTING}:{why}" if mark == seen.mark and now < until else ""

    def said(self, seen: Sequence[Seen]) -> dict[str, str]:
        """Why files that have not changed could not be taken, by their path as it is shown: also while one is tried."""
        found = ((one, self._seen.get(one.key)) for one in seen)
        return {
            shown_path(PurePath(one.key)): f"{RESTING}:{kept[3]}" for one, kept in found if kept and kept[0] == one.mark
        }

    def hopeless(self, seen: Seen) -> bool:
        """Whether the program failed at these bytes often enough."""
        mark, *_ = self._seen.get(seen.key, (None, 0, 0.0, ""))
        return mark == seen.mark and self._ours[seen.key] >= self.most

    def keep(self, seen: Sequence[Seen]) -> None:
        """Forget the files that are gone."""
        there = {one.key for one in seen}
        self._seen = {key: value for key, value in self._seen.items() if key in there}
        self._ours = {key: value for key, value in self._ours.items() if key in there}
        self._hampered = {key: value for key, value in self._hampered.items() if key in there}


_REST_S, _LONGEST_REST_S = 10.0, 300.0


def hindrance(inbox: Path, seen: Seen, now: datetime) -> str:
    """Why a file that stands still cannot be taken yet; empty when it can."""
    path = inbox / seen.key
    if seen.owner and not _stale(path.with_name(seen.owner), now):
        return OCCUPIED
    try:
        return "" if whole(path) else INCOMPLETE
    except FileNotFoundError:
        return SETTLING
    except PermissionError:
        return FORBIDDEN
    except OSError:  # a share says that another machine holds it
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
