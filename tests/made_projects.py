"""Facts of made-up projects, as the ledger keeps them: the portfolio never sees a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.check.portfolio.rules import judge_portfolio
from pipeline.core.company import Company
from pipeline.core.entries import Due, Entries, Loan, Price, Retention, Stamp, Stay
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding
from pipeline.core.places import Derived, Place, Sourced
from pipeline.definitions.catalogue import load_catalogue
from tests.cases import AS_OF, load_case

D = date.fromisoformat


def at(code: str, cell: str, sheet: str = "表") -> Place:
    """A cell of a project's workbook."""
    return Place(f"{code}.xlsx", sheet, cell)


def made(number: int, state: str = "执行中", *, kind: str = "一般项目", **entries: Any) -> Facts:
    """Facts of LY-SQ-2026-<number>; texts of `entries` become values with a cell."""
    code = f"LY-SQ-2026-{number:03d}"
    sourced = {
        key: Sourced(value, at(code, key)) if isinstance(value, str | Decimal) and key != "secrecy" else value
        for key, value in entries.items()
    }
    return Facts(
        code=code,
        name=f"项目{number}",
        as_of=AS_OF,
        business_date=AS_OF,
        state=state,
        next_gate="系统方案审批(6.4.3)",
        missing=("系统方案审批单（批准）",),
        project_class=Derived(kind),
        entries=Entries(**sourced),
    )


def stay(cell: str, emp_no: str, start: str, end: str, alloc: int | None = 60, **more: Any) -> Stay:
    """A staffing row in `cell` (column L) of no particular project."""
    given = {"name": "白露", "dept": "网络产品部", "grade": "L3", **more}
    share = None if alloc is None else Decimal(alloc)
    place, number = Place("05.xlsx", "人员需求", cell), Place("05.xlsx", "人员需求", cell.replace("L", "C"))
    days = {"start": D(start) if start else None, "end": D(end) if end else None}
    return Stay(emp_no=emp_no, alloc=share, at=place, emp_at=number, **days, **given)


def loan(cell: str, asset: str, start: str, end: str, qty: int | None = 1, mode: str = "借用") -> Loan:
    """A materials row with an asset number in `cell` (column P)."""
    place, need = Place("04.xlsx", "物资明细", cell), Place("04.xlsx", "物资明细", cell.replace("P", "N"))
    days = (D(start) if start else None, D(end) if end else None)
    return Loan(asset, "样机", mode, *days, None if qty is None else Decimal(qty), place, need)


def price(cell: str, amount: str, name: str = "光模块", model: str = "10G", unit: str = "只") -> Price:
    """A purchased material."""
    return Price(name, model, unit, Decimal(amount), Place("04.xlsx", "物资明细", cell))


def due(cell: str, day: str, kind: str = "action", status: str = "进行中") -> Due:
    """An unsettled action or problem."""
    return Due(kind, "HY-01", "补充报价", "E102", D(day), status, Place("06.xlsx", "会议行动项", cell))


def stamp(form: str, code: str, name: str) -> Stamp:
    """Code and name on top of a workbook."""
    return Stamp(form, code, name, Place(f"{form}.xlsx", "表", "H2"))


def kept(cell: str, archived: str | None, until: str | None) -> Retention:
    """An archive."""
    days = (D(archived) if archived else None, D(until) if until else None)
    return Retention(*days, "市场销售部", Place("06.xlsx", "移交清单", cell))


def company() -> Company:
    """Workbook 00 of the samples."""
    return load_case().company


def judged(*projects: Facts, unchanged: Iterable[str] = (), as_of: date = AS_OF) -> list[Finding]:
    """Findings of the portfolio; each can say what it means in both languages and names its projects."""
    found = judge_portfolio(projects, company(), load_catalogue(), as_of, unchanged)
    for finding in found:
        assert finding.message("zh")
        assert finding.message("en")
        assert finding.remedy("zh")
        assert finding.at not in finding.related
        assert {"found", "expected", "projects"} <= set(finding.values)
    return list(found)


def short(findings: Iterable[Finding]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Cell, rule and related cells of every finding."""
    return [(str(f.at.cell or f.at.workbook), f.rule.code, tuple(p.cell or "" for p in f.related)) for f in findings]
