"""Which packs a project gets: the plan, the reviews, the handover; and what stands against making them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.adapters.limited import Limited, OverLimitError
from pipeline.core.attachments import ENCLOSED
from pipeline.core.documents import Document, Pack, ProjectResult
from pipeline.core.errors import DeliveryFailed, DependencyMissing
from pipeline.core.findings import Finding
from pipeline.core.names import safe
from pipeline.core.places import Place
from pipeline.core.sheets import Workbook
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.documents import AUDIT, load_documents, load_packs
from pipeline.definitions.documents import PLAN as ABOUT_PLAN
from pipeline.deliver.changes import changed_plan
from pipeline.deliver.issued.carrying import Issued
from pipeline.deliver.pack import (
    HANDOVER,
    PLAN,
    REVIEW,
    Contents,
    archived_pack,
    make_pack,
    newest_provenance,
    with_front,
)
from pipeline.deliver.stamp import load_font
from pipeline.derive.conditions import holds
from pipeline.derive.records import Records
from pipeline.render.context.shown import Source
from pipeline.render.maker import Maker, pack_forms
from pipeline.render.provenance import document_fields, provenance

PLAN_BOOKS = ("plan", "cost", "materials", "staffing")
# A pack is made once its gate wants nothing any more; the plan pack as soon as all its documents are there.
_DRAFT = re.compile(r"(合同|协议).*(草案|草稿|送审稿|评审稿)|(草案|草稿|送审稿|评审稿).*(合同|协议)")
_SECONDS, _MEMORY = 600, 4 << 30  # for a pack made beside others; one takes less than two seconds
_GATES = {PLAN: "plan", REVIEW: "creview", HANDOVER: "handover"}


def make_packs(
    folder: Path,
    maker: Maker,
    result: ProjectResult,
    books: Sequence[Workbook],
    issued: Issued | None = None,
    audit: Callable[[Path], None] | None = None,
) -> tuple[Pack, ...]:
    """Make every pack that is due; one with the same content as before is kept.

    Args:
        folder: folder of the project's packs.
        maker: makes the covers.
        result: findings and finished documents in their places.
        books: every workbook that was read.
        issued: the issued papers, whose entries go with the documents.
        audit: looks at the folder of each pack before it is published.
    """
    due = []
    for kind in due_kinds(maker.source):
        if inside := _inside(kind, result.documents, Records(maker.source.project)):
            contents = _contents(kind, inside, maker, result, books)
            contents = replace(contents, issued=issued, audit=audit, cache=maker.source.cache)
            due.append(with_front(contents, folder))
    return _made(due, folder)


def _made(due: Sequence[Contents], folder: Path) -> tuple[Pack, ...]:
    """The packs, beside each other but for those with attachments, which may be large; the last one when all are there.

    Raises:
        DeliveryFailed: one could not be written, or took too long; what `audit` raises.
    """
    packs, beside = dict[str, Pack](), dict[str, Limited]()
    for contents in due[:-1]:
        if not contents.attachments:
            beside[contents.kind] = Limited(partial(make_pack, contents, folder), seconds=_SECONDS, memory=_MEMORY)
            beside[contents.kind].begin()

    def take_others() -> None:
        for kind in list(beside):
            packs[kind] = _taken(beside.pop(kind))

    for contents in due:
        if contents.kind not in beside:
            waits = _audit_and(take_others, contents.audit) if contents is due[-1] else contents.audit
            packs[contents.kind] = make_pack(replace(contents, audit=waits), folder)
    take_others()
    return tuple(packs[contents.kind] for contents in due)


def _audit_and(take_others: Callable[[], None], audit: Callable[[Path], None] | None) -> Callable[[Path], None]:
    """A project whose last pack is there may be frozen, so none is published before the others."""

    def both(made: Path) -> None:
        if audit:
            audit(made)
        take_others()

    return both


def _taken(making: Limited) -> Pack:
    try:
        pack: Pack = making.result()
    except OverLimitError as problem:
        raise DeliveryFailed(f"文件包没有做完(the pack was not finished): {problem}") from problem
    finally:
        making.close()
    return pack


def load_for_packs(source: Source) -> None:
    """Load what packs need, where one is due; what is missing is told when it is made."""
    if due_kinds(source):
        with suppress(DependencyMissing):
            load_font(source.cache)


def due_kinds(source: Source) -> list[str]:
    """The packs that are due, in their order."""
    more = [one for one in load_packs() if all(holds(source.project, source.forms, each) for each in one.conditions)]
    return [*(kind for kind, gate in _GATES.items() if _due(kind, gate, source)), *(one.name for one in more)]


def _due(kind: str, gate: str, source: Source) -> bool:
    if gate not in source.facts.passed:
        return False
    records = Records(source.project)
    if kind == HANDOVER:
        return records.day("handover", "handover_date") is not None
    return kind == PLAN or bool(records.rows("creview"))


def _inside(kind: str, documents: Sequence[Document], records: Records) -> list[Document]:
    """Documents of a pack in its order; none while one of the plan's is missing."""
    forms = pack_forms(kind)
    codes = {document.code for document in documents}
    if kind == PLAN and not all(form.code in codes for form in forms):
        return []
    if kind == REVIEW:
        documents = of_the_review(documents, records)
    return [document for form in forms for document in documents if document.code == form.code]


def of_the_review(documents: Sequence[Document], records: Records) -> list[Document]:
    """What the contract was reviewed by (6.4.6): the changes up to then, the meetings of the days of the review."""
    first, last = records.review_days
    wanted = {"CHG": (date.min, last), "MEM": (first, last)}
    return [one for one in documents if _between(one.day, *wanted.get(one.code, (date.min, date.max)))]


def _between(day: date, first: date, last: date) -> bool:
    return first <= day <= last


def _contents(
    kind: str, inside: Sequence[Document], maker: Maker, result: ProjectResult, books: Sequence[Workbook]
) -> Contents:
    day = max(document.day for document in inside)
    unbound = frozenset(form.code for form in pack_forms(kind) if kind in form.unbound)
    contents = Contents(
        code=safe(result.code),
        name=result.name,
        kind=kind,
        day=day,
        documents=inside,
        front=lambda name, own: maker.front(kind, day, inside, name, own),
        provenance=provenance(replace(result, documents=tuple(inside)), unbound),
        unbound=unbound,
        hashes=result.hashes,
        facts=[f"{finding.rule.code} {finding.at}" for finding in result.findings],
        organization=maker.source.company.details.get("name", ""),
        workbooks={b.name: b.path for b in (maker.source.company.book, *books) if b.name in result.hashes},
        beside=[document for document in result.documents if document.code in _audits()],
    )
    return _ADDED.get(kind, lambda same, _: same)(contents, maker.source)


def _audits() -> set[str]:
    """Codes of the papers of the independent audit."""
    return {form.code for form in load_documents().values() if form.per == AUDIT}


def _handed_over(contents: Contents, source: Source) -> Contents:
    """The handover also holds the attachments."""
    archive = Records(source.project).archive
    return replace(
        contents,
        root=source.project.folder,
        attachments=source.project.attachments,
        retention=_day(archive.date("retention_until")),
        archived=_day(archive.date("archive_date")),
    )


def _under_review(contents: Contents, source: Source) -> Contents:
    """The review also holds the draft of the contract, where it is among the attachments."""
    drafts = [one for one in source.project.attachments if one.folder == ENCLOSED and _DRAFT.search(one.name)]
    return replace(contents, root=source.project.folder, attachments=drafts)


_ADDED = {REVIEW: _under_review, HANDOVER: _handed_over}


def _day(found: object) -> date | None:
    value = getattr(found, "value", None)
    return value if isinstance(value, date) else None


def changed_after_countersign(folder: Path, source: Source, made: Sequence[Document], issued: Issued) -> Finding | None:
    """X230: plan data that differs from what was issued under the same version, once it is countersigned.

    Args:
        folder: folder of the project's packs; the newest plan pack counts where nothing was issued.
        source: the project.
        made: the documents as they would be today.
        issued: the issued papers.
    """
    if "countersign" not in source.facts.passed:
        return None
    made = [one for one in made if load_documents()[one.code].about == ABOUT_PLAN]
    names = [source.project.workbooks[key].name for key in PLAN_BOOKS if source.project.has(key)]
    previous = _as_issued(made, issued) or newest_provenance(folder, safe(source.facts.code), PLAN)
    changes = changed_plan(previous, made, names) if previous else []
    if not changes:
        return None
    version = source.project.head("plan", "basics").text("plan_version")
    listed = ";".join(str(change) for change in changes[:5])
    at = source.project.head("plan", "basics").at("plan_version")
    values = {
        "version": version,
        "count": str(len(changes)),
        "list": listed,
        "found": listed,
        "expected": "新的计划版本",
    }
    return Finding(load_catalogue()["X230"], at if at.cell else Place(""), (), values)


def _as_issued(made: Sequence[Document], issued: Issued) -> dict[str, Any]:
    """Provenance of the plan's documents as they were issued under today's version, signed or to be signed."""
    found = []
    for one in made:
        record = issued.register.signed(one.code, one.part, one.version)
        waiting = issued.register.waiting((one.code, one.part, one.version))
        issue = record or next(iter(waiting), None)
        if issue:
            found.append(replace(one, printed=issued.shelf.values(issue)))
    return {"documents": [document_fields(one) for one in found]} if found else {}


def frozen(folder: Path, code: str, result: ProjectResult) -> ProjectResult | None:
    """The result for a project whose handover bundle is archived: nothing is written any more."""
    archived = archived_pack(folder / "pack", code)
    if archived is None:
        return None
    return replace(result, notes=(f"项目已归档，输出冻结，未作改动：{archived}",))
