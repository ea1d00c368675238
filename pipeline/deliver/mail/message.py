"""From a letter to the bytes of a message: headers of one line, names that every client shows, a size that fits."""

from __future__ import annotations

import html
import math
import mimetypes
import re
import unicodedata
from base64 import encodebytes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.policy import SMTP, compat32
from email.utils import format_datetime
from hashlib import sha256
from urllib.parse import quote

from pipeline.core.mail import NOTE, Enclosure, Envelope, Letter, printable
from pipeline.definitions.wording import say
from pipeline.deliver.mail.letter import size_text

SENDER_NAME = "售前文档"
MOST_PARTS = 3
# Header fields of enclosures are written by hand and must not be folded anew.
_POLICY = SMTP.clone(cte_type="7bit", refold_source="none")
_LINE, _ENCODED = 57, 78  # bytes of a base64 line, and its length with the line end
_HEADERS = 2_000  # of one enclosure, at most
_REMARKS = 8_000  # what a part says of other parts and of what is left out, as text and as HTML, with the longest names
_NAMED = 5  # files of each, at most

# The head of a list of files that has no file any more, as the two templates write it.
_AFTER = re.compile(r"^■ (?:附件|共享目录)$", re.MULTILINE)
_EMPTY_LIST = re.compile(r"^■ 附件\n(?=\n)|^<p[^>]*>附件</p>\n<ol[^>]*>\n</ol>\n", re.MULTILINE)

Read = Callable[[Enclosure], bytes]


@dataclass(frozen=True, slots=True)
class MessageStamp:
    """What makes a message the same one each time it is made: when the letter was written, and its Message-ID."""

    made_at: datetime
    message_id: str


def to_bytes(letter: Letter, envelope: Envelope, stamp: MessageStamp, read: Read) -> bytes:
    """The message as it goes over the wire; the same letter always makes the same bytes.

    Args:
        letter: what it says.
        envelope: checked addresses; `To` holds exactly its recipients.
        stamp: date and Message-ID.
        read: bytes of an enclosure.
    """
    message = EmailMessage(_POLICY)
    message["From"] = Address(SENDER_NAME, addr_spec=envelope.sender)
    message["To"] = [Address(addr_spec=recipient) for recipient in envelope.recipients]
    message.set_raw("Subject", _encoded(header_text(letter.subject), "Subject"))
    message["Date"] = format_datetime(stamp.made_at)
    message["Message-ID"] = stamp.message_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text, cte="base64")
    message.add_alternative(letter.html, subtype="html", cte="base64")
    if letter.enclosures:
        message.make_mixed()
        for enclosure in letter.enclosures:
            message.attach(_attachment(enclosure, read(enclosure)))  # type: ignore[arg-type]  # typeshed is too strict
    for number, part in enumerate(_multiparts(message)):
        part.set_boundary(f"=_{sha256(f'{stamp.message_id}{number}'.encode()).hexdigest()[:32]}")
    return message.as_bytes()


def _encoded(text: str, field: str) -> str:
    """A text in encoded words. The library's own folding eats blanks between words of two scripts."""
    return Header(text, "utf-8", header_name=field).encode(linesep="\r\n")


def _multiparts(message: Message) -> Iterator[Message]:
    return (part for part in message.walk() if part.is_multipart())


def header_text(text: str) -> str:
    """A text for a header: one line, and nothing in it reads as an encoded word (threats T16)."""
    return printable(text).replace("=?", "= ?")


def _attachment(enclosure: Enclosure, content: bytes) -> Message:
    """An enclosure with its name twice.

    `name` in encoded words is what Outlook, QQ and NetEase read; one unsplit `filename*` is RFC 2231 for the others.
    QQ showed `tcmime.*.bin` for the split form that the standard library writes (threats 2.6).
    """
    main, _, sub = (mimetypes.guess_type(enclosure.name)[0] or "application/octet-stream").partition("/")
    part = Message(compat32)  # keeps fields as they are given
    name = file_name(enclosure.name)
    ascii_name = name.isascii() and not set(name) & set('"=')
    words = name if ascii_name else _encoded(name, "  name")
    part["Content-Type"] = f'{main}/{sub};\r\n name="{words}"'
    part["Content-Disposition"] = f"attachment;\r\n filename*=utf-8''{quote(name, safe='')}"
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(encodebytes(content).decode("ascii"))
    return part


def file_name(text: str) -> str:
    """A name of a file and nothing else: no path, no control character; blanks stay."""
    clean = "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else " " for c in text)
    return clean.replace("/", "_").replace("\\", "_")


# -- size -----------------------------------------------------------------------------------------------------------


def fit(letter: Letter, limit: int, bare: int) -> list[Letter]:
    """The letter as messages of at most `limit` bytes: one, several parts, or without what does not fit.

    Args:
        letter: as it was written.
        limit: largest message in bytes: the smaller of the server's and the company's.
        bare: size of the message without enclosures.
    """
    room = limit - bare - _HEADERS - _REMARKS
    small = [one for one in letter.enclosures if encoded_size(one) <= room]
    large = [one for one in letter.enclosures if encoded_size(one) > room]
    groups = _groups(small, room)
    large += [one for group in groups[MOST_PARTS:] for one in group]
    groups = groups[:MOST_PARTS]
    if not large and len(groups) < 2:
        return [letter]
    remark = _left_out(large)
    parts = [_listing_only(letter, group) for group in groups or [[]]]
    if len(parts) == 1:
        return [_with_remark(parts[0], [remark])]
    return [
        _with_remark(
            replace(part, subject=say("part_subject", subject=part.subject, number=number, count=len(parts))),
            [say("part", number=number, count=len(parts), others=_in_other_parts(groups, number)), remark],
        )
        for number, part in enumerate(parts, 1)
    ]


def _in_other_parts(groups: Sequence[Sequence[Enclosure]], own: int) -> str:
    """What goes with the other parts, the first names of each."""
    said = [
        say("part_other", number=number, files="、".join(one.name for one in group[:_NAMED]), count=len(group))
        for number, group in enumerate(groups, 1)
        if number != own
    ]
    return "；".join(said)


def encoded_size(enclosure: Enclosure) -> int:
    """Bytes that an enclosure takes in a message, at most."""
    return math.ceil(enclosure.size / _LINE) * _ENCODED + _HEADERS


def _groups(enclosures: Sequence[Enclosure], room: int) -> list[list[Enclosure]]:
    groups: list[list[Enclosure]] = []
    used = 0
    for one in enclosures:
        if not groups or used + encoded_size(one) > room:
            groups.append([])
            used = 0
        groups[-1].append(one)
        used += encoded_size(one)
    return groups


def _left_out(enclosures: Sequence[Enclosure]) -> str:
    if not enclosures:
        return ""
    names = "".join(f"\n{_where(one)}" for one in enclosures[:_NAMED])
    more = say("left_out_more", count=len(enclosures)) if len(enclosures) > _NAMED else ""
    return say("left_out", files=names + more)


def _where(enclosure: Enclosure) -> str:
    """Where a file lies; its name, too, where the path does not end with it."""
    if enclosure.path.endswith(f"/{enclosure.name}"):
        return enclosure.path
    return f"{enclosure.name}({enclosure.path})" if enclosure.path else enclosure.name


def _listing_only(letter: Letter, group: Sequence[Enclosure]) -> Letter:
    """The letter with some of its enclosures; the others leave its list, too, which has a line for each."""
    gone = [(one.name, size_text(one.size)) for one in letter.enclosures if one not in group]
    listed = [(html.escape(name), size) for name, size in gone]
    return replace(
        letter, enclosures=tuple(group), text=_without(letter.text, gone), html=_without(letter.html, listed)
    )


def _without(text: str, gone: Sequence[tuple[str, str]]) -> str:
    lines = text.split("\n")
    kept = "\n".join(line for line in lines if not any(name in line and f"（{size}）" in line for name, size in gone))
    return _EMPTY_LIST.sub("", kept)


def _before_the_files(text: str, said: str) -> str:
    """A remark of the enclosures before their list, else before the folder, else at the end."""
    found = _AFTER.search(text)
    before, after = (text[: found.start()], text[found.start() :]) if found else (text, "")
    return "\n\n".join(part for part in (before.strip("\n"), said, after) if part) if said else text


def _with_remark(letter: Letter, remarks: Sequence[str]) -> Letter:
    said = [remark for remark in remarks if remark]
    paragraphs = "".join(
        f'<p style="color:#8a5a00">{html.escape(remark).replace(chr(10), "<br>")}</p>' for remark in said
    )
    text = _before_the_files(letter.text, "\n".join(said))
    return replace(letter, text=text, html=letter.html.replace(NOTE, paragraphs + NOTE, 1))
