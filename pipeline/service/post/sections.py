"""A piece of news, and the parts of which every section of a letter is made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.core.documents import ProjectResult
from pipeline.core.facts import Facts
from pipeline.core.findings import Severity
from pipeline.core.texts import on_paper
from pipeline.definitions.wording import say
from pipeline.service.post.people import Target
from pipeline.workspace.projects import Remembered

FIRST = 10
Result = ProjectResult | Remembered


@dataclass(frozen=True)
class NewsItem:
    """One piece of news with the people whom it concerns.

    Attributes:
        kind: kind of news, as in 邮件分发.
        topic: what is remembered of it: the kind, or kind and person.
        content: hash of what it says.
        section: what the templates print.
        files: files that go along.
        said: for the comparison with the next one.
        faults: people who have no address.
        links: files of which the path is told, also where none may go along.
        day: newest day of the project of which it speaks; None: of today.
    """

    kind: str
    topic: str
    content: str
    targets: Sequence[Target]
    section: Mapping[str, Any]
    files: Sequence[Path] = ()
    said: Mapping[str, Any] = field(default_factory=dict)
    faults: Sequence[str] = ()
    links: Sequence[Path] = ()
    day: date | None = None


def digest(value: object) -> str:
    """SHA-256 of a value as JSON."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def section(heading: str, **parts: Any) -> dict[str, Any]:
    """A section as the templates want it; `todo` is what the subject says of it."""
    return {"heading": heading, "intro": "", "items": [], "more": "", "facts": [], "todo": "", **parts}


def counts(result: Result) -> tuple[int, int]:
    """Open errors and warnings."""
    due = [finding.rule.severity for finding in result.findings if not finding.pending]
    return due.count(Severity.ERROR), due.count(Severity.WARNING)


def due_lines(facts: Facts | None) -> list[dict[str, str]]:
    """State, next gate and what it wants."""
    if facts is None:
        return []
    missing = "、".join(facts.missing[:5]) + (
        say("and_more", count=len(facts.missing)) if len(facts.missing) > 5 else ""
    )
    pairs = (("state", facts.state), ("next_gate", facts.next_gate), ("missing", missing))
    return [{"label": say(label), "value": on_paper(value)} for label, value in pairs if value]


def latest_day(facts: Facts | None) -> date | None:
    """Last day on which something of a project was recorded; None where nothing is known."""
    return max([facts.business_date, *(day.value for _, day in facts.days)]) if facts else None
