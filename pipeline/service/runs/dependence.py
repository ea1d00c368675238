"""What the result of a project depends on, and so whether it must be run again, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from pipeline.adapters.files import sha256
from pipeline.definitions.program import forms_hash, program_hash, templates_hash
from pipeline.definitions.registration import KEY as REGISTRATION
from pipeline.intake.company import beside
from pipeline.workspace.inputs import Current
from pipeline.workspace.projects import Brief
from pipeline.workspace.runs import ASKED

MASTER, FORMS, TEMPLATES, PROGRAM, OPTIONS = "00 公司基础资料", "表单", "母版", "程序", "设置"
ARCHIVED = "已归档"
RETRY = timedelta(minutes=30)


@dataclass(frozen=True)
class ProjectDue:
    """A project with what it would be run from.

    Attributes:
        seen: output of the run that was known when this was judged; another one means that somebody was quicker.
        reasons: why it must be run; empty when it need not.
        only_day: nothing but the calendar speaks for it, so that a look at the findings may be enough.
        why_not: why it is left as it is.
    """

    code: str
    current: tuple[Current, ...]
    inputs: Mapping[str, str]
    reasons: tuple[str, ...] = ()
    only_day: bool = False
    why_not: str = ""
    seen: str = ""


def workbooks(current: Iterable[Current]) -> list[Current]:
    """The workbooks among the inputs: not the attachments, not the registration."""
    return [one for one in current if not one.slot.startswith(("附件/", "签字件/")) and one.slot != REGISTRATION]


def shared_inputs(company: Path, options: Mapping[str, object]) -> dict[str, str]:
    """Hashes of what all projects depend on.

    Args:
        company: workbook 00.
        options: settings that change what is made.
    """
    return {
        MASTER: " ".join(sha256(path) for path in (company, *beside(company))),
        **of_the_program(),
        OPTIONS: "、".join(f"{key}={value}" for key, value in sorted(options.items())),
    }


def of_the_program() -> dict[str, str]:
    """Hashes of what comes with the program."""
    return {
        FORMS: forms_hash(),
        TEMPLATES: templates_hash(),
        PROGRAM: program_hash(),
    }


def inputs_of(current: Sequence[Current], shared: Mapping[str, str]) -> dict[str, str]:
    """What one project depends on, by name."""
    return {one.label: one.sha256 for one in current if one.slot != REGISTRATION} | dict(shared)


def judge_due(
    code: str, current: Sequence[Current], shared: Mapping[str, str], brief: Brief | None, on: tuple[date, datetime]
) -> ProjectDue:
    """Whether a project must be run.

    Args:
        code: the project.
        current: its inputs.
        shared: what all projects depend on.
        brief: what is remembered of it.
        on: today, and the time (UTC) for what has failed and may be tried again.
    """
    inputs, (today, now) = inputs_of(current, shared), on
    due = ProjectDue(code, tuple(current), inputs, seen=brief.output if brief else "")
    if not workbooks(current):
        return _not(due, "还没有工作簿")
    if brief is None or (not brief.output and not brief.failed_at):
        return _because(due, ["第一次运行"])
    if brief.archived:
        return _not(due, f"{ARCHIVED},不再运行(presales reopen 可以重新打开)")
    if brief.failed_at and brief.tried == inputs:
        return _retry(due, brief.failed_at, now)
    if brief.failed_at:
        return _because(due, ["上次运行没有完成", *_changes(brief.tried, inputs)])
    if changes := list(_changes(brief.inputs, inputs)):
        return _because(due, changes)
    if brief.next_turn and brief.next_turn <= today:
        day = f"到了 {brief.next_turn},与日期有关的问题可能变化"
        return replace(due, reasons=(day,), only_day=True)
    until = f",{brief.next_turn} 以前不会因日期变化" if brief.next_turn else ""
    return _not(due, f"工作簿、附件、00、表单、母版、程序、设置都没有变{until}")


def _retry(due: ProjectDue, failed_at: datetime, now: datetime) -> ProjectDue:
    """A failed run of the same inputs is tried again after a while; at once when the clock was set back behind it."""
    if timedelta(0) <= now - failed_at < RETRY:
        return _not(due, "上次运行没有完成,稍后再试")
    return _because(due, ["上次运行没有完成"])


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> Iterable[str]:
    for name in sorted(before.keys() | now.keys()):
        if name not in before:
            yield f"新增 {name}"
        elif name not in now:
            yield name if name.startswith(ASKED) else f"不再使用 {name}"
        elif before[name] != now[name]:
            yield f"{name} 有变化"


def _because(due: ProjectDue, reasons: Sequence[str]) -> ProjectDue:
    return replace(due, reasons=tuple(reasons), only_day=False, why_not="")


def _not(due: ProjectDue, why: str) -> ProjectDue:
    return replace(due, why_not=why)


def forced(due: ProjectDue) -> ProjectDue:
    """The same project, run whatever has changed (`--full`); one without workbooks, or archived, is not."""
    if not workbooks(due.current) or due.why_not.startswith(ARCHIVED):
        return due
    return _because(due, due.reasons or ["要求全部重做(--full)"])
