"""`presales forms`: blank workbooks and their definitions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from pipeline.cli.options import Day, today
from pipeline.core.errors import DefinitionError
from pipeline.definitions.blanks import stale_blanks, write_blanks, write_set
from pipeline.definitions.forms import data_folder, load_forms
from pipeline.definitions.values import Master00
from pipeline.derive.formulas import master_columns
from pipeline.intake.company import find_company, read_company
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
def blank(folder: Path, project: str | None, name: str | None, company: Path | None, as_of: date | None) -> None:
    """在 FOLDER 中生成一套空白工作簿(write a set of blank workbooks)."""
    known = load_forms()
    master = _master(company, folder)
    head = {"project_code": project, "project_name": name}
    for path in write_set(known, folder, head, master, today(as_of)):
        click.echo(str(path))
    if not master.sheets:
        click.echo("提示:没有找到 00 公司基础资料,部门、人员等下拉列表为空(no workbook 00: drop-downs are empty)。")


def _master(company: Path | None, folder: Path) -> Master00:
    settings = load_settings(Path.cwd())
    known = load_forms()
    if company is None:
        setting = Path(settings.company) if settings.company else None
        try:
            company = find_company(None, [folder if folder.is_dir() else Path.cwd()], setting, known)
        except DefinitionError:
            return Master00({})
    return master_columns(read_company(company, known))


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
    click.echo(f"表单定义正确:{len(known)} 个工作簿,{fields} 个字段(definitions are right)。")
