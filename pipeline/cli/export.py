"""`presales export`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from pipeline.cli.check_build import carried_out, say_failures, stops
from pipeline.cli.options import Day, today
from pipeline.core.characters import printable
from pipeline.core.documents import Run
from pipeline.core.errors import ExitCode, UsageProblem
from pipeline.definitions.wording import say
from pipeline.project_run import RunRequest, plan_jobs
from pipeline.service.exporting import beside_company, of_results, of_workspace
from pipeline.settings import Settings, load_settings
from pipeline.tables.frames import frames
from pipeline.tables.told import Wish
from pipeline.tables.written import KINDS, write


@click.command(name="export")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
@click.option("-w", "--workspace", type=click.Path(path_type=Path), help="工作区目录(workspace folder)")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="输出目录(output folder)")
@click.option("--format", "kind", type=click.Choice(KINDS), default="csv", show_default=True, help="文件格式(format)")
@click.option("--amounts", is_flag=True, help="带金额的列;不写就没有(with amounts)")
@click.option("--secret", is_flag=True, help="秘密项目也在内;文件只有本人能读(secret projects, too)")
@click.option("--company", type=click.Path(path_type=Path), help="00 公司基础资料工作簿(workbook 00)")
@click.option("--as-of", type=Day(), default=None, help="“今天”是哪天(default: today)")
@click.pass_context
def export_tables(
    ctx: click.Context,
    folders: tuple[Path, ...],
    workspace: Path | None,
    out: Path,
    kind: str,
    amounts: bool,
    secret: bool,
    company: Path | None,
    as_of: date | None,
) -> None:
    """导出供分析用的表和数据字典:一行一个事实,带项目编号和单元格(tables for analysis, with a data dictionary).

    FOLDERS: 项目目录,或放着多个项目目录的目录;或者用 -w 写工作区。
    """
    if bool(folders) == bool(workspace):
        raise UsageProblem("请写项目目录,或用 -w 写工作区,两样写一样(name folders or a workspace)。")
    settings, day, code = load_settings(Path.cwd()), today(as_of), int(ExitCode.DONE)
    if workspace:
        source = of_workspace(workspace, beside_company(company, [workspace], settings, day))
    else:
        run, code = _looked_at(folders, company, settings, day)
        source = of_results(run.projects, day, beside_company(company, folders, settings, day))
    made = write(frames(source, Wish(amounts, secret)), out, kind, amounts=amounts, closed=secret)
    _say(made, len(source.projects), 0 if secret else sum(one.secret for one in source.projects))
    ctx.exit(code)


def _looked_at(folders: tuple[Path, ...], company: Path | None, settings: Settings, day: date) -> tuple[Run, int]:
    """What the folders hold; says what could not be read, and the exit code that follows."""
    request = RunRequest(day)
    plan = plan_jobs(folders, company, settings, request)
    done = carried_out(plan, request, settings.jobs)
    code, refused = say_failures(plan, done), [file for file in done[0].files if stops(file)]
    for file in refused:
        click.echo(printable(say("export.refused", path=file.path, why=file.message)), err=True)
    return done[0], max(code, int(ExitCode.FINDINGS) if refused else code)


def _say(made: Sequence[Path], projects: int, closed: int) -> None:
    for path in made:
        click.echo(printable(str(path)))
    left = say("export.left", count=closed) if closed else ""
    click.echo(say("export.done", projects=projects - closed, left=left))
