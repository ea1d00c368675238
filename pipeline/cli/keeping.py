"""`presales alert`: what keeps the service itself in sight."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from pipeline.cli.service import WORKSPACE
from pipeline.service.clock import Clock
from pipeline.service.post.alert import alert
from pipeline.service.state import troubles
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
