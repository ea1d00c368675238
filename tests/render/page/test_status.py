from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pytest

from pipeline.core.entries import Awaited
from pipeline.core.places import Place, Sourced
from pipeline.core.portfolio import Line, Link, Measure, Portfolio
from pipeline.core.stages import Coverage, Stage
from pipeline.render.page.status import PageInfo, _cards, _row, status_page
from tests.answered import passed
from tests.cases import AS_OF
from tests.made_portfolio import MADE, Remembered, archive, many, remembered, surveyed
from tests.made_projects import due, made

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)> '\" & {{ 7*7 }} \u2028"


def shown(portfolio: Portfolio, **more: Any) -> str:
    return status_page(portfolio, PageInfo("凌云公司", MADE, **more))


def data(page: str) -> list[dict[str, Any]]:
    """What the script of the page is given."""
    match = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert match
    found: list[dict[str, Any]] = json.loads(match[1])["projects"]
    return found


class Tags(HTMLParser):
    """Elements of the page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@cache
def busy() -> Portfolio:
    failed = Remembered("LY-SQ-2026-901", "坏项目", None, failure="转换超时。")
    return surveyed([*many(40)[2:], archive(900, "2027-01-31"), failed])


def test_every_project_has_its_row_and_its_data() -> None:
    page = shown(busy())
    codes = [line.code for line in busy().lines]
    assert re.findall(r'id="p-([^"]+)"', page) == codes
    assert [one["code"] for one in data(page)] == codes
    assert "转换超时。" in page


def test_the_page_says_how_the_service_is_where_there_is_one() -> None:
    page = shown(busy(), service="监视在运行;磁盘可用 9 MB", troubles=(f"财务部/{EVIL} 没有收下",))
    assert "监视在运行;磁盘可用 9 MB" in page
    assert EVIL not in page
    assert "没有收下" in page
    assert 'class="meta trouble"' not in shown(busy())


def test_what_the_program_could_not_do_is_no_fault_of_staff() -> None:
    cards = {one["label"]: one["value"] for one in _cards(busy(), PageInfo("凌云公司", MADE))}
    wrong = sum(1 for line in busy().lines if line.errors and not line.failure)
    assert (cards["不通过的项目"], cards["运行失败的项目"]) == (wrong, 1)
    without = replace(busy(), lines=tuple(line for line in busy().lines if not line.failure))
    assert "运行失败的项目" not in {one["label"] for one in _cards(without, PageInfo("凌云公司", MADE))}


def test_nothing_is_loaded_from_anywhere_and_nothing_foreign_runs() -> None:
    page = shown(busy(), links={"LY-SQ-2026-100": [Link("待签", "a.pdf", "LY-SQ-2026-100/a.pdf")]})
    policy = next(attrs["content"] for tag, attrs in Tags(page).found if attrs.get("http-equiv"))
    assert policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"(?:src|href|action)\s*=\s*[\"']?(?:https?:)?//", page)
    assert not any(name.startswith("on") or name == "style" for _, attrs in Tags(page).found for name in attrs)


def test_what_people_typed_stays_text() -> None:
    known = remembered(
        replace(made(1, customer=EVIL, dues=(replace(due("D7", "2026-11-01"), text=EVIL),)), name=EVIL, missing=(EVIL,))
    )
    clean, page = shown(surveyed([remembered(made(1))], quiet=True)), shown(surveyed([known], quiet=True))
    assert page.count("<script") == clean.count("<script")
    assert page.count("<img") == 0
    assert "{{ 7*7 }}" in page
    assert data(page)[0]["missing"] == [EVIL]


def test_amounts_only_when_asked_for() -> None:
    row = remembered(made(1, contract=Decimal("1234567.00"), signed=Decimal("1234567.00")))
    portfolio = surveyed([row], quiet=True)
    assert "123.46" in shown(portfolio, money=True)
    silent = shown(portfolio)
    assert "123.46" not in silent
    assert "1234567" not in silent
    assert "不显示金额" in silent


def test_a_secret_project_is_a_code_and_nothing_else() -> None:
    secret = made(
        1,
        secrecy="秘密",
        name="绝密楼",
        customer="某单位",
        pm="E104",
        contract=Decimal("7654321"),
        contract_no="X-1",
        dues=(due("D7", "2026-11-01"),),
    )
    secret = replace(secret, name="绝密楼", missing=("绝密附件",))
    other = made(2, contract_no="X-1", customer="别家", name="公开楼")
    portfolio = surveyed([remembered(secret), remembered(other)], quiet=True)
    page = shown(portfolio, money=True, links={})
    for word in ("绝密", "某单位", "陆子昂", "765.43", "7654321", "补充报价", "X-1"):
        assert word not in page, word
    line = portfolio.lines[0]
    assert (line.masked, line.errors, line.warnings, line.state) == (True, 1, 1, "执行中")
    assert data(page)[0] == {"code": "LY-SQ-2026-001", "masked": True, "missing": [], "awaited": [], "findings": [],
                             "failure": "", "stage": "", "since": ""}  # fmt: skip
    assert data(page)[1]["hidden"] == 1


def test_links_stand_in_their_folders() -> None:
    links = {
        "LY-SQ-2026-001": [
            Link("待签", "", "c/%E5%BE%85"),
            Link("待签", "a b.pdf", "c/a%20b.pdf"),
            Link("", "01.xlsx", "c/01.xlsx"),
        ]
    }
    (one,) = data(shown(surveyed([remembered(made(1))], quiet=True), links=links))
    assert one["folders"] == [
        {"name": "待签", "href": "c/%E5%BE%85", "files": [{"name": "a b.pdf", "title": "", "href": "c/a%20b.pdf"}]},
        {"name": "项目文件夹", "href": "", "files": [{"name": "01.xlsx", "title": "", "href": "c/01.xlsx"}]},
    ]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("LY-SQ-2026-007_PPR_A1_20260702.pdf", "项目计划报告"),
        ("LY-SQ-2026-007_CRO-财务部_A1_20260716.pdf", "产品/项目销售合同评审意见表 财务部"),
        ("LY-SQ-2026-007_OAC-AG02_20260723.docx", "口头协议书面确认单 AG02"),
        ("LY-SQ-2026-007_计划包_V1_20260721.zip", ""),
        ("03_费用_XYZ_1.xlsx", ""),
    ],
)
def test_a_paper_is_called_by_its_title(name: str, title: str) -> None:
    (one,) = data(shown(surveyed([remembered(made(1))], quiet=True), links={"LY-SQ-2026-001": [Link("", name, "x")]}))
    assert one["folders"][0]["files"][0]["title"] == title


def test_who_is_waited_for_since_when() -> None:
    awaited = (Awaited("会签", "网络产品部", "骆明远", "E201"), Awaited("会签", "财务部"), Awaited("会签", "研发中心"))
    facts = made(1, awaited=awaited)
    steps = dict(passed(("survey", "plan", "notice")))
    for key, days in (("survey", -20), ("plan", -9), ("notice", 1), ("signing", -2)):  # the last is not passed
        steps[key] = replace(steps[key], day=Sourced(AS_OF + timedelta(days=days), Place("06")))
    portfolio = surveyed([remembered(replace(facts, steps=steps))], quiet=True)
    page = shown(portfolio)
    assert portfolio.lines[0].since == AS_OF - timedelta(days=9)
    assert data(page)[0]["since"] == "2026-11-14"
    assert "财务部等3人" in page
    assert '<span class="short">9 天</span>' in page
    assert page.count('data-label="已等（天）" data-sort="9"') == 3


def test_many_findings_are_cut_and_said_so() -> None:
    rows = many(40)[2:]
    most = max(rows, key=lambda row: len(row.findings))
    full = replace(most, findings=most.findings * 40)
    (one,) = data(shown(surveyed([full], quiet=True)))
    assert (len(one["findings"]), one["more"]) == (
        60,
        len(full.findings) + len(surveyed([full], quiet=True).findings) - 60,
    )


def test_a_page_without_projects() -> None:
    page = shown(Portfolio(AS_OF))
    assert "还没有项目。" in page
    assert data(page) == []


def test_each_control_has_a_label_and_each_table_a_caption() -> None:
    page = shown(busy(), money=True)
    tags = Tags(page).found
    assert page.count("<caption") == sum(1 for tag, _ in tags if tag == "table")
    assert all(attrs.get("scope") for tag, attrs in tags if tag == "th")
    panels = {attrs["id"]: attrs["aria-labelledby"] for _, attrs in tags if attrs.get("role") == "tabpanel"}
    tabs = {attrs["aria-controls"]: attrs["id"] for _, attrs in tags if attrs.get("role") == "tab"}
    assert panels == tabs
    for control in ("select", "input"):
        assert len(re.findall(rf"<label[^>]*>(?:(?!</label>).)*<{control}", page, re.DOTALL)) == page.count(
            f"<{control}"
        )


def test_a_count_leads_to_what_it_counts() -> None:
    portfolio = busy()
    cards = {one["label"]: one for one in _cards(portfolio, PageInfo("凌云公司", MADE, money=True))}
    rows = [_row(line, AS_OF) for line in portfolio.lines]
    for label in ("不通过的项目", "只有警告的项目", "运行失败的项目"):
        assert cards[label]["value"] == sum(1 for row in rows if row["status"] == cards[label]["status"])
    assert cards["在办"]["value"] == sum(1 for row in rows if not row["ended"])
    assert (cards["逾期事项"]["view"], cards["已签合同（万元）"]["view"]) == ("late", "")


def test_a_line_is_its_defaults() -> None:
    assert "LY-SQ-2026-009" in shown(Portfolio(AS_OF, (Line("LY-SQ-2026-009"),)))


def test_stages_of_a_project_are_one_bar_of_cells_and_only_where_there_are_some() -> None:
    day, later = (Sourced(date(2026, 6, number), Place("07.xlsx")) for number in (22, 26))
    late = Stage("2", "现场调查与需求", False, day, later, Decimal(4), Decimal(3), "工作日")
    model = Coverage("wbs", "实施步骤", (late, Stage("3", "原文缺失", absent=True), Stage("4", "方案<制作>")))
    page = shown(surveyed([remembered(replace(made(1), stages=(model,)))]))
    assert 'id="tab-stages"' in page
    assert "2 现场调查与需求：已结束（2026-06-22至2026-06-26），超过时限" in page
    assert "3 原文缺失：原文缺失" in page
    assert "方案&lt;制作&gt;" in page
    assert 'id="tab-stages"' not in shown(surveyed([remembered(made(1))]))
    secret = made(1, secrecy="秘密")
    assert 'id="tab-stages"' not in shown(surveyed([remembered(replace(secret, stages=(model,)))]))


def test_figures_that_are_amounts_are_shown_only_with_amounts() -> None:
    cost = Measure("支持成本（元）", "LY-SQ-2026-101", "12,345.00", "80 小时", amount=True)
    portfolio = replace(surveyed([remembered(made(1))]), measures=(Measure("漏斗", "立项", "7", ""), cost))
    assert "12,345.00" not in shown(portfolio)
    assert "12,345.00" in shown(portfolio, money=True)
    assert ">立项<" in shown(portfolio)
