"""The gates of the procedure in their order, and what each of them still wants (clauses 6.1 to 7.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipeline.core.company import Company
from pipeline.core.sheets import Project
from pipeline.definitions.forms import Form
from pipeline.derive.records import LOST, Records

PLAN_BOOKS = ("survey", "plan", "cost", "materials", "staffing")


@dataclass(frozen=True)
class Position:
    """What the gates look at.

    Attributes:
        blanks: survey items without an answer.
        countersigners: departments that must countersign.
        reviewers: departments that must review the contract.
        roles: approval roles of the initiation, in order.
        project_class: class as stated, else as derived; empty while neither is known.
    """

    project: Project
    company: Company
    forms: Mapping[str, Form]
    blanks: Sequence[str]
    countersigners: Sequence[str]
    reviewers: Sequence[str]
    roles: Sequence[str]
    project_class: str = ""

    @property
    def records(self) -> Records:
        """Workbook 06."""
        return Records(self.project)


def _survey(p: Position) -> list[str]:
    if not p.project.has("survey"):
        return [_absent(p, "survey")]
    return [] if p.project.rows("survey", "versions") else ["调查表“版本与确认”至少一行"]


def _plan(p: Position) -> list[str]:
    absent = [_absent(p, key) for key in PLAN_BOOKS if not p.project.has(key)]
    dated = p.project.head("plan", "basics").date("author_date")
    unwritten = [] if dated or absent else ["《项目计划基本信息》编制日期"]
    return [*absent, *(f"调查表空项 {no}" for no in p.blanks), *unwritten]


def _countersign(p: Position) -> list[str]:
    signed = {row.text("dept") for row in p.records.countersigns if row.date("sign_date")}
    wanted = [f"计划会签:{name}" for name in p.countersigners if name not in signed]
    disputed = [
        f"CXO协调:{row.text('dept')}"
        for row in p.records.countersigns
        if row.text("opinion") == "不同意" and not row.date("cxo_date")
    ]
    return wanted + disputed


def _application(p: Position) -> list[str]:
    return [] if p.records.day("application", "apply_date") else ["立项申请书"]


def _approval(p: Position) -> list[str]:
    given = {row.text("role") for row in p.records.rows("approval") if row.text("decision") and row.date("date")}
    wanted = [f"立项审批:{role}" for role in p.roles if role not in given]
    return wanted or ([] if p.records.approved else ["立项审批结论“批准”"])


def _notice(p: Position) -> list[str]:
    notice = p.records.head("notice")
    wanted = {"date": "批准通知书日期", "pm": "售前项目经理", "team": "项目组成员", "notify": "通知部门"}
    return [label for key, label in wanted.items() if notice.blank(key)]


def _tracking(p: Position) -> list[str]:
    if p.project.head("plan", "basics").text("skip_tracking") == "是":
        return []
    notice = p.records.day("notice", "date")
    rows = [row.date("date") for row in p.records.rows("tracking")]
    return [] if notice and any(d and d.value >= notice.value for d in rows) else ["用户跟踪情况报告"]


def _req_review(p: Position) -> list[str]:
    head = p.records.head("req_review")
    return [] if head.date("date") and head.text("conclusion") in {"通过", "有条件通过"} else ["顾客需求评审(通过)"]


def _scheme(p: Position) -> list[str]:
    return [] if p.records.day("scheme", "approve_date") else ["系统方案审批单(批准)"]


def _tests(p: Position) -> list[str]:
    if p.project.head("plan", "basics").text("needs_test") != "是":
        return []
    passed = {row.text("no") for row in p.records.rows("test_results") if row.text("verdict") in {"通过", "复测通过"}}
    return [f"测试记录 {row.text('no')}" for row in p.project.rows("plan", "tests") if row.text("no") not in passed]


def _bid(p: Position) -> list[str]:
    head = p.records.head("bidding")
    wanted = {"submit_time": "投标(报价)递交时间", "result": "投标(洽谈)结果"}
    return [label for key, label in wanted.items() if head.blank(key)]


def _creview(p: Position) -> list[str]:
    given = {row.text("dept") for row in p.records.rows("creview") if row.date("date")}
    return [f"合同评审意见:{name}" for name in p.reviewers if name not in given]


def _signing(p: Position) -> list[str]:
    problems = [f"评审问题 {row.text('no')} 未解决" for row in p.records.open_problems]
    return problems + ([] if p.records.day("signing", "sign_date") else ["合同签订"])


def _closing(p: Position) -> list[str]:
    head = p.records.head("closing")
    wanted = {"accept_date": "项目验收申请", "close_date": "项目结束申请"}
    if _lost(p):
        wanted.pop("accept_date")
    return [label for key, label in wanted.items() if head.blank(key)]


def _handover(p: Position) -> list[str]:
    if _lost(p):
        return []
    return [] if p.records.day("handover", "handover_date") else ["项目文档移交清单"]


def _archive(p: Position) -> list[str]:
    return [] if p.records.archive.date("archive_date") else ["归档登记"]


def _lost(p: Position) -> bool:
    """The project ends without a contract: bid lost, or called off by the customer."""
    closing = p.records.head("closing").text("close_type")
    return closing in {"未中标终止", "客户取消"} or p.records.head("bidding").text("result") in LOST


def _absent(p: Position, key: str) -> str:
    return f"缺少工作簿 {p.forms[key].no}《{p.forms[key].name}》"


GATES: tuple[tuple[str, str, Callable[[Position], list[str]]], ...] = (
    ("survey", "客户需求调查(6.1)", _survey),
    ("plan", "编制项目计划(6.3.1)", _plan),
    ("countersign", "部门会签(6.3.2)", _countersign),
    ("application", "立项申请(6.2.1)", _application),
    ("approval", "立项审批(6.2.2)", _approval),
    ("notice", "批准通知书与项目组(6.2.2、6.2.3)", _notice),
    ("tracking", "继续跟踪用户(6.4.2)", _tracking),
    ("req_review", "客户需求评审(6.4.2)", _req_review),
    ("scheme", "系统方案审批(6.4.3)", _scheme),
    ("tests", "系统测试(6.4.4)", _tests),
    ("bid", "洽谈/投标(6.4.5)", _bid),
    ("creview", "合同评审(6.4.6)", _creview),
    ("signing", "签订合同(6.5)", _signing),
    ("closing", "项目验收和结束(6.6、6.7)", _closing),
    ("handover", "移交(6.7)", _handover),
    ("archive", "归档(7.2)", _archive),
)
_CONTRACT = frozenset({"creview", "signing"})


def open_gates(position: Position) -> dict[str, list[str]]:
    """What every gate still wants, in order; gates that are passed have an empty list.

    A project without a contract passes the gates of the contract; one that was not approved has no further gate.
    """
    skipped = _CONTRACT if _lost(position) else frozenset()
    return {key: [] if key in skipped else wanted(position) for key, _, wanted in GATES}


TITLES = {key: title for key, title, _ in GATES}
