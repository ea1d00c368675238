"""Contexts of the plan and of the survey."""

from __future__ import annotations

from collections.abc import Callable, Collection
from decimal import Decimal
from itertools import groupby

from pipeline.core.facts import ItemFacts, SurveyFacts
from pipeline.core.leaves import Shown
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.definitions.forms import Item
from pipeline.render.context.revision import revised
from pipeline.render.context.shown import Node, Source, figure, head, leaf, of_cell, table, words

_HEADS = ("basics", "narrative", "feasibility")
_TABLES = ("stages", "organisation", "interfaces", "tests", "quality_goals", "revenue", "risks", "revisions")
_FIGURES = (
    ("stage_days", ("plan", "stage_days"), "num"),
    ("stage_budget", ("plan", "stage_budget"), "money"),
    ("revenue_total", ("revenue", "total"), "money"),
    ("revenue_excl", ("revenue", "total_excl"), "money"),
)


def plan(source: Source) -> Node:
    """Sheets of workbook 02 and the figures that follow from them."""
    found: Node = {key: head(source, f"plan.{key}", "plan", key) for key in _HEADS}
    found |= {key: table(source, f"plan.{key}", "plan", key) for key in _TABLES}
    found |= {key: figure(source, f"plan.{key}", name, kind) for key, name, kind in _FIGURES}
    found["gross_profit"] = _margin(source, "gross_profit", "money")
    found["gross_margin"] = _margin(source, "gross_margin", "rate")
    found["receipts"] = _receipts(source)
    found["revised"] = revised(source)
    return found


def _receipts(source: Source) -> list[Node]:
    """What is to be paid in, and beside it the costs planned up to that month."""
    rows = source.project.rows("plan", "receipts")
    months = sorted(key[2] for key in source.facts.figures if key[:2] == ("cost", "running"))
    found = []
    for number, (row, node) in enumerate(zip(rows, table(source, "plan.receipts", "plan", "receipts"), strict=True)):
        due = row.date("due")
        until = [month for month in months if due and month <= f"{due.value:%Y-%m}"]
        name = f"plan.receipts[{number}].spent"
        spent = figure(source, name, ("cost", "running", until[-1])) if until else leaf(name, None, "money")
        found.append({**node, "spent": spent})
    return found


def _margin(source: Source, key: str, kind: str) -> Shown:
    """Blank, not zero, while one side of the margin is missing."""
    found = source.facts.figure_or_none(key)
    return leaf(f"plan.{key}", found.value if found else None, kind, found.from_ if found else ())


# -- survey -------------------------------------------------------------------------------------------------------

_COUNTS: tuple[tuple[str, Callable[[SurveyFacts], int], str], ...] = (
    ("items", lambda facts: facts.items, ""),
    ("clear", lambda facts: facts.clear, "明确"),
    ("unclear_count", lambda facts: facts.unclear, "不明确"),
    ("not_applicable", lambda facts: facts.not_applicable, "不适用"),
)


def survey(source: Source) -> Node:
    """Counts, items by section with the status that counts, unclear items, supplements and versions."""
    facts = source.facts.survey
    found: Node = {"present": facts is not None}
    found |= _counts(source, facts)
    rows = [row for row in source.project.rows("survey", "items") if row.text("no")]
    shared = [row for row in rows if not _internal(source, row)]
    found["sections"] = _sections(source, "survey.sections", rows)
    found["unclear"] = _unclear(source, "survey.unclear", rows)
    found["shared"] = {
        "sections": _sections(source, "survey.shared.sections", shared),
        "unclear": _unclear(source, "survey.shared.unclear", shared),
    }
    for key in ("extra_items", "versions"):
        found[key] = table(source, f"survey.{key}", "survey", key)
    return found


def _internal(source: Source, row: Record) -> bool:
    """Whether an item is ours alone: competitors, what was promised by mouth, the next visit."""
    item = source.forms["survey"].sheet_form("items").item(row.text("no"))
    return item is not None and item.internal


def _unclear(source: Source, name: str, rows: list[Record]) -> list[Node]:
    unclear = [row for row in rows if _status(source, row) == "不明确"]
    keys = ("no", "label", "clarify_plan", "clarify_date")
    return [{key: line[key] for key in keys} for line in table(source, name, "survey", "items", unclear)]


def _counts(source: Source, facts: SurveyFacts | None) -> Node:
    items = source.facts.items.values()
    last = source.project.rows("survey", "versions")[-1:]
    at = [row.at("version") for row in last], [row.at("date") for row in last]
    everywhere = [item.at for item in items]
    found: Node = {
        key: leaf(f"survey.{key}", count(facts) if facts else None, "num", _with_status(items, status))
        for key, count, status in _COUNTS
    }
    found["blank"] = leaf("survey.blank", facts.blank if facts else None, "num", everywhere)
    found["completeness"] = leaf("survey.completeness", facts.completeness if facts else None, "rate", everywhere)
    found["clear_rate"] = leaf("survey.clear_rate", facts.clear_rate if facts else None, "rate", everywhere)
    found["version"] = words("survey.version", facts.version if facts else "", at[0])
    found["date"] = leaf("survey.date", facts.version_date if facts else None, "date", at[1])
    return found


def _with_status(items: Collection[ItemFacts], status: str) -> list[Place]:
    return [item.at for item in items if not status or item.status == status]


def _status(source: Source, row: Record) -> str:
    item = source.facts.items.get(row.text("no"))
    return item.status if item else row.text("status")


def _sections(source: Source, prefix: str, rows: list[Record]) -> list[Node]:
    found = []
    for number, (section, group) in enumerate(groupby(rows, key=lambda row: row.text("section"))):
        name = f"{prefix}[{number}]"
        items = [_item(source, f"{name}.items[{n}]", row) for n, row in enumerate(group)]
        found.append({"name": words(f"{name}.name", section), "items": items})
    return found


def _item(source: Source, name: str, row: Record) -> Node:
    facts = source.facts.items.get(row.text("no"))
    form = source.forms["survey"].sheet_form("items")
    item = form.item(row.text("no"))
    found: Node = {
        key: of_cell(f"{name}.{key}", row.cell(key), "text", source.company)
        for key in ("no", "label", "reason", "source")
    }
    found["value"] = _value(source, f"{name}.value", row, item)
    found["status"] = words(f"{name}.status", _status(source, row), (row.at("status"),))
    updated = facts.updated if facts else None
    found["updated"] = leaf(f"{name}.updated", updated, "date", (row.at("updated"),))
    return found


def _value(source: Source, name: str, row: Record, item: Item | None) -> Shown:
    """The answer by the item's own type, a number with its unit: 1200 人."""
    cell = row.cell("value")
    shown = of_cell(name, cell, item.type if item else "any", source.company)
    unit = item.unit if item else row.text("unit")
    if not unit or not isinstance(cell.value, Decimal) or shown.endswith(unit):  # 5 % brings its unit along
        return shown
    return Shown(f"{shown} {unit}", name=name, value=cell.value, cells=shown.cells, forms=shown.forms)
