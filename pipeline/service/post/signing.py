"""What waits for a signature: which papers, of whom, and whether they have changed since the person was asked."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.core.documents import WAITING, Document
from pipeline.core.entries import Awaited
from pipeline.core.facts import Facts
from pipeline.definitions.documents import load_documents
from pipeline.definitions.procedure import StepForm, load_procedure
from pipeline.definitions.wording import say
from pipeline.service.post.people import People
from pipeline.service.post.sections import FIRST, NewsItem, Result, digest, latest_day, section
from pipeline.workspace.outbox import Topic

SIGN = "待办签字"
_ASKS = {"countersign": "subject_countersign"}


def signers(result: Result, people: People, before: Mapping[str, Topic]) -> Iterator[NewsItem]:
    """To each person whose turn it is: the papers of the next gate; nothing before they are there to be signed.

    Args:
        result: of the newest run; the paths of its documents are those of the published files.
        people: of the project.
        before: what was last told, by topic.
    """
    step = _open_step(people.facts)
    papers = papers_of(step, result.documents) if step else []
    for number, turns in _by_person(people, papers if step else ()).items():
        mine = [paper for paper in papers if _concerns(paper, turns)]
        if step and mine:
            yield _asked(number, turns, mine, step, people, before.get(f"{SIGN}:{number}", Topic()))


def papers_of(step: StepForm, documents: Sequence[Document]) -> list[Document]:
    """Papers that wait for signatures and become records by what a step records."""
    forms = load_documents()
    found = []
    for document in documents:
        form = forms.get(document.code)
        records = form.record.split("|") if form and form.record else []
        if document.state in WAITING and any(".".join(record.split(".")[:2]) in step.sheets for record in records):
            found.append(document)
    return found


def _open_step(facts: Facts | None) -> StepForm | None:
    """The step that the project waits for."""
    gate = facts.next_gate if facts else ""
    return next((step for step in load_procedure().gates.values() if gate and step.label == gate), None)


def _by_person(people: People, papers: Sequence[Document]) -> dict[str, list[Awaited]]:
    found: dict[str, list[Awaited]] = {}
    for one in people.entries.awaited if papers else ():
        if one.emp_no and people.person(one.emp_no, ""):
            found.setdefault(one.emp_no, []).append(one)
    return found


def _concerns(paper: Document, turns: Sequence[Awaited]) -> bool:
    """Whether somebody signs a paper: of one that each department has, that of the own department."""
    return not paper.part or any(paper.part in (turn.role, turn.person) or paper.part in turn.what for turn in turns)


def _asked(
    number: str, turns: Sequence[Awaited], papers: Sequence[Document], step: StepForm, people: People, before: Topic
) -> NewsItem:
    marks = {f"{paper.code} {paper.part} {paper.version}": mark_of(paper.docx) for paper in papers}
    known: Mapping[str, str] = before.said.get("papers", {})
    changed = [
        paper.title for paper, (name, mark) in zip(papers, marks.items(), strict=True) if _other(known, name, mark)
    ]
    wanted = list(dict.fromkeys(f"{one.what}（{one.role}）" for one in turns))
    part = section(
        say("sign"),
        intro=say("sign_changed", papers="、".join(f"《{title}》" for title in dict.fromkeys(changed)))
        if changed
        else say("sign_intro", gate=step.title),
        items=[{"text": text, "remedy": ""} for text in wanted[:FIRST]],
        more=say("sign_more"),
        todo=say(_ASKS.get(step.key, "subject_decide" if step.decides else "subject_sign")),
    )
    targets, faults = people.targets([number])
    content = digest([sorted(wanted), sorted(marks.items())])
    files = [paper.pdf or paper.docx for paper in papers]
    day = latest_day(people.facts)
    said = {"papers": marks}
    return NewsItem(SIGN, f"{SIGN}:{number}", content, targets, part, files, said, faults, links=files, day=day)


def _other(known: Mapping[str, str], name: str, mark: str) -> bool:
    return name in known and known[name] != mark


def mark_of(docx: Path) -> str:
    """What a paper says, as a hash: another one when its text, tables or headers differ; a file that is gone has none.

    When it was made stands in other parts of the file, which do not count.
    """
    try:
        with zipfile.ZipFile(docx) as package:
            parts = sorted((one.filename, one.CRC) for one in package.infolist() if one.filename.startswith("word/"))
        return digest(parts)
    except zipfile.BadZipFile:
        return hashlib.sha256(docx.read_bytes()).hexdigest()
    except OSError:
        return ""
