"""The desk at which letters are written: outbox, enclosures, limits, and how the sections of one become a letter."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipeline.core.company import Company
from pipeline.core.errors import DefinitionError
from pipeline.core.mail import Enclosure, Letter
from pipeline.core.texts import on_paper
from pipeline.definitions.wording import say
from pipeline.deliver.mail.delivery import DEFAULT_LIMIT
from pipeline.deliver.mail.letter import compose
from pipeline.service.post.files import Files
from pipeline.service.post.people import PMO, Target
from pipeline.settings import Settings
from pipeline.workspace import outbox
from pipeline.workspace.outbox import News, Section

_MB = 1_000_000
# Order of the sections in a letter (what is to be done comes first), and of what its subject says of several.
_PACKS = ("计划包", "支持包", "投标包", "评审包", "移交包")
_FIRST = ("运行失败", "文件稍后", "校验报告", "待办签字", "立项批准通知", *_PACKS, "收到")
_URGENT = ("运行失败", "待办签字", "收到", "校验报告", "立项批准通知", *_PACKS, "文件稍后")


@dataclass(frozen=True)
class Desk:
    """What every letter of one call shares; `now` is UTC."""

    ledger: sqlite3.Connection
    company: Company
    settings: Settings
    now: datetime

    @property
    def files(self) -> Files:
        """Where enclosures are kept."""
        return Files(outbox.folder_of(self.ledger))

    @property
    def limit(self) -> int:
        """Largest message that the company wants, in bytes."""
        try:
            return int(self.company.parameter("mail_max_mb", self.now.date()) * _MB)
        except DefinitionError:
            return DEFAULT_LIMIT

    def put(self, news: News, head: Mapping[str, str]) -> int:
        """Put news for one person into the outbox; returns how many letters were made or joined (0 or 1)."""

        def write(sections: Mapping[str, Section]) -> Letter:
            ordered = [sections[kind] for kind in sorted(sections, key=_order)]
            enclosures = [Enclosure(**one) for one in _once(ordered)]
            bodies = _said_once([_body(one) for one in ordered])
            asking = [kind for kind in sorted(sections, key=_urgency) if sections[kind].get("todo")]
            todo = sections[asking[0]]["todo"] if asking else say("subject_other")
            return compose({**head, "todo": todo, "sections": bodies}, enclosures, self.limit)

        domain = self.settings.mail_from.rpartition("@")[2]
        quiet = timedelta(seconds=self.settings.mail_quiet_s)
        return int(outbox.put(self.ledger, news, write, self.now, quiet, domain) is not None)


def _body(part: Section) -> dict[str, Any]:
    """What the templates print of a section: not what it says to the letter as a whole; a link where it has none."""
    shown = {key: value for key, value in part.items() if key not in ("files", "todo")}
    return {**shown, "items": [{"link": "", **item} for item in part["items"]]}


def _said_once(bodies: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sections of a letter; a figure stands in the first that gives it, not again under every pack."""
    known: list[Mapping[str, str]] = []
    found = []
    for body in bodies:
        facts = [fact for fact in body["facts"] if fact not in known]
        known += facts
        found.append({**body, "facts": facts})
    return found


def _order(kind: str) -> tuple[int, str]:
    return (_FIRST.index(kind) if kind in _FIRST else len(_FIRST), kind)


def _urgency(kind: str) -> tuple[int, str]:
    return (_URGENT.index(kind) if kind in _URGENT else len(_URGENT), kind)


def _once(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Files of all sections, each once; archives last, because what does not fit stays on the share."""
    files = {one["sha256"]: one for part in sections for one in part.get("files", ())}.values()
    return sorted(files, key=lambda one: one["name"].endswith(".zip"))


def reason(target: Target) -> str:
    """Why somebody gets a letter, for its foot."""
    return say("because_nobody_else") if target.role == PMO else say("because", who=on_paper(target.who))
