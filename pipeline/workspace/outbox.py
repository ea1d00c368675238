"""The outbox: letters that are whole and durable before anything is sent, and what became of each.

A letter goes to one address. What it tells are notices, one for each kind of news; a project's key of a notice is made
once and never again, so nothing is mailed twice by our doing. News for a person and project that has not left yet is
joined by later news (`put`). States only move along `NEXT`; each move is an event that stays.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.core.mail import Enclosure, Letter, MailState
from pipeline.workspace.ledger import transaction

Section = Mapping[str, Any]
"""What the templates print about one kind of news; JSON."""

H, Q, SENDING, SENT = MailState.HELD, MailState.QUEUED, MailState.SENDING, MailState.SENT
UNSURE, FAILED, CANCELLED = MailState.UNSURE, MailState.FAILED, MailState.CANCELLED
NEXT: Mapping[MailState, frozenset[MailState]] = {
    H: frozenset({Q, CANCELLED}),
    Q: frozenset({Q, SENDING, FAILED, CANCELLED}),
    SENDING: frozenset({SENT, UNSURE, FAILED, Q, CANCELLED}),
    UNSURE: frozenset({Q, CANCELLED}),
    FAILED: frozenset({Q, CANCELLED}),
    SENT: frozenset(),
    CANCELLED: frozenset(),
}
KEEPS_FILES = tuple(state for state, after in NEXT.items() if after)


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter in the outbox; times are UTC.

    Attributes:
        lives_from: its lifetime counts from then: when it was made, or when a person last let it go.
        part_of: the letter that was too large for one message.
    """

    id: int
    recipient: str
    who: str
    project: str
    state: MailState
    letter: Letter
    message_id: str
    made_at: datetime
    due_at: datetime
    attempts: int
    sent_at: datetime | None
    said: str
    part_of: int | None
    lives_from: datetime


@dataclass(frozen=True, slots=True)
class News:
    """What one person is to be told about one project.

    Attributes:
        recipient: a checked address.
        who: for people: 陆子昂(项目经理).
        held: why it waits for approval; empty where it may go.
        project: code, or what else the letter is about; with the key it says which notice this is.
        notices: kind to its key and section.
    """

    recipient: str
    who: str
    project: str
    notices: Mapping[str, tuple[str, Section]]
    held: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """What was last told about a topic (`mail_topics`)."""

    content: str = ""
    inputs: str = ""
    program: str = ""
    turn: int = 0
    said: Mapping[str, Any] = field(default_factory=dict)


def topic(ledger: sqlite3.Connection, project: str, name: str) -> Topic:
    """What was last told about a topic; nothing yet gives an empty one."""
    row = ledger.execute(
        "SELECT content, inputs, program, turn, said FROM mail_topics WHERE project=? AND topic=?", (project, name)
    ).fetchone()
    if row is None:
        return Topic()
    return Topic(row["content"], row["inputs"], row["program"], row["turn"], json.loads(row["said"]))


def tell(ledger: sqlite3.Connection, project: str, name: str, now: Topic) -> None:
    """Remember what a topic says now, in the caller's transaction."""
    ledger.execute(
        "INSERT OR REPLACE INTO mail_topics VALUES (?, ?, ?, ?, ?, ?, ?)",
        (project, name, now.content, now.inputs, now.program, now.turn, json.dumps(now.said, ensure_ascii=False)),
    )


def notice_key(content: str, recipient: str, kind: str, turn: int) -> str:
    """Key of a notice among those of one project.

    Args:
        content: hash of what it says; never of bytes that were made.
        recipient: a checked address.
        kind: kind of news, or its topic.
        turn: how often the content of its topic has changed: what was said, taken back and is said again is news.
    """
    return hashlib.sha256(json.dumps([content, recipient, kind, turn]).encode()).hexdigest()


def put(
    ledger: sqlite3.Connection,
    news: News,
    compose: Callable[[Mapping[str, Section]], Letter],
    now: datetime,
    quiet: timedelta,
    domain: str,
) -> int | None:
    """Put news into the outbox, in the caller's transaction; what is known already makes no letter.

    News joins the letter to the same person about the same project that has not left yet; else it waits until the
    quiet period after the last one is over.

    Args:
        ledger: of the workspace.
        news: what to tell whom.
        compose: makes the letter from the sections by kind.
        now: UTC.
        quiet: shortest time between two letters to one person about one project.
        domain: right side of the Message-ID.

    Returns:
        The letter's id; None where there was nothing new.
    """
    fresh = {kind: pair for kind, pair in news.notices.items() if not _told(ledger, news.project, pair[0])}
    if not fresh:
        return None
    waiting = _waiting(ledger, news)
    known = notices(ledger, waiting) if waiting else {}
    sections = {kind: section for kind, (_, section) in known.items()}
    letter = compose({**sections, **{kind: section for kind, (_, section) in fresh.items()}})
    message_id = _message_id(news, [key for key, _ in fresh.values()], domain)
    if waiting:
        ledger.execute("UPDATE mail SET letter=?, message_id=? WHERE id=?", (_to_json(letter), message_id, waiting))
        mail = waiting
    else:
        mail = _insert(ledger, news, letter, message_id, now, _due(ledger, news, now, quiet))
    for kind, (key, section) in fresh.items():
        row = (news.project, key, mail, kind, json.dumps(section, ensure_ascii=False))
        ledger.execute("INSERT INTO mail_notices(project, key, mail, kind, section) VALUES (?, ?, ?, ?, ?)", row)
    return mail


def _told(ledger: sqlite3.Connection, project: str, key: str) -> bool:
    return bool(ledger.execute("SELECT 1 FROM mail_notices WHERE project=? AND key=?", (project, key)).fetchone())


def _waiting(ledger: sqlite3.Connection, news: News) -> int | None:
    row = ledger.execute(
        "SELECT id FROM mail WHERE recipient=? AND project=? AND state=? AND part_of IS NULL "
        "AND project<>'' AND id NOT IN (SELECT part_of FROM mail WHERE part_of IS NOT NULL) ORDER BY id DESC",
        (news.recipient, news.project, H if news.held else Q),
    ).fetchone()
    return int(row[0]) if row else None


def notices(ledger: sqlite3.Connection, mail: int) -> dict[str, tuple[str, Section]]:
    """What a letter tells, key and section by kind, as `put` takes it."""
    rows = ledger.execute("SELECT kind, key, section FROM mail_notices WHERE mail=? ORDER BY rowid", (mail,))
    return {row["kind"]: (row["key"], json.loads(row["section"])) for row in rows}


def _due(ledger: sqlite3.Connection, news: News, now: datetime, quiet: timedelta) -> datetime:
    last = ledger.execute(
        "SELECT max(sent_at) FROM mail WHERE recipient=? AND project=? AND project<>''", (news.recipient, news.project)
    ).fetchone()[0]
    return max(now, _time(last) + quiet) if last else now


def _message_id(news: News, keys: Sequence[str], domain: str) -> str:
    digest = hashlib.sha256("\n".join([news.project, *sorted(keys), news.recipient]).encode()).hexdigest()
    return f"<{digest[:40]}@{domain}>"


def _insert(
    ledger: sqlite3.Connection, news: News, letter: Letter, message_id: str, now: datetime, due: datetime
) -> int:
    state = H if news.held else Q
    cursor = ledger.execute(
        "INSERT INTO mail(recipient, who, project, state, letter, message_id, made_at, due_at, lives_from, said) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(news.recipient, news.who, news.project, state, _to_json(letter), message_id),
            *(_text(now), _text(due), _text(now), news.held),
        ),
    )
    mail = int(cursor.lastrowid or 0)
    _event(ledger, mail, now, state, news.held)
    return mail


# -- on its way -----------------------------------------------------------------------------------------------------


def due(ledger: sqlite3.Connection, now: datetime) -> list[Mail]:
    """Letters that may be sent now, those that wait longest first."""
    rows = ledger.execute("SELECT * FROM mail WHERE state=? AND due_at<=? ORDER BY due_at, id", (Q, _text(now)))
    return [_mail(row) for row in rows]


def next_due(ledger: sqlite3.Connection) -> datetime | None:
    """When the first letter of the queue may leave; None when none waits."""
    first = ledger.execute("SELECT min(due_at) FROM mail WHERE state=?", (Q,)).fetchone()[0]
    return _time(first) if first else None


def counts(ledger: sqlite3.Connection) -> dict[MailState, int]:
    """How many letters are in each state."""
    rows = ledger.execute("SELECT state, count(*) FROM mail GROUP BY state")
    return {MailState(state): int(count) for state, count in rows}


def move(
    ledger: sqlite3.Connection,
    mail: int,
    state: MailState,
    now: datetime,
    said: str = "",
    due_at: datetime | None = None,
) -> bool:
    """Move a letter to another state, in the caller's transaction; False where it may not go there from where it is.

    Args:
        ledger: of the workspace.
        mail: number of the letter.
        state: where it goes.
        now: UTC.
        said: answer of the server, or who decided what.
        due_at: not before, for a letter that goes back into the queue.
    """
    row = ledger.execute("SELECT state FROM mail WHERE id=?", (mail,)).fetchone()
    if row is None or state not in NEXT[MailState(row["state"])]:
        return False
    tried = row["state"] == Q  # a try ended before DATA, or has come that far
    ledger.execute("UPDATE mail SET state=?, said=?, attempts=attempts+? WHERE id=?", (state, said, tried, mail))
    if state in (SENT, UNSURE):
        ledger.execute("UPDATE mail SET sent_at=? WHERE id=?", (_text(now), mail))
    if due_at:
        ledger.execute("UPDATE mail SET due_at=? WHERE id=?", (_text(due_at), mail))
    _event(ledger, mail, now, state, said)
    return True


def release(ledger: sqlite3.Connection, mail: int, now: datetime, said: str) -> bool:
    """A person lets a letter go: at once, and with a whole life before it, however old it is.

    Args:
        ledger: of the workspace, in the caller's transaction.
        mail: number of the letter.
        now: UTC.
        said: what was decided.

    Returns:
        False where it may not go from where it is.
    """
    moved = move(ledger, mail, Q, now, said, now)
    if moved:
        ledger.execute("UPDATE mail SET lives_from=?, attempts=0 WHERE id=?", (_text(now), mail))
    return moved


def cancel(ledger: sqlite3.Connection, mail: int, now: datetime, said: str) -> bool:
    """A person takes a letter back, in the caller's transaction; False where it may not go from where it is."""
    return move(ledger, mail, CANCELLED, now, said)


_UNTELL = """
UPDATE mail_topics SET content = '', turn = turn - 1 WHERE content <> '' AND EXISTS (
    SELECT 1 FROM mail_notices AS told WHERE told.mail = ? AND told.project = mail_topics.project
    AND (mail_topics.topic = told.kind OR mail_topics.topic LIKE told.kind || ' %'))
"""


def untell(ledger: sqlite3.Connection, mail: int) -> None:
    """What a letter that nobody gets says of its project goes out with the next run, to who has not heard of it."""
    ledger.execute(_UNTELL, (mail,))  # the turn makes the keys of the others what they were


def begin(ledger: sqlite3.Connection, mail: Mail, now: datetime) -> bool:
    """Commit that a letter is being sent; False where it has been rewritten or withdrawn since it was read."""
    with transaction(ledger):
        row = ledger.execute("SELECT message_id FROM mail WHERE id=? AND state=?", (mail.id, Q)).fetchone()
        return row is not None and row[0] == mail.message_id and move(ledger, mail.id, SENDING, now)


def recover(ledger: sqlite3.Connection, now: datetime) -> list[int]:
    """What a program that died left in `sending` is unsure; in the caller's transaction, under the lock of sending."""
    lost = [row[0] for row in ledger.execute("SELECT id FROM mail WHERE state=?", (SENDING,))]
    for mail in lost:
        move(ledger, mail, UNSURE, now, "程序在发送途中停止,不知对方是否收到(stopped while sending)")
    return lost


def postpone(ledger: sqlite3.Connection, until: datetime) -> None:
    """Let all that is queued wait: the server cannot be used at the moment."""
    ledger.execute("UPDATE mail SET due_at=? WHERE state=? AND due_at<?", (_text(until), Q, _text(until)))


def split(ledger: sqlite3.Connection, mail: Mail, letters: Sequence[Letter], now: datetime) -> None:
    """Make one letter several: it becomes the first, the others follow it; in the caller's transaction."""
    ledger.execute("UPDATE mail SET letter=? WHERE id=?", (_to_json(letters[0]), mail.id))
    left, _, right = mail.message_id.partition("@")
    news = News(mail.recipient, mail.who, mail.project, {})
    for number, letter in enumerate(letters[1:], 2):
        made = _insert(ledger, news, letter, f"{left}-{number}@{right}", now, now)
        ledger.execute("UPDATE mail SET part_of=? WHERE id=?", (mail.id, made))


def sent_since(ledger: sqlite3.Connection, when: datetime) -> int:
    """How many letters left since then, unsure ones counted."""
    return int(ledger.execute("SELECT count(*) FROM mail WHERE sent_at>?", (_text(when),)).fetchone()[0])


# -- for people -----------------------------------------------------------------------------------------------------


def letters(ledger: sqlite3.Connection, states: Sequence[MailState] = ()) -> list[Mail]:
    """Letters in these states, all where none is given, oldest first."""
    wanted = {str(state) for state in states}
    rows = ledger.execute("SELECT * FROM mail ORDER BY id")
    return [_mail(row) for row in rows if not wanted or row["state"] in wanted]


def letter_of(ledger: sqlite3.Connection, mail: int) -> Mail | None:
    """One letter by its number."""
    row = ledger.execute("SELECT * FROM mail WHERE id=?", (mail,)).fetchone()
    return _mail(row) if row else None


def events(ledger: sqlite3.Connection, mail: int) -> list[tuple[datetime, MailState, str]]:
    """What happened to a letter: when, its state from then on, and why."""
    rows = ledger.execute("SELECT at, state, said FROM mail_events WHERE mail=? ORDER BY id", (mail,))
    return [(_time(row["at"]), MailState(row["state"]), row["said"]) for row in rows]


def kept_files(ledger: sqlite3.Connection) -> set[str]:
    """Hashes of enclosures that letters still need."""
    marks = ",".join("?" * len(KEEPS_FILES))
    rows = ledger.execute(f"SELECT letter FROM mail WHERE state IN ({marks})", KEEPS_FILES)  # noqa: S608 only marks
    return {enclosure.sha256 for row in rows for enclosure in _letter(row["letter"]).enclosures}


def _event(ledger: sqlite3.Connection, mail: int, at: datetime, state: MailState, said: str) -> None:
    ledger.execute("INSERT INTO mail_events(mail, at, state, said) VALUES (?, ?, ?, ?)", (mail, _text(at), state, said))


def _mail(row: sqlite3.Row) -> Mail:
    typed = {
        "state": MailState(row["state"]),
        "letter": _letter(row["letter"]),
        **{key: _time(row[key]) for key in ("made_at", "due_at", "lives_from")},
        "sent_at": _time(row["sent_at"]) if row["sent_at"] else None,
    }
    return Mail(**{**dict(row), **typed})


def _to_json(letter: Letter) -> str:
    return json.dumps(asdict(letter), ensure_ascii=False)


def _letter(text: str) -> Letter:
    read = json.loads(text)
    enclosures = tuple(Enclosure(**one) for one in read.pop("enclosures"))
    return Letter(**read, enclosures=enclosures)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def folder_of(ledger: sqlite3.Connection) -> Path:
    """Folder of the workspace that a ledger belongs to."""
    return Path(ledger.execute("PRAGMA database_list").fetchone()["file"]).parent
