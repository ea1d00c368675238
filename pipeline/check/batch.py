"""What a check over all projects is given, and how it says what it found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar

from pipeline.check.case import shown
from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding, Rule
from pipeline.core.places import Place
from pipeline.derive.worklog import Log

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

LISTED = 8


@dataclass(frozen=True)
class Batch:
    """All projects before the judges of the portfolio.

    Attributes:
        projects: in the order of their codes.
        rules: the catalogue by code.
        as_of: today; the thresholds of this day count.
        logs: what people have done (workbook 10), by person and month.
        codes: of every project that is known, also of those of which nothing could be derived; None: nobody knows all.
    """

    projects: Sequence[Facts]
    company: Company
    rules: Mapping[str, Rule]
    as_of: date
    logs: Sequence[Log] = ()
    codes: frozenset[str] | None = None

    def parameter(self, key: str) -> Decimal:
        """Threshold of workbook 00."""
        return self.company.parameter(key, self.as_of)

    def finding(
        self, code: str, projects: Iterable[str], at: Place, related: Iterable[Place], /, **values: object
    ) -> Finding:
        """Make a finding.

        Args:
            code: rule.
            projects: codes of the projects it speaks of, the one with the cell `at` first; kept as value `projects`
                (`core.portfolio.projects_of`),
                because the names of files do not tell projects apart.
            at: the cell to look at.
            related: the other cells.
            values: what fills the message.
        """
        texts = {key: shown(value) for key, value in values.items()}
        texts["projects"] = "、".join(dict.fromkeys(projects))
        others = tuple(dict.fromkeys(place for place in related if place != at))
        return Finding(self.rules[code], at, others, texts)


def grouped(items: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Items by key, both in their order."""
    found: dict[K, list[T]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return found


def some(texts: Iterable[str]) -> str:
    """The first of many texts, and how many there are."""
    listed = list(dict.fromkeys(texts))
    return "、".join(listed[:LISTED]) + (f" 等{len(listed)}个" if len(listed) > LISTED else "")
