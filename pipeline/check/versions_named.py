"""Versions that a text names: of the plan in force (rule W263), of the contract's draft that is signed (W264)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from pipeline.check.case import Case
from pipeline.check.cells import Entry, entries, text_of
from pipeline.check.procedure import records_of
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.derive.records import Records

_VERSION = re.compile(r"(?<![A-Z0-9/])([A-Z]/\d+)(?!\d)")
_CLAUSES = re.compile(r"[。;;\n]")
# What makes a clause speak of what was, or of another paper than the plan.
_OF_BEFORE = re.compile(
    "变更前|改动前|原|改为|调整为|升版|修订|首次|旧版|前一版|上一版|立项时|申请时|批准时|会签时|当时|曾|已会签|已批准|作废"
    "|相比|对照|较|至|→|->|草案|方案|调查表"
)
_DRAFT = re.compile(r"草案\s*([A-Z]/\d+)(?!\d)")


# -- the plan ---------------------------------------------------------------------------------------------------------


def plan_in_force(case: Case) -> Iterator[Finding]:
    """W263 (6.4.8): what the plan says of itself is of the version in force; what it says of the past is not meant.

    One finding a version: who raised it forgot the texts.
    """
    basics = case.project.head("plan", "basics")
    current = basics.text("plan_version")
    known = {row.text("version") for row in case.project.rows("plan", "revisions")}
    found: dict[str, list[Entry]] = {}
    for entry in entries(case, "W263", {"text", "long"}) if current in known else ():
        if not entry.name.startswith("plan.revisions."):
            for version in sorted(_claimed(text_of(entry.cell)) & known - {current}):
                found.setdefault(version, []).append(entry)
    for version, (first, *others) in found.items():
        related = [*(other.cell.at for other in others), basics.at("plan_version")]
        texts = {"a": version, "b": current, "label": first.field.label, "found": version, "expected": current}
        yield case.finding("W263", first.cell.at, related, pending=False, **texts)


def _claimed(text: str) -> set[str]:
    clauses = (clause for clause in _CLAUSES.split(text) if not _OF_BEFORE.search(clause))
    return {version for clause in clauses for version in _VERSION.findall(clause)}


# -- the contract's draft ---------------------------------------------------------------------------------------------


def draft_signed(case: Case) -> Iterator[Finding]:
    """W264 (6.4.6, 6.5): the draft that is signed is the one reviewed, or the one its problems led to.

    A workbook of before the cell was there is not asked.
    """
    records = records_of(case)
    head, review = records.head("signing"), records.head("creview")
    if head.blank("sign_date") or "draft_version" not in head.cells or review.blank("draft_version"):
        return
    signed, reviewed = head.text("draft_version"), review.text("draft_version")
    named, at = _named_since(records) or (reviewed, review.at("draft_version"))
    what = _amiss(records, signed, reviewed, named)
    if what:
        texts = {"what": what[0], "what_en": what[1], "found": signed, "expected": named}
        yield case.finding("W264", head.at("draft_version"), [review.at("draft_version"), at], pending=False, **texts)


def _amiss(records: Records, signed: str, reviewed: str, named: str) -> tuple[str, str] | None:
    if not signed and named != reviewed:
        return f"评审的是{reviewed},后来商定{named},没有写签的是哪一版", f"{reviewed} was reviewed, {named} agreed on"
    if signed and named not in (reviewed, signed):
        return f"签的是{signed},评审以后商定的是{named}", f"{signed} was signed, {named} agreed on after the review"
    if signed and signed != reviewed and named == reviewed and not _reason(records):
        text = f"签的是{signed},评审的是{reviewed},没有评审问题或商务变更说明为什么"
        return text, f"{signed} was signed, {reviewed} reviewed, and neither problem nor change says why"
    return None


def _reason(records: Records) -> bool:
    return bool(records.rows("problems")) or records.commercial_change is not None


def _named_since(records: Records) -> tuple[str, Place] | None:
    """The draft that was last spoken of in a meeting since the review began, and where."""
    begun, _ = records.review_days
    found = None
    for memo in records.rows("memos"):
        held = memo.date("start")
        for key in ("discussion", "resolution"):
            if held and held.value >= begun and (drafts := _DRAFT.findall(memo.text(key))):
                found = drafts[-1], memo.at(key)
    return found


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (plan_in_force, draft_signed)
