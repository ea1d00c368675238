"""What a project's letters say: findings, packs, what waits for a signature; and the content that makes it news."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from pipeline.core.company import Company
from pipeline.core.documents import Document, Pack
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding, Severity, in_order
from pipeline.core.money import yuan
from pipeline.definitions.wording import say
from pipeline.deliver import manifest
from pipeline.deliver.changes import Change, changed_values
from pipeline.service.post.people import People, words_of
from pipeline.service.post.receipts import RECEIPT, Arrivals, receipt
from pipeline.service.post.sections import (
    FIRST,
    NewsItem,
    Result,
    counts,
    digest,
    due_lines,
    latest_day,
    section,
)
from pipeline.service.post.signing import SIGN, signers
from pipeline.workspace.outbox import Topic

__all__ = ["CHECKED", "FIRST", "NOTICE", "RECEIPT", "SIGN", "NewsItem", "Result", "counts", "digest", "section"]
CHECKED, NOTICE, HANDOVER = "校验报告", "立项批准通知", "移交包"
LATER, TO_MEND = "文件稍后", "运行失败"
_FIGURES = (
    ("presales", ("cost", "presales")),
    ("engineering", ("cost", "engineering")),
    ("materials", ("materials", "total")),
    ("staffing", ("staffing", "days")),
)


def news_of(
    result: Result, people: People, published: Path, before: Mapping[str, Topic], arrivals: Arrivals
) -> Iterator[NewsItem]:
    """Everything that could be told of a project; what is news among it, the topics say.

    Args:
        result: of the newest run.
        people: of the project.
        published: the project's folder for people.
        before: what was last told, by topic.
        arrivals: inputs of the project.
    """
    yield receipt(result, people, arrivals, before.get(RECEIPT, Topic()))
    yield _checked(result, people, published, before.get(CHECKED, Topic()))
    for pack in result.packs:
        kind = next((part for part in pack.name.split("_") if part.endswith("包")), "")
        yield _pack(pack, kind, people, before.get(kind, Topic()))
    yield from _notice(result, people)
    yield from signers(result, people, before)
    yield from unfinished(result, people, before)


# -- findings -------------------------------------------------------------------------------------------------------


def of_the_company(finding: Finding, company: Company) -> bool:
    """Whether it is mended in workbook 00, which is no matter of the project's people."""
    return finding.rule.of_company or finding.at.workbook in {book.path.name for book in company.workbooks.values()}


def due_findings(result: Result) -> list[Finding]:
    """Open errors and warnings, the worst first."""
    return [f for f in in_order(result.findings) if not f.pending and f.rule.severity is not Severity.INFO]


def _checked(result: Result, people: People, published: Path, before: Topic) -> NewsItem:
    due = due_findings(result)
    theirs = [finding for finding in due if not of_the_company(finding, people.company)]
    errors = sum(finding.rule.severity is Severity.ERROR for finding in theirs)
    if not theirs:
        return _all_mended(people, before)
    places, spots = sorted({_place(finding) for finding in theirs}), sorted({_spot(finding) for finding in theirs})
    given = people.facts.said if people.facts and errors else ""
    targets, faults = people.targets(words_of(people.company, CHECKED, "有错误" if errors else "有警告"))
    part = section(
        say("checked"),
        intro=_since(spots, len(theirs), before),
        items=[_item(finding.printed()) for finding in theirs[:FIRST]],
        more=_more(len(theirs), len(due) - len(theirs)),
        facts=due_lines(people.facts),
        todo=say("subject_wrong" if errors else "subject_warned"),
    )
    files = sorted((published / "校验").glob("*_校验.xlsx")) if (published / "校验").is_dir() else []
    files = files or list(getattr(result, "marked", ()))
    files += [d.pdf for d in result.documents if d.code == "VAL" and d.pdf]
    content = digest([errors, len(theirs) - errors, places, given])
    said, day = {"spots": spots, "errors": errors}, latest_day(people.facts)
    enclosed = files if errors else files[-1:]
    return NewsItem(CHECKED, CHECKED, content, targets, part, enclosed, said, faults, day=day)


def _all_mended(people: People, before: Topic) -> NewsItem:
    """Nothing is open any more: good news for those who heard of what was."""
    mended, said = len(before.said.get("spots", ())), {"spots": [], "errors": 0}
    trigger = "有错误" if before.said.get("errors") else "有警告"
    targets, faults = people.targets(words_of(people.company, CHECKED, trigger)) if mended else ([], [])
    part = section(say("checked_mended"), intro=say("checked_all_mended", count=mended), todo=say("subject_passed"))
    day = latest_day(people.facts)
    return NewsItem(CHECKED, CHECKED, digest([0, 0, [], ""]), targets, part, (), said, faults, day=day)


def _more(count: int, of_company: int) -> str:
    """What is not listed one by one."""
    rest = say("checked_more", count=count - FIRST) if count > FIRST else ""
    return rest + (say("checked_company", count=of_company) if of_company else "")


def _place(finding: Finding) -> str:
    return f"{_spot(finding)} {finding.values.get('found', '')}"


def _spot(finding: Finding) -> str:
    return f"{finding.rule.code} {finding.at.workbook or ''}/{finding.at.sheet or ''}!{finding.at.cell or ''}"


def _item(finding: Finding) -> dict[str, str]:
    return {"text": f"{_where(finding)} {finding.message()}".strip(), "remedy": finding.remedy()}


def _where(finding: Finding) -> str:
    return str(finding.at) if finding.at.workbook or finding.at.sheet else say("whole_project")


def _since(spots: Sequence[str], left: int, before: Topic) -> str:
    """What has changed since the last letter, first of all: mended, new, and all that is open now."""
    if not before.content or "spots" not in before.said:
        return ""
    old, new = set(before.said["spots"]), set(spots)
    return say("checked_since", mended=len(old - new), new=len(new - old), left=left)


# -- packs ----------------------------------------------------------------------------------------------------------


def _pack(pack: Pack, kind: str, people: People, before: Topic) -> NewsItem:
    words = words_of(people.company, kind, "生成成功") + (["接收人", "归档部门"] if kind == HANDOVER else [])
    targets, faults = people.targets(words)
    changes = _changes(pack, before)
    part = section(
        say("pack", kind=kind, version=pack.version),
        intro=say("pack_changes", before=before.said.get("pack"), count=len(changes)) if changes else "",
        items=[{"text": _change(change), "remedy": ""} for change in changes[:FIRST]],
        more=say("pack_more", count=len(changes) - FIRST) if len(changes) > FIRST else "",
        facts=_figures(people.facts) + due_lines(people.facts),
        todo=say("subject_pack", kind=kind),
    )
    files = [path for path in (pack.pdf, pack.archive) if path and path.is_file()]
    said, day = {"pack": pack.name}, _day_of(pack) or latest_day(people.facts)
    content = digest([kind, pack.content_sha256])
    return NewsItem(kind, kind, content, targets, part, files, said, faults, day=day)


def _day_of(pack: Pack) -> date | None:
    """The day that a pack bears in its name."""
    try:
        return date.fromisoformat(pack.name.rpartition("_")[2])
    except ValueError:
        return None


def _changes(pack: Pack, before: Topic) -> list[Change]:
    """Values that differ from the pack that was last mailed, one line for each cell."""
    name, folder = str(before.said.get("pack", "")), pack.folder.parent
    previous = next((path for path in (folder / name, folder / f"{name}.zip") if name and path.exists()), None)
    if previous is None:
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


def unfinished(result: Result, people: People, before: Mapping[str, Topic]) -> Iterator[NewsItem]:
    """That papers are missing by no fault of staff: to who waits for them, and to who runs the program.

    Args:
        result: with what failed, or without.
        people: of the project.
        before: what was last told, by topic.
    """
    said = str(result.failure or "")
    if not said:
        # Told anew when it comes back.
        yield from (NewsItem(kind, kind, "", (), section(kind)) for kind in (LATER, TO_MEND) if kind in before)
        return
    waiting = section(
        say("later"),
        intro=say("later_intro"),
        todo=say("subject_later"),
    )
    broken = section(
        say("broken"),
        items=[{"text": f"{result.code}:{said}", "remedy": say("broken_remedy")}],
        todo=say("subject_operator"),
    )
    targets, faults = people.targets(["提交人"])
    yield NewsItem(LATER, LATER, digest(said), targets, waiting, (), {}, faults)
    yield NewsItem(TO_MEND, TO_MEND, digest(said), people.operator(), broken)


# -- notice -------------------------------------------------------------------------------------------------------


def _notice(result: Result, people: People) -> Iterator[NewsItem]:
    """The notice of approval to the departments that it names (clause 6.2.2)."""
    notices = [document for document in result.documents if document.code == "PAN" and document.state == "记录"]
    if notices and people.entries.notify:
        targets, faults = people.targets(["通知部门"])
        part = section(
            say("notice"), intro=say("notice_intro"), facts=due_lines(people.facts), todo=say("subject_notice")
        )
        content = digest([[d.version, d.day.isoformat()] for d in notices] + [list(people.entries.notify)])
        day = max(document.day for document in notices)
        yield NewsItem(NOTICE, NOTICE, content, targets, part, _pdfs(notices), {}, faults, day=day)


def _pdfs(documents: Sequence[Document]) -> list[Path]:
    return [document.pdf for document in documents if document.pdf]
