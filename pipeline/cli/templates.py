"""`presales templates`: the Word templates."""

from __future__ import annotations

import click

from pipeline.core.errors import DefinitionError
from pipeline.definitions.forms import data_folder
from pipeline.render.templates import check_templates


@click.group()
def templates() -> None:
    """输出文档的 Word 模板(Word templates of the documents)."""


@templates.command(name="check")
def check_them() -> None:
    """检查每个模板里的每个名称(resolve every name in every template)."""
    problems = check_templates(data_folder("output_templates"))
    for problem in problems:
        click.echo(problem)
    if problems:
        raise DefinitionError(f"模板有 {len(problems)} 处错误(problems in templates)。")
    click.echo("模板正确(templates are right)。")
