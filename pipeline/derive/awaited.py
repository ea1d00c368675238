"""Whose turn it is: the signatures and records that the next gate waits for, with the people who owe them.

Heads of departments, posts and approval chains come from workbook 00; project manager, sales representative and site
engineer from the notice or the plan. Nothing is guessed: who is not named there stays a role.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from pipeline.core.company import Company, Department, Step
from pipeline.core.entries import Awaited
from pipeline.core.sheets import Record
from pipeline.derive.gates import Position

_CXO = frozenset({"CEO", "COO", "CTO", "CFO", "CMO"})
_ARCHIVE = "市场销售部"  # clause 7.2
_CLERK = "质量文档管理员"  # clause 6.2.2
_OWN = {
    "项目经理": "pm",
    "售前项目经理": "pm",
    "销售代表": "sales_rep",
    "施工部门网络工程师": "site_engineer",
    "编制人": "author",
}


def awaited(position: Position, gate: str) -> tuple[Awaited, ...]:
    """What the gate `gate` (a key of `pipeline.derive.gates`) waits for, in the order of the procedure."""
    found = _OF_GATE[gate](position) if gate in _OF_GATE else []
    return tuple(dict.fromkeys(found))


def _named(p: Position, what: str, role: str, emp_no: str) -> Awaited:
    known = p.company.persons.get(emp_no)
    return Awaited(what, role, known.name if known else "", emp_no if known else "")


def _own(p: Position, what: str, role: str) -> Awaited:
    """Somebody of the project: of the notice, before it of the plan."""
    key = _OWN[role]
    noticed = p.records.head("notice").text(key) if key == "pm" else ""
    return _named(p, what, role, noticed or p.project.head("plan", "basics").text(key))


def _head(p: Position, what: str, dept: str) -> Awaited:
    found = p.company.department_named(dept)
    return _named(p, what, dept, found.head if found else "")


def _post(company: Company, post: str) -> str:
    return next((one.no for one in company.persons.values() if one.post == post and one.active), "")


def _plan(p: Position) -> list[Awaited]:
    return [_own(p, "《项目计划报告》及附表", "编制人" if p.project.has("plan") else "销售代表")]


def _survey(p: Position) -> list[Awaited]:
    return [_own(p, "《客户需求调查表》", "销售代表")]


def _countersign(p: Position) -> list[Awaited]:
    rows = p.records.countersigns
    signed = {row.text("dept") for row in rows if row.date("sign_date")}
    found = [_head(p, "《项目计划报告》审批单", name) for name in p.countersigners if name not in signed]
    return found + [_mediator(p, row) for row in rows if row.text("opinion") == "不同意" and not row.date("cxo_date")]


def _mediator(p: Position, row: Record) -> Awaited:
    dept = p.company.department_named(row.text("dept"))
    role = dept.cxo if dept else "主管CXO"
    return _named(p, f"CXO协调:{row.text('dept')}", role, row.text("cxo") or _post(p.company, role))


def _application(p: Position) -> list[Awaited]:
    return [_own(p, "《立项申请书》", "销售代表")]


def _approval(p: Position) -> list[Awaited]:
    given = {row.text("role") for row in p.records.rows("approval") if row.text("decision") and row.date("date")}
    return [_step(p, "立项审批表", step) for step in _chain(p, "立项") if step.role not in given]


def _chain(p: Position, doc_type: str) -> list[Step]:
    amount = p.project.head("plan", "basics").money("contract_amount")
    return p.company.chain(doc_type, p.project_class, amount.value) if amount else []


def _step(p: Position, what: str, step: Step) -> Awaited:
    if step.role in _CXO:
        return _named(p, what, step.role, _post(p.company, step.role))
    if step.role in _OWN:
        return _own(p, what, step.role)
    dept: Department | None = p.company.departments.get(step.dept)
    return _named(p, what, f"{dept.name if dept else ''}{step.role}", dept.head if dept else "")


def _notice(p: Position) -> list[Awaited]:
    titled = (one.no for one in p.company.persons.values() if one.title == _CLERK and one.active)
    by = p.records.head("notice").text("by") or next(titled, "")
    return [_named(p, "项目立项批准通知书", _CLERK, by)]


def _manager(what: str) -> Callable[[Position], list[Awaited]]:
    return lambda p: [_own(p, what, "项目经理")]


def _scheme(p: Position) -> list[Awaited]:
    head = p.records.head("scheme")
    roles = (("编制人", "author"), ("审核人", "checker"), ("批准人", "approver"))
    days = {"author": "author_date", "checker": "check_date", "approver": "approve_date"}
    found = [_named(p, "系统方案审批单", role, head.text(key)) for role, key in roles if head.blank(days[key])]
    return [_own(p, "系统方案审批单", "项目经理")] if head.blank("author") else found


def _creview(p: Position) -> list[Awaited]:
    given = {row.text("dept") for row in p.records.rows("creview") if row.date("date")}
    return [_head(p, "合同评审意见表", name) for name in p.reviewers if name not in given]


def _signing(p: Position) -> list[Awaited]:
    solving = [
        _named(p, f"评审问题 {row.text('no')} 对策", "责任人", row.text("owner")) for row in p.records.open_problems
    ]
    return solving or [_own(p, "合同签订许可单", "项目经理")]


def _closing(p: Position) -> list[Awaited]:
    return [_own(p, "项目验收申请、结束申请", "项目经理")]


def _handover(p: Position) -> list[Awaited]:
    """Giver, receiver and witness: the chain 移交 of workbook 00."""
    return [_step(p, f"文档移交清单({step.action})", step) for step in _chain(p, "移交")]


def _archive(p: Position) -> list[Awaited]:
    return [_head(p, "归档登记", p.records.head("handover").text("archive_dept") or _ARCHIVE)]


_OF_GATE: Mapping[str, Callable[[Position], Iterable[Awaited]]] = {
    "survey": _survey,
    "plan": _plan,
    "countersign": _countersign,
    "application": _application,
    "approval": _approval,
    "notice": _notice,
    "tracking": _manager("用户跟踪情况报告"),
    "req_review": _manager("网络方案顾客需求评审表"),
    "scheme": _scheme,
    "tests": _manager("测试计划与测试记录"),
    "bid": _manager("洽谈/投标记录"),
    "creview": _creview,
    "signing": _signing,
    "closing": _closing,
    "handover": _handover,
    "archive": _archive,
}
