"""What is remembered of each project: the result of its newest finished run, as the portfolio and the mail need it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from pipeline.core.documents import Document, Pack, ProjectResult
from pipeline.core.facts import Facts
from pipeline.core.findings import Comparison, Finding, Side
from pipeline.workspace import journal
from pipeline.workspace.codec import from_json, to_json
from pipeline.workspace.ledger import transaction


@dataclass(frozen=True)
class Ran:
    """One finished run of a project.

    Attributes:
        at: when, UTC.
        inputs: what the result depends on, by name: 工作簿 plan, 00, 母版, 程序, 设置, 日期.
        output: folder of the run, below the workspace's `out`.
        archived: the project is frozen.
    """

    at: datetime
    as_of: date
    inputs: Mapping[str, str]
    output: str
    archived: bool = False


@dataclass(frozen=True)
class Remembered:
    """A project as the ledger knows it.

    Attributes:
        facts: None when nothing could be derived.
        documents: with the paths of the published files where it is published, else those of the workspace;
            `printed` is empty.
        packs: likewise.
        ran_at: end of the newest finished run, UTC.
        published: folder of the project below `publish_dir`; None before it is published.
        archived: frozen; nothing is built any more.
        inputs: what the run depended on, see `Ran`.
        output: folder of the newest run, below the workspace's `out`.
        failure: why a later run could not be finished, or not all documents of this one made; empty when all is well.
    """

    code: str
    name: str
    facts: Facts | None
    findings: tuple[Finding, ...]
    documents: tuple[Document, ...]
    packs: tuple[Pack, ...]
    ran_at: datetime
    as_of: date
    status: str = "ok"
    published: Path | None = None
    archived: bool = False
    inputs: Mapping[str, str] = field(default_factory=dict)
    output: str = ""
    failure: str = ""


def remember(ledger: sqlite3.Connection, result: ProjectResult, ran: Ran) -> None:
    """Keep the result of a finished run in place of the one before, with what failed in it; its files are on disk."""
    row = {
        "code": result.code,
        "name": result.name,
        "status": result.status,
        "facts": to_json(result.facts) if result.facts else None,
        "findings": to_json(result.findings),
        "documents": to_json(result.documents),
        "packs": to_json(result.packs),
        "comparisons": to_json(_in_short(result.comparisons)),
        "inputs": json.dumps(dict(ran.inputs), ensure_ascii=False, sort_keys=True),
        "output": ran.output,
        "as_of": ran.as_of.isoformat(),
        "ran_at": ran.at.isoformat(),
        "archived": int(ran.archived),
    }
    with transaction(ledger):
        ledger.execute(
            f"INSERT INTO projects ({', '.join(row)}) VALUES ({', '.join(f':{key}' for key in row)})"  # noqa: S608
            f" ON CONFLICT (code) DO UPDATE SET {', '.join(f'{key} = :{key}' for key in row)}, published = NULL",
            row,
        )
        ledger.execute("DELETE FROM failures WHERE code = ?", (result.code,))
        if result.failure:
            _keep_failure(ledger, result.code, str(result.failure), ran.inputs, ran.at)
        packs = "、".join(f"{pack.name}={pack.content_sha256}" for pack in result.packs)
        journal.write(ledger, ran.at, f"run {result.code} {result.status} {ran.output} {packs}".rstrip())


def _in_short(comparisons: Iterable[Comparison]) -> tuple[Comparison, ...]:
    """Comparisons as the tables for analysis have them: those inside tables left out, of each side the cell to show."""

    def side(one: Side) -> Side:
        return replace(one, cells=one.cells[:1], broken=())

    return tuple(replace(one, left=side(one.left), right=side(one.right)) for one in comparisons if not one.by_line)


def remember_failure(
    ledger: sqlite3.Connection, code: str, message: str, inputs: Mapping[str, str], at: datetime
) -> None:
    """Keep why a project's run could not be finished; what was remembered before stays."""
    with transaction(ledger):
        _keep_failure(ledger, code, message, inputs, at)


def _keep_failure(ledger: sqlite3.Connection, code: str, message: str, inputs: Mapping[str, str], at: datetime) -> None:
    values = (code, message, json.dumps(dict(inputs), ensure_ascii=False, sort_keys=True), at.isoformat())
    ledger.execute("INSERT OR REPLACE INTO failures (code, message, inputs, failed_at) VALUES (?, ?, ?, ?)", values)
    journal.write(ledger, at, f"failed {code}: {message}")


def forget(ledger: sqlite3.Connection, code: str, why: str, at: datetime) -> None:
    """Take a project out of the portfolio; the journal keeps that it was there."""
    with transaction(ledger):
        for table in ("projects", "failures", "decisions"):
            ledger.execute(f"DELETE FROM {table} WHERE code = ?", (code,))  # noqa: S608  our own names
        journal.write(ledger, at, f"forgotten {code}: {why}")


def still_valid(ledger: sqlite3.Connection, facts: Facts, inputs: Mapping[str, str]) -> None:
    """Say that a remembered result, looked at again, also holds on a later day."""
    values = (facts.as_of.isoformat(), to_json(facts), json.dumps(dict(inputs), ensure_ascii=False), facts.code)
    with transaction(ledger):
        ledger.execute("UPDATE projects SET as_of = ?, facts = ?, inputs = ? WHERE code = ?", values)


def mark_published(
    ledger: sqlite3.Connection, code: str, folder: Path, documents: tuple[Document, ...], packs: tuple[Pack, ...]
) -> None:
    """Say where the files of a project's newest run are for people.

    Args:
        ledger: open ledger.
        code: the project.
        folder: its folder below `publish_dir`.
        documents: with the paths of the published files.
        packs: likewise.
    """
    values = (str(folder), to_json(documents), to_json(packs), code)
    with transaction(ledger):
        ledger.execute("UPDATE projects SET published = ?, documents = ?, packs = ? WHERE code = ?", values)


def remembered(ledger: sqlite3.Connection) -> list[Remembered]:
    """All projects that were run, in the order of their codes."""
    rows = ledger.execute(f"{_SELECT} ORDER BY code")
    return [_remembered(row) for row in rows]


def recall(ledger: sqlite3.Connection, code: str) -> Remembered | None:
    """One project; None when it was never run to the end."""
    row = ledger.execute(f"{_SELECT} WHERE code = ?", (code,)).fetchone()
    return _remembered(row) if row else None


def archived_codes(ledger: sqlite3.Connection) -> frozenset[str]:
    """Codes of the projects that are frozen."""
    return frozenset(row["code"] for row in ledger.execute("SELECT code FROM projects WHERE archived"))


def failures(ledger: sqlite3.Connection) -> dict[str, str]:
    """Why the last run of each project failed, for those where it did."""
    return {row["code"]: row["message"] for row in ledger.execute("SELECT code, message FROM failures ORDER BY code")}


def comparisons(ledger: sqlite3.Connection) -> dict[str, tuple[Comparison, ...]]:
    """What each project's newest finished run compared, by code, as `remember` keeps it."""
    rows = ledger.execute("SELECT code, comparisons FROM projects ORDER BY code")
    return {row["code"]: from_json(row["comparisons"], tuple[Comparison, ...]) for row in rows}


_SELECT = "SELECT projects.*, failures.message AS failure FROM projects LEFT JOIN failures USING (code)"


def _remembered(row: sqlite3.Row) -> Remembered:
    return Remembered(
        code=row["code"],
        name=row["name"],
        facts=from_json(row["facts"], Facts) if row["facts"] else None,
        findings=from_json(row["findings"], tuple[Finding, ...]),
        documents=from_json(row["documents"], tuple[Document, ...]),
        packs=from_json(row["packs"], tuple[Pack, ...]),
        ran_at=datetime.fromisoformat(row["ran_at"]),
        as_of=date.fromisoformat(row["as_of"]),
        status=row["status"],
        published=Path(row["published"]) if row["published"] else None,
        archived=bool(row["archived"]),
        inputs=json.loads(row["inputs"]),
        output=row["output"],
        failure=row["failure"] or "",
    )


@dataclass(frozen=True, slots=True)
class Brief:
    """What must be known of a project to tell whether it is due; cheap to read for a thousand projects.

    Attributes:
        next_turn: day on which it must be looked at though no file changes.
        failed_at: when its last run failed, UTC; None when it did not.
        tried: the inputs of the run that failed.
    """

    code: str
    inputs: Mapping[str, str]
    next_turn: date | None
    archived: bool
    published: bool
    output: str
    failed_at: datetime | None = None
    tried: Mapping[str, str] = field(default_factory=dict)


def briefs(ledger: sqlite3.Connection) -> dict[str, Brief]:
    """Every project that was run to the end, or tried, by code."""
    return {row["code"]: _brief(row) for row in ledger.execute(_BRIEFS)}


def brief_of(ledger: sqlite3.Connection, code: str) -> Brief | None:
    """One project; None when it was never tried."""
    row = ledger.execute(f"SELECT * FROM ({_BRIEFS}) WHERE code = ?", (code,)).fetchone()  # noqa: S608
    return _brief(row) if row else None


_BRIEFS = (
    "SELECT code, projects.inputs AS inputs, json_extract(facts, '$.next_turn') AS next_turn, archived,"
    " published IS NOT NULL AS published, output, failed_at, failures.inputs AS tried"
    " FROM projects LEFT JOIN failures USING (code)"
    " UNION ALL SELECT code, '{}', NULL, 0, 1, '', failed_at, inputs FROM failures"
    " WHERE code NOT IN (SELECT code FROM projects)"
)


def _brief(row: sqlite3.Row) -> Brief:
    return Brief(
        code=row["code"],
        inputs=json.loads(row["inputs"]),
        next_turn=date.fromisoformat(row["next_turn"]) if row["next_turn"] else None,
        archived=bool(row["archived"]),
        published=bool(row["published"]),
        output=row["output"],
        failed_at=datetime.fromisoformat(row["failed_at"]) if row["failed_at"] else None,
        tried=json.loads(row["tried"] or "{}"),
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """Why a project was run, or was not, the last time it was looked at."""

    at: datetime
    as_of: date
    ran: bool
    reasons: tuple[str, ...]


def decided(ledger: sqlite3.Connection, decisions: Mapping[str, Decision]) -> None:
    """Keep the newest decision about each project."""
    rows = [
        (code, one.at.isoformat(), one.as_of.isoformat(), int(one.ran), json.dumps(one.reasons, ensure_ascii=False))
        for code, one in decisions.items()
    ]
    with transaction(ledger):
        ledger.executemany(
            "INSERT OR REPLACE INTO decisions (code, at, as_of, ran, reasons) VALUES (?, ?, ?, ?, ?)", rows
        )


def decision(ledger: sqlite3.Connection, code: str) -> Decision | None:
    """The newest decision about a project."""
    row = ledger.execute("SELECT * FROM decisions WHERE code = ?", (code,)).fetchone()
    if row is None:
        return None
    at, as_of = datetime.fromisoformat(row["at"]), date.fromisoformat(row["as_of"])
    return Decision(at, as_of, bool(row["ran"]), tuple(json.loads(row["reasons"])))
