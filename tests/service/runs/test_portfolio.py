from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.check.portfolio.rules import Told
from pipeline.definitions.catalogue import load_catalogue
from pipeline.service.runs.portfolio import (
    PAGE,
    PortfolioRequest,
    links_of,
    logs_changed,
    make_page,
    make_portfolio,
    make_reports,
    people_told,
    reports_in,
)
from tests.cases import AS_OF, sample_builder, sample_data
from tests.made_portfolio import MADE, many, night, samples
from tests.made_projects import company


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A project as it is published."""
    root = tmp_path / "发布" / "LY-SQ-2026-100"
    for name in (
        "待签/LY-SQ-2026-100_PPR_A1_20260702.pdf",
        "校验/03 #1%_校验.xlsx",
        "文档包/计划包_V1/清单.csv",
        "01_调查表.xlsx",
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    (root / ".处理中").mkdir()
    return root


def test_links_lead_to_what_lies_there(published: Path) -> None:
    found = [(link.folder, link.name, link.href) for link in links_of(published)]
    assert [row[:2] for row in found] == [
        ("待签", ""),
        ("待签", "LY-SQ-2026-100_PPR_A1_20260702.pdf"),
        ("文档包", ""),
        ("文档包", "计划包_V1"),
        ("校验", ""),
        ("校验", "03 #1%_校验.xlsx"),
        ("", ""),
        ("", "01_调查表.xlsx"),
    ]
    assert found[5][2] == "LY-SQ-2026-100/%E6%A0%A1%E9%AA%8C/03%20%231%25_%E6%A0%A1%E9%AA%8C.xlsx"
    assert found[-1][2] == "LY-SQ-2026-100/01_%E8%B0%83%E6%9F%A5%E8%A1%A8.xlsx"


def test_links_from_another_folder_and_of_a_folder_that_is_gone(published: Path, tmp_path: Path) -> None:
    other = next(iter(links_of(published, tmp_path / "页")))
    assert other.href.startswith("../%E5%8F%91")
    assert [link.name for link in links_of(tmp_path / "没有")] == [""]


def test_a_name_that_is_no_text_is_linked_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "P").mkdir()
    (tmp_path / os.fsdecode(b"P/a\xff.pdf")).write_bytes(b"")
    *_, link = links_of(tmp_path / "P")
    assert (link.name, link.href) == ("a\ufffd.pdf", "P/a%FF.pdf")


def test_the_page_is_written_aside(tmp_path: Path, published: Path) -> None:
    known = [*many(6)]
    known[2] = known[2].__class__(**{**vars(known[2]), "published": published})
    request = PortfolioRequest(AS_OF, tmp_path / "aside", MADE + timedelta(hours=1), night=night(known))
    made = make_portfolio(known, company(), load_catalogue(), request)
    page = made.page.read_text(encoding="utf-8")
    assert made.page == tmp_path / "aside" / PAGE
    assert all(path.is_file() for path in made.files)
    assert [path.relative_to(request.folder).as_posix() for path in made.reports] == [
        "批次日报/批次日报_20261123.docx",
        "批次日报/批次日报_20261123.xlsx",
    ]
    assert "批次日报" not in page  # it has amounts
    assert "LY-SQ-2026-100/%E5%BE%85%E7%AD%BE" in page
    assert "费用表(终稿).xlsx" in page
    assert {finding.rule.code for finding in made.findings} <= set(load_catalogue())
    assert [line.code for line in made.portfolio.lines][:2] == ["LY-SQ-2026-007", "LY-SQ-2026-015"]


def test_with_amounts_the_page_leads_to_the_report(tmp_path: Path, office: LibreOffice) -> None:
    request = PortfolioRequest(AS_OF, tmp_path, MADE, show_money=True)
    made = make_portfolio(many(3)[2:], company(), load_catalogue(), request, office)
    assert [path.suffix for path in made.reports] == [".docx", ".pdf", ".xlsx"]
    assert 'href="%E6%89%B9%E6%AC%A1%E6%97%A5%E6%8A%A5/"' in made.page.read_text(encoding="utf-8")
    assert reports_in(tmp_path) == sorted(made.reports)
    assert reports_in(tmp_path / "没有") == []


def test_golden_figures_of_the_samples(tmp_path: Path) -> None:
    """Both samples alone: clean, archived, nothing shared beyond what there is."""
    request = PortfolioRequest(AS_OF, tmp_path, MADE)
    made = make_portfolio(samples(), company(), load_catalogue(), request)
    assert made.findings == ()
    assert made.portfolio.signed_total == 7320000
    assert [(load.name, str(max(week.peak for week in load.weeks))) for load in made.portfolio.people] == [
        ("卢海峰", "100"),
        ("邓子安", "40"),
        ("蒋文博", "80"),
    ]


def test_a_log_that_changed_on_the_same_day_asks_for_another_report(tmp_path: Path) -> None:
    """So does one that came or went; what did not change, and a company without logs, does not."""
    beside, folder = tmp_path / "company", tmp_path / "made"
    beside.mkdir()
    there = replace(company(), book=replace(company().book, path=beside / "00_公司基础资料.xlsx"))
    log = beside / "10_工作日志_E106_2026-06.xlsx"
    seen = make_page(many(3)[2:], company(), load_catalogue(), PortfolioRequest(AS_OF, folder, MADE)).portfolio
    assert not logs_changed(there, folder)
    log.write_bytes(b"1")
    assert logs_changed(there, folder)
    make_reports(seen, there, folder, None)
    assert not logs_changed(there, folder)
    log.write_bytes(b"2")
    assert logs_changed(there, folder)
    log.unlink()
    assert logs_changed(there, folder)
    assert all(path.name.startswith("批次日报") for path in reports_in(folder))


def test_logs_beside_workbook_00_are_judged_with_all_projects(tmp_path: Path) -> None:
    master = Path(company().book.path)
    own = replace(company(), book=replace(company().book, path=tmp_path / master.name))
    assert people_told(own, []) == (own, Told())
    sample_builder().write_logs(sample_data(), tmp_path)
    (tmp_path / "10_工作日志_E204_2026-06.xlsx").write_bytes(b"PK")
    known, told = people_told(own, samples())
    assert list(known.unread) == ["10_工作日志_E204_2026-06.xlsx"]
    assert [log.emp_no for log in told.logs] == ["E106", "E203"]
    assert told.codes == {"LY-SQ-2026-007", "LY-SQ-2026-015"}
