"""Zip files that prove themselves: the same files give the same bytes, and the comment holds the hash of the rest."""

from __future__ import annotations

import hashlib
import re
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from pipeline.core.errors import UsageProblem

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MARK = b"SHA256="
_DIGITS = 64
_STORED = {".pdf", ".docx", ".xlsx", ".jpg", ".jpeg", ".png", ".zip"}
MAX_ENTRIES = 10_000
MAX_EXPANDED = 8 * 1024**3


def zip_folder(folder: Path, archive: Path) -> None:
    """Zip a folder under its own name; the last 64 bytes are the SHA-256 of all bytes before them."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as package:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", _EPOCH)
            packed = path.suffix.lower() in _STORED
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.file_size = path.stat().st_size
            with path.open("rb") as source, package.open(entry, "w") as target:
                shutil.copyfileobj(source, target)
        package.comment = _MARK + b"0" * _DIGITS
    digest = _digest(archive)
    with archive.open("r+b") as stream:
        stream.seek(-_DIGITS, 2)
        stream.write(digest.encode())


def intact(archive: Path) -> bool:
    """Whether every byte of a zip is what `zip_folder` wrote."""
    if archive.stat().st_size < _DIGITS:
        return False
    with archive.open("rb") as stream:
        stream.seek(-_DIGITS - len(_MARK), 2)
        mark = stream.read()
    return re.fullmatch(_MARK + rb"[0-9a-f]{64}", mark) is not None and mark[len(_MARK) :] == _digest(archive).encode()


def _digest(archive: Path) -> str:
    """SHA-256 of all bytes but the last 64."""
    left = archive.stat().st_size - _DIGITS
    digest = hashlib.sha256()
    with archive.open("rb") as stream:
        while left > 0 and (block := stream.read(min(left, 1 << 20))):
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()


def unzip(archive: Path, folder: Path) -> list[str]:
    """Unpack into an empty folder, entry by entry; what cannot be unpacked is named and left out.

    Raises:
        UsageProblem: it is no zip at all.
    """
    problems: list[str] = []
    try:
        with zipfile.ZipFile(archive) as package:
            entries = package.infolist()
            if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_EXPANDED:
                raise UsageProblem(f"{archive.name}:压缩包过大(the archive is too large)。")
            for entry in entries:
                problem = _unpack(package, entry, folder)
                problems += [f"{entry.filename}:{problem}"] if problem else []
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError) as error:
        raise UsageProblem(f"{archive.name}:压缩包打不开(not a readable zip): {error}") from error
    return problems


def _unpack(package: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> str:
    """Unpack one entry; returns what is wrong with it."""
    name = PurePosixPath(entry.filename)
    target = folder.joinpath(*name.parts)
    if entry.is_dir():
        return ""
    if name.is_absolute() or ".." in name.parts or "\\" in entry.filename or stat.S_ISLNK(entry.external_attr >> 16):
        return "文件名不合规,没有解开(unsafe name)"
    if target.exists():
        return "压缩包里有两个同名文件(listed twice)"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with package.open(entry) as source, target.open("xb") as stream:
            shutil.copyfileobj(source, stream)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        return f"读不出来(cannot be read): {error}"
    return ""
