"""Inputs of projects: every version of every workbook and attachment, and which of them count."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.workspace import journal, refusals
from pipeline.workspace.ledger import transaction
from pipeline.workspace.refusals import Returned
from pipeline.workspace.store import Kept


@dataclass(frozen=True, slots=True)
class Given:
    """One file that a project was given.

    Attributes:
        slot: what a newer version of it replaces: `plan`, `records/财务部/E201`, `附件/合同.pdf`.
        name: path below the project folder.
        project_name: as it stands in the workbook; empty for attachments.
        filled_by: employee number of who filled it in; empty where that is not said.
    """

    project: str
    slot: str
    name: str
    kept: Kept
    project_name: str = ""
    filled_by: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What was decided about one file of the inbox.

    Attributes:
        id: its folder below `.处理中`.
        department: folder below the inbox, empty for the inbox itself.
        source: path below that folder, as it was dropped.
        verdict: accepted, same (these bytes count already) or returned.
        target: path below that folder where it goes.
        message: for the sender.
        moved: it lies at its target.
        size: of the file when it was read, in bytes; -1 where nobody looks at it again.
        changed: its time of change then, in nanoseconds since 1970.
    """

    id: str
    department: str
    source: str
    sha256: str
    verdict: str
    target: str
    message: str = ""
    moved: bool = False
    size: int = -1
    changed: int = 0


@dataclass(frozen=True, slots=True)
class Current:
    """The version of an input that counts."""

    project: str
    slot: str
    version: int
    sha256: str
    name: str
    project_name: str
    filled_by: str
    accepted_at: datetime

    @property
    def label(self) -> str:
        """Its name, and its slot where that says more."""
        return self.name if self.slot.casefold() == self.name.casefold() else f"{self.name}({self.slot})"


def decide(
    ledger: sqlite3.Connection,
    claim: Claim,
    given: Sequence[Given],
    at: datetime,
    refused: Sequence[Returned] = (),
    *,
    tell: bool = False,
) -> None:
    """Record a claim's verdict, and what comes with it, as one step; a second time changes nothing.

    Args:
        ledger: of the workspace.
        claim: with its verdict.
        given: new versions.
        at: UTC.
        refused: what goes back: the file itself, or members of a zip.
        tell: letters are written about what goes back.
    """
    with transaction(ledger):
        values = {key: getattr(claim, key) for key in _CLAIM} | {"decided_at": at.isoformat()}
        made = ledger.execute(
            "INSERT OR IGNORE INTO claims"
            " (id, department, source, sha256, verdict, target, message, size, changed, decided_at) VALUES"
            " (:id, :department, :source, :sha256, :verdict, :target, :message, :size, :changed, :decided_at)",
            values,
        )
        if not made.rowcount:
            return
        for one in given:
            _add(ledger, claim, one, at)
        refusals.record(ledger, refused, tell=tell)
        journal.write(ledger, at, f"{claim.verdict} {claim.department}/{claim.source} {claim.sha256}")


def _add(ledger: sqlite3.Connection, claim: Claim, given: Given, at: datetime) -> None:
    ledger.execute(
        "INSERT OR IGNORE INTO contents (sha256, size, stored_at) VALUES (?, ?, ?)",
        (given.kept.sha256, given.kept.size, at.isoformat()),
    )
    newest = ledger.execute(
        "SELECT version, sha256, withdrawn FROM inputs WHERE project = ? AND slot = ? ORDER BY version DESC LIMIT 1",
        (given.project, given.slot),
    ).fetchone()
    if newest and newest["sha256"] == given.kept.sha256 and not newest["withdrawn"]:
        return
    version = newest["version"] + 1 if newest else 1
    ledger.execute(
        "INSERT INTO inputs (project, slot, version, sha256, name, project_name, filled_by, claim, accepted_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            given.project,
            given.slot,
            version,
            given.kept.sha256,
            given.name,
            given.project_name,
            given.filled_by,
            claim.id,
            at.isoformat(),
        ),
    )
    journal.write(ledger, at, f"input {given.project} {given.slot} V{version} {given.kept.sha256}")


def claim_of(ledger: sqlite3.Connection, id_: str) -> Claim | None:
    """The verdict on a claim, where one is recorded."""
    row = ledger.execute("SELECT * FROM claims WHERE id = ?", (id_,)).fetchone()
    return _claim(row) if row else None


def retarget(ledger: sqlite3.Connection, id_: str, target: str) -> None:
    """Another place for a claimed file, because something stands at the first."""
    with transaction(ledger):
        ledger.execute("UPDATE claims SET target = ? WHERE id = ?", (target, id_))
        refusals.retarget(ledger, id_, target)


def mark_moved(ledger: sqlite3.Connection, id_: str, *, back: bool = False) -> None:
    """Say that a claimed file lies at its target, or went back to where it was dropped."""
    with transaction(ledger):
        ledger.execute("UPDATE claims SET moved = 1, size = iif(?, -1, size) WHERE id = ?", (back, id_))
        if back:
            refusals.taken_back(ledger, id_)


def watched(ledger: sqlite3.Connection, since: datetime) -> list[Claim]:
    """Claims decided since then whose files lie at their targets, as far as anybody looks at them again."""
    rows = ledger.execute("SELECT * FROM claims WHERE decided_at >= ? AND size >= 0 AND moved", (since.isoformat(),))
    return [_claim(row) for row in rows]


def seen_again(ledger: sqlite3.Connection, id_: str, changed: int) -> None:
    """The file of a claim has another time of change and the same bytes."""
    with transaction(ledger):
        ledger.execute("UPDATE claims SET changed = ? WHERE id = ?", (changed, id_))


def newest_claims(ledger: sqlite3.Connection, limit: int) -> list[Claim]:
    """The newest verdicts, newest first."""
    rows = ledger.execute("SELECT * FROM claims ORDER BY decided_at DESC, id LIMIT ?", (limit,))
    return [_claim(row) for row in rows]


def current(ledger: sqlite3.Connection, project: str) -> list[Current]:
    """What counts of a project, in the order of the slots."""
    rows = ledger.execute(f"{_NEWEST} AND project = ? GROUP BY slot ORDER BY slot", (project,))
    return [_current(row) for row in rows]


def all_current(ledger: sqlite3.Connection) -> dict[str, list[Current]]:
    """What counts, by project."""
    found: dict[str, list[Current]] = {}
    for row in ledger.execute(f"{_NEWEST} GROUP BY project, slot ORDER BY project, slot"):
        found.setdefault(row["project"], []).append(_current(row))
    return found


def codes(ledger: sqlite3.Connection) -> frozenset[str]:
    """Codes of all projects that were given anything that counts."""
    return frozenset(
        row["project"] for row in ledger.execute("SELECT DISTINCT project FROM inputs WHERE withdrawn = ''")
    )


def withdraw(ledger: sqlite3.Connection, one: Current, reason: str, at: datetime) -> None:
    """Let a version count no more; the one before it counts again, and its content stays in the store."""
    with transaction(ledger):
        key = (one.project, one.slot, one.version)
        ledger.execute("UPDATE inputs SET withdrawn = ? WHERE project = ? AND slot = ? AND version = ?", (reason, *key))
        journal.write(ledger, at, f"withdrawn {one.project} {one.slot} V{one.version} {one.sha256}: {reason}")


def withdrawn_from(ledger: sqlite3.Connection) -> frozenset[str]:
    """Codes of the projects from which something was ever withdrawn."""
    return frozenset(row["project"] for row in ledger.execute("SELECT project FROM inputs WHERE withdrawn <> ''"))


def withdrawals(ledger: sqlite3.Connection) -> int:
    """How many versions were ever withdrawn; grows when another process withdraws one."""
    return int(ledger.execute("SELECT COUNT(*) FROM inputs WHERE withdrawn <> ''").fetchone()[0])


def versions(ledger: sqlite3.Connection, project: str) -> list[Current]:
    """Every version of everything that a project was given, oldest first."""
    rows = ledger.execute("SELECT * FROM inputs WHERE project = ? ORDER BY id", (project,))
    return [_current(row) for row in rows]


def known(ledger: sqlite3.Connection, project: str) -> bool:
    """Whether a project was ever given anything."""
    return ledger.execute("SELECT 1 FROM inputs WHERE project = ? LIMIT 1", (project,)).fetchone() is not None


def dropped_together(ledger: sqlite3.Connection, department: str, folder: str, since: datetime) -> set[str]:
    """Codes of the projects whose files were dropped in a folder of a box since then, known bytes included."""
    rows = ledger.execute(
        "SELECT DISTINCT project FROM inputs JOIN claims ON inputs.claim = claims.id OR inputs.sha256 = claims.sha256"
        " WHERE department = ? AND substr(source, 1, ?) = ? AND decided_at >= ? AND withdrawn = ''",
        (department, len(folder) + 1, f"{folder}/", since.isoformat()),
    )
    return {row["project"] for row in rows}


def see_waiting(ledger: sqlite3.Connection, waiting: Mapping[str, str], at: datetime) -> dict[str, datetime]:
    """Replace what is waiting in the inbox; the same reason at the same path keeps its time.

    Returns:
        Since when each waits, by path. A time in the future (the clock was set back) becomes now.
    """
    before = {
        row["path"]: (row["why"], datetime.fromisoformat(row["since"]))
        for row in ledger.execute("SELECT * FROM waiting")
    }
    since = {
        path: min(before[path][1], at) if path in before and before[path][0] == why else at
        for path, why in waiting.items()
    }
    if {path: (why, since[path]) for path, why in waiting.items()} != before:
        with transaction(ledger):
            ledger.execute("DELETE FROM waiting")
            rows = [(path, why, since[path].isoformat()) for path, why in waiting.items()]
            ledger.executemany("INSERT INTO waiting (path, why, since) VALUES (?, ?, ?)", rows)
    return since


def waiting_now(ledger: sqlite3.Connection) -> list[tuple[str, str, datetime]]:
    """Path, reason and since when, of everything that cannot be taken yet."""
    rows = ledger.execute("SELECT path, why, since FROM waiting ORDER BY path")
    return [(row["path"], row["why"], datetime.fromisoformat(row["since"])) for row in rows]


_CLAIM = ("id", "department", "source", "sha256", "verdict", "target", "message", "size", "changed")
_NEWEST = "SELECT *, MAX(version) AS newest FROM inputs WHERE withdrawn = ''"


def _claim(row: sqlite3.Row) -> Claim:
    return Claim(**{key: row[key] for key in _CLAIM}, moved=bool(row["moved"]))


def _current(row: sqlite3.Row) -> Current:
    keys = ("project", "slot", "version", "sha256", "name", "project_name", "filled_by")
    return Current(**{key: row[key] for key in keys}, accepted_at=datetime.fromisoformat(row["accepted_at"]))
