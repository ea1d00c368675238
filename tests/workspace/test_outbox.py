"""The outbox: told once, joined while it waits, moved only where it may go."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from pipeline.core.mail import Enclosure, Letter, MailState
from pipeline.workspace import outbox
from pipeline.workspace.ledger import open_ledger, transaction
from pipeline.workspace.outbox import NEXT, News, Section, Topic, notice_key

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
QUIET = timedelta(minutes=30)
PM = "lza@lanyu.example"


@pytest.fixture
def ledger(tmp_path: Path) -> sqlite3.Connection:
    return open_ledger(tmp_path)


def compose(sections: Mapping[str, Section]) -> Letter:
    """A letter that says what it is made of."""
    told = "、".join(f"{kind}:{section['says']}" for kind, section in sorted(sections.items()))
    return Letter(told, told, told, (Enclosure("包.pdf", "ab" * 32, 5, "/x/包.pdf"),))


def put(
    ledger: sqlite3.Connection, *told: str, at: datetime = NOW, to: str = PM, held: str = "", project: str = "P1"
) -> int | None:
    """Put news; each is `kind:content`."""
    pairs = [one.split(":") for one in told]
    notices = {kind: (notice_key(content, to, kind, 1), {"says": content}) for kind, content in pairs}
    with transaction(ledger):
        return outbox.put(ledger, News(to, "陆子昂", project, notices, held), compose, at, QUIET, "lanyu.example")


def test_the_same_news_makes_one_letter_for_ever(ledger: sqlite3.Connection) -> None:
    assert [put(ledger, "计划包:A"), put(ledger, "计划包:A"), put(ledger, "计划包:A", at=NOW + QUIET)] == [
        1,
        None,
        None,
    ]
    assert put(ledger, "计划包:A", to="other@lanyu.example") == 2


def test_the_same_words_about_two_projects_are_two_letters(ledger: sqlite3.Connection) -> None:
    """Neither swallows the other, whatever the order, and each is told once."""
    for _ in range(2):
        for project in ("P1", "P2", "P3"):
            put(ledger, "等您签字:A", project=project)
    assert [mail.project for mail in outbox.letters(ledger)] == ["P1", "P2", "P3"]
    assert len({mail.message_id for mail in outbox.letters(ledger)}) == 3


def test_later_news_joins_the_letter_that_waits(ledger: sqlite3.Connection) -> None:
    first = put(ledger, "计划包:A", "校验报告:1")
    before = outbox.letters(ledger)[0].message_id
    assert put(ledger, "校验报告:2", at=NOW + timedelta(minutes=1)) == first
    (letter,) = outbox.letters(ledger)
    assert letter.letter.subject == "校验报告:2、计划包:A"
    assert letter.message_id != before


def test_the_next_letter_waits_for_the_quiet_period(ledger: sqlite3.Connection) -> None:
    send(ledger, put(ledger, "计划包:A"))
    put(ledger, "计划包:B", at=NOW + timedelta(minutes=1))
    assert outbox.due(ledger, NOW + timedelta(minutes=29)) == []
    assert [mail.letter.subject for mail in outbox.due(ledger, NOW + QUIET)] == ["计划包:B"]


def send(ledger: sqlite3.Connection, mail: int | None) -> None:
    letter = outbox.letter_of(ledger, mail or 0)
    assert letter
    assert outbox.begin(ledger, letter, NOW)
    with transaction(ledger):
        assert outbox.move(ledger, letter.id, MailState.SENT, NOW, "250 OK")


def test_a_letter_that_changed_since_it_was_read_is_not_begun(ledger: sqlite3.Connection) -> None:
    mail = put(ledger, "计划包:A")
    read = outbox.letter_of(ledger, mail or 0)
    put(ledger, "计划包:B")
    assert read
    assert not outbox.begin(ledger, read, NOW)
    assert outbox.letters(ledger)[0].state is MailState.QUEUED


def test_what_was_being_sent_is_unsure_after_a_crash(ledger: sqlite3.Connection, tmp_path: Path) -> None:
    mail = put(ledger, "计划包:A")
    letter = outbox.letter_of(ledger, mail or 0)
    assert letter
    outbox.begin(ledger, letter, NOW)
    ledger.close()
    again = open_ledger(tmp_path)
    with transaction(again):
        assert outbox.recover(again, NOW) == [mail]
    assert outbox.letters(again)[0].state is MailState.UNSURE
    assert outbox.due(again, NOW + timedelta(days=9)) == []


def test_states_only_move_where_they_may(ledger: sqlite3.Connection) -> None:
    put(ledger, "计划包:A")
    for before, after in product(MailState, MailState):
        ledger.execute("UPDATE mail SET state=?", (before,))
        with transaction(ledger):
            assert outbox.move(ledger, 1, after, NOW) == (after in NEXT[before])
    assert {after for before in (MailState.SENT, MailState.CANCELLED) for after in NEXT[before]} == set()
    assert MailState.SENDING not in NEXT[MailState.UNSURE] | NEXT[MailState.FAILED]


def test_every_move_leaves_an_event(ledger: sqlite3.Connection) -> None:
    mail = put(ledger, "计划包:A") or 0
    send(ledger, mail)
    assert [(state, said) for _, state, said in outbox.events(ledger, mail)] == [
        (MailState.QUEUED, ""),
        (MailState.SENDING, ""),
        (MailState.SENT, "250 OK"),
    ]
    assert outbox.letters(ledger)[0].attempts == 1


def test_held_letters_wait_for_a_person(ledger: sqlite3.Connection) -> None:
    mail = put(ledger, "计划包:A", held="域名不在名单里") or 0
    assert outbox.due(ledger, NOW + timedelta(days=9)) == []
    with transaction(ledger):
        assert outbox.move(ledger, mail, MailState.QUEUED, NOW, "批准", NOW)
    assert [one.id for one in outbox.due(ledger, NOW)] == [mail]


def test_parts_follow_their_letter_and_keep_its_recipient(ledger: sqlite3.Connection) -> None:
    put(ledger, "计划包:A")
    (mail,) = outbox.letters(ledger)
    with transaction(ledger):
        outbox.split(ledger, mail, [Letter("1", "1", "1"), Letter("2", "2", "2")], NOW)
    first, second = outbox.letters(ledger)
    assert [(one.letter.subject, one.recipient, one.part_of) for one in (first, second)] == [
        ("1", PM, None),
        ("2", PM, 1),
    ]
    assert put(ledger, "计划包:B") == 3, "news does not join what was made several"


def test_files_are_needed_until_the_letter_has_gone(ledger: sqlite3.Connection) -> None:
    mail = put(ledger, "计划包:A")
    assert outbox.kept_files(ledger) == {"ab" * 32}
    send(ledger, mail)
    assert outbox.kept_files(ledger) == set()


def test_topics_are_remembered(ledger: sqlite3.Connection) -> None:
    assert outbox.topic(ledger, "P1", "计划包") == Topic()
    told = Topic("content", "inputs", "program", 2, {"places": ["K12"]})
    with transaction(ledger):
        outbox.tell(ledger, "P1", "计划包", told)
    assert outbox.topic(ledger, "P1", "计划包") == told


def test_two_processes_put_the_same_news_once(tmp_path: Path) -> None:
    one, other = open_ledger(tmp_path), open_ledger(tmp_path)
    assert [put(one, "计划包:A"), put(other, "计划包:A"), put(one, "计划包:A")] == [1, None, None]


def test_what_nobody_got_is_told_again_to_who_has_not_heard_of_it(tmp_path: Path) -> None:
    ledger, letter = open_ledger(tmp_path), Letter("题", "文", "<p>文</p>")

    def tell(*people: str) -> list[str]:
        """As a run does: the topic, then a notice for each."""
        before = outbox.topic(ledger, "P", "校验报告")
        turn = before.turn + (before.content != "same")
        made = []
        with transaction(ledger):
            outbox.tell(ledger, "P", "校验报告", outbox.Topic("same", turn=turn))
            for one in people if before.content != "same" else ():
                key = outbox.notice_key("same", one, "校验报告", turn)
                news = outbox.News(one, one, "P", {"校验报告": (key, {"items": []})})
                if outbox.put(ledger, news, lambda _: letter, NOW, timedelta(0), "x.example"):
                    made.append(one)
        return made

    assert tell("a@x.example", "b@x.example") == ["a@x.example", "b@x.example"]
    assert tell("b@x.example", "c@x.example") == []
    (gone,) = (mail for mail in outbox.letters(ledger) if mail.recipient == "a@x.example")
    with transaction(ledger):
        outbox.cancel(ledger, gone.id, NOW, "收件人已离职")
        outbox.untell(ledger, gone.id)
    assert tell("b@x.example", "c@x.example") == ["c@x.example"]
    ledger.close()
