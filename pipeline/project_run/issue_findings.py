"""What is found when papers are issued: the workbooks say otherwise than what was signed (X250, X251, X252)."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.definitions.catalogue import load_catalogue
from pipeline.deliver.issued.register import Issue, Kept

KEPT, NOT_PRINTED, APART = "X250", "X251", "X252"
# Rules that only a run which makes papers can ask: what was issued under the same version (X230), what was signed, how
# many pages the papers have (W231).
ISSUING = frozenset({"X230", KEPT, NOT_PRINTED, APART, "W231"})
_LISTED, _RELATED = 5, 10


def as_signed(issue: Issue, changed: Sequence[Kept]) -> list[Finding]:
    """X250: values that a record prints as they were signed; one finding a paper."""
    return [_finding(KEPT, issue, changed)] if changed else []


def not_printed(issue: Issue, changed: Sequence[Kept]) -> Finding:
    """X251: what has changed cannot be printed as it was signed, so that the signed paper stands."""
    return _finding(NOT_PRINTED, issue, changed)


def corrected_apart(issue: Issue, changed: Sequence[Kept]) -> list[Finding]:
    """X252: a registration was corrected on another paper; the one that stands prints it as it was."""
    return [_finding(APART, issue, changed)] if changed else []


def _finding(rule: str, issue: Issue, changed: Sequence[Kept]) -> Finding:
    first = changed[0]
    cells = list(dict.fromkeys(at for one in changed for at in (*one.now_at, *one.signed_at)))
    at = cells[0] if cells else Place("")
    values = {
        "paper": f"{issue.title}({issue.label} {issue.version})",
        "count": str(len(changed)),
        "list": ";".join(map(_said, changed[:_LISTED])),
        "found": first.now or "空",
        "expected": first.signed or "没有印",
    }
    return Finding(load_catalogue()[rule], at, tuple(cells[1:_RELATED]), values)


def _said(one: Kept) -> str:
    was, now = next(iter(one.signed_at), None), next(iter(one.now_at), None)
    places = "、".join(dict.fromkeys(str(at) for at in (was, now) if at))
    return f"{one.signed or '没有印'} → {one.now or '空'} {places}".rstrip()
