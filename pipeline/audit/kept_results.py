"""What an audit found is kept by everything it depends on: where nothing has changed, nothing is added up again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.adapters.kept_files import kept
from pipeline.audit.papers import Paper
from pipeline.core.audits import Agreement, Audit, Audited
from pipeline.core.facts import Facts
from pipeline.definitions.forms import data_folder

# Packages whose code and tables decide what an audit finds.
_DECIDE = ("audit", "core", "definitions", "adapters")


def kept_result(
    folder: Path | None,
    files: Mapping[str, bytes],
    facts: Facts,
    papers: Sequence[Paper],
    make: Callable[[], Audit],
) -> Audit:
    """The audit of these workbooks, figures and papers, made only when it is not kept yet.

    Args:
        folder: keeps results between runs; None keeps nothing.
        files: bytes of every workbook by file name.
        facts: what the first way found.
        papers: the documents with their files.
        make: makes the audit.
    """
    if folder is None:
        return make()
    key = hashlib.sha256()
    for part in _parts(files, facts, papers):
        key.update(hashlib.sha256(part).digest())
    return from_bytes(kept(folder, key.hexdigest(), ".json", lambda: to_bytes(make())))


def _parts(files: Mapping[str, bytes], facts: Facts, papers: Iterable[Paper]) -> Iterator[bytes]:
    """Everything that the result depends on, each part whole."""
    yield program().encode()
    for name in sorted(files):
        yield name.encode()
        yield files[name]
    yield repr((sorted(facts.figures.items()), facts.project_class)).encode()
    for paper in papers:
        yield repr((paper.label, paper.file, sorted(paper.kept), paper.fields)).encode()
        for path in (paper.docx, paper.pdf):
            yield path.read_bytes() if path else b""


@cache
def program() -> str:
    """Hash of the program's own files that decide: another one, and all is audited anew."""
    package, found = Path(__file__).parent.parent, hashlib.sha256()
    sources = (path for name in _DECIDE for path in sorted((package / name).rglob("*.[pt][yo]*")))
    for path in (*sources, *sorted(data_folder("input_templates").glob("*.toml"))):
        if path.suffix in (".py", ".toml"):
            found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def to_bytes(audit: Audit) -> bytes:
    """An audit as JSON."""
    return json.dumps(asdict(audit), ensure_ascii=False).encode()


def from_bytes(content: bytes) -> Audit:
    """Read back what `to_bytes` wrote."""
    raw = json.loads(content)
    lines, figures = (tuple(_line(one) for one in raw[key]) for key in ("lines", "figures"))
    return Audit(lines, tuple(raw["remarks"]), raw["printed"], raw["rows"], figures)


def _line(raw: Mapping[str, Any]) -> Audited:
    return Audited(**{**raw, "agreement": Agreement(raw["agreement"])})
