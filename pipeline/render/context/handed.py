"""Files of the handover and contents of the archive: what was listed, and the papers of ours (clauses 6.7, 7.1).

What the list says of a paper that the program made itself (its version, state and pages) is taken from that paper.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.core.attachments import ENCLOSED, SIGNED, scans_of
from pipeline.core.documents import RECORDED, UNSIGNED
from pipeline.core.leaves import Shown
from pipeline.core.sheets import Record
from pipeline.core.workdays import in_lists
from pipeline.definitions.documents import load_documents
from pipeline.render.context.shown import Node, Source, leaf, of_cell, words
from pipeline.render.context.views import version_of, view_of
from pipeline.render.orders import Order, file_part, orders

_FILE = {"title": "doc_name", "code": "doc_no", **{key: key for key in ("version", "pages", "copies", "medium")}}
_RANGE = re.compile(r"(?P<start>.*?)(?P<first>\d+)\s*[~\uff5e\u2013\u2014至]\s*(?P<last>\d+)")
_BETWEEN = re.compile(r"[、,;，；\s]+")
_MOST = 50  # numbers of one range
_SEVERAL = "见各份"  # papers of one line whose versions differ


@dataclass(frozen=True, slots=True)
class MadePaper:
    """A document of this run, or one that was issued before.

    Attributes:
        number: record number, `JL-03.2-01`; empty where its kind has none.
        pages: of its PDF; 0 while there is none.
    """

    code: str
    part: str
    number: str
    title: str
    version: str
    state: str
    pages: int


def files(source: Source, papers: Sequence[MadePaper] = ()) -> list[Node]:
    """Files of the handover; while nothing is recorded there, the quality records that the system makes."""
    rows = source.project.rows("records", "handover")
    lines = [_handed(source, f"files[{n}]", row, papers_of_row(row, papers)) for n, row in enumerate(rows)]
    lines = lines or _unlisted(source, "files", 0, papers, ())
    return [{**line, "no": leaf(f"files[{n}].no", n + 1, "num")} for n, line in enumerate(lines)]


def bundle(source: Source, papers: Sequence[MadePaper] = ()) -> list[Node]:
    """Contents of the archive: the files of the handover, then every quality record of ours that none of them means."""
    rows = source.project.rows("records", "handover")
    mine = [papers_of_row(row, papers) for row in rows]
    lines = [_handed(source, f"bundle[{n}]", row, some) for n, (row, some) in enumerate(zip(rows, mine, strict=True))]
    listed = {(paper.code, paper.part) for some in mine for paper in some}
    lines += _unlisted(source, "bundle", len(lines), papers, listed)
    return [{**line, "no": leaf(f"bundle[{n}].no", n + 1, "num")} for n, line in enumerate(lines)]


def papers_of_row(row: Record, papers: Iterable[MadePaper]) -> list[MadePaper]:
    """The papers that a row means, by code in its file or by record number; of several versions the one it names."""
    codes, numbers = set(row.choices("file")), set(numbers_of(row.text("doc_no")))
    found = [p for p in papers if p.number in numbers or codes & {p.code, f"{p.code}-{p.part}", _mark(p)}]
    named = [paper for paper in found if paper.version and paper.version == row.text("version")]
    return named if len({paper.code for paper in named}) == len({paper.code for paper in found}) else found


def _mark(paper: MadePaper) -> str:
    """A paper as the names of its scans write it: MEM-HY01."""
    return f"{paper.code}-{file_part(paper.part)}"


def numbers_of(text: str) -> list[str]:
    """Record numbers of a cell: `JL-PM-01~04` is four, `JL-PM-05、JL-PM-06` two."""
    found = []
    for word in filter(None, _BETWEEN.split(text)):
        match = _RANGE.fullmatch(word)
        if match and 0 <= int(match["last"]) - int(match["first"]) < _MOST:
            width = len(match["first"])
            numbers = range(int(match["first"]), int(match["last"]) + 1)
            found += [f"{match['start']}{number:0{width}}" for number in numbers]
        else:
            found.append(word)
    return found


def _handed(source: Source, name: str, row: Record, mine: Sequence[MadePaper]) -> Node:
    form = source.forms["records"].sheet_form("handover")
    node: Node = {
        key: of_cell(f"{name}.{key}", row.cell(field), form.field(field).type, source.company)
        for key, field in _FILE.items()
    }
    if pages := made_pages(mine):  # of the paper, not of the record: it goes with the list as it was issued
        node["pages"] = leaf(f"{name}.pages", pages, "num")
    if version := made_version(mine):
        node["version"] = words(f"{name}.version", version)
    cells = () if mine else (row.at("medium"), row.at("file"))
    return node | {"state": words(f"{name}.state", _state(source, row, mine), cells)}


def made_pages(mine: Sequence[MadePaper]) -> int:
    """Pages of papers together; 0 while one of them has no PDF."""
    return sum(paper.pages for paper in mine) if all(paper.pages for paper in mine) else 0


def made_version(mine: Sequence[MadePaper]) -> str:
    """Version of papers as they and the contents of a pack bear it; nothing while one of them has none."""
    versions = {paper.version for paper in mine}
    if not all(versions):
        return ""
    return _SEVERAL if len(versions) > 1 else "".join(versions)


def _state(source: Source, row: Record, mine: Sequence[MadePaper]) -> str:
    """原件 where the paper is handed over, 扫描件 for a signed scan, 电子件 for a file; else that of our papers."""
    if "纸质" in row.choices("medium"):
        return "原件"
    named = [a for a in source.project.attachments if _names(row, a.path)]
    scanned = bool(mine) and all(scans_of(source.project.attachments, paper.code, paper.part) for paper in mine)
    if scanned or any(a.folder == SIGNED for a in named):
        return "扫描件"
    if any(a.folder == ENCLOSED for a in named):
        return "电子件"
    return least(paper.state for paper in mine) if mine else UNSIGNED


def _names(row: Record, path: str) -> bool:
    return any(path in (name, f"{ENCLOSED}/{name}", f"{SIGNED}/{name}") for name in row.choices("file"))


def least(states: Iterable[str]) -> str:
    """The state of papers that are listed as one: 记录 only where all are."""
    kept = [state for state in states if state]
    return next((state for state in kept if state == UNSIGNED), next((s for s in kept if s != RECORDED), RECORDED))


def _unlisted(
    source: Source, name: str, start: int, papers: Sequence[MadePaper], listed: Iterable[tuple[str, str]]
) -> list[Node]:
    """The quality records of ours that no row of the handover means; before they are made, those that are due."""
    if papers:
        known, taken = load_documents(), set(listed)
        rest = [p for p in papers if known[p.code].quality_record and (p.code, p.part) not in taken]
        return [_made(source, f"{name}[{start + n}]", paper) for n, paper in enumerate(rest)]
    if source.project.rows("records", "handover"):
        return []
    due = orders(source, [form for form in load_documents().values() if form.quality_record])
    return [_due(source, f"{name}[{start + n}]", order) for n, order in enumerate(due)]


def _made(source: Source, name: str, paper: MadePaper) -> Node:
    state = _scan_or(source, paper.code, paper.part, paper.state)
    node = _line(name, f"{paper.title} {in_lists(paper.part)}".strip(), paper.number, state, paper.version)
    node |= {"pages": leaf(f"{name}.pages", paper.pages or None, "num"), "copies": leaf(f"{name}.copies", 1, "num")}
    return node | {"medium": words(f"{name}.medium", "PDF" if paper.pages else "")}


def _scan_or(source: Source, code: str, part: str, state: str) -> str:
    return "扫描件" if scans_of(source.project.attachments, code, part) else state


def _due(source: Source, name: str, order: Order) -> Node:
    state = _scan_or(source, order.form.code, order.part, UNSIGNED) if order.state else ""
    version = version_of(order.form, view_of(source, order))
    return _line(name, f"{order.form.title} {in_lists(order.part)}".strip(), order.form.record_no, state, version)


def _line(name: str, title: str, number: str, state: str, version: str) -> Node:
    texts = {"title": title, "code": number, "state": state, "medium": "", "version": version}
    node: dict[str, Shown] = {key: words(f"{name}.{key}", text) for key, text in texts.items()}
    return node | {key: leaf(f"{name}.{key}", None, "num") for key in ("pages", "copies")}
