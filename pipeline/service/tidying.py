"""What need be kept no longer (7.2): archived projects past their day, and originals and set-aside things of that age.

Nothing goes before the retention of workbook 00 is over; of a project its own 保存至 counts where that is later. The
ledger is told first, so that a stop in between leaves contents that nobody needs, which the next tidying removes.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pipeline.core.company import Company
from pipeline.core.names import safe
from pipeline.definitions.wording import say
from pipeline.service.arrivals.names import TAKEN
from pipeline.workspace import inputs, projects, store
from pipeline.workspace.layout import Workspace
from pipeline.workspace.ledger import open_ledger
from pipeline.workspace.locks import locked
from pipeline.workspace.projects import Remembered

EXPIRED = "保存期满,已清理"
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})T")


@dataclass(frozen=True, slots=True)
class Old:
    """One thing past its day.

    Attributes:
        what: for people.
        until: last day on which it had to be kept.
        paths: files and folders that go.
        project: code, where it is a project.
        contents: hashes in the store that go with it.
    """

    what: str
    until: date
    paths: tuple[Path, ...]
    project: str = ""
    contents: tuple[str, ...] = ()


def old(root: Path, inbox: Path | None, company: Company, today: date) -> list[Old]:
    """Everything that need be kept no longer; nothing is changed.

    Args:
        root: the workspace.
        inbox: watched folder; None leaves its originals.
        company: workbook 00, for the retention in years.
        today: the day.
    """
    workspace, years = Workspace(root), int(company.parameter("retention_years", today))
    with closing(open_ledger(root)) as ledger:
        found = [*_projects(workspace, ledger, years, today), *_left_over(workspace, ledger)]
    found += _aside(workspace, years, today)
    found += _originals(inbox, years, today) if inbox else []
    return found


def tidy(root: Path, found: list[Old], today: date, now: datetime) -> int:
    """Remove what `old` found; returns how many bytes became free.

    Args:
        root: the workspace.
        found: past their day.
        today: nothing goes whose day is not over.
        now: UTC.
    """
    workspace, freed = Workspace(root), 0
    with closing(open_ledger(root)) as ledger:
        for one in found:
            if one.until >= today:
                continue
            with locked(workspace.locks, "inbox"), locked(workspace.locks, f"project-{safe(one.project or 'tidy')}"):
                if one.project:
                    inputs.expire(ledger, one.project, EXPIRED, now)
                    projects.forget(ledger, one.project, f"{EXPIRED},保存至 {one.until}", now)
                needed = inputs.needed_contents(ledger, EXPIRED)
                gone = [store.place(workspace.store, digest) for digest in one.contents if digest not in needed]
                for path in (*one.paths, *gone):
                    freed += size(path)
                    _remove(path)
    return freed


def size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    if not path.is_dir():
        return path.stat().st_size if path.is_file() else 0
    return sum(one.stat().st_size for one in path.rglob("*") if one.is_file())


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _projects(workspace: Workspace, ledger: sqlite3.Connection, years: int, today: date) -> Iterator[Old]:
    for one in projects.remembered(ledger):
        until = _until(one, years)
        if until and until < today:
            contents = tuple(sorted({version.sha256 for version in inputs.versions(ledger, one.code)}))
            paths = (workspace.out / one.output,) if one.output else ()
            yield Old(say("tidy.project", code=one.code), until, paths, one.code, contents)


def _until(one: Remembered, years: int) -> date | None:
    """Last day on which an archived project must be kept; None: it is not archived, or nobody can tell."""
    kept = one.facts.entries.retention if one.facts and one.archived else None
    if kept is None or kept.archived is None:
        return None
    return max(_later(kept.archived, years), kept.until or date.min)


def _later(day: date, years: int) -> date:
    """The same day some years later; of a leap day the last of February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _left_over(workspace: Workspace, ledger: sqlite3.Connection) -> Iterator[Old]:
    """Contents and output of projects that are gone: a tidying was stopped."""
    needed, known = inputs.needed_contents(ledger, EXPIRED), projects.briefs(ledger)
    for code, digests in inputs.expired(ledger, EXPIRED).items():
        contents = tuple(one for one in sorted(digests - needed) if store.place(workspace.store, one).is_file())
        paths = () if code in known else tuple(workspace.out.glob(f"{safe(code)}@*"))
        if contents or paths:
            yield Old(say("tidy.left_over", code=code), date.min, paths, contents=contents)


def _aside(workspace: Workspace, years: int, today: date) -> Iterator[Old]:
    """What was set aside, by the time in its name."""
    for path in sorted(workspace.quarantine.glob("*")):
        found = _STAMP.match(path.name)
        until = _later(date(*map(int, found.groups())), years) if found else None
        if until and until < today:
            yield Old(say("tidy.aside", name=path.name), until, (path,))


def _originals(inbox: Path, years: int, today: date) -> Iterator[Old]:
    """Months of 已接收, in the inbox and in those of departments."""
    for folder in sorted((*inbox.glob(f"{TAKEN}/*"), *inbox.glob(f"*/{TAKEN}/*"))):
        found = _MONTH.fullmatch(folder.name)
        if found and folder.is_dir() and not folder.is_symlink():
            year, month = int(found[1]), int(found[2])
            until = _later(date(year + month // 12, month % 12 + 1, 1), years)
            if until < today:
                yield Old(say("tidy.originals", folder=folder.relative_to(inbox)), until, (folder,))
