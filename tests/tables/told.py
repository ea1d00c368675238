"""A source for the tables: made-up projects with odd names, a secret one, letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.core.documents import Document
from pipeline.core.entries import Bidder, Issue, StageDates, Support
from pipeline.core.facts import Facts
from pipeline.core.findings import Comparison, Finding, Side, Verdict
from pipeline.core.places import Derived, Place, Sourced
from pipeline.core.procedure import Answer, Missing
from pipeline.core.stages import Coverage, Kept, Stage
from pipeline.definitions.catalogue import load_catalogue
from pipeline.tables.told import Names, Post, Source, Told
from tests.cases import AS_OF
from tests.made_projects import at, due, loan, made, price, stay

ODD = '=HYPERLINK("x";"y")'
MORNING = datetime(2026, 11, 23, 1, 30, 20, 5, tzinfo=UTC)
COST = (Place("03_费用.xlsx", "费用明细", "K7"), Place("03_费用.xlsx", "费用明细", "K8"))


def facts(number: int = 1, **entries: Any) -> Facts:
    """Facts with a row in every table."""
    given = {
        "customer": ODD,
        "pm": "E104",
        "contract": Decimal("1234567.89"),
        "stays": (stay("L7", "E203", "2026-03-02", "2026-04-03"),),
        "loans": (loan("P7", "EQ-AP-05", "2026-03-02", "2026-04-03", None),),
        "prices": (price("H7", "0.10"),),
        "stages": (StageDates("S1", "调查", AS_OF, None, None, at("x", "A9")),),
        "dues": (due("D7", "2026-05-01"),),
        "issues": (Issue("方案", False, Decimal(5), AS_OF, at("x", "A9")),),
        "bidders": (Bidder("江城信合", False, AS_OF, Decimal(905000), None, "未中标", at("x", "A9")),),
        "supports": (Support("ZC-2026-012", "方案建议", ("E203", "E202"), AS_OF, None, at("x", "A9")),),
        **entries,
    }
    figures = {
        ("cost", "total"): Derived(Decimal("0.30"), COST),
        ("cost", "account_stage", "2001", "售前", "S1"): Derived(Decimal("0.30"), COST),
        ("cost", "month_scope", "2026-08", "售前"): Derived(Decimal("0.30"), COST),
        ("materials", "group", "软件", "工程", "外购"): Derived(Decimal("-5"), COST[:1]),
        ("staffing", "dept_scope", "研发.中心", "售前"): Derived(Decimal("12.5"), COST[:1]),
    }
    missing = (Missing("会签意见", at("x", "G7")),)
    steps = {"survey": Answer("survey", by=("许知行",)), "countersign": Answer("countersign", missing=missing)}
    begun, ended = (Sourced(date(2026, 6, day), at("x", f"G{day}")) for day in (22, 24))
    step = Stage("2", "现场调查与需求", False, begun, ended, Decimal(2), Decimal(3), "工作日", (Kept("E203", True),))
    stages = (Coverage("wbs", "实施步骤", (step, Stage("3", "原文缺失", absent=True))),)
    return replace(made(number, **given), figures=figures, steps=steps, stages=stages)


def told(number: int = 1, **entries: Any) -> Told:
    """A project of these facts with one finding, one comparison and one document."""
    known = facts(number, **entries)
    finding = Finding(load_catalogue()["F002"], at("x", "C5"), (at("x", "C6"),), {"label": "金额", "found": "99.01"})
    sides = (Side("左", Decimal("12.50"), (at("x", "C5"),)), Side("右", "无", ()))
    compared = Comparison("X207", "购置费", *sides, Verdict.DIFFERENT)
    by_line = replace(compared, subject="逐行", by_line=True)
    made_ = Document("PPR", "项目计划报告", "A/0", "待签", date(2026, 5, 29), Path("/w/报告.docx"), pages=3)
    return Told(
        known.code, known.name, AS_OF, known, "warnings", (finding,), (compared, by_line), (made_,), "", MORNING
    )


def letter(about: str) -> Post:
    """A letter about something."""
    return Post(about, 7, "陆子昂(项目经理)", "pm@lanyu.example", "已发", MORNING, None, 1)


def source(*projects: Told) -> Source:
    """These projects, with a letter about each and one about the night."""
    letters = tuple(letter(about) for about in (*(one.code for one in projects), "批次日报"))
    return Source(projects, letters, Names({"2001": "差旅费"}, {"E104": "陆子昂"}))
