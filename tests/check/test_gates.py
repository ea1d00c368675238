from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache

import pytest

from pipeline.check import gates
from pipeline.check.case import Case
from pipeline.core.findings import Finding
from tests.cases import DORM, TV, load_case
from tests.check.followed import Edit, followed, hits, item, recorded, removed, repeated, typed
from tests.check.reported import cells, found_by, table, without


def gate_rules(case: Case) -> Iterator[Finding]:
    """What the steps of the procedure report at their gates: G301 to G317."""
    return (found for found in gates.broken(case) if found.rule.code.startswith("G"))


CHECKS = (gate_rules, gates.in_order)


def by(rule: str, case: Case) -> list[Finding]:
    return [finding for finding in found_by(CHECKS, case) if finding.rule.code == rule]


@cache
def clean(code: str = DORM) -> Case:
    return load_case(code=code)


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def emptied(sheet: str) -> Edit:
    """Labelled cells of a sheet of workbook 06 as nobody has filled them."""

    def edit(case: Case) -> Case:
        head = case.project.head("records", sheet)
        return recorded(sheet, "head", **dict.fromkeys(head.cells))(case)

    return edit


REFUSED = recorded("approval", 8, decision="不批准")
NO_TRACKING = typed("plan", "basics", "head", skip_tracking="是")
UNCLEAR = item("E19", value="不明确", status="不明确")

TESTED_AFTER_THE_BID = [
    *(typed("plan", "tests", row, start=day(7, 20), end=day(7, 20)) for row in (7, 8, 9)),
    *(recorded("test_results", row, date=day(7, 20)) for row in (7, 8, 9)),
]

# Rule, project, what staff typed, and the cells that are reported.
FIRES: list[tuple[str, str, list[Edit], set[str]]] = [
    ("G301", DORM, [item("D05", value=None)], {"立项申请!C8"}),
    ("G301", DORM, [removed("countersign", 8)], {"立项申请!C8"}),
    ("G301", DORM, [recorded("countersign", 8, opinion="不同意", cxo="E002")], {"立项申请!C8"}),
    ("G301", DORM, [lambda case: without(case, "cost")], {"立项申请!C8"}),
    ("G302", DORM, [recorded("countersign", 8, sign_date=day(6, 3))], {"立项申请!C8"}),
    ("G302", DORM, [recorded("countersign", 8, cxo_date=day(6, 3))], {"立项申请!C8"}),
    ("G303", DORM, [removed("approval", 7)], {"立项审批"}),
    ("G303", DORM, [recorded("approval", 7, decision=None)], {"立项审批"}),
    ("G303", DORM, [recorded("approval", 7, date=None)], {"立项审批"}),
    ("G303", DORM, [recorded("approval", 8, decision="同意")], {"立项审批"}),
    ("G303", DORM, [recorded("approval", 8, date=day(6, 1))], {"立项审批"}),
    ("G303", DORM, [typed("plan", "basics", "head", **{"class": "重大项目"})], {"立项审批"}),
    ("G304", DORM, [recorded("notice", "head", date=day(6, 2))], {"批准通知书!C9"}),
    ("G304", DORM, [recorded("notice", "head", pm=None)], {"批准通知书!C10"}),
    ("G304", DORM, [recorded("notice", "head", team=None)], {"批准通知书!C11"}),
    ("G304", DORM, [recorded("notice", "head", pm="E104")], {"批准通知书!C11"}),
    ("G304", DORM, [recorded("notice", "head", notify=None)], {"批准通知书!C14"}),
    ("G305", DORM, [recorded("req_review", "head", date=day(6, 2))], {"需求评审!B6"}),
    ("G305", DORM, [recorded("test_results", 8, date=day(6, 2))], {"测试记录!F8"}),
    ("G306", DORM, [NO_TRACKING, UNCLEAR], {"基本信息!C35"}),
    ("G307", DORM, [recorded("req_review", "head", date=day(7, 3))], {"方案审批!C17"}),
    ("G307", DORM, [recorded("req_review", "head", date=None)], {"方案审批!C17"}),
    ("G307", DORM, [recorded("req_review", "head", conclusion="不通过")], {"方案审批!C17"}),
    ("G308", DORM, [recorded("scheme", "head", approve_date=None)], {"洽谈投标!C11"}),
    ("G308", DORM, [recorded("scheme", "head", approve_date=day(7, 15))], {"洽谈投标!C11"}),
    ("G309", DORM, [typed("plan", "tests", 7, start=day(7, 1))], {"测试活动!E7"}),
    ("G310", TV, [recorded("changes", 7, approve_date=day(7, 3))], {"变更!M7"}),
    ("G310", TV, [recorded("changes", 7, approver="E004")], {"变更!L7"}),
    ("G310", TV, [recorded("changes", 8, approver="E005")], {"变更!L8"}),
    ("G310", TV, [recorded("bidding", 30, change_no=None, approver="E202")], {"洽谈投标!F30"}),
    (
        "G310",
        TV,
        [recorded("bidding", 31, change_no=None, approve_date=day(7, 5), effective_date=day(7, 4))],
        {"洽谈投标!G31"},
    ),
    ("G310", TV, [recorded("changes", 7, approver="E004", reason="超出授权范围,客户现场要求")], {"变更!L7"}),
    ("G310", TV, [recorded("changes", 7, approver="E004", impact="在授权范围内")], {"变更!L7"}),
    (
        "G344",
        TV,
        [recorded("scheme", "head", delegated_scope=None), recorded("changes", 7, basis="授权范围")],
        {"变更!P7"},
    ),
    ("G345", TV, [recorded("changes", 7, status="已驳回")], {"洽谈投标!D30"}),
    ("G345", TV, [recorded("changes", 7, kind="人员")], {"洽谈投标!D30"}),
    ("G345", TV, [recorded("changes", 8, kind="方案-技术")], {"洽谈投标!D31"}),
    ("G311", DORM, [recorded("creview", 19, date=day(7, 30))], {"合同签订!C7"}),
    ("G311", DORM, [removed("creview")], {"合同签订!C7"}),
    ("G312", DORM, [recorded("problems", 8, status="处理中")], {"问题对策!I8"}),
    ("G312", DORM, [recorded("problems", 8, close_date=day(7, 30))], {"问题对策!K8"}),
    ("G313", DORM, [recorded("signing", "head", signer="E103")], {"合同签订!C8"}),
    ("G313", TV, [recorded("signing", "head", auth_no=None)], {"合同签订!C8"}),
    ("G314", DORM, [recorded("closing", "head", accept_date=day(7, 28))], {"验收与结束!C7"}),
    ("G314", DORM, [recorded("signing", "head", sign_date=None)], {"验收与结束!C7"}),
    ("G315", DORM, [recorded("closing", "head", close_date=day(7, 28))], {"验收与结束!C10"}),
    ("G315", DORM, [recorded("handover", "head", handover_date=day(8, 3))], {"移交清单!C8"}),
    ("G315", DORM, [recorded("closing", "head", close_date=None)], {"移交清单!C8"}),
    ("G316", DORM, [recorded("handover", "head", archive_date=day(8, 3))], {"移交清单!C10"}),
    ("G316", DORM, [removed("memos")], {"移交清单!C10"}),
    (
        "G317",
        DORM,
        [REFUSED],
        {"批准通知书!C9", "需求评审!B6", "方案审批!C17", "洽谈投标!C11", "合同签订!C7"},
    ),
    ("G318", DORM, [recorded("scheme", "head", approve_date=day(7, 15))], {"洽谈投标!C11"}),
    ("G318", DORM, [recorded("application", "head", apply_date=day(5, 31))], {"立项申请!C8"}),
    ("G318", DORM, [recorded("problems", 8, close_date=day(7, 22))], set()),
    ("G318", DORM, [recorded("problems", row, close_date=day(7, 22)) for row in (7, 8, 9)], {"问题对策!K9"}),
    ("G318", DORM, [recorded("problems", 7, close_date=day(7, 21))], {"问题对策!K7"}),
    ("G318", DORM, [recorded("closing", "head", accept_date=day(7, 28))], {"验收与结束!C7"}),
]
SILENT: list[tuple[str, str, list[Edit]]] = [
    ("G301", DORM, [item("D05", value=None), recorded("application", "head", apply_date=None)]),
    ("G301", DORM, [repeated("countersign", *range(7, 12), opinion="不同意", cxo=None)]),
    ("G302", DORM, [recorded("countersign", 8, sign_date=day(6, 2))]),
    ("G302", DORM, [recorded("countersign", 8, sign_date=day(6, 9)), emptied("application")]),
    ("G303", DORM, [removed("approval"), emptied("notice")]),
    ("G303", DORM, [removed("approval", 8), emptied("notice")]),
    ("G303", DORM, [repeated("approval", 7, 8, decision="补充后再审"), recorded("approval", 107, decision="同意")]),
    ("G304", DORM, [recorded("notice", "head", date=None, pm=None, team=None)]),
    ("G305", DORM, [recorded("tracking", 7, date=day(5, 20)), recorded("memos", 7, start=datetime(2026, 5, 20, 9))]),
    ("G305", DORM, [recorded("req_review", "head", date=day(6, 2)), recorded("approval", 7, decision=None)]),
    ("G306", DORM, [NO_TRACKING]),
    ("G306", DORM, [UNCLEAR]),
    ("G307", DORM, [emptied("req_review"), recorded("scheme", "head", approve_date=None)]),
    ("G307", DORM, [recorded("req_review", "head", conclusion="有条件通过")]),
    ("G308", DORM, [emptied("scheme"), emptied("bidding")]),
    ("G308", DORM, [recorded("scheme", "head", approve_date=day(7, 14))]),
    ("G309", DORM, [removed("test_results"), emptied("bidding")]),
    ("G309", DORM, TESTED_AFTER_THE_BID),
    ("G309", DORM, [removed("test_results"), typed("plan", "basics", "head", needs_test="否")]),
    ("G310", TV, [recorded("changes", 7, approver="E004", status="已驳回")]),
    ("G310", TV, [recorded("changes", 7, approver="E004", basis="授权范围")]),
    ("G310", TV, [recorded("changes", 8, approve_date=day(7, 8), basis="公司明文规定", basis_no="价格管理办法第5条")]),
    ("G310", TV, [recorded("bidding", 30, change_no=None, approver="E202", basis="授权范围")]),
    ("G344", TV, [recorded("changes", 7, basis="授权范围")]),
    ("G344", TV, [recorded("scheme", "head", delegated_scope=None), recorded("changes", 7, basis="事先批准")]),
    ("G345", TV, [recorded("changes", 7, status="已实施")]),
    ("G345", TV, [recorded("bidding", 30, change_no=None), recorded("changes", 7, status="已驳回")]),
    ("G310", TV, [recorded("changes", 8, approver="E001")]),
    ("G310", TV, [recorded("changes", 7, approver="E004", kind="进度")]),
    ("G311", DORM, [removed("creview"), emptied("signing")]),
    ("G312", DORM, [recorded("problems", 8, status="处理中"), emptied("signing")]),
    ("G312", DORM, [recorded("problems", 8, status="接受风险")]),
    ("G313", DORM, [recorded("signing", "head", signer="E001")]),
    ("G313", DORM, [recorded("signing", "head", signer="E103", auth_no="SQ-2026-021")]),
    ("G313", DORM, [recorded("notice", "head", pm=None)]),
    ("G314", DORM, [emptied("signing"), recorded("closing", "head", close_type="客户取消")]),
    ("G314", DORM, [recorded("closing", "head", accept_date=day(7, 29))]),
    ("G315", DORM, [recorded("closing", "head", close_type="客户取消", close_date=day(7, 1))]),
    ("G316", DORM, [removed("memos"), recorded("handover", "head", archive_date=None)]),
    ("G316", DORM, [removed("tracking"), NO_TRACKING]),
    ("G316", DORM, [removed("problems"), *(recorded("creview", row, opinion="同意") for row in (15, 16, 18))]),
    ("G317", DORM, [repeated("approval", 7, 8), recorded("approval", 8, decision="不批准")]),
    ("G317", DORM, [REFUSED, *(emptied(sheet) for sheet in ("notice", "req_review", "scheme", "bidding", "signing"))]),
    ("G318", DORM, [emptied(sheet) for sheet in ("scheme", "signing")]),
]


@pytest.mark.parametrize(("rule", "code", "edits", "at"), FIRES)
def test_rule_fires_at_its_cell(rule: str, code: str, edits: list[Edit], at: set[str]) -> None:
    assert hits(CHECKS, followed(clean(code), edits), rule) == at


@pytest.mark.parametrize(("rule", "code", "edits"), SILENT)
def test_rule_is_silent(rule: str, code: str, edits: list[Edit]) -> None:
    assert hits(CHECKS, followed(clean(code), edits), rule) == set()


@pytest.mark.parametrize("code", [DORM, TV])
def test_clean_sample_is_silent(code: str) -> None:
    assert found_by(CHECKS, clean(code)) == []


def test_a_gate_that_is_not_reached_is_no_error() -> None:
    """Only the survey and the plan are there, with a blank item; nobody has applied for anything."""
    case = clean()
    for sheet in case.project.workbooks["records"].sheets.values():
        case = emptied(sheet.key)(removed(sheet.key)(case)) if sheet.head.cells else removed(sheet.key)(case)
    assert found_by(CHECKS, followed(case, [item("D05", value=None)])) == []


# -- mutations, words and related cells -------------------------------------------------------------------------------


def test_m01_blank_item() -> None:
    """M01: D05 is blank although the initiation was applied for."""
    (finding,) = found_by(CHECKS, followed(clean(), [item("D05", value=None)]))
    row = clean().item("D05")
    assert row
    assert (finding.rule.code, finding.related) == ("G301", (row.at("value"),))
    assert finding.message() == "不具备立项申请条件:调查表空项 D05。"


def test_m25_countersignature_missing() -> None:
    """M25: the row of 网络工程部 is gone."""
    edit = {"op": "delete_row", "workbook": "records", "sheet": "countersign", "match": {"dept": "网络工程部"}}
    (finding,) = found_by(CHECKS, load_case([edit]))
    assert table([finding]) == {("立项申请!C8", "G301")}
    assert [place.sheet for place in finding.related] == ["计划会签"]
    assert finding.message() == "不具备立项申请条件:计划会签：网络工程部。"


def test_m27_signer_is_no_longer_the_manager() -> None:
    """M27: the notice names E103, E106 signed without a letter of authority."""
    (finding,) = found_by(CHECKS, followed(clean(), [recorded("notice", "head", pm="E103")]))
    assert table([finding]) == {("合同签订!C8", "G313")}
    assert finding.message() == "合同签署人E106 秦川不是项目经理且无授权书。"
    assert cells(finding) == {"批准通知书!C10", "合同签订!C9"}


def test_m29_problem_without_a_solution() -> None:
    """M29: P-02 has neither countermeasure nor result."""
    blank = dict.fromkeys(("countermeasure", "result", "close_date", "verifier"))
    case = followed(clean(), [recorded("problems", 8, status="处理中", **blank)])
    (finding,) = found_by(CHECKS, case)
    assert table([finding]) == {("问题对策!I8", "G312")}
    assert finding.message() == "仍有1个评审问题未解决,不得签订合同。"
    assert cells(finding) == {"合同签订!C7"}


@pytest.mark.parametrize(
    "edits",
    [
        pytest.param([item("B17", value="是")], id="M05 software change in the survey only"),
        pytest.param([typed("staffing", "lines", row, emp_no="E204") for row in (12, 16)], id="M22 another engineer"),
        pytest.param([removed("handover", 23)], id="M32 no problem table in the handover list"),
    ],
)
def test_other_mutations_say_nothing_here(edits: list[Edit]) -> None:
    assert {finding.rule.code for finding in found_by(CHECKS, followed(clean(), edits))} <= {"G301", "G303"}


def test_what_the_approval_lacks() -> None:
    edits = [recorded("approval", 8, date=day(6, 1), decision="同意")]
    (finding,) = by("G303", followed(clean(), edits))
    assert finding.message() == "立项审批缺少COO（批准）、COO（2026-06-01，早于部门经理的2026-06-02）的意见。"
    assert finding.values["expected"] == "部门经理、COO"


def test_record_older_than_the_approval() -> None:
    case = followed(clean(), [recorded("req_review", "head", date=day(6, 2))])
    (finding,) = by("G305", case)
    assert finding.message() == "“需求评审”日期2026-06-02早于立项批准2026-06-03。"
    assert cells(finding) == {"立项审批!F8"}


def test_every_lost_record_is_named() -> None:
    edits = [removed(sheet) for sheet in ("countersign", "approval", "memos", "problems", "handover", "tracking")]
    (finding,) = by("G316", followed(clean(), edits))
    assert finding.values["items"] == "计划会签、立项审批、会议备忘录、问题对策、移交清单、用户跟踪"


def test_neighbours_out_of_order() -> None:
    """Two pairs: the scheme after the bid, and the archive before the handover."""
    edits = [
        recorded("scheme", "head", approve_date=day(7, 15)),
        recorded("handover", "head", archive_date=day(8, 1)),
    ]
    found = found_by([gates.in_order], followed(clean(), edits))
    assert table(found) == {("洽谈投标!C11", "G318"), ("移交清单!C10", "G318")}
    assert found[0].message() == "流程日期顺序错误:投标递交 2026-07-14早于方案审批 2026-07-15。"
    assert cells(found[0]) == {"方案审批!C17"}


def test_the_days_that_keep_their_order() -> None:
    names = ["调查表", "项目计划", "计划会签", "立项申请", "立项审批", "批准通知书", "需求评审", "方案审批", "投标递交"]
    names += ["合同评审", "问题解决", "合同签订", "验收申请", "移交", "归档"]
    assert [name for name, _ in clean().facts.days] == names


# -- what must come first (G340, W205) ---------------------------------------------------------------------------------

NEVER = ("notice", "tracking", "req_review", "scheme", "bidding", "creview")
LATE = ("test_results", "problems", "signing", "closing", "handover", "archive", "reports")


def gone(*sheets: str) -> list[Edit]:
    """Sheets of workbook 06 as nobody has filled them, head and rows."""
    heads = [sheet for sheet in sheets if clean().project.sheet("records", sheet).head.cells]
    return [*(emptied(sheet) for sheet in heads), *(removed(sheet) for sheet in sheets if sheet not in heads)] + [
        removed(sheet) for sheet in heads if clean().project.sheet("records", sheet).rows
    ]


@pytest.mark.parametrize(
    ("edits", "said"),
    [
        (
            gone("req_review", "scheme", "test_results", "bidding"),
            {"合同评审意见!F18 G340 客户需求评审(6.4.2)、系统方案审批(6.4.3)"},
        ),
        (gone("req_review", *LATE, "bidding", "creview"), set()),  # G307 says so at the scheme
        (gone("req_review", "scheme", *LATE, "bidding", "creview"), set()),
        (gone("tracking", *LATE, "bidding", "creview"), {"需求评审!B6 G340 继续跟踪用户(6.4.2)"}),
        ([*gone("tracking", *LATE), NO_TRACKING], set()),
        (gone("application", "archive", "handover"), {"立项审批!F8 G340 立项申请(6.2.1)"}),
        (
            gone("countersign", "application", "archive", "handover"),
            {"立项审批!F8 G340 部门会签(6.3.2)、立项申请(6.2.1)"},
        ),
        (gone("countersign", "application", "approval", *NEVER, *LATE), set()),
        (gone("notice"), {"用户跟踪!A9 G340 批准通知书与项目组(6.2.2、6.2.3)"}),
        (gone("handover", "closing"), set()),
        ([recorded("bidding", "head", result="未中标"), *gone("creview", "signing", "handover")], set()),
        ([REFUSED, *gone(*NEVER, *LATE)], set()),
        ([recorded("closing", "head", close_type="客户取消"), *gone(*NEVER)], set()),
    ],
)
def test_must_work_before_what_follows(edits: list[Edit], said: set[str]) -> None:
    """6.4.1: error as soon as a later must-step has a date; what another rule says is not said again."""
    found = [f for f in gates.lacking(followed(clean(), edits)) if f.rule.code == "G340"]
    assert {f"{f.at.sheet}!{f.at.cell} {f.rule.code} {f.values['items']}" for f in found} == said


def test_lost_talks_and_reports_are_a_warning() -> None:
    """6.4.5, 6.4.9: a small contract may be made without an offer; that nothing was reported is worth a look."""
    found = list(gates.lacking(followed(clean(), gone("bidding", "reports"))))
    assert table(found) == {("合同评审意见!F18", "W205"), ("合同签订!C7", "W205")}
    assert [f.message() for f in found] == [
        "后面的工作已有日期,还没有登记,或没有登记齐:洽谈/投标(6.4.5)。",
        "后面的工作已有日期,还没有登记,或没有登记齐:汇报(6.4.9)。",
    ]
    assert list(gates.lacking(followed(clean(), gone("bidding", "reports", *LATE, "creview")))) == []
