"""The rounds of the third project: what was handed in since the last one, and on which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.project_run.grown import Edit, cell, row


@dataclass(frozen=True)
class Round:
    """One run of the office.

    Attributes:
        last: record sheet up to which 06 is filled.
        day: of the run.
        edits: what was changed since.
    """

    last: str
    day: date
    edits: tuple[Edit, ...] = ()


def report(period: str, pct: int, days: float, cost: str) -> Edit:
    """A weekly report."""
    said = {"progress": "按计划", "issues": "无", "next": "按计划"}
    spent = {"pct": pct, "actual_days": days, "actual_cost": cost}
    return row("records", "reports", period=period, by="E105", **said, **spent)


def top(book: str, key: str, value: str) -> Edit:
    """The head of a workbook."""
    return {"op": "set", "workbook": book, "sheet": "_head", "field": key, "value": value, "part": "head"}


# Version V1.1 of the survey: two items are known better.
SURVEY = (
    top("survey", "version", "V1.1"),
    cell("survey", "items", "value", 35, no="D03"),
    cell("survey", "items", "updated", "2026-08-14", no="D03"),
    cell("survey", "items", "value", "2家", no="B12"),
    cell("survey", "items", "status", "明确", no="B12"),
    cell("survey", "items", "updated", "2026-08-14", no="B12"),
    row(
        *("survey", "versions"),
        version="V1.1",
        date="2026-08-14",
        by="E105",
        change="更新B12、D03",
        customer_confirm="罗敏",
    ),
    row(
        *("survey", "updates"),
        **{"version": "V1.1", "date": "2026-08-14", "item_no": "D03", "old_status": "明确", "old_value": 30},
        **{"new_status": "明确", "new_value": 35, "by": "E105", "note": "复勘增加走廊"},
    ),
    row(
        *("survey", "updates"),
        **{"version": "V1.1", "date": "2026-08-14", "item_no": "B12", "old_status": "不明确", "old_value": "不明确"},
        **{"new_status": "明确", "new_value": "2家", "by": "E105", "note": "公告后了解"},
    ),
)
# Version A/1 of the plan, by an approved change: five access points more.
PLAN = (
    *(top(book, "version", "A/1") for book in ("plan", "cost", "materials", "staffing")),
    cell("plan", "basics", "plan_version", "A/1"),
    cell("plan", "basics", "planned_total_cost", "125105.70"),
    cell("plan", "basics", "engineering_estimate", "95265.70"),
    cell("plan", "basics", "materials_total", "64200.00"),
    cell("plan", "stages", "budget", "49800.00", code="G1"),
    cell("materials", "lines", "qty", 35, no="2"),
    cell("cost", "lines", "unit_price", "49800.00", acc="1001"),
    row(
        *("plan", "revisions"),
        **{"version": "A/1", "date": "2026-08-31", "change": "AP增加5台", "change_no": "CR-01", "by": "E105"},
        total="125105.70",
    ),
    row(
        *("records", "changes"),
        **{"no": "CR-01", "by": "E105", "date": "2026-08-28", "kind": "方案-技术", "reason": "走廊也要覆盖"},
        **{"before": "AP 30台", "after": "AP 35台", "delta_cost": "3400.00", "delta_days": 0, "impact": "质量目标不变"},
        **{"consulted": "E202", "approver": "E201", "approve_date": "2026-08-31", "effective_date": "2026-08-31"},
        status="已批准",
    ),
)
ROUNDS = (
    Round("", date(2026, 8, 6)),
    Round("countersign", date(2026, 8, 10)),
    Round("tracking", date(2026, 8, 14), (*SURVEY, cell("master", "persons", "name", "沈嘉和", emp_no="E101"))),
    Round("scheme", date(2026, 8, 28), (report("2026-W33", 12, 4, "4000.00"), report("2026-W35", 62, 15, "17600.00"))),
    Round("scheme", date(2026, 8, 31), PLAN),
    Round(
        "bidding",
        date(2026, 9, 3),
        (
            report("2026-W36", 80, 20, "25000.00"),
            cell("records", "scheme", "check_date", "2026-08-26"),
            cell("records", "actions", "status", "已完成", memo_no="HY-01"),
            cell("records", "changes", "status", "已实施", no="CR-01"),
            cell("master", "company", "short_name", "新简称"),
        ),
    ),
    Round("handover", date(2026, 9, 16), (report("2026-W37", 95, 24, "29100.00"),)),
    Round("handover", date(2027, 3, 1), (cell("master", "persons", "name", "方蕴之", emp_no="E601"),)),
)
