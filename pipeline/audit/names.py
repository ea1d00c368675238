"""Figures in words, and by which names documents print them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from pipeline.core.figures import FIGURES, Key, name_of

_TABLES = {
    "cost": "费用",
    "materials": "物资",
    "staffing": "人员",
    "plan": "阶段计划",
    "revenue": "收入",
    "deviation": "偏差(实际减计划)",
    "revisions": "计划版本",
    "changes": "变更",
    "quotation": "报价清单",
    "gross_profit": "毛利",
    "gross_margin": "毛利率",
}
_NAMES = {
    "total": "合计",
    "total_excl": "不含税合计",
    "presales": "售前小计",
    "engineering": "工程小计",
    "presales_excl": "售前小计(不含税)",
    "engineering_excl": "工程小计(不含税)",
    "account": "科目",
    "account_excl": "科目(不含税)",
    "account_scope": "科目、归属",
    "account_stage": "科目、归属、阶段",
    "stage": "阶段",
    "month": "月份",
    "month_scope": "月份、归属",
    "running": "累计至",
    "category": "类别",
    "group": "类别、归属、取得方式",
    "days": "人天",
    "presales_days": "售前人天",
    "engineering_days": "工程人天",
    "amount": "人工费",
    "presales_amount": "售前人工费",
    "engineering_amount": "工程人工费",
    "dept": "部门人天",
    "dept_scope": "部门、归属人天",
    "dept_stage": "部门、阶段人天",
    "dept_amount": "部门人工费",
    "scope_stage": "归属、阶段人工费",
    "stage_days": "人天合计",
    "stage_budget": "费用合计",
    "cost": "费用",
    "price": "报价",
    "ratio": "利益比(报价÷成本价)",
    "baseline": "首版总费用",
    "planned": "首版与已批准变更",
    "last": "末版总费用",
    "approved": "已批准的费用增减",
    "before": "此前已批准",
    "after": "变更后总费用",
}
# Printed names of single figures; with `.wan` and `.upper` behind them the same figure in 万元 and in capitals.
SINGLE: Final[Mapping[str, Key]] = {
    **{
        f"cost.{name}": ("cost", name)
        for name in ("total", "total_excl", "presales", "presales_excl", "engineering", "engineering_excl")
    },
    **{f"materials.{name}": ("materials", name) for name in ("total", "presales", "engineering")},
    "staffing.total_days": ("staffing", "days"),
    "staffing.presales_days": ("staffing", "presales_days"),
    "staffing.engineering_days": ("staffing", "engineering_days"),
    "staffing.total_amount": ("staffing", "amount"),
    "plan.gross_profit": ("gross_profit",),
    "plan.gross_margin": ("gross_margin",),
    **{f"bids.{name}": ("quotation", name) for name in ("cost", "price", "ratio")},
    "plan.stage_days": ("plan", "stage_days"),
    "plan.stage_budget": ("plan", "stage_budget"),
    "plan.revenue_total": ("revenue", "total"),
    "plan.revenue_excl": ("revenue", "total_excl"),
    "deviation.plan_days": ("staffing", "presales_days"),
    "deviation.plan_cost": ("cost", "presales"),
    "deviation.days_diff": ("deviation", "days"),
    "deviation.cost_diff": ("deviation", "cost"),
    "changes_total": ("changes", "approved"),
}
# Printed lists of figures: the key of a figure by the last part of its name; what is in braces is printed beside it.
LISTS: Final[Mapping[str, Mapping[str, Key]]] = {
    "cost.by_account[]": {
        "amount": ("cost", "account", "{code}"),
        "presales": ("cost", "account_scope", "{code}", "售前"),
        "engineering": ("cost", "account_scope", "{code}", "工程"),
    },
    "cost.by_stage[]": {"amount": ("cost", "stage", "{code}")},
    "cost.by_month[]": {"amount": ("cost", "month", "{month}"), "running": ("cost", "running", "{month}")},
    "materials.by_category[]": {"amount": ("materials", "category", "{category}")},
    "materials.groups[]": {"subtotal": ("materials", "category", "{category}")},
    "staffing.by_dept[]": {
        "days": ("staffing", "dept", "{dept}"),
        "amount": ("staffing", "dept_amount", "{dept}"),
    },
    "staffing.matrix.rows[]": {"total": ("staffing", "dept", "{dept}")},
}
FORMS: Final = (".wan", ".upper")
_INDEX = re.compile(r"\[\d+\]")


def in_words(key: Key) -> str:
    """A figure in Chinese: 费用 科目、归属 1005 售前."""
    name = name_of(key)
    parts = key[len(name) :]
    words = [_TABLES[name[0]], *(_NAMES[one] for one in name[1:]), *(part or "(空)" for part in parts)]
    return " ".join(words)


def key_of(name: str, beside: Mapping[str, str]) -> Key | None:
    """The figure that is printed under a name; None where it is none, or what tells it apart is not printed.

    Args:
        name: as the template writes it, without `.wan` or `.upper`.
        beside: values of the document by name.
    """
    if name in SINGLE:
        return SINGLE[name]
    owner, _, last = name.rpartition(".")
    pattern = LISTS.get(_INDEX.sub("[]", owner), {}).get(last)
    if pattern is None:
        return _crossed(name, beside)
    parts = [beside.get(f"{owner}.{part[1:-1]}") if part.startswith("{") else part for part in pattern]
    return None if None in parts else tuple(part for part in parts if part is not None)


_CELL = re.compile(r"staffing\.matrix\.(?:rows\[(\d+)\]\.cells|totals)\[(\d+)\]")


def _crossed(name: str, beside: Mapping[str, str]) -> Key | None:
    """A cell, or a total below, of the table of departments and stages."""
    match = _CELL.fullmatch(name)
    stage = beside.get(f"staffing.matrix.stages[{match[2]}]") if match else None
    if match is None or stage is None:
        return None
    if match[1] is None:
        return ("staffing", "stage", stage)
    dept = beside.get(f"staffing.matrix.rows[{match[1]}].dept")
    return None if dept is None else ("staffing", "dept_stage", dept, stage)


def papers_in_short(labels: Sequence[str]) -> str:
    """Papers by their codes, those that differ only in their part counted: PPR、SRP(9份)."""
    codes = Counter(label.partition("-")[0] for label in labels)
    alone = {label.partition("-")[0]: label for label in labels}
    return "、".join(alone[code] if count == 1 else f"{code}({count}份)" for code, count in codes.items())


def all_named() -> bool:
    """Whether every figure has words; a test asks."""
    return all(name[0] in _TABLES and set(name[1:]) <= _NAMES.keys() for name in FIGURES)
