"""The history of runs, and the projects that were opened again."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from datetime import date, datetime

from pipeline.workspace import journal
from pipeline.workspace.ledger import transaction

ASKED = "要求重出"


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run did: files taken and returned; projects run, left as they were, and failed."""

    taken: int = 0
    returned: int = 0
    ran: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run of the past; `ended_at` is None when it was killed, or still runs."""

    id: int
    command: str
    as_of: date
    started_at: datetime
    ended_at: datetime | None
    tally: Tally
    outcome: str


def begin(ledger: sqlite3.Connection, command: str, as_of: date, at: datetime) -> int:
    """Open a run; returns its number. The caller is the only one with this command in the workspace.

    Runs of the command that did not come to their end are closed: with what they had taken in, as the ledger knows.
    """
    with transaction(ledger):
        _close_dead(ledger, command, at)
        row = ledger.execute(
            "INSERT INTO runs (command, as_of, started_at) VALUES (?, ?, ?)",
            (command, as_of.isoformat(), at.isoformat()),
        )
    return int(row.lastrowid or 0)


STOPPED = "没有做完就停了,后来接着做"


def _close_dead(ledger: sqlite3.Connection, command: str, at: datetime) -> None:
    """What a killed run had taken in and sent back stands in the ledger; which projects it had run, they say."""
    dead = ledger.execute(
        "SELECT id, started_at FROM runs WHERE command = ? AND ended_at IS NULL", (command,)
    ).fetchall()
    for row in dead:
        span = (row["started_at"], at.isoformat())
        counts = [int(ledger.execute(query, span).fetchone()[0]) for query in _DONE]
        ledger.execute(
            "UPDATE runs SET ended_at = ?, taken = ?, returned = ?, ran = ?, outcome = ? WHERE id = ?",
            (at.isoformat(), *counts, STOPPED, row["id"]),
        )


# What was taken in, sent back and run in a span of time.
_DONE = (
    "SELECT count(*) FROM claims WHERE decided_at >= ? AND decided_at < ? AND verdict = 'accepted'",
    "SELECT count(*) FROM refusals WHERE at >= ? AND at < ?",
    "SELECT count(*) FROM projects WHERE ran_at >= ? AND ran_at < ?",
)


def end(ledger: sqlite3.Connection, run: int, tally: Tally, outcome: str, at: datetime) -> None:
    """Close a run with what it did."""
    values = (at.isoformat(), tally.taken, tally.returned, tally.ran, tally.skipped, tally.failed, outcome, run)
    with transaction(ledger):
        ledger.execute(
            "UPDATE runs SET ended_at = ?, taken = ?, returned = ?, ran = ?, skipped = ?, failed = ?, outcome = ?"
            " WHERE id = ?",
            values,
        )


def history(ledger: sqlite3.Connection, limit: int) -> list[PastRun]:
    """The newest runs, newest first."""
    rows = ledger.execute("SELECT * FROM runs ORDER BY id DESC LIMIT ?", (limit,))
    return [_past(row) for row in rows]


def _past(row: sqlite3.Row) -> PastRun:
    ended = datetime.fromisoformat(row["ended_at"]) if row["ended_at"] else None
    tally = Tally(*(row[key] for key in ("taken", "returned", "ran", "skipped", "failed")))
    started = datetime.fromisoformat(row["started_at"])
    return PastRun(row["id"], row["command"], date.fromisoformat(row["as_of"]), started, ended, tally, row["outcome"])


def reopen(ledger: sqlite3.Connection, code: str, reason: str, at: datetime) -> None:
    """Let an archived project be changed again; who asked, and why, stays in the ledger."""
    with transaction(ledger):
        ledger.execute("INSERT INTO reopened (code, at, reason) VALUES (?, ?, ?)", (code, at.isoformat(), reason))
        ledger.execute("UPDATE projects SET archived = 0 WHERE code = ?", (code,))
        journal.write(ledger, at, f"reopened {code}: {reason}")


def reissue(ledger: sqlite3.Connection, code: str, what: str, reason: str, at: datetime) -> None:
    """Let a project be run again because a paper is wanted anew; the wish stands among the inputs of its last run."""
    with transaction(ledger):
        row = ledger.execute("SELECT inputs FROM projects WHERE code = ?", (code,)).fetchone()
        inputs = json.dumps({**json.loads(row["inputs"]), f"{ASKED} {what}:{reason}": ""}, ensure_ascii=False)
        ledger.execute("UPDATE projects SET inputs = ? WHERE code = ?", (inputs, code))
        journal.write(ledger, at, f"reissue {code} {what}: {reason}")
