"""`presales forms`: blank workbooks and their definitions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click

from pipeline.cli.options import Day, today
from pipeline.core.company import Company
from pipeline.core.errors import DefinitionError, UsageProblem
from pipeline.definitions.blanks import (
    due_forms,
    numbered_forms,
    stale_blanks,
    write_blanks,
    write_log,
    write_set,
)
from pipeline.definitions.forms import Form, data_folder, load_forms
from pipeline.definitions.values import Master00
from pipeline.definitions.wording import say
from pipeline.derive.formulas import master_columns
from pipeline.intake.company import find_company, read_company
from pipeline.project_run.prefill import prefill
from pipeline.project_run.upgrade import upgrade
from pipeline.settings import load_settings


@click.group()
def forms() -> None:
    """表单:空白工作簿及其定义(blank workbooks and form definitions)."""


@forms.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--project", default=None, help="项目编号(project code)")
@click.option("--name", default=None, help="项目名称(project name)")
@click.option("--company", type=click.Path(path_type=Path), help="00 公司基础资料工作簿(workbook 00)")
@click.option("--as-of", type=Day(), default=None, help="“今天”是哪天(default: today)")
@click.option("--all", "every", is_flag=True, help="连同可选的工作簿 07、08……(the voluntary workbooks, too)")
@click.option("--only", multiple=True, help="只要这一本,写编号,如 09;可以写几个(only the workbook of this number)")
@click.option("--person", help="只要这个人的工作日志(10),写工号(the log of this person)")
@click.option("--month", help="日志的月份,2026-06;不写就是本月(month of the log)")
def blank(
    folder: Path,
    project: str | None,
    name: str | None,
    company: Path | None,
    as_of: date | None,
    only: tuple[str, ...],
    person: str | None,
    month: str | None,
    *,
    every: bool,
) -> None:
    """在 FOLDER 中生成一套空白工作簿(write a set of blank workbooks)."""
    if bool(month) > bool(person):
        raise UsageProblem("--month 与 --person 一起写(--month needs --person)。")
    master, day = _master(company, folder), today(as_of)
    if person:
        paths = [write_log(load_forms()["worklog"], folder, person, month or f"{day:%Y-%m}", master, day)]
    else:
        head = {"project_code": project, "project_name": name}
        paths = write_set(_wanted(only, every), folder, head, master, day)
    for path in paths:
        click.echo(str(path))
    if not master.sheets:
        click.echo(say("forms.no_company"))


def _wanted(only: tuple[str, ...], every: bool) -> Mapping[str, Form]:
    known = load_forms()
    if only:
        return numbered_forms(known, only)
    return known if every else due_forms(known)


def _master(company: Path | None, folder: Path) -> Master00:
    found = _company(company, folder)
    return master_columns(found) if found else Master00({})


def _company(company: Path | None, folder: Path) -> Company | None:
    """Workbook 00: the given one, else the one that is found; None where there is none."""
    known = load_forms()
    if company is None:
        try:
            company = find_company(None, [folder if folder.is_dir() else Path.cwd()], _setting(), known)
        except DefinitionError:
            return None
    return read_company(company, known)


def _setting() -> Path | None:
    settings = load_settings(Path.cwd())
    return Path(settings.company) if settings.company else None


@forms.command(name="prefill")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="副本写到哪个目录,默认 FOLDER/预填(folder of the copies)"
)
@click.option("--company", type=click.Path(path_type=Path), help="00 公司基础资料工作簿(workbook 00)")
@click.option("--as-of", type=Day(), default=None, help="“今天”是哪天(default: today)")
def prefill_copies(folder: Path, out: Path | None, company: Path | None, as_of: date | None) -> None:
    """把系统知道的值写进 FOLDER 中工作簿的副本,浅蓝底(fill copies with what the pipeline knows)."""
    done = prefill(folder, out or folder / "预填", company, _setting(), today(as_of))
    for path, count in done.files.items():
        click.echo(say("forms.prefilled", path=path, count=count))
    for told in done.told:
        click.echo(say("forms.untouched", what=told))


@forms.command(name="upgrade")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="新文件,默认原名加版本号(the new file)")
@click.option("--company", type=click.Path(path_type=Path), help="00 公司基础资料工作簿(workbook 00)")
@click.option("--as-of", type=Day(), default=None, help="“今天”是哪天(default: today)")
def upgrade_file(file: Path, out: Path | None, company: Path | None, as_of: date | None) -> None:
    """把 FILE 的内容搬到新版空白表,原文件不动(carry a workbook into the newer blank)."""
    done = upgrade(file, out, _company(company, file.parent), load_forms(), today(as_of))
    old = done.old or say("forms.no_version")
    click.echo(say("forms.upgraded", path=done.path, old=old, new=done.new, cells=done.cells))
    for told in done.told:
        click.echo(say("forms.look", what=told))


@forms.command(name="check")
@click.option("--write", is_flag=True, help="把空白工作簿改成与定义一致(write the blanks anew)")
def check_forms(write: bool) -> None:
    """检查表单定义,以及空白工作簿是否与定义一致(check definitions and blanks)."""
    folder = data_folder("input_templates")
    known = load_forms()
    if write:
        write_blanks(known.values(), folder)
    stale = stale_blanks(known.values(), folder)
    if stale:
        names = "、".join(path.name for path in stale)
        raise DefinitionError(f"空白工作簿与定义不一致:{names}。请运行 presales forms check --write(stale blanks)。")
    fields = sum(len(sheet.fields) for form in known.values() for sheet in form.sheet)
    click.echo(say("forms.right", forms=len(known), fields=fields))
