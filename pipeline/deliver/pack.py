"""A pack: a versioned folder with a zip beside it. Plan and review packs are plain, the handover pack is a bag."""

from __future__ import annotations

import glob
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.adapters.files import sha256, sync_folder, sync_tree
from pipeline.adapters.private_folders import MAKING, private_folder
from pipeline.core.attachments import Attachment
from pipeline.core.documents import Document, Pack
from pipeline.core.errors import DeliveryFailed
from pipeline.deliver import manifest
from pipeline.deliver.archive import zip_folder
from pipeline.deliver.bag import make_bag
from pipeline.deliver.changes import ANNEX, Change, as_csv, as_rows, changed_files, changed_values
from pipeline.deliver.contents import add_beside, add_files, listing, merge, settled_front
from pipeline.deliver.issued.carrying import Issued, carry
from pipeline.deliver.merged import Stated

PLAN, REVIEW, HANDOVER = "计划包", "评审包", "移交包"
Front = Callable[[str, int], Path]


@dataclass(frozen=True)
class Contents:
    """What goes into a pack.

    Attributes:
        kind: 计划包, 评审包 or 移交包.
        documents: in the order of the pack.
        unbound: codes of those that lie as single files only; the merged PDF leaves them out.
        front: makes the cover with contents from the pack's name and its own number of pages (0 while unknown);
            returns the PDF. None when there are no PDFs.
        provenance: every printed field with its cells.
        hashes: SHA-256 of the source workbooks by file name.
        facts: what the content hash covers beside the printed values (findings).
        workbooks: source workbooks by file name, byte for byte.
        beside: documents that lie beside the merged PDF, not in it.
        audit: looks at the pack's folder before it is published; what it raises stops the pack.
        root: project folder, in which the attachments lie.
        attachments: files of the project folder that the pack holds.
        organization: who makes and keeps the records (bag-info, author of the merged PDF).
        retention: kept until.
        archived: day of the archiving; a project with an archived 移交包 is frozen.
        issued: register and files of the issued papers, of which the pack carries those of its documents.
        cache: as of `merge`.
    """

    code: str
    name: str
    kind: str
    day: date
    documents: Sequence[Document]
    front: Front | None
    provenance: Mapping[str, Any]
    hashes: Mapping[str, str]
    unbound: frozenset[str] = frozenset()
    facts: Sequence[str] = ()
    workbooks: Mapping[str, Path] = field(default_factory=dict)
    beside: Sequence[Document] = ()
    audit: Callable[[Path], None] | None = None
    root: Path | None = None
    attachments: Sequence[Attachment] = ()
    organization: str = ""
    retention: date | None = None
    archived: date | None = None
    issued: Issued | None = None
    cache: Path | None = None

    @property
    def kept(self) -> dict[str, str]:
        """SHA-256 of the attachments in the pack, by path."""
        return {a.path: a.sha256 for a in self.attachments}

    @property
    def bound(self) -> list[Document]:
        """Documents of the merged PDF."""
        return [document for document in self.documents if document.code not in self.unbound]


def content_hash(contents: Contents) -> str:
    """Hash of what the pack says (values, findings, attachments); saving a workbook again does not change it."""
    said = {
        "kind": contents.kind,
        "documents": [_said(document) for document in contents.documents],
        "facts": sorted(contents.facts),
        "attachments": sorted(contents.kept.items()),
        "kept": [str(contents.retention), str(contents.archived)] if contents.kind == HANDOVER else [],
    }
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _said(document: Document) -> list[object]:
    """What a document says; one that was issued anew says it again."""
    said: list[object] = [document.code, document.version, document.state, [[p.name, p.text] for p in document.printed]]
    return [*said, document.reissued] if document.reissued else said


def make_pack(contents: Contents, folder: Path) -> Pack:
    """Write a pack under `folder`, or find that the newest one says the same.

    A pack is never overwritten: other content makes the next version, with an annex of what has changed.

    Raises:
        DeliveryFailed: the pack could not be written.
    """
    digest = content_hash(contents)
    newest = newest_pack(folder, contents.code, contents.kind)
    if newest and _stands(newest, digest):
        return _described(newest[0], _version(newest[0].name), digest, unchanged=True)
    version = _next_version(contents, folder)
    name = _name(contents, version)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with private_folder(MAKING, folder) as making:
            made, archive = making / name, making / f"{name}.zip"
            _fill(made, version, digest, contents, newest[0] if newest else None)
            if contents.kind == HANDOVER:
                make_bag(made, _bag_info(contents, name))
            zip_folder(made, archive)
            sync_tree(making)
            made.replace(folder / name)
            archive.replace(folder / f"{name}.zip")
            sync_folder(folder)
    except OSError as error:
        raise DeliveryFailed(f"{folder / name}:文件包写不进去(cannot write the pack): {error}") from error
    return _described(folder / name, version, digest, unchanged=False)


def with_front(contents: Contents, folder: Path) -> Contents:
    """The contents with the cover made, so that `make_pack` of the same folder needs no converter any more."""
    newest = newest_pack(folder, contents.code, contents.kind)
    stands = newest and _stands(newest, content_hash(contents))
    if contents.front is None or stands or not _all_pdf(contents):
        return contents
    front = cache(contents.front)
    settled_front(_name(contents, _next_version(contents, folder)), contents.bound, front)
    return replace(contents, front=front)


def _stands(newest: tuple[Path, str], digest: str) -> bool:
    """Whether a pack says the same, with its archive."""
    return newest[1] == digest and _archive(newest[0]).is_file()


def _next_version(contents: Contents, folder: Path) -> int:
    return 1 + max(map(_version, _beginnings(folder, contents)), default=0)


def _name(contents: Contents, version: int) -> str:
    return f"{contents.code}_{contents.kind}_V{version}_{contents.day:%Y%m%d}"


def _all_pdf(contents: Contents) -> bool:
    return all(document.pdf for document in contents.documents)


def newest_pack(folder: Path, code: str, kind: str) -> tuple[Path, str] | None:
    """Newest pack of a kind with its content hash, empty where its manifest is broken.

    Half-made and foreign folders do not count.
    """
    found = []
    for path in folder.glob(f"{glob.escape(f'{code}_{kind}')}_V*"):
        if path.is_dir() and _version(path.name) and (manifest.payload(path) / manifest.MANIFEST).is_file():
            found.append((_version(path.name), path, str(manifest.read(path).get("content_sha256", ""))))
    return max(found)[1:] if found else None


def newest_provenance(folder: Path, code: str, kind: str) -> dict[str, Any]:
    """Provenance of the newest pack of a kind; empty when there is none. Compare it with `changes.changed_plan`."""
    newest = newest_pack(folder, code, kind)
    return manifest.read(newest[0], manifest.PROVENANCE) if newest else {}


def archived_pack(folder: Path, code: str) -> Path | None:
    """The archived 移交包 of a project, which freezes it; None while it is not archived.

    Args:
        folder: folder of the project's packs.
        code: project code as the names of packs write it.
    """
    packs = sorted(
        folder.glob(f"{glob.escape(f'{code}_{HANDOVER}')}_V*"), key=lambda path: _version(path.name), reverse=True
    )
    return next((path for path in packs if path.is_dir() and manifest.read(path).get("archived")), None)


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
    pdf = manifest.payload(path) / f"{path.name}.pdf"
    return Pack(path.name, version, path, _archive(path), pdf if pdf.is_file() else None, digest, unchanged)


def _fill(target: Path, version: int, digest: str, contents: Contents, previous: Path | None) -> None:
    target.mkdir(parents=True)
    sources = {name: (path, contents.hashes[name]) for name, path in contents.workbooks.items()}
    add_files(target, contents.documents, sources)
    add_beside(target, contents.beside)
    add_files(target, (), {}, contents.root, contents.attachments)
    if contents.issued:
        carry(contents.issued, contents.documents, target)
    sound = None
    if contents.front and _all_pdf(contents):
        stated = Stated(f"{contents.name} {contents.kind}", contents.code, contents.organization, contents.day)
        pdf = target / f"{target.name}.pdf"
        sound = merge(contents.bound, contents.front, pdf, stated, contents.cache)
    (target / manifest.PROVENANCE).write_bytes(manifest.to_json(contents.provenance))
    if contents.audit:
        contents.audit(target)
    if sound:
        sound()
    if previous:
        changes = _changes(previous, contents)
        (target / f"{ANNEX}.csv").write_bytes(as_csv(changes))
        (target / f"{ANNEX}.json").write_bytes(
            manifest.to_json({"previous": previous.name, "changes": as_rows(changes)})
        )
    listed = listing(target, (*contents.documents, *contents.beside), contents.attachments, contents.retention)
    (target / manifest.LISTING).write_bytes(listed)
    (target / manifest.MANIFEST).write_bytes(manifest.seal(_manifest(target, version, digest, contents)))


def _manifest(target: Path, version: int, digest: str, contents: Contents) -> dict[str, Any]:
    return {
        "schema": 1,
        "pack": target.name,
        "version": version,
        "project": contents.code,
        "name": contents.name,
        "kind": contents.kind,
        "date": contents.day.isoformat(),
        "retention": _day(contents.retention),
        "archived": _day(contents.archived),
        "content_sha256": digest,
        "sources": dict(contents.hashes),
        "attachments": contents.kept,
        "files": {p.relative_to(target).as_posix(): sha256(p) for p in sorted(target.rglob("*")) if p.is_file()},
    }


def _changes(previous: Path, contents: Contents) -> list[Change]:
    """What is not as the previous pack says."""
    values = changed_values(manifest.read(previous, manifest.PROVENANCE), contents.provenance)
    return values + changed_files(manifest.read(previous).get("attachments", {}), contents.kept)


def _bag_info(contents: Contents, name: str) -> dict[str, str]:
    info = {
        "Source-Organization": contents.organization,
        "External-Identifier": contents.code,
        "External-Description": f"{contents.name} {contents.kind}",
        "Internal-Sender-Identifier": name,
        "Bagging-Date": contents.day.isoformat(),
        "Retention-Until": _day(contents.retention),
    }
    return {key: " ".join(value.split()) for key, value in info.items() if value.strip()}


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
