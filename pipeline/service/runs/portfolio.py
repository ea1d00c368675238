"""The portfolio run: judge all projects together, and write the status page and the daily report aside."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote

from pipeline.adapters.files import sha256, write_atomic
from pipeline.adapters.office.converters import Converter
from pipeline.check.portfolio.rules import Told, judge_portfolio
from pipeline.core.company import Company
from pipeline.core.findings import Rule
from pipeline.core.portfolio import Known, Link, Night, Portfolio, PortfolioResult
from pipeline.definitions.forms import load_forms
from pipeline.derive.portfolio import portfolio
from pipeline.derive.worklog import logs_of
from pipeline.intake.company import of_people, read_people
from pipeline.render.daily.report import batch_report
from pipeline.render.page.status import PageInfo, status_page

PAGE, REPORTS = "项目状态.html", "批次日报"
_TOLD = ".日志"  # which workbooks 10 the last daily report was made of
_MOST_FILES = 40  # of one sub-folder; the link to the folder leads to the rest
# Sub-folders of a published project in the order in which people look for them; others follow by name.
_FOLDERS = ("待签", "文档", "文档包", "对客户", "校验", "当前工作簿", "空白表", "")


@dataclass(frozen=True)
class PortfolioRequest:
    """What is wanted of a portfolio run.

    Attributes:
        as_of: today; its thresholds count.
        folder: where the files are written, aside; the caller publishes them.
        made: now, for the head of the page; aware.
        show_money: print amounts on the page.
        night: what the run did.
        health: how the service is: a sentence, then what somebody should look at; empty where there is none.
        root: folder in which the page will lie, for its links; None: the one that holds the published projects.
    """

    as_of: date
    folder: Path
    made: datetime
    show_money: bool = False
    night: Night = field(default_factory=Night)
    root: Path | None = None
    health: Sequence[str] = ()


def make_portfolio(
    remembered: Sequence[Known],
    company: Company,
    rules: Mapping[str, Rule],
    request: PortfolioRequest,
    office: Converter | None = None,
) -> PortfolioResult:
    """Judge all projects together and write what shows them: the page and the daily report.

    Args:
        remembered: every project that the ledger knows.
        company: workbook 00.
        rules: the catalogue by code.
        request: what is wanted.
        office: makes the PDF of the daily report; None leaves it out.

    Raises:
        DefinitionError: a template or parameter is wrong.
        DocumentFailed: the daily report could not be made; the page is there.
        PipelineError: a rule failed.
    """
    made = make_page(remembered, company, rules, request)
    return replace(made, reports=make_reports(made.portfolio, company, request.folder, office))


def make_page(
    remembered: Sequence[Known], company: Company, rules: Mapping[str, Rule], request: PortfolioRequest
) -> PortfolioResult:
    """Judge all projects together and write the status page alone."""
    facts = [one.facts for one in remembered if one.facts]
    company, told = people_told(company, remembered)
    findings = judge_portfolio(facts, company, rules, request.as_of, request.night.unchanged, told)
    seen = portfolio(remembered, company, findings, request.as_of, request.night, told.logs)
    page = request.folder / PAGE
    write_atomic(page, _page(seen, company, request).encode())
    return PortfolioResult(findings, page, (), seen)


def people_told(company: Company, remembered: Sequence[Known]) -> tuple[Company, Told]:
    """What people say in the workbooks 10 beside workbook 00; the company names those that cannot be read."""
    files = of_people(company.book.path)
    if not files:
        return company, Told()
    books, unread = read_people(files, company, load_forms())
    company = replace(company, unread={**company.unread, **unread})
    return company, Told(logs_of(books), frozenset(one.code for one in remembered))


def make_reports(seen: Portfolio, company: Company, folder: Path, office: Converter | None) -> tuple[Path, ...]:
    """Write the daily report below a folder: DOCX, PDF (with `office`) and XLSX."""
    reports = folder / REPORTS
    reports.mkdir(parents=True, exist_ok=True)
    told = _logs(company)
    made = tuple(batch_report(seen, company, reports, office))
    write_atomic(folder / _TOLD, told.encode())
    return made


def logs_changed(company: Company, folder: Path) -> bool:
    """Whether the workbooks 10 are others than when the last report was made below a folder."""
    last = folder / _TOLD
    return _logs(company) != (last.read_text("utf-8") if last.is_file() else "")


def _logs(company: Company) -> str:
    """Names and hashes of the workbooks 10; empty without any."""
    return "".join(f"{sha256(path)}  {path.name}\n" for path in of_people(company.book.path))


def reports_in(folder: Path) -> list[Path]:
    """Daily reports that lie below a folder, the newest last."""
    return [path for path in _listed(folder / REPORTS) if path.is_file()]


def _page(seen: Portfolio, company: Company, request: PortfolioRequest) -> str:
    """The page; it leads to the folder of the daily reports only where amounts may be seen."""
    links = {line.code: tuple(links_of(line.published, request.root)) for line in seen.lines if line.published}
    made = request.made.astimezone()
    address = f"{quote(REPORTS)}/" if request.show_money else ""
    service, *troubles = request.health or ("",)
    name = company.details.get("name", "")
    info = PageInfo(name, made, request.show_money, links, address, service, tuple(troubles))
    return status_page(seen, info)


def links_of(published: Path, root: Path | None = None) -> Iterator[Link]:
    """What lies in a published project: each sub-folder, its files, and the files beside the sub-folders.

    Args:
        published: the project's folder; one that is gone has no links.
        root: folder of the page; None: the parent of `published`.
    """
    root = root or published.parent
    folders = {path.name: path for path in _listed(published) if path.is_dir()}
    folders[""] = published
    for name in sorted(folders, key=_rank):
        yield Link(_readable(name), "", _address(folders[name], root))
        for path in _listed(folders[name])[:_MOST_FILES]:
            if name or path.is_file():
                yield Link(name, _readable(path.name), _address(path, root))


def _rank(name: str) -> tuple[int, str]:
    return (_FOLDERS.index(name) if name in _FOLDERS else len(_FOLDERS) - 1, name)


def _listed(folder: Path) -> list[Path]:
    """Visible entries of a folder by name; none of one that cannot be read."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []


def _address(path: Path, root: Path) -> str:
    """Relative address, every part quoted, so that no name can change where it leads."""
    return "/".join(quote(os.fsencode(part), safe="") for part in Path(os.path.relpath(path, root)).parts)


def _readable(name: str) -> str:
    """A name for people: bytes that are no text become question marks."""
    return os.fsencode(name).decode(errors="replace")
