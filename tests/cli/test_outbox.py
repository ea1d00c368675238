"""`presales outbox`: what a person sees of the letters, and decides."""

from __future__ import annotations

import email
import email.policy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli.outbox import outbox
from pipeline.core.errors import UsageProblem
from pipeline.core.mail import MailState
from pipeline.service.clock import Clock
from pipeline.service.post.sending import LIFETIME
from pipeline.workspace import outbox as box
from pipeline.workspace.ledger import transaction
from tests.service.posting import Post
from tests.smtp_server import PASSWORD, USER, smtp_server

PM = "lza@lanyu.example"


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    with smtp_server(tmp_path) as running:
        settings = f'mail_host="localhost"\nmail_port={running.port}\nmail_user="{USER}"\n'
        settings += f'mail_from="presales@lanyu.example"\nmail_ca_file="{running.ca_file}"\n'
        (tmp_path / "presales.toml").write_text(settings, encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("PRESALES_MAIL_PASSWORD", PASSWORD)
        written = Post(tmp_path / "ws", running)
        monkeypatch.setattr(sys.modules["pipeline.cli.outbox"], "CLOCK", Clock(now=written.clock))
        yield written


def run(post: Post, *words: object) -> Result:
    return CliRunner().invoke(outbox, [*map(str, words), "-w", str(post.folder)])


def force(post: Post, mail: int, *states: MailState) -> None:
    with transaction(post.ledger):
        for state in states:
            assert box.move(post.ledger, mail, state, post.clock(), "挂断")


def test_send_sends_and_list_and_show_say_so(post: Post) -> None:
    post.write(PM, "正文在此", sizes=(10,))
    assert run(post, "send").output == "发出 1 封（sent）。\n"
    assert len(post.running.taken) == 1
    listed = run(post, "list").output
    assert "已发出" in listed
    assert "共 1 封" in listed
    shown = run(post, "show", 1).output
    assert all(word in shown for word in (PM, "附件0.pdf", "正文在此", "发送中", "250 OK"))


def test_dry_run_writes_messages_and_sends_nothing(post: Post, tmp_path: Path) -> None:
    post.write(PM, sizes=(10,))
    assert "没有发送" in run(post, "send", "--dry-run", tmp_path / "eml").output
    (path,) = (tmp_path / "eml").iterdir()
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (str(message["To"]), path.name) == (PM, "1-1.eml")
    assert (post.running.taken, post.states()) == ([], ["queued"])


def test_a_failure_is_exit_7(post: Post) -> None:
    post.running.faults["RCPT"] = "550 unknown"
    post.write(PM)
    done = run(post, "send")
    assert done.exit_code == 7
    assert "550 unknown" in done.stderr


def test_a_person_sends_an_unsure_letter_again_with_the_same_message_id(post: Post) -> None:
    post.write(PM)
    force(post, 1, MailState.SENDING, MailState.UNSURE)
    before = box.letters(post.ledger)[0].message_id
    assert run(post, "send").output == "发出 0 封（sent）。\n"
    assert run(post, "retry", 1).exit_code == 0
    run(post, "send")
    assert before.encode() in post.running.taken[0].content


@pytest.mark.parametrize(
    ("command", "states"),
    [
        ("retry", (MailState.SENDING, MailState.UNSURE)),
        ("retry", (MailState.FAILED,)),
        ("approve", (MailState.HELD,)),
        ("send", ()),
    ],
)
def test_what_a_person_lets_go_lives_from_then_on(post: Post, command: str, states: tuple[MailState, ...]) -> None:
    post.write(PM)
    post.running.faults["RCPT"] = "450 grey"
    post.send_due()
    if states == (MailState.HELD,):
        post.ledger.execute("UPDATE mail SET state='held'")
    else:
        force(post, 1, *states)
    post.clock.forward(days=300)
    run(post, command, 1)
    for _ in range(3):
        run(post, "send")
        post.clock.forward(hours=2)
    assert post.states() == ["queued"], "put off, and tried again and again"
    post.clock.at += LIFETIME
    run(post, "send")
    assert post.states() == ["failed"]


@pytest.mark.parametrize(
    ("command", "states", "fine"),
    [
        ("retry", (MailState.FAILED,), True),
        ("retry", (), False),
        ("cancel", (), True),
        ("cancel", (MailState.SENDING, MailState.SENT), False),
        ("approve", (), False),
        ("send", (MailState.FAILED,), False),
    ],
)
def test_decisions_only_where_they_make_sense(
    post: Post, command: str, states: tuple[MailState, ...], fine: bool
) -> None:
    post.write(PM)
    force(post, 1, *states)
    done = run(post, command, 1)
    assert (done.exception is None) == fine
    assert fine or isinstance(done.exception, UsageProblem)


def test_what_is_not_there_is_said(post: Post, tmp_path: Path) -> None:
    assert isinstance(run(post, "show", 99).exception, UsageProblem)
    nowhere = CliRunner().invoke(outbox, ["list", "-w", str(tmp_path / "nowhere")])
    assert isinstance(nowhere.exception, UsageProblem)
    assert not (tmp_path / "nowhere").exists()
