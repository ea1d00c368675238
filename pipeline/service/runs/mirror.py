"""A published folder is a mirror of what we made, in which people may keep files of their own.

What we wrote is remembered outside the folder. A file of ours that nobody touched is replaced, or removed when there
is nothing to mirror any more. One that somebody changed is renamed beside ours, and never lost. A workspace that was
restored knows nothing of what was written after its back-up: that is told by hashes that lie in the folder itself.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.files import copy_hashed, make_alike, move_durable, replacing, sha256, write_atomic
from pipeline.service.arrivals.names import fitted

LOG = logging.getLogger("presales.publish")
KEPT_MARK, LATER_MARK = "_人工修改", "_备份以后"
_MOST = 20_000  # some months of what a company publishes; an older back-up is not restored


@dataclass(frozen=True, slots=True)
class Written:
    """Hashes of what was ever written into a published folder, a line each, in its marker.

    Attributes:
        marker: a file of the folder; where there is none, nothing is kept.
        restored: the workspace came out of a back-up, so that what stands there may be ours from after it.
    """

    marker: Path | None = None
    restored: bool = False

    def add(self, hashes: Iterable[str]) -> None:
        """Keep hashes of what is about to be written.

        Raises:
            OSError: the folder cannot be written.
        """
        lines = self._lines()
        if self.marker is None or not lines:
            return
        known = set(lines)
        if new := [one for one in dict.fromkeys(hashes) if one not in known]:
            kept = [*lines[:1], *[*lines[1:], *new][-_MOST:]]
            write_atomic(self.marker, "".join(f"{line}\n" for line in kept).encode())

    def mark(self, digest: str) -> str:
        """What the name of a file says that stands where ours is to stand: changed by somebody, or ours from later."""
        return LATER_MARK if self.restored and digest in self._lines()[1:] else KEPT_MARK

    def _lines(self) -> list[str]:
        """The marker, its own line first; nothing where it is not there."""
        if self.marker is None or not self.marker.is_file():
            return []
        return self.marker.read_text("utf-8", "replace").splitlines()


def mirror(
    wanted: Mapping[str, Path],
    folder: Path,
    record: Path,
    lasting: Collection[str] = (),
    written: Written = Written(),
) -> None:
    """Bring a folder to hold the wanted files.

    Args:
        wanted: source of each file by its path below the folder, with `/`.
        folder: the published folder; files in it that are not ours stay.
        record: where to remember, by path, the hashes of what we wrote.
        lasting: first parts of paths whose files stay though they are wanted no more.
        written: what the folder itself knows of what was written into it.

    Raises:
        OSError: the folder cannot be written; what was published before is still there, and a rerun goes on.
    """
    before = _read(record)
    now = {name: sha256(source) for name, source in wanted.items()}
    gone = {name for name in before.keys() - now.keys() if not name.startswith(tuple(f"{top}/" for top in lasting))}
    # Both, before the first file is written: after a crash what stands there is known as ours.
    both = {name: sorted({*before.get(name, ()), *([now[name]] if name in now else [])}) for name in {*before, *now}}
    if both != before:
        _write(record, both)
    written.add(now.values())
    for name, source in wanted.items():
        make_alike((folder / name).parent, _standing(folder))
        _place(source, folder / name, now[name], both[name], written)
    for name in sorted(gone):
        _remove(folder / name, folder, before[name])
    _write(record, {name: [now[name]] if name in now else before[name] for name in both if name not in gone})


def _standing(folder: Path) -> Path:
    """The folder, or the one above it that is there."""
    return next(path for path in (folder, *folder.parents) if path.is_dir())


def _read(record: Path) -> dict[str, list[str]]:
    try:
        return {str(name): list(map(str, hashes)) for name, hashes in json.loads(record.read_text("utf-8")).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def _write(record: Path, hashes: Mapping[str, list[str]]) -> None:
    write_atomic(record, json.dumps(hashes, ensure_ascii=False, indent=1, sort_keys=True).encode())


def _place(source: Path, target: Path, digest: str, ours: Collection[str], written: Written) -> None:
    """Put a file in its place; what a person made of ours steps aside."""
    stands = sha256(target) if target.is_file() else None
    if stands == digest:
        return
    if stands is not None and stands not in ours:
        _step_aside(target, written.mark(stands))
    with source.open("rb") as stream, replacing(target) as copy:
        copy_hashed(stream, copy)


def _step_aside(target: Path, mark: str) -> None:
    names = (fitted(target.name, f"{mark}{number}", 255) for number in range(1, 10_000))
    aside = next(path for name in names if not (path := target.with_name(name)).exists())
    move_durable(target, aside)
    LOG.warning(_SAID[mark], target.name, aside.name)


_SAID = {
    KEPT_MARK: "%s 已被人修改,改名为 %s 保留",
    LATER_MARK: "%s 是恢复的备份以后发布的,改名为 %s 保留",
}


def _remove(target: Path, top: Path, ours: Collection[str]) -> None:
    """Remove a file that is ours as we wrote it, and folders that are empty then."""
    if not target.is_file() or sha256(target) not in ours:
        return
    target.unlink()
    folder = target.parent
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
