"""`presales check` and `presales build`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import click

from pipeline.adapters.fonts import require
from pipeline.cli.options import shared, today
from pipeline.core.characters import printable
from pipeline.core.documents import FileVerdict, Run
from pipeline.core.errors import ExitCode, PipelineError, UsageProblem
from pipeline.definitions.wording import say
from pipeline.project_run import NothingRecognised, Plan, RunRequest, plan_jobs, run_jobs
from pipeline.render.report import as_json, as_lines
from pipeline.render.word.template_fonts import template_families
from pipeline.settings import Settings, load_settings

PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
Done = tuple[Run, list[tuple[Path, PipelineError]]]


@click.command()
@PATHS
@click.option(
    "--annotate",
    type=click.Path(path_type=Path),
    help="把标了颜色和批注的工作簿写到这个目录,每个项目一个子目录(marked workbooks, a folder for each project)",
)
@shared
@click.pass_context
def check(
    ctx: click.Context,
    paths: tuple[Path, ...],
    annotate: Path | None,
    company: Path | None,
    as_of: date | None,
    lang: str | None,
    json_file: Path | None,
) -> None:
    """校验工作簿并列出问题(read, derive, check; print findings).

    PATHS: 一个项目的目录或工作簿,或放着多个项目目录的目录。
    """
    settings = load_settings(Path.cwd())
    request = RunRequest(today(as_of), annotate=annotate, lang=lang or settings.lang)
    plan = plan_jobs(paths, company, settings, request)
    ctx.exit(report(plan, carried_out(plan, request, 1), settings, lang, json_file))


@click.command()
@PATHS
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="输出目录(output folder)")
@click.option("--only", default="", help="只处理这些项目编号,逗号分隔(only these project codes)")
@click.option("--draft", is_flag=True, help="有错误时也出带水印的草稿(watermarked drafts despite errors)")
@click.option("--no-pdf", is_flag=True, help="只出 DOCX,不转 PDF(DOCX only)")
@click.option("--jobs", type=click.IntRange(1, 64), default=None, help="同时处理几个项目(projects at a time)")
@click.option(
    "--issued",
    multiple=True,
    type=click.Path(path_type=Path),
    help="接过签发登记:文件包或另一个输出目录,可写几次(take over issued papers from a pack or output folder)",
)
@shared
@click.pass_context
def build(
    ctx: click.Context,
    paths: tuple[Path, ...],
    out: Path,
    only: str,
    draft: bool,
    no_pdf: bool,
    jobs: int | None,
    issued: tuple[Path, ...],
    company: Path | None,
    as_of: date | None,
    lang: str | None,
    json_file: Path | None,
) -> None:
    """校验并生成文档、PDF 和文档包(check, then make documents, PDFs and packs).

    PATHS: 一个项目的目录或工作簿,或放着多个项目目录的目录。
    """
    settings = load_settings(Path.cwd())
    codes = frozenset(code.strip() for code in only.split(",") if code.strip())
    request = RunRequest(today(as_of), out, draft, not no_pdf, codes, lang=lang or settings.lang, issued=issued)
    plan = plan_jobs(paths, company, settings, request)
    for replaced in require(template_families()) if request.converts else ():
        click.echo(say("any.remark", what=replaced), err=True)
    ctx.exit(report(plan, carried_out(plan, request, jobs or settings.jobs), settings, lang, json_file))


def carried_out(plan: Plan, request: RunRequest, workers: int) -> Done:
    """Run what was planned, and add what was found beside it."""
    run, failures = run_jobs(plan.jobs, workers) if plan.jobs else (Run(request.as_of, ()), [])
    failures = [*plan.failures, *failures]
    loose = [verdict for _, error in failures if isinstance(error, NothingRecognised) for verdict in error.files]
    return replace(run, files=(*plan.files, *loose, *run.files)), failures


def report(plan: Plan, done: Done, settings: Settings, lang: str | None, json_file: Path | None) -> int:
    """Print the result, write the JSON, and find the exit code: the highest wins."""
    run = done[0]
    for line in as_lines(run, lang or settings.lang):
        click.echo(printable(line))
    code = say_failures(plan, done)
    if json_file:
        _write_json(run, _failed(done), json_file)
    stopped = any(project.blocked for project in run.projects) or any(map(stops, run.files))
    return max(code, int(ExitCode.FINDINGS) if stopped else code)


def say_failures(plan: Plan, done: Done) -> int:
    """Say what could not be run, and the paths in which nothing was recognised; the exit code that follows."""
    unread, failures = plan.unread(done[1]), _failed(done)
    for path, failure in failures:
        said = str(failure) if str(path) in str(failure) else f"{path.name}:{failure}"
        click.echo(printable(say("any.wrong", what=said)), err=True)
    for nothing in unread:
        click.echo(printable(say("any.wrong", what=nothing)), err=True)
    codes = [failure.exit_code for _, failure in failures] + [ExitCode.FINDINGS for _ in unread]
    return int(max(codes, default=ExitCode.DONE))


def _failed(done: Done) -> list[tuple[Path, PipelineError]]:
    return [(path, error) for path, error in done[1] if not isinstance(error, NothingRecognised)]


def stops(file: FileVerdict) -> bool:
    """Whether a file was to be read and was not: refused, or of a form version that nobody knows."""
    return file.verdict == "refused" or (file.verdict == "unknown" and bool(file.rule))


def _write_json(run: Run, failures: list[tuple[Path, PipelineError]], target: Path) -> None:
    """Write the result; a project that could not be run stands in it with its error."""
    found, shown = as_json(run), [project.failure for project in run.projects]
    found["projects"] += [
        {"code": path.name, "name": "", "status": "errors", "findings": [], "error": str(failure)}
        for path, failure in failures
        if failure not in shown
    ]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(found, ensure_ascii=False, indent=1) + "\n"
        target.write_text(
            text, encoding="utf-8", errors="backslashreplace"
        )  # a name that is no text, as JSON escapes it
    except OSError as error:
        raise UsageProblem(f"{target}:不能写入(cannot write): {error.strerror}") from error
