"""Files under a known code that may belong to another project: held until somebody decides, or taken and told."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline.workspace import journal
from pipeline.workspace.given import Given
from pipeline.workspace.ledger import transaction
from pipeline.workspace.store import Kept

TWICE = "同时收到两份不同的"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One file, or member of a zip, under a code that is known by other names, or of which two came at once.

    Attributes:
        file: as it was dropped; of a member of a zip with the zip's name before it.
        given: what it would be, or is, for the project.
        why: what differs, in Chinese.
        held: it does not count before somebody decides; else it was taken.
        id: in the ledger; 0 before it is there.
        claim: of the file, or of the zip that it came in.
        department: folder below the inbox; empty for the inbox itself.
    """

    file: str
    given: Given
    why: str
    held: bool
    at: datetime
    claim: str = ""
    department: str = ""
    id: int = 0

    @property
    def project(self) -> str:
        """Code that it stands under."""
        return self.given.project

    @property
    def kind(self) -> str:
        """Which letter tells of it: `doubted` it is held, `twice` two came at once, `renamed` it was taken."""
        return "doubted" if self.held else "twice" if self.why.startswith(TWICE) else "renamed"

    @property
    def name(self) -> str:
        """The file as people know it."""
        return self.file

    @property
    def reason(self) -> str:
        """For whoever looks at the status."""
        return f"待确认:{self.why}"


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is doubted with one claim.

    Attributes:
        found: what came with it.
        recalled: versions (their ids) that were taken before and belong to what is held now: they are held, too.
    """

    found: Sequence[Doubt] = ()
    recalled: Sequence[int] = ()


NONE = Doubts()


def keep_content(ledger: sqlite3.Connection, kept: Kept, at: datetime) -> None:
    """Say that a content lies in the store, in the caller's transaction; once is enough."""
    ledger.execute(
        "INSERT OR IGNORE INTO contents (sha256, size, stored_at) VALUES (?, ?, ?)",
        (kept.sha256, kept.size, at.isoformat()),
    )


def record(ledger: sqlite3.Connection, found: Sequence[Doubt], *, tell: bool) -> None:
    """Write down doubts, in the caller's transaction; letters are written about them where `tell` says so."""
    for one in found:
        keep_content(ledger, one.given.kept, one.at)
        row = {key: getattr(one.given, key) for key in _GIVEN} | {key: getattr(one, key) for key in _OWN}
        row |= {"sha256": one.given.kept.sha256, "at": one.at.isoformat(), "letter": "due" if tell else "none"}
        row |= {"state": "held" if one.held else "taken"}
        ledger.execute(
            f"INSERT INTO doubts ({', '.join(row)}) VALUES ({', '.join(f':{key}' for key in row)})",  # noqa: S608
            row,
        )


def held(ledger: sqlite3.Connection, project: str = "") -> list[Doubt]:
    """What waits for a decision, the oldest first; of one project or of all."""
    rows = ledger.execute(f"{_ALL} WHERE state = 'held' AND ? IN ('', project) ORDER BY id", (project,))
    return [_doubt(row) for row in rows]


def held_with(ledger: sqlite3.Connection, department: str, folder: str, since: datetime) -> set[str]:
    """Codes under which something is held that was dropped since then in a folder of a box, or loose in the box."""
    rows = ledger.execute(
        "SELECT DISTINCT project FROM doubts JOIN claims ON doubts.claim = claims.id WHERE state = 'held'"
        " AND claims.department = ? AND decided_at >= ?"
        " AND iif(? = '', instr(source, '/') = 0, substr(source, 1, ?) = ?)",
        (department, since.isoformat(), folder, len(folder) + 1, f"{folder}/"),
    )
    return {row["project"] for row in rows}


def set_aside(ledger: sqlite3.Connection, found: Sequence[Doubt], reason: str, at: datetime) -> None:
    """Let held files never count; their contents stay in the store."""
    with transaction(ledger):
        settle(ledger, found, "withdrawn", reason, at)


def settle(ledger: sqlite3.Connection, found: Sequence[Doubt], state: str, reason: str, at: datetime) -> None:
    """Write down what was decided about held files, in the caller's transaction."""
    for one in found:
        ledger.execute("UPDATE doubts SET state = ?, settled = ? WHERE id = ?", (state, reason, one.id))
        journal.write(ledger, at, f"{state} {one.project} {one.given.slot} {one.given.kept.sha256}: {reason}")


def settled(ledger: sqlite3.Connection) -> int:
    """How many held files were ever decided about; grows when another process decides about one."""
    return int(ledger.execute("SELECT COUNT(*) FROM doubts WHERE settled <> ''").fetchone()[0])


def decided_claims(ledger: sqlite3.Connection) -> list[tuple[str, bool, str]]:
    """Claims whose files lie in 待确认 though all was decided: the claim, whether anything of it counts now, why."""
    rows = ledger.execute(
        "SELECT claims.id AS id, MAX(state = 'confirmed') AS counts, MAX(settled) AS why FROM claims"
        " JOIN doubts ON doubts.claim = claims.id WHERE verdict = 'held' AND moved"
        " GROUP BY claims.id HAVING SUM(state = 'held') = 0 ORDER BY claims.id"
    )
    return [(row["id"], bool(row["counts"]), row["why"]) for row in rows]


def taken_back(ledger: sqlite3.Connection, claim: str) -> None:
    """A claimed file is judged anew, so that its first verdict holds no more; in the caller's transaction."""
    ledger.execute(
        "UPDATE doubts SET state = 'withdrawn', letter = 'none' WHERE claim = ? AND state = 'held'", (claim,)
    )


def due(ledger: sqlite3.Connection) -> list[list[Doubt]]:
    """What letters are still to be written about, by project and by what became of it, the oldest first."""
    together: dict[tuple[str, bool, bool], list[Doubt]] = {}
    for row in ledger.execute(f"{_ALL} WHERE letter = 'due' ORDER BY id"):
        one = _doubt(row)
        together.setdefault((one.project, row["state"] != "taken", one.kind == "twice"), []).append(one)
    return list(together.values())


def told(ledger: sqlite3.Connection, found: Sequence[Doubt]) -> None:
    """The letters about doubts lie in the outbox; in the transaction that put them there."""
    ledger.executemany("UPDATE doubts SET letter = 'made' WHERE id = ?", [(one.id,) for one in found])


_GIVEN = ("project", "slot", "name", "project_name", "filled_by", "customer", "uscc")
_OWN = ("claim", "department", "file", "why")
_ALL = "SELECT doubts.*, size FROM doubts JOIN contents USING (sha256)"


def _doubt(row: sqlite3.Row) -> Doubt:
    fields = {key: row[key] for key in _GIVEN}
    given = Given(**fields, kept=Kept(row["sha256"], row["size"], Path()))
    own = {key: row[key] for key in (*_OWN, "id")}
    return Doubt(**own, given=given, held=row["state"] == "held", at=datetime.fromisoformat(row["at"]))
