"""A made-up project in which every field of every form holds its example: what templates are checked against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from pipeline.core.audits import Agreement, Audit, Audited
from pipeline.core.company import Company, Department, Person, Step
from pipeline.core.entries import Entries, Request, Stay
from pipeline.core.facts import Facts, ItemFacts, SurveyFacts
from pipeline.core.figures import FIGURES
from pipeline.core.findings import Comparison, Eased, Finding, Rule, Severity, Side, Verdict
from pipeline.core.money import NotAnAmount, typed_number
from pipeline.core.places import Derived, Place
from pipeline.core.portfolio import (
    Advance,
    Expiring,
    HitRate,
    Late,
    Line,
    Load,
    Measure,
    MonthSum,
    Night,
    Portfolio,
    RuleCount,
    Week,
)
from pipeline.core.sheets import Cell, Project, Record, Sheet, Value, Workbook
from pipeline.core.stages import Coverage, Stage
from pipeline.definitions.documents import PEOPLE, PORTFOLIO, DocumentForm
from pipeline.definitions.forms import DATED, Field, Form, SheetForm, load_forms
from pipeline.derive.procedure import Ground, answers
from pipeline.derive.worklog import FORM, logs_of
from pipeline.render.context.document import DocumentInfo, PackInfo, PackPart, common, for_document
from pipeline.render.context.people import Told, person_context
from pipeline.render.context.portfolio import portfolio_context
from pipeline.render.context.shown import Node, Source

DAY = date(2026, 3, 5)
_CODE = "LY-SQ-2026-001"
_DEPT = Department("D01", "示例部", "E001", "COO", True, "是", "是", "")
_PARTS: Mapping[str, tuple[str, ...]] = {
    "acc": ("1001",),
    "scope": ("售前", "工程"),
    "stage": ("S1",),
    "month": ("2026-03",),
    "category": ("硬件设备",),
    "mode": ("外购",),
    "dept": ("示例部",),
    "no": ("CR-01",),
}
_STAGES = Coverage("six", "六个阶段", (Stage("1", "接触"),))
_STEPS = Coverage("wbs", "实施步骤", (Stage("1", "接受服务单"),))
_STAFF = Place("05_项目人员需求一览表.xlsx", "人员需求", "L7")
_STAY = Stay("E001", "示例人", "示例部", "L3", DAY, DAY, Decimal(50), _STAFF, _STAFF)
# Rows that must be there so that no list of the context is empty.
_VARIANTS: Mapping[tuple[str, str], tuple[Mapping[str, str], ...]] = {
    ("cost", "lines"): ({"scope": "售前"}, {"scope": "工程"}),
    ("materials", "lines"): ({"category": "硬件设备", "mode": "借用"},),
    ("staffing", "lines"): ({"core": "是"},),
    ("bids", "stakeholders"): tuple({"role": role} for role in ("经办", "使用", "技术把关", "决策", "采购", "财务")),
    ("plan", "revisions"): ({"version": "A/0"}, {"version": "A/1"}),
    ("records", "rounds"): ({"step": "需求评审"}, {"step": "方案审批"}, {"step": "洽谈投标"}),
}


def preview_context(form: DocumentForm, *, draft: bool = False) -> Node:
    """Context of a document in which every name is there and every list holds a row."""
    if form.per == PORTFOLIO:
        return portfolio_context(_portfolio(), _shared()[0].company, form)
    if form.per == PEOPLE:
        return person_context(_person(), _shared()[0].company, form)
    part = PackPart(form.code, form.title, form.record_no, "A/0", 3, 1)
    pack = PackInfo("示例包", "计划包", "V1", DAY, (part,), 3)
    made, shared = _shared()
    rows = made.project.rows(*form.per.split(".")) if form.by_row else ()
    info = DocumentInfo(form, "A/0", DAY, form.state or "记录", draft, pack, row=next(iter(rows), None))
    return for_document(made, shared, replace(info, form=replace(form, signers=form.signers or ("编制人",))))


@cache
def _shared() -> tuple[Source, Node]:
    made = source()
    return made, common(made)


def source() -> Source:
    """The made-up project with its company and facts."""
    forms = load_forms()
    books = {key: _workbook(form) for key, form in forms.items()}
    company = _company(books.pop("master"))
    project = Project("LY-SQ-2026-001", Path(), books)
    facts = replace(_facts(project), steps=answers(Ground(project, company, forms, DAY)))
    return Source(project, company, facts, forms, _findings(), _comparisons(), made_up=True, audit=_audit())


def _workbook(form: Form) -> Workbook:
    name = f"{form.no}_{form.name}.xlsx"
    sheets = {sheet.key: _sheet(form, sheet, name) for sheet in form.sheet}
    return Workbook(form.key, name, Path(name), "0" * 64, form.version, sheets)


def _sheet(form: Form, sheet: SheetForm, workbook: str) -> Sheet:
    at = Place(workbook, sheet.name)
    stamp = _record(at, form.head.fields, {}, 1)
    head = _record(at, sheet.labelled, {}, 0)
    if sheet.kind == "form":
        return Sheet(sheet.key, at, stamp, head)
    given = _VARIANTS.get((form.key, sheet.key), ({},))
    if sheet.items:
        given = tuple({"no": i.no, "section": i.section, "label": i.label, "status": "不明确"} for i in sheet.items)
    rows = tuple(_record(at, sheet.fields, values, 8 + n) for n, values in enumerate(given))
    return Sheet(sheet.key, at, stamp, head, rows)


def _record(at: Place, fields: Iterable[Field], given: Mapping[str, str], number: int) -> Record:
    cells = {}
    for column, field in enumerate(fields):
        place = Place(at.workbook, at.sheet, f"{chr(65 + column % 26)}{number or column + 6}")
        value = _value(field, given.get(field.key, field.example))
        cells[field.key] = Cell(place, value, str(value))
    return Record(at, cells, number)


def _value(field: Field, text: str) -> Value:
    if field.numeric:
        try:
            return typed_number(text)
        except NotAnAmount:
            return Decimal(1)
    if field.type in DATED:
        return "2026-03" if field.type == "month" else DAY
    return tuple(text.split("、")) if field.type == "list" else text or "示例"


def _company(book: Workbook) -> Company:
    details = {key: str(cell.value) for key, cell in book.sheets["company"].head.cells.items()}
    person = Person("E001", "示例人", "D01", "经理", "L5", "COO", "", True)
    steps = [Step(kind, "不限", Decimal(0), None, 1, "部门经理", "D01", "审核") for kind in ("计划", "立项")]
    accounts = {"1001": book.sheets["cost_accounts"].rows[0]}
    nothing: Any = frozenset()
    return Company(book, details, {"D01": _DEPT}, {"E001": person}, accounts, (), nothing, nothing, nothing, steps, ())


def _facts(project: Project) -> Facts:
    at = Place("02_项目计划基本信息.xlsx", "基本信息", "C10")
    items = {
        row.text("no"): ItemFacts(row.text("no"), True, "不明确", DAY, row.at("value"))
        for row in project.rows("survey", "items")
    }
    counts = SurveyFacts(len(items), 0, len(items), 0, 0, Decimal(100), Decimal(0), "V1.0", DAY)
    return Facts(
        code=project.code,
        name="示例项目",
        as_of=DAY,
        business_date=DAY,
        state="计划编制",
        next_gate="会签",
        missing=(),
        project_class=Derived("一般项目", (at,)),
        class_reasons=("示例判定理由",) * 3,
        figures={
            (*name, *values): Derived(Decimal(12345), (at,))
            for name, parts in FIGURES.items()
            for values in product(*(_PARTS[part] for part in parts))
        },
        survey=counts,
        items=items,
        countersigners=("示例部",),
        reviewers=("示例部",),
        stages=(_STAGES, _STEPS),
        entries=Entries(stays=(_STAY,), requests=(Request("FW-2026-0001", "E001", DAY, _STAY.at),)),
    )


def _findings() -> tuple[Finding, ...]:
    at = Place("03_项目费用计划明细表.xlsx", "费用明细", "K12")
    values = {"found": "1", "expected": "2"}
    rules = [
        Rule("F000", severity, "6.3.1", "示例", "Example", "改正", "", "field", ("cost",)) for severity in Severity
    ]
    found = [Finding(rule, at, (at,), values) for rule in rules]
    let_pass = Finding(rules[0], at, (), values).ease(Eased("偏差说明:示例;示例 2026-03-05批准", "example", at))
    return (*found, let_pass, Finding(rules[0], at, (), values, pending=True))


def _comparisons() -> tuple[Comparison, ...]:
    at = Place("03_项目费用计划明细表.xlsx", "费用明细", "K12")
    left, right = Side("明细合计", Decimal(2), (at,)), Side("合计", Decimal(1), (at,))
    one = Comparison("X000", "示例", left, right, Verdict.DIFFERENT, Decimal(1))
    return (one, replace(one, by_line=True))


def _audit() -> Audit:
    lines = tuple(
        Audited("费用 合计", "系统合计、PPR", "12,345.00", "12,346.00", "03 费用明细!K12", kind, "示例")
        for kind in Agreement
    )
    return Audit(remarks=("示例说明",), printed=1, rows=1, figures=lines)


# -- all projects ---------------------------------------------------------------------------------------------------


def _person() -> Told:
    """Somebody's week with a line and a trip."""
    (log,) = logs_of([_workbook(load_forms()[FORM])])
    return Told("E001", "2026-W10", log.lines, log.trips, DAY - timedelta(days=3), DAY + timedelta(days=3))


def _portfolio() -> Portfolio:
    """A made-up portfolio in which every list has a row: what the daily report's template is checked against."""
    rule = Rule("B404", Severity.ERROR, "6.3.1", "示例", "Example", "改正", "", "portfolio", ("staffing",))
    found = Finding(rule, Place("05_示例.xlsx", "人员需求", "L7"), (), {"projects": _CODE})
    line = Line(_CODE, "示例项目", "示例客户", "一般项目", "示例人", "执行中", "系统方案审批", change="新增")
    week = Week(Decimal(150), (_CODE,), over=True)
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
        late=(Late(_CODE, "行动项", "HY-01", "示例", "示例人", DAY, 1),),
        expiring=(Expiring(_CODE, "示例项目", DAY, DAY, 1),),
        hit_rate=HitRate(1, 1, 1, Decimal("50.0")),
        findings=(found,),
        night=Night((_CODE,), (), (), (returned,)),
        measures=(Measure("命中率（季度）", "2026年第1季度", "50.0%", "1/2"),),
        advances=(Advance(_CODE, "示例项目", (_STAGES,)),),
    )
