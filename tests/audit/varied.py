"""Made projects of every kind as workbooks: odd names, discounts, prices to the tenth of a fen, lines of all groups."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.definitions.values import Content, Master00
from tests.cases import DORM, TV, sample_builder, sample_data

# Names that people give: what a key, a path, a formula or a pattern could stumble over.
_NAMES = (
    "研发.中心",
    "网络|产品部",
    "市场/销售部",
    "质量部(原质管)",
    "O'Brien & 组",
    "工程部 第2组",
    "采购-商务",
    "部",
    "合计部",
    "𠮷野部",
    "Ⅲ部",
    "1001",
    "a.b|c.d",
    "非常长的部门名称" * 3,
)
_PROJECTS = ("“核心”网.升级|项目", "=1+1", "9号/10号楼(二期)", "𠮷安市 5G 项目", "A&B <x>", "2026年.网络.改造")


def write_varied(folder: Path, seed: int) -> Path:
    """Write the workbooks of a made project; the same number gives the same."""
    chance = random.Random(seed)
    code, builder = chance.choice((DORM, TV)), sample_builder()
    made = builder.apply(builder.contents(sample_data(), code), [], recalculate=True)
    made = _renamed(made, chance)
    for book in ("cost", "materials", "staffing"):
        lines = [_line(row, chance) for row in _chosen(made[book].sheets["lines"], chance)]
        made[book] = replace(made[book], sheets={**made[book].sheets, "lines": lines})
    folder.mkdir(parents=True, exist_ok=True)
    master = Master00(made["master"].sheets)
    for key, content in made.items():
        builder.write_one(key, content, master, code, folder)
    return folder


def _renamed(made: Mapping[str, Content], chance: random.Random) -> dict[str, Content]:
    """Departments and the project under odd names, in every workbook alike."""
    old = [row["dept_name"] for row in made["master"].sheets["departments"]]
    new = dict(zip(old, chance.sample(_NAMES, len(old)), strict=True))
    new[str(made["plan"].head["project_name"])] = chance.choice(_PROJECTS)
    return {key: _with(content, new) for key, content in made.items()}


def _with(content: Content, new: Mapping[str, str]) -> Content:
    def named(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(named, value))
        if isinstance(value, Mapping):
            return {key: named(one) for key, one in value.items()}
        if isinstance(value, list):
            return [named(one) for one in value]
        return new.get(value, value) if isinstance(value, str) else value

    parts = (content.head, content.sheets, content.totals, content.headers)
    return Content(*(named(part) for part in parts))


def _chosen(rows: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """Some of the lines in another order, some of them twice."""
    chosen = [row for row in rows for _ in range(chance.choice((0, 1, 1, 1, 2)))] or rows[:1]
    chance.shuffle(chosen)
    return [{**row, "no": Decimal(number)} for number, row in enumerate(chosen, 1)]


def _line(row: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A line with other numbers and in another group."""
    changed = dict(row)
    if "unit_price" in row:
        changed["qty"] = Decimal(chance.randrange(1, 500)) / chance.choice((1, 1, 4))
        changed["unit_price"] = Decimal(chance.randrange(-200, 90000)) / chance.choice((1, 100, 1000))
        changed["tax_rate"] = Decimal(chance.choice((0, 3, 6, 9, 13)))
    if "alloc" in row:
        changed["alloc"] = Decimal(chance.choice((10, 33, 50, 100)))
    if chance.random() < 0.5:
        changed["scope"] = chance.choice(("售前", "工程"))
        changed["stage"] = chance.choice(("S1", "S2", "S3", "G1", "G2"))
    if row.get("use_month"):
        changed["use_month"] = f"2026-{chance.randrange(1, 13):02d}"
    return changed
