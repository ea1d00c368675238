"""`presales procedure`: the clauses of Q/DY 03.2-2002 and the sibling procedures, and what serves each."""

from __future__ import annotations

import click

from pipeline.core.findings import Rule, Severity
from pipeline.definitions.clauses import Clause, procedure, siblings
from pipeline.definitions.procedure import MAY, MUST, WHEN, StepForm
from pipeline.definitions.stage_models import StageModel, load_stage_models
from pipeline.definitions.wording import say

_WEIGHTS = {Severity.ERROR: "procedure.error", Severity.WARNING: "procedure.warning", Severity.INFO: "procedure.info"}
_KINDS = {MUST: "procedure.must", WHEN: "procedure.when", MAY: "procedure.may"}


@click.command(name="procedure")
def show_procedure() -> None:
    """逐条列出程序条款:步骤、表单、规则、文档(clause -> steps -> forms -> rules -> documents)."""
    click.echo(say("procedure.title"))
    for clause in procedure():
        if clause.number == siblings()[0]:
            click.echo("\n" + say("procedure.siblings", n=len(siblings())))
        click.echo("\n".join(_lines(clause)))


def _lines(clause: Clause) -> list[str]:
    lines = ["", f"{clause.number}  {clause.text}".rstrip()]
    lines += [say("procedure.cites", name=name) for name in clause.cites]
    lines += [_stages(model) for model in load_stage_models().values() if model.clause == clause.number]
    lines += [_step(step) for step in clause.steps]
    lines += [say("procedure.form", form=form.name, sheet=sheet.name) for form, sheet in clause.forms]
    lines += [_rule(rule) for rule in clause.rules]
    documents = (say("procedure.document", code=code, title=title) for code, title in clause.documents.items())
    return [*lines, *(line.rstrip() for line in documents)]


def _stages(model: StageModel) -> str:
    names = (f"{stage.no} {stage.name}" for stage in model.stage)
    return say("procedure.stages", title=model.title, stages="、".join(names))


def _step(step: StepForm) -> str:
    return say("procedure.step", title=step.title, key=step.key, kind=say(_KINDS[step.kind]))


def _rule(rule: Rule) -> str:
    return say("procedure.rule", code=rule.code, weight=say(_WEIGHTS[rule.severity]), message=rule.zh)
