"""The gate: tell what a file really is from its first bytes before any library opens it (threats T5-T9)."""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

MAX_FILE = 20 * 1024 * 1024
MAX_EXPANDED = 100 * 1024 * 1024
MAX_PARTS = 1000
MAX_RATIO = 100
_RATIO_COUNTS_FROM = 10 * 1024 * 1024

REASONS: dict[str, tuple[str, str]] = {
    "empty": ("文件是空的(0 字节),可能还没有写完。请重新保存后再投放。", "The file is empty; save it again."),
    "large": ("文件超过 20 MB,不像填写的表单。请删去图片等内容后再投放。", "The file is over 20 MB."),
    "encrypted": (
        "文件加了密码。请在“文件-信息-保护工作簿”中去掉密码后另存。",
        "The file is encrypted; remove the password.",
    ),
    "xls": (
        "这是旧格式 .xls 文件。请用 Excel 或 WPS 另存为“Excel 工作簿(*.xlsx)”。",
        "Old .xls file; save it as .xlsx.",
    ),
    "xlsb": (
        "这是二进制工作簿 .xlsb。请另存为“Excel 工作簿(*.xlsx)”。",
        "Binary .xlsb workbook; save it as .xlsx.",
    ),
    "ods": (
        "这是 OpenDocument 文件。请另存为“Excel 工作簿(*.xlsx)”。",
        "OpenDocument file; save it as .xlsx.",
    ),
    "csv": (
        "这是文本或 CSV 文件。请使用空白模板填写并保存为 .xlsx。",
        "Text or CSV file; fill the blank .xlsx form.",
    ),
    "html": (
        "这是网页文件,不是工作簿。请另存为“Excel 工作簿(*.xlsx)”。",
        "HTML under an Excel name; save it as .xlsx.",
    ),
    "xml": (
        "这是 XML 表格(2003)。请另存为“Excel 工作簿(*.xlsx)”。",
        "XML spreadsheet 2003; save it as .xlsx.",
    ),
    "macro": (
        "文件含有宏。请另存为不含宏的“Excel 工作簿(*.xlsx)”。",
        "The file holds macros; save it as plain .xlsx.",
    ),
    "truncated": (
        "文件不完整(可能还在复制或保存中断)。请重新保存后再投放。",
        "The file is incomplete; save and drop it again.",
    ),
    "corrupt": (
        "文件内部已损坏。请用 Excel 或 WPS 打开后另存一次。",
        "The file is damaged; open and save it again.",
    ),
    "names": (
        "文件内部的部件名称不合规。请用 Excel 或 WPS 打开后另存一次。",
        "Bad part names inside; open and save it again.",
    ),
    "expanded": (
        "文件展开后过大,已拒绝。请用空白模板重新填写。",
        "The file expands to too much; use the blank form.",
    ),
    "dtd": (
        "文件内含外部实体声明,已拒绝。请用空白模板重新填写。",
        "The file declares entities; use the blank form.",
    ),
    "parts": ("文件的工作表或部件过多,已拒绝。请用空白模板重新填写。", "Too many parts; use the blank form."),
    "grid": (
        "工作表的单元格过多,已拒绝。请删去表格以外的内容。",
        "Too many cells; delete what lies outside the table.",
    ),
    "unreadable": (
        "文件无法打开(可能被占用或没有权限)。请关闭文件后重新投放。",
        "The file cannot be opened; close it and try again.",
    ),
    "kind": (
        "不是 Excel 工作簿。请使用空白模板填写并保存为 .xlsx。",
        "No Excel workbook; fill the blank .xlsx form.",
    ),
}
_IGNORED = re.compile(r"~\$.*|\.~.*|\..*|~WR.*|.*\.(tmp|part|crdownload)|Thumbs\.db|desktop\.ini", re.IGNORECASE)
WORKBOOK_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".et", ".csv"})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file is not read: a key of `REASONS`; `detail` is for the log."""

    reason: str
    detail: str = ""

    def message(self, lang: str = "zh") -> str:
        """Sentence for the sender, with the remedy."""
        return REASONS[self.reason][1 if lang == "en" else 0]


def ignored(name: str) -> bool:
    """Whether a file is an owner file, a temporary file or hidden: never looked at."""
    return bool(_IGNORED.fullmatch(name))


def refuse(name: str, content: bytes) -> Refusal | None:
    """Reason to refuse a file, or None when it may be read.

    Args:
        name: file name; only for the log.
        content: all its bytes.
    """
    if not content.strip(b"\0"):
        return Refusal("empty", name)
    if len(content) > MAX_FILE:
        return Refusal("large", f"{name}: {len(content)}")
    if not content.startswith(b"PK\x03\x04"):
        return Refusal(_kind(content), name)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return _package(package)
    except (zipfile.BadZipFile, EOFError):
        return Refusal("truncated", name)
    except (OSError, ValueError, RuntimeError, NotImplementedError, zlib.error, lzma.LZMAError) as error:
        return Refusal("corrupt", str(error))


def _kind(content: bytes) -> str:
    head = content[:4096].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "encrypted" if "EncryptedPackage".encode("utf-16-le") in content else "xls"
    if head.startswith((b"<!doctype html", b"<html", b"<table")):
        return "html"
    if head.startswith(b"<?xml") or head.startswith(b"<workbook"):
        return "html" if b"<html" in head else "xml"
    return "kind" if b"\0" in content[:4096] else "csv"


def _package(package: zipfile.ZipFile) -> Refusal | None:
    entries = package.infolist()
    names = [entry.filename for entry in entries]
    tests: tuple[Callable[[], Refusal | None], ...] = (
        lambda: Refusal("parts", str(len(entries))) if len(entries) > MAX_PARTS else None,
        lambda: _bad_names(names),
        lambda: _size(entries),
        lambda: _content_kind(package, names),
        lambda: _contents(package, entries),
    )
    return next((refusal for test in tests if (refusal := test())), None)


def _bad_names(names: list[str]) -> Refusal | None:
    folded = [name.lower() for name in names]
    bad = [n for n in names if n.startswith(("/", "\\")) or ".." in n.split("/") or "\\" in n or ":" in n]
    return Refusal("names", str(bad[:3])) if bad or len(set(folded)) != len(folded) else None


def _size(entries: list[zipfile.ZipInfo]) -> Refusal | None:
    expanded = sum(entry.file_size for entry in entries)
    stored = sum(entry.compress_size for entry in entries) or 1
    if expanded > MAX_EXPANDED or (expanded > _RATIO_COUNTS_FROM and expanded / stored > MAX_RATIO):
        return Refusal("expanded", f"{expanded}/{stored}")
    return Refusal("encrypted") if any(entry.flag_bits & 1 for entry in entries) else None


def _content_kind(package: zipfile.ZipFile, names: list[str]) -> Refusal | None:
    if "mimetype" in names and b"opendocument" in package.read("mimetype"):
        return Refusal("ods")
    if "[Content_Types].xml" not in names:
        return Refusal("kind")
    types = package.read("[Content_Types].xml")
    if b"sheet.binary" in types:
        return Refusal("xlsb")
    if b"macroEnabled" in types or b"vbaProject" in types or b"macrosheet" in types.lower():
        return Refusal("macro")
    if any(name.lower().startswith("xl/macrosheets/") or name.endswith("vbaProject.bin") for name in names):
        return Refusal("macro")
    return None if b"spreadsheetml" in types else Refusal("kind")


def _contents(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Refusal | None:
    """Read every part once: declared sizes must be true, and no part may declare a document type."""
    for entry in entries:
        with package.open(entry) as stream:
            content = stream.read(entry.file_size + 1)
        if len(content) != entry.file_size:
            return Refusal("corrupt", f"{entry.filename}: size")
        if not entry.filename.lower().startswith("xl/media/") and _declares_type(content):
            return Refusal("dtd", entry.filename)
    return None


def _declares_type(content: bytes) -> bool:
    """Whether a part is XML with a document type, whatever its name; in UTF-16 as well."""
    if not content.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \r\n\t").startswith(b"<"):
        return False
    text = content.replace(b"\0", b"") if b"\0" in content[:4] else content
    return b"<!DOCTYPE" in text or b"<!ENTITY" in text
