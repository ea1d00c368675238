"""What is late, and which archives come to their end (rules B416, B417)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.check.batch import Batch
from pipeline.core.findings import Finding


def overdue(batch: Batch) -> Iterator[Finding]:
    """B416 (6.4.6; 6.4.7): actions and problems are settled by their day; one finding a project, at the oldest."""
    for facts in batch.projects:
        late = sorted((due for due in facts.entries.dues if due.due < batch.as_of), key=lambda due: due.due)
        if late:
            oldest = late[0].due
            values = {"n": len(late), "d": oldest, "found": oldest, "expected": f"不早于{batch.as_of}"}
            yield batch.finding("B416", [facts.code], late[0].at, [due.at for due in late[1:]], **values)


def expiring(batch: Batch) -> Iterator[Finding]:
    """B417 (7.2): archives whose retention ends soon; one finding, at the one that ends first."""
    days = batch.parameter("archive_warn_days")
    found = []
    for facts in batch.projects:
        kept = facts.entries.retention
        if kept and kept.archived and kept.until and 0 <= (kept.until - batch.as_of).days <= days:
            found.append((kept.until, facts.code, kept.at))
    if found:
        found.sort(key=lambda row: row[:2])
        values = {"n": len(found), "days": days, "found": found[0][0], "expected": "到期鉴定"}
        at, *related = [place for _, _, place in found]
        yield batch.finding("B417", [code for _, code, _ in found], at, related, **values)


CHECKS: tuple[Callable[[Batch], Iterator[Finding]], ...] = (overdue, expiring)
