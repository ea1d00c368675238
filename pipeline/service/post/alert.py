"""A letter to the PMO that the service itself has stopped: past outbox and ledger, which may be what has failed."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import datetime
from html import escape

from pipeline.core.errors import DefinitionError, DeliveryFailed
from pipeline.core.mail import Envelope, Letter
from pipeline.definitions.wording import say
from pipeline.deliver.mail.delivery import Fate, deliver
from pipeline.deliver.mail.message import MessageStamp, to_bytes
from pipeline.service.post.sections import digest
from pipeline.service.post.sending import server_of
from pipeline.settings import Settings


def alert(settings: Settings, what: str, lines: Sequence[str], now: datetime) -> str:
    """Tell the PMO at once.

    Args:
        settings: server and address.
        what: name of what has stopped, as systemd calls it.
        lines: what is known, a line each.
        now: UTC.

    Returns:
        The address that took it.

    Raises:
        DefinitionError: no server, or nobody to tell, is set.
        DeliveryFailed: the server did not take it.
    """
    if not settings.mail_pmo:
        raise DefinitionError("没有设置 mail_pmo,不知道报警信给谁(set mail_pmo)。")
    machine = platform.node()
    text = "\n".join([say("alert_body", what=what, machine=machine), *lines])
    past_the_outbox(settings, settings.mail_pmo, say("alert_subject", what=what, machine=machine), text, now)
    return settings.mail_pmo


def past_the_outbox(settings: Settings, to: str, subject: str, text: str, now: datetime) -> None:
    """Send a letter of the service about itself at once; no ledger remembers it.

    Args:
        settings: server and sender.
        to: one address.
        subject: of the letter.
        text: its lines.
        now: UTC.

    Raises:
        DefinitionError: no server is set.
        DeliveryFailed: the server did not take it.
    """
    letter = Letter(subject, text, f"<pre>{escape(text)}</pre>")
    envelope = Envelope(settings.mail_from, (to,))
    domain = settings.mail_from.rpartition("@")[2]
    stamp = MessageStamp(now, f"<alert.{now:%Y%m%d%H%M%S%f}.{digest([to, subject])[:8]}@{domain}>")
    outcome = deliver(to_bytes(letter, envelope, stamp, lambda _: b""), envelope, server_of(settings))
    if outcome.fates[to] is not Fate.SENT:
        raise DeliveryFailed(f"报警信没有发出:{outcome.said[to]}(the alert was not sent)。")
