"""What two places say (`comparisons.toml`): each rule with the case that it is for and its legitimate neighbour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache

import pytest

from pipeline.check import compared
from pipeline.check.case import Case
from pipeline.core.findings import Finding
from tests.cases import DORM, TV, load_case
from tests.check.followed import Edit, added, followed, recorded, removed, repeated, typed
from tests.check.reported import cells, found_by, table

D = Decimal


@cache
def clean(code: str = DORM) -> Case:
    return load_case(code=code)


def found(edits: Sequence[Edit], code: str = DORM) -> list[Finding]:
    return found_by(compared.CHECKS, followed(clean(code), edits))


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def head(sheet: str, /, **fields: object) -> Edit:
    return recorded(sheet, "head", **fields)


# What staff typed, and cell and rule of what is found.
FIRES: list[tuple[str, list[Edit], set[tuple[str, str]]]] = [
    ("bid late", [head("bidding", submit_time=datetime(2026, 7, 14, 9, 35))], {("洽谈投标!C11", "G322")}),
    (
        "scheme signed backwards",
        [head("scheme", author_date=day(7, 2), check_date=day(7, 1), approve_date=day(6, 30))],
        {("方案审批!C15", "G341")},
    ),
    ("scheme written before the review", [head("scheme", author_date=day(6, 5))], {("方案审批!C13", "G341")}),
    ("result before the bid", [head("bidding", result_date=day(7, 1))], {("洽谈投标!C14", "G341")}),
    ("approved before it was applied for", [head("application", apply_date=day(6, 3))], {("立项审批!F7", "G341")}),
    (
        "another contract signed before the review",
        [added("agreements", no="AG-03", origin="书面", written_date=day(7, 10), part_amount=Decimal(280000))],
        {("协议!E9", "G341")},
    ),
    (
        "cancelled before the contract was signed",
        [head("closing", close_type="客户取消", close_date=day(7, 28), accept_date=None, accept_result=None)],
        {("验收与结束!C10", "G341")},
    ),
    ("two days of archiving", [head("archive", archive_date=day(9, 1))], {("归档!C8", "W207")}),
    (
        "accepted, handed over and cancelled",
        [head("closing", close_type="客户取消")],
        {("验收与结束!C11", "G342")},
    ),
    (
        "closed before acceptance",
        [head("closing", close_date=day(7, 30), accept_date=day(8, 3))],
        {("验收与结束!C10", "G341")},
    ),
    (
        "oral agreement signed after the handover",
        [recorded("agreements", 8, coo_date=day(10, 1), cto_date=day(10, 2), written_date=day(10, 1))],
        {("协议!E8", "G341")},
    ),
    (
        "memo ends before it starts",
        [recorded("memos", 7, end=datetime(2026, 6, 18, 9, 0))],
        {("会议备忘录!D7", "G341")},
    ),
    ("bid no longer binding", [head("bidding", validity_days=D(10))], {("合同签订!C7", "W206")}),
    ("technical part read after the bid", [head("bidding", tech_date=day(7, 20))], {("洽谈投标!C22", "W206")}),
    ("commercial part read after the bid", [head("bidding", business_date=day(7, 20))], {("洽谈投标!C26", "W206")}),
    ("action due before its meeting", [recorded("actions", 7, due=day(6, 1))], {("会议行动项!D7", "W206")}),
    (
        "contract written after the handover",
        [recorded("agreements", 7, written_date=day(10, 10))],
        {("协议!E7", "W206")},
    ),
    (
        "planned dates against the stages",
        [typed("plan", "basics", "head", plan_end=date(2027, 12, 31), plan_sign=day(6, 1))],
        {("基本信息!C23", "W206"), ("基本信息!C24", "W207")},
    ),
    ("less at the end than reported", [head("closing", actual_cost=D("60120.00"))], {("验收与结束!C15", "X240")}),
    ("more at the end than reported", [head("closing", actual_cost=D("70520.00"))], {("验收与结束!C15", "W207")}),
    ("over the budget at the end", [head("closing", actual_cost=D("170120.00"))], {("验收与结束!C15", "W211")}),
    (
        "cumulated figures fall",
        [recorded("reports", 16, actual_days=D(20), actual_cost=D("10.00"), pct=D(40))],
        {("项目汇报!H16", "W210")},
    ),
    (
        "over the budget",
        [*(recorded("reports", row, actual_cost=D(90000)) for row in (15, 16)), head("closing", actual_cost=D(90000))],
        {("项目汇报!H15", "W211")},
    ),
    ("action of a meeting that was not", [recorded("actions", 7, memo_no="HY-09")], {("会议行动项!A7", "X241")}),
    ("engineer of nobody's plan", [typed("plan", "basics", "head", site_engineer="E303")], {("基本信息!C21", "X241")}),
    ("team beyond the plan", [head("notice", team=("E106", "E302", "E402", "E801"))], {("批准通知书!C11", "W208")}),
    ("test of no plan", [recorded("test_results", 9, no="T09")], {("测试记录!A9", "W208")}),
    ("two stages of one code", [typed("plan", "stages", 11, code="S3")], {("阶段计划!A11", "X242")}),
    ("two problems of one number", [recorded("problems", 8, no="P-01")], {("问题对策!A8", "X242")}),
    ("checked by its author", [recorded("scheme", "head", checker="E203")], {("方案审批!C14", "W202")}),
    ("approved by its author", [recorded("scheme", "head", author="E201")], {("方案审批!C16", "W202")}),
    ("approved by who applied", [head("application", applicant="E101")], {("立项审批!C7", "W202")}),
    ("ended by who applied for it", [head("closing", close_result_by="E106")], {("验收与结束!C18", "W202")}),
    (
        "a meeting of the year before",
        [recorded("memos", 7, start=datetime(2025, 6, 18, 10), end=datetime(2025, 6, 18, 11))],
        {("会议备忘录!C7", "W206")},
    ),
    (
        "a change before there is a plan",
        [added("changes", no="CR-01", date=day(4, 1), approve_date=day(7, 1), approver="E002", by="E106")],
        {("变更!C7", "W206")},
    ),
    ("verified by its owner", [recorded("problems", 8, verifier="E302")], {("问题对策!L8", "W209")}),
    ("sent back and approved", [recorded("approval", 7, decision="补充后再审")], {("立项审批!E7", "G342")}),
    ("reviewer is not satisfied", [recorded("req_review", 14, result="不满足")], {("需求评审!C14", "G342")}),
    ("lost and signed", [head("bidding", result="未中标")], {("洽谈投标!C13", "G342")}),
    ("ended as lost, signed", [head("closing", close_type="未中标终止")], {("验收与结束!C11", "G342")}),
    ("not accepted", [head("closing", accept_result="不合格")], {("验收与结束!C9", "G342")}),
    ("signed without leave", [head("signing", permit="不准签订")], {("合同签订!C13", "G342")}),
    ("action still open", [recorded("actions", 7, status="进行中")], {("会议行动项!E7", "W212")}),
    ("to be given up", [typed("plan", "feasibility", "head", f_f="放弃")], {("可行性分析!C13", "W212")}),
    ("department still against", [recorded("creview", 18, opinion="不同意")], {("合同评审意见!C18", "W212")}),
    (
        "condition of the review left open",
        [head("req_review", conclusion="有条件通过", conditions="并发测试通过")],
        {("需求评审!B7", "W212")},
    ),
    ("risk taken", [recorded("problems", 7, status="接受风险")], {("问题对策!I7", "W212")}),
    (
        "something was to be handed in before the end, and all is archived",
        [head("closing", close_result="补办后结束", close_result_date=day(9, 1))],
        {("验收与结束!C17", "W212")},
    ),
    (
        "ended after it was archived",
        [head("closing", close_result_date=day(9, 1))],
        {("验收与结束!C19", "W206")},
    ),
    (
        "the same without a handover",
        [
            head("closing", close_result_date=day(9, 1)),
            head("handover", archive_date=None),
            head("archive", archive_date=day(8, 20)),
        ],
        {("验收与结束!C19", "W206")},
    ),
]


@pytest.mark.parametrize(("edits", "at"), [pytest.param(edits, at, id=name) for name, edits, at in FIRES])
def test_two_places_disagree(edits: list[Edit], at: set[tuple[str, str]]) -> None:
    assert table(found(edits)) == at


# The same with another reason: nothing may be said.
SILENT: list[tuple[str, str, list[Edit]]] = [
    ("sample", DORM, []),
    ("sample", TV, []),
    ("bid on the last minute", DORM, [head("bidding", submit_time=datetime(2026, 7, 14, 9, 30))]),
    ("direct talks have no deadline", DORM, [head("bidding", deadline=None, validity_days=None)]),
    ("scheme done on one day", DORM, [head("scheme", author_date=day(7, 2), check_date=day(7, 2))]),
    ("scheme written on the day of the review", DORM, [head("scheme", author_date=day(6, 11))]),
    ("a written supplement after the signature", DORM, [recorded("agreements", 7, written_date=day(8, 3))]),
    ("signed on the last day", DORM, [head("bidding", validity_days=D(15))]),
    ("budget of a version that is gone", TV, [head("notice", approved_budget=D("322000.00"))]),
    ("ended on the day of the archive", DORM, [head("closing", close_result_date=day(8, 5))]),
    (
        "something to be handed in, not archived yet",
        DORM,
        [head("closing", close_result="补办后结束"), head("handover", archive_date=None)],
    ),
    ("nobody named yet", DORM, [typed("plan", "basics", "head", site_engineer="待定")]),
    ("a test done twice", DORM, [recorded("test_results", 9, no="T02")]),
    ("approved in the second round", DORM, [repeated("approval", 7, 8, decision="补充后再审")]),
    ("conditions", DORM, [recorded("req_review", 14, result="有条件满足")]),
    (
        "not satisfied, with conditions",
        DORM,
        [
            recorded("req_review", 14, result="不满足"),
            head("req_review", conclusion="有条件通过", conditions="x"),
            head("signing", sign_date=None),
        ],
    ),
    (
        "sent back, applied for again",
        DORM,
        [
            *(recorded("approval", row, round=Decimal(1), date=day(6, 2)) for row in (7, 8)),
            repeated("approval", 7, 8),
            *(recorded("approval", row, date=day(6, 3)) for row in (107, 108)),
            head("application", apply_date=day(6, 3)),
        ],
    ),
    (
        "another contract of the day of the first, and an agreement without an amount",
        DORM,
        [
            added("agreements", no="AG-03", origin="书面", written_date=day(7, 29), part_amount=Decimal(280000)),
            added("agreements", no="AG-04", origin="书面", written_date=day(6, 1)),
        ],
    ),
    (
        "a contract given up after it was signed",
        DORM,
        [head("closing", close_type="客户取消", accept_date=None, accept_result=None)],
    ),
    (
        "a meeting on the first day, a change on the day of the plan",
        DORM,
        [
            recorded("memos", 7, start=datetime(2026, 5, 18, 9), end=datetime(2026, 5, 18, 10)),
            added("changes", no="CR-01", date=day(5, 29), approve_date=day(7, 1), approver="E002", by="E106"),
        ],
    ),
    ("archived on one day", DORM, [head("archive", archive_date=day(8, 5))]),
    ("accepted with flaws and cancelled", DORM, [head("closing", accept_result="不合格", close_type="客户取消")]),
    ("no reports at all", DORM, [removed("reports")]),
]


@pytest.mark.parametrize(
    ("code", "edits"), [pytest.param(code, edits, id=f"{name} {code}") for name, code, edits in SILENT]
)
def test_neighbours_that_are_right(code: str, edits: list[Edit]) -> None:
    assert found(edits, code) == []


def test_what_a_finding_says() -> None:
    (late,) = found([head("bidding", submit_time=datetime(2026, 7, 14, 9, 35))])
    assert late.message() == "洽谈投标“递交时间” 2026-07-14 09:35晚于洽谈投标“截止时间” 2026-07-14 09:30。"
    (verified,) = found([recorded("problems", 8, verifier="E302")])
    people = "问题对策“验证人” E302 卢海峰就是问题对策“责任人” E302 卢海峰"
    assert verified.message() == f"两件事由同一人办(6.4.6):{people}。"
    (lost,) = found([head("bidding", result="未中标")])
    assert lost.message() == "互相矛盾(6.4.5、6.5):洽谈投标“结果”“未中标”,而合同签订“签订日期”“2026-07-29”。"
    (bound,) = found([head("bidding", validity_days=D(10))])
    assert cells(bound) == {"洽谈投标!C10", "洽谈投标!C12"}
    assert "洽谈投标“截止时间” 2026-07-24(加10天)" in bound.message()
