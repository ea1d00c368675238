"""How the service is, for people and for monitoring: is the watch alive, what waits, what is due, is there room."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.core.errors import Busy, DefinitionError
from pipeline.core.mail import MailState
from pipeline.definitions.forms import load_forms
from pipeline.definitions.wording import say
from pipeline.intake.company import find_company, read_company
from pipeline.service.arrivals.settling import STUCK
from pipeline.service.faults import COMPANY
from pipeline.service.post.sending import RESTORED
from pipeline.service.runs.premises import free_mb
from pipeline.settings import Settings
from pipeline.workspace import doubts, inputs, outbox, projects, runs, signs
from pipeline.workspace.layout import Workspace
from pipeline.workspace.locks import locked

# A look takes seconds, a project minutes: a watch that has not looked for so long hangs.
HANGS = timedelta(hours=1)
# A night that was missed; the timer makes up for a machine that was off.
MISSED = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class WatchHealth:
    """The watch: whether its process lives, its last look, what it is at, and what is in its way."""

    alive: bool
    last_look: datetime | None
    doing: str
    waits_for: str


@dataclass(frozen=True, slots=True)
class LettersHealth:
    """Letters: in the queue and when the first may leave, held for approval, unsure, failed."""

    queued: int
    next_due: datetime | None
    held: int
    unsure: int
    failed: int


@dataclass(frozen=True, slots=True)
class Health:
    """How a workspace is at a moment; times are UTC.

    Attributes:
        waiting: files that lie in the inbox and were not taken: path, why, since when.
        held: files that may belong to another project.
        last_batch: end of the last batch that came to its end, and its outcome.
        newest_success: when a project was run to its end last.
        failed: projects whose last run did not come to its end.
        letters_held: no letter leaves: the workspace was restored.
        company_fault: why workbook 00 cannot be used; empty where it can.
        troubles: what somebody should look at, a sentence each; none: all is well.
    """

    at: datetime
    watch: WatchHealth
    waiting: Sequence[tuple[str, str, datetime]]
    held: int
    letters: LettersHealth
    free_mb: int
    last_batch: tuple[datetime, str] | None
    newest_success: datetime | None
    failed: Sequence[str]
    company_fault: str
    letters_held: bool
    troubles: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """For monitoring: times in ISO 8601, `healthy` says whether there are no troubles."""
        plain = {**asdict(self), "healthy": not self.troubles}
        plain["waiting"] = [{"path": path, "why": why, "since": since} for path, why, since in self.waiting]
        ended, outcome = self.last_batch or (None, "")
        plain["last_batch"] = {"ended": ended, "outcome": outcome}
        return plain


def health(
    workspace: Workspace, ledger: sqlite3.Connection, settings: Settings, now: datetime, *, company: bool = True
) -> Health:
    """Look at everything that can stand still without anybody hearing of it.

    Args:
        workspace: to look at; nothing in it is changed.
        ledger: of the workspace.
        settings: name workbook 00.
        now: UTC.
        company: read workbook 00, too, which takes a second; not where the caller has just done so. What the watch
            says of it is not said twice.
    """
    looked, doing = signs.looked(workspace)
    waits_for = (signs.said(workspace) or ("",))[0]
    past = runs.history(ledger, 200)
    nights = (one for one in past if one.command == "batch" and one.outcome != runs.STOPPED)
    ended = next(((one.ended_at, one.outcome) for one in nights if one.ended_at), None)
    known = projects.remembered(ledger)
    failed = {one.code for one in known if one.failure} | projects.failures(ledger).keys()
    found = Health(
        now,
        WatchHealth(_alive(workspace), looked, doing, waits_for),
        tuple(inputs.waiting_now(ledger)),
        len(doubts.held(ledger)),
        _letters(ledger),
        free_mb(workspace.root),
        ended,
        max((one.ran_at for one in known), default=None),
        sorted(failed),
        _company_fault(workspace, settings) if company and not (waits_for and _met(workspace, COMPANY)) else "",
        signs.letters_held(workspace),
    )
    return Health(**{**_fields(found), "troubles": tuple(_troubles(found, settings.min_free_mb))})


def summary(found: Health) -> list[str]:
    """Health for the status page: one sentence, then what somebody should look at; nothing is said in both."""
    watch, letters = found.watch, found.letters
    alive = say("health.alive", looked=local(watch.last_look)) if watch.alive and watch.last_look else ""
    night = say("health.night", ended=local(found.last_batch[0])) if found.last_batch else ""
    waiting = say("health.waiting", count=len(found.waiting)) if found.waiting else ""
    mail = say("health.queued", count=letters.queued) if letters.queued else ""
    parts = (alive, night, waiting, mail, say("health.disk", free=found.free_mb))
    return ["；".join(part for part in parts if part), *found.troubles]


def _fields(one: Health) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Health.__slots__}


def _alive(workspace: Workspace) -> bool:
    """Whether a watch holds its lock; the system frees it when the process dies.

    Trying the lock is left to where its holder seems to live: a watch that begins must not find it held by us.
    """
    try:
        holder = (workspace.locks / "watch.lock").read_text("utf-8").strip()
    except OSError:
        return False
    if not holder.isdecimal() or not Path(f"/proc/{holder}").exists():
        return False
    try:
        with locked(workspace.locks, "watch", wait=False):
            return False
    except Busy:
        return True


def _letters(ledger: sqlite3.Connection) -> LettersHealth:
    count = outbox.counts(ledger)
    return LettersHealth(
        count.get(MailState.QUEUED, 0),
        outbox.next_due(ledger),
        *(count.get(state, 0) for state in (MailState.HELD, MailState.UNSURE, MailState.FAILED)),
    )


def _met(workspace: Workspace, kind: str) -> bool:
    """Whether the watch has met a kind of trouble that is not over."""
    found = signs.remembered(workspace).get(kind)
    return found is not None and found.over is None


def _company_fault(workspace: Workspace, settings: Settings) -> str:
    setting, forms = Path(settings.company) if settings.company else None, load_forms()
    try:
        read_company(find_company(None, [workspace.root], setting, forms), forms)
    except DefinitionError as error:
        return str(error)
    return ""


def _troubles(one: Health, least_mb: int) -> Iterator[str]:
    """What does not pass by itself, or has lasted too long."""
    yield from _of_the_watch(one.watch, one.at)
    if one.letters_held:
        yield RESTORED
    if one.company_fault:
        yield say("health.company", fault=one.company_fault)
    if one.free_mb < least_mb:
        yield say("health.disk_full", free=one.free_mb, least=least_mb)
    if one.last_batch and one.at - one.last_batch[0] > MISSED:
        yield say("health.no_night", since=local(one.last_batch[0]))
    if one.failed:
        yield say("health.failed", count=len(one.failed), codes="、".join(one.failed[:5]))
    for path, why, since in one.waiting:
        if one.at - since > STUCK:
            yield say("health.stuck", path=path, since=local(since), why=why)
    if troubled := one.letters.unsure + one.letters.failed:
        yield say("health.letters", count=troubled)


def _of_the_watch(watch: WatchHealth, now: datetime) -> Iterator[str]:
    """Nothing of a watch that was never begun: a site may work with the night alone."""
    if watch.waits_for:
        stopped = watch.waits_for.startswith(signs.STOPPED)
        yield say("health.watch", what=watch.waits_for) if stopped else watch.waits_for
    if watch.last_look and not watch.alive:
        yield say("health.dead", looked=local(watch.last_look))
    elif watch.last_look and now - watch.last_look > HANGS:
        yield say("health.hangs", since=local(watch.last_look), at=watch.doing or say("health.looking"))


def local(at: datetime) -> str:
    """A moment as people here read it."""
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
