"""A pack: merged PDF with bookmarks, every document, 清单 with page counts and hashes, provenance; folder and zip."""

from __future__ import annotations

import csv
import glob
import hashlib
import io
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter

from pipeline.core.documents import Document, Pack
from pipeline.core.errors import DeliveryFailed
from pipeline.deliver.files import sha256, sync_folder

MANIFEST = "manifest.json"
PROVENANCE = "provenance.json"
LISTING = "清单.csv"
Front = Callable[[str, int], Path]
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Contents:
    """What goes into a pack.

    Attributes:
        kind: 计划包, 评审包 or 移交包.
        documents: in the order of the pack.
        front: makes the cover with contents from the pack's name and its own number of pages (0 while unknown);
            returns the PDF. None when there are no PDFs.
        provenance: every printed field with its cells.
        hashes: SHA-256 of the source workbooks by file name.
        facts: what the content hash covers beside the printed values (findings).
    """

    code: str
    name: str
    kind: str
    day: date
    documents: Sequence[Document]
    front: Front | None
    provenance: Mapping[str, Any]
    hashes: Mapping[str, str]
    facts: Sequence[str] = ()


def content_hash(contents: Contents) -> str:
    """Hash of what the pack says (values, findings), never of bytes: saving a workbook again does not change it."""
    said = {
        "kind": contents.kind,
        "documents": [[d.code, d.version, d.state, [[p.name, p.text] for p in d.printed]] for d in contents.documents],
        "facts": sorted(contents.facts),
    }
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def make_pack(contents: Contents, folder: Path) -> Pack:
    """Write a pack under `folder`, or find that the newest one says the same.

    A pack is never overwritten: other content makes the next version.

    Raises:
        DeliveryFailed: the pack could not be written.
    """
    digest = content_hash(contents)
    newest = newest_pack(folder, contents.code, contents.kind)
    if newest and newest[1] == digest and _archive(newest[0]).is_file():
        return _described(newest[0], _version(newest[0].name), digest, unchanged=True)
    version = 1 + max(map(_version, _beginnings(folder, contents)), default=0)
    name = f"{contents.code}_{contents.kind}_V{version}_{contents.day:%Y%m%d}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as making:
            _fill(Path(making) / name, name, version, digest, contents)
            archive = Path(making) / f"{name}.zip"
            _zip(Path(making) / name, archive)
            (Path(making) / name).replace(folder / name)
            archive.replace(folder / f"{name}.zip")
            sync_folder(folder)
    except OSError as error:
        raise DeliveryFailed(f"{folder / name}:文件包写不进去(cannot write the pack): {error}") from error
    return _described(folder / name, version, digest, unchanged=False)


def newest_pack(folder: Path, code: str, kind: str) -> tuple[Path, str] | None:
    """Newest pack of a kind with its content hash; half-made, damaged and foreign folders do not count."""
    found = []
    for path in folder.glob(f"{glob.escape(f'{code}_{kind}')}_V*"):
        if _version(path.name) and (digest := _stated_hash(path / MANIFEST)):
            found.append((_version(path.name), path, digest))
    return max(found)[1:] if found else None


def _stated_hash(manifest: Path) -> str:
    """Content hash that a manifest states, empty when it cannot be read."""
    try:
        return str(json.loads(manifest.read_text("utf-8"))["content_sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _beginnings(folder: Path, contents: Contents) -> list[str]:
    """Names of all that is left of packs of the kind, whole or not: none of their numbers is used again."""
    kept = folder.glob(f"{glob.escape(f'{contents.code}_{contents.kind}')}_V*")
    return [path.name.removesuffix(".zip") for path in kept]


def _version(name: str) -> int:
    match = re.search(r"_V(\d+)_\d{8}$", name)
    return int(match[1]) if match else 0


def _archive(path: Path) -> Path:
    return path.with_name(path.name + ".zip")


def _described(path: Path, version: int, digest: str, *, unchanged: bool) -> Pack:
    pdf = path / f"{path.name}.pdf"
    return Pack(path.name, version, path, _archive(path), pdf if pdf.is_file() else None, digest, unchanged)


def _fill(target: Path, name: str, version: int, digest: str, contents: Contents) -> None:
    target.mkdir(parents=True)
    for document in contents.documents:
        for path in filter(None, (document.docx, document.pdf)):
            place = target / path.suffix.lstrip(".")
            place.mkdir(exist_ok=True)
            shutil.copyfile(path, place / path.name)
    if contents.front and all(d.pdf for d in contents.documents):
        _merge(contents, contents.front, name, target / f"{name}.pdf")
    _write(target / PROVENANCE, _json(contents.provenance))
    _write(target / LISTING, _listing(target, contents))
    manifest = {
        "schema": 1,
        "pack": name,
        "version": version,
        "project": contents.code,
        "name": contents.name,
        "kind": contents.kind,
        "date": contents.day.isoformat(),
        "content_sha256": digest,
        "sources": dict(contents.hashes),
        "files": {str(p.relative_to(target)): sha256(p) for p in sorted(target.rglob("*")) if p.is_file()},
    }
    _write(target / MANIFEST, _json(manifest))


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _merge(contents: Contents, make_front: Front, name: str, target: Path) -> None:
    """Cover with contents first, then every document under its own bookmark, which keeps its inner ones."""
    pages = len(PdfReader(make_front(name, 0)).pages)
    front = make_front(name, pages)
    if len(PdfReader(front).pages) != pages:
        raise DeliveryFailed(f"{name}:目录页数不稳定(the contents do not settle)。")
    with PdfWriter() as writer:
        writer.append(str(front), outline_item="封面与目录", import_outline=False)
        for document in contents.documents:
            writer.append(str(document.pdf), outline_item=document.title)
        writer.add_metadata({"/Title": f"{contents.name} {contents.kind}", "/Subject": contents.code, "/Producer": ""})
        writer.page_mode = "/UseOutlines"
        writer.compress_identical_objects()
        if len(writer.pages) != pages + sum(d.pages for d in contents.documents):
            raise DeliveryFailed(f"{name}:合并后的页数不对(pages lost in merging)。")
        writer.write(str(target))


def _listing(target: Path, contents: Contents) -> bytes:
    """清单.csv: one line a file, with a byte order mark so that Excel reads it as UTF-8."""
    pages = {path.name: d.pages for d in contents.documents for path in filter(None, (d.docx, d.pdf))}
    sources = ";".join(f"{_plain(name)}={digest}" for name, digest in contents.hashes.items())
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["文件名", "SHA-256", "页数", "来源工作簿及其 SHA-256"])
    for path in sorted(p for p in target.rglob("*") if p.is_file()):
        count = pages.get(path.name) or (len(PdfReader(path).pages) if path.suffix == ".pdf" else "")
        rows.writerow([_plain(str(path.relative_to(target))), sha256(path), count, sources])
    return out.getvalue().encode("utf-8-sig")


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _zip(folder: Path, archive: Path) -> None:
    """Zip a folder; the same files give the same bytes."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as package:
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder)}", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            package.writestr(entry, path.read_bytes())
