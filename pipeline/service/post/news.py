"""What a project's letters say: findings, packs, what waits for a signature; and the content that makes it news."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.core.documents import Document, Pack, ProjectResult
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding, Severity, in_order
from pipeline.core.money import yuan
from pipeline.definitions.letters import say
from pipeline.deliver import manifest
from pipeline.deliver.changes import Change, changed_values
from pipeline.service.post.people import People, Target, words_of
from pipeline.workspace.outbox import Topic
from pipeline.workspace.projects import Remembered

CHECKED, SIGN, NOTICE, HANDOVER = "校验报告", "待办签字", "立项批准通知", "移交包"
LATER, TO_MEND = "文件稍后", "运行失败"
FIRST = 10
_FIGURES = (
    ("presales", ("cost", "presales")),
    ("engineering", ("cost", "engineering")),
    ("materials", ("materials", "total")),
    ("staffing", ("staffing", "days")),
)
Result = ProjectResult | Remembered


@dataclass(frozen=True)
class NewsItem:
    """One piece of news with the people whom it concerns.

    Attributes:
        kind: kind of news, as in 邮件分发.
        topic: what is remembered of it: the kind, or kind and person.
        content: hash of what it says.
        section: what the templates print.
        files: files that go along.
        said: for the comparison with the next one.
        faults: people who have no address.
    """

    kind: str
    topic: str
    content: str
    targets: Sequence[Target]
    section: Mapping[str, Any]
    files: Sequence[Path] = ()
    said: Mapping[str, Any] = field(default_factory=dict)
    faults: Sequence[str] = ()


def digest(value: object) -> str:
    """SHA-256 of a value as JSON."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def section(heading: str, **parts: Any) -> dict[str, Any]:
    """A section as the templates want it."""
    return {"heading": heading, "intro": "", "items": [], "more": "", "facts": [], **parts}


def counts(result: Result) -> tuple[int, int]:
    """Open errors and warnings."""
    due = [finding.rule.severity for finding in result.findings if not finding.pending]
    return due.count(Severity.ERROR), due.count(Severity.WARNING)


def news_of(result: Result, people: People, published: Path, before: Mapping[str, Topic]) -> Iterator[NewsItem]:
    """Everything that could be told of a project; what is news among it, the topics say.

    Args:
        result: of the newest run.
        people: of the project.
        published: the project's folder for people.
        before: what was last told, by topic.
    """
    yield _checked(result, people, published, before.get(CHECKED, Topic()))
    for pack in result.packs:
        kind = next((part for part in pack.name.split("_") if part.endswith("包")), "")
        yield _pack(pack, kind, people, before.get(kind, Topic()))
    yield from _notice(result, people)
    yield from _signers(result, people)
    yield from _unfinished(result, people, before)


# -- findings -------------------------------------------------------------------------------------------------------


def _checked(result: Result, people: People, published: Path, before: Topic) -> NewsItem:
    due = [f for f in in_order(result.findings) if not f.pending and f.rule.severity is not Severity.INFO]
    errors, warnings = counts(result)
    places = sorted({_place(finding) for finding in due})
    given = people.facts.said if people.facts and errors else ""
    trigger = "有错误" if errors else "有警告"
    targets, faults = people.targets(words_of(people.company, CHECKED, trigger)) if due else ([], [])
    told = section(
        say("checked"),
        intro=_since(places, before),
        items=[{"text": f"{_where(f)} {f.message()}".strip(), "remedy": f.remedy()} for f in due[:FIRST]],
        more=say("checked_more", count=len(due) - FIRST) if len(due) > FIRST else "",
        facts=_due(people.facts),
    )
    files = sorted((published / "校验").glob("*_校验.xlsx")) if (published / "校验").is_dir() else []
    files = files or list(getattr(result, "marked", ()))
    files += [d.pdf for d in result.documents if d.code == "VAL" and d.pdf]
    content = digest([errors, warnings, places, given])
    return NewsItem(
        CHECKED, CHECKED, content, targets, told, files if errors else files[-1:], {"places": places}, faults
    )


def _place(finding: Finding) -> str:
    found = finding.values.get("found", "")
    return f"{finding.rule.code} {finding.at.sheet or ''}!{finding.at.cell or ''} {found}"


def _where(finding: Finding) -> str:
    return str(finding.at) if finding.at.workbook or finding.at.sheet else say("whole_project")


def _since(places: Sequence[str], before: Topic) -> str:
    """What has changed since the last letter, first of all."""
    if not before.content:
        return ""
    old, new = set(before.said.get("places", ())), set(places)
    return say("checked_since", mended=len(old - new), new=len(new - old), left=len(old & new))


def _due(facts: Facts | None) -> list[dict[str, str]]:
    """State, next gate and what it wants."""
    if facts is None:
        return []
    missing = "、".join(facts.missing[:5]) + (
        say("and_more", count=len(facts.missing)) if len(facts.missing) > 5 else ""
    )
    pairs = (("state", facts.state), ("next_gate", facts.next_gate), ("missing", missing))
    return [{"label": say(label), "value": value} for label, value in pairs if value]


# -- packs ----------------------------------------------------------------------------------------------------------


def _pack(pack: Pack, kind: str, people: People, before: Topic) -> NewsItem:
    words = words_of(people.company, kind, "生成成功") + (["接收人", "归档部门"] if kind == HANDOVER else [])
    targets, faults = people.targets(words)
    changes = _changes(pack, before)
    told = section(
        say("pack", kind=kind, version=pack.version),
        intro=say("pack_changes", before=before.said.get("pack"), count=len(changes)) if changes else "",
        items=[{"text": _change(change), "remedy": ""} for change in changes[:FIRST]],
        more=say("pack_more", count=len(changes) - FIRST) if len(changes) > FIRST else "",
        facts=_figures(people.facts) + _due(people.facts),
    )
    files = [path for path in (pack.pdf, pack.archive) if path and path.is_file()]
    return NewsItem(kind, kind, digest([kind, pack.content_sha256]), targets, told, files, {"pack": pack.name}, faults)


def _changes(pack: Pack, before: Topic) -> list[Change]:
    """Values that differ from the pack that was last mailed, one line for each cell."""
    name = str(before.said.get("pack", ""))
    previous = pack.folder.parent / name
    if not name or not previous.is_dir():
        return []
    read = manifest.read
    changes = changed_values(read(previous, manifest.PROVENANCE), read(pack.folder, manifest.PROVENANCE))
    with_cells = [change for change in changes if change.new_cells or change.old_cells]
    return list({(c.new_cells or c.old_cells)[0]: c for c in with_cells}.values())


def _change(change: Change) -> str:
    cell = (change.new_cells or change.old_cells)[0]
    empty = say("empty")
    return f"{cell} {change.old[:60] or empty} → {change.new[:60] or empty}"


def _figures(facts: Facts | None) -> list[dict[str, str]]:
    if facts is None:
        return []
    kind, contract = facts.project_class, facts.entries.contract
    found = [("class", kind.value if kind else ""), ("contract", yuan(contract.value) if contract else "")]
    for label, key in _FIGURES:
        if figure := facts.figure_or_none(*key):
            value = figure.value
            found.append((label, f"{value:,f}" if label == "staffing" else yuan(value)))
    return [{"label": say(label), "value": value} for label, value in found if value]


# -- what the program could not make --------------------------------------------------------------------------------


def _unfinished(result: Result, people: People, before: Mapping[str, Topic]) -> Iterator[NewsItem]:
    """That papers are missing by no fault of staff: to who waits for them, and to who runs the program."""
    said = str(result.failure or "")
    if not said:
        # Told anew when it comes back.
        yield from (NewsItem(kind, kind, "", (), section(kind)) for kind in (LATER, TO_MEND) if kind in before)
        return
    waiting = section(
        say("later"),
        intro=say("later_intro"),
    )
    broken = section(
        say("broken"),
        items=[{"text": f"{result.code}:{said}", "remedy": say("broken_remedy")}],
    )
    targets, faults = people.targets(["提交人"])
    yield NewsItem(LATER, LATER, digest(said), targets, waiting, (), {}, faults)
    yield NewsItem(TO_MEND, TO_MEND, digest(said), people.operator(), broken)


# -- signatures and notice ------------------------------------------------------------------------------------------


def _notice(result: Result, people: People) -> Iterator[NewsItem]:
    """The notice of approval to the departments that it names (clause 6.2.2)."""
    notices = [document for document in result.documents if document.code == "PAN" and document.state == "记录"]
    if notices and people.entries.notify:
        targets, faults = people.targets(["通知部门"])
        told = section(say("notice"), intro=say("notice_intro"), facts=_due(people.facts))
        content = digest([[d.version, d.day.isoformat()] for d in notices] + [list(people.entries.notify)])
        yield NewsItem(NOTICE, NOTICE, content, targets, told, _pdfs(notices), {}, faults)


def _signers(result: Result, people: People) -> Iterator[NewsItem]:
    """To each person whose turn it is: what waits for the signature."""
    papers = [document for document in result.documents if document.state == "待签"]
    by_person: dict[str, list[str]] = {}
    for one in people.entries.awaited:
        if one.emp_no and people.person(one.emp_no, ""):
            by_person.setdefault(one.emp_no, []).append(f"{one.what}({one.role})")
    for number, wanted in by_person.items() if papers else ():
        targets, faults = people.targets([number])
        names = "、".join(f"《{document.title}》" for document in papers[:FIRST])
        told = section(
            say("sign"),
            intro=say("sign_intro", gate=people.facts.next_gate if people.facts else ""),
            items=[{"text": text, "remedy": ""} for text in wanted[:FIRST]],
            more=say("sign_more", papers=names),
        )
        content = digest([sorted(wanted), [[d.code, d.part, d.version] for d in papers]])
        yield NewsItem(SIGN, f"{SIGN}:{number}", content, targets, told, (), {}, faults)


def _pdfs(documents: Sequence[Document]) -> list[Path]:
    return [document.pdf for document in documents if document.pdf]
