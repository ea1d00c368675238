"""Workbook 06, handover: the papers that must be handed over (clause 6.7 a to d; rule W188).

What a paper is, its number, our own document and the names of `papers.toml` say; what cannot be known is not missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.definitions.documents import load_documents
from pipeline.definitions.papers import Paper, load_papers, plain
from pipeline.derive.records import Records

_SCHEME_PARTS = ("has_topology", "has_bom", "has_flow")
_DIGITS = re.compile(r"\d+$")
_Lacking = tuple[str, list[Place]]


def mandatory_documents(case: Case) -> Iterator[Finding]:
    """W188 (6.7 a-d): contract and every agreement, scheme or bid, review form, table of countermeasures."""
    records = Records(case.project)
    if not records.rows("handover") and not records.day("handover", "handover_date"):
        return
    asked = any(row.text("opinion") != "同意" for row in records.rows("creview")) or records.rows("problems")
    lacking = [
        *([] if contracts(records) else [_absent(records, "contract")]),
        *_unlisted(records),
        *_scheme_or_bid(records),
        *([] if _listed(records, "review") else [_absent(records, "review")]),
        *([] if not asked or _listed(records, "problems") else [_absent(records, "problems")]),
    ]
    if lacking:
        items, related = "、".join(name for name, _ in lacking), [place for _, places in lacking for place in places]
        at = case.project.sheet("records", "handover").at
        yield case.finding("W188", at, related, items=items, found="", expected=items)


def _absent(records: Records, key: str, *related: Place) -> _Lacking:
    """What is missing; where it is listed as another item, that row."""
    paper = load_papers()[key]
    elsewhere = [row for row in records.rows("handover") if row.text("clause_item") != paper.item]
    row = next((row for row in elsewhere if _fits(row, paper, _own(records, key))), None)
    if row is None:
        return paper.label, list(related)
    hint = f"(第{row.number}行列在“{row.text('clause_item')}”,必备项应为{paper.item})"
    return f"{paper.label}{hint}", [*related, row.at("clause_item")]


# -- what a paper is --------------------------------------------------------------------------------------------------


def of_item(records: Records, item: str) -> list[Record]:
    """Papers that are listed under a) to d)."""
    return [row for row in records.rows("handover") if row.text("clause_item") == item]


def _listed(records: Records, key: str) -> bool:
    """Whether a paper of a kind is listed, or one of which it cannot be known."""
    paper = load_papers()[key]
    return any(_fits(row, paper, _own(records, key)) is not False for row in of_item(records, paper.item))


def _own(records: Records, key: str) -> Sequence[str]:
    """What the records of the project call a paper, by name or number."""
    cells = {
        "contract": (("creview", "contract_no"),),
        "scheme": (("scheme", "name"),),
        "bid": (("bidding", "bid_no"),),
    }
    return [records.head(sheet).text(field) for sheet, field in cells.get(key, ())]


def _fits(row: Record, paper: Paper, own: Iterable[str]) -> bool | None:
    """Whether a listed paper is of a kind: our own document is what it is, of others number and name say it."""
    forms = load_documents()
    files = row.choices("file")
    ours = {file for file in files if file in forms}
    ours |= {key for key, form in forms.items() if form.record_no and form.record_no == row.text("doc_no")}
    if ours and (paper.code or set(files) <= ours):
        return paper.code in ours
    return paper.fits(f"{row.text('doc_name')},{row.text('doc_no')}", own)


# -- a) contract and agreements ---------------------------------------------------------------------------------------


def contracts(records: Records) -> list[Record]:
    """Rows of item a that are no other paper, and not merely agreements."""
    paper, own = load_papers()["contract"], _own(records, "contract")
    numbers = [row.text("no") for row in records.rows("agreements") if row.text("no")]
    found = []
    for row in of_item(records, paper.item):
        fits = _fits(row, paper, own)
        if fits or (fits is None and not any(names(row, no) for no in numbers)):
            found.append(row)
    return found


def _unlisted(records: Records) -> Iterator[_Lacking]:
    """Agreements whose number, name, or the number of the contract that they are, stands nowhere in item a.

    A paper that is an agreement and says no number may be any of them.
    """
    listed, contract = of_item(records, "a"), records.head("creview").text("contract_no")
    papers = {text for text in (contract, *(row.text("doc_no") for row in listed)) if text}
    rows, kind = [row for row in records.rows("agreements") if row.text("no")], load_papers()["agreement"]
    stems = {_stem(row.text("no")) for row in rows}
    unnumbered = [
        row for row in listed if not names(row, contract) and not any(any(_runs(_said(row), stem)) for stem in stems)
    ]
    if any(_fits(row, kind, ()) for row in unnumbered):
        return
    for row in rows:
        no, said = row.text("no"), f"{row.text('name')} {row.text('content')}"
        called = any(plain(row.text("name")) in plain(other.text("doc_name")) for other in unnumbered)
        if not called and not any(names(other, no) for other in listed) and not any(paper in said for paper in papers):
            yield f"a)协议 {no} {row.text('name')}".strip(), [row.at("name")]


def names(row: Record, no: str) -> bool:
    """Whether number or name of a listed paper holds a number: as AG-02, AG02, or inside AG-01、02 or AG-01~AG-03."""
    digits = _DIGITS.search(plain(no))
    if not digits:
        return bool(no) and plain(no) in _said(row)
    return any(int(digits[0]) in run for run in _runs(_said(row), _stem(no)))


def _said(row: Record) -> str:
    return plain(f"{row.text('doc_no')}|{row.text('doc_name')}")


def _stem(no: str) -> str:
    """What stands before the last digits of a number, as a pattern."""
    return re.escape(_DIGITS.sub("", plain(no)).rstrip("-"))


def _runs(said: str, stem: str) -> Iterator[range]:
    """Numbers after a stem, singly or from one to another."""
    more = rf"(?:[~至到、,及和](?:{stem}-?)?\d+)*"
    for found in re.findall(rf"(?<![A-Z\d-]){stem}-?(\d+{more})(?![A-Z\d])", said):
        for part in re.split("[、,及和]", re.sub(f"{stem}-?", "", found)):
            first, *last = re.split("[~至到]", part)
            yield range(int(first), int((last or [first])[-1]) + 1)


# -- b) scheme or bid -------------------------------------------------------------------------------------------------


def _scheme_or_bid(records: Records) -> Iterator[_Lacking]:
    """The scheme counts when none of its parts is missing; the bid counts as it is, and so does an unknown paper."""
    kinds, rows, scheme = load_papers(), of_item(records, "b"), records.head("scheme")
    is_bid = [_fits(row, kinds["bid"], _own(records, "bid")) for row in rows]
    is_scheme = [_fits(row, kinds["scheme"], _own(records, "scheme")) for row in rows]
    unknown = any(bid is None and other is None for bid, other in zip(is_bid, is_scheme, strict=True))
    parts = [scheme.at(key) for key in _SCHEME_PARTS if scheme.text(key) == "否"]
    if True not in is_bid and not unknown and (True not in is_scheme or parts):
        yield _absent(records, "scheme", *parts)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (mandatory_documents,)
