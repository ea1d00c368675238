"""The gate: tell what a file really is from its first bytes before any library opens it (threats T5-T9).

The limits were measured on 3,029 workbooks that Excel opens: none is over 20 MB or over 100 MB expanded, one has more
than 1,000 parts or 256 sheets, none declares a document type.
"""

from __future__ import annotations

import io
import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable
from typing import IO

from pipeline.adapters.ooxml.parts import CONTENT_TYPES, PartNames, part_name
from pipeline.core.names import is_owner
from pipeline.intake.refusals import Refusal

__all__ = ["MAX_FILE", "WORKBOOK_SUFFIXES", "Refusal", "refuse"]

MAX_FILE = 20 * 1024 * 1024
MAX_EXPANDED = 100 * 1024 * 1024
MAX_PARTS = 1000
MAX_SHEETS = 256
MAX_RATIO = 100
_RATIO_COUNTS_FROM = 10 * 1024 * 1024
_CHUNK = 1024 * 1024

WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et", ".csv"})

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_FIRST_BYTES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "pdf"),
    (b"{\\rtf", "word"),
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"II*\0", "picture"),
    (b"MM\0*", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"\0\0\0\0", "truncated"),
    (b"\x09\x00\x04\x00", "xls"),
    (b"\x09\x02\x06\x00", "xls"),
    (b"\x09\x04\x06\x00", "xls"),
    (b"\x09\x08", "xls"),
)
_OLE_STREAMS = (
    ("DRMEncryptedDataSpace", "protected"),
    ("EncryptedPackage", "encrypted"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("WordDocument", "word"),
)
_CLIENTS = (b"%TSD-Header", b"E-SafeNet", b"LOCKD")
_HEAD, _LEAST, _SAMPLE = 512, 2048, 65536
_MARKUP: tuple[tuple[bytes, str], ...] = (
    (rb"<!doctype html|<html|<table|<body|mime-version:", "html"),
    (rb"office:document", "ods"),
    (rb"<(\w+:)?workbook|excel\.sheet|urn:schemas-microsoft-com:office:spreadsheet", "xml"),
)
_CONTENT_TYPES: tuple[tuple[bytes, str], ...] = (
    (rb"macrosheet", "xlm"),
    (rb"sheet\.binary", "xlsb"),
    (rb"vbaproject", "macro"),
    (rb"wordprocessingml", "word"),
)
# A relation makes a part what it is, whatever its name and type.
_RELATIONS: tuple[tuple[bytes, str], ...] = ((rb'/xlMacrosheet["\']', "xlm"), (rb'/vbaProject["\']', "macro"))
_PARTS: tuple[tuple[str, str], ...] = (("xl/(intl)?macrosheets/.*", "xlm"), (".*vbaproject.*[.]bin", "macro"))

# bz2 says OSError without a number for bytes that it cannot expand.
_DAMAGED = (zipfile.BadZipFile, EOFError, OSError, ValueError, RuntimeError, zlib.error, lzma.LZMAError)


def refuse(name: str, content: bytes) -> Refusal | None:
    """Reason to refuse a file, or None when it may be read.

    Args:
        name: file name; tells .et from .xls, which are alike inside.
        content: all its bytes.
    """
    if not content:
        return Refusal("empty", name)
    if len(content) > MAX_FILE:
        return Refusal("large", f"{name}: {len(content)}")
    if not content.strip(b"\0"):
        return Refusal("zeros", name)
    if not content.startswith(_ZIP):
        return Refusal(_kind(name, content), name)
    return _zip(name, content)


# -- what is no zip -------------------------------------------------------------------------------------------------


def _kind(name: str, content: bytes) -> str:
    """Real kind of a file that is no zip."""
    if is_owner(name):
        return "owner"
    if content.startswith(_OLE):
        return _ole_kind(name, content)
    known = next((reason for start, reason in _FIRST_BYTES if content.startswith(start)), None)
    return known or ("scrambled" if _is_scrambled(content) else _text_kind(content))


def _is_scrambled(content: bytes) -> bool:
    """Whether an encryption client wrote it: by the names that some put in front, else by bytes without any order."""
    if any(mark in content[:64] for mark in _CLIENTS):
        return True
    sample = content[_HEAD : _HEAD + _SAMPLE]
    return len(sample) >= _LEAST and len(zlib.compress(sample)) > len(sample)


def _ole_kind(name: str, content: bytes) -> str:
    """An OLE file by the streams in its directory, whose entries stand at multiples of 128 bytes."""
    for stream, reason in _OLE_STREAMS:
        found = re.finditer(re.escape(f"{stream}\0".encode("utf-16-le")), content)
        if any(match.start() % 128 == 0 for match in found):
            if reason == "xls" and _has_password(content):
                return "encrypted_xls"
            return "et" if reason == "xls" and name.lower().endswith(".et") else reason
    return "kind"


def _has_password(content: bytes) -> bool:
    """Whether a FilePass record stands among the first records of the old format's workbook stream."""
    begin = re.search(rb"\x09\x08(?:\x10\x00\x00\x06|\x08\x00\x00\x05)\x05\x00", content)
    at = begin.start() if begin else len(content)
    for _ in range(4):
        kind, size = content[at : at + 2], int.from_bytes(content[at + 2 : at + 4], "little")
        if kind == b"\x2f\x00":
            return True
        at += 4 + size
    return False


def _text_kind(content: bytes) -> str:
    """Markup, plain text in any usual encoding, or something else."""
    utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    head = content[:8192].replace(b"\0", b"") if utf16 else content[:8192]
    head = head.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").lower()
    if head.startswith((b"<", b"mime-version:")):
        return next((reason for pattern, reason in _MARKUP if re.search(pattern, head)), "kind")
    return "kind" if b"\0" in head or not _mostly_text(head) else "csv"


def _mostly_text(head: bytes) -> bool:
    controls = sum(byte < 32 and byte not in b"\t\r\n\f\v" for byte in head)
    return controls * 100 <= len(head)


# -- zips -----------------------------------------------------------------------------------------------------------


def _zip(name: str, content: bytes) -> Refusal | None:
    # The directory is read whole before its entries can be counted: a bound on how many there may be at all.
    if content.count(b"PK\x01\x02") > 4 * MAX_PARTS:
        return Refusal("parts", name)
    if b"PK\x05\x06" not in content[-66000:]:
        return Refusal("truncated", name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return _package(package)
    except _DAMAGED as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the machine's fault, not the file's
        return Refusal("corrupt", str(error))


def _package(package: zipfile.ZipFile) -> Refusal | None:
    entries = package.infolist()
    names = [part_name(entry.filename) for entry in entries]
    tests: tuple[Callable[[], Refusal | None], ...] = (
        lambda: Refusal("parts", str(len(entries))) if len(entries) > MAX_PARTS else None,
        lambda: _links(entries),
        lambda: _bad_names(entries),
        lambda: _size(entries),
        lambda: _content_kind(package, names),
        lambda: _contents(package, entries),
    )
    return next((refusal for test in tests if (refusal := test())), None)


def _links(entries: Iterable[zipfile.ZipInfo]) -> Refusal | None:
    links = [entry.filename for entry in entries if stat.S_ISLNK(entry.external_attr >> 16)]
    return Refusal("symlink", str(links[:3])) if links else None


def _bad_names(entries: list[zipfile.ZipInfo]) -> Refusal | None:
    names = [part_name(entry.orig_filename) for entry in entries]
    bad = [n for n in names if n.startswith("/") or ".." in n.split("/") or re.search(r"[:\x00-\x1f]", n)]
    twice = len({name.lower() for name in names}) != len(names)
    return Refusal("names", str(bad[:3] or "twice")) if bad or twice else None


def _size(entries: list[zipfile.ZipInfo]) -> Refusal | None:
    if any(entry.flag_bits & 1 for entry in entries):
        return Refusal("encrypted")
    expanded = sum(entry.file_size for entry in entries)
    stored = sum(entry.compress_size for entry in entries) or 1
    if expanded > MAX_EXPANDED or (expanded > _RATIO_COUNTS_FROM and expanded / stored > MAX_RATIO):
        return Refusal("expanded", f"{expanded}/{stored}")
    return None


def _content_kind(package: zipfile.ZipFile, names: list[str]) -> Refusal | None:
    parts = PartNames(package.namelist())
    if "mimetype" in names and b"opendocument" in package.read("mimetype"):
        listed = parts.find("META-INF/manifest.xml")
        manifest = package.read(listed) if listed else b""
        return Refusal("encrypted" if b"encryption-data" in manifest else "ods")
    stored = parts.find(CONTENT_TYPES)
    if stored is None:
        return Refusal("archive" if names else "kind")
    types = package.read(stored).replace(b"\0", b"")
    if reason := _first(_CONTENT_TYPES, types):
        return Refusal(reason)
    found = next((reason for pattern, reason in _PARTS for n in names if re.fullmatch(pattern, n.lower())), None)
    if found:
        return Refusal(found)
    if sum(name.lower().startswith("xl/worksheets/sheet") for name in names) > MAX_SHEETS:
        return Refusal("parts", "sheets")
    return None if b"spreadsheetml" in types else Refusal("kind")


def _first(patterns: tuple[tuple[bytes, str], ...], content: bytes) -> str | None:
    return next((reason for pattern, reason in patterns if re.search(pattern, content, re.IGNORECASE)), None)


def _contents(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Refusal | None:
    """Read every part once, in pieces: sizes are true, no part declares a document type, none is a hidden macro."""
    for entry in entries:
        with package.open(entry) as stream:
            size, reason = _scan(stream, part_name(entry.filename).lower())
        if size != entry.file_size:
            return Refusal("corrupt", f"{entry.filename}: size")
        if reason:
            return Refusal(reason, entry.filename)
    return None


def _scan(stream: IO[bytes], name: str) -> tuple[int, str | None]:
    """Bytes of a part, and the reason to refuse it; what stands across two pieces is seen as well."""
    size, tail, markup, wide, reason = 0, b"", False, False, None
    while piece := stream.read(_CHUNK):
        if size == 0:
            markup = not name.startswith("xl/media/") and _is_markup(piece)
            wide = b"\0" in piece[:4]
        size += len(piece)
        if markup and not reason:
            text = tail + (piece.replace(b"\0", b"") if wide else piece)
            tail = text[-16:]
            reason = "dtd" if b"<!DOCTYPE" in text or b"<!ENTITY" in text else None
            reason = reason or (_first(_RELATIONS, text) if name.endswith(".rels") else None)
    return size, reason


def _is_markup(piece: bytes) -> bool:
    """Whether a part is XML, whatever its name; in UTF-16 as well."""
    return piece[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").startswith(b"<")
