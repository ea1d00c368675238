"""`presales alert`, `backup`, `restore` and `tidy`: what keeps the service itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from pipeline.cli.service import COMPANY, WORKSPACE
from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import load_forms
from pipeline.definitions.wording import say
from pipeline.intake.company import find_company, read_company
from pipeline.service.backup import backup, restore
from pipeline.service.clock import Clock
from pipeline.service.health import local
from pipeline.service.post.alert import alert
from pipeline.service.state import existing, troubles
from pipeline.service.tidying import old, size, tidy
from pipeline.settings import Settings, kept_settings, load_settings
from pipeline.workspace.layout import Workspace

_LAST = 20


@click.command(name="alert")
@click.argument("what")
@WORKSPACE
def send_alert(what: str, workspace: Path) -> None:
    """服务停了:写信给 PMO(设置 mail_pmo),不经发件箱(tell the PMO that a unit has failed).

    WHAT: 停了什么,systemd 的单元名;由 OnFailure= 调用。
    """
    settings, wrong = _best_settings(workspace)
    taken = alert(settings, what, [*wrong, *_known(workspace, settings)], Clock().now())
    click.echo(say("alert.sent", address=taken))


def _best_settings(workspace: Path) -> tuple[Settings, list[str]]:
    """The settings of now; where they are what is wrong, those with which the service last began, and what is wrong."""
    try:
        return load_settings(Path.cwd()), []
    except DefinitionError as error:
        kept = Workspace(workspace).settings
        if not kept.is_file():
            raise
        return kept_settings(kept), [say("alert_settings", error=error)]


def _known(workspace: Path, settings: Settings) -> Iterator[str]:
    """What the status says, and the last lines of the log; what cannot be read is named, never in the way."""
    try:
        yield from troubles(workspace, settings, Clock())
        log = Workspace(workspace).log
        yield from ["", say("alert_log", log=log), *log.read_text("utf-8", "replace").splitlines()[-_LAST:]]
    except Exception as error:
        yield say("alert_unread", kind=type(error).__name__, error=error)


@click.command(name="backup")
@click.argument("folder", type=click.Path(path_type=Path))
@WORKSPACE
def make_backup(folder: Path, workspace: Path) -> None:
    """备份工作区,不用停服务;同一个目录可以反复备份,只加新的(back up a workspace while it works).

    FOLDER: 另一块磁盘上的目录。
    """
    existing(workspace)
    made = backup(workspace, folder.absolute(), Clock().now())
    click.echo(say("backup.done", folder=folder, projects=made.projects, added=_megabytes(made.added)))


@click.command(name="restore")
@click.argument("folder", type=click.Path(path_type=Path))
@WORKSPACE
@click.option("--inbox", type=click.Path(path_type=Path), default=None, help="投放目录;不写则用设置里的(the inbox)")
def restore_backup(folder: Path, workspace: Path, inbox: Path | None) -> None:
    """从备份恢复工作区;信件停发,备份以后收下的文件列出来(make a workspace from a back-up)."""
    named = inbox or (Path(setting) if (setting := load_settings(Path.cwd()).inbox) else None)
    back = restore(folder, workspace.absolute(), named)
    click.echo(say("restore.done", at=local(back.at), workspace=workspace))
    click.echo(say("restore.letters"))
    if back.later:
        click.echo(say("restore.later", count=len(back.later)))
    for path in back.later:
        click.echo(f"  {path}")


@click.command(name="tidy")
@WORKSPACE
@click.option("--inbox", type=click.Path(path_type=Path), default=None, help="投放目录;不写则用设置里的(the inbox)")
@click.option("--yes", "really", is_flag=True, help="真的删除;不写只列出(remove; else only list)")
@COMPANY
def tidy_up(workspace: Path, inbox: Path | None, really: bool, company: Path | None) -> None:
    """清理保存期满的:归档的项目、移出的、已接收的原件;先列出,加 --yes 才删(remove what is past its retention)."""
    existing(workspace)
    settings, clock = load_settings(Path.cwd()), Clock()
    setting, forms = Path(settings.company) if settings.company else None, load_forms()
    master = read_company(find_company(company, [workspace], setting, forms), forms)
    named = inbox or (Path(settings.inbox) if settings.inbox else None)
    found = old(workspace, named, master, clock.today())
    for one in found:
        click.echo(say("tidy.one", what=one.what, until=one.until, size=_megabytes(sum(map(size, one.paths)))))
    years = master.parameter("retention_years", clock.today())
    if not found:
        click.echo(say("tidy.nothing", years=years))
    elif not really:
        click.echo(say("tidy.listed", count=len(found)))
    else:
        freed = tidy(workspace, found, clock.today(), clock.now())
        click.echo(say("tidy.done", count=len(found), freed=_megabytes(freed)))


def _megabytes(count: int) -> str:
    return f"{count / 1024**2:.1f}"
