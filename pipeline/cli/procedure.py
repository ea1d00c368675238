"""`presales procedure`: the clauses of Q/DY 03.2-2002 and what the pipeline does about each."""

from __future__ import annotations

import click

from pipeline.core.findings import Severity
from pipeline.definitions.clauses import Clause, procedure
from pipeline.definitions.procedure import MAY, MUST, WHEN

_WEIGHTS = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.INFO: "提示"}
_KINDS = {MUST: "必须", WHEN: "需要时", MAY: "可以"}


@click.command(name="procedure")
def show_procedure() -> None:
    """逐条列出程序条款:步骤、表单、规则、文档(clause -> steps -> forms -> rules -> documents)."""
    click.echo("Q/DY 03.2-2002《网络工程售前阶段项目控制程序》")
    for clause in procedure():
        click.echo("\n".join(_lines(clause)))


def _lines(clause: Clause) -> list[str]:
    lines = ["", f"{clause.number}  {clause.text}".rstrip()]
    lines += [f"  引用  {name}" for name in clause.cites]
    lines += [f"  步骤  {step.title}({step.key},{_KINDS[step.kind]})" for step in clause.steps]
    lines += [f"  表单  {form.name} / {sheet.name}" for form, sheet in clause.forms]
    lines += [f"  规则  {rule.code} [{_WEIGHTS[rule.severity]}] {rule.zh}" for rule in clause.rules]
    return lines + [f"  文档  {code} {title}".rstrip() for code, title in clause.documents.items()]
