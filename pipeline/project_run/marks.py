"""Marked copies of the workbooks that have findings, and the list of all findings that links to them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from pipeline.core.documents import Document, ProjectResult
from pipeline.core.findings import Severity
from pipeline.core.marks import SUFFIX, marked_name
from pipeline.deliver.files import OutputFolder
from pipeline.render.marked.copy import CannotEdit, mark
from pipeline.render.marked.findings_book import findings_book

CHECK = "check"
_READ = frozenset({"accepted", "unknown"})  # a refused file is not opened again


def put_marked(result: ProjectResult, outbox: OutputFolder, folder: str, lang: str) -> ProjectResult:
    """Put a marked copy of every workbook with findings into an output folder; older ones that are due no more go.

    Args:
        result: findings, and what became of the files.
        outbox: output folder of the project.
        folder: folder in it, empty for itself.
        lang: zh or en.

    Returns:
        The result with the marked copies; a workbook that cannot be marked is named in its notes.
    """
    made, notes = [], []
    for path in _with_findings(result):
        try:
            content = mark(_unchanged(path, result), result.findings, path.name, lang)
        except (CannotEdit, OSError) as problem:
            notes.append(f"{path.name}:不能标注({problem}),问题见校验报告")
            continue
        made.append(outbox.put_bytes(content, str(PurePath(folder, marked_name(path.name)))))
    outbox.retire(folder, f"{SUFFIX}.xlsx", made)
    return replace(result, marked=tuple(made), notes=(*result.notes, *notes))


def _with_findings(result: ProjectResult) -> Iterator[Path]:
    names = {finding.at.workbook for finding in result.findings if finding.rule.severity is not Severity.INFO}
    for verdict in result.files:
        path = Path(verdict.path)
        if verdict.verdict in _READ and path.name in names:
            yield path


def _unchanged(path: Path, result: ProjectResult) -> bytes:
    """Bytes of a workbook as it was read.

    Raises:
        CannotEdit: somebody has saved it since.
    """
    content = path.read_bytes()
    if result.hashes.get(path.name, hashlib.sha256(content).hexdigest()) != hashlib.sha256(content).hexdigest():
        raise CannotEdit("读取以后文件又被修改")
    return content


def put_findings_book(result: ProjectResult, documents: Sequence[Document], outbox: OutputFolder, lang: str) -> None:
    """Put the validation report as a workbook beside the printed one; its places lead into the marked copies."""
    report = next((document for document in documents if document.code == "VAL"), None)
    if report is None:
        return
    links = {finding.at.workbook for finding in result.findings}
    placed = {path.name for path in result.marked}
    names = {name: marked_name(name) for name in links if name and marked_name(name) in placed}
    title = f"{result.code} {report.title}"
    outbox.put_bytes(findings_book(title, result.findings, names, lang), f"{CHECK}/{report.docx.stem}.xlsx")
