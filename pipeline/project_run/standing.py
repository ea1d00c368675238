"""An output folder that holds just what a run would make is left as it is, and the run answers at once.

What a build left behind is kept with the hash of every file, under everything that decides what it makes. When the same
is wanted again and each file still stands there, and no other, it would be made once more, byte for byte. Only a build
that had nothing to say beyond the checks is kept: what it says of issued papers may be said but once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.adapters import kept_files
from pipeline.adapters.files import sha256
from pipeline.adapters.fonts import installed
from pipeline.adapters.office.converters import Converter
from pipeline.core.documents import Document, Pack, ProjectResult
from pipeline.definitions.program import forms_hash, program_hash, templates_hash
from pipeline.project_run.request import RunRequest
from pipeline.render.context.shown import Source

_SUFFIX = ".json"
_FILES = ("docx", "pdf", "folder", "archive")


@dataclass(frozen=True)
class Standing:
    """The output folder of a project, before and after a build.

    Attributes:
        cache: where it is kept what a build left behind; None keeps nothing.
        folder: the output folder.
        key: hash of everything that decides what is made.
    """

    cache: Path | None
    folder: Path
    key: str

    def result(self, judged: ProjectResult) -> ProjectResult | None:
        """The result of a build that need not be made, without what its documents print; None where it must be made.

        Args:
            judged: what was found by the checks.
        """
        left = kept_files.found(self.cache, self.key, _SUFFIX) if self.cache and self.folder.is_dir() else b""
        if not left:
            return None
        told: dict[str, Any] = json.loads(left)
        if told["files"] != _hashes(self.folder):
            return None
        documents = tuple(Document(**self._fields(one)) for one in told["documents"])
        packs = tuple(replace(Pack(**self._fields(one)), unchanged=True) for one in told["packs"])
        marked = tuple(self.folder / name for name in told["marked"])
        return replace(judged, documents=documents, packs=packs, marked=marked)

    def keep(self, judged: ProjectResult, built: ProjectResult) -> ProjectResult:
        """Remember what a build left behind; returns its result."""
        if self.cache is None or built.failure or built.notes or built.findings != judged.findings:
            return built
        told = {
            "files": _hashes(self.folder),
            "documents": [self._told(replace(one, printed=())) for one in built.documents],
            "packs": [self._told(one) for one in built.packs],
            "marked": [path.relative_to(self.folder).as_posix() for path in built.marked],
        }
        kept_files.keep(self.cache, self.key, _SUFFIX, json.dumps(told, ensure_ascii=False).encode())
        return built

    def _told(self, one: Document | Pack) -> dict[str, Any]:
        """The fields of a document or pack as JSON knows them, its places from the folder on."""
        places = {key: path.relative_to(self.folder).as_posix() for key, path in _places(asdict(one))}
        day = {"day": one.day.isoformat()} if isinstance(one, Document) else {}
        return {**asdict(one), **places, **day}

    def _fields(self, told: Mapping[str, Any]) -> dict[str, Any]:
        places = {key: self.folder / told[key] for key in _FILES if told.get(key)}
        lists = {key: tuple(value) for key, value in told.items() if isinstance(value, list)}
        day = {"day": date.fromisoformat(told["day"])} if "day" in told else {}
        return {**told, **places, **lists, **day}


def standing(
    cache: Path | None,
    folder: Path,
    request: RunRequest,
    source: Source,
    judged: ProjectResult,
    office: Converter | None,
) -> Standing:
    """The output folder of a project with the key of a run.

    Args:
        cache: folder of what is kept between runs.
        folder: output folder of the project.
        request: what is wanted.
        source: everything that is printed.
        judged: what was found by the checks, and the hashes of the workbooks.
        office: converter; None makes no PDFs.
    """
    if cache is None or request.issued or request.reissue:
        return Standing(None, folder, "")
    decide = (
        *(program_hash(), forms_hash(), templates_hash(), installed(), office.identity if office else ""),
        *(folder.resolve(), request, sorted(judged.hashes.items()), source.project.attachments),
        *([replace(one, path=Path(one.path).name) for one in judged.files], judged.findings, judged.comparisons),
    )
    return Standing(cache, folder, hashlib.sha256("\n".join(map(repr, decide)).encode()).hexdigest())


def _places(fields: Mapping[str, Any]) -> list[tuple[str, Path]]:
    return [(key, path) for key in _FILES if isinstance(path := fields.get(key), Path)]


def _hashes(folder: Path) -> dict[str, str]:
    """Hash of every file below a folder."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path) for path in found}
