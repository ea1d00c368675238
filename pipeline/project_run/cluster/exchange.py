"""The exchange folder: contents lie there under their hash, and whoever takes one sees that it is what its name says.

An errand has a folder of its own, an attempt at it another one inside: attempts cannot disturb each other, and what is
late finds no folder any more. The list of what belongs where travels beside the folder, so that a share that lies,
lags or was meddled with is found out.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.adapters.files import copy_hashed, make_folder, move_new, replacing, sha256
from pipeline.core.errors import DeliveryFailed, NotReady

MARK = ".presales-exchange"
_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of a tree: SHA-256 (hexadecimal) and time of its last change (ns since 1970)."""

    sha256: str
    changed_ns: int


Tree = Mapping[str, Listed]


def identity(exchange: Path) -> str:
    """What tells an exchange folder from an empty one on which nothing is mounted; it is written when first asked.

    Raises:
        NotReady: there is no such folder, or nothing can be written into it.
    """
    mark = exchange / MARK
    try:
        if not mark.exists():
            _mark(exchange, mark)
        return mark.read_text("ascii").strip()
    except OSError as error:
        raise NotReady(
            f"{exchange}:交换目录用不了,可能没有挂载:{error.strerror}(cannot use the exchange folder)。"
        ) from error


def _mark(exchange: Path, mark: Path) -> None:
    """Another machine may do the same at this moment; the first one counts."""
    fresh = exchange / f"{MARK}.{secrets.token_hex(_ID_BYTES)}"
    try:
        fresh.write_text(secrets.token_hex(_ID_BYTES), "ascii")
        with suppress(FileExistsError):
            move_new(fresh, mark)
    finally:
        fresh.unlink(missing_ok=True)


def tree(top: Path) -> dict[str, Listed]:
    """Every file below a folder by its path in it; a file is a tree of itself, under the empty path."""
    if not top.is_dir():
        return {"": _listed(top)}
    found = (Path(folder) / name for folder, _, names in os.walk(top) for name in names)
    return {path.relative_to(top).as_posix(): _listed(path) for path in sorted(found)}


def _listed(path: Path) -> Listed:
    return Listed(sha256(path), path.stat().st_mtime_ns)


def put(top: Path, files: Tree, folder: Path, known: Tree | None = None) -> None:
    """Put the contents of a tree into a folder of the exchange.

    Args:
        top: where the tree lies.
        files: its files.
        folder: in the exchange; it is there.
        known: files that the other side has already.
    """
    for name, listed in files.items():
        if known is not None and name in known and known[name].sha256 == listed.sha256:
            continue
        with suppress(FileExistsError), (folder / listed.sha256).open("xb") as target, _at(top, name).open("rb") as one:
            copy_hashed(one, target)


def take(folder: Path, files: Tree, top: Path, known: Tree | None = None) -> None:
    """Make a tree what a list says; what is known and stands in it already is left, what is known and not listed goes.

    Args:
        folder: in the exchange.
        files: what is to be there.
        top: where the tree is to lie.
        known: what lies there.

    Raises:
        DeliveryFailed: a content is not there, or not what its name says.
    """
    known = known or {}
    for name, listed in files.items():
        if name not in known or known[name].sha256 != listed.sha256:
            _take_one(folder, listed, _at(top, name))
    for name in known.keys() - files.keys():
        _at(top, name).unlink(missing_ok=True)


def _take_one(folder: Path, listed: Listed, target: Path) -> None:
    make_folder(target.parent)
    source = folder / listed.sha256
    try:
        with source.open("rb") as stream, replacing(target) as copy:
            if copy_hashed(stream, copy)[0] != listed.sha256:
                raise DeliveryFailed(f"{source}:交换目录里的内容与哈希不符(damaged in the exchange folder)。")
    except FileNotFoundError as error:
        raise DeliveryFailed(f"{source}:交换目录里没有这一份(missing in the exchange folder)。") from error
    os.utime(target, ns=(listed.changed_ns, listed.changed_ns))


def _at(top: Path, name: str) -> Path:
    """Where a file of a tree lies.

    Raises:
        DeliveryFailed: it would lie outside of the tree.
    """
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        raise DeliveryFailed(f"{name}:清单里的路径在目录之外(a path outside of its folder)。")
    return top / path if name else top


def attempt(folder: Path) -> Path:
    """A fresh folder for one attempt at an errand.

    Raises:
        FileNotFoundError: nobody waits for the errand any more.
    """
    fresh = folder / secrets.token_hex(_ID_BYTES)
    fresh.mkdir()
    return fresh


def forget(folder: Path) -> None:
    """Remove what an errand has left."""
    shutil.rmtree(folder, ignore_errors=True)
