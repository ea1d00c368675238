"""What an operator asks: how do things stand, why was a project run or not, and open an archived one again."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.core.errors import UsageProblem
from pipeline.core.facts import Facts
from pipeline.core.names import safe
from pipeline.definitions.wording import say
from pipeline.deliver.issued.register import Wish
from pipeline.deliver.issued.shelf import FOLDER, Shelf
from pipeline.deliver.pack import archived_pack
from pipeline.render.step_lines import step_lines
from pipeline.service.arrivals.taking import VERDICTS
from pipeline.service.clock import Clock
from pipeline.service.faults import fault_of
from pipeline.service.health import Health, health
from pipeline.service.health import local as _local
from pipeline.settings import Settings
from pipeline.workspace import doubts, inputs, journal, projects, refusals, runs, signs, store
from pipeline.workspace.inputs import Current
from pipeline.workspace.layout import Workspace
from pipeline.workspace.ledger import FILE, open_ledger
from pipeline.workspace.locks import locked

_NEWEST = 10
_WORDS = {"ok": "status.ok", "warnings": "status.warnings", "errors": "status.errors"}


def existing(root: Path) -> Workspace:
    """A workspace that is there.

    Raises:
        UsageProblem: nothing was ever kept in this folder.
    """
    if not (root / FILE).is_file():
        raise UsageProblem(f"{root}:不是工作区,没有台账(no workspace here; run presales batch or watch first)。")
    return Workspace(root)


def status(root: Path, settings: Settings, clock: Clock) -> tuple[list[str], Health | None]:
    """How things stand, a line each: what waits, what was taken last, projects, runs, letters, health, disk.

    Returns:
        The lines; and the same for monitoring, None while the ledger cannot be opened.
    """
    workspace = existing(root)
    disk = say("status.disk", free=shutil.disk_usage(root).free // 1024**2, workspace=workspace.root)
    try:
        ledger = open_ledger(root)
    except sqlite3.DatabaseError as error:
        return [*_watch(workspace), say("status.no_ledger", fault=fault_of(error)[1]), disk], None
    try:
        found = health(workspace, ledger, settings, clock.now())
        return [*_watch(workspace), *_kept(ledger), *_service(found), disk], found
    finally:
        ledger.close()


def troubles(root: Path, settings: Settings, clock: Clock) -> list[str]:
    """What somebody should look at, a sentence each."""
    lines, found = status(root, settings, clock)
    return list(found.troubles) if found else lines


def _service(found: Health) -> Iterator[str]:
    """That the watch lives, the letters, and what somebody should look at; of a dead watch that says it."""
    watch, letters = found.watch, found.letters
    if watch.last_look and watch.alive:
        doing = f",{watch.doing}" if watch.doing else ""
        yield say("status.watch", doing=doing, looked=_local(watch.last_look))
    if letters.queued + letters.held + letters.unsure + letters.failed:
        due = say("status.due", at=_local(letters.next_due)) if letters.next_due else ""
        queued = say("status.queued", count=letters.queued, due=due, held=letters.held)
        yield queued + say("status.stuck", unsure=letters.unsure, failed=letters.failed)
    yield from (say("status.trouble", trouble=trouble) for trouble in found.troubles)


def _watch(workspace: Workspace) -> Iterator[str]:
    """What is in the way of the watch; it can be read though the ledger cannot."""
    if told := signs.said(workspace):
        text, since = told
        yield say("status.in_the_way", what=text, since=_local(since))


def _kept(ledger: sqlite3.Connection) -> list[str]:
    """What the ledger says."""
    return [*_waiting(ledger), *_held(ledger), *_taken(ledger), *_projects(ledger), *_runs(ledger)]


def _waiting(ledger: sqlite3.Connection) -> Iterator[str]:
    for path, why, since in inputs.waiting_now(ledger):
        yield say("status.waiting", path=path, why=why, since=_local(since))


def _held(ledger: sqlite3.Connection, project: str = "") -> Iterator[str]:
    """What waits for somebody to decide to which project it belongs."""
    for one in doubts.held(ledger, project):
        place = f"{one.department}/" if one.department else ""
        file, at = f"{place}{one.file}{_by(one.given.filled_by)}", _local(one.at)
        yield say("status.held", project=one.project, file=file, at=at, why=one.why)


def _by(filled_by: str) -> str:
    return say("status.by", who=filled_by) if filled_by else ""


def _taken(ledger: sqlite3.Connection) -> Iterator[str]:
    for one in inputs.newest_claims(ledger, _NEWEST):
        place = f"{one.department}/" if one.department else ""
        yield f"{VERDICTS[one.verdict]}  {place}{one.source}{':' + one.message if one.message else ''}"
        for member in refusals.members(ledger, one.id):
            yield f"{VERDICTS['returned']}  {place}{member.name}:{member.reason}"


def _projects(ledger: sqlite3.Connection) -> Iterator[str]:
    run = projects.remembered(ledger)
    yield from (_line(one) for one in run)
    failed = projects.failures(ledger)
    for code in sorted(inputs.all_current(ledger).keys() - {one.code for one in run}):
        how = say("status.failed", failure=failed[code]) if code in failed else say("status.not_run")
        yield say("status.project", code=code, how=how)


def _stands(facts: Facts) -> str:
    """State and next gate; of a project that has none left the state alone."""
    return say("status.gate", state=facts.state, gate=facts.next_gate) if facts.next_gate else facts.state


def _line(one: projects.Remembered) -> str:
    """A project in one line; of a secret one, no name."""
    masked = one.facts is not None and one.facts.entries.secret
    parts = (
        say("status.secret") if masked else one.name,
        say(_WORDS[one.status]),
        _stands(one.facts) if one.facts else "",
        say("status.ran", at=_local(one.ran_at)),
        say("status.archived") if one.archived else "",
        "" if one.published else say("status.unpublished"),
        say("status.failed", failure=one.failure) if one.failure else "",
    )
    return say("status.project", code=one.code, how="  ".join(part for part in parts if part))


def _runs(ledger: sqlite3.Connection) -> Iterator[str]:
    for one in runs.history(ledger, _NEWEST):
        began, ended = _local(one.started_at), _local(one.ended_at) if one.ended_at else say("status.not_ended")
        counts, outcome = _counts(one.tally), one.outcome
        yield say("status.run", command=one.command, began=began, ended=ended, counts=counts, outcome=outcome).rstrip()


def _counts(one: runs.Tally) -> str:
    taken = say("status.taken", taken=one.taken, returned=one.returned)
    return taken + say("status.counts", ran=one.ran, skipped=one.skipped, failed=one.failed)


def why(root: Path, code: str, step: str = "") -> list[str]:
    """Why a project was run or not when it was last looked at, and the versions that count; or why a step is open.

    Args:
        root: the workspace.
        code: the project.
        step: key, title or clause of a step of the procedure; empty: the run.

    Raises:
        UsageProblem: the workspace does not know the project, or the procedure the step.
    """
    existing(root)
    ledger = open_ledger(root)
    try:
        if not inputs.known(ledger, code) and not doubts.held(ledger, code):
            raise UsageProblem(f"{code}:工作区里没有这个项目(no such project in the workspace)。")
        if step:
            return _step(ledger, code, step)
        lines = list(_decision(ledger, code))
        if failure := projects.failures(ledger).get(code):
            lines.append(say("why.failed", failure=failure))
        for one in inputs.current(ledger, code):
            lines.append(_version(one))
        lines += [
            say("why.held", line=line, slot=one.given.slot)
            for one, line in zip(doubts.held(ledger, code), _held(ledger, code), strict=True)
        ]
        return lines
    finally:
        ledger.close()


def _version(one: Current) -> str:
    at, by = _local(one.accepted_at), _by(one.filled_by)
    return say("why.version", label=one.label, version=one.version, at=at, by=by, digest=one.sha256)


def _step(ledger: sqlite3.Connection, code: str, step: str) -> list[str]:
    """How a step stood when the project was run last."""
    one = projects.recall(ledger, code)
    if one is None or one.facts is None:
        return [say("why.not_run", code=code)]
    lines = step_lines(one.facts, wanted=step) or [say("why.no_steps")]
    return [say("why.then", code=code, at=_local(one.ran_at)), *lines]


def _decision(ledger: sqlite3.Connection, code: str) -> Iterator[str]:
    last = projects.decision(ledger, code)
    if last is None:
        yield say("why.never", code=code)
        return
    verdict = say("why.due" if last.ran else "why.not_due")
    yield say("why.judged", code=code, at=_local(last.at), as_of=last.as_of, verdict=verdict)
    yield from (f"  {reason}" for reason in last.reasons)


def reopen(root: Path, code: str, reason: str, clock: Clock) -> Path:
    """Let an archived project be changed again; its bundle is set aside in the workspace, never deleted.

    Args:
        root: the workspace.
        code: the project.
        reason: why, for the ledger.
        clock: gives the time.

    Returns:
        Where the archived bundle lies now.

    Raises:
        UsageProblem: the project is not archived.
    """
    workspace = existing(root)
    ledger = open_ledger(root)
    try:
        with locked(workspace.locks, f"project-{safe(code)}"):
            brief = projects.brief_of(ledger, code)
            bundle = brief and archived_pack(workspace.out / brief.output / safe(code) / "pack", safe(code))
            if not brief or not brief.archived or not bundle:
                raise UsageProblem(f"{code}:没有归档,不用重新打开(the project is not archived)。")
            # The zip beside it stays: its number is never given again.
            aside = workspace.set_aside(bundle, clock.now())
            runs.reopen(ledger, code, reason, clock.now())
            return aside
    finally:
        ledger.close()


def reissue(root: Path, code: str, wish: Wish, clock: Clock) -> None:
    """Have a paper issued anew from today's workbooks in the next round.

    Args:
        root: the workspace.
        code: the project.
        wish: the paper and the reason.
        clock: gives the time.

    Raises:
        UsageProblem: nothing of the project was issued, or it is archived.
        RegisterUnsound: the register of issued papers is not as we wrote it.
    """
    workspace = existing(root)
    ledger = open_ledger(root)
    try:
        with locked(workspace.locks, f"project-{safe(code)}"):
            brief = projects.brief_of(ledger, code)
            shelf = Shelf(workspace.out / (brief.output if brief else "") / safe(code) / FOLDER)
            if not brief or not brief.output or not shelf.there:
                raise UsageProblem(f"{code}:还没有签发过文档(nothing was issued yet)。")
            if brief.archived:
                raise UsageProblem(f"{code}:已归档,先用 presales reopen 重新打开(archived; reopen it first)。")
            register = shelf.read(code)
            shelf.write(replace(register, wishes=(*register.wishes, wish)))
            what = f"{wish.code}-{wish.part}" if wish.part else wish.code
            runs.reissue(ledger, code, what, wish.reason, clock.now())
    finally:
        ledger.close()


def withdraw(root: Path, code: str, name: str, reason: str, clock: Clock) -> str:
    """Let a file count no more that was dropped by mistake; the version before it counts again.

    Args:
        root: the workspace.
        code: the project.
        name: of the file, or its slot, as `why` shows them.
        reason: who asked and why, for the ledger.
        clock: gives the time.

    Returns:
        What counts now, a sentence.

    Raises:
        UsageProblem: the project has no such file, has several, or is archived.
    """
    workspace = existing(root)
    ledger = open_ledger(root)
    try:
        with locked(workspace.locks, f"project-{safe(code)}"):
            if code in projects.archived_codes(ledger):
                raise UsageProblem(f"{code}:已归档,请先 presales reopen(archived; reopen it first)。")
            one = _the_one(inputs.current(ledger, code), code, name)
            inputs.withdraw(ledger, one, reason, clock.now())
            before = next((other for other in inputs.current(ledger, code) if other.slot == one.slot), None)
        at = _local(one.accepted_at)
        said = say("withdraw.done", code=code, file=one.name, version=one.version, at=at)
        return said + (say("withdraw.now", version=before.version) if before else say("withdraw.gone"))
    finally:
        ledger.close()


def _the_one(current: Sequence[Current], code: str, name: str) -> Current:
    found = [one for one in current if name in (one.slot, one.name)]
    if len(found) == 1:
        return found[0]
    there = "、".join(one.label for one in (found or current)) or "无"
    problem = "有几份同名的,请写括号里的位置" if found else "没有这个文件"
    raise UsageProblem(f"{code} {name}:{problem}(no such file, or several)。现有:{there}")


def ledger_faults(root: Path) -> list[str]:
    """What is wrong with the ledger and the store: broken pages, a broken seal, damaged contents."""
    workspace = existing(root)
    ledger = open_ledger(root)
    try:
        faults = [str(row[0]) for row in ledger.execute("PRAGMA integrity_check") if row[0] != "ok"]
        broken = journal.broken_at(ledger)
        if broken is not None:
            faults.append(say("doctor.journal_changed", row=broken))
        faults += [say("doctor.damaged", path=path) for path in store.damaged(workspace.store)]
        return faults
    finally:
        ledger.close()
