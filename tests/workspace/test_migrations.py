"""An older ledger comes up to date, and what it knows of letters stays true."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.core.mail import Letter, MailState
from pipeline.workspace import ledger as ledgers
from pipeline.workspace import outbox
from pipeline.workspace.ledger import migrations, open_ledger, transaction
from pipeline.workspace.outbox import News, Topic, notice_key

NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
SIGN = "等您签字"
PM, BOSS = "pm@lanyu.example", "boss@lanyu.example"
P1, P2 = "LY-SQ-2026-001", "LY-SQ-2026-002"


def older(folder: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> sqlite3.Connection:
    """A ledger as a program made it that knew no more than so many migrations."""
    known = {one: script for one, script in migrations().items() if one <= number}
    with monkeypatch.context() as patch:
        patch.setattr(ledgers, "migrations", lambda: known)
        return open_ledger(folder)


def sent(old: sqlite3.Connection, number: int, project: str, to: str, topic: str, content: str, turn: int = 1) -> None:
    """A letter that the older program sent, with its notice."""
    letter = json.dumps({"subject": project, "text": "", "html": "", "enclosures": [], "limit": 1000})
    values = (number, to, to, project, "sent", letter, f"<{number}@x>", *[NOW.isoformat()] * 3)
    columns = "id, recipient, who, project, state, letter, message_id, made_at, due_at, sent_at"
    old.execute(f"INSERT INTO mail({columns}) VALUES ({','.join('?' * 10)})", values)
    key = hashlib.sha256(json.dumps([content, to, topic, turn]).encode()).hexdigest()
    old.execute("INSERT INTO mail_notices VALUES (?, ?, ?, '{}')", (key, number, topic.partition(":")[0]))


@pytest.fixture
def swallowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sqlite3.Connection:
    """P1 and P2 said the same to the boss; only P1's letter was made. The project manager has had P2's own."""
    old = older(tmp_path, 5, monkeypatch)
    with transaction(old):
        sent(old, 1, P1, BOSS, f"{SIGN}:E001", "same")
        sent(old, 2, P2, PM, "校验报告", "of P2")
        sent(old, 3, P2, PM, SIGN, "same for two")
        sent(old, 4, P1, BOSS, SIGN, "same for two")
        told = [(P1, f"{SIGN}:E001", "same"), (P2, f"{SIGN}:E001", "same"), (P2, "校验报告", "of P2")]
        for project, topic, content in [*told, (P2, SIGN, "same for two")]:
            outbox.tell(old, project, topic, Topic(content, "inputs", "program", 1))
    old.close()
    return open_ledger(tmp_path)


def put(ledger: sqlite3.Connection, project: str, to: str, topic: str, content: str) -> int | None:
    """What the program of today does with a topic that says a content."""
    before = outbox.topic(ledger, project, topic)
    if before.content == content:
        return None
    key = notice_key(content, to, topic, before.turn + 1)
    with transaction(ledger):
        news = News(to, to, project, {topic: (key, {})})
        return outbox.put(ledger, news, lambda _: Letter("s", "t", "h"), NOW, timedelta(0), "lanyu.example")


def test_what_was_sent_stays_sent(swallowed: sqlite3.Connection) -> None:
    assert [mail.state for mail in outbox.letters(swallowed)] == [MailState.SENT] * 4
    assert [mail.lives_from for mail in outbox.letters(swallowed)] == [NOW] * 4
    assert put(swallowed, P1, BOSS, f"{SIGN}:E001", "same") is None
    assert put(swallowed, P2, PM, "校验报告", "of P2") is None
    assert put(swallowed, P2, PM, SIGN, "same for two") is None, "looked at again, and known"


def test_what_another_project_swallowed_goes_out_once(swallowed: sqlite3.Connection) -> None:
    assert put(swallowed, P2, BOSS, f"{SIGN}:E001", "same")
    assert put(swallowed, P2, BOSS, f"{SIGN}:E001", "same") is None
    assert put(swallowed, P2, BOSS, SIGN, "same for two")


def test_every_older_ledger_becomes_what_a_new_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def schema(ledger: sqlite3.Connection) -> list[str]:
        return sorted(str(row[0]) for row in ledger.execute("SELECT name FROM pragma_table_list WHERE schema='main'"))

    new = schema(open_ledger(tmp_path / "new"))
    for number in migrations():
        older(tmp_path / str(number), number, monkeypatch).close()
        assert schema(open_ledger(tmp_path / str(number))) == new
