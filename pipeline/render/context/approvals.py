"""Who had to answer and what they recorded: countersigning, approval of the initiation, contract review.

Every line says who should answer, from workbook 00, and what stands in workbook 06; blank while nothing stands there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pipeline.core.company import Step
from pipeline.core.sheets import Record
from pipeline.derive.records import Records, last_of_each, round_of
from pipeline.render.context.shown import Node, Source, leaf, of_cell, words

# Names in the context by field of the sheet.
_COUNTERSIGN = {
    "name": "signer",
    "date": "sign_date",
    **{key: key for key in ("scope", "opinion", "opinion_text", "cxo", "cxo_result", "cxo_date")},
}
_REVIEW = {"name": "reviewer", **{key: key for key in ("date", "opinion", "opinion_text", "points", "suggestion")}}
# Days of a row on which a department answered.
_SIGNED = ("sign_date", "date")
_APPROVAL = {"name": "approver", **{key: key for key in ("date", "decision", "opinion_text")}}


def countersign(source: Source) -> list[Node]:
    """Departments that must countersign the view's plan (clause 6.3.2), then others that did."""
    view, rows = source.view, Records(source.project).countersigns
    if view.day is not None:
        given = source.project.rows("records", "countersign")
        rows = last_of_each([row for row in given if row.text("plan_version") == view.plan])
    return _by_department(source, "countersign", source.facts.countersigners, rows, _COUNTERSIGN)


def reviewers(source: Source) -> list[Node]:
    """Departments that must review the contract (clause 6.4.6), then others that did; last round."""
    rows = Records(source.project).rows("creview")
    return _by_department(source, "reviewers", source.facts.reviewers, rows, _REVIEW, "creview")


def head_of(source: Source, dept: str, row: Record | None = None) -> str:
    """Name of the head of a department on the day on which its row was signed; empty for an unknown one."""
    days = (row.date(key) for key in _SIGNED) if row else ()
    day = next(filter(None, days), None)
    then = source.company.on(day.value) if day else source.company
    found = then.department_named(dept)
    return source.company.name_of(found.head) if found else ""


def _by_department(
    source: Source,
    name: str,
    wanted: Iterable[str],
    rows: Iterable[Record],
    keys: Mapping[str, str],
    sheet: str = "",
) -> list[Node]:
    key = source.company.department_key
    given = {key(row.text("dept")): row for row in rows}
    names = {key(dept): dept for dept in wanted} | {code: row.text("dept") for code, row in given.items()}
    found = []
    for number, (code, dept) in enumerate(names.items()):
        at, row = f"{name}[{number}]", given.get(code)
        node = _recorded(source, at, sheet or name, row, keys)
        cells = (row.at("dept"),) if row else ()
        node["dept"] = words(f"{at}.dept", dept, cells)
        node["head"] = words(f"{at}.head", head_of(source, dept, row))
        found.append(node)
    return found


def _recorded(source: Source, name: str, sheet: str, row: Record | None, keys: Mapping[str, str]) -> Node:
    """Fields of a row under their names in the context; blank without a row."""
    form = source.forms["records"].sheet_form(sheet)
    record = row or Record(source.project.sheet("records", sheet).at)
    blank = row is None
    return {
        key: leaf(f"{name}.{key}", None, form.field(field).type)
        if blank
        else of_cell(f"{name}.{key}", record.cell(field), form.field(field).type, source.company)
        for key, field in keys.items()
    }


# -- approval of the initiation --------------------------------------------------------------------------------


def approval_chain(source: Source) -> list[Node]:
    """Steps of the initiation for class and amount with what was recorded (clause 6.2.2); last round.

    Recorded steps that the chain does not have follow it: nothing that was typed is lost.
    """
    rows = list(Records(source.project).rows("approval"))
    found = []
    for number, step in enumerate(_chain(source)):
        row = _taken(rows, step.role)
        found.append(_step(source, f"approval_chain[{number}]", "approval", step, row))
    for row in rows:
        found.append(_extra(source, f"approval_chain[{len(found)}]", "approval", {"step": "step"}, row))
    return found


def approvers(source: Source) -> list[Node]:
    """Steps of the approval of the whole plan for its class and amount, with what was recorded (4.4, 6.3.2).

    Recorded roles that the chain does not have follow it.
    """
    rows = plan_decisions(source)
    steps = [(step, _taken(rows, step.role)) for step in plan_chain(source)]
    found = [_step(source, f"approvers[{n}]", "plan_approval", *pair) for n, pair in enumerate(steps)]
    for row in rows:
        found.append(_extra(source, f"approvers[{len(found)}]", "plan_approval", {}, row))
    return found


def plan_chain(source: Source) -> list[Step]:
    """Approval steps of the plan; none while class or amount cannot be read."""
    amount = source.project.head("plan", "basics").money("contract_amount")
    kind = source.facts.project_class
    day = source.facts.business_date
    return source.company.chain("计划", kind.value, amount.value, day) if amount and kind else []


def plan_decisions(source: Source) -> list[Record]:
    """What was decided of the view's version of the plan as a whole; of each role the last round."""
    version = source.view.plan or source.project.head("plan", "basics").text("plan_version")
    rows = [row for row in source.project.rows("records", "plan_approval") if row.text("plan_version") == version]
    return list({row.text("role"): row for row in sorted(rows, key=round_of)}.values())


def _chain(source: Source) -> list[Step]:
    """Approval steps for the project's class and amount, of the day of the approval; none while one is not known."""
    basics, decided = source.project.head("plan", "basics"), source.facts.project_class
    amount, kind = basics.money("contract_amount"), decided.value if decided else basics.text("class")
    records = Records(source.project)
    approved = records.approval_date if records.approved else None
    day = approved.value if approved else source.facts.as_of
    return source.company.chain("立项", kind, amount.value, day) if amount and kind else []


def _taken(rows: list[Record], role: str) -> Record | None:
    """The first row of a role, taken out of the list."""
    row = next((row for row in rows if row.text("role") == role), None)
    if row is not None:
        rows.remove(row)
    return row


def _step(source: Source, name: str, sheet: str, step: Step, row: Record | None) -> Node:
    dept = source.company.departments.get(step.dept)
    texts = {
        "role": step.role,
        "dept": dept.name if dept else "",
        "person": source.company.name_of(dept.head) if dept else _with_post(source, step.role),
        "action": step.action,
    }
    node = _recorded(source, name, sheet, row, _APPROVAL)
    node |= {key: words(f"{name}.{key}", text) for key, text in texts.items()}
    return node | {"step": leaf(f"{name}.step", step.number, "num")}


def _extra(source: Source, name: str, sheet: str, more: Mapping[str, str], row: Record) -> Node:
    node = _recorded(source, name, sheet, row, {**_APPROVAL, **more, "role": "role"})
    return node | {key: words(f"{name}.{key}", "") for key in ("dept", "person", "action")}


def _with_post(source: Source, post: str) -> str:
    return next(map(source.company.name_of, source.company.with_post(post)), "")
