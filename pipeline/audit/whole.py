"""The whole audit: of a run before anything is published, or of a pack from what lies in it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.adapters.pdf_text import pdf_text
from pipeline.audit.books import open_books
from pipeline.audit.compare import SYSTEM, compared, compared_class, in_short, shown_value
from pipeline.audit.docx_rows import Laid, amounts_lost, amounts_of, laid, rows_found, totals_hold
from pipeline.audit.figures import figures_of
from pipeline.audit.heads import heads_hold
from pipeline.audit.kept_results import from_bytes, program, to_bytes
from pipeline.audit.names import in_words, papers_in_short
from pipeline.audit.papers import Paper, of_provenance
from pipeline.audit.printed import Grounds, missing_lines, of_other_rows, printed, where_printed
from pipeline.audit.reader import Shelf
from pipeline.core.audits import Agreement, Audit, Audited, together
from pipeline.core.errors import DocumentFailed
from pipeline.core.facts import Facts
from pipeline.core.figures import Key
from pipeline.definitions.forms import Form

WORKBOOKS = "工作簿"
Files = Mapping[str, bytes]


def grounds_of(
    files: Files, forms: Mapping[str, Form], shelf: Shelf, absent: Mapping[str, str] | None = None
) -> Grounds:
    """Read workbooks and add them up, once; `absent` says of those that belong here and are not there, why."""
    hashes = ((name, hashlib.sha256(content).hexdigest()) for name, content in files.items())
    made_of = (id(forms), tuple(sorted(hashes)), tuple(sorted((absent or {}).items())))

    def anew() -> Grounds:
        books = open_books(files.items(), forms, shelf)
        books.refused |= absent or {}
        return Grounds(books, *figures_of(books), made_of)

    return shelf.once(made_of, anew)


def audit_run(files: Files, facts: Facts, papers: Sequence[Paper], forms: Mapping[str, Form], shelf: Shelf) -> Audit:
    """Audit a project: its figures, and the papers that are about to be published.

    Args:
        files: bytes of every workbook that was read, by file name, 00 too.
        facts: what the first way found.
        papers: the documents.
        forms: form definitions by key.
        shelf: reads the workbooks.
    """
    grounds = grounds_of(files, forms, shelf)
    where = where_printed(papers, grounds)
    lines = compared(facts, grounds.figures, grounds.lost)
    names = {in_words(key): labels for key, labels in where.items()}
    figures = [replace(line, where=papers_in_short(names.get(line.what, ())) or SYSTEM) for line in lines]
    said = facts.project_class.value if facts.project_class else ""
    if found := compared_class(said, SYSTEM, grounds.books):
        figures.insert(0, found)
    return together([Audit(figures=tuple(figures), remarks=_remarks(grounds)), _papers(papers, grounds, shelf)])


def _remarks(grounds: Grounds) -> tuple[str, ...]:
    """What was not read, and what was read by the conventions of whole sheets."""
    found = list(grounds.books.refused.values())
    for form, sheet in sorted(grounds.books.read):
        for lines in grounds.books.parts(form, sheet):
            found += [f"{lines.book}:{remark}" for remark in (*lines.remarks, *lines.doubts)]
    return tuple(dict.fromkeys(found))


def _papers(papers: Sequence[Paper], grounds: Grounds, shelf: Shelf) -> Audit:
    """Printed values, rows of lists, totals of tables, and the PDF of each paper; the same is looked at once.

    A pack mostly holds papers that were audited before it was made: where values, files and workbooks are the same to
    the byte, so is what is found.
    """
    return together(shelf.once((*grounds.made_of, *_said(one)), partial(_paper, one, grounds, shelf)) for one in papers)


def _said(paper: Paper) -> tuple[object, ...]:
    """Everything of a paper that its audit depends on."""
    files = (hashlib.sha256(one.read_bytes()).hexdigest() if one else "" for one in (paper.docx, paper.pdf))
    return paper.label, paper.file, tuple(paper.fields), tuple(sorted(paper.kept)), *files


def _paper(paper: Paper, grounds: Grounds, shelf: Shelf) -> Audit:
    signed = f"{paper.label}:{len(paper.kept)} 个值照签发时的印,不与这里的工作簿比"
    audits = [printed([paper], grounds), Audit(tuple(missing_lines([paper], grounds)), (signed,) if paper.kept else ())]
    return together([*audits, Audit(tuple(of_other_rows([paper], grounds))), _laid_out(paper, grounds, shelf)])


def _laid_out(paper: Paper, grounds: Grounds, shelf: Shelf) -> Audit:
    """How the values stand in the files; what only the files decide is kept between runs."""
    if paper.docx is None:
        return Audit()
    try:
        document = laid(paper.docx)
        kept = shelf.kept((program(), *_said(paper)), lambda: to_bytes(_by_itself(paper, document)))
        return together([from_bytes(kept), Audit(tuple(heads_hold(paper, document, grounds)))])
    except DocumentFailed as problem:
        return Audit(remarks=(f"{problem},没有复核",))


def _by_itself(paper: Paper, document: Laid) -> Audit:
    """What a paper's own files tell: rows with all their values, totals, amounts that arrived in the PDF."""
    lost = amounts_lost(paper.pdf.name, amounts_of(document), pdf_text(paper.pdf)) if paper.pdf else []
    return together([rows_found(paper, document), Audit((*totals_hold(paper, document), *lost))])


# -- a pack -----------------------------------------------------------------------------------------------------------


def audit_pack(
    root: Path, provenance: Mapping[str, Any], forms: Mapping[str, Form], shelf: Shelf, merged: Path | None
) -> Audit:
    """Audit a pack from what lies in it: every document against the workbook versions that it was made from.

    Args:
        root: folder with the pack's files.
        provenance: what it tells of its values.
        forms: form definitions by key.
        shelf: reads the workbooks.
        merged: the merged PDF; None where there is none.
    """
    papers = of_provenance(provenance, root)
    lying = list(_lying(root))
    audits = []
    for versions, group in _by_versions(provenance, papers):
        files, told = _chosen(lying, versions)
        grounds = grounds_of(files, forms, shelf, {name: why for name, why in told.items() if name not in files})
        audits += [_printed_figures(group, grounds), _papers(group, grounds, shelf)]
        audits.append(Audit(remarks=(*told.values(), *_remarks(grounds))))
    audits.append(Audit(tuple(_merged(papers, merged))))
    return together(audits)


def _lying(root: Path) -> Iterator[tuple[str, str, bytes]]:
    """Name, SHA-256 and bytes of every workbook in the pack; older versions lie in folders of their own."""
    for path in sorted((root / WORKBOOKS).rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            yield path.name, hashlib.sha256(content).hexdigest(), content


def _by_versions(
    provenance: Mapping[str, Any], papers: Sequence[Paper]
) -> Iterator[tuple[Mapping[str, str], list[Paper]]]:
    """Papers that were made from the same versions, with the hashes of these by file name."""
    groups: dict[tuple[tuple[str, str], ...], list[Paper]] = {}
    for document, paper in zip(provenance.get("documents", ()), papers, strict=True):
        versions = document.get("workbooks") or provenance.get("workbooks", {})
        groups.setdefault(tuple(sorted(versions.items())), []).append(paper)
    for group, members in groups.items():
        yield dict(group), members


def _chosen(
    lying: Iterable[tuple[str, str, bytes]], versions: Mapping[str, str]
) -> tuple[dict[str, bytes], dict[str, str]]:
    """The workbooks of these versions, and what is to be told of some; one that was changed is read all the same."""
    known = list(lying)
    files, told = dict[str, bytes](), dict[str, str]()
    for name, digest in versions.items():
        exact = next((content for _, found, content in known if found == digest), None)
        other = next((content for called, _, content in known if called == name), None)
        if exact is None:
            why = "与出处记下的哈希不符,照包里的复核" if other is not None else "不在包里,出自它的数没有复核"
            told[name] = f"{name}:{why}"
        if (content := exact if exact is not None else other) is not None:
            files[name] = content
    return files, told


def _printed_figures(papers: Sequence[Paper], grounds: Grounds) -> Audit:
    """A line for every figure that the papers print, with the value that most of them print."""
    where, lines = where_printed(papers, grounds), []
    for key, labels in sorted(where.items()):
        lines.append(_printed_figure(key, labels, grounds))
    if (said := _class_said(papers)) and (found := compared_class(said[0], said[1], grounds.books)):
        lines.insert(0, found)
    return Audit(figures=tuple(lines))


def _printed_figure(key: Key, labels: Sequence[str], grounds: Grounds) -> Audited:
    figure = grounds.figures[key]
    agreement, reason = Agreement.EQUAL, ""
    if figure.unread:
        agreement, reason = Agreement.UNCHECKED, ";".join(figure.unread[:3])
    elif figure.how:
        agreement, reason = Agreement.CONVENTION, "、".join(figure.how)
    value = "" if figure.unread else shown_value(figure.value)
    return Audited(in_words(key), papers_in_short(labels), value, value, in_short(figure.cells), agreement, reason)


def _class_said(papers: Sequence[Paper]) -> tuple[str, str] | None:
    found = ((paper.values.get("project.class", ""), paper.label) for paper in papers)
    return next((pair for pair in found if re.fullmatch(r".{2}项目", pair[0])), None)


def _merged(papers: Sequence[Paper], merged: Path | None) -> list[Audited]:
    """Amounts of all the DOCX that belong in the merged PDF and are not in it."""
    if merged is None:
        return []
    wanted: Counter[str] = Counter()
    for paper in papers:
        try:
            wanted += amounts_of(laid(paper.docx)) if paper.docx and paper.bound else Counter()
        except DocumentFailed:
            continue
    try:
        return amounts_lost(merged.name, wanted, pdf_text(merged))
    except DocumentFailed as problem:
        return [Audited("合并的 PDF", merged.name, "", "", "", Agreement.UNCHECKED, str(problem))]
