"""Inputs of projects: every version of every workbook and attachment, and which of them count."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.workspace import doubts, journal, refusals
from pipeline.workspace.doubts import Doubt, Doubts
from pipeline.workspace.given import Given
from pipeline.workspace.ledger import transaction
from pipeline.workspace.refusals import ReturnedFile
from pipeline.workspace.store import Kept


@dataclass(frozen=True, slots=True)
class Claim:
    """What was decided about one file of the inbox.

    Attributes:
        id: its folder below `.处理中`.
        department: folder below the inbox, empty for the inbox itself.
        source: path below that folder, as it was dropped.
        verdict: accepted, same (these bytes count already), returned, or held for somebody to decide.
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
    refused: Sequence[ReturnedFile] = (),
    doubted: Doubts = doubts.NONE,
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
        doubted: what may belong to another project.
        tell: letters are written about what goes back and what is doubted.
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
            _add(ledger, claim.id, one, at)
        refusals.record(ledger, refused, tell=tell)
        doubts.record(ledger, doubted.found, tell=tell)
        for id_ in doubted.recalled:
            _recall(ledger, id_, at, tell=tell)
        journal.write(ledger, at, f"{claim.verdict} {claim.department}/{claim.source} {claim.sha256}")


def _recall(ledger: sqlite3.Connection, id_: int, at: datetime, *, tell: bool) -> None:
    """Hold a version that was taken; the one before it counts again."""
    row = ledger.execute(
        "SELECT inputs.*, contents.size AS bytes, department FROM inputs JOIN contents USING (sha256)"
        " LEFT JOIN claims ON claims.id = claim WHERE inputs.id = ?",
        (id_,),
    ).fetchone()
    kept = Kept(row["sha256"], row["bytes"], Path())
    fields: dict[str, Any] = {key: row[key] or "" for key in _GIVEN if key != "speaks"}
    given = Given(**fields, kept=kept)
    ledger.execute("UPDATE inputs SET withdrawn = ? WHERE id = ?", (RECALLED, id_))
    ledger.execute("UPDATE doubts SET letter = 'none' WHERE claim = ? AND letter = 'due'", (row["claim"],))
    again = Doubt(row["name"], given, RECALLED, True, at, row["claim"], row["department"] or "")
    doubts.record(ledger, [again], tell=tell)
    journal.write(ledger, at, f"recalled {row['project']} {row['slot']} V{row['version']} {row['sha256']}")


RECALLED = "以前收下的,项目名称与待确认的一份相同"


def confirm(ledger: sqlite3.Connection, found: Sequence[Doubt], reason: str, at: datetime) -> None:
    """Let held files count as new versions of their project; the names of a plan or survey are the project's now."""
    with transaction(ledger):
        if any(one.given.project_name and one.given.customer for one in found):
            ledger.execute("UPDATE inputs SET speaks = -1 WHERE project = ?", (found[0].project,))
        for one in found:
            _add(ledger, one.claim, one.given, at)
        doubts.settle(ledger, found, "confirmed", reason, at)


def _add(ledger: sqlite3.Connection, claim: str, given: Given, at: datetime) -> None:
    doubts.keep_content(ledger, given.kept, at)
    newest = ledger.execute(
        "SELECT version, sha256, withdrawn FROM inputs WHERE project = ? AND slot = ? ORDER BY version DESC LIMIT 1",
        (given.project, given.slot),
    ).fetchone()
    if newest and newest["sha256"] == given.kept.sha256 and not newest["withdrawn"]:
        return
    row = {key: getattr(given, key) for key in _GIVEN} | {"sha256": given.kept.sha256, "claim": claim}
    row |= {"version": newest["version"] + 1 if newest else 1, "accepted_at": at.isoformat()}
    ledger.execute(
        f"INSERT INTO inputs ({', '.join(row)}) VALUES ({', '.join(f':{key}' for key in row)})",  # noqa: S608
        row,
    )
    journal.write(ledger, at, f"input {given.project} {given.slot} V{row['version']} {given.kept.sha256}")


_GIVEN = ("project", "slot", "name", "project_name", "filled_by", "customer", "uscc", "speaks")


@dataclass(frozen=True, slots=True)
class Spoken:
    """The names that one version of a workbook gives its project.

    Attributes:
        id: of the version, in the ledger.
        customer: None where nobody has looked, likewise `uscc`.
        speaks: 1: the names are the project's own; 0: nothing vouched for them; -1: they were, before others were
            confirmed.
        newest: the version counts now, and not one that a newer one has replaced.
    """

    id: int
    slot: str
    sha256: str
    project_name: str
    customer: str | None
    uscc: str | None
    speaks: int
    newest: bool


def spoken(ledger: sqlite3.Connection, project: str) -> list[Spoken]:
    """What every version of a project's workbooks that was not withdrawn says of its names, oldest first."""
    rows = ledger.execute(
        "SELECT id, slot, sha256, project_name, customer, uscc, speaks,"
        " version = MAX(version) OVER (PARTITION BY slot) AS newest"
        " FROM inputs WHERE project = ? AND withdrawn = '' ORDER BY id",
        (project,),
    )
    return [Spoken(**{**dict(row), "newest": bool(row["newest"])}) for row in rows]


def looked_up(ledger: sqlite3.Connection, id_: int, customer: str, uscc: str) -> None:
    """Note what a version says that was taken in before anybody looked."""
    with transaction(ledger):
        ledger.execute("UPDATE inputs SET customer = ?, uscc = ? WHERE id = ?", (customer, uscc, id_))


def place_held(ledger: sqlite3.Connection, id_: str, verdict: str, target: str) -> None:
    """A held file lies at its last place."""
    with transaction(ledger):
        ledger.execute("UPDATE claims SET verdict = ?, target = ?, size = -1 WHERE id = ?", (verdict, target, id_))


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
            doubts.taken_back(ledger, id_)


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


def expire(ledger: sqlite3.Connection, project: str, why: str, at: datetime) -> None:
    """Let no version of a project count any more: it need be kept no longer."""
    with transaction(ledger):
        ledger.execute("UPDATE inputs SET withdrawn = ? WHERE project = ?", (why, project))
        journal.write(ledger, at, f"expired {project}: {why}")


def needed_contents(ledger: sqlite3.Connection, expired: str) -> set[str]:
    """Hashes of contents of versions that are kept, withdrawn ones among them, and of files that are held."""
    rows = ledger.execute(
        "SELECT sha256 FROM inputs WHERE withdrawn <> ? UNION SELECT sha256 FROM doubts WHERE state = 'held'",
        (expired,),
    )
    return {row["sha256"] for row in rows}


def expired(ledger: sqlite3.Connection, why: str) -> dict[str, set[str]]:
    """Projects that need be kept no longer, each with the hashes of its contents."""
    found: dict[str, set[str]] = {}
    for row in ledger.execute("SELECT project, sha256 FROM inputs WHERE withdrawn = ?", (why,)):
        found.setdefault(row["project"], set()).add(row["sha256"])
    return found


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
        "SELECT DISTINCT project FROM (SELECT project, claim, sha256 FROM inputs WHERE withdrawn = ''"
        " UNION ALL SELECT project, claim, sha256 FROM doubts WHERE state = 'held') AS one"
        " JOIN claims ON one.claim = claims.id OR one.sha256 = claims.sha256"
        " WHERE department = ? AND substr(source, 1, ?) = ? AND decided_at >= ?",
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
