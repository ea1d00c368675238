"""`presales alert`, `backup` and `restore`: what keeps the service itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from pipeline.cli.service import WORKSPACE
from pipeline.service.backup import backup, restore
from pipeline.service.clock import Clock
from pipeline.service.post.alert import alert
from pipeline.service.state import existing, troubles
from pipeline.settings import Settings, load_settings
from pipeline.workspace.layout import Workspace

_LAST = 20


@click.command(name="alert")
@click.argument("what")
@WORKSPACE
def send_alert(what: str, workspace: Path) -> None:
    """服务停了:写信给 PMO(设置 mail_pmo),不经发件箱(tell the PMO that a unit has failed).

    WHAT: 停了什么,systemd 的单元名;由 OnFailure= 调用。
    """
    settings = load_settings(Path.cwd())
    taken = alert(settings, what, list(_known(workspace, settings)), Clock().now())
    click.echo(f"已写信给 {taken}。")


def _known(workspace: Path, settings: Settings) -> Iterator[str]:
    """What the status says, and the last lines of the log; what cannot be read is named, never in the way."""
    try:
        yield from troubles(workspace, settings, Clock())
        log = Workspace(workspace).log
        yield from ["", f"{log} 的最后几行:", *log.read_text("utf-8", "replace").splitlines()[-_LAST:]]
    except Exception as error:
        yield f"状态读不出来:{type(error).__name__}: {error}"


@click.command(name="backup")
@click.argument("folder", type=click.Path(path_type=Path))
@WORKSPACE
def make_backup(folder: Path, workspace: Path) -> None:
    """备份工作区,不用停服务;同一个目录可以反复备份,只加新的(back up a workspace while it works).

    FOLDER: 另一块磁盘上的目录。
    """
    existing(workspace)
    made = backup(workspace, folder.absolute(), Clock().now())
    click.echo(f"已备份到 {folder}:{made.projects} 个项目,新增 {made.added / 1024**2:.1f} MB。")


@click.command(name="restore")
@click.argument("folder", type=click.Path(path_type=Path))
@WORKSPACE
@click.option("--inbox", type=click.Path(path_type=Path), default=None, help="投放目录;不写则用设置里的(the inbox)")
def restore_backup(folder: Path, workspace: Path, inbox: Path | None) -> None:
    """从备份恢复工作区;信件停发,备份以后收下的文件列出来(make a workspace from a back-up)."""
    named = inbox or (Path(setting) if (setting := load_settings(Path.cwd()).inbox) else None)
    back = restore(folder, workspace.absolute(), named)
    click.echo(f"已恢复到 {back.at.astimezone():%Y-%m-%d %H:%M} 的样子:{workspace}。")
    click.echo("信件停发,用 presales outbox list 看过以后,presales outbox release 放行。")
    if back.later:
        click.echo(f"备份以后收下的 {len(back.later)} 个文件,移回投放目录再收一次:")
    for path in back.later:
        click.echo(f"  {path}")
