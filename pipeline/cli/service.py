"""`presales batch`, `watch`, `status`, `why`, `reopen`, `withdraw` and `confirm`."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import click

from pipeline.cli.cluster import CLUSTER, engine_of
from pipeline.cli.options import Day
from pipeline.core.errors import ExitCode, UsageProblem
from pipeline.definitions.wording import say
from pipeline.service import logs, state
from pipeline.service import watch as watching
from pipeline.service.arrivals import deciding
from pipeline.service.batch import BatchLog, BatchResult, batch
from pipeline.service.clock import Clock
from pipeline.service.post.sending import server_of
from pipeline.service.runs.executor import Done
from pipeline.service.runs.premises import passing
from pipeline.service.unattended import Options, unattended
from pipeline.settings import Settings, keep_settings, load_settings, settings_file

INBOX = click.argument("inbox", required=False, type=click.Path(path_type=Path))
WORKSPACE = click.option(
    "-w", "--workspace", required=True, type=click.Path(path_type=Path), help="工作区目录(workspace folder)"
)
COMPANY = click.option("--company", type=click.Path(path_type=Path), help="00 公司基础资料工作簿(workbook 00)")
AS_OF = click.option("--as-of", type=Day(), default=None, help="“今天”是哪天(default: today)")
JOBS = click.option("--jobs", type=click.IntRange(1, 64), default=None, help="同时处理几个项目(projects at a time)")
MAIL = click.option("--mail/--no-mail", default=None, help="发不发邮件;不写时设了 mail_host 就发(send mail or not)")
SINCE = click.option(
    "--since", type=Day(), default=None, help="这一天以前的是历史,不写信(what happened before is told to nobody)"
)
NO_PDF = click.option("--no-pdf", is_flag=True, help="只出 DOCX,不转 PDF,不做文档包(DOCX only)")


@click.command(name="batch")
@INBOX
@WORKSPACE
@click.option("--full", is_flag=True, help="全部项目重做,不管有没有变化(run every project)")
@JOBS
@CLUSTER
@NO_PDF
@MAIL
@SINCE
@COMPANY
@AS_OF
@click.pass_context
def run_batch(
    ctx: click.Context,
    inbox: Path | None,
    workspace: Path,
    full: bool,
    jobs: int | None,
    scheduler: str | None,
    exchange: Path | None,
    no_pdf: bool,
    mail: bool | None,
    since: date | None,
    company: Path | None,
    as_of: date | None,
) -> None:
    """夜间批处理:接收投放目录里的文件,重做有变化的项目,出批次日报(take in, run what changed, portfolio).

    INBOX: 投放目录;不写则用设置里的 inbox。
    """
    settings = load_settings(Path.cwd())
    folder, letters = _inbox(inbox, settings), _mail(mail, settings)
    engine, count = engine_of(settings, scheduler, exchange, jobs)
    options = Options(
        folder, workspace.absolute(), company, as_of, count, not no_pdf, letters, since=since, engine=engine
    )
    with _interruptible(), passing(), ExitStack() as stack:
        opened = stack.enter_context(unattended(options, settings, Clock()))
        keep_settings(settings, opened.workspace.settings)
        shown = sys.stderr.isatty()
        logs.set_up(opened.workspace.log, quiet=shown)
        night = batch(opened, full=full, told=_progress(stack) if shown else None)
    _report(night)
    ctx.exit(night.exit_code)


def _progress(stack: ExitStack) -> BatchLog:
    """A bar on a terminal."""
    told = BatchLog()
    bars: list[Any] = []

    def due(count: int) -> None:
        label = say("batch.bar")
        bar = click.progressbar(length=count, label=label, file=sys.stderr, item_show_func=lambda one: one or "")
        bars.append(stack.enter_context(bar))

    def done(one: Done) -> None:
        bars[0].update(1, one.code)

    told.due, told.done = due, done
    return told


def _report(night: BatchResult) -> None:
    tally, held = night.tally, say("batch.held", count=night.held) if night.held else ""
    taken = say("batch.taken", taken=tally.taken, returned=tally.returned, held=held)
    click.echo(taken + say("batch.ran", ran=tally.ran, skipped=tally.skipped, failed=tally.failed))
    for path, why in sorted(night.waiting.items()):
        click.echo(say("batch.waiting", path=path, why=why))
    if night.letters:
        click.echo(say("batch.letters", letters=night.letters))
    for one in night.done:
        if one.failure:
            click.echo(say("batch.failed", code=one.code, failure=one.failure), err=True)


@click.command(name="watch")
@INBOX
@WORKSPACE
@click.option("--poll", is_flag=True, help="只按时查看,不用系统的变化通知(poll only, for network shares)")
@click.option("--stable-s", type=click.FloatRange(min=0.1), default=None, help="文件静止几秒才接收(seconds)")
@JOBS
@NO_PDF
@MAIL
@SINCE
@COMPANY
def run_watch(
    inbox: Path | None,
    workspace: Path,
    poll: bool,
    stable_s: float | None,
    jobs: int | None,
    no_pdf: bool,
    mail: bool | None,
    since: date | None,
    company: Path | None,
) -> None:
    """监视投放目录,文件放稳就接收,项目安静下来就运行(take in and run as files arrive).

    INBOX: 投放目录;不写则用设置里的 inbox。用 Ctrl-C 或 SIGTERM 停止。
    """
    clock = Clock()

    def read() -> tuple[Options, Settings]:
        """The settings as they are now, and that a watch can begin with them: others must not end one that works."""
        read = load_settings(Path.cwd())
        folder, count, letters = _inbox(inbox, read), jobs or read.jobs, _mail(mail, read)
        options = Options(folder, workspace.absolute(), company, None, count, not no_pdf, letters, stable_s, since)
        watching.fit(options, read)
        return options, read

    def pauses() -> Iterator[None]:
        by_clock = watching.pauses_by_clock(clock.sleep, settings.poll_s)
        return by_clock if poll else watching.pauses_by_events(options.inbox, clock.sleep, settings.poll_s)

    renewal = watching.Renewal(settings_file(Path.cwd()), read)
    options, settings = read()

    with _interruptible(), passing(), watching.alone(options, settings) as kept:
        logs.set_up(kept.log)
        keep_settings(settings, kept.settings)
        watching.keep_watching(options, settings, clock, pauses, renewal)
    # The same process with the settings as they are now.
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606


def _mail(given: bool | None, settings: Settings) -> bool:
    """Whether letters are queued and sent; asked for without a server, it is an error at once."""
    if given:
        server_of(settings)
    return bool(settings.mail_host) if given is None else given


def _inbox(given: Path | None, settings: Settings) -> Path:
    if given is None and not settings.inbox:
        raise UsageProblem("请写明投放目录 INBOX,或在 presales.toml 里设置 inbox(name the inbox)。")
    return (given or Path(settings.inbox)).absolute()


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM stops as Ctrl-C does: what runs is ended, and everything lies in exactly one place."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@click.command(name="status")
@WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="给监控程序(for monitoring)")
@click.pass_context
def show_status(ctx: click.Context, workspace: Path, as_json: bool) -> None:
    """现在怎么样:在等的文件、最近接收的、各项目、运行记录、信件、监视(how do things stand?).

    退出码 0 = 都正常,9 = 有要人看的(“注意”各行)。
    """
    lines, found = state.status(workspace, load_settings(Path.cwd()), Clock())
    if as_json:
        known = found.as_json() if found else {"healthy": False, "troubles": lines}
        click.echo(json.dumps(known, ensure_ascii=False, indent=2, default=str))
    else:
        click.echo("\n".join(lines))
    ctx.exit(int(ExitCode.DONE if found and not found.troubles else ExitCode.NOT_READY))


@click.command(name="why")
@click.argument("project")
@click.argument("step", default="")
@WORKSPACE
def show_why(project: str, step: str, workspace: Path) -> None:
    """一个项目为什么运行了,或没有运行;现用各版本(why was a project run, or not?).

    STEP: 程序的一步(键、名称或条款):它何时何人办完,或还缺什么、填哪个单元格(why is this step open?)。
    """
    for line in state.why(workspace, project, step):
        click.echo(line)


@click.command(name="reopen")
@click.argument("project")
@WORKSPACE
@click.option("--reason", required=True, help="谁要求、为什么,记入台账(who asked and why)")
def reopen_project(project: str, workspace: Path, reason: str) -> None:
    """重新打开已归档的项目,以后可以再接收文件(let an archived project be changed again)."""
    aside = state.reopen(workspace, project, reason, Clock())
    click.echo(say("reopen.done", project=project, aside=aside))


@click.command(name="withdraw")
@click.argument("project")
@click.argument("file", required=False, default="")
@WORKSPACE
@click.option("--held", is_flag=True, help="待确认的不收下;不写 FILE 就是全部(set held files aside, or all)")
@click.option("--reason", required=True, help="谁要求、为什么,记入台账(who asked and why)")
def withdraw_file(project: str, file: str, workspace: Path, held: bool, reason: str) -> None:
    """撤回误投的一份,前一版重新生效;加 --held 是待确认的不收下(let a wrongly dropped file count no more).

    FILE: 文件名或位置,照 presales why 显示的写。
    """
    if held:
        for line in deciding.set_aside(workspace, project, file, reason, Clock()):
            click.echo(line)
        return
    if not file:
        raise UsageProblem("请写明撤回哪一份 FILE;待确认的加 --held(name the file, or add --held)。")
    click.echo(state.withdraw(workspace, project, file, reason, Clock()))
    click.echo(say("withdraw.next"))


@click.command(name="confirm")
@click.argument("project")
@click.argument("file", required=False, default="")
@WORKSPACE
@click.option("--reason", required=True, help="谁要求、为什么,记入台账(who asked and why)")
def confirm_held(project: str, file: str, workspace: Path, reason: str) -> None:
    """待确认的确是这个项目的:收下,成为现行版(held files belong to the project: take them in).

    FILE: 文件名或位置,照 presales why 显示的写;不写就是全部。
    """
    for line in deciding.confirm(workspace, project, file, reason, Clock()):
        click.echo(line)
    click.echo(say("confirm.next"))
