"""`presales outbox`: the letters, and what a person decides about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection

import click

from pipeline.adapters.files import write_atomic
from pipeline.core.errors import ExitCode, UsageProblem
from pipeline.core.mail import MailState
from pipeline.definitions.wording import say
from pipeline.deliver.mail.letter import size_text
from pipeline.service.clock import Clock
from pipeline.service.health import local
from pipeline.service.post.files import Files
from pipeline.service.post.sending import SendingReport, as_eml, send_due, state_word
from pipeline.settings import load_settings
from pipeline.workspace import journal, signs
from pipeline.workspace import outbox as box
from pipeline.workspace.layout import Workspace
from pipeline.workspace.ledger import FILE, open_ledger, transaction
from pipeline.workspace.outbox import Mail

WORKSPACE = click.option(
    "-w", "--workspace", required=True, type=click.Path(path_type=Path), help="工作区目录(workspace folder)"
)
CLOCK = Clock()
Decision = Callable[[Connection, int, datetime, str], bool]
MAILS = click.argument("mails", nargs=-1, required=True, type=int, metavar="ID...")


@click.group()
def outbox() -> None:
    """发件箱:看、重发、取消、批准邮件(letters: list, show, retry, send, cancel, approve)."""


@outbox.command(name="list")
@WORKSPACE
@click.option("--state", type=click.Choice([str(s) for s in MailState]), default=None, help="只看一种状态(one state)")
def list_them(workspace: Path, state: str | None) -> None:
    """列出邮件:编号、状态、收件人、主题(list the letters)."""
    with _opened(workspace) as ledger:
        found = box.letters(ledger, [MailState(state)] if state else ())
    for mail in found:
        click.echo(f"{mail.id:>5}  {state_word(mail.state)}  {local(mail.made_at)}  {mail.who}  {mail.letter.subject}")
        if mail.state is MailState.QUEUED:
            due, why = local(mail.due_at), mail.said and f":{mail.said}"
            click.echo(say("outbox.queued", recipient=mail.recipient, due=due, why=why))
        if mail.state in (MailState.HELD, MailState.UNSURE, MailState.FAILED):
            click.echo(f"       {mail.recipient}:{mail.said}")
    click.echo(say("outbox.count", count=len(found)))


@outbox.command(name="show")
@click.argument("mail", type=int, metavar="ID")
@WORKSPACE
def show(mail: int, workspace: Path) -> None:
    """一封邮件的全部:收件人、附件、正文、经过(one letter in full)."""
    with _opened(workspace) as ledger:
        found, passed = _found(ledger, mail), box.events(ledger, mail)
    state, to, subject = state_word(found.state), f"{found.who} {found.recipient}", found.letter.subject
    click.echo(say("outbox.head", id=found.id, state=state, to=to, subject=subject))
    for enclosure in found.letter.enclosures:
        click.echo(say("outbox.enclosure", name=enclosure.name, size=size_text(enclosure.size)))
    for at, state, said in passed:
        click.echo(f"{local(at)} {state_word(state)} {said}".rstrip())
    click.echo(f"\n{found.letter.text}")


@outbox.command(name="send")
@click.argument("mails", nargs=-1, type=int, metavar="[ID...]")
@WORKSPACE
@click.option("--dry-run", type=click.Path(path_type=Path), default=None, help="只写 .eml 到这个目录,不发(write .eml)")
@click.pass_context
def send(ctx: click.Context, mails: tuple[int, ...], workspace: Path, dry_run: Path | None) -> None:
    """现在就发到期的邮件;写明编号的不等安静期(send what is due, the named ones at once)."""
    with _opened(workspace) as ledger:
        if dry_run is not None:
            _write(ledger, mails, dry_run)
            return
        settings = load_settings(Path.cwd())
        _decide(ledger, mails, box.release, say("outbox.send"), (MailState.QUEUED,))
        report = send_due(ledger, settings, CLOCK.now)
    _said(report)
    ctx.exit(int(ExitCode.DONE if report.clean else ExitCode.DELIVERY))


def _said(report: SendingReport) -> None:
    if report.busy:
        click.echo(say("outbox.busy"))
    click.echo(say("outbox.sent", count=report.count(MailState.SENT)))
    unusable = [say("outbox.no_server", trouble=report.trouble)] if report.trouble else []
    for problem in [*report.problems, *unusable]:
        click.echo(say("any.wrong", what=problem), err=True)


def _write(ledger: Connection, mails: Sequence[int], folder: Path) -> None:
    settings, files = load_settings(Path.cwd()), Files(box.folder_of(ledger))
    waiting = box.letters(ledger, (MailState.QUEUED, MailState.HELD))
    count = 0
    for mail in waiting:
        for number, content in enumerate(as_eml(mail, settings, files) if not mails or mail.id in mails else (), 1):
            write_atomic(folder / f"{mail.id}-{number}.eml", content)
            count += 1
    click.echo(say("outbox.written", count=count, folder=folder))


@outbox.command(name="retry")
@MAILS
@WORKSPACE
def retry(mails: tuple[int, ...], workspace: Path) -> None:
    """重发失败或不确定的邮件;不确定的请先问对方是否收到(send failed or unsure letters again)."""
    with _opened(workspace) as ledger:
        _decide(ledger, mails, box.release, say("outbox.retry"), (MailState.FAILED, MailState.UNSURE))


@outbox.command(name="cancel")
@MAILS
@WORKSPACE
def cancel(mails: tuple[int, ...], workspace: Path) -> None:
    """取消还没有发出的邮件,或结清不确定的(cancel letters)."""
    before = (MailState.HELD, MailState.QUEUED, MailState.UNSURE, MailState.FAILED)
    with _opened(workspace) as ledger:
        _decide(ledger, mails, box.cancel, say("outbox.cancel"), before)


@outbox.command(name="approve")
@MAILS
@WORKSPACE
def approve(mails: tuple[int, ...], workspace: Path) -> None:
    """批准寄往名单以外域名的邮件(let letters to other domains go)."""
    with _opened(workspace) as ledger:
        _decide(ledger, mails, box.release, say("outbox.approve"), (MailState.HELD,))


@outbox.command(name="release")
@WORKSPACE
def release(workspace: Path) -> None:
    """恢复备份以后停发的信件,看过以后放行(after a restore: let letters leave again)."""
    with _opened(workspace) as ledger:
        count = len(box.letters(ledger, (MailState.QUEUED,)))
        with transaction(ledger):
            journal.write(ledger, CLOCK.now(), "letters released after a restore")
        signs.release_letters(Workspace(workspace))
    click.echo(say("outbox.released", count=count))


def _decide(
    ledger: Connection, mails: Sequence[int], decision: Decision, said: str, before: Sequence[MailState]
) -> None:
    """Do with letters what a person decided, all or none.

    Raises:
        UsageProblem: there is no such letter, or it is in another state.
    """
    now = CLOCK.now()
    with transaction(ledger):
        for number in mails:
            mail = _found(ledger, number)
            if mail.state not in before:
                raise UsageProblem(f"邮件 {number} 是“{state_word(mail.state)}”,不能这样做(not from this state)。")
            decision(ledger, number, now, said)
    for number in mails:
        click.echo(say("outbox.decided", number=number, said=said))


def _found(ledger: Connection, number: int) -> Mail:
    mail = box.letter_of(ledger, number)
    if mail is None:
        raise UsageProblem(f"没有邮件 {number}。用 presales outbox list 查看(no such letter)。")
    return mail


@contextmanager
def _opened(workspace: Path) -> Iterator[Connection]:
    if not (workspace / FILE).is_file():
        raise UsageProblem(f"{workspace}:不是工作区(no workspace)。")
    ledger = open_ledger(workspace)
    try:
        yield ledger
    finally:
        ledger.close()
