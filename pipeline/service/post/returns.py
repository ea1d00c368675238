"""Letters about files that were not simply taken in: sent back, held for somebody to decide, two for one place."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from pipeline.core.company import Company
from pipeline.core.mail import printable
from pipeline.definitions.wording import say
from pipeline.service.post.desk import Desk, reason
from pipeline.service.post.people import People
from pipeline.service.post.sections import FIRST, digest, section
from pipeline.service.post.shares import link, shown_path
from pipeline.settings import Settings
from pipeline.workspace import doubts, outbox, refusals
from pipeline.workspace.doubts import Doubt
from pipeline.workspace.inputs import Current
from pipeline.workspace.ledger import transaction
from pipeline.workspace.outbox import Mail, News, Section, Topic, notice_key
from pipeline.workspace.refusals import ReturnedFile

RETURNED, HELD, STUCK, STARTED = "退回", "待确认", "收不下", "立项登记"
_TITLES = {RETURNED: "returned_title", STUCK: "stuck_title"}  # of letters that belong to no project


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
    desk = Desk(ledger, company, settings, now or datetime.now(UTC))
    people, made, first = People(company, settings), 0, refused[0]
    fillers = [one.filled_by for one in refused if people.person(one.filled_by, "")]
    targets, _ = people.targets(word for word in fillers or [first.department] if word)
    identity = [[one.department, one.claim, one.name, one.reason, one.at.isoformat()] for one in refused]
    with transaction(ledger):
        for target in targets:
            key = notice_key(digest(identity), target.address, RETURNED, 0)
            notice = {f"{RETURNED} {first.name} {key[:8]}": (key, _sent_back(refused))}
            head = {"title": say("returned_title"), "folder": "", "link": "", "reason": reason(target)}
            made += desk.put(News(target.address, target.who, RETURNED, notice, target.held), head)
        if targets:
            refusals.told(ledger, first.claim)
    return made


def pass_on(desk: Desk, mail: Mail) -> int:
    """Tell the department of somebody who has left, else the PMO, of a file for which no later run speaks.

    Args:
        desk: at which it is written, in the caller's transaction.
        mail: on its way to who has left.

    Returns:
        How many letters were made or joined.
    """
    title, people, made = _TITLES.get(mail.project), People(desk.company, desk.settings), 0
    if title is None:
        return 0
    left = [person.dept for person in desk.company.persons.values() if person.email.lower() == mail.recipient.lower()]
    for target in people.targets(desk.company.departments[code].name for code in left)[0]:
        head = {"title": say(title), "folder": "", "link": "", "reason": reason(target)}
        notices = outbox.notices(desk.ledger, mail.id)
        told = {kind: (notice_key(key, target.address, kind, 0), part) for kind, (key, part) in notices.items()}
        made += desk.put(News(target.address, target.who, mail.project, told, target.held), head)
    return made


def queue_stuck(desk: Desk, path: str, why: str, since: datetime) -> int:
    """Tell of a file that nobody but its owner can move or read: the department in whose box it lies, else the PMO.

    Args:
        desk: at which it is written.
        path: below the inbox.
        why: it was not taken.
        since: UTC; with the path it says which case this is, so that each is told once.

    Returns:
        How many letters were made or joined.
    """
    people, box = People(desk.company, desk.settings), PurePosixPath(path).parts[0]
    targets, _ = people.targets([box] if desk.company.department_named(box) else [])
    part = section(
        say("stuck", file=PurePosixPath(path).name),
        intro=why,
        more=say("stuck_where", path=path),
        todo=say("subject_operator"),
    )
    made = 0
    with transaction(desk.ledger):
        for target in targets:
            key = notice_key(digest([path, since.isoformat()]), target.address, STUCK, 0)
            head = {"title": say("stuck_title"), "folder": "", "link": "", "reason": reason(target)}
            news = News(target.address, target.who, STUCK, {f"{STUCK} {key[:8]}": (key, part)}, target.held)
            made += desk.put(news, head)
    return made


def queue_started(desk: Desk, entry: Current, folder: Path) -> int:
    """Tell the sales representative that a registered project has its blank workbooks; once for each registration.

    Args:
        desk: at which it is written.
        entry: the registration.
        folder: the project's folder for people.

    Returns:
        How many letters were made or joined.
    """
    if outbox.topic(desk.ledger, entry.project, STARTED).content == entry.sha256:
        return 0
    targets, _ = People(desk.company, desk.settings).targets([entry.filled_by])
    address, root = link(folder, folder.parent, desk.settings), folder.parent
    part = section(say("started"), intro=say("started_intro"), todo=say("subject_started"))
    head = {"title": printable(say("started_title", code=entry.project, name=entry.project_name))}
    made = 0
    with transaction(desk.ledger):
        outbox.tell(desk.ledger, entry.project, STARTED, Topic(entry.sha256))
        for target in targets:
            key = notice_key(entry.sha256, target.address, STARTED, 0)
            shown = {
                **head,
                "folder": shown_path(folder, root, desk.settings),
                "link": address,
                "reason": reason(target),
            }
            news = News(target.address, target.who, entry.project, {STARTED: (key, part)}, target.held)
            made += desk.put(news, shown)
    return made


def _sent_back(refused: Sequence[ReturnedFile]) -> Section:
    """One file with its reason, or members of a zip with theirs."""
    first, folder = refused[0], PurePosixPath(refused[0].target or RETURNED)
    if not first.content:
        where = str(PurePosixPath(first.department, RETURNED))
        return section(
            say("returned", file=first.name),
            intro=first.reason,
            more=say("returned_where", where=where),
            todo=say("subject_returned"),
        )
    packed, where = first.name.partition("/")[0], str(PurePosixPath(first.department, *folder.parts[:2]))
    items = [{"text": f"{one.name.partition('/')[2]}:{one.reason}", "remedy": ""} for one in refused[:FIRST]]
    rest = say("files_more", count=len(refused) - FIRST) if len(refused) > FIRST else ""
    return section(
        say("returned_members", file=packed, count=len(refused)),
        intro=say("returned_members_intro"),
        items=items,
        more=rest + say("returned_members_where", where=where),
        todo=say("subject_returned"),
    )


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
    desk, code = Desk(ledger, first.company, first.settings, now or datetime.now(UTC)), together[0].project
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
            head = {"title": title, "folder": "", "link": "", "reason": reason(target)}
            made += desk.put(News(target.address, target.who, HELD, notice, target.held), head)
        if targets:
            doubts.told(ledger, together)
    return made


# By what became of the files: title of the letter, heading, what happened, what to do, subject.
_ABOUT = {
    "doubted": ("doubted_title", "doubted", "doubted_intro", "doubted_more", "subject_doubted"),
    "renamed": ("renamed_title", "renamed", "renamed_intro", "renamed_more", "subject_renamed"),
    "twice": ("twice_title", "twice", "twice_intro", "twice_more", "subject_twice"),
}


def _doubted(code: str, together: Sequence[Doubt]) -> Section:
    """What was dropped under a code, what differs, and what to do."""
    files = [{"text": f"{one.file}:{one.why}", "remedy": ""} for one in together[:FIRST]]
    rest = say("files_more", count=len(together) - FIRST) if len(together) > FIRST else ""
    _, heading, intro, more, subject = _ABOUT[together[0].kind]
    waits = {"code": code, "where": PurePosixPath(together[0].department, HELD)} if together[0].held else {}
    return section(
        say(heading, code=code),
        intro=say(intro, code=code),
        items=files,
        more=rest + say(more, **waits),
        todo=say(subject),
    )
