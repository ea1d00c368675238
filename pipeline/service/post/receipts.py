"""The receipt: what was taken from whom, which version it replaces, and how the project stands now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.definitions.wording import say
from pipeline.service.post.people import People
from pipeline.service.post.sections import FIRST, NewsItem, Result, counts, digest, due_lines, latest_day, section
from pipeline.workspace.inputs import Current
from pipeline.workspace.outbox import Topic

RECEIPT = "收到"
_STANDS = (
    ("receipt_passed", "subject_passed"),
    ("receipt_warned", "subject_warned"),
    ("receipt_wrong", "subject_wrong"),
)


@dataclass(frozen=True)
class Arrivals:
    """Inputs of a project: those that count, and every version that there was."""

    current: Sequence[Current] = ()
    versions: Sequence[Current] = ()

    def new(self, before: Topic) -> list[Current]:
        """What counts and was not yet acknowledged."""
        known = before.said.get("versions", {})
        return [one for one in self.current if known.get(one.slot) != one.version]

    def senders(self, before: Topic) -> tuple[str, ...]:
        """Employee numbers of who filled in what was not yet acknowledged."""
        return tuple(dict.fromkeys(one.filled_by for one in self.new(before) if one.filled_by))

    def replaced_by(self, one: Current) -> Current | None:
        """The version before one at its place."""
        older = [other for other in self.versions if other.slot == one.slot and other.version < one.version]
        return max(older, key=lambda other: other.version, default=None)


def receipt(result: Result, people: People, arrivals: Arrivals, before: Topic) -> NewsItem:
    """What is told to those who handed something in.

    Args:
        result: of the newest run.
        people: of the project; its senders are those of the new files.
        arrivals: inputs of the project.
        before: what was acknowledged last.
    """
    known = before.said.get("versions", {})
    now = {one.slot: one.version for one in arrivals.current}
    lines = [_line(one, known.get(one.slot, 0), arrivals, people) for one in sorted(arrivals.new(before), key=_by_name)]
    lines += [say("receipt_gone", slot=slot) for slot in sorted(known.keys() - now.keys())]
    targets, faults = people.targets(["提交人"]) if lines else ([], [])
    errors, warnings = counts(result)
    stands, subject = _STANDS[(errors > 0) + (errors + warnings > 0)]
    part = section(
        say("receipt"),
        items=[{"text": line, "remedy": ""} for line in lines[:FIRST]],
        more=(say("files_more", count=len(lines) - FIRST) if len(lines) > FIRST else "")
        + say(stands, errors=errors, warnings=warnings),
        facts=[] if errors + warnings else due_lines(people.facts),
        todo=say(subject),
    )
    content = digest(sorted(now.items()))
    return NewsItem(
        RECEIPT, RECEIPT, content, targets, part, (), {"versions": now}, faults, day=latest_day(people.facts)
    )


def _by_name(one: Current) -> tuple[bool, str]:
    """Workbooks by their numbers, then the files of folders."""
    return "/" in one.name, one.name


def _line(one: Current, known: int, arrivals: Arrivals, people: People) -> str:
    """One file: taken, in place of which version, or counting again."""
    if known > one.version:
        return say("receipt_again", file=one.name, version=one.version)
    other = arrivals.replaced_by(one)
    if other is None:
        return say("receipt_new", file=one.name)
    day = other.accepted_at.astimezone().date()
    who = people.company.name_of(other.filled_by) if other.filled_by else ""
    return say("receipt_replaces", file=one.name, version=one.version, before=other.version, who=who, day=day)
