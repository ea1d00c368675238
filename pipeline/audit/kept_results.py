"""What an audit found is kept by everything it depends on: where nothing has changed, nothing is added up again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.adapters.kept_files import found, keep
from pipeline.audit.papers import Paper
from pipeline.core.audits import Agreement, Audit, Audited
from pipeline.core.facts import Facts
from pipeline.definitions.forms import data_folder
from pipeline.definitions.program import libraries

# Packages whose code and tables decide what an audit finds.
_DECIDE = ("audit", "core", "definitions", "adapters")
_SUFFIX = ".json"


def kept_result(
    folder: Path | None,
    files: Mapping[str, bytes],
    facts: Facts,
    papers: Sequence[Paper],
    make: Callable[[], Audit],
    lasts: Callable[[], bool] = lambda: True,
) -> Audit:
    """The audit of these workbooks, figures and papers, made only when it is not kept yet.

    Args:
        folder: keeps results between runs; None keeps nothing.
        files: bytes of every workbook by file name.
        facts: what the first way found.
        papers: the documents with their files.
        make: makes the audit.
        lasts: asked when it is made: whether another one of the same would find the same.
    """
    if folder is None:
        return make()
    key = hashlib.sha256()
    for part in _parts(files, facts, papers):
        key.update(hashlib.sha256(part).digest())
    if content := found(folder, key.hexdigest(), _SUFFIX):
        return from_bytes(content)
    audit = make()
    if lasts():
        keep(folder, key.hexdigest(), _SUFFIX, to_bytes(audit))
    return audit


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
    """Hash of the program's own files that decide, and its libraries: another one, and all is audited anew."""
    package, decide = Path(__file__).parent.parent, hashlib.sha256(libraries().encode())
    sources = (path for name in _DECIDE for path in sorted((package / name).rglob("*.[pt][yo]*")))
    for path in (*sources, *sorted(data_folder("input_templates").glob("*.toml"))):
        if path.suffix in (".py", ".toml"):
            decide.update(hashlib.sha256(path.read_bytes()).digest())
    return decide.hexdigest()


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
