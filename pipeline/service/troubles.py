"""What stands in the way of a watch: since when, and letters of it past the outbox, which may be what has failed.

Each kind is told once, when it has lasted; and once more when it has been over for as long.
"""

from __future__ import annotations

import logging
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pipeline.core.company import Company
from pipeline.core.errors import PipelineError
from pipeline.definitions.wording import say
from pipeline.service.faults import COMPANY, FOLDERS, INBOX, LEDGER, PROGRAM, SETTINGS, SHARE
from pipeline.service.post.alert import past_the_outbox
from pipeline.service.post.people import People, keepers
from pipeline.settings import Settings
from pipeline.workspace import signs
from pipeline.workspace.layout import Workspace
from pipeline.workspace.signs import Trouble

LOG = logging.getLogger("presales.watch")
_WORDS = {
    COMPANY: "trouble_company",
    SETTINGS: "trouble_settings",
    INBOX: "trouble_inbox",
    SHARE: "trouble_share",
    FOLDERS: "trouble_folders",
    LEDGER: "trouble_ledger",
    PROGRAM: "trouble_program",
}
# What the watch stops for; with the others it works on.
STOPPING = frozenset({COMPANY, FOLDERS, LEDGER, PROGRAM})
# A share that is started again every night is no matter.
PATIENCE = timedelta(minutes=10)
_LONGEST = 300


@dataclass
class Troubles:
    """Everything that is in the way now, or was until a moment ago; outlives the watch in the workspace.

    Attributes:
        now: UTC.
        mail: letters are sent.
        company: workbook 00 as it could be read last; None: it never could.
    """

    workspace: Workspace
    settings: Settings
    now: Callable[[], datetime]
    mail: bool = False
    company: Callable[[], Company | None] = lambda: None
    _known: dict[str, Trouble] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._known = signs.remembered(self.workspace)

    def see(self, met: Mapping[str, str]) -> None:
        """Hear what is in the way now, by kind, and tell whoever must know what has lasted or has been over for long.

        Args:
            met: text by kind; what is not in it is over.
        """
        before = dict(self._known)
        for kind, text in met.items():
            first = self._known.get(kind) or Trouble(text, self.now())
            self._known[kind] = replace(first, text=text[:_LONGEST], over=None)
        for kind in self._known.keys() - met.keys():
            self._known[kind] = replace(self._known[kind], over=self._known[kind].over or self.now())
        if self.mail:
            for kind, one in self._known.items():
                self._known[kind] = self._told(kind, one)
        self._known = {kind: one for kind, one in self._known.items() if not self._is_done(one)}
        if self._known != before:
            signs.remember(self.workspace, self._known)

    def said(self) -> tuple[str, datetime] | None:
        """What is in the way now, for the status, and since when the first of it is."""
        there = {kind: one for kind, one in self._known.items() if not one.over}
        if not there:
            return None
        texts = [f"{signs.STOPPED if kind in STOPPING else ''}{one.text}" for kind, one in there.items()]
        return ";".join(texts), min(one.since for one in there.values())

    def _is_done(self, one: Trouble) -> bool:
        """Nobody needs to hear that it is over; for a while it may come back, and is the same then."""
        untold = not (one.told and self.mail)
        return one.over is not None and untold and self.now() - one.over >= PATIENCE

    def _told(self, kind: str, one: Trouble) -> Trouble:
        lasts = self.now() - (one.over or one.since) >= PATIENCE
        if not lasts or (one.tried and self.now() - one.tried < PATIENCE):
            return one
        wanted = one.told if one.over else [to for to in self._who(kind) if to not in one.told]
        if not wanted:
            return one
        had = [to for to in wanted if self._send(kind, one, to)]
        left = [to for to in one.told if to not in had] if one.over else [*one.told, *had]
        return replace(one, told=tuple(left), tried=self.now() if len(had) < len(wanted) else None)

    def _who(self, kind: str) -> list[str]:
        """The PMO, and of workbook 00 who keeps it."""
        first = [self.settings.mail_pmo] if self.settings.mail_pmo else []
        return list(dict.fromkeys([*first, *(self._keepers() if kind == COMPANY else ())]))

    def _keepers(self) -> Iterator[str]:
        """Who keeps 00; while it cannot be read, and never could, only who is named by an address."""
        words, company = keepers(self.settings), self.company()
        if company is None:
            yield from (word for word in words if "@" in word)
        elif words:
            yield from (one.address for one in People(company, self.settings).targets(words)[0] if not one.held)

    def _send(self, kind: str, one: Trouble, to: str) -> bool:
        machine, what, since = platform.node(), say(_WORDS[kind]), f"{one.since.astimezone():%Y-%m-%d %H:%M}"
        if one.over:
            subject, lines = say("over_subject", machine=machine, what=what), [say("over_body", since=since), one.text]
        else:
            subject, body = say("trouble_subject", machine=machine, what=what), say("trouble_body", since=since)
            lines = [body, one.text, "", say("trouble_more")]
        try:
            past_the_outbox(self.settings, to, subject, "\n".join(lines), self.now())
        except (PipelineError, OSError, ValueError) as error:
            LOG.warning("没有告诉 %s:%s", to, error)
            return False
        return True
