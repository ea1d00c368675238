"""`presales templates`: the Word templates."""

from __future__ import annotations

from pathlib import Path

import click

from pipeline.adapters.office.converters import converter
from pipeline.core.errors import DefinitionError, UsageProblem
from pipeline.definitions.forms import data_folder
from pipeline.definitions.wording import say
from pipeline.deliver.mail.letter import check_mail_templates
from pipeline.render.preview.rich import make_preview
from pipeline.render.word.template_names import FORMATS, document_form, names, unused_fields
from pipeline.render.word.templates import check_template_apart, check_templates, remarks
from pipeline.settings import load_settings


@click.group()
def templates() -> None:
    """输出文档的 Word 模板(Word templates of the documents)."""


@templates.command(name="check")
@click.option("--unused", is_flag=True, help="逐个列出没有模板使用的工作簿字段(fields that no template prints)")
def check_them(unused: bool) -> None:
    """检查每个模板:名称、标记、位置、安全(names, tags, places and safety of every template)."""
    folder = data_folder("output_templates")
    problems = check_templates(folder) + check_mail_templates(folder)
    for problem in problems:
        click.echo(problem)
    if problems:
        raise DefinitionError(f"模板有 {len(problems)} 处错误(problems in templates)。")
    for remark in remarks(folder):
        click.echo(say("any.remark", what=remark))
    fields = unused_fields(folder)
    for name in fields if unused else ():
        click.echo(say("templates.unused", source=name.source, label=name.label, path=name.path))
    if fields and not unused:
        click.echo(say("templates.unused_count", count=len(fields)))
    click.echo(say("templates.right"))


@templates.command()
@click.argument("name")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="输出目录(output folder)")
@click.option("--no-pdf", is_flag=True, help="只出 DOCX,不转 PDF(DOCX only)")
def preview(name: str, out: Path, no_pdf: bool) -> None:
    """用虚构数据填一个模板,看它长什么样:有很多行,有长的、生僻的、空的值(fill a template with made-up data).

    NAME: 文档代号,如 PPR。
    """
    form = document_form(name)
    if problems := check_template_apart(data_folder("output_templates") / form.template, form):
        raise DefinitionError("\n".join(f"{form.template}:{problem}" for problem in problems))
    settings = load_settings(Path.cwd())
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageProblem(f"{out}:不能写入输出目录(cannot write to the output folder): {error.strerror}") from error
    if no_pdf:
        made = make_preview(form, out, None)
    else:
        with converter(settings.libreoffice, settings.convert_timeout_s) as office:
            made = make_preview(form, out, office)
    for path in made:
        click.echo(str(path))


@templates.command()
@click.argument("name")
@click.option("--format", "kind", type=click.Choice(list(FORMATS)), default="text", help="印成什么(format)")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="写进文件,不印在屏幕上(write to a file)")
def fields(name: str, kind: str, out: Path | None) -> None:
    """列出一个模板能用的名字:中文名、类型、示例、来源(names that a template may use).

    NAME: 文档代号,如 PPR。行首的 * 表示这个模板已经用到。
    """
    text = FORMATS[kind](names(document_form(name)))
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        # With a byte order mark, so that Excel reads the CSV as UTF-8.
        out.write_text(text, encoding="utf-8-sig" if kind == "csv" else "utf-8", newline="")
    except OSError as error:
        raise UsageProblem(f"{out}:不能写入(cannot write): {error.strerror}") from error
