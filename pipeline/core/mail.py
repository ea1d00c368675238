"""A letter before it is sent: addresses that are exactly one address, enclosures kept by hash, states of the outbox."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

_LOCAL = r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"({_LOCAL})@((?:{_LABEL}\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9])", re.ASCII)
NOTE = "<!--note-->"
_LONGEST, _LONGEST_LOCAL = 254, 64  # RFC 5321 4.5.3.1


class NotAnAddress(ValueError):
    """A text is not exactly one plain address; the message says what it is, in Chinese."""


class MailState(StrEnum):
    """Where a letter stands in the outbox."""

    HELD = "held"  # waits until somebody approves its address
    QUEUED = "queued"
    SENDING = "sending"  # committed before DATA; found at start-up it means unsure
    SENT = "sent"
    UNSURE = "unsure"  # the connection was lost after DATA: a person decides
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that goes with a letter.

    Attributes:
        name: file name as the receiver sees it.
        sha256: hash of its bytes, under which the workspace keeps them until the letter is sent.
        size: in bytes.
        path: where staff find it on the share; empty where it lies nowhere.
    """

    name: str
    sha256: str
    size: int
    path: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything a message is made of, without its transport.

    Attributes:
        html: the same as `text`; holds `NOTE` where a remark about the enclosures can be put.
        limit: largest message that the company wants, in bytes (`mail_max_mb` of workbook 00).
    """

    subject: str
    text: str
    html: str
    enclosures: tuple[Enclosure, ...] = ()
    limit: int = 10_240_000


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who it is from and for, as the server is told; never taken from headers."""

    sender: str
    recipients: tuple[str, ...]


def address(text: str) -> str:
    """The one plain address that a text is, in lower case.

    ASCII only, so a homograph is none; no display name, comma, group, quote, comment or encoded word (threats T15).

    Raises:
        NotAnAddress: it is anything else.
    """
    found = _ADDRESS.fullmatch(text.strip(" ").lower()) if text.isascii() else None
    if not found or len(found[0]) > _LONGEST or len(found[1]) > _LONGEST_LOCAL:
        raise NotAnAddress(f"“{printable(text)}”不是一个邮箱地址(not one plain address)")
    return found[0]


def allowed(found: str, domains: Collection[str]) -> bool:
    """Whether letters to a checked address go out without anybody's approval: its domain is listed, exactly."""
    return found.rpartition("@")[2] in {domain.strip().lower().removeprefix("@") for domain in domains}


def printable(text: str) -> str:
    """A text for one line of a screen or header: no control, format or line-breaking character."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
