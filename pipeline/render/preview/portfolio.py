"""A made-up portfolio in which every list has a row: what the template of the daily report is checked against."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

from pipeline.core.company import Company
from pipeline.core.findings import Finding, Rule, Severity
from pipeline.core.places import Place
from pipeline.core.portfolio import (
    Expiring,
    HitRate,
    Late,
    Line,
    Load,
    MonthSum,
    Night,
    Portfolio,
    RuleCount,
    Week,
)
from pipeline.definitions.documents import DocumentForm
from pipeline.render.context.portfolio import portfolio_context
from pipeline.render.context.shown import Node

DAY = date(2026, 3, 5)
CODE = "LY-SQ-2026-001"


def preview(form: DocumentForm, company: Company) -> Node:
    """Context of a document over all projects in which every name is there."""
    return portfolio_context(_portfolio(), company, form)


def _portfolio() -> Portfolio:
    rule = Rule("B404", Severity.ERROR, "6.3.1", "示例", "Example", "改正", "", "portfolio", ("staffing",))
    found = Finding(rule, Place("05_示例.xlsx", "人员需求", "L7"), (), {"projects": CODE})
    line = Line(CODE, "示例项目", "示例客户", "一般项目", "示例人", "执行中", "系统方案审批", change="新增")
    week = Week(Decimal(150), (CODE,), over=True)
    returned = SimpleNamespace(
        department="示例部", name="示例.xlsx", reason="示例原因", at=datetime(2026, 3, 5, tzinfo=UTC)
    )
    return Portfolio(
        as_of=DAY,
        lines=(line,),
        weeks=(DAY - timedelta(days=DAY.weekday()),),
        people=(Load("E001", "示例人", "示例部", Decimal(100), (week,)),),
        equipment=(Load("EQ-01", "示例设备", "示例部", Decimal(1), (week,)),),
        states=(("执行中", 1),),
        rules=(RuleCount("B404", "示例", "error", 1, 1),),
        months=(MonthSum("2026-03", Decimal(1), Decimal(1), Decimal(1)),),
        late=(Late(CODE, "行动项", "HY-01", "示例", "示例人", DAY, 1),),
        expiring=(Expiring(CODE, "示例项目", DAY, DAY, 1),),
        hit_rate=HitRate(1, 1, 1, Decimal("50.0")),
        findings=(found,),
        night=Night((CODE,), (), (), (returned,)),
    )
