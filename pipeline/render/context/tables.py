"""Contexts of the three tables of the plan: cost, materials and staffing. Sums come from `derive` only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from pipeline.core.figures import Key
from pipeline.core.leaves import Shown
from pipeline.core.sheets import Record
from pipeline.derive.guarantees import GUARANTEE, base_of, fee_of
from pipeline.render.context.shown import Node, Source, figure, leaf, of_cell, of_figure, table, words

BORROWED = ("借用", "租赁")
_MOST_NAMES = 20  # of the materials of a day: more would fill a page with one cell


def cost(source: Source) -> Node:
    """Lines, sums and summaries of the cost plan."""
    rows = source.project.rows("cost", "lines")
    sums = {key: figure(source, f"cost.{key}", ("cost", key)) for key in _COST_SUMS}
    return {
        **sums,
        "lines": table(source, "cost.lines", "cost", "lines"),
        "presales_lines": table(source, "cost.presales_lines", "cost", "lines", _where(rows, "scope", "售前")),
        "engineering_lines": table(source, "cost.engineering_lines", "cost", "lines", _where(rows, "scope", "工程")),
        "by_account": [_account(source, n, acc) for n, acc in enumerate(_keys(source, "cost", "account"))],
        "by_stage": [_stage(source, n, code) for n, code in enumerate(_stage_codes(source, "cost", "stage"))],
        "by_month": [_month(source, n, month) for n, month in enumerate(_keys(source, "cost", "month"))],
        "deposits": _deposits(source),
    }


def _deposits(source: Source) -> list[Node]:
    """Deposits with what their share is of and what their guarantee costs: 未列 where the cost plan says nothing."""
    found = table(source, "cost.deposits", "cost", "deposits")
    for number, row in enumerate(source.project.rows("cost", "deposits")):
        name, fee = f"cost.deposits[{number}]", fee_of(source.project, row)
        silent = _NO_FEE if row.text("form") == GUARANTEE else ""
        found[number]["base"] = words(f"{name}.base", base_of(row))
        found[number]["fee"] = of_figure(f"{name}.fee", fee) if fee else leaf(f"{name}.fee", None, "money", raw=silent)
    return found


_NO_FEE = "未列"
_COST_SUMS = ("presales", "presales_excl", "engineering", "engineering_excl", "total", "total_excl")


def _where(rows: Iterable[Record], key: str, *values: str) -> list[Record]:
    return [row for row in rows if row.text(key) in values]


def _keys(source: Source, *name: str) -> list[str]:
    return sorted(source.facts.group(*name))


def _stage_codes(source: Source, *name: str) -> list[str]:
    """Stage codes in the order of time: presales S before engineering G."""
    return sorted(source.facts.group(*name), key=lambda code: (not code.startswith("S"), code))


def bids(source: Source) -> Node:
    """What the quotation comes to, beside the sheets of workbook 08: cost and price in yuan, price by cost in %."""
    kinds = {"cost": "money", "price": "money", "ratio": "rate"}
    return {key: figure(source, f"bids.{key}", ("quotation", key), kind) for key, kind in kinds.items()}


def _account(source: Source, number: int, acc: str) -> Node:
    name, record = f"cost.by_account[{number}]", source.company.accounts.get(acc)
    return {
        "code": words(f"{name}.code", acc),
        "name": of_cell(f"{name}.name", record.cell("acc_name"), "text", source.company)
        if record
        else words(f"{name}.name", ""),
        "presales": figure(source, f"{name}.presales", ("cost", "account_scope", acc, "售前")),
        "engineering": figure(source, f"{name}.engineering", ("cost", "account_scope", acc, "工程")),
        "amount": figure(source, f"{name}.amount", ("cost", "account", acc)),
    }


def _stage(source: Source, number: int, code: str) -> Node:
    name, record = f"cost.by_stage[{number}]", source.project.sheet("plan", "stages").find("code", code)
    return {
        "code": words(f"{name}.code", code),
        "name": of_cell(f"{name}.name", record.cell("name"), "text", source.company)
        if record
        else words(f"{name}.name", ""),
        "amount": figure(source, f"{name}.amount", ("cost", "stage", code)),
    }


def _month(source: Source, number: int, month: str) -> Node:
    name = f"cost.by_month[{number}]"
    return {
        "month": leaf(f"{name}.month", month, "month"),
        "amount": figure(source, f"{name}.amount", ("cost", "month", month)),
        "running": figure(source, f"{name}.running", ("cost", "running", month)),
    }


# -- materials ----------------------------------------------------------------------------------------------------


def materials(source: Source) -> Node:
    """Lines, groups by category, sums, what is borrowed and when it must be there."""
    rows = source.project.rows("materials", "lines")
    categories = _categories(source, rows)
    sums = {key: figure(source, f"materials.{key}", ("materials", key)) for key in ("total", "presales", "engineering")}
    return {
        **sums,
        "lines": table(source, "materials.lines", "materials", "lines"),
        "groups": [_group(source, n, category, rows) for n, category in enumerate(categories)],
        "by_category": [_category(source, f"materials.by_category[{n}]", c) for n, c in enumerate(categories)],
        "borrowed": table(source, "materials.borrowed", "materials", "lines", _where(rows, "mode", *BORROWED)),
        "arrivals": _arrivals(rows),
    }


def _categories(source: Source, rows: Iterable[Record]) -> list[str]:
    """Categories in use, in the order of the form, then unknown ones."""
    order = list(source.forms["materials"].sheet_form("lines").field("category").choices)
    used = dict.fromkeys(row.text("category") for row in rows)
    return sorted(used, key=lambda name: order.index(name) if name in order else len(order))


def _group(source: Source, number: int, category: str, rows: Iterable[Record]) -> Node:
    name = f"materials.groups[{number}]"
    found = _where(rows, "category", category)
    return {
        "category": words(f"{name}.category", category),
        "lines": table(source, f"{name}.lines", "materials", "lines", found),
        "subtotal": figure(source, f"{name}.subtotal", ("materials", "category", category)),
    }


def _category(source: Source, name: str, category: str) -> Node:
    amount = figure(source, f"{name}.amount", ("materials", "category", category))
    return {"category": words(f"{name}.category", category), "amount": amount}


def _arrivals(rows: Iterable[Record]) -> list[Node]:
    """What must be there on each day (clause 6.3.1: when it is used)."""
    dated = [(day.value, row) for row in rows if (day := row.date("need_date"))]
    dated.sort(key=lambda pair: pair[0])
    found = []
    for number, (day, group) in enumerate(groupby(dated, key=lambda pair: pair[0])):
        name, lines = f"materials.arrivals[{number}]", [row for _, row in group]
        names, cells = list(dict.fromkeys(row.text("name") for row in lines)), [row.at("name") for row in lines]
        found.append(
            {
                "need_date": leaf(f"{name}.need_date", day, "date", [row.at("need_date") for row in lines]),
                "names": words(f"{name}.names", _some(names), cells),
                "count": leaf(f"{name}.count", len(lines), "num", cells),
            }
        )
    return found


def _some(names: Sequence[str]) -> str:
    """Names, as many as a cell can hold; of the others how many there are."""
    more = f"等{len(names)}种" if len(names) > _MOST_NAMES else ""
    return "、".join(names[:_MOST_NAMES]) + more


# -- staffing -----------------------------------------------------------------------------------------------------


def staffing(source: Source) -> Node:
    """Lines, sums, departments, the department by stage matrix and the project team."""
    return {
        "lines": table(source, "staffing.lines", "staffing", "lines"),
        "total_days": figure(source, "staffing.total_days", ("staffing", "days"), "num"),
        "total_amount": figure(source, "staffing.total_amount", ("staffing", "amount")),
        "presales_days": figure(source, "staffing.presales_days", ("staffing", "presales_days"), "num"),
        "engineering_days": figure(source, "staffing.engineering_days", ("staffing", "engineering_days"), "num"),
        "by_dept": [_dept(source, n, dept) for n, dept in enumerate(departments(source))],
        "matrix": _matrix(source),
        "team": _team(source),
    }


def departments(source: Source) -> list[str]:
    """Names of the departments that send people, in the order of workbook 00."""
    key, order = source.company.department_key, {code: n for n, code in enumerate(source.company.departments)}
    used = source.facts.group("staffing", "dept")
    return sorted(used, key=lambda name: (order.get(key(name), len(order)), name))


def _dept(source: Source, number: int, dept: str) -> Node:
    name = f"staffing.by_dept[{number}]"
    return {
        "dept": words(f"{name}.dept", dept),
        "days": figure(source, f"{name}.days", ("staffing", "dept", dept), "num"),
        "amount": figure(source, f"{name}.amount", ("staffing", "dept_amount", dept)),
    }


def _matrix(source: Source) -> Node:
    stages, name = _stage_codes(source, "staffing", "stage"), "staffing.matrix"
    depts = departments(source)
    return {
        "stages": [words(f"{name}.stages[{n}]", code) for n, code in enumerate(stages)],
        "rows": [_matrix_row(source, f"{name}.rows[{n}]", dept, stages) for n, dept in enumerate(depts)],
        "totals": [
            figure(source, f"{name}.totals[{n}]", ("staffing", "stage", code), "num") for n, code in enumerate(stages)
        ],
    }


def _matrix_row(source: Source, name: str, dept: str, stages: Iterable[str]) -> Node:
    cells = [_days(source, f"{name}.cells[{n}]", ("staffing", "dept_stage", dept, c)) for n, c in enumerate(stages)]
    total = figure(source, f"{name}.total", ("staffing", "dept", dept), "num")
    return {"dept": words(f"{name}.dept", dept), "cells": cells, "total": total}


def _days(source: Source, name: str, key: Key) -> Shown:
    """Days of a department in a stage; an empty field where it has none."""
    found = source.facts.figure_or_none(*key)
    return of_figure(name, found, "num") if found else words(name, "")


def _team(source: Source) -> list[Node]:
    """Core members, each person once (clause 6.2.3)."""
    core = _where(source.project.rows("staffing", "lines"), "core", "是")
    people = {row.text("emp_no") or str(row.number): row for row in reversed(core)}
    rows = sorted(people.values(), key=lambda row: row.number)
    lines = table(source, "staffing.team", "staffing", "lines", rows)
    return [{key: line[key] for key in ("name", "role", "dept", "construction", "skill")} for line in lines]
