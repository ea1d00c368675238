"""Take a file out of everybody's reach, and later put it where its verdict sends it; each step durable.

A claimed file lies in `.处理中/<claim>/<its own path>` of the same box: a rename, so that it is always in exactly one
place, and its place says where it came from. A claim without a recorded verdict is put back into the inbox.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import BinaryIO

from pipeline.adapters.files import copy_hashed, make_alike, move_new, replacing, write_atomic
from pipeline.service.arrivals.listing import Mark, Seen
from pipeline.service.arrivals.names import CLAIMED, HELD, RETURNED, TAKEN, fitted, shown_path
from pipeline.workspace.inputs import Claim
from pipeline.workspace.refusals import ReturnedFile

REASON = ".原因.txt"
_FOLDERS = {"returned": RETURNED, "held": HELD}
_EXPLAINED = {
    "returned": "退回原因:{reason}\n改好以后请重新投放;本说明和退回的文件可以删除。",
    "held": "等待确认:{reason}\n确认以前不算数,这个编号的项目没有改动。编号写错的,改好编号重新投放;"
    "确是这个项目的(改了名称、换了客户),请告诉质量管理部或 PMO,由运行人员确认后收下。",
}


@dataclass(frozen=True)
class ClaimedFile:
    """A claimed file.

    Attributes:
        box: folder of the box.
        department: its name below the inbox; empty for the inbox itself.
        id: of the claim.
        path: as it was dropped, below the box.
    """

    box: Path
    department: str
    id: str
    path: PurePath

    @property
    def file(self) -> Path:
        """Where it lies now."""
        return self.box / CLAIMED / self.id / self.path


def mark_of(path: Path) -> Mark | None:
    """Mark of a regular file; None when it is gone or none."""
    try:
        status = path.lstat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Mark(status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)


def claim(inbox: Path, seen: Seen) -> ClaimedFile | None:
    """Claim a file by a rename; None when it is not what was seen any more.

    A rename that a power cut undoes leaves the file in the inbox, which is one place too: no need to wait for the disk.

    Raises:
        OSError: the inbox cannot be written.
    """
    held = ClaimedFile(inbox / seen.box, seen.box, secrets.token_hex(8), seen.path)
    try:
        held.file.parent.mkdir(parents=True)
        (held.box / seen.path).rename(held.file)
    except FileNotFoundError:
        _clear(held)
        return None
    if mark_of(held.file) != seen.mark:
        put_back(held)
        return None
    return held


@contextlib.contextmanager
def opened(held: ClaimedFile) -> Iterator[BinaryIO]:
    """The claimed file, opened without following anything.

    Raises:
        OSError: it cannot be read.
    """
    with os.fdopen(os.open(held.file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as stream:
        yield stream


def left_over(box: Path, department: str) -> Iterator[ClaimedFile]:
    """Claims of an interrupted run; empty folders of such are removed."""
    for folder in sorted((box / CLAIMED).glob("*")):
        files = [path for path in sorted(folder.rglob("*")) if not path.is_dir() or path.is_symlink()]
        for path in files:
            yield ClaimedFile(box, department, folder.name, path.relative_to(folder))
        if not files:
            _remove_empty(folder)
    with contextlib.suppress(OSError):
        (box / CLAIMED).rmdir()


def put_back(held: ClaimedFile) -> None:
    """Back to where it was dropped; beside it when another file has taken the place."""
    _move(held.file, held.box / held.path, held.box)
    _clear(held)


def target(held: ClaimedFile, verdict: str, now: datetime) -> str:
    """Where a verdict sends a file, below its box; nothing stands there now."""
    return place_of(held.box, shown_path(held.path), verdict, now)


def place_of(box: Path, source: str, verdict: str, now: datetime) -> str:
    """Where a verdict sends what was dropped as `source`, below its box; nothing stands there now."""
    folder = _FOLDERS.get(verdict, f"{TAKEN}/{now.astimezone(UTC):%Y-%m}")
    return str(free(box / folder / source).relative_to(box))


def settle(held: ClaimedFile, decided: Claim) -> str:
    """Move a claimed file to its target, the reason first; returns where it went, below the box.

    Something that has come to stand at the target is never replaced.
    """
    why = decided.message if decided.verdict in _FOLDERS else ""
    goal = _move(held.file, held.box / decided.target, held.box, (why, decided.verdict))
    _clear(held)
    return str(goal.relative_to(held.box))


def take_back(inbox: Path, decided: Claim) -> None:
    """Put a settled file back to where it was dropped: it was written to after it had been read."""
    box = inbox / decided.department
    _move(box / decided.target, box / decided.source, box)
    _reason(box / decided.target).unlink(missing_ok=True)


def release(inbox: Path, held: Claim, verdict: str, reason: str, now: datetime) -> str:
    """Move a held file, about which somebody has decided, to its last place, below its box; one that is gone stays so.

    Raises:
        OSError: it cannot be moved now.
    """
    box = inbox / held.department
    goal = place_of(box, held.source, verdict, now)
    if _stands(box / held.target):
        why = reason if verdict in _FOLDERS else ""
        goal = str(_move(box / held.target, box / goal, box, (why, verdict)).relative_to(box))
    _reason(box / held.target).unlink(missing_ok=True)
    return goal


def _move(source: Path, wanted: Path, box: Path, reason: tuple[str, str] = ("", "")) -> Path:
    """Move a file to its place, or to the first numbered one beside it; what others put there meanwhile stays.

    Args:
        source: the file.
        wanted: where it should stand.
        box: in which both lie.
        reason: why, and the verdict, to be written beside it first; no words, no reason.

    Returns:
        Where it stands.
    """
    make_alike(wanted.parent, box)
    if _stands(wanted) and wanted.samefile(source):  # a move between two names, interrupted before the first one went
        source.unlink()
        return wanted
    while True:
        goal = free(wanted)
        if reason[0]:
            explain(goal, *reason)
        try:
            move_new(source, goal)
        except FileExistsError:
            if reason[0]:
                _reason(goal).unlink(missing_ok=True)
        else:
            return goal


def explain(file: Path, reason: str, verdict: str = "returned") -> None:
    """Write the reason beside a file that is not taken, for Notepad: with a mark of UTF-8 and its line ends."""
    text = f"文件:{file.name}\n{_EXPLAINED[verdict].format(reason=reason)}\n"
    write_atomic(_reason(file), _for_notepad(text))


def _reason(file: Path) -> Path:
    return file.with_name(fitted(file.name, longest=255 - len(REASON.encode())) + REASON)


def hand_back(content: Path, box: Path, refused: ReturnedFile) -> None:
    """Put a copy of a stored content where its sender finds it, the reason first; a second time changes nothing."""
    target = box / refused.target
    make_alike(target.parent, box)
    explain(target, refused.reason)
    with content.open("rb") as source, replacing(target) as copy:
        copy_hashed(source, copy)


def _for_notepad(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8-sig")


def free(path: Path) -> Path:
    """The path, or the first numbered one beside it at which nothing stands."""
    numbered = (path.with_name(fitted(path.name, f"_{number}", 255)) for number in range(2, 100_000))
    return path if not _stands(path) else next(one for one in numbered if not _stands(one))


def _stands(path: Path) -> bool:
    return os.path.lexists(path)


def _clear(held: ClaimedFile) -> None:
    _remove_empty(held.box / CLAIMED / held.id)
    with contextlib.suppress(OSError):
        (held.box / CLAIMED).rmdir()


def _remove_empty(folder: Path) -> None:
    """Remove a folder that holds only folders."""
    for path in sorted(folder.rglob("*"), reverse=True):
        with contextlib.suppress(OSError):
            path.rmdir()
    with contextlib.suppress(OSError):
        folder.rmdir()


def remove_stale_folders(inbox: Path, empty: list[str], now: datetime, patience_s: float) -> None:
    """Remove dropped folders from which everything was taken long ago; one that is not empty stays."""
    for name in empty:
        folder = inbox / name
        with contextlib.suppress(OSError):
            if now.timestamp() - folder.lstat().st_mtime > patience_s:
                folder.rmdir()
