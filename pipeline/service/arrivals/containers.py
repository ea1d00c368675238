"""Zip files that staff drop: their members, within limits, under names that are told right."""

from __future__ import annotations

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath

from pipeline.adapters.files import Readable
from pipeline.core.names import unseen

MOST_MEMBERS = 500
MOST_EXPANDED = 300 * 1024**2
MOST_ONE = 100 * 1024**2
DEEPEST = 6
_PACKAGES = ("[Content_Types].xml", "mimetype")
_UTF8_FLAG = 0x800
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")


class BadContainer(Exception):
    """Why a zip is returned, in Chinese."""


def is_container(path: Path, name: str) -> bool:
    """Whether a file is a zip that holds files, and no office document, which is a zip as well."""
    if not name.lower().endswith(".zip"):
        return False
    try:
        with zipfile.ZipFile(path) as package:
            return not any(part in package.namelist() for part in _PACKAGES)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return True  # it says that it is one; `members` will say what is wrong


def members(path: Path) -> Iterator[tuple[PurePath, Readable]]:
    """Path and open stream of every file in a zip; clutter is left aside.

    Raises:
        BadContainer: it is damaged, encrypted, too large, or holds a path that leads outside.
    """
    try:
        with zipfile.ZipFile(path) as package:
            for entry, name in _wanted(package):
                with package.open(entry) as stream:
                    yield name, _Limited(stream, entry.file_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError) as error:
        raise BadContainer("压缩包损坏或格式不支持。请重新压缩为 zip 后投放。") from error
    except RuntimeError as error:  # what zipfile says of a password
        raise BadContainer("压缩包加了密码。请去掉密码后投放。") from error


def _wanted(package: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, PurePath]]:
    entries = [entry for entry in package.infolist() if not entry.is_dir()]
    if len(entries) > MOST_MEMBERS:
        raise BadContainer(f"压缩包里超过 {MOST_MEMBERS} 个文件。请分开投放。")
    if sum(entry.file_size for entry in entries) > MOST_EXPANDED or any(e.file_size > MOST_ONE for e in entries):
        raise BadContainer("压缩包展开后过大(每个文件 100 MB、合计 300 MB 以内)。请分开投放。")
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadContainer("压缩包加了密码。请去掉密码后投放。")
    named = [(entry, _path(entry)) for entry in entries]
    return [(entry, path) for entry, path in named if not _unseen(path)]


def _unseen(path: PurePath) -> bool:
    """Whether a member, or a folder that it lies in, is never looked at."""
    return unseen(path.name) or any(unseen(part, folder=True) for part in path.parts[:-1])


def _path(entry: zipfile.ZipInfo) -> PurePath:
    """Path of a member; Chinese Windows writes names in GBK without saying so."""
    name = entry.filename
    if not entry.flag_bits & _UTF8_FLAG:
        raw = name.encode("cp437", "replace")
        name = next((text for code in ("utf-8", "gb18030") if (text := _decoded(raw, code)) is not None), name)
    path = PurePosixPath(name.replace("\\", "/"))
    outside = path.is_absolute() or ".." in path.parts or _DRIVE.match(name) if path.parts else True
    if outside or len(path.parts) > DEEPEST or stat.S_ISLNK(entry.external_attr >> 16):
        raise BadContainer("压缩包里有不合规的路径或链接。请重新压缩后投放。")
    return path


def _decoded(raw: bytes, code: str) -> str | None:
    try:
        return raw.decode(code)
    except UnicodeDecodeError:
        return None


class _Limited:
    """A member's stream that never gives more than its entry promised."""

    def __init__(self, stream: Readable, size: int) -> None:
        self._stream, self._left = stream, size

    def read(self, size: int = -1, /) -> bytes:
        block = self._stream.read(size)
        self._left -= len(block)
        if self._left < 0:
            raise BadContainer("压缩包损坏(大小不符)。请重新压缩为 zip 后投放。")
        return block
