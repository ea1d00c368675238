"""A published folder is a mirror of what we made, in which people may keep files of their own.

What we wrote is remembered outside the folder. A file of ours that nobody touched is replaced, or removed when there
is nothing to mirror any more. One that somebody changed is renamed beside ours, and never lost.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping
from pathlib import Path

from pipeline.adapters.files import copy_hashed, make_alike, move_durable, replacing, sha256, write_atomic
from pipeline.service.arrivals.names import fitted

LOG = logging.getLogger("presales.publish")
KEPT_MARK = "_人工修改"


def mirror(wanted: Mapping[str, Path], folder: Path, record: Path, lasting: Collection[str] = ()) -> None:
    """Bring a folder to hold the wanted files.

    Args:
        wanted: source of each file by its path below the folder, with `/`.
        folder: the published folder; files in it that are not ours stay.
        record: where to remember, by path, the hashes of what we wrote.
        lasting: first parts of paths whose files stay though they are wanted no more.

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
    for name, source in wanted.items():
        make_alike((folder / name).parent, _standing(folder))
        _place(source, folder / name, now[name], both[name])
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


def _place(source: Path, target: Path, digest: str, ours: Collection[str]) -> None:
    """Put a file in its place; what a person made of ours steps aside."""
    stands = sha256(target) if target.is_file() else None
    if stands == digest:
        return
    if stands is not None and stands not in ours:
        _step_aside(target)
    with source.open("rb") as stream, replacing(target) as copy:
        copy_hashed(stream, copy)


def _step_aside(target: Path) -> None:
    names = (fitted(target.name, f"{KEPT_MARK}{number}", 255) for number in range(1, 10_000))
    aside = next(path for name in names if not (path := target.with_name(name)).exists())
    move_durable(target, aside)
    LOG.warning("%s 已被人修改,改名为 %s 保留", target.name, aside.name)


def _remove(target: Path, top: Path, ours: Collection[str]) -> None:
    """Remove a file that is ours as we wrote it, and folders that are empty then."""
    if not target.is_file() or sha256(target) not in ours:
        return
    target.unlink()
    folder = target.parent
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
