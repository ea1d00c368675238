"""The folders 附件/ and 签字件/: what each file really is, its size, pages and hash, and what a signed scan signs."""

from __future__ import annotations

import hashlib
import re
import stat
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipeline.core.attachments import FOLDERS, SIGNED, Attachment
from pipeline.core.documents import FileVerdict
from pipeline.core.findings import Finding, Rule
from pipeline.core.names import unseen
from pipeline.core.places import Place
from pipeline.definitions.documents import DocumentForm, load_documents

MAX_SIZE = 100 * 1024 * 1024
_TEXT_PAGES = 5
_TEXT_LIMIT = 30 * 1024 * 1024
_KINDS = {
    "pdf": "PDF",
    "docx": "DOCX",
    "xlsx": "XLSX",
    "dwg": "DWG",
    "jpg": "JPG",
    "png": "PNG",
    "ofd": "OFD",
    "tif": "TIFF",
    "heic": "HEIC",
    "pptx": "PPTX",
    "vsdx": "VSDX",
}
_SUFFIXES = {".jpeg": "jpg", ".tiff": "tif", ".heif": "heic", **{f".{kind}": kind for kind in _KINDS}}
_PLACES_OF_PACKAGES = {"word/": "docx", "xl/": "xlsx", "ppt/": "pptx", "visio/": "vsdx", "OFD.xml": "ofd"}
_CODE = r"(?P<code>[A-Z][A-Z0-9]{2,3})(?![A-Za-z0-9])(?:-(?P<part>[^\W_]+(?:-[^\W_]+)*))?"
_GOOD = (
    "PDF、OFD、DOCX、XLSX、PPTX、VSDX、DWG、JPG、PNG、TIFF 或 HEIC 文件",
    "a PDF, OFD, DOCX, XLSX, PPTX, VSDX, DWG, JPG, PNG, TIFF or HEIC file",
)

# What a name must not hold so that the pack unpacks everywhere: control, bidi and zero-width letters, what Windows
# refuses, and the escape sign of BagIt.
_BAD_NAME = re.compile(
    r'[\x00-\x1f\x7f<>:"|?*\\%\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\udc80-\udcff]|[ .](/|$)|(^|/) '
)
_NAME_LIMIT = 200
_NAME_FAULT = (
    ("文件名过长,或含有不能用的字符", "its name is too long or holds characters that cannot be used"),
    ("只用文字、数字、点、横线的文件名", "a name of letters, digits, dots and dashes"),
)

Taken = tuple[tuple[Attachment, ...], tuple[Finding, ...], tuple[FileVerdict, ...]]


class _NotTaken(Exception):
    """Why a file is left out: what was found and what is expected, each in Chinese and English."""

    def __init__(self, found: tuple[str, str], expected: tuple[str, str] = _GOOD) -> None:
        super().__init__(found[0])
        self.found = found
        self.expected = expected


def read_attachments(folder: Path, code: str, rules: Mapping[str, Rule]) -> Taken:
    """Read both folders of a project, each with its folders one level down.

    Args:
        folder: project folder.
        code: project code, as it stands in our file names.
        rules: the catalogue (X231).

    Returns:
        What is kept in the order of the paths, findings about the rest, and a verdict for every file.
    """
    kept: dict[str, Attachment] = {}
    findings, verdicts = [], []
    for name in FOLDERS:
        for file in _files(folder, name):
            path = unicodedata.normalize("NFC", file.relative_to(folder).as_posix())
            try:
                if path.casefold() in kept:
                    raise _NotTaken(("同一文件名有两个文件(大小写或编码不同)", "two files of the same name"))
                kept[path.casefold()] = _read(file, path, name, code)
                verdicts.append(FileVerdict(str(file), "accepted", "", name))
            except _NotTaken as why:
                findings.append(_finding(why, path, rules["X231"]))
                verdicts.append(FileVerdict(str(file), "ignored", "X231", why.found[0]))
    return tuple(sorted(kept.values(), key=lambda a: a.path)), tuple(findings), tuple(verdicts)


def attached(folder: Path) -> Iterator[Path]:
    """Every file that would be read as an attachment of a project."""
    for name in FOLDERS:
        yield from _files(folder, name)


def _finding(why: _NotTaken, path: str, rule: Rule) -> Finding:
    values = {
        "name": path,
        "found": why.found[0],
        "found_en": why.found[1],
        "expected": why.expected[0],
        "expected_en": why.expected[1],
    }
    return Finding(rule, Place(path), (), values)


def _files(folder: Path, name: str) -> Iterator[Path]:
    """Everything in a folder that is no folder, one level down too; nothing is followed out of it."""
    for top in sorted(folder.iterdir()):
        if unicodedata.normalize("NFC", top.name) != name or not stat.S_ISDIR(top.lstat().st_mode):
            continue
        for path in sorted(top.iterdir()):
            if unseen(path.name, folder=_is_folder(path)):
                continue
            if _is_folder(path):
                yield from (p for p in sorted(path.iterdir()) if not _is_folder(p) and not unseen(p.name))
            else:
                yield path


def _is_folder(path: Path) -> bool:
    return stat.S_ISDIR(path.lstat().st_mode)


def _read(file: Path, path: str, folder: str, code: str) -> Attachment:
    if _BAD_NAME.search(path) or max(len(part.encode()) for part in path.split("/")) > _NAME_LIMIT:
        raise _NotTaken(*_NAME_FAULT)
    status = file.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise _NotTaken(("不是普通文件(链接等)", "it is a link or no regular file"))
    if status.st_size > MAX_SIZE:
        raise _NotTaken(("超过 100 MB", "it is over 100 MB"), ("100 MB 以内的文件", "at most 100 MB"))
    try:
        with file.open("rb") as stream:
            kind = _kind(stream.read(4096), file)
            stream.seek(0)
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _NotTaken(("文件打不开,可能被占用或没有权限", "it cannot be opened")) from error
    _agree(kind, file.suffix.lower())
    name = path.rpartition("/")[2]
    pages, text = _look_inside(file, kind)
    signs = matched(name, text, code) if folder == SIGNED else ""
    return Attachment(path, name, kind, status.st_size, digest, pages, folder, signs)


def _kind(head: bytes, file: Path) -> str:
    """Kind by the first bytes; empty when it is none of ours."""
    starts = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"%PDF-": "pdf", b"II*\0": "tif", b"MM\0*": "tif"}
    for start, kind in starts.items():
        if head.startswith(start):
            return kind
    if re.match(rb"AC10\d\d", head):
        return "dwg"
    if re.match(rb"....ftyp(?:hei[cx]|hev[cx]|mif1)", head, re.DOTALL):
        return "heic"
    return _package_kind(file) if head.startswith(b"PK\x03\x04") else ""


def _package_kind(file: Path) -> str:
    """Kind of a package by the folder or part that it holds."""
    try:
        with zipfile.ZipFile(file) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return ""
    return next((kind for start, kind in _PLACES_OF_PACKAGES.items() if any(n.startswith(start) for n in names)), "")


def _agree(kind: str, suffix: str) -> None:
    """Raise unless the file is what its name says."""
    said = _SUFFIXES.get(suffix, "")
    if not kind or not said:
        raise _NotTaken(("内容不是能保存的类型", "its kind is none that is kept"))
    if kind != said:
        found = (f"内容是 {_KINDS[kind]},文件名却写作 {suffix}", f"it is {_KINDS[kind]} under the name {suffix}")
        raise _NotTaken(found, (f"真正的 {_KINDS[said]} 文件,或改正扩展名", f"a real {_KINDS[said]} file, or its name"))


def _look_inside(file: Path, kind: str) -> tuple[int, str]:
    """Pages, and the text of the first pages of a PDF."""
    if kind != "pdf":
        return (1 if kind in {"jpg", "png", "heic"} else 0), ""
    from pypdf import PdfReader

    try:
        reader = PdfReader(file)
        pages = len(reader.pages)
        short = file.stat().st_size <= _TEXT_LIMIT
        texts = [page.extract_text() for page in reader.pages[:_TEXT_PAGES]] if short else []
    except Exception as error:  # a broken PDF makes pypdf raise whatever its code stumbles over
        raise _NotTaken(("PDF 打不开(损坏或加密)", "the PDF is damaged or encrypted")) from error
    return pages, unicodedata.normalize("NFC", "\n".join(texts))


def matched(name: str, text: str, code: str) -> str:
    """Document that a signed scan belongs to, empty when neither its name nor its pages say so.

    Args:
        name: file name: `PPR.pdf`, `LY-SQ-2026-007_PPR_V1.0_20260301.pdf`, `项目计划报告_签字.pdf`.
        text: text of the pages; ours print `LY-SQ-2026-007_PPR` or the record number.
        code: project code.
    """
    forms = load_documents()
    stem = Path(name).stem
    for found in re.finditer(rf"(?<![A-Za-z0-9]){_CODE}", stem):
        if found["code"] in forms:
            return _with_part(found, forms[found["code"]])
    titles = {_bare(form.title): form.code for form in forms.values()}
    by_title = [title for title in titles if title in _bare(stem)]
    if by_title:
        return titles[max(by_title, key=len)]
    for found in re.finditer(rf"{re.escape(code)}_{_CODE}", text):
        if found["code"] in forms:
            return _with_part(found, forms[found["code"]])
    return _by_record_number(text, forms)


def _bare(title: str) -> str:
    """A title without brackets and what stands in round ones: 《项目计划报告》审批单 is 项目计划报告审批单."""
    return re.sub(r"[((].*?[))]|[《》\s]", "", title)


def _with_part(found: re.Match[str], form: DocumentForm) -> str:
    part = re.sub(r"-?(签字|签署|盖章|扫描|signed|scan).*$", "", found["part"] or "", flags=re.IGNORECASE)
    return f"{form.code}-{part}" if form.per and part else form.code


def _by_record_number(text: str, forms: Mapping[str, DocumentForm]) -> str:
    """The only document whose record number stands in the text."""
    numbers = {form.record_no: form.code for form in forms.values() if form.record_no}
    hits = {code for number, code in numbers.items() if re.search(rf"{re.escape(number)}(?![\d-])", text)}
    return hits.pop() if len(hits) == 1 else ""
