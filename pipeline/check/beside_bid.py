"""Workbook 08, what goes on beside the bid (rules P520, P530, P532, P551 .. P553, P556, P576).

Research, alternatives and SWOT, how the customer decides, help with his tender, the work order after the contract.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from pipeline.check.case import Case
from pipeline.check.procedure import on_the_day
from pipeline.core.findings import Finding
from pipeline.core.money import plain
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.definitions.procedure import load_procedure
from pipeline.derive.classification import MAJOR, class_of
from pipeline.derive.rounds import rounds

_SALES, _POINTS = "市场销售部", "网络工程项目工作流程要点"
_QUADRANTS = ("优势", "劣势", "机会", "威胁")

# -- before the project is initiated -----------------------------------------------------------------------------------


def research_fresh(case: Case) -> Iterator[Finding]:
    """P551 (项目售前全流程管理): the newest research is fresh (`research_days`) when the project is applied for."""
    applied = case.project.head("records", "application").date("apply_date")
    days = [day for row in case.project.rows("bids", "market_research") if (day := row.date("date"))]
    newest = max(days, key=lambda day: day.value, default=None)
    most = case.parameter("research_days")
    if applied and newest and (applied.value - newest.value).days > most:
        values = {"day": newest.value, "applied": applied.value, "days": most}
        found = {"found": newest.value, "expected": f"立项申请前{plain(most)}天以内"}
        yield case.finding("P551", newest.at, [applied.at], pending=False, **values, **found)


def one_chosen(case: Case) -> Iterator[Finding]:
    """P552 (项目售前实施方案流程): of the alternatives one is chosen."""
    rows = case.project.rows("bids", "options")
    chosen = [row for row in rows if row.text("chosen") == "是"]
    if rows and len(chosen) != 1:
        at = chosen[1].at("chosen") if chosen else case.project.sheet("bids", "options").at
        names = "、".join(row.text("option") for row in chosen) or "没有"
        related = [row.at("chosen") for row in chosen]
        yield case.finding("P552", at, related, pending=False, n=len(chosen), found=names, expected="选定一个")


def four_quadrants(case: Case) -> Iterator[Finding]:
    """P553 (售前项目管理流程, SWOT): of a major project all four are thought of, once the sheet is used."""
    stated = case.project.head("plan", "basics")
    rows = case.project.rows("bids", "swot")
    lacking = [one for one in _QUADRANTS if one not in {row.text("quadrant") for row in rows}]
    if rows and class_of(case.project, case.facts) == MAJOR and lacking:
        at, what = case.project.sheet("bids", "swot").at, "、".join(lacking)
        yield case.finding("P553", at, [stated.at("class")], pending=False, what=what, found="没有", expected=what)


# -- how the customer decides ------------------------------------------------------------------------------------------

_WITHOUT_OPENING = frozenset({"单一来源", "直接洽谈"})


def decisions_agree(case: Case) -> Iterator[Finding]:
    """P532 (亿联网络项目售前流程): the opening is that of the survey (B09, B10); what was planned has happened."""
    method, day = case.item("B09"), case.item("B10")
    over = case.facts.state in load_procedure().ended
    for row in case.project.rows("bids", "decision_events"):
        planned, event = row.date("planned"), row.text("event")
        if event == "开标" and method and method.text("value") in _WITHOUT_OPENING:
            said = f"有“开标”,01的采购方式(B09)是{method.text('value')}"
            yield _event(case, row, "event", [method.at("value")], said, "按采购方式写")
        said_day = day.date("value") if day else None
        if event == "开标" and planned and said_day and row.blank("actual") and planned.value != said_day.value:
            said = f"开标预计{planned.value},01的B10是{said_day.value}"
            yield _event(case, row, "planned", [said_day.at], said, str(said_day.value))
        if planned and row.blank("actual") and planned.value < case.as_of and not over:
            said = f"预计{planned.value},已经过了,没有实际日期"
            yield _event(case, row, "actual", [planned.at], said, "实际日期,或新的预计日期")


def _event(case: Case, row: Record, key: str, related: Sequence[Place], what: str, expected: str) -> Finding:
    values = {"no": row.text("no"), "event": row.text("event"), "what": what}
    return case.finding("P532", row.at(key), related, pending=False, **values, found=row.text(key), expected=expected)


def help_with_public_money(case: Case) -> Iterator[Finding]:
    """P530 (政府采购法实施条例, 第十八条第二款): who specifies may not bid, but for a single source."""
    head, fund, method = case.project.head("bids", "tender_help"), case.item("B06"), case.item("B09")
    if head.blank("commissioned_on") or not fund or fund.text("value") != "财政资金":
        return
    how = method.text("value") if method else ""
    if how != "单一来源":
        related = [fund.at("value"), *([method.at("value")] if method else [])]
        values = {"parts": "、".join(head.choices("parts")), "method": how or "不明"}
        found = {"found": how, "expected": "单一来源,或不参加投标"}
        yield case.finding("P530", head.at("commissioned_on"), related, pending=False, **values, **found)


# -- what the customer was told ----------------------------------------------------------------------------------------

_WORKS = "G"


def milestones_told(case: Case) -> Iterator[Finding]:
    """P576 (项目售前实施方案流程): the month of each milestone of the works stands among those of the proposal.

    Stages before the contract are our own affair; a text without months is not compared.
    """
    told, rows = case.project.head("bids", "proposal"), case.project.rows("plan", "stages")
    marked = [row for row in rows if row.text("milestone") == "是" and row.text("code").startswith(_WORKS)]
    months = {int(a or b) for a, b in _MONTH.findall(told.text("milestones"))}
    for row in marked if months else ():
        end = row.date("end")
        if end and end.value.month not in months:
            values = {"stage": row.text("name"), "day": end.value, "found": told.text("milestones")}
            at, related = told.at("milestones"), [end.at, row.at("milestone")]
            yield case.finding("P576", at, related, pending=False, **values, expected=f"{end.value.month}月")


_MONTH = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])(?=月)|(?<=\d{4}[-.])(1[0-2]|0?[1-9])(?!\d)")


# -- the scheme before the customer ------------------------------------------------------------------------------------


def explained_as_approved(case: Case) -> Iterator[Finding]:
    """P556 (网络工程项目工作流程要点, 8): the customer is told of a version that was approved, after that.

    While no scheme is approved nothing is compared; one that was approved in an earlier round may be told of.
    """
    head = case.project.head("bids", "customer_confirm")
    day, version = head.date("date"), head.text("scheme_version")
    approved = [one for one in rounds(case.project, "scheme") if one.passed and one.day]
    own = [one for one in approved if one.version == version]
    if version and approved and not own:
        last, a = approved[-1], f"讲解的方案版本{version}"
        yield _beside(case, head.at("scheme_version"), last.at, a, "不是", f"批准的{last.version}")
    first = min((one.day for one in own if one.day), key=lambda one: one.value, default=None)
    if day and first and day.value < first.value:
        yield _beside(case, day.at, first.at, f"讲解日期{day.value}", "早于", f"方案{version}的批准日期{first.value}")


def _beside(case: Case, at: Place, related: Place, a: str, word: str, b: str) -> Finding:
    values = {"a": a, "word": word, "b": b, "clause": _POINTS, "found": a, "expected": b}
    return case.finding("P556", at, [related], pending=False, **values)


# -- after the contract ------------------------------------------------------------------------------------------------


def ordered_by_sales(case: Case) -> Iterator[Finding]:
    """P520 (网络工程项目工作流程要点, 9, 10): sales gives the order; who takes the project over is in the team."""
    head = case.project.head("bids", "work_order")
    if head.blank("issue_date"):
        return
    company, issuer = on_the_day(case, "bids.work_order.issuer", head), head.text("issuer")
    dept = company.department_of(issuer)
    if dept and dept.name != _SALES:
        yield _order(case, head.at("issuer"), (), f"下达人{company.name_of(issuer)}", "不是", f"{_SALES}的人员")
    receiver = case.project.head("records", "handover").person("receiver")
    team = head.choices("team")
    if receiver and team and receiver.value not in team:
        who = f"接收人{company.name_of(receiver.value)}"
        yield _order(case, head.at("team"), [receiver.at], "实施小组", "没有", who)


def manager_in_team(case: Case) -> Iterator[Finding]:
    """P556 (网络工程项目工作流程要点, 10): who manages the works is one of the team; the receiver is told by P520."""
    head, receiver = case.project.head("bids", "work_order"), case.project.head("records", "handover").text("receiver")
    manager, team = head.text("manager"), head.choices("team")
    if manager and team and manager not in {*team, receiver}:
        who = f"工程负责人{case.company.name_of(manager)}"
        yield _beside(case, head.at("team"), head.at("manager"), "实施小组", "没有", who)


def _order(case: Case, at: Place, related: Sequence[Place], a: str, word: str, b: str) -> Finding:
    return case.finding("P520", at, related, pending=False, a=a, word=word, b=b, found=a, expected=b)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    research_fresh,
    one_chosen,
    four_quadrants,
    decisions_agree,
    help_with_public_money,
    milestones_told,
    explained_as_approved,
    ordered_by_sales,
    manager_in_team,
)
