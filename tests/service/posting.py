"""A workspace with letters, and settings that lead to a test's own server."""

from __future__ import annotations

import email
import email.policy
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pipeline.core.mail import Envelope, Letter
from pipeline.deliver.mail.delivery import Outcome, Server, deliver
from pipeline.service.post.files import Files
from pipeline.service.post.sending import SendingReport, send_due
from pipeline.settings import Settings
from pipeline.workspace import outbox
from pipeline.workspace.ledger import open_ledger, transaction
from pipeline.workspace.outbox import News, notice_key
from tests.smtp_server import PASSWORD, USER, Running

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NO_QUIET = timedelta(0)


@dataclass
class Watch:
    """A clock that stands until a test moves it."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


def settings_for(running: Running, **changes: object) -> Settings:
    known: dict[str, object] = {
        "mail_host": "localhost",
        "mail_port": running.port,
        "mail_security": running.security,
        "mail_user": USER,
        "mail_password": PASSWORD,
        "mail_from": "presales@lanyu.example",
        "mail_ca_file": running.ca_file,
    }
    return Settings(**{**known, **changes})  # type: ignore[arg-type]


@dataclass
class Post:
    """An outbox with its server and clock."""

    folder: Path
    running: Running
    clock: Watch = field(default_factory=Watch)
    changes: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ledger: sqlite3.Connection = open_ledger(self.folder)
        self.files = Files(self.folder)

    def write(self, to: str, text: str = "正文", sizes: tuple[int, ...] = (), limit: int = 15_000_000) -> int:
        """Put a letter with enclosures of some sizes into the outbox."""
        kept = [
            self.files.keep(bytes([number]) * size, f"附件{number}.pdf", f"/share/附件{number}.pdf")
            for number, size in enumerate(sizes)
        ]
        letter = Letter(f"[售前文档] {text}", text, f"<p>{text}</p><!--note-->", tuple(kept), limit)
        notices = {"计划包": (notice_key(text, to, "计划包", 1), {"says": text})}
        with transaction(self.ledger):
            news = News(to, to, text, notices)
            made = outbox.put(self.ledger, news, lambda _: letter, self.clock(), NO_QUIET, "lanyu.example")
        assert made
        return made

    def send_due(self, send: Callable[..., Outcome] | None = None) -> SendingReport:
        settings = settings_for(self.running, **self.changes)
        return send_due(self.ledger, settings, self.clock, send or partial(impatient, self.running))

    def states(self) -> list[str]:
        return [str(mail.state) for mail in outbox.letters(self.ledger)]


def impatient(
    running: Running, message: bytes, envelope: Envelope, server: Server, begin: Callable[[], bool]
) -> Outcome:
    """Deliver as always, with waits for a test."""
    quick = running.server()
    waits = {key: getattr(quick, key) for key in ("connect_s", "answer_s", "data_s", "total_s")}
    return deliver(message, envelope, replace(server, **waits), begin)


def got(post: Post) -> dict[str, Any]:
    """What each address has got so far: the newest message, with the enclosures of the letter's parts before it."""
    post.clock.forward(hours=1)
    post.send_due(deliver)
    parsed = (email.message_from_bytes(one.content, policy=email.policy.default) for one in post.running.taken)
    newest: dict[str, Any] = {}
    for message in parsed:
        before = newest.get(str(message["To"]))
        if before and "封，共" in message["Subject"] and "第1封" not in message["Subject"]:
            for part in before.iter_attachments():
                message.attach(part)
        newest[str(message["To"])] = message
    return newest


def names(message: Any) -> list[str]:
    return [part.get_filename() for part in message.iter_attachments()]


def body(message: Any) -> str:
    return str(message.get_body(("plain",)).get_content())
