"""Sending: what is due goes out once; what goes wrong is written down, waits, and is said."""

from __future__ import annotations

import email
import email.policy
import fcntl
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.core.errors import DefinitionError
from pipeline.core.mail import MailState
from pipeline.deliver.mail.delivery import Fate, Outcome
from pipeline.service.post.sending import LOCK, back_off, server_of
from pipeline.settings import Settings
from pipeline.workspace import outbox
from pipeline.workspace.ledger import open_ledger, transaction
from tests.cases import ROOT
from tests.service.posting import START, Post, impatient
from tests.smtp_server import PASSWORD, Running, smtp_server

PM, SALES = "lza@lanyu.example", "xzx@lanyu.example"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    with smtp_server(tmp_path) as running:
        yield Post(tmp_path / "ws", running)


def on_the_wire(running: Running) -> list[list[str]]:
    return [taken.recipients for taken in running.taken]


def test_each_letter_goes_to_its_one_recipient_once(post: Post) -> None:
    for to in (PM, SALES):
        post.write(to)
    assert post.send_due().count(MailState.SENT) == 2
    assert post.send_due().states == {}
    assert on_the_wire(post.running) == [[PM], [SALES]]
    message = email.message_from_bytes(post.running.taken[0].content, policy=email.policy.default)
    assert message["To"] == PM
    assert message["Message-ID"] == outbox.letters(post.ledger)[0].message_id


def test_one_that_is_refused_does_not_stop_the_others(post: Post) -> None:
    post.running.faults[f"RCPT {PM}"] = "550 no such user"
    for to in (PM, SALES):
        post.write(to)
    report = post.send_due()
    assert post.states() == ["failed", "sent"]
    assert report.problems == ["邮件 1:失败。550 no such user"]


def test_refused_for_now_waits_longer_each_time_and_fails_after_five_days(post: Post) -> None:
    post.write(PM)
    waits = []
    for _ in range(6):
        post.send_due(lambda *_: Outcome({PM: Fate.LATER}, {PM: "450 grey"}))
        mail = outbox.letters(post.ledger)[0]
        waits.append((mail.due_at - post.clock()).total_seconds())
        post.clock.at = max(mail.due_at, post.clock())
    assert waits == [300, 600, 1200, 2400, 4000, 4000]
    post.clock.forward(days=5)
    post.send_due()
    assert post.states() == ["failed"]
    assert post.running.taken == []


def test_a_server_that_cannot_be_used_is_left_alone_for_a_while(post: Post) -> None:
    post.running.faults["AUTH"] = "535 wrong password"
    for number in range(3):
        post.write(PM, f"信{number}")
    assert post.send_due().trouble.startswith("登录:535")
    assert post.send_due().trouble == ""
    assert post.running.calls["AUTH"] <= 2, "three letters are no three wrong logins (smtplib tries two ways)"
    post.running.faults.clear()
    post.clock.forward(seconds=301)
    post.send_due()
    assert post.states() == ["sent"] * 3


def test_lost_after_data_is_unsure_and_never_sent_alone(post: Post) -> None:
    post.running.faults["CONTENT"] = "keep+drop"
    post.write(PM)
    report = post.send_due()
    post.running.faults.clear()
    post.clock.forward(days=30)
    post.send_due()
    assert post.states() == ["unsure"]
    assert report.problems[0].startswith("邮件 1:不确定。")
    assert len(post.running.taken) == 1


def test_rate_and_daily_cap(post: Post) -> None:
    post.changes = {"mail_per_minute": 2, "mail_daily_cap": 3}
    for number in range(5):
        post.write(PM, f"信{number}")
    counts = []
    for _ in range(3):
        counts.append(post.send_due().count(MailState.SENT))
        post.clock.forward(minutes=2)
    post.clock.at = START + timedelta(hours=23, minutes=59)
    assert [*counts, post.send_due().count(MailState.SENT)] == [2, 1, 0, 0]
    post.clock.at = START + timedelta(days=1)
    assert post.send_due().count(MailState.SENT) == 2  # the two of the first minute count no more, the third does


def test_a_minute_counts_sixty_seconds(post: Post) -> None:
    post.changes = {"mail_per_minute": 1, "mail_daily_cap": 100}
    for number in range(3):
        post.write(PM, f"信{number}")
    counts = []
    for second in (0, 59, 60):
        post.clock.at = START + timedelta(seconds=second)
        counts.append(post.send_due().count(MailState.SENT))
    assert counts == [1, 0, 1]


@pytest.mark.parametrize(
    ("sizes", "server", "company", "messages"),
    [
        ((1000,), 33_000_000, 15_000_000, [1]),
        ((400_000, 400_000), 0, 700_000, [1, 1]),  # the company's limit: two parts
        ((400_000, 400_000), 700_000, 15_000_000, [1, 1]),  # the server's
        ((7_900_000,), 0, 15_000_000, [0]),  # over Postfix's usual 10,240,000: path only
        ((900_000, 1000), 700_000, 15_000_000, [1]),  # what fits goes, the other is named
        ((400_000,) * 5, 700_000, 15_000_000, [1, 1, 1]),  # three parts at most, the rest is named
    ],
)
def test_size(tmp_path: Path, sizes: tuple[int, ...], server: int, company: int, messages: list[int]) -> None:
    with smtp_server(tmp_path, size=server) as running:
        post = Post(tmp_path / "ws", running)
        post.write(PM, sizes=sizes, limit=company)
        report = post.send_due()
        assert report.clean
        assert set(post.states()) == {"sent"}
        parsed = [email.message_from_bytes(t.content, policy=email.policy.default) for t in running.taken]
        assert [len(list(one.iter_attachments())) for one in parsed] == messages
        assert all(len(t.content) <= min(company, server or 10_240_000) for t in running.taken)
        said = "".join((one.get_body(("plain",)) or one).get_content() for one in parsed)
        left_out = len(sizes) - sum(messages)
        assert ("没有随信发送" in said) == bool(left_out)
        assert len(set(re.findall("/share/附件[0-9]", said))) == left_out
        assert ("第2封，共" in "".join(one["Subject"] for one in parsed)) == (len(messages) > 1)


def test_too_large_after_all_is_made_smaller_and_not_sent_twice(post: Post) -> None:
    post.running.faults["CONTENT"] = "552 5.3.4 too big for us"
    post.write(PM, sizes=(300_000,))
    post.send_due(_healing(post))
    assert set(post.states()) == {"sent"}
    assert [b"filename*" in taken.content for taken in post.running.taken] == [False]


def _healing(post: Post):
    """A server that takes what has no enclosures."""

    def send(message, envelope, server, begin):
        if b"filename*" not in message:
            post.running.faults.clear()
        return impatient(post.running, message, envelope, server, begin)

    return send


def test_an_enclosure_that_is_gone_or_spoilt_is_said(post: Post) -> None:
    for number, spoil in enumerate((lambda p: p.unlink(), lambda p: p.write_bytes(b"other"))):
        post.write(PM, f"信{number}", sizes=(10 + number,))
        spoil(next(path for path in post.files.folder.glob("*/*") if path.stat().st_size == 10 + number))
    assert [text.partition("。")[2] for text in post.send_due().problems] == [
        "附件 附件0.pdf 不在发件箱里了(No such file or directory)",
        "附件 附件0.pdf 在发件箱里损坏了",
    ]
    assert post.running.taken == []


def test_files_go_when_their_letter_has_gone(post: Post) -> None:
    post.write(PM, sizes=(10,))
    (kept,) = post.files.folder.glob("*/*")
    post.send_due()
    assert kept.exists(), "young ones stay: another letter may be about to name them"
    os.utime(kept, (0, 0))
    post.send_due()
    assert not kept.exists()


def test_one_pump_at_a_time(post: Post) -> None:
    post.write(PM)
    with (post.folder / LOCK).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert post.send_due().busy
    assert post.states() == ["queued"]


def test_what_a_person_takes_back_meanwhile_is_not_sent(post: Post) -> None:
    mail = post.write(PM)

    def take_back() -> None:
        with transaction(open_ledger(post.folder)) as theirs:
            assert outbox.move(theirs, mail, MailState.CANCELLED, post.clock(), "取消")

    post.running.faults["RCPT"] = take_back
    post.send_due()
    assert (post.states(), post.running.taken) == (["cancelled"], [])


def test_password_from_file_or_environment(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from file\n", encoding="utf-8")
    named = Settings(mail_host="localhost", mail_password="from env", mail_password_file=str(tmp_path / "secret"))
    assert server_of(named).password == "from file"
    assert server_of(Settings(mail_host="localhost", mail_password="from env")).password == "from env"
    assert "from env" not in repr(named)
    with pytest.raises(DefinitionError, match="mail_password_file"):
        server_of(Settings(mail_host="localhost", mail_password_file=str(tmp_path / "none")))
    with pytest.raises(DefinitionError, match="mail_host"):
        server_of(Settings())


def test_back_off_is_bounded() -> None:
    assert [back_off(n).total_seconds() for n in (1, 2, 5, 1000)] == [300, 600, 4000, 4000]


# -- killed at every step -------------------------------------------------------------------------------------------

CHILD = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from pipeline.deliver.mail.delivery import Fate, Outcome
from pipeline.service.post.sending import send_due
from pipeline.settings import Settings
from pipeline.workspace.ledger import open_ledger
folder, port, ca = sys.argv[1:4]
settings = Settings(mail_host="localhost", mail_port=int(port), mail_user="presales", mail_password=sys.argv[4],
                    mail_from="presales@lanyu.example", mail_ca_file=ca)
send_due(open_ledger(Path(folder)), settings, lambda: datetime.fromisoformat(sys.argv[5]))
"""
# Killed while the server is at a stage; what the outbox says afterwards, and how often the letter was taken in the end.
STEPS = [
    ("CONNECT", "sent", 1),
    ("EHLO", "sent", 1),
    ("STARTTLS", "sent", 1),
    ("AUTH", "sent", 1),
    ("MAIL", "sent", 1),
    ("RCPT", "sent", 1),
    ("DATA", "unsure", 0),
    ("CONTENT", "unsure", 1),
]


@pytest.mark.parametrize(("stage", "state", "taken"), STEPS)
def test_killed_while_sending(post: Post, stage: str, state: str, taken: int) -> None:
    post.write(PM, sizes=(1000,))
    child: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        child[0].send_signal(signal.SIGKILL)
        child[0].wait()

    post.running.faults[stage] = kill
    words = [str(post.folder), str(post.running.port), post.running.ca_file, PASSWORD, post.clock().isoformat()]
    child.append(subprocess.Popen([sys.executable, "-c", CHILD, *words], cwd=ROOT))
    assert child[0].wait(20) == -signal.SIGKILL
    post.running.faults.clear()
    report = post.send_due()
    post.clock.forward(days=1)
    post.send_due()
    assert post.states() == [state]
    assert len(post.running.taken) == taken
    assert (report.count(MailState.UNSURE) == 1) == (state == "unsure"), "what is not known is said"
    assert on_the_wire(post.running) == [[PM]] * taken
