"""What a report of a week or month says beside its own row: what was due, shares of the plan (clause 6.4.9)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pipeline.core.leaves import Shown
from pipeline.core.money import half_up
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.core.workdays import period_end, period_start
from pipeline.derive.progress import Due, due_by
from pipeline.render.context.shown import Node, Source, leaf, words

# By the field of the row: what is planned for it, how it is printed, the figure of the whole plan.
_LINES = {"days": ("person_days", "num"), "cost": ("budget", "money")}


def report(source: Source, row: Record, elsewhere: str) -> Node:
    """Names below `report` of one row of the reports.

    Args:
        source: as seen from the report's day.
        row: row of 项目汇报.
        elsewhere: what stands for figures of an older plan that is not at hand; empty where the plan is.
    """
    end = period_end(row.text("period"))
    found: Node = {
        "period": words("report.period", spelled(row.text("period")), (row.at("period"),)),
        "day": leaf("report.day", end, "date", (row.at("period"),)),
    }
    for key, (field, kind) in _LINES.items():
        due = due_by(source.project, source.company, end, field) if end else None
        actual = row.money(f"actual_{key}")
        at = () if elsewhere else (row.at(f"actual_{key}"), *(due.cells if due else ()))
        values = _against(due, actual.value if actual else None, known=not elsewhere)
        found |= {
            f"{key}_{name}": _leaf(
                f"report.{key}_{name}",
                value,
                "share" if name == "pct" else kind,
                at,
                elsewhere if name == "due" else "",
            )
            for name, value in values.items()
        }
    return found | _progress(source, row, end, elsewhere)


def _against(due: Due | None, actual: Decimal | None, *, known: bool) -> dict[str, Decimal | None]:
    if due is None or actual is None or not known:
        return {"due": due.done if due else None, "diff": None, "pct": None}
    share = half_up(actual / due.whole * 100, 1) if due.whole else None
    return {"due": due.done, "diff": actual - due.done, "pct": share}


def _progress(source: Source, row: Record, end: date | None, elsewhere: str) -> Node:
    """The progress in per cent: what the plan wanted (by person-days), and ahead or behind."""
    due = due_by(source.project, source.company, end, "person_days") if end else None
    wanted, pct = due.share if due else None, row.money("pct")
    known = due is not None and not elsewhere
    cells = due.cells if due and known else ()
    said = _ahead(pct.value - wanted) if pct and wanted is not None and known else ""
    return {
        "progress_due": _leaf("report.progress_due", wanted, "percent", cells, elsewhere),
        "progress_diff": words("report.progress_diff", said, (row.at("pct"), *cells) if known else ()),
    }


def _ahead(points: Decimal) -> str:
    if not points:
        return "按计划"
    return f"{'超前' if points > 0 else '落后'}{abs(half_up(points, 0))}个百分点"


def _leaf(name: str, value: Decimal | None, kind: str, cells: tuple[Place, ...], elsewhere: str) -> Shown:
    return words(name, elsewhere) if elsewhere else leaf(name, value, kind, cells)


def spelled(period: str) -> str:
    """A week or month as people write it: 2026年7月6日至7月10日（第28周）; another text as it stands."""
    start, end = period_start(period), period_end(period)
    if not start or not end:
        return period
    if "W" not in period:
        return f"{end.year}年{end.month}月"
    last, week = f"{end.month}月{end.day}日", int(period.partition("-W")[2])
    year = f"{end.year}年" if end.year != start.year else ""
    return f"{start.year}年{start.month}月{start.day}日至{year}{last}（第{week}周）"
