"""`presales reissue`: a paper that was issued is made anew from today's workbooks."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from pipeline.cli.check_build import carried_out, report
from pipeline.cli.options import shared, today
from pipeline.core.errors import ExitCode, UsageProblem
from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import did_you_mean
from pipeline.definitions.wording import say
from pipeline.deliver.issued.register import Wish
from pipeline.project_run import RunRequest, plan_jobs
from pipeline.service import state
from pipeline.service.clock import Clock
from pipeline.settings import load_settings


@click.command()
@click.argument("project")
@click.argument("document", metavar="DOC[-PART]")
@click.option("-o", "--out", type=click.Path(path_type=Path), help="输出目录;PROJECT 是项目目录(output folder)")
@click.option("-w", "--workspace", type=click.Path(path_type=Path), help="工作区;PROJECT 是项目编号(workspace)")
@click.option("--reason", required=True, help="谁要求、为什么,记入签发登记(who asked and why)")
@click.option("--no-pdf", is_flag=True, help="只出 DOCX,不转 PDF(DOCX only)")
@shared
@click.pass_context
def reissue(
    ctx: click.Context,
    project: str,
    document: str,
    out: Path | None,
    workspace: Path | None,
    reason: str,
    no_pdf: bool,
    company: Path | None,
    as_of: date | None,
    lang: str | None,
    json_file: Path | None,
) -> None:
    """已签发的一份照现在的工作簿重出,原来的留在签发登记里(issue a paper anew from today's workbooks).

    PROJECT: 项目目录(配 -o),或项目编号(配 -w)。DOC[-PART]: 代号,一行一份的加分本,如 PAF、MEM-HY-01、CRO-财务部。
    """
    if (out is None) == (workspace is None):
        raise UsageProblem("请写 -o 输出目录 或 -w 工作区,只写一个(give either -o or -w)。")
    wish = Wish(*_named(document), reason, today(as_of))
    if workspace is not None:
        state.reissue(workspace, project, wish, Clock())
        click.echo(say("reissue.noted", project=project, document=document))
        return
    settings = load_settings(Path.cwd())
    request = RunRequest(today(as_of), out, pdf=not no_pdf, lang=lang or settings.lang, reissue=(wish,))
    plan = plan_jobs((Path(project),), company, settings, request)
    done = carried_out(plan, request, 1)
    code = report(plan, done, settings, lang, json_file)
    papers = [paper for one in done[0].projects for paper in one.documents]
    if not any((paper.code, paper.part) == (wish.code, wish.part) and paper.reissued for paper in papers):
        click.echo(say("reissue.not", document=document), err=True)
        code = code or int(ExitCode.USAGE)
    ctx.exit(code)


def _named(document: str) -> tuple[str, str]:
    """Code and part of `MEM-HY-01`.

    Raises:
        UsageProblem: there is no such document, or nobody signs it.
    """
    code, _, part = document.partition("-")
    signed = [form.code for form in load_documents().values() if form.state]
    if code not in signed:
        raise UsageProblem(f"{document}:没有这种要签字的文档(no such signed document)。{did_you_mean(code, signed)}")
    return code, part
