"""What the papers themselves show of the record: unsigned ones in an archive, pages that a list tells otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from pipeline.core.attachments import scans_of
from pipeline.core.documents import WAITING, Document
from pipeline.core.findings import Finding
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.documents import load_documents
from pipeline.render.context.handed import MadePaper, made_pages, papers_of_row
from pipeline.render.context.shown import Source
from pipeline.render.orders import Order, orders, step_answer

_NAMED = 6  # papers that a message names


def unsigned_in_archive(source: Source) -> Iterator[Finding]:
    """W230 (7.1): what is archived with the handover is registered; a signed scan will do."""
    archived = source.project.head("records", "handover").cell("archive_date")
    if archived.blank:
        return
    records = [form for form in load_documents().values() if form.quality_record and form.by_project]
    found = [order for order in orders(source, records) if order.state in WAITING and not _scanned(source, order)]
    waiting = [order for order in found if not _nothing_to_say(source, order)]
    if waiting:
        titles = [f"{order.form.title}{order.part and f' {order.part}'}" for order in waiting]
        more = f"等{len(titles)}份" if len(titles) > _NAMED else ""
        values = {"n": str(len(titles)), "list": "、".join(titles[:_NAMED]) + more}
        values |= {"codes": "、".join(dict.fromkeys(order.form.code for order in waiting))}
        values |= {"found": f"{len(titles)}份没有登记齐", "expected": "登记齐全"}
        yield Finding(load_catalogue()["W230"], archived.at, (), values)


def _nothing_to_say(source: Source, order: Order) -> bool:
    """A record whose table is empty because its step found nothing: a contract review without a problem."""
    sheets = [name for name in order.form.records if name.count(".") == 1]
    empty = bool(sheets) and not any(source.project.rows(*name.split(".")) for name in sheets)
    return empty and all(answer.settled for name in sheets if (answer := step_answer(source, name)))


def _scanned(source: Source, order: Order) -> bool:
    return bool(scans_of(source.project.attachments, order.form.code, order.part))


def pages_otherwise(source: Source, papers: Sequence[MadePaper]) -> Iterator[Finding]:
    """W231 (6.7): the pages of a paper of ours are those that it has; without PDFs nobody knows."""
    for row in source.project.rows("records", "handover"):
        typed, made = row.money("pages"), made_pages(mine) if (mine := papers_of_row(row, papers)) else 0
        if typed and made and typed.value != Decimal(made):
            values = {"row": str(row.number), "name": row.text("doc_name"), "typed": f"{typed.value:f}"}
            values |= {"pages": str(made), "found": values["typed"], "expected": str(made)}
            yield Finding(load_catalogue()["W231"], row.at("pages"), (), values)


def as_papers(documents: Iterable[Document]) -> tuple[MadePaper, ...]:
    """Documents as the lists of papers tell them."""
    known = load_documents()
    return tuple(
        MadePaper(one.code, one.part, known[one.code].record_no, one.title, one.version, one.state, one.pages)
        for one in documents
    )
