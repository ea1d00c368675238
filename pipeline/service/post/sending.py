"""Sends what is due, and writes down what became of it before and after."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from pipeline.core.errors import DefinitionError
from pipeline.core.mail import Enclosure, Envelope, Letter, MailState
from pipeline.definitions.wording import say
from pipeline.deliver.mail.delivery import DEFAULT_LIMIT, Fate, Outcome, Server, deliver
from pipeline.deliver.mail.message import MessageStamp, fit, to_bytes
from pipeline.service.post.files import EnclosureMissing, Files
from pipeline.settings import MAIL_PORTS, Settings
from pipeline.workspace import outbox, signs
from pipeline.workspace.layout import Workspace
from pipeline.workspace.ledger import transaction
from pipeline.workspace.outbox import Mail

LOCK = "outbox.lock"
SHORTEST, LONGEST = timedelta(seconds=300), timedelta(seconds=4000)  # back-off, as Postfix does it
LIFETIME = timedelta(days=5)
MOST_TRIES_FOR_SIZE = 5

RESTORED = "工作区是从备份恢复的,信件停发;用 presales outbox list 看过以后,presales outbox release 放行"

Clock = Callable[[], datetime]
Deliver = Callable[[bytes, Envelope, Server, Callable[[], bool]], Outcome]


@dataclass
class SendingReport:
    """What one round of sending did.

    Attributes:
        states: how many letters came to each state.
        problems: for the operator, one sentence each.
        trouble: why the server could not be used; empty where it could.
        busy: another process is sending.
    """

    states: dict[MailState, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    trouble: str = ""
    busy: bool = False

    def count(self, state: MailState) -> int:
        """How many letters came to a state."""
        return self.states.get(state, 0)

    @property
    def clean(self) -> bool:
        """Whether nothing needs a person."""
        return not (self.problems or self.trouble)


def server_of(settings: Settings) -> Server:
    """The server that the settings name.

    Raises:
        DefinitionError: none is named, or the password cannot be read.
    """
    if not settings.mail_host:
        raise DefinitionError("没有设置邮件服务器:请在 presales.toml 写 mail_host(no mail server is set)。")
    return Server(
        host=settings.mail_host,
        port=settings.mail_port or MAIL_PORTS[settings.mail_security],
        security=settings.mail_security,
        user=settings.mail_user,
        password=_password(settings),
        ca_file=settings.mail_ca_file,
    )


def _password(settings: Settings) -> str:
    if not settings.mail_password_file:
        return settings.mail_password
    try:
        lines = Path(settings.mail_password_file).read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        name = settings.mail_password_file
        raise DefinitionError(f"mail_password_file:{name} 读不出来(cannot read the password file)。") from error
    return lines[0].strip() if lines else ""


def send_due(ledger: sqlite3.Connection, settings: Settings, clock: Clock, send: Deliver = deliver) -> SendingReport:
    """Send every letter that is due, within the rate and the daily cap; one process at a time.

    Args:
        ledger: of the workspace; its folder holds the enclosures.
        settings: server and limits.
        clock: the time, UTC.
        send: hands one message over.

    Raises:
        DefinitionError: the settings name no usable server.
    """
    server, report = server_of(settings), SendingReport()
    folder = outbox.folder_of(ledger)
    if signs.letters_held(Workspace(folder)):
        report.trouble = RESTORED
        return report
    with _alone(folder) as alone:
        if not alone:
            report.busy = True
            return report
        round_ = _Round(ledger, settings, server, clock, Files(folder), report, send)
        round_.recover()
        round_.run()
        round_.files.sweep(outbox.kept_files(ledger), clock())
    return report


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Hold the lock of the outbox; a process that dies lets it go."""
    with (folder / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def back_off(attempts: int) -> timedelta:
    """How long a letter waits after so many tries (1 or more)."""
    return min(SHORTEST * (1 << min(attempts - 1, 10)), LONGEST)


@dataclass
class _Round:
    ledger: sqlite3.Connection
    settings: Settings
    server: Server
    clock: Clock
    files: Files
    report: SendingReport
    send: Deliver
    limit: int = 0  # of the server, once known

    def recover(self) -> None:
        with transaction(self.ledger):
            lost = outbox.recover(self.ledger, self.clock())
        for mail in lost:
            self._note(mail, MailState.UNSURE, "上次发送途中程序停止,不知对方是否收到")

    def run(self) -> None:
        """One letter after the other until none is due, the server fails, or the rate is reached."""
        done: set[int] = set()
        while self._may_send():
            mail = next((mail for mail in outbox.due(self.ledger, self.clock()) if mail.id not in done), None)
            if mail is None:
                return
            done.add(mail.id)
            self._one(mail)

    def _may_send(self) -> bool:
        now = self.clock()
        caps = (
            (timedelta(days=1), self.settings.mail_daily_cap),
            (timedelta(minutes=1), self.settings.mail_per_minute),
        )
        return not self.report.trouble and all(outbox.sent_since(self.ledger, now - span) < most for span, most in caps)

    def _one(self, mail: Mail) -> None:
        now = self.clock()
        if now - mail.lives_from > LIFETIME and mail.attempts:
            return self._settle(mail, MailState.FAILED, f"5 天没有发出去:{mail.said}")
        said = ""
        for _ in range(MOST_TRIES_FOR_SIZE):
            mail = self._fitted(mail)
            try:
                outcome, size = self._try(mail)
            except EnclosureMissing as error:
                return self._settle(mail, MailState.FAILED, str(error))
            fate, said = outcome.fates[mail.recipient], outcome.said[mail.recipient]
            if fate is not Fate.TOO_LARGE or not mail.letter.enclosures:
                return self._decide(mail, fate, said)
            self.limit = min(outcome.limit or size, size - 1)
            self._settle(mail, MailState.QUEUED, said, self.clock())
        return self._settle(mail, MailState.FAILED, said)

    def _try(self, mail: Mail) -> tuple[Outcome, int]:
        """Hand a letter over; returns what became of it, and the size of its message."""
        message = to_bytes(
            mail.letter, self._envelope(mail), MessageStamp(mail.made_at, mail.message_id), self.files.read
        )
        begin = partial(self._begin, mail)
        return self.send(message, self._envelope(mail), self.server, begin), len(message)

    def _begin(self, mail: Mail) -> bool:
        return outbox.begin(self.ledger, mail, self.clock())

    def _fitted(self, mail: Mail) -> Mail:
        """The letter as it fits the server and the company, made several where it must be."""
        limit = min(mail.letter.limit, self.limit or mail.letter.limit)
        letters = fit(mail.letter, limit, bare_size(mail, self._envelope(mail)))
        if letters == [mail.letter]:
            return mail
        with transaction(self.ledger):
            outbox.split(self.ledger, mail, letters, self.clock())
        return outbox.letter_of(self.ledger, mail.id) or mail

    def _envelope(self, mail: Mail) -> Envelope:
        return Envelope(self.settings.mail_from, (mail.recipient,))

    def _decide(self, mail: Mail, fate: Fate, said: str) -> None:
        if state := _ENDS.get(fate):
            return self._settle(mail, state, said)
        current = outbox.letter_of(self.ledger, mail.id)
        if current is None or current.message_id != mail.message_id:
            return None  # rewritten meanwhile: the new letter is due at its own time
        until = self.clock() + back_off(current.attempts + (current.state is MailState.QUEUED))
        self._settle(mail, MailState.QUEUED, said, until)
        if fate is Fate.TROUBLE:
            self.report.trouble = said
            with transaction(self.ledger):
                outbox.postpone(self.ledger, until)
        return None

    def _settle(self, mail: Mail, state: MailState, said: str, due_at: datetime | None = None) -> None:
        with transaction(self.ledger):
            moved = outbox.move(self.ledger, mail.id, state, self.clock(), said, due_at)
        if moved:
            self._note(mail.id, state, said)

    def _note(self, mail: int, state: MailState, said: str) -> None:
        self.report.states[state] = self.report.count(state) + 1
        if state in (MailState.UNSURE, MailState.FAILED):
            self.report.problems.append(f"邮件 {mail}:{state_word(state)}。{said}")


_ENDS: Mapping[Fate, MailState] = {
    Fate.SENT: MailState.SENT,
    Fate.REFUSED: MailState.FAILED,
    Fate.UNSURE: MailState.UNSURE,
    Fate.TOO_LARGE: MailState.FAILED,
}


def state_word(state: MailState) -> str:
    """A state as people call it."""
    return say(f"mail_{state.value}")


def bare_size(mail: Mail, envelope: Envelope) -> int:
    """Size of a message without its enclosures."""
    letter = Letter(mail.letter.subject, mail.letter.text, mail.letter.html)
    return len(to_bytes(letter, envelope, MessageStamp(mail.made_at, mail.message_id), _nothing))


def _nothing(_: Enclosure) -> bytes:
    return b""


def as_eml(mail: Mail, settings: Settings, files: Files) -> list[bytes]:
    """The messages that a letter would be, for looking at; nothing is changed."""
    envelope = Envelope(settings.mail_from, (mail.recipient,))
    stamp = MessageStamp(mail.made_at, mail.message_id)
    letters = fit(mail.letter, min(mail.letter.limit, DEFAULT_LIMIT), bare_size(mail, envelope))
    return [to_bytes(letter, envelope, stamp, files.read) for letter in letters]
