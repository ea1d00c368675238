"""The ledger: one SQLite file that survives a crash at any moment, and its migrations.

WAL with `synchronous=FULL`: what a committed transaction said is on disk when `commit` returns. The tables are made
by the numbered scripts in `migrations/`; a newer program brings an older ledger up to date when it opens it, and an
older program refuses a newer ledger instead of guessing.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

from pipeline.core.errors import Outdated
from pipeline.core.names import WORKSPACE_LEDGER

FILE = WORKSPACE_LEDGER
BUSY_TIMEOUT_MS = 30_000


@cache
def migrations() -> dict[int, str]:
    """Scripts by their number, ascending: `0001_store.sql` is 1."""
    found = (path for path in (files("pipeline.workspace") / "migrations").iterdir() if path.name.endswith(".sql"))
    return {int(path.name[:4]): path.read_text("utf-8") for path in sorted(found, key=lambda path: path.name)}


def open_ledger(folder: Path) -> sqlite3.Connection:
    """Open the ledger of a workspace, made or migrated where needed; the caller closes it.

    Args:
        folder: the workspace, on a local disk.

    Raises:
        Outdated: a newer program has migrated it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ledger = sqlite3.connect(folder / FILE, isolation_level=None, timeout=BUSY_TIMEOUT_MS / 1000)
    ledger.row_factory = sqlite3.Row
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        ledger.execute(f"PRAGMA {pragma}")
    ledger.create_function("notice_key_3", 4, _notice_key_3, deterministic=True)
    try:
        _migrate(ledger)
    except BaseException:
        ledger.close()
        raise
    return ledger


@contextmanager
def transaction(ledger: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing; the write lock is taken at the start, so that two processes take turns.

    A COMMIT that fails (disk full, say) may leave its transaction open or may have rolled it back already.
    """
    ledger.execute("BEGIN IMMEDIATE")
    try:
        yield ledger
        ledger.execute("COMMIT")
    except BaseException:
        if ledger.in_transaction:
            ledger.execute("ROLLBACK")
        raise


def _version(ledger: sqlite3.Connection) -> int:
    return int(ledger.execute("PRAGMA user_version").fetchone()[0])


def _migrate(ledger: sqlite3.Connection) -> None:
    newest = max(migrations(), default=0)
    if _version(ledger) > newest:
        raise Outdated("台账由更新版本的程序建立,请升级程序(the ledger belongs to a newer program)。")
    while _version(ledger) < newest:
        with transaction(ledger):
            have = _version(ledger)  # again, inside the lock: another process may have been quicker
            number = next((number for number in migrations() if number > have), None)
            if number is not None:
                for statement in _statements(migrations()[number]):
                    ledger.execute(statement)
                ledger.execute(f"PRAGMA user_version={number}")


def _notice_key_3(content: str, recipient: str, topic: str, turn: int) -> str:
    """Key of a notice as 0003 had it, for the migration that looks for letters that were swallowed; never changed."""
    return hashlib.sha256(json.dumps([content, recipient, topic, turn]).encode()).hexdigest()


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; a trigger's own semicolons do not end it."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
