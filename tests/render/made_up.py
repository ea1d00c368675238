"""A tiny made-up project: sheets as lists of dicts, read as if they stood in real workbooks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipeline.core.company import Company, Department, Person, Step
from pipeline.core.facts import Facts, ItemFacts, SurveyFacts
from pipeline.core.findings import Rule, Severity
from pipeline.core.places import Derived, Place
from pipeline.core.sheets import Cell, Project, Record, Sheet, Workbook
from pipeline.definitions.documents import DocumentForm
from pipeline.definitions.forms import Field, load_forms
from pipeline.definitions.values import typed
from pipeline.derive.figures import all_figures
from pipeline.derive.procedure import Ground, answers
from pipeline.render.context.document import DocumentInfo
from pipeline.render.context.shown import Source

DAY = date(2026, 3, 24)
DEPARTMENTS = (
    ("D01", "市场销售部", "E101", "CMO"),
    ("D03", "网络工程部", "E301", "COO"),
    ("D08", "财务部", "E801", "CFO"),
)
PEOPLE = {"E101": "周启明", "E102": "许知行", "E301": "罗建川", "E801": "钱一", "E002": "沈若谷"}


def record(at: Place, fields: tuple[Field, ...], values: Mapping[str, Any], row: int, *, down: bool = False) -> Record:
    cells = {}
    for number, field in enumerate(fields):
        ref = f"C{row + number}" if down else f"{chr(65 + number % 26)}{row}"
        value = typed(field, values.get(field.key))
        cells[field.key] = Cell(Place(at.workbook, at.sheet, ref), value, "" if value is None else str(value))
    return Record(at, cells, 0 if down else row)


def book(key: str, /, **sheets: Any) -> Workbook:
    """A workbook: a list of dicts for a table, a dict for a form; sheets that are not named are empty.

    A form+table is a list of dicts (its rows) or a dict (its labelled cells).
    """
    form = load_forms()[key]
    name = f"{form.no}.xlsx"
    made = {}
    for sheet in form.sheet:
        at, given = Place(name, sheet.name), sheets.get(sheet.key, [])
        stamp = record(at, form.head.fields, {}, 2)
        if sheet.kind == "form":
            made[sheet.key] = Sheet(sheet.key, at, stamp, record(at, sheet.fields, given or {}, 6, down=True))
        else:
            labelled, given = (given, []) if isinstance(given, dict) else ({}, given)
            head = record(at, sheet.header, labelled, 5, down=True)
            rows = tuple(record(at, sheet.fields, row, 8 + n) for n, row in enumerate(given))
            made[sheet.key] = Sheet(sheet.key, at, stamp, head, rows)
    return Workbook(key, name, Path(name), "ab" * 32, form.version, made)


def company(**master: Any) -> Company:
    details = {"name": "北京澜屿网络", "short_name": "澜屿网络", "standard": "Q/DY 03.2-2002"}
    master = {"company": details, "cost_accounts": [{"acc_code": "1001", "acc_name": "设备购置费"}], **master}
    made = book("master", **master)
    people = {no: Person(no, name, "D01", "", "L3", "", "", True) for no, name in PEOPLE.items()}
    people["E002"] = Person("E002", "沈若谷", "D09", "", "L5", "COO", "", True)
    departments = {c: Department(c, n, head, cxo, c == "D03", "是", "是", "") for c, n, head, cxo in DEPARTMENTS}
    steps = (
        Step("计划", "一般项目", Decimal(0), None, 2, "COO", "", "批准"),
        Step("计划", "一般项目", Decimal(0), None, 1, "部门经理", "D01", "审核"),
    )
    accounts = {row.text("acc_code"): row for row in made.sheets["cost_accounts"].rows}
    none: frozenset[Any] = frozenset()
    return Company(made, details, departments, people, accounts, (), none, none, none, steps, ())


def source(*books: Workbook, **more: Any) -> Source:
    """A project of these workbooks; `more` goes into Facts, except findings and comparisons."""
    findings, comparisons = more.pop("findings", ()), more.pop("comparisons", ())
    master = more.pop("master", {})
    project = Project("LY-SQ-2026-007", Path(), {made.form: made for made in books})
    facts: dict[str, Any] = {
        "code": project.code,
        "name": project.name,
        "as_of": DAY,
        "business_date": DAY,
        "state": "计划编制",
        "next_gate": "会签",
        "missing": (),
        "figures": all_figures(project),
        **more,
    }
    if "steps" not in facts:
        kind = facts.get("project_class", Derived("")).value
        known = (facts.get("items", {}), (), facts.get("countersigners", ()), facts.get("reviewers", ()), kind)
        facts["steps"] = answers(Ground(project, company(**master), load_forms(), DAY, *known))
    return Source(project, company(**master), Facts(**facts), load_forms(), tuple(findings), tuple(comparisons))


def plan(**basics: Any) -> Workbook:
    usual = {
        "project_code": "LY-SQ-2026-007",
        "project_name": "青岚项目",
        "customer_name": "青岚台",
        "contract_amount": "6400000.00",
        "sales_rep": "E102",
        "author": "E102",
        "secrecy": "内部",
    }
    return book("plan", basics={**usual, **basics})


def form(**given: Any) -> DocumentForm:
    return DocumentForm(**{"code": "TST", "title": "测试文档", "template": "TST.docx", **given})


def info(**given: Any) -> DocumentInfo:
    return DocumentInfo(
        given.pop("form", form()), given.pop("version", "A/0"), DAY, given.pop("state", "待签"), **given
    )


def rule(code: str = "F001", severity: Severity = Severity.ERROR, zh: str = "{cell}为空") -> Rule:
    return Rule(code, severity, "6.3.1", zh, "{cell} is blank", "补填{cell}", "Fill in {cell}", "field", ("cost",))


def ordinary() -> dict[str, Any]:
    return {
        "project_class": Derived("一般项目", (Place("02.xlsx", "基本信息", "C11"),)),
        "class_reasons": ("甲", "乙", "丙"),
    }


def survey_facts(items: Mapping[str, tuple[str, Place]]) -> dict[str, Any]:
    made = {no: ItemFacts(no, True, status, DAY, at) for no, (status, at) in items.items()}
    unclear = sum(1 for status, _ in items.values() if status == "不明确")
    counts = SurveyFacts(
        len(items), len(items) - unclear, unclear, 0, 0, Decimal("100.00"), Decimal("66.67"), "V1.2", DAY
    )
    return {"items": made, "survey": counts}
