"""Workbook 07, support by engineers, demonstrations, the customer's problems (rules G323, P518, P519, P531, P535 ..).

Dates of one row that must follow one another are in `comparisons.toml`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from pipeline.check.case import Case, limit
from pipeline.core.findings import Finding
from pipeline.core.money import plain
from pipeline.core.places import Place
from pipeline.core.sheets import Record

_SUPPORT, _PLAN, _RESULT = "tech_support", "support_plan", "support_result"

# -- applications ------------------------------------------------------------------------------------------------------


def checked_by_the_head(case: Case) -> Iterator[Finding]:
    """P535 (售前技术支持控制程序, 5.2): the head of the applicant's department checks an application, or a deputy."""
    for row in case.project.rows("support", _SUPPORT):
        day = row.date("checked")
        company = case.company.on(day.value if day else case.as_of)
        dept, checker = company.department_of(row.text("applicant")), row.text("checked_by")
        if not checker or dept is None or not dept.head:
            continue
        if checker not in {dept.head, *company.deputies([dept.head])}:
            values = {
                "a": f"{row.text('no')}的审核人{company.name_of(checker)}",
                "word": "不是",
                "b": f"{dept.name}经理{company.name_of(dept.head)}",
            }
            related = [row.at("applicant")]
            found = {"found": company.name_of(checker), "expected": company.name_of(dept.head)}
            yield case.finding("P535", row.at("checked_by"), related, pending=False, **values, **found)


# -- plans and proposals -----------------------------------------------------------------------------------------------


def plan_first(case: Case) -> Iterator[Finding]:
    """P518 (售前技术支持控制程序, 5.3.1, 4.1.1): a plan that sales wants is reviewed before service begins."""
    for row in case.project.rows("support", _SUPPORT):
        start = row.date("service_start")
        if row.text("plan_required") != "是":
            continue
        plan = [one for one in case.project.rows("support", _PLAN) if one.text("apply") == row.text("no")]
        if not plan:
            yield _planned(case, row.at("plan_required"), row, "没有售前服务计划", start is None)
        for one in plan:
            reviewed = one.date("reviewed")
            if reviewed is None:
                yield _planned(case, one.at("reviewed"), row, f"计划第{one.text('no')}行没有评审", start is None)
            elif start and reviewed.value > start.value:
                yield _planned(case, reviewed.at, row, f"计划在服务开始以后的{reviewed.value}才评审", False)


def plan_cosigned(case: Case) -> Iterator[Finding]:
    """P570 (售前技术支持控制程序, 4.2): sales countersigns a plan that was reviewed; P518 tells of one that was not."""
    for row in case.project.rows("support", _PLAN):
        reviewed = row.date("reviewed")
        if reviewed and row.blank("cosigned"):
            values = {"no": row.text("no"), "apply": row.text("apply"), "found": "", "expected": "会签人和会签日期"}
            yield case.finding("P570", row.at("cosigned"), [reviewed.at], pending=False, **values)


def _planned(case: Case, at: Place, row: Record, what: str, pending: bool) -> Finding:
    related = [row.at("service_start")] if not row.blank("service_start") else [row.at("no")]
    values = {"no": row.text("no"), "what": what, "found": what, "expected": "服务开始以前评审过的计划"}
    return case.finding("P518", at, related, pending=pending, **values)


def proposal_reviewed(case: Case) -> Iterator[Finding]:
    """G323 (售前技术支持控制程序, 4.1.1): a proposal leaves reviewed inside and countersigned by sales."""
    for row in case.project.rows("support", _RESULT):
        delivered = row.date("delivered")
        if delivered is None:
            continue
        for key, what in (("reviewed", "内部评审"), ("cosigned", "市场部会签")):
            day = row.date(key)
            if day is None or day.value > delivered.value:
                values = {"no": row.text("apply"), "what": what, "day": delivered.value}
                found = {"found": day.value if day else "", "expected": f"不晚于{delivered.value}"}
                yield case.finding("G323", row.at(key), [delivered.at], pending=False, **values, **found)


def report_in_time(case: Case) -> Iterator[Finding]:
    """P519 (售前技术支持控制程序, 4.1.2): a report within `report_days` working days from the end of the service."""
    most = case.parameter("report_days")
    reports = {row.text("apply"): row for row in case.project.rows("support", _RESULT)}
    for row in case.project.rows("support", _SUPPORT):
        end, report = row.date("service_end"), reports.get(row.text("no"))
        written = report.date("report_date") if report else None
        if end is None:
            continue
        taken = case.company.calendar.between(end.value + timedelta(days=1), written.value if written else case.as_of)
        if taken > most:
            at, related = (written.at, [end.at]) if written else (end.at, [])
            values = {"no": row.text("no"), "end": end.value, "days": most}
            found = {"found": written.value if written else "没有报告", "expected": f"{plain(most)}个工作日内"}
            yield case.finding("P519", at, related, pending=False, **values, **found)


# -- demonstrations ----------------------------------------------------------------------------------------------------


def concerns_known(case: Case) -> Iterator[Finding]:
    """P531 (亿联网络项目售前流程): what the leaders who come care for is known before a demonstration."""
    for row in case.project.rows("support", "demos"):
        if not row.blank("leaders") and row.blank("concerns"):
            said = f"第{row.text('no')}次演示有{row.text('leaders')}到场,没有写他们关心什么"
            yield _demo(case, row.at("concerns"), [row.at("leaders")], said, "", "领导关心什么、向谁核实")


def equipment_borrowed(case: Case) -> Iterator[Finding]:
    """P531 (售前工作流程): what is shown is borrowed for the day."""
    loans: dict[str, list[Record]] = {}
    for row in case.project.rows("materials", "lines"):
        loans.setdefault(row.text("asset_no"), []).append(row)
    for row in case.project.rows("support", "demos") if case.project.has("materials") else ():
        lost = [number for number in row.choices("equipment") if not _there(row, loans.get(number, []))]
        if lost:
            related = [loan.at("need_date") for number in lost for loan in loans.get(number, [])]
            said = f"第{row.text('no')}次演示的设备{'、'.join(lost)}当天没有借用(04物资明细)"
            yield _demo(case, row.at("equipment"), related, said, "、".join(lost), "04里当天在借的设备")


def _there(demo: Record, loans: Sequence[Record]) -> bool:
    """Whether a loan covers the day of a demonstration."""
    day = demo.date("date")
    spans = [(loan.date("need_date"), loan.date("return_date")) for loan in loans]
    return day is None or any(a and b and a.value <= day.value <= b.value for a, b in spans)


def _demo(case: Case, at: Place, related: Sequence[Place], what: str, found: str, expected: str) -> Finding:
    return case.finding("P531", at, related, pending=False, what=what, found=found, expected=expected)


# -- the customer's problems -------------------------------------------------------------------------------------------


def knowledge_there(case: Case) -> Iterator[Finding]:
    """P536 (网络营销前台业务操作指导书): the entry of the problem base that a problem names is in workbook 09.

    Without a library nothing is said.
    """
    entries = case.company.sheet("library", "library").rows
    known = {row.text("code") for row in entries if row.text("kind") == "问题库"}
    for row in case.project.rows("support", "customer_issues") if entries else ():
        number = row.text("knowledge")
        if number and number not in known:
            found = {"found": number, "expected": "09资源目录的问题库编号"}
            yield case.finding("P536", row.at("knowledge"), (), pending=False, no=row.text("no"), code=number, **found)


_OFFICERS = ("CEO", "COO", "CTO", "CFO", "CMO")


def compensation_approved(case: Case) -> Iterator[Finding]:
    """P537 (网络营销前台业务操作指导书): above `compensation_limit` an officer of the company approves, or a deputy.

    Until workbook 00 names officers nothing is said.
    """
    most = case.parameter("compensation_limit")
    for row in case.project.rows("support", "customer_issues"):
        amount, approver, day = row.money("amount"), row.text("approver"), row.date("closed") or row.date("date")
        company = case.company.on(day.value) if day else case.company
        officers = [number for post in _OFFICERS for number in company.with_post(post)]
        if amount and amount.value > most and officers and approver not in {"", *officers, *company.deputies(officers)}:
            who, bound = company.name_of(approver), f"CXO(补偿超过{limit(most)})"
            values = {"a": f"第{row.text('no')}条的补偿批准人{who}", "word": "不是", "b": bound}
            found = {"found": who, "expected": bound}
            yield case.finding("P537", row.at("approver"), [amount.at], pending=False, **values, **found)


def open_or_closed(case: Case) -> Iterator[Finding]:
    """P557 (网络营销前台业务操作指导书): a problem that is being dealt with has no day on which it was settled."""
    for row in case.project.rows("support", "customer_issues"):
        closed = row.date("closed")
        if closed and row.text("status") == "处理中":
            values = {"a": f"客户问题{row.text('no')}的状态“处理中”", "b": f"解决日期是{closed.value}"}
            said = {"clause": "网络营销前台业务操作指导书", "found": "处理中", "expected": "已解决,或没有解决日期"}
            yield case.finding("P557", row.at("status"), [closed.at], pending=False, **values, **said)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    checked_by_the_head,
    plan_first,
    plan_cosigned,
    proposal_reviewed,
    report_in_time,
    concerns_known,
    equipment_borrowed,
    knowledge_there,
    compensation_approved,
    open_or_closed,
)
