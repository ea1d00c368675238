"""The files inside a pack: documents, workbooks and attachments, the merged PDF and 清单.csv."""

from __future__ import annotations

import csv
import io
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from pipeline.adapters.files import sha256
from pipeline.adapters.limited import Limited, OverLimitError
from pipeline.adapters.pdf_file import faults, page_count
from pipeline.core.attachments import Attachment
from pipeline.core.documents import Document
from pipeline.core.errors import DeliveryFailed
from pipeline.deliver.changes import ANNEX, plain
from pipeline.deliver.issued.carrying import IN_PACK
from pipeline.deliver.manifest import PAGES, PROVENANCE, nfc
from pipeline.deliver.merged import Part, Stated, join

WORKBOOKS = "工作簿"
_LOOKING_S = 600  # at a merged file; 100 pages take less than one
_LINES = 27  # documents on a page of a pack's contents, as a rule: a guess that is right saves a conversion
LISTED = ("文件", "名称", "版本", PAGES, "保存至", "SHA-256")
_KINDS = {
    f"{WORKBOOKS}/": "工作簿",
    PROVENANCE: "各印出值的出处",
    ANNEX: "与上一版的变更对照",
    f"{IN_PACK}/": "签发登记",
}


def add_files(
    target: Path,
    documents: Sequence[Document],
    workbooks: Mapping[str, tuple[Path, str]] | None = None,
    root: Path | None = None,
    attachments: Sequence[Attachment] = (),
) -> None:
    """Copy documents to docx/ and pdf/, workbooks to 工作簿/ and attachments to their own folders; names in NFC.

    Args:
        target: folder of the pack.
        documents: each with its files.
        workbooks: path and SHA-256 by file name.
        root: project folder, in which the attachments lie.
        attachments: files of the project folder.

    Raises:
        DeliveryFailed: a workbook or attachment is no longer what was read.
    """
    for document in documents:
        for path in filter(None, (document.docx, document.pdf)):
            _copy(path, target / path.suffix.lstrip(".") / nfc(path.name))
    for name, (path, digest) in (workbooks or {}).items():
        _copy(path, target / WORKBOOKS / nfc(name), digest)
    for attachment in attachments if root else ():
        _copy(_on_disk(root or target, attachment.path), target / attachment.path, attachment.sha256)


def add_beside(target: Path, documents: Sequence[Document]) -> None:
    """Copy documents that belong to no record into the pack's own folder, beside the merged PDF."""
    for document in documents:
        for path in filter(None, (document.docx, document.pdf)):
            _copy(path, target / nfc(path.name))


def _copy(source: Path, target: Path, digest: str = "") -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        raise DeliveryFailed(f"{target.name}:同名文件有两个,请改名后重做(two files of one name)。")
    shutil.copyfile(source, target)
    if digest and sha256(target) != digest:
        raise DeliveryFailed(f"{source}:文件在处理过程中变了,请重新运行(the file changed while running)。")


def _on_disk(root: Path, path: str) -> Path:
    """The file behind a path in NFC, however the disk spells it."""
    found = root
    for part in path.split("/"):
        exact = found / part
        if not exact.exists():
            exact = next((child for child in found.iterdir() if nfc(child.name) == part), exact)
        found = exact
    return found


def merge(
    documents: Sequence[Document],
    make_front: Callable[[str, int], Path],
    target: Path,
    stated: Stated,
    cache: Path | None = None,
) -> Callable[[], None]:
    """Cover with contents first, then every document under its own bookmark, which keeps its inner ones.

    The file is looked at beside what the caller does next: it is sound once what is returned has been called.

    Args:
        documents: each with its PDF.
        make_front: makes the cover from the pack's name and its own number of pages.
        target: merged PDF, named like the pack.
        stated: what the PDF says of itself.
        cache: folder that keeps between runs what every pack needs; None makes it.

    Raises:
        DeliveryFailed: pages were lost, or the merged file is not sound.
    """
    name = target.stem
    front, pages = settled_front(name, documents, make_front)
    names = [(d.code, d.part) for d in documents]
    several = {name for name in names if names.count(name) > 1}
    parts = [_part(d, d.version if (d.code, d.part) in several else "") for d in documents]
    parts = [Part(front, "封面与目录", own_bookmarks=False), *parts]
    if join(parts, target, stated, numbered=True, cache=cache) != pages + sum(d.pages for d in documents):
        raise DeliveryFailed(f"{name}:合并后的页数不对(pages lost in merging)。")
    # The tags have been looked at before the claim was made.
    looking = Limited(partial(faults, tags=False), seconds=_LOOKING_S)
    looking.begin(target)
    return partial(_sound, looking, target)


def settled_front(name: str, documents: Sequence[Document], make_front: Callable[[str, int], Path]) -> tuple[Path, int]:
    """Cover with contents that counts its own pages, and their number; arguments as of `merge`.

    Raises:
        DeliveryFailed: it has other pages each time.
    """
    guess = 1 + math.ceil((len(documents) + 1) / _LINES)
    front = make_front(name, guess)
    if (pages := page_count(front)) != guess:
        front = make_front(name, pages)
        if page_count(front) != pages:
            raise DeliveryFailed(f"{name}:目录页数不稳定(the contents do not settle)。")
    return front, pages


def _sound(looking: Limited, target: Path) -> None:
    """Wait for what is found in a merged file.

    Raises:
        DeliveryFailed: it is not sound, or too much for whoever opens it.
    """
    try:
        wrong = looking.result()
    except OverLimitError as problem:
        wrong = [str(problem)]
    finally:
        looking.close()
    if wrong:
        raise DeliveryFailed(f"{target.stem}:合并后的 PDF 不合格(merged PDF is not sound): {';'.join(wrong)}")


def _part(document: Document, version: str) -> Part:
    """A document of the merged PDF; its version is named where the pack holds several."""
    title = " ".join(filter(None, (document.name, version)))
    return Part(Path(str(document.pdf)), title)


def listing(
    target: Path,
    documents: Sequence[Document],
    attachments: Sequence[Attachment] = (),
    retention: date | None = None,
) -> bytes:
    """清单.csv: one line a file, what a person looks for first, the hash last, with a byte order mark for Excel.

    First what is read (the merged file, the papers in the order of the contents, the attachments), then what lies
    behind it. The hashes of the sources stand in the manifest.
    """
    told = {nfc(p.name): (d.name, d.version, d.pages or "") for d in documents for p in (d.docx, d.pdf) if p}
    told[f"{target.name}.pdf"] = ("文件包（合并）", "", page_count(merged) if (merged := _merged(target)) else "")
    enclosed = {a.path: (a.folder, "", a.pages or "") for a in attachments}
    until = retention.isoformat() if retention else ""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(LISTED)
    at = {nfc(p.name): n for n, d in enumerate(documents) for p in (d.docx, d.pdf) if p}
    files = {p.relative_to(target).as_posix(): p for p in target.rglob("*") if p.is_file()}
    for name in sorted(files, key=lambda n: (_rank(n, target.name, enclosed), at.get(files[n].name, 0), n)):
        path = files[name]
        what, version, pages = enclosed.get(name) or told.get(path.name) or (_kind(name), "", "")
        rows.writerow([plain(name), plain(what), plain(version), pages, until, sha256(path)])
    return out.getvalue().encode("utf-8-sig")


def _rank(name: str, pack: str, enclosed: Mapping[str, object]) -> int:
    """Where a file comes in the list: merged file, papers, attachments, Word files, workbooks, the rest."""
    ranks = {f"{pack}.pdf": 0, "pdf": 1, "docx": 3, WORKBOOKS: 4}
    return 2 if name in enclosed else ranks.get(name.partition("/")[0], 5)


def _merged(target: Path) -> Path | None:
    path = target / f"{target.name}.pdf"
    return path if path.is_file() else None


def _kind(name: str) -> str:
    """What a file is that is no document and no attachment."""
    return next((what for start, what in _KINDS.items() if name.startswith(start)), "")
