"""What may belong to another project: which files are held until somebody decides, and which are taken and told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.service.arrivals import identity
from pipeline.service.arrivals.identity import CUSTOMER, NAME, Match
from pipeline.service.arrivals.recognise import Surroundings
from pipeline.service.arrivals.settling import PATIENCE
from pipeline.workspace import doubts, inputs, projects
from pipeline.workspace.given import Given

TOGETHER = timedelta(days=1)  # files of one folder that were dropped within a day were dropped together
SAME_NAME = "项目名称与待确认的一份相同"
SAME_DROP = "和待确认的文件一起投放"


@dataclass(frozen=True)
class Judged:
    """What is thought of one file under a code.

    Attributes:
        why: what speaks against it, in Chinese; empty when nothing does.
        held: it is held; else it is taken.
    """

    given: Given
    why: str = ""
    held: bool = False


@dataclass
class Judge:
    """Compares files with the projects under whose codes they come.

    Attributes:
        store: contents.
    """

    ledger: sqlite3.Connection
    store: Path
    known: Surroundings

    def unsure(self, given: Iterable[Given]) -> bool:
        """Whether it depends on what else is dropped to whom files belong: they are judged after the others."""
        return any(m.silent or (m.odd and not m.agreeing) for m in map(self._match, given))

    def judge(self, given: Sequence[Given], department: str, folder: str, at: datetime) -> list[Judged]:
        """Judge what came in one file or zip.

        Args:
            given: what it is for which projects.
            department: box in which it was dropped.
            folder: folder in the box; empty where it was dropped alone.
            at: now, UTC.
        """
        matches = [(one, self._match(one)) for one in given]
        beside = doubts.held_with(self.ledger, department, folder, at - (TOGETHER if folder else PATIENCE))
        beside |= {one.project for one, match in matches if match.another}
        foreign = {(one.project, _name(one.given)) for one in doubts.held(self.ledger)}
        foreign |= {(one.project, _name(one)) for one, match in matches if match.another}
        return [self._judged(one, match, one.project in beside, foreign) for one, match in matches]

    def recalled(self, judged: Sequence[Judged]) -> list[int]:
        """Versions for whose name nothing vouched when they were taken, and that turn out to be what is held now."""
        found = {(one.given.project, _name(one.given)) for one in judged if one.held and one.given.project_name}
        return [
            spoken.id
            for project, name in sorted(found)
            for spoken in inputs.spoken(self.ledger, project)
            if not spoken.speaks and identity.normal(NAME, spoken.project_name) == name
        ]

    def _match(self, given: Given) -> Match:
        return identity.compare(given, identity.known_names(self.ledger, self.store, self.known.forms, given.project))

    def _judged(self, one: Given, match: Match, beside: bool, foreign: set[tuple[str, str]]) -> Judged:
        if match.another:
            return Judged(one, self._said(one, match), held=True)
        if match.odd and not match.agreeing and (one.project, _name(one)) in foreign:
            return Judged(one, SAME_NAME, held=True)
        if match.silent and beside:
            return Judged(one, SAME_DROP, held=True)
        if match.odd:
            why = "" if self._carried(one, match) else self._said(one, match)
            return Judged(replace(one, speaks=match.agreeing), why)
        return Judged(one)

    def _said(self, one: Given, match: Match) -> str:
        known = projects.recall(self.ledger, one.project)
        secret = known is not None and known.facts is not None and known.facts.entries.secret
        return match.said(one.project, secret=secret or one.secret)

    def _carried(self, one: Given, match: Match) -> bool:
        """Whether a file that counts differs likewise, so that everybody was told already."""
        mine = {field: identity.normal(field, text) for field, (text, _) in match.differing.items()}
        there = [spoken for spoken in inputs.spoken(self.ledger, one.project) if spoken.newest]
        names = {identity.normal(NAME, spoken.project_name) for spoken in there}
        customers = {identity.normal(CUSTOMER, spoken.customer or "") for spoken in there}
        return mine.get(NAME, "") in {"", *names} and mine.get(CUSTOMER, "") in {"", *customers}


def _name(given: Given) -> str:
    return identity.normal(NAME, given.project_name)
