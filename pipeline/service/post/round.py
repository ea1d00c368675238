"""Mail in a run: hears of what is published, of files that went back, and of the day; its faults touch nothing else."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from pipeline.core.company import Company
from pipeline.core.documents import ProjectResult
from pipeline.core.errors import PipelineError
from pipeline.core.mail import MailState
from pipeline.core.names import safe
from pipeline.core.portfolio import PortfolioResult
from pipeline.definitions.wording import say
from pipeline.service.post.desk import Desk
from pipeline.service.post.people import People
from pipeline.service.post.queue import Asked, queue_digest, queue_failure, queue_project
from pipeline.service.post.receipts import Arrivals
from pipeline.service.post.returns import pass_on, queue_doubts, queue_refusals, queue_started, queue_stuck
from pipeline.service.post.sending import SendingReport, send_due
from pipeline.settings import Settings
from pipeline.workspace import doubts, inputs, outbox, projects, refusals
from pipeline.workspace.inputs import Current
from pipeline.workspace.ledger import transaction
from pipeline.workspace.projects import Remembered

LOG = logging.getLogger("presales.mail")
_TOGETHER = timedelta(minutes=30)  # files that were handed in within this time were handed in together


@dataclass
class Post:
    """The mail of one run.

    Attributes:
        company: reads workbook 00 as it is now.
        now: UTC.
        since: what happened before this day is history, of which nobody is told.
    """

    ledger: sqlite3.Connection
    settings: Settings
    company: Callable[[], Company]
    now: Callable[[], datetime]
    since: date | None = None

    def published(self, known: Remembered) -> None:
        """A project's files are where people find them."""
        with _harmless(known.code):
            if known.published:
                arrivals = Arrivals(inputs.current(self.ledger, known.code), inputs.versions(self.ledger, known.code))
                asked = Asked(self._senders(known.code), arrivals, self.since, self.now())
                queue_project(self.ledger, known, self.company(), self.settings, known.published, asked)

    def returned(self) -> None:
        """Of files that went back the letters that are not yet written, in this run or one before it."""
        with _harmless("退回"):
            for together in refusals.due(self.ledger):
                with _harmless(f"退回 {together[0].name}"):
                    queue_refusals(self.ledger, together, self.company(), self.settings, self.now())

    def started(self, entries: Sequence[Current], root: Path) -> None:
        """Registered projects whose blank workbooks lie in the published folder, each told once."""
        for entry in entries:
            with _harmless(entry.project):
                desk = Desk(self.ledger, self.company(), self.settings, self.now())
                queue_started(desk, entry, root / safe(entry.project))

    def failed(self, failures: Mapping[str, str], root: Path) -> None:
        """Projects that could not be run at all, by code with why; of others that failed their own letters tell."""
        for code, why in failures.items():
            with _harmless(code):
                desk = Desk(self.ledger, self.company(), self.settings, self.now())
                known = projects.recall(self.ledger, code)
                name = known.name if known else ""
                result = ProjectResult(code, name, known.facts if known else None, failure=PipelineError(why))
                queue_failure(desk, result, self._senders(code), root / safe(code))

    def stuck(self, waiting: Sequence[tuple[str, str, datetime]]) -> None:
        """Files that have not been taken for long, each told once.

        Args:
            waiting: path, why, since when.
        """
        for path, why, since in waiting:
            with _harmless(f"收不下 {path}"):
                queue_stuck(Desk(self.ledger, self.company(), self.settings, self.now()), path, why, since)

    def doubted(self) -> None:
        """Of files that may belong to another project the letters that are not yet written."""
        with _harmless("待确认"):
            for together in doubts.due(self.ledger):
                code = together[0].project
                with _harmless(f"待确认 {code}"):
                    known = projects.recall(self.ledger, code)
                    facts = known.facts if known else None
                    senders = self._senders(code, apart={one.given.kept.sha256 for one in together})
                    people = People(self.company(), self.settings, facts, senders)
                    queue_doubts(self.ledger, together, people, self.now())

    def day(self, made: PortfolioResult, day: date) -> None:
        """The portfolio was made, with the report of the day."""
        with _harmless("批次日报"):
            lines = _lines(made)
            queue_digest(self.ledger, made.reports, lines, self.company(), self.settings, day, self.now())

    def send(self) -> SendingReport | None:
        """Send what is due; None where it could not even begin."""
        report: SendingReport | None = None
        with _harmless("发信"):
            self._drop_leavers()
            report = send_due(self.ledger, self.settings, self.now)
            for problem in report.problems:
                LOG.warning("%s", problem)
            if report.trouble:
                LOG.warning("邮件服务器不能用:%s", report.trouble)
        return report

    def leavers(self) -> None:
        """Before projects are run: what was on its way to somebody who has left is told to others by these runs."""
        with _harmless("离职"):
            self._drop_leavers()

    def _drop_leavers(self) -> None:
        """Letters that wait to leave for somebody who has left the company since leave no more."""
        company = self.company()
        here = {person.email.lower() for person in company.persons.values() if person.active}
        gone = {person.email.lower() for person in company.persons.values()} - here
        waiting = outbox.letters(self.ledger, (MailState.QUEUED, MailState.HELD)) if gone else []
        for mail in waiting:
            if mail.recipient.lower() in gone:
                with transaction(self.ledger):
                    outbox.cancel(self.ledger, mail.id, self.now(), say("mail_gone"))
                    outbox.untell(self.ledger, mail.id)
                    pass_on(Desk(self.ledger, company, self.settings, self.now()), mail)
                LOG.warning("%s 已离职,给他的信 %s 不发了", mail.who, mail.id)

    def _senders(self, code: str, apart: Collection[str] = ()) -> tuple[str, ...]:
        """Who filled in what was handed in last, some contents apart: then of all versions that there were."""
        listed = inputs.versions(self.ledger, code) if apart else inputs.current(self.ledger, code)
        known = [one for one in listed if one.sha256 not in apart]
        newest = max((one.accepted_at for one in known), default=None)
        late = [one for one in known if newest and newest - one.accepted_at <= _TOGETHER]
        return tuple(dict.fromkeys(one.filled_by for one in late if one.filled_by))


def _lines(made: PortfolioResult) -> list[str]:
    seen = made.portfolio
    states = "、".join(f"{state} {count}" for state, count in seen.states if count)
    wrong = [line.code for line in seen.lines if line.status == "errors" and not line.failure]
    broken = [line.code for line in seen.lines if line.failure]
    lines = [
        say("daily_projects", count=len(seen.lines), states=states or say("none")),
        say("daily_wrong", count=len(wrong), codes="、".join(wrong[:10]) or say("none")),
    ]
    if broken:
        lines.append(say("daily_broken", count=len(broken), codes="、".join(broken[:10])))
    return [*lines, say("daily_late", count=len(seen.late)), say("daily_across", count=len(seen.findings))]


@contextmanager
def _harmless(what: str) -> Iterator[None]:
    """A mail fault is logged and never stops documents or files."""
    try:
        yield
    except (PipelineError, OSError, sqlite3.Error, ValueError, KeyError) as error:
        LOG.warning("邮件(%s)没有处理:%s", what, error, exc_info=True)
