"""Survey, plan, countersigning and application (clauses 6.1 to 6.2.1; rules G301, G302, W193, W234)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.core.company import Company, Department
from pipeline.core.places import Place
from pipeline.core.procedure import Answer, Breach, Missing
from pipeline.core.sheets import Record
from pipeline.definitions.procedure import StepForm
from pipeline.derive.duties import mark, unproved
from pipeline.derive.procedure.ground import Day, Ground, after, breach
from pipeline.derive.procedure.registry import step
from pipeline.derive.records import COORDINATION, coordinated, signed

ABSENT = "缺少工作簿"
_TABLES = {
    "countersign": {"what": "计划会签", "what_en": "The countersigning", "duty": "会签"},
    "creview": {"what": "合同评审", "what_en": "The contract review", "duty": "评审合同"},
}
BOOKS = ("survey", "plan", "cost", "materials", "staffing")


@step("survey")
def survey(g: Ground, form: StepForm) -> Answer:
    """6.1: the survey has a version; what is still blank in it is the plan's to wait for (6.2.1, note)."""
    rows, whom = g.project.rows("survey", "versions"), g.filler(form)
    attached = _attached(g, "att_survey")
    row = g.project.sheet("survey", "versions").find("version", attached)
    missing = []
    if not g.project.has("survey"):
        missing = [Missing(_absent(g, "survey"), g.where("survey", "versions"), whom)]
    elif not rows:
        missing = [Missing("调查表“版本与确认”至少一行", g.where("survey", "versions"), whom)]
    return _versioned(g, form, missing, row, rows)


def _attached(g: Ground, key: str) -> str:
    """The version that was applied with; before that the cell may be written by `forms prefill`, which says nothing."""
    return g.records.head("application").text(key) if g.records.day("application", "apply_date") else ""


@step("plan")
def plan(g: Ground, form: StepForm) -> Answer:
    """6.3.1: the plan with its three annexes, dated; no item of the survey is blank."""
    whom = g.filler(form, "编制人" if g.project.has("plan") else "销售代表")
    absent = [key for key in BOOKS if not g.project.has(key)]
    missing = [Missing(_absent(g, key), g.where(key, g.forms[key].sheet[0].key), whom) for key in absent]
    missing += [Missing(f"调查表空项 {no}", _item(g, no), whom) for no in g.blanks]
    if not absent and not g.basics.date("author_date"):
        missing.append(Missing("《项目计划基本信息》编制日期", g.where("plan", "basics", "author_date"), whom))
    attached = _attached(g, "att_plan")
    row = g.project.sheet("plan", "revisions").find("version", attached)
    return _versioned(g, form, missing, row, g.project.rows("plan", "revisions"))


def _absent(g: Ground, key: str) -> str:
    return f"{ABSENT} {g.forms[key].no}《{g.forms[key].name}》"


def _item(g: Ground, no: str) -> Place:
    return g.items[no].at if no in g.items else g.where("survey", "items")


def _versioned(
    g: Ground, form: StepForm, missing: list[Missing], attached: Record | None, rows: tuple[Record, ...]
) -> Answer:
    """A step of which the application names the version: that day counts, else the last one."""
    row = attached or (rows[-1] if rows else None)
    day, named = (one.date("date") if one else None for one in (row, attached))
    ordered = ((form.dated, named),) if named else ()
    return g.answer(form, missing, (), day, by=(row.text("by"),) if row else (), ordered=ordered)


# -- countersigning (6.3.2) -------------------------------------------------------------------------------------------


@step("countersign")
def countersign(g: Ground, form: StepForm) -> Answer:
    """6.3.2: every department has signed the plan; a CXO has settled each objection."""
    rows = g.records.countersigns
    key, given_by = g.company.department_key, [row for row in rows if signed(row) or coordinated(row)]
    given = {key(row.text("dept")): row for row in rows}
    absent = [name for name in g.countersigners if key(name) not in _keys(g.company, given_by)]
    missing = [_unsigned(g, form, name, given.get(key(name))) for name in absent]
    missing += [_unsettled(g, row) for row in rows if disputed(row)]
    last = max((day for row in rows if (day := row.date("sign_date"))), key=lambda day: day.value, default=None)
    cells = tuple(row.at("cxo_date" if coordinated(row) else "sign_date") for row in given_by)
    more = {"by": [row.text("signer") for row in given_by], "cells": cells}
    return g.answer(form, missing, _w193(g, given_by), last, asked=g.countersigners, **more)


def _keys(company: Company, rows: Iterable[Record]) -> set[str]:
    return {company.department_key(row.text("dept")) for row in rows}


def _unsigned(g: Ground, form: StepForm, name: str, row: Record | None) -> Missing:
    blank = next((key for key in ("signer", "sign_date") if row and row.blank(key)), "sign_date")
    cell = row.at(blank) if row else g.where("records", "countersign")
    return Missing(f"计划会签：{name}", cell, g.head(form.paper, name))


def disputed(row: Record) -> list[str]:
    """Fields of the coordination that an objection lacks (6.3.2, note): who settled it, how and when."""
    return [key for key in COORDINATION if row.blank(key)] if row.text("opinion") == "不同意" else []


def _unsettled(g: Ground, row: Record) -> Missing:
    dept = g.company.department_named(row.text("dept"))
    role, what = dept.cxo if dept else "主管CXO", f"CXO协调：{row.text('dept')}"
    named = g.named(what, role, row.text("cxo")) if row.text("cxo") else g.of_role(what, role)
    return Missing(what, row.at(disputed(row)[0]), named)


def _w193(g: Ground, given: list[Record]) -> Iterator[Breach]:
    """W193 (6.3.2): once the plan is applied for nobody is missing, and objections were coordinated."""
    applied = g.records.day("application", "apply_date")
    if applied is None:
        return
    owing = g.then(applied).countersigning(*stated(g))
    yield from not_known_then(g, "countersign", applied, owing)
    if dept := absent_of(g, "countersign", applied, owing, given):
        at = g.project.sheet("records", "countersign").at
        why, why_en = _of_another_version(g)
        values = {"dept": dept, "what": f"会签缺少{dept}{why}", "what_en": f"Countersign lacks {dept}{why_en}"}
        related = [applied.at, *duties(g, "countersign", applied, owing)]
        yield breach("W193", at, related, **values, found="", expected=f"{dept}会签")
    for row in g.records.countersigns:
        if blank := [key for key in disputed(row) if key in row.cells]:
            dept = row.text("dept")
            what, what_en = f"{dept}不同意，没有CXO协调的结论", f"{dept} refused, and no CXO has settled it"
            values = {"dept": dept, "what": what, "what_en": what_en}
            values |= {"found": "不同意", "expected": "CXO协调人、协调结论、协调日期"}
            yield breach("W193", row.at("opinion"), [row.at(key) for key in blank], **values)


def _of_another_version(g: Ground) -> tuple[str, str]:
    """Why signatures that are there do not count: they are of another version of the plan."""
    version = g.records.head("application").text("att_plan")
    others = {row.text("plan_version") for row in g.project.rows("records", "countersign")} - {version, ""}
    if not version or not others:
        return "", ""
    known = "、".join(sorted(others))
    zh = f"（申请附的是{version}；会签过{known}的，还要会签{version}）"
    return zh, f" (applied with {version}; who signed {known} signs {version}, too)"


def stated(g: Ground) -> tuple[str, bool]:
    """Class and software change as the plan states them: what the chains of signatures go by."""
    return g.basics.text("class"), g.basics.text("rd_modify") == "是"


def absent_of(g: Ground, sheet: str, day: Day, departments: Iterable[Department], rows: Iterable[Record]) -> str:
    """Names of the departments that have no row among these and owe one."""
    given, owing = _keys(g.company, rows), list(departments)
    none = unproved(g.project, g.then(day), owing, sheet)
    return "、".join(d.name for d in owing if d.code not in given and d not in none)


def not_known_then(g: Ground, sheet: str, day: Day, departments: Iterable[Department]) -> Iterator[Breach]:
    """W234 (6.3.2, 6.4.6): whether a department owed its opinion then is not known."""
    if none := unproved(g.project, g.then(day), departments, sheet):
        dept = "、".join(one.name for one in none)
        marks = [at for one in none if (at := mark(g.company, one.code, sheet))]
        said = {"dept": dept, "found": "", "expected": f"{dept}的意见", **_TABLES[sheet]}
        yield breach("W234", g.project.sheet("records", sheet).at, marks, **said)


def duties(g: Ground, sheet: str, day: Day, departments: Iterable[Department]) -> list[Place]:
    """Where workbook 00 gives duties without a day to departments that have no row at all."""
    there = _keys(g.company, g.project.rows("records", sheet))
    absent = [dept for dept in departments if dept.code not in there]
    return [at for dept in absent if (at := mark(g.then(day), dept.code, sheet))]


# -- application (6.2.1) -----------------------------------------------------------------------------------------------


@step("application")
def application(g: Ground, form: StepForm) -> Answer:
    """6.2.1: applied for, once survey, plan with annexes and countersignatures are complete."""
    head, applied = g.records.head("application"), g.records.day("application", "apply_date")
    cell = g.where("records", "application", "apply_date")
    missing = [] if applied else [Missing("立项申请书", cell, g.filler(form))]
    return g.answer(form, missing, _may_apply(g, applied), applied, by=(head.text("applicant"),))


def _may_apply(g: Ground, applied: Day) -> Iterator[Breach]:
    """G301 (6.2.1): nothing is missing before. G302 (6.3.2): the countersigning is finished."""
    if not applied:
        return
    if wanted := g.wanted_before():
        listed = "、".join(dict.fromkeys(one.text for one in wanted))
        there = {book.name for book in g.project.workbooks.values()}
        cells = [one.cell for one in wanted if one.cell.workbook in there]
        yield breach("G301", applied.at, cells, missing=listed, found=listed, expected="无")
    rows = g.records.countersigns
    days = [day for row in rows for key in ("sign_date", "cxo_date") if (day := row.date(key))]
    last = max(days, key=lambda day: day.value, default=None)
    if last and after(last, applied):
        a, b = last.value, applied.value
        yield breach("G302", applied.at, [last.at], a=a, b=b, found=b, expected=f"不早于{a}")
