"""What an operator decides about held files: they belong to the project after all, or they never count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

from pipeline.core.errors import UsageProblem
from pipeline.core.names import safe
from pipeline.definitions.wording import say
from pipeline.service.clock import Clock
from pipeline.service.state import existing
from pipeline.workspace import doubts, inputs, projects
from pipeline.workspace.doubts import Doubt
from pipeline.workspace.ledger import open_ledger
from pipeline.workspace.locks import locked


def confirm(root: Path, code: str, name: str, reason: str, clock: Clock) -> list[str]:
    """Take held files in, as the project's new versions.

    Args:
        root: the workspace.
        code: the project.
        name: of the file, or its slot, as `why` shows them; empty: all that is held.
        reason: who asked and why, for the ledger.
        clock: gives the time.

    Returns:
        What was done, a sentence a file.

    Raises:
        UsageProblem: nothing such is held, or the project is archived.
    """
    with _held(root, code, name) as (ledger, found):
        if code in projects.archived_codes(ledger):
            raise UsageProblem(f"{code}:已归档,请先 presales reopen(archived; reopen it first)。")
        inputs.confirm(ledger, found, reason, clock.now())
        now = {one.slot: one.version for one in inputs.current(ledger, code)}
        return [say("confirm.done", code=code, file=one.file, version=now[one.given.slot]) for one in found]


def set_aside(root: Path, code: str, name: str, reason: str, clock: Clock) -> list[str]:
    """Let held files never count; the next look at the inbox moves them to 退回, their contents stay in the store.

    Args, returns and raises: as `confirm`, except that an archived project may have some, too.
    """
    with _held(root, code, name) as (ledger, found):
        doubts.set_aside(ledger, found, reason, clock.now())
        return [say("withdraw.held", code=code, file=one.file) for one in found]


@contextmanager
def _held(root: Path, code: str, name: str) -> Iterator[tuple[Connection, list[Doubt]]]:
    """The held files that are meant, while nobody else changes the project or takes files in."""
    workspace = existing(root)
    ledger = open_ledger(root)
    try:
        with locked(workspace.locks, "inbox"), locked(workspace.locks, f"project-{safe(code)}"):
            there = doubts.held(ledger, code)
            found = [one for one in there if name in ("", one.file, one.given.name, one.given.slot)]
            if not found:
                listed = "、".join(f"{one.file}({one.given.slot})" for one in there) or "无"
                raise UsageProblem(f"{code} {name}:没有待确认的(nothing such is held)。待确认的:{listed}")
            yield ledger, found
    finally:
        ledger.close()
