"""News into the outbox: of a project, of files that went back, of the day. What was told already is not told again."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from pipeline.core.company import Company
from pipeline.core.errors import DefinitionError
from pipeline.core.facts import Facts
from pipeline.core.mail import Enclosure, Letter, MailState, printable
from pipeline.definitions.letters import say
from pipeline.deliver.mail.delivery import DEFAULT_LIMIT
from pipeline.deliver.mail.letter import compose
from pipeline.service.post.files import Files
from pipeline.service.post.news import FIRST, NewsItem, Result, counts, digest, news_of, section
from pipeline.service.post.people import PMO, People, Target, words_of
from pipeline.service.post.sending import SendingReport, send_due, state_word
from pipeline.service.runs.dependence import MASTER, shared_inputs
from pipeline.settings import Settings
from pipeline.workspace import doubts, outbox, refusals
from pipeline.workspace.doubts import Doubt
from pipeline.workspace.ledger import transaction
from pipeline.workspace.outbox import News, Section, Topic, notice_key
from pipeline.workspace.refusals import ReturnedFile

__all__ = ["SendingReport", "queue_digest", "queue_doubts", "queue_project", "queue_refusals", "send_due"]
LOG = logging.getLogger("presales.mail")
SECRET = "秘密"  # noqa: S105 a degree of secrecy
RETURNED, HELD, DAILY = "退回", "待确认", "批次日报"
_MB = 1_000_000
_FIRST = ("运行失败", "文件稍后", "校验报告", "待办签字", "立项批准通知", "计划包", "评审包", "移交包")


@dataclass(frozen=True)
class _Desk:
    """What every letter of one call shares."""

    ledger: sqlite3.Connection
    company: Company
    settings: Settings
    now: datetime

    @property
    def files(self) -> Files:
        return Files(outbox.folder_of(self.ledger))

    @property
    def limit(self) -> int:
        """Largest message that the company wants, in bytes."""
        try:
            return int(self.company.parameter("mail_max_mb", self.now.date()) * _MB)
        except DefinitionError:
            return DEFAULT_LIMIT

    def put(self, news: News, head: Mapping[str, str]) -> int:
        """Put news for one person into the outbox; returns how many letters were made or joined (0 or 1)."""

        def write(sections: Mapping[str, Section]) -> Letter:
            ordered = [sections[kind] for kind in sorted(sections, key=_order)]
            enclosures = [Enclosure(**one) for one in _once(ordered)]
            bodies = [{key: value for key, value in one.items() if key != "files"} for one in ordered]
            return compose({**head, "sections": bodies}, enclosures, self.limit)

        domain = self.settings.mail_from.rpartition("@")[2]
        quiet = timedelta(seconds=self.settings.mail_quiet_s)
        return int(outbox.put(self.ledger, news, write, self.now, quiet, domain) is not None)


def _order(kind: str) -> tuple[int, str]:
    return (_FIRST.index(kind) if kind in _FIRST else len(_FIRST), kind)


def _once(sections: Sequence[Section]) -> list[dict[str, Any]]:
    """Files of all sections, each once; archives last, because what does not fit stays on the share."""
    files = {one["sha256"]: one for part in sections for one in part.get("files", ())}.values()
    return sorted(files, key=lambda one: one["name"].endswith(".zip"))


def queue_project(
    ledger: sqlite3.Connection,
    result: Result,
    company: Company,
    settings: Settings,
    published: Path,
    senders: Sequence[str] = (),
    now: datetime | None = None,
) -> int:
    """Put what is new about a project into the outbox, all or nothing.

    A topic whose content is as it was told is left alone. So is one that only the program, a template or a setting
    has changed while staff gave nothing new.

    Args:
        ledger: of the workspace.
        result: of the newest run; paths are those of the published files.
        company: workbook 00.
        settings: of mail.
        published: the project's folder for people.
        senders: employee numbers of who handed in the newest files.
        now: UTC; None asks the machine.

    Returns:
        How many letters were made or joined.
    """
    desk = _Desk(ledger, company, settings, now or datetime.now(UTC))
    people = People(company, settings, result.facts, tuple(senders))
    inputs, program = _inputs(result.facts, company), _program(company, settings)
    rows = ledger.execute("SELECT topic FROM mail_topics WHERE project=?", (result.code,))
    before = {row[0]: outbox.topic(ledger, result.code, row[0]) for row in rows.fetchall()}
    items = list(news_of(result, people, published, before))
    told = {item.topic: _told(item, before.get(item.topic, Topic()), inputs, program) for item in items}
    fresh = [item for item in items if _news(before.get(item.topic, Topic()), told[item.topic], item)]
    secret = bool(result.facts and result.facts.entries.secrecy == SECRET)
    kept = {} if secret else _kept(desk, fresh, published)
    with transaction(ledger):
        for item in items:
            outbox.tell(ledger, result.code, item.topic, told[item.topic])
        made = 0
        for target, mine in _by_person(fresh):
            notices = {item.kind: _notice(item, told[item.topic], target, kept, secret) for item in mine}
            head = _head(result, published, settings, target, secret=secret)
            made += desk.put(News(target.address, target.who, result.code, notices, target.held), head)
    for fault in dict.fromkeys(fault for item in fresh for fault in item.faults):
        LOG.warning("%s 没有收件人:%s", result.code, fault)
    return made


def _inputs(facts: Facts | None, company: Company) -> str:
    master = [[{k: c.shown or str(c.value) for k, c in r.cells.items()} for r in s.records()]
              for s in company.book.sheets.values()]  # fmt: skip
    return digest([facts.said if facts else "", master])


def _program(company: Company, settings: Settings) -> str:
    shared = shared_inputs(company.book.path, {"lang": settings.lang})
    return digest({name: value for name, value in shared.items() if name != MASTER})


def _told(item: NewsItem, before: Topic, inputs: str, program: str) -> Topic:
    turn = before.turn + (item.content != before.content)
    return Topic(item.content, inputs, program, turn, item.said)


def _news(before: Topic, now: Topic, item: NewsItem) -> bool:
    by_us = before.content and before.inputs == now.inputs and before.program != now.program
    return bool(item.targets) and before.content != now.content and not by_us


def _kept(desk: _Desk, items: Iterable[NewsItem], published: Path) -> dict[Path, dict[str, Any]]:
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


def _notice(
    item: NewsItem, told: Topic, target: Target, kept: Mapping[Path, dict[str, Any]], secret: bool
) -> tuple[str, Section]:
    key = notice_key(item.content, target.address, item.topic, told.turn)
    if secret:
        return key, section(item.kind, intro=say("secret"))
    return key, {**item.section, "files": [kept[path] for path in item.files if path in kept]}


def _head(result: Result, published: Path, settings: Settings, target: Target, *, secret: bool) -> dict[str, str]:
    errors, warnings = counts(result)
    verdict = say("wrong" if errors else "warned" if warnings else "passed")
    name = result.code if secret else f"{result.code} {result.name}"
    return {
        "title": printable(say("title", project=name, verdict=verdict, errors=errors, warnings=warnings)),
        "folder": shown_path(published, published.parent, settings),
        "link": link(published, published.parent, settings),
        "reason": _reason(target),
    }


def _reason(target: Target) -> str:
    return say("because_nobody_else") if target.role == PMO else say("because", who=target.who)


def shown_path(path: Path, root: Path, settings: Settings) -> str:
    """A published path as staff write it: below `mail_share` where that is set."""
    return str(_shared(path, root, settings))


def link(path: Path, root: Path, settings: Settings) -> str:
    """A published path as a link."""
    return _shared(path.absolute(), root.absolute(), settings).as_uri()


def _shared(path: Path, root: Path, settings: Settings) -> PureWindowsPath | PurePosixPath:
    if not settings.mail_share:
        return PurePosixPath(path)
    share = settings.mail_share
    kind = PureWindowsPath if "\\" in share or share[1:2] == ":" else PurePosixPath
    return kind(share, *path.relative_to(root).parts)


# -- files that went back, and the day ------------------------------------------------------------------------------


def queue_refusals(
    ledger: sqlite3.Connection,
    refused: Sequence[ReturnedFile],
    company: Company,
    settings: Settings,
    now: datetime | None = None,
) -> int:
    """Tell that a file went back, and why: who filled it in, else the department, else the PMO; once, all or nothing.

    Args:
        ledger: of the workspace.
        refused: one file, or members of one zip.
        company: workbook 00.
        settings: of mail.
        now: UTC; None asks the machine.

    Returns:
        How many letters were made or joined; where there is nobody to tell, it stays to be told.
    """
    desk = _Desk(ledger, company, settings, now or datetime.now(UTC))
    people, made, first = People(company, settings), 0, refused[0]
    fillers = [one.filled_by for one in refused if people.person(one.filled_by, "")]
    targets, _ = people.targets(word for word in fillers or [first.department] if word)
    identity = [[one.department, one.claim, one.name, one.reason, one.at.isoformat()] for one in refused]
    with transaction(ledger):
        for target in targets:
            key = notice_key(digest(identity), target.address, RETURNED, 0)
            notice = {f"{RETURNED} {first.name} {key[:8]}": (key, _sent_back(refused))}
            head = {"title": say("returned_title"), "folder": "", "link": "", "reason": _reason(target)}
            made += desk.put(News(target.address, target.who, RETURNED, notice, target.held), head)
        if targets:
            refusals.told(ledger, first.claim)
    return made


def _sent_back(refused: Sequence[ReturnedFile]) -> Section:
    """One file with its reason, or members of a zip with theirs."""
    first, folder = refused[0], PurePosixPath(refused[0].target or RETURNED)
    if not first.content:
        where = str(PurePosixPath(first.department, RETURNED))
        return section(say("returned", file=first.name), intro=first.reason, more=say("returned_where", where=where))
    packed, where = first.name.partition("/")[0], str(PurePosixPath(first.department, *folder.parts[:2]))
    items = [{"text": f"{one.name.partition('/')[2]}:{one.reason}", "remedy": ""} for one in refused[:FIRST]]
    rest = say("files_more", count=len(refused) - FIRST) if len(refused) > FIRST else ""
    return section(
        say("returned_members", file=packed, count=len(refused)),
        intro=say("returned_members_intro"),
        items=items,
        more=rest + say("returned_members_where", where=where),
    )


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
    desk = _Desk(ledger, company, settings, now or datetime.now(UTC))
    people = People(company, settings)
    targets, _ = people.targets(
        [*words_of(company, DAILY, "每日"), *([settings.mail_pmo] if settings.mail_pmo else [])]
    )
    files = [asdict(desk.files.keep(path.read_bytes(), path.name)) for path in reports if path.is_file()]
    told = section(say("daily"), items=[{"text": line, "remedy": ""} for line in lines]) | {"files": files}
    needing = [m for m in outbox.letters(ledger) if m.state in (MailState.UNSURE, MailState.FAILED, MailState.HELD)]
    post = section(say("mail"), intro=say("mail_needing", count=len(needing)) if needing else say("mail_fine"))
    post["items"] = [{"text": f"{m.id} {state_word(m.state)} {m.who} {m.said}", "remedy": ""} for m in needing[:10]]
    made = 0
    with transaction(ledger):
        for target in targets:
            key = notice_key(day.isoformat(), target.address, DAILY, 0)
            news = News(
                target.address, target.who, "", {DAILY: (key, told), "邮件": (f"{key}-post", post)}, target.held
            )
            head = {"title": say("daily_title", day=day), "folder": "", "link": "", "reason": _reason(target)}
            made += desk.put(news, head)
    return made


def queue_doubts(
    ledger: sqlite3.Connection, together: Sequence[Doubt], first: People, now: datetime | None = None
) -> int:
    """Tell of files that may be another project's, or of which two came at once; once, all or nothing.

    Their senders hear of it, those of the project, and the PMO.

    Args:
        ledger: of the workspace.
        together: doubts about one project, all of one kind.
        first: the people of the project as it was.
        now: UTC; None asks the machine.

    Returns:
        How many letters were made or joined.
    """
    desk, code = _Desk(ledger, first.company, first.settings, now or datetime.now(UTC)), together[0].project
    others = People(first.company, first.settings)
    fillers = [one.given.filled_by if others.person(one.given.filled_by, "") else one.department for one in together]
    words = [word for word in dict.fromkeys([*fillers, first.settings.mail_pmo]) if word]
    targets = {one.address: one for one in [*first.targets(["提交人"])[0], *others.targets(words)[0]]}
    identity, made = digest([code, [[one.id, one.why] for one in together]]), 0
    with transaction(ledger):
        for target in targets.values():
            key = notice_key(identity, target.address, HELD, 0)
            notice = {f"{HELD} {code} {key[:8]}": (key, _doubted(code, together))}
            title = say(_ABOUT[together[0].kind][0], code=code)
            head = {"title": title, "folder": "", "link": "", "reason": _reason(target)}
            made += desk.put(News(target.address, target.who, HELD, notice, target.held), head)
        if targets:
            doubts.told(ledger, together)
    return made


# By what became of the files: title of the letter, heading, what happened, what to do.
_ABOUT = {
    "doubted": ("doubted_title", "doubted", "doubted_intro", "doubted_more"),
    "renamed": ("renamed_title", "renamed", "renamed_intro", "renamed_more"),
    "twice": ("twice_title", "twice", "twice_intro", "twice_more"),
}


def _doubted(code: str, together: Sequence[Doubt]) -> Section:
    """What was dropped under a code, what differs, and what to do."""
    files = [{"text": f"{one.file}:{one.why}", "remedy": ""} for one in together[:FIRST]]
    rest = say("files_more", count=len(together) - FIRST) if len(together) > FIRST else ""
    _, heading, intro, more = _ABOUT[together[0].kind]
    waits = {"code": code, "where": PurePosixPath(together[0].department, HELD)} if together[0].held else {}
    return section(say(heading, code=code), intro=say(intro, code=code), items=files, more=rest + say(more, **waits))
