"""One message handed to one server: message, envelope and server go in, what became of it for each recipient comes out.

Until the server lets us go on after DATA nothing can have been delivered: every fault up to there may be tried again.
From then until its final answer nobody knows (RFC 1047): the outcome is `unsure`, and only a person sends it again.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from threading import Timer
from typing import Any, TypeVar

from pipeline.core.errors import DeliveryFailed
from pipeline.core.mail import Envelope, printable

DEFAULT_LIMIT = 10_240_000  # Postfix, where EHLO does not say
T = TypeVar("T")
_CRLF, _FULL = b"\r\n", 552
_LONGEST_LINE, _MOST_LINES = 8192, 100


class Fate(StrEnum):
    """What became of a message for one recipient."""

    SENT = "sent"
    LATER = "later"  # refused for now (4yz)
    REFUSED = "refused"  # refused for good (5yz)
    UNSURE = "unsure"
    TROUBLE = "trouble"  # the server cannot be used at all: no connection, no TLS, no login; no fault of the message
    TOO_LARGE = "too large"


@dataclass(frozen=True, slots=True)
class Server:
    """The server and how to speak to it.

    Attributes:
        security: tls (from the start), starttls, or none (a server on this machine).
        ca_file: certificates that count beside the system's; empty for the system's alone.
        connect_s: seconds to connect and be greeted.
        answer_s: seconds for each answer before DATA (RFC 5321 4.5.3.2: five minutes).
        data_s: seconds for the answer after the message (RFC 5321 4.5.3.2.6: ten minutes).
        total_s: seconds after which the whole conversation is cut.
    """

    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    connect_s: float = 30
    answer_s: float = 300
    data_s: float = 600
    total_s: float = 1800


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message.

    Attributes:
        fates: by recipient.
        said: the server's answer by recipient, or what went wrong, for people.
        limit: largest message that the server takes, in bytes; 0 where it was not asked.
    """

    fates: Mapping[str, Fate]
    said: Mapping[str, str]
    limit: int = 0


class _Stopped(Exception):
    """The conversation cannot go on: one fate for all who have none yet."""

    def __init__(self, fate: Fate, said: str) -> None:
        super().__init__(said)
        self.fate, self.said = fate, said


def deliver(
    message: bytes, envelope: Envelope, server: Server, before_data: Callable[[], bool] = lambda: True
) -> Outcome:
    """Hand a message over.

    Args:
        message: with CRLF line ends.
        envelope: checked addresses; only these are told to the server.
        server: where to, how, and how long to wait.
        before_data: called once before DATA; what it writes must be durable when it returns. False: do not send.
    """
    talk = _Talk(envelope)
    try:
        with _connected(server) as smtp:
            _introduce(smtp, server)
            talk.limit = _limit(smtp)
            if len(message) > talk.limit:
                raise _Stopped(Fate.TOO_LARGE, f"邮件 {len(message)} 字节,服务器最多收 {talk.limit} 字节")
            accepted = _address(smtp, talk, len(message))
            if accepted and not before_data():
                raise _Stopped(Fate.LATER, "发送前邮件已改写或撤回")
            if accepted:
                _hand_over(smtp, talk, accepted, message, server.data_s)
            with suppress(smtplib.SMTPException, OSError):
                smtp.putcmd("quit")  # nobody waits for the answer: what became of the message is known
    except _Stopped as stopped:
        talk.settle(stopped.fate, stopped.said)
    return Outcome(talk.fates, talk.said, talk.limit)


def greet(server: Server) -> int:
    """Connect, encrypt, say EHLO and log in as for a letter, and leave without one.

    Returns:
        The largest message that the server takes, in bytes.

    Raises:
        DeliveryFailed: at which step it went wrong, and how.
    """
    try:
        with _connected(server) as smtp:
            _introduce(smtp, server)
            with suppress(smtplib.SMTPException, OSError):
                smtp.putcmd("quit")
            return _limit(smtp)
    except _Stopped as stopped:
        raise DeliveryFailed(stopped.said) from stopped


@dataclass
class _Talk:
    envelope: Envelope
    fates: dict[str, Fate] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    limit: int = 0

    def settle(self, fate: Fate, said: str, recipients: tuple[str, ...] = ()) -> None:
        """Give a fate to the recipients that have none yet."""
        for recipient in recipients or self.envelope.recipients:
            self.fates.setdefault(recipient, fate)
            self.said.setdefault(recipient, said)


# -- the steps ------------------------------------------------------------------------------------------------------


@contextmanager
def _connected(server: Server) -> Iterator[smtplib.SMTP]:
    """A greeted connection; it is cut when the whole conversation takes too long, the greeting included."""
    kind = smtplib.SMTP_SSL if server.security == "tls" else smtplib.SMTP
    smtp = kind.__new__(kind)
    options: dict[str, Any] = {"timeout": server.connect_s, "local_hostname": "localhost"}
    with _cut_after(smtp, server.total_s):
        where = f"连接 {server.host}:{server.port}"
        if server.security == "tls":
            options["context"] = _guarded(lambda: _context(server), where)
        _guarded(lambda: kind.__init__(smtp, server.host, server.port, **options), where)  # type: ignore[call-overload]
        _wait(smtp, server.answer_s)
        try:
            yield smtp
        finally:
            smtp.close()


def _context(server: Server) -> ssl.SSLContext:
    """Certificates are verified, always; the host's name, too."""
    context = ssl.create_default_context()
    if server.ca_file:
        context.load_verify_locations(server.ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextmanager
def _cut_after(smtp: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Cut a conversation that never ends though every single answer comes in time."""
    timer = Timer(seconds, _cut, (smtp,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(smtp: smtplib.SMTP) -> None:
    if smtp.sock:
        with suppress(OSError):
            smtp.sock.shutdown(socket.SHUT_RDWR)


def _introduce(smtp: smtplib.SMTP, server: Server) -> None:
    _guarded(smtp.ehlo_or_helo_if_needed, "EHLO")
    if server.security == "starttls":
        _guarded(lambda: smtp.starttls(context=_context(server)), "STARTTLS")
        _guarded(smtp.ehlo_or_helo_if_needed, "EHLO")
    if server.user:
        _guarded(lambda: smtp.login(server.user, server.password), "登录")


def _limit(smtp: smtplib.SMTP) -> int:
    """The size that EHLO gives; RFC 1870: none or 0 means that no fixed one is said."""
    given = smtp.esmtp_features.get("size", "")
    return int(given) if given.isdecimal() and int(given) else DEFAULT_LIMIT


def _address(smtp: smtplib.SMTP, talk: _Talk, size: int) -> tuple[str, ...]:
    """MAIL and RCPT; returns the recipients that the server takes."""
    options = [f"size={size}"] if smtp.has_extn("size") else []
    code, said = _guarded(lambda: smtp.mail(talk.envelope.sender, options), "MAIL FROM")
    if code != 250:
        fate = Fate.TOO_LARGE if code == _FULL else Fate.TROUBLE
        raise _Stopped(fate, _answer(code, said))
    for recipient in talk.envelope.recipients:
        code, said = _guarded(partial(smtp.rcpt, recipient), "RCPT TO")
        if code not in (250, 251):  # 552 is a full mailbox here, not a large message
            talk.settle(Fate.REFUSED if code >= 500 else Fate.LATER, _answer(code, said), (recipient,))
        if code == 421:
            raise _Stopped(Fate.LATER, _answer(code, said))
    return tuple(recipient for recipient in talk.envelope.recipients if recipient not in talk.fates)


def _hand_over(smtp: smtplib.SMTP, talk: _Talk, accepted: tuple[str, ...], message: bytes, data_s: float) -> None:
    code, said = _guarded(lambda: smtp.docmd("DATA"), "DATA")
    if code == 354:
        _wait(smtp, data_s)
        code, said = _guarded(lambda: _content(smtp, message), "邮件内容", Fate.UNSURE)
        fate = _after_content(code)
    else:
        fate = _fate(code)
    talk.settle(fate, _answer(code, said), accepted)


def _after_content(code: int) -> Fate:
    """2yz has it; 4yz and 5yz do not; anything else is no answer."""
    if 200 <= code < 300:
        return Fate.SENT
    return _fate(code) if code >= 400 else Fate.UNSURE


def _wait(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock:
        smtp.sock.settimeout(seconds)


def _content(smtp: smtplib.SMTP, message: bytes) -> tuple[int, bytes]:
    """The message with doubled leading dots (RFC 5321 4.5.2) and its end, then the answer."""
    doubled = re.sub(rb"(?m)^\.", b"..", message)
    smtp.send(doubled + (b"" if doubled.endswith(_CRLF) else _CRLF) + b"." + _CRLF)
    return _whole_reply(smtp)


def _whole_reply(smtp: smtplib.SMTP) -> tuple[int, bytes]:
    """The answer that counts. `getreply` takes a line that broke off (`25`, `2500`) for one; here it is none."""
    lines: list[bytes] = []
    while len(lines) < _MOST_LINES:
        line = smtp.file.readline(_LONGEST_LINE) if smtp.file else b""
        if not line.endswith(b"\n"):
            raise smtplib.SMTPServerDisconnected("the answer broke off")
        lines.append(line[4:].strip())
        if line[3:4] != b"-":
            return (int(line[:3]) if line[:3].isdigit() else -1), b" ".join(lines)
    return -1, b"endless answer"


# -- faults ---------------------------------------------------------------------------------------------------------


def _guarded(step: Callable[[], T], name: str, fate: Fate = Fate.TROUBLE) -> T:
    """Do a step of the conversation; whatever goes wrong with it is a fate, worded for people."""
    try:
        return step()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise _Stopped(fate, f"{name}:{_why(error)}") from error


def _why(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return f"{words}({_short(str(error))})"
    return _short(f"{type(error).__name__}: {error}")


_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (ssl.SSLCertVerificationError, "服务器证书不可信,或不是这台服务器的"),
    (ssl.SSLError, "TLS 加密失败"),
    (smtplib.SMTPServerDisconnected, "服务器断开了连接"),
    (smtplib.SMTPNotSupportedError, "服务器不支持"),
    (TimeoutError, "超时没有回答"),
    (socket.gaierror, "找不到这台服务器"),
    (ConnectionRefusedError, "服务器拒绝连接"),
    (FileNotFoundError, "找不到 CA 证书文件"),
    (ConnectionError, "连接断开"),
)


def _fate(code: int) -> Fate:
    if code == _FULL:
        return Fate.TOO_LARGE
    return Fate.REFUSED if code >= 500 else Fate.LATER


def _answer(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return _short(f"{code} {text}")


def _short(text: str) -> str:
    return printable(text)[:300]
