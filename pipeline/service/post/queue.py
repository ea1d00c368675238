"""News into the outbox: of a project, of workbook 00, of the day. What was told already is not told again."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding
from pipeline.core.mail import MailState, printable
from pipeline.definitions.wording import say
from pipeline.service.post.desk import Desk, reason
from pipeline.service.post.news import due_findings, news_of, of_the_company, unfinished
from pipeline.service.post.people import People, Target, keepers, words_of
from pipeline.service.post.receipts import RECEIPT, Arrivals
from pipeline.service.post.sections import NewsItem, Result, counts, digest, section
from pipeline.service.post.sending import state_word
from pipeline.service.post.shares import link, shown_path
from pipeline.service.runs.dependence import MASTER, shared_inputs
from pipeline.settings import Settings
from pipeline.workspace import outbox
from pipeline.workspace.ledger import transaction
from pipeline.workspace.outbox import News, Section, Topic, notice_key

LOG = logging.getLogger("presales.mail")
DAILY, COMPANY = "批次日报", "公司基础资料"


@dataclass(frozen=True)
class Asked:
    """What a call is told besides the result.

    Attributes:
        senders: employee numbers of who handed in the newest files.
        arrivals: inputs of the project, for the receipt.
        since: what happened before this day is history, of which nobody is told; None: nothing is.
        now: UTC; None asks the machine.
    """

    senders: tuple[str, ...] = ()
    arrivals: Arrivals = field(default_factory=Arrivals)
    since: date | None = None
    now: datetime | None = None


def queue_project(
    ledger: sqlite3.Connection,
    result: Result,
    company: Company,
    settings: Settings,
    published: Path,
    asked: Asked = Asked(),
) -> int:
    """Put what is new about a project into the outbox, all or nothing.

    A topic whose content is as it was told is left alone. So is one that only the program, a template or a setting
    has changed while staff gave nothing new, and what happened before `since`.

    Args:
        ledger: of the workspace.
        result: of the newest run; paths are those of the published files.
        company: workbook 00.
        settings: of mail.
        published: the project's folder for people.
        asked: senders, inputs, time.

    Returns:
        How many letters were made or joined.
    """
    before = _topics(ledger, result.code)
    senders = asked.arrivals.senders(before.get(RECEIPT, Topic())) or asked.senders
    people = People(company, settings, result.facts, tuple(senders))
    items = list(news_of(result, people, published, before, asked.arrivals))
    return _queue(
        Desk(ledger, company, settings, asked.now or datetime.now(UTC)), result, items, published, asked.since
    )


def queue_failure(desk: Desk, result: Result, senders: Sequence[str], published: Path) -> int:
    """Tell that a project could not be run at all: who handed in, and who runs the program; once for each failure.

    Args:
        desk: at which it is written.
        result: with its failure, else as it is known from before.
        senders: employee numbers of who handed in the newest files.
        published: the project's folder for people.

    Returns:
        How many letters were made or joined.
    """
    people = People(desk.company, desk.settings, result.facts, tuple(senders))
    items = list(unfinished(result, people, _topics(desk.ledger, result.code)))
    return _queue(desk, result, items, published, None)


def _topics(ledger: sqlite3.Connection, code: str) -> dict[str, Topic]:
    rows = ledger.execute("SELECT topic FROM mail_topics WHERE project=?", (code,))
    return {row[0]: outbox.topic(ledger, code, row[0]) for row in rows.fetchall()}


def _queue(desk: Desk, result: Result, items: Sequence[NewsItem], published: Path, since: date | None) -> int:
    """Remember what each item says, and write what is news of it, as one step."""
    ledger, company, settings = desk.ledger, desk.company, desk.settings
    before = _topics(ledger, result.code)
    inputs, program = _inputs(result.facts, company), _program(company, settings)
    topics = {item.topic: _topic(item, before.get(item.topic, Topic()), inputs, program) for item in items}
    fresh = [item for item in items if _news(_known(item, before), topics[item.topic], item, since)]
    secret = bool(result.facts and result.facts.entries.secret)
    kept = {} if secret else _kept(desk, fresh, published)
    parts = {item.topic: _shown(item, kept, published, settings, secret=secret) for item in fresh}
    with transaction(ledger):
        for item in items:
            outbox.tell(ledger, result.code, item.topic, topics[item.topic])
        made = _company_matters(desk, result)
        for target, mine in _by_person(fresh):
            notices = {item.kind: (_key(item, topics[item.topic], target), parts[item.topic]) for item in mine}
            head = _head(result, published, settings, target, secret=secret)
            made += desk.put(News(target.address, target.who, result.code, notices, target.held), head)
    for fault in dict.fromkeys(fault for item in fresh for fault in item.faults):
        LOG.warning("%s 没有收件人:%s", result.code, fault)
    return made


def _known(item: NewsItem, before: Mapping[str, Topic]) -> Topic:
    """What was told of a topic; a project that was told of before there were receipts has had its own."""
    if item.kind == RECEIPT and RECEIPT not in before:
        return before.get("校验报告", Topic())
    return before.get(item.topic, Topic())


def _inputs(facts: Facts | None, company: Company) -> str:
    master = [[{k: c.shown or str(c.value) for k, c in r.cells.items()} for r in s.records()]
              for s in company.book.sheets.values()]  # fmt: skip
    return digest([facts.said if facts else "", master])


def _program(company: Company, settings: Settings) -> str:
    shared = shared_inputs(company.book.path, {"lang": settings.lang})
    return digest({name: value for name, value in shared.items() if name != MASTER})


def _topic(item: NewsItem, before: Topic, inputs: str, program: str) -> Topic:
    turn = before.turn + (item.content != before.content)
    return Topic(item.content, inputs, program, turn, item.said)


def _news(before: Topic, now: Topic, item: NewsItem, since: date | None) -> bool:
    by_us = before.content and before.inputs == now.inputs and before.program != now.program
    history = bool(since and item.day and item.day < since)
    return bool(item.targets) and before.content != now.content and not by_us and not history


def _kept(desk: Desk, items: Iterable[NewsItem], published: Path) -> dict[Path, dict[str, Any]]:
    """Enclosures of the news, durable before any letter names them."""
    paths = dict.fromkeys(path for item in items for path in item.files)
    found = {}
    for path in paths:
        if path.is_file():
            shown = shown_path(path, published.parent, desk.settings)
            found[path] = asdict(desk.files.keep(path.read_bytes(), path.name, shown))
    return found


def _by_person(items: Iterable[NewsItem]) -> Iterable[tuple[Target, list[NewsItem]]]:
    grouped: dict[str, tuple[Target, list[NewsItem]]] = {}
    for item in items:
        for target in item.targets:
            grouped.setdefault(target.address, (target, []))[1].append(item)
    return grouped.values()


def _key(item: NewsItem, topic: Topic, target: Target) -> str:
    return notice_key(item.content, target.address, item.topic, topic.turn)


def _shown(
    item: NewsItem, kept: Mapping[Path, dict[str, Any]], published: Path, settings: Settings, *, secret: bool
) -> Section:
    """The section with its files and their links; of a secret project the links alone."""
    root = published.parent
    paths = [(shown_path(path, root, settings), link(path, root, settings)) for path in item.links]
    links = [{"text": say("link", path=path), "remedy": "", "link": address} for path, address in paths]
    if secret:
        return section(item.kind, intro=say("secret"), items=links, todo=item.section["todo"])
    files = [kept[path] for path in item.files if path in kept]
    return {**item.section, "items": [*item.section["items"], *links], "files": files}


def _head(result: Result, published: Path, settings: Settings, target: Target, *, secret: bool) -> dict[str, str]:
    errors, warnings = counts(result)
    verdict = say("wrong" if errors else "warned" if warnings else "passed")
    name = result.code if secret else f"{result.code} {result.name}"
    return {
        "title": printable(say("title", project=name, verdict=verdict, errors=errors, warnings=warnings)),
        "folder": shown_path(published, published.parent, settings),
        "link": link(published, published.parent, settings),
        "reason": reason(target),
    }


# -- workbook 00 ----------------------------------------------------------------------------------------------------


def _company_matters(desk: Desk, result: Result) -> int:
    """What must be mended in workbook 00, to its owner alone; once, whichever projects meet it."""
    found = [finding for finding in due_findings(result) if of_the_company(finding, desk.company)]
    people = People(desk.company, desk.settings)
    targets, _ = people.targets(keepers(desk.settings)) if found else ([], [])
    made = 0
    for target in targets:
        keys = {notice_key(_matter(one), target.address, COMPANY, 0): one for one in found}
        notices = {f"{COMPANY} {key[:8]}": (key, _mend(one, result.code)) for key, one in keys.items()}
        head = {"title": say("company_title"), "folder": "", "link": "", "reason": reason(target)}
        made += desk.put(News(target.address, target.who, COMPANY, notices, target.held), head)
    return made


def _matter(finding: Finding) -> str:
    """What makes it another matter than one that was told; the cell of a project is no part of that."""
    cell = str(finding.at) if not finding.rule.of_company else ""
    return digest([finding.rule.code, cell, finding.message()])


def _mend(finding: Finding, code: str) -> Section:
    item = {"text": finding.message(), "remedy": finding.remedy()}
    place = finding.rule.code if finding.rule.of_company else str(finding.at)
    more = say("company_more", code=code)
    return section(say("company", place=place), items=[item], more=more, todo=say("subject_company"))


# -- the day --------------------------------------------------------------------------------------------------------


def queue_digest(
    ledger: sqlite3.Connection,
    reports: Sequence[Path],
    lines: Sequence[str],
    company: Company,
    settings: Settings,
    day: date,
    now: datetime | None = None,
) -> int:
    """The daily digest with the batch report, once a day for each person; letters that need somebody stand in it.

    Args:
        ledger: of the workspace.
        reports: files that go along.
        lines: the day in a few sentences.
        company: workbook 00.
        settings: of mail.
        day: day of the report.
        now: UTC; None asks the machine.
    """
    desk = Desk(ledger, company, settings, now or datetime.now(UTC))
    people = People(company, settings)
    targets, _ = people.targets(
        [*words_of(company, DAILY, "每日"), *([settings.mail_pmo] if settings.mail_pmo else [])]
    )
    files = [asdict(desk.files.keep(path.read_bytes(), path.name)) for path in reports if path.is_file()]
    listed = [{"text": line, "remedy": ""} for line in lines]
    report = section(say("daily"), items=listed, todo=say("subject_daily")) | {"files": files}
    needing = [m for m in outbox.letters(ledger) if m.state in (MailState.UNSURE, MailState.FAILED, MailState.HELD)]
    post = section(say("mail"), intro=say("mail_needing", count=len(needing)) if needing else say("mail_fine"))
    post["items"] = [{"text": f"{m.id} {state_word(m.state)} {m.who} {m.said}", "remedy": ""} for m in needing[:10]]
    made = 0
    with transaction(ledger):
        for target in targets:
            key = notice_key(day.isoformat(), target.address, DAILY, 0)
            news = News(
                target.address, target.who, "", {DAILY: (key, report), "邮件": (f"{key}-post", post)}, target.held
            )
            head = {"title": say("daily_title", day=day), "folder": "", "link": "", "reason": reason(target)}
            made += desk.put(news, head)
    return made
