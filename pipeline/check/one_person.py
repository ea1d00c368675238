"""One name in one cell is one finding: who has left, or holds no such post, is told by the rule that says most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.core.places import Place

# Rules about who stands in a cell, what says most about the cause first: another name there settles them all.
_RULES = (
    *("F019", "F021", "X228", "G310", "G313", "G330", "G331", "G332", "G333", "W189"),
    *("W204", "W200", "W202", "W209"),
)
# Rules that speak of more than one cell with a name: of somebody's department beside it, of everywhere he is named,
# of the other one who is the same.
_ELSEWHERE = frozenset({"F019", "F021", "W202", "W209"})

_TOLD_EVERYWHERE = frozenset({"F019", "F021"})
# Rules that hold somebody against the project manager of the notice.
_BY_MANAGER = frozenset({"G304", "G313", "G333", "W189"})


def one_wrong_person(_case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """(follower, root): findings about a cell of whose name an earlier rule has told."""
    told: dict[Place, int] = {}
    about = [(n, one) for n, one in enumerate(findings) if one.rule.code in _RULES]
    for number, one in sorted(about, key=lambda pair: _RULES.index(pair[1].rule.code)):
        cells = (one.at, *(one.related if one.rule.code in _ELSEWHERE else ()))
        root = next((told[at] for at in cells if at in told and findings[told[at]].rule != one.rule), None)
        if root is not None:
            yield number, root
        for at in cells if one.rule.code in _TOLD_EVERYWHERE else (one.at,):
            told.setdefault(at, number if root is None else root)
    yield from _one_manager(findings)


def _one_manager(findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """X215 and what says that the manager is another: at the notice, where more than one paper names somebody else."""
    root = next((n for n, one in enumerate(findings) if one.rule.code == "X215"), None)
    if root is None:
        return
    wrong = findings[root]
    same = [n for n, one in enumerate(findings) if one.rule.code in _BY_MANAGER and wrong.at in one.related]
    if len(wrong.related) > 1:
        yield from ((n, root) for n in same)
    else:
        told = next((n for n in same if findings[n].at in wrong.related), None)
        yield from [] if told is None else [(root, told)]
