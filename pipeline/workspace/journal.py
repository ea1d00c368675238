"""The journal: one sealed line for everything that happened, so that a later change of any line shows."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import datetime


def write(ledger: sqlite3.Connection, at: datetime, what: str) -> None:
    """Append a line; inside the transaction that does what it tells.

    Args:
        ledger: within a transaction.
        at: UTC.
        what: what happened, with the names and hashes that matter.
    """
    last = ledger.execute("SELECT digest FROM journal ORDER BY id DESC LIMIT 1").fetchone()
    stamp = at.isoformat()
    digest = _digest(last["digest"] if last else "", stamp, what)
    ledger.execute("INSERT INTO journal (at, what, digest) VALUES (?, ?, ?)", (stamp, what, digest))


def broken_at(ledger: sqlite3.Connection) -> int | None:
    """Number of the first line whose seal is wrong; None when all is as it was written."""
    previous = ""
    for row in ledger.execute("SELECT id, at, what, digest FROM journal ORDER BY id"):
        if row["digest"] != _digest(previous, row["at"], row["what"]):
            return int(row["id"])
        previous = row["digest"]
    return None


def _digest(previous: str, at: str, what: str) -> str:
    return hashlib.sha256("\n".join((previous, at, what)).encode()).hexdigest()
