"""What lies in the inbox: every regular file with its mark, nothing followed, nothing opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from pipeline.core.names import unseen
from pipeline.service.arrivals.names import OURS, owner_of

DEEPEST = 6
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Mark:
    """What changes when a file does: size in bytes, time of change in nanoseconds, inode and device."""

    size: int
    changed: int
    inode: int
    device: int


@dataclass(frozen=True, slots=True)
class Seen:
    """A regular file in the inbox.

    Attributes:
        box: folder of the department below the inbox; empty for the inbox itself.
        path: below the box.
        owner: an office program's owner file beside it; empty where there is none.
    """

    box: str
    path: PurePath
    mark: Mark
    owner: str = ""

    @property
    def key(self) -> str:
        """Path below the inbox, as the file system has it."""
        return str(PurePath(self.box) / self.path)

    @property
    def unit(self) -> str:
        """Folder in which it was dropped, below the box; empty where it was dropped alone."""
        return self.path.parts[0] if len(self.path.parts) > 1 else ""


@dataclass
class Listing:
    """One look at the inbox.

    Attributes:
        seen: regular files, by box and path.
        strange: links, pipes, devices and what lies too deep, by path below the inbox, with the reason.
        empty: folders below the boxes in which nothing lies, by path below the inbox.
    """

    seen: list[Seen] = field(default_factory=list)
    strange: dict[str, str] = field(default_factory=dict)
    empty: list[str] = field(default_factory=list)


def look(inbox: Path, boxes: Sequence[str]) -> Listing:
    """List the inbox and the boxes of the departments.

    Args:
        inbox: the watched folder.
        boxes: names that departments' folders have; those that are there are boxes of their own.

    Raises:
        OSError: the inbox itself cannot be listed (a share that is not mounted, say).
    """
    found = Listing()
    present = {entry.name for entry in os.scandir(inbox) if entry.is_dir(follow_symlinks=False)}
    own = [box for box in boxes if box in present]
    _walk(inbox, PurePath(), "", found, frozenset(own))
    for box in own:
        _walk(inbox / box, PurePath(), box, found, frozenset())
    return found


def _walk(folder: Path, below: PurePath, box: str, found: Listing, skip: frozenset[str]) -> None:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        if not below.parts:
            raise
        return  # it was removed while we looked
    names = [entry.name for entry in entries]
    if below.parts and not names:
        found.empty.append(str(PurePath(box) / below))
    for entry in entries:
        hidden = unseen(entry.name, folder=entry.is_dir(follow_symlinks=False))
        if hidden or (not below.parts and (entry.name in OURS or entry.name in skip)):
            continue
        if len(found.seen) >= MOST:
            return
        for kind, path in _one(entry, below / entry.name, box, names, found):
            _walk(kind, path, box, found, frozenset())


def _one(
    entry: os.DirEntry[str], path: PurePath, box: str, names: Sequence[str], found: Listing
) -> Iterator[tuple[Path, PurePath]]:
    """Note a file; yield a folder to look into."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return
    key = str(PurePath(box) / path)
    if stat.S_ISDIR(status.st_mode):
        if len(path.parts) < DEEPEST:
            yield Path(entry.path), path
        else:
            found.strange[key] = f"文件夹超过 {DEEPEST} 层,没有处理。请放到上层。"
    elif stat.S_ISREG(status.st_mode):
        mark = Mark(status.st_size, status.st_mtime_ns, status.st_ino, status.st_dev)
        found.seen.append(Seen(box, path, mark, owner_of(entry.name, names) or ""))
    else:
        found.strange[key] = "不是普通文件(是链接、管道或设备),没有处理。请放入文件本身。"
