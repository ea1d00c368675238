"""`presales gates`: the steps of the procedure of a project, with what is missing and the cell to fill."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from pipeline.cli.options import Day, today
from pipeline.project_run import RunRequest, plan_jobs, run_jobs
from pipeline.render.step_lines import step_lines
from pipeline.settings import load_settings


@click.command(name="gates")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--step", default="", help="只看一步:键、名称或条款(one step: key, title or clause)")
@click.option("--company", type=click.Path(path_type=Path), help="00 公司基础资料工作簿(workbook 00)")
@click.option("--as-of", type=Day(), default=None, help="“今天”是哪天(default: today)")
@click.option("--lang", type=click.Choice(["zh", "en"]), default=None, help="语言(language of messages)")
def show_gates(folder: Path, step: str, company: Path | None, as_of: date | None, lang: str | None) -> None:
    """逐步列出何时何人办完,或还缺什么、填哪个单元格、等谁(when and by whom, or what is missing and where).

    FOLDER: 一个项目的目录,或放着多个项目目录的目录。
    """
    settings = load_settings(Path.cwd())
    lang = lang or settings.lang
    plan = plan_jobs((folder,), company, settings, RunRequest(today(as_of), lang=lang))
    run, failures = run_jobs(plan.jobs, 1) if plan.jobs else (None, [])
    for project in run.projects if run else ():
        click.echo(f"{project.code} {project.name}".strip())
        for line in step_lines(project.facts, lang, step) if project.facts else ():
            click.echo(f"  {line}")
    for _, failure in (*plan.failures, *failures):
        raise failure
