"""Who signs: departments and roles from workbook 00; paper comes before the signature (design section 7, 7).

`name` is a recorded name, `person` the one who should sign. Before the records are there, only the author and the
sales representative are recorded, because the workbooks hold them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pipeline.core.company import Company, Department, Step
from pipeline.core.leaves import Shown
from pipeline.core.sheets import Record
from pipeline.derive.history import change_of
from pipeline.render.context.approvals import countersign, head_of, plan_chain, plan_decisions
from pipeline.render.context.shown import Node, Source, leaf, of_cell, words
from pipeline.render.context.tables import departments

CXO = ("CEO", "COO", "CTO", "CFO", "CMO")
_AGREED = frozenset({"同意", "批准"})
_SIGNED = {"approver": "emp", "date": "date"}
_OWN_ROLES = {"项目经理": "pm", "施工部门网络工程师": "site_engineer"}


def _by_change(source: Source, name: str) -> Shown:
    """Approval of a later version of the plan by the change that made it (6.4.8): 经CR-01批准（姓名 日期）."""
    view = source.view
    change = change_of(source.project, view.plan) if view.planned else None
    if change is None:
        return words(name, "")
    said = (
        f"经{change.text('no')}批准（{source.company.name_of(change.text('approver'))} {change.text('approve_date')}）"
    )
    return words(name, said, [change.at(key) for key in ("no", "approver", "approve_date")])


def cxo(source: Source) -> list[Node]:
    """CXOs of the countersigning departments, each once: they mediate where a department does not agree."""
    depts = (source.company.department_named(name) for name in source.facts.countersigners)
    roles = dict.fromkeys(dept.cxo for dept in depts if dept)
    found = []
    for number, role in enumerate(roles):
        name = f"cxo[{number}]"
        texts = {"role": role, "person": _with_post(source.company, role), "name": ""}
        found.append({key: words(f"{name}.{key}", text) for key, text in texts.items()})
    return found


def _with_post(company: Company, post: str) -> str:
    return next(map(company.name_of, company.with_post(post)), "")


def _person_of(source: Source, step: Step) -> str:
    if step.role in CXO:
        return _with_post(source.company, step.role)
    if step.role in _OWN_ROLES:
        return str(_basics(source, "", _OWN_ROLES[step.role]))
    dept = source.company.departments.get(step.dept)
    return source.company.name_of(dept.head) if dept else ""


# -- the signature block of a document ------------------------------------------------------------------------------

Line = tuple[str, str, Shown | str] | tuple[str, str, Shown | str, Shown]
"""Role as printed, the person who should sign, the recorded name, and the day of that record where there is one."""


def signers(source: Source, wanted: Iterable[str]) -> list[Node]:
    """Lines of a document's signature block.

    Args:
        source: the project.
        wanted: words of `documents.toml`; one that is none of ours is the name of a department.
    """
    lines = [line for word in wanted for line in _GROUPS.get(word, _department)(source, word)]
    found = []
    for number, (role, person, recorded, *day) in enumerate(lines):
        name = f"doc.signers[{number}]"
        node: Node = {"role": words(f"{name}.role", role), "person": words(f"{name}.person", person)}
        node["name"] = _renamed(recorded, f"{name}.name")
        dated = day[0] if day else Shown()
        found.append(node | {"date": leaf(f"{name}.date", dated.value, "date", dated.cells)})
    return found


def _renamed(recorded: Shown | str, name: str) -> Shown:
    """A recorded person under another name; the number stays the value, for somebody may be called otherwise later."""
    if isinstance(recorded, Shown):
        return Shown(str(recorded), name=name, value=recorded.value, cells=recorded.cells, forms=recorded.forms)
    return words(name, recorded)


def _department(source: Source, word: str) -> list[Line]:
    """A department, with who countersigned the plan for it: that signature stands for the annexes, too (6.3.2)."""
    signed = next((one for one in countersign(source) if str(one["dept"]) == word and str(one["date"])), None)
    return (
        [(word, str(signed["head"]), signed["name"], signed["date"])] if signed else [(word, head_of(source, word), "")]
    )


def _author(source: Source, word: str) -> list[Line]:
    author = _basics(source, word, "author")
    return [(word, str(author), author, _basics(source, word, "author_date", "date"))]


def _sales(source: Source, word: str) -> list[Line]:
    """The sales representative, with the day on which that person wrote the version of the survey."""
    person = sales_rep(source, word)
    return [(word, str(person), person, _written(source, word, person))]


def _written(source: Source, word: str, person: Shown) -> Shown:
    """Day of the version where that person wrote it; while no version says who did, that of the survey (item A12)."""
    last = source.project.rows("survey", "versions")[-1:]
    if last and not last[0].blank("by"):
        same = last[0].text("by") == person.value
        return of_cell(word, last[0].cell("date"), "date", source.company) if same else Shown()
    return _asked(source, "A12") if _asked(source, "A13").value == person.value else Shown()


def _asked(source: Source, no: str) -> Shown:
    """An item of the survey: who asked, and when."""
    item = source.project.sheet("survey", "items").find("no", no)
    return of_cell("", item.cell("value"), "any", source.company) if item else Shown()


def _manager(source: Source, word: str) -> list[Line]:
    return [(word, str(_basics(source, word, "pm")), "")]


def _customer(source: Source, word: str) -> list[Line]:
    """Who confirmed the last version of the survey for the customer, and its day."""
    last = source.project.rows("survey", "versions")[-1:]
    confirmed = [of_cell(word, row.cell("customer_confirm"), "text", source.company) for row in last]
    days = [of_cell(word, row.cell("date"), "date", source.company) for row in last]
    return [(word, "", *pair) for pair in zip(confirmed, days, strict=True)] or [(word, "", "")]


def _reviewer(source: Source, word: str) -> list[Line]:
    first = [step for step in plan_chain(source) if step.action == "审核"][:1]
    return [_decided(source, word, step) for step in first] or [(word, "", "")]


def _final(source: Source, word: str) -> list[Line]:
    steps = [step for step in plan_chain(source) if step.action == "批准"]
    return [_decided(source, f"{word}（{_role(source, step)}）", step) for step in steps] or [(word, "", "")]


def _chain(source: Source, _: str) -> list[Line]:
    return [_decided(source, f"{step.action}（{_role(source, step)}）", step) for step in plan_chain(source)]


def _decided(source: Source, label: str, step: Step) -> Line:
    """A step of the plan's approval with who agreed; without a record a later version was approved by its change."""
    rows = [row for row in plan_decisions(source) if row.text("role") == step.role and row.text("decision") in _AGREED]
    for row in rows:
        name, day = (of_cell(label, row.cell(key), kind, source.company) for key, kind in _SIGNED.items())
        return (label, _person_of(source, step), name, day)
    return (label, _person_of(source, step), _by_change(source, label) if step.action == "批准" else "")


def _role(source: Source, step: Step) -> str:
    dept = source.company.departments.get(step.dept)
    return f"{dept.name if dept else ''}{step.role}"


def _countersigning(source: Source, _: str) -> list[Line]:
    return [(str(one["dept"]), str(one["head"]), one["name"]) for one in countersign(source)]


def _mediators(source: Source, word: str) -> list[Line]:
    return [(f"{word.removesuffix('CXO')}{one['role']}", str(one["person"]), "") for one in cxo(source)]


def _sending(source: Source, _: str) -> list[Line]:
    return [line for dept in departments(source) for line in _department(source, dept)]


def _keeping(source: Source, word: str) -> list[Line]:
    """Departments that keep the equipment that is borrowed; one blank line where nothing is."""
    wanted = {row.text("asset_no") for row in source.project.rows("materials", "lines")} - {""}
    assets: Iterable[Record] = source.company.book.sheets["shared_equipment"].rows
    codes = dict.fromkeys(row.text("keeper_dept") for row in assets if row.text("asset_no") in wanted)
    kept: list[Department | None] = [source.company.departments.get(code) for code in codes]
    lines: list[Line] = [(f"{word}（{dept.name}）", source.company.name_of(dept.head), "") for dept in kept if dept]
    return lines or [(word, "", "")]


def _basics(source: Source, name: str, key: str, kind: str = "emp") -> Shown:
    return of_cell(name, source.project.head("plan", "basics").cell(key), kind, source.company)


def sales_rep(source: Source, name: str) -> Shown:
    """The sales representative: of the plan, else of the survey (item A13)."""
    found = _basics(source, name, "sales_rep")
    item = source.project.sheet("survey", "items").find("no", "A13")
    return of_cell(name, item.cell("value"), "emp", source.company) if item and not found else found


_GROUPS: Mapping[str, Callable[[Source, str], list[Line]]] = {
    "编制人": _author,
    "审核人": _reviewer,
    "批准人": _final,
    "审批链": _chain,
    "会签部门": _countersigning,
    "协调CXO": _mediators,
    "派出部门": _sending,
    "保管部门": _keeping,
    "销售代表": _sales,
    "项目经理": _manager,
    "客户确认人": _customer,
}
