"""The company's library (workbook 09): entries not reviewed in time, a file that cannot be read (P525, P533)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.check.batch import Batch, some
from pipeline.core.findings import Finding
from pipeline.core.places import Place


def review_overdue(batch: Batch) -> Iterator[Finding]:
    """P525 (售前工作流程): entries in use are reviewed by their day; one finding, at the oldest."""
    rows = [row for row in batch.company.sheet("library", "library").rows if row.text("status") != "停用"]
    dated = [(due, row) for row in rows if (due := row.date("review_due")) and due.value < batch.as_of]
    late = sorted(dated, key=lambda pair: pair[0].value)
    if late:
        oldest = late[0][0]
        values = {"what": some(row.text("title") for _, row in late), "due": oldest.value}
        related = [due.at for due, _ in late[1:]]
        yield batch.finding("P525", (), oldest.at, related, **values, found=oldest.value, expected="复核以后的日期")


def not_read(batch: Batch) -> Iterator[Finding]:
    """P533 (售前工作流程): a workbook of the company beside 00 that cannot be read."""
    for name, (why, why_en) in batch.company.unread.items():
        values = {"name": name, "why": why, "why_en": why_en, "found": why, "expected": "能打开的工作簿"}
        yield batch.finding("P533", (), Place(name), (), **values)


CHECKS: tuple[Callable[[Batch], Iterator[Finding]], ...] = (review_overdue, not_read)
