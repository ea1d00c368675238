"""`presales worklog`: what is wrong in people's logs, and their reports of weeks and months."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from pipeline.adapters.office.converters import converter
from pipeline.check.portfolio.rules import Told, judge_portfolio
from pipeline.cli.options import Day, today
from pipeline.core.characters import printable
from pipeline.core.company import Company
from pipeline.core.errors import ExitCode, UsageProblem
from pipeline.core.findings import SEVERITIES, Finding, Severity
from pipeline.core.workdays import period_end
from pipeline.definitions.catalogue import load_catalogue
from pipeline.definitions.forms import load_forms
from pipeline.definitions.wording import say
from pipeline.derive.worklog import Log, logs_of
from pipeline.intake.company import called_of_people, find_company, read_company, read_people
from pipeline.render.daily.people import person_reports
from pipeline.settings import load_settings


@click.command(name="worklog")
@click.argument("places", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="输出目录;不写只核对(output folder)")
@click.option("--period", "periods", multiple=True, help="周或月,2026-W26、2026-06;不写就是写了日志的每周每月(period)")
@click.option("--no-pdf", is_flag=True, help="只出 DOCX(DOCX only)")
@click.option("--company", type=click.Path(path_type=Path), help="00 公司基础资料工作簿(workbook 00)")
@click.option("--as-of", type=Day(), default=None, help="“今天”是哪天(default: today)")
@click.pass_context
def report_logs(
    ctx: click.Context,
    places: tuple[Path, ...],
    out: Path | None,
    periods: tuple[str, ...],
    no_pdf: bool,
    company: Path | None,
    as_of: date | None,
) -> None:
    """核对工作日志,汇总成周报、月报(check logs, make week and month reports).

    PLACES: 工作日志(10),或放着它们的目录。有错误时不出周报、月报。
    """
    for period in periods:
        if period_end(period) is None:
            raise UsageProblem(f"“{period}”不是周或月,写作 2026-W26 或 2026-06(no week or month)。")
    settings, forms = load_settings(Path.cwd()), load_forms()
    setting = Path(settings.company) if settings.company else None
    known = read_company(find_company(company, places, setting, forms), forms)
    logs = _read(places, known)
    findings = judge_portfolio([], known, load_catalogue(), today(as_of), (), Told(logs))
    code = _say([one for one in findings if one.at.workbook in {log.book.name for log in logs}])
    if out and code == ExitCode.DONE:
        office = None if no_pdf else converter(settings.libreoffice, settings.convert_timeout_s)
        for path in person_reports(logs, known, out, office, periods):
            click.echo(printable(str(path)))
    ctx.exit(int(code))


def _read(places: Sequence[Path], company: Company) -> tuple[Log, ...]:
    files = [file for place in places for file in (called_of_people(place) if place.is_dir() else [place])]
    books, unread = read_people(files, company, load_forms())
    for name, (why, why_en) in unread.items():
        raise UsageProblem(f"{name}:{why}({why_en})")
    if not books:
        raise UsageProblem("没有找到工作日志,名字写作 10_工作日志_工号_年月.xlsx(no logs)。")
    return logs_of(books)


def _say(findings: Sequence[Finding]) -> ExitCode:
    """Print what was found; the exit code that follows."""
    for finding in findings:
        severity = SEVERITIES[finding.rule.severity]
        at, text = str(finding.at), finding.message()
        click.echo(printable(say("worklog.finding", severity=severity, rule=finding.rule.code, at=at, text=text)))
    if not findings:
        click.echo(say("worklog.fine"))
    wrong = any(finding.rule.severity is Severity.ERROR for finding in findings)
    return ExitCode.FINDINGS if wrong else ExitCode.DONE
