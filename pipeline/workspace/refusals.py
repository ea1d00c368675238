"""Files that go back to who dropped them, durable before they do, and whether their senders were told."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReturnedFile:
    """A file that goes back to who dropped it.

    Attributes:
        department: folder below the inbox, which is the department's name; empty for the inbox itself.
        name: as it was dropped; of a member of a zip with the zip's name before it.
        reason: for the sender, in Chinese, with the remedy.
        at: when, UTC.
        project: its code where it is known.
        filled_by: employee number where the file says it.
        claim: of the file, or of the zip that it came in.
        target: path below the department's folder where it goes.
        content: SHA-256 of a member of a zip, which is copied from the store; empty where the file itself is moved.
    """

    department: str
    name: str
    reason: str
    at: datetime
    project: str = ""
    filled_by: str = ""
    claim: str = ""
    target: str = ""
    content: str = ""


def record(ledger: sqlite3.Connection, refused: Sequence[ReturnedFile], *, tell: bool) -> None:
    """Write down what goes back, in the caller's transaction.

    Args:
        ledger: of the workspace.
        refused: the files.
        tell: letters are written about them, by this run or a later one.
    """
    letter = "due" if tell else "none"
    rows = [{**asdict(one), "at": one.at.isoformat(), "letter": letter} for one in refused]
    ledger.executemany(
        "INSERT INTO refusals (claim, department, name, reason, at, project, filled_by, target, content, letter) VALUES"
        " (:claim, :department, :name, :reason, :at, :project, :filled_by, :target, :content, :letter)",
        rows,
    )


def due(ledger: sqlite3.Connection) -> list[list[ReturnedFile]]:
    """What letters are still to be written about, what came together together, the oldest first."""
    rows = ledger.execute("SELECT * FROM refusals WHERE letter = 'due' ORDER BY id")
    together: dict[str, list[ReturnedFile]] = {}
    for row in rows:
        together.setdefault(row["claim"], []).append(_returned(row))
    return list(together.values())


def told(ledger: sqlite3.Connection, claim: str) -> None:
    """The letters about what came with a claim lie in the outbox; in the transaction that put them there."""
    ledger.execute("UPDATE refusals SET letter = 'made' WHERE claim = ? AND letter = 'due'", (claim,))


def taken_back(ledger: sqlite3.Connection, claim: str) -> None:
    """A claimed file is judged anew, so that nothing is told of the first verdict; in the caller's transaction."""
    ledger.execute("UPDATE refusals SET letter = 'none' WHERE claim = ? AND letter = 'due'", (claim,))


def retarget(ledger: sqlite3.Connection, claim: str, target: str) -> None:
    """Another place for a file that goes back, in the caller's transaction."""
    ledger.execute("UPDATE refusals SET target = ? WHERE claim = ? AND content = ''", (target, claim))


def members(ledger: sqlite3.Connection, claim: str) -> list[ReturnedFile]:
    """Members of a claimed zip that go back."""
    rows = ledger.execute("SELECT * FROM refusals WHERE claim = ? AND content <> '' ORDER BY id", (claim,))
    return [_returned(row) for row in rows]


def since(ledger: sqlite3.Connection, when: datetime, limit: int) -> list[ReturnedFile]:
    """What went back since then, the newest first."""
    rows = ledger.execute(
        "SELECT * FROM refusals WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?", (when.isoformat(), limit)
    )
    return [_returned(row) for row in rows]


_FIELDS = ("department", "name", "reason", "project", "filled_by", "claim", "target", "content")


def _returned(row: sqlite3.Row) -> ReturnedFile:
    return ReturnedFile(**{key: row[key] for key in _FIELDS}, at=datetime.fromisoformat(row["at"]))
