from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.check import across_records, gates, identity, totals
from pipeline.check.case import Case, money
from pipeline.core.findings import Finding, Verdict
from pipeline.core.places import Place
from tests.cases import DORM, TV, load_case, read_case, write_sample
from tests.check.followed import Edit, added, followed, hits, item, recorded, removed, typed, with_files
from tests.check.reported import cells, found_by, table, without
from tests.mastered import mastered

D = Decimal
SNAPSHOTS = json.loads((Path(__file__).parents[1] / "data" / "snapshots.json").read_text(encoding="utf-8"))


def compared(case: Case) -> Iterator[Finding]:
    yield from totals.findings(case, totals.baseline_and_changes(case))


CHECKS = (*across_records.CHECKS, identity.class_as_surveyed, identity.all_workbooks, compared)


@cache
def clean(code: str = DORM) -> Case:
    return with_files(load_case(code=code))


def unclear(no: str) -> Edit:
    return item(no, value="不明确", status="不明确")


# Rule, project, what staff typed, and the cells that are reported.
DEPUTY = mastered("persons", ({"emp_no": "E106"}, {"deputies": ("E105",)}))
COORDINATED = {
    "opinion": "不同意", "opinion_text": "无预付款", "cxo_result": "同意", "cxo_date": date(2026, 6, 1),
}  # fmt: skip
SUPPLEMENT = {"no": "AG-03", "name": "补充协议", "origin": "书面", "technical": "否", "part_amount": D(20000)}


def dearer(on: date) -> Edit:
    """A commercial change that was approved on a day."""
    return added("changes", no="CR-01", kind="商务", status="已批准", approve_date=on, approver="E002")


FIRES: list[tuple[str, str, list[Edit], set[str]]] = [
    ("X214", DORM, [recorded("notice", "head", **{"class": "重大项目"})], {"批准通知书!C12"}),
    ("X215", DORM, [recorded("notice", "head", pm="E103")], {"批准通知书!C10"}),
    ("X215", DORM, [recorded("handover", "head", giver="E103")], {"批准通知书!C10"}),
    ("X215", DORM, [typed("staffing", "lines", 8, emp_no="E103")], {"批准通知书!C10"}),
    ("X215", DORM, [typed("plan", "basics", "head", pm="E105"), DEPUTY], {"批准通知书!C10"}),  # a deputy is no manager
    ("X217", DORM, [recorded("application", "head", att_plan="A/1")], {"立项申请!C10"}),
    ("X217", DORM, [recorded("countersign", row, plan_version="B/0") for row in range(7, 12)], {"立项申请!C10"}),
    ("X217", TV, [recorded("changes", 7, status="申请")], {"立项申请!C10"}),
    ("X217", TV, [typed("plan", "revisions", 8, change_no=None)], {"立项申请!C10"}),
    ("X217", TV, [recorded("changes", 7, approve_date=date(2026, 4, 1))], {"立项申请!C10"}),  # before the initiation
    ("X218", DORM, [recorded("req_review", "head", survey_version="V1.1")], {"需求评审!B5"}),
    ("X218", DORM, [recorded("req_review", "head", date=date(2026, 6, 29))], {"需求评审!B5"}),
    ("X233", DORM, [recorded("application", "head", att_survey="V1.0")], {"立项申请!C9"}),
    ("X233", DORM, [recorded("application", "head", att_survey="V1.2")], {"立项申请!C9"}),
    ("X219", DORM, [recorded("signing", "head", amount=D("920000.01"))], {"合同签订!C10"}),
    ("X219", DORM, [recorded("creview", "head", amount=D("919999.99"))], {"合同签订!C10"}),
    ("X219", DORM, [recorded("bidding", "head", price=D(910000))], {"合同签订!C10"}),
    ("X219", TV, [recorded("bidding", "head", price=D(6390000)), removed("changes", 8)], {"合同签订!C10"}),
    ("X220", DORM, [typed("plan", "revisions", 7, total=D("712346.01"))], {"修订记录!F7"}),
    ("X220", TV, [recorded("changes", 7, delta_cost=D("169949.99"))], {"修订记录!F8"}),
    ("X220", TV, [recorded("changes", 7, status="已驳回")], {"修订记录!F8"}),
    ("X220", TV, [typed("plan", "revisions", 8, total=D(5186545))], {"修订记录!F8"}),
    ("X221", DORM, [recorded("handover", 18, file=("附件/销售合同.pdf",))], {"移交清单!H18"}),
    ("X221", DORM, [recorded("handover", 22, file=("CRX",))], {"移交清单!H22"}),
    ("X221", DORM, [recorded("handover", 22, file=("CRV", "CHG"))], {"移交清单!H22"}),
    ("X225", DORM, [recorded("application", "head", att_survey="V9.9")], {"立项申请!C9"}),
    ("X225", DORM, [recorded("application", "head", att_plan="A/9")], {"立项申请!C10"}),
    (
        "X225",
        DORM,
        [recorded("application", "head", att_annex="否", att_countersign="否")],
        {"立项申请!C11", "立项申请!C12"},
    ),
    ("X225", DORM, [lambda case: without(case, "materials")], {"立项申请!C8"}),
    ("X226", DORM, [unclear("C07"), unclear("D13")], {"调查表!G45"}),
    ("X227", DORM, [recorded("agreements", 8, origin="书面")], {"调查表!E118"}),
    ("X227", DORM, [recorded("agreements", 8, no="AG-03")], {"调查表!E118"}),
    ("X228", DORM, [recorded("approval", 7, approver="E201")], {"立项审批!C7"}),
    ("X228", DORM, [recorded("approval", 8, approver="E003")], {"立项审批!C8"}),
    ("X228", DORM, [recorded("agreements", 8, coo_sign="E003", cto_sign="E002")], {"协议!G8", "协议!I8"}),
    ("X228", DORM, [recorded("problems", 7, status="接受风险")], {"问题对策!L7"}),
    ("X228", DORM, [recorded("countersign", 8, cxo="E203", **COORDINATED)], {"计划会签!H8"}),
    ("X219", DORM, [added("agreements", written_date=date(2026, 8, 3), **SUPPLEMENT)], {"协议!O9"}),
    (
        "X219",  # approved after the supplement was signed
        DORM,
        [added("agreements", written_date=date(2026, 8, 3), **SUPPLEMENT), dearer(date(2026, 8, 4))],
        {"协议!O9"},
    ),
    ("X232", DORM, [recorded("countersign", 8, total=D("712346.01"))], {"计划会签!L8"}),
    ("X232", TV, [recorded("countersign", 8, total=D("5186545.40"))], {"计划会签!L8"}),  # A/1's beside A/0
    ("X232", TV, [recorded(*at, total=D(1)) for at in (("application", "head"), ("countersign", 7))], {"立项申请!C14"}),
    (
        "X232",
        DORM,
        [recorded("application", "head", margin=D("21.7001"), amount=D(920001))],
        {"立项申请!C15", "立项申请!C16"},
    ),
    ("X232", TV, [recorded("countersign", 9, margin=D("17.20"))], {"计划会签!M9"}),  # two margins of one version
    ("B412", DORM, [lambda case: without(case, "materials")], {DORM}),
]
SILENT: list[tuple[str, str, list[Edit]]] = [
    ("X214", DORM, [recorded("notice", "head", **{"class": None})]),
    ("X215", DORM, [recorded("notice", "head", pm=None), recorded("handover", "head", giver="E103")]),
    ("X215", DORM, [typed("staffing", "lines", 8, emp_no="待定")]),
    ("X215", DORM, [recorded("handover", "head", giver="E105"), DEPUTY]),
    ("X217", DORM, [recorded("application", "head", apply_date=None, att_plan="A/1")]),
    ("X217", TV, [recorded("changes", 7, status="已实施")]),
    ("X217", TV, [typed("plan", "revisions", 8, change_no="CR-02、CR-01")]),
    ("X218", DORM, [recorded("req_review", "head", date=None, survey_version="V1.0")]),
    ("X218", DORM, [recorded("req_review", "head", date=date(2026, 6, 10))]),
    ("X218", DORM, [recorded("req_review", "head", date=date(2026, 6, 26))]),
    ("X233", DORM, [recorded("application", "head", att_survey="V9.9")]),
    ("X233", DORM, [recorded("application", "head", apply_date=date(2026, 5, 27), att_survey="V1.0")]),
    ("X219", DORM, [recorded("signing", "head", amount=None)]),
    ("X219", TV, [recorded("bidding", "head", price=D(6390000))]),
    ("X220", TV, [recorded("changes", 8, status="申请", delta_cost=D(5))]),
    ("X220", TV, [recorded("changes", 7, status="已实施")]),
    ("X221", DORM, [recorded("handover", 18, file=("附件\\补充协议_AG-02.pdf", "MEM"))]),
    ("X221", DORM, [recorded("handover", 21, file=("原件在档案室",))]),
    ("X225", DORM, [recorded("application", "head", apply_date=None, att_annex="否")]),
    ("X226", DORM, [unclear("D13"), recorded("problems", 7, desc="D13出口带宽未定")]),
    ("X226", DORM, [unclear("E19")]),  # a risk of the plan names it
    ("X226", DORM, [unclear("D13"), removed("creview")]),
    ("X227", DORM, [item("J02", value="无"), removed("agreements")]),
    ("X227", DORM, [recorded("agreements", 8, origin="书面"), recorded("signing", "head", sign_date=None)]),
    ("X228", DORM, [recorded("problems", 7, status="接受风险", verifier="E002")]),
    ("X228", DORM, [recorded("approval", 7, approver="E999")]),
    ("X228", DORM, [recorded("countersign", 8, cxo="E004", **COORDINATED)]),
    (
        "X228",
        DORM,
        [
            recorded("countersign", 8, cxo="E601", **COORDINATED),
            mastered("persons", ({"emp_no": "E004"}, {"deputies": ("E601",)})),
        ],
    ),
    ("X219", DORM, [added("agreements", written_date=date(2026, 8, 3), **SUPPLEMENT), dearer(date(2026, 8, 1))]),
    ("X232", DORM, [recorded("application", "head", total=None, margin=None, amount=None)]),
    ("X232", DORM, [recorded("countersign", 8, margin=D("21.7")), recorded("application", "head", margin=D(22))]),
    ("X232", DORM, [recorded("countersign", 8, total=D("712346.004"))]),
    ("X232", TV, [recorded("countersign", row, margin=None) for row in range(7, 13)]),
    ("X232", DORM, [recorded("countersign", 8, plan_version=None, total=D(1))]),
    ("B412", DORM, []),
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


@pytest.mark.parametrize("code", [DORM, TV])
def test_nothing_is_said_without_workbook_06(code: str) -> None:
    bare = without(clean(code), "records")
    assert found_by((*CHECKS, *gates.CHECKS), followed(bare, [])) == []


@pytest.mark.parametrize("snapshot", SNAPSHOTS, ids=[snapshot["id"] for snapshot in SNAPSHOTS])
def test_initiation_is_clean_on_its_day(snapshot: Mapping[str, Any], tmp_path: Path) -> None:
    """Both projects as they stood when they were approved, with items that are still unclear."""
    folder = write_sample(tmp_path, snapshot["ops"], snapshot["project"])
    case = read_case(folder, date.fromisoformat(snapshot["as_of"]))
    assert case.facts.state == "已立项"
    assert found_by((*CHECKS, *gates.CHECKS), case) == []


# -- words and related cells ----------------------------------------------------------------------------------------


def test_m27_another_manager_in_the_notice() -> None:
    """M27: the notice names E103."""
    (finding,) = found_by([across_records.one_manager], followed(clean(), [recorded("notice", "head", pm="E103")]))
    assert finding.message() == (
        "项目经理在各表不一致:批准通知书“E103 田一诺”、项目计划基本信息“E106 秦川”、项目组织“E106 秦川”、"
        "人员需求“E106 秦川”、移交清单“E106 秦川”。"
    )
    assert {"基本信息!C20", "移交清单!C5", "人员需求!C8"} <= cells(finding)


def test_m05_is_found_in_the_survey() -> None:
    """M05: B17 是; the notice still says 一般项目 like the plan."""
    found = found_by([identity.class_as_surveyed], followed(clean(), [item("B17", value="是")]))
    assert table(found) == {("调查表!E37", "X214")}
    assert cells(found[0]) == {"基本信息!C17"}


def test_versions_are_named() -> None:
    case = followed(clean(TV), [recorded("changes", 7, status="申请")])
    (finding,) = found_by([across_records.plan_versions], case)
    assert finding.message() == "会签的计划版本A/0、立项附件版本A/0与当前版本A/1不一致。"
    assert {"计划会签!B7", "基本信息!C25", "修订记录!D8"} <= cells(finding)


def test_unclear_items_are_counted() -> None:
    case = followed(clean(), [unclear("C07"), unclear("D13")])
    (finding,) = found_by([across_records.unclear_in_contract], case)
    assert finding.message() == "仍有2项需求不明确,合同评审未列为问题或风险。"
    assert finding.values["found"] == "C07、D13"


def test_signer_without_the_post() -> None:
    case = followed(clean(), [recorded("approval", 8, approver="E003")])
    (finding,) = found_by([across_records.holds_the_post], case)
    assert finding.message() == "签字人“E003 韩牧之”不是COO。"
    assert (finding.values["found"], finding.values["expected"]) == ("E003 韩牧之 CTO", "COO")


def test_files_that_nobody_brought() -> None:
    """The handover list as submitted without 附件/: three electronic papers of ours are not there."""
    case = load_case()
    assert found_by([across_records.handed_files], case) == []
    case = replace(case, project=replace(case.project, attachments=()))
    found = found_by([across_records.handed_files], case)
    assert table(found) == {(f"移交清单!H{row}", "X221") for row in (18, 19, 20)}
    assert found[0].message() == "移交清单第1项“销售合同 LY-XS-2026-0036”找不到对应文件。"


# -- X220: baseline and approved changes ------------------------------------------------------------------------------


def test_baseline_and_changes_in_figures() -> None:
    figures = clean(TV).facts.figures
    assert {key: money(figures[key].value) for key in figures if key[0] in ("revisions", "changes")} == {
        ("changes", "approved"): "169,950.00",
        ("changes", "before", "CR-02"): "169,950.00",
        ("changes", "after", "CR-01"): "5,186,545.40",
        ("changes", "after", "CR-02"): "5,186,545.40",
        ("revisions", "baseline"): "5,016,595.40",
        ("revisions", "last"): "5,186,545.40",
        ("revisions", "planned"): "5,186,545.40",
    }


def test_a_change_that_no_revision_holds() -> None:
    """The approved change costs a fen less than the plan and its last revision say."""
    case = followed(clean(TV), [recorded("changes", 7, delta_cost=D("169949.99"))])
    (finding,) = found_by([compared], case)
    assert finding.message() == "当前费用5,186,545.40≠基线5,016,595.40+已批变更169,949.99。"
    assert cells(finding) == {"费用明细!K109", "修订记录!F7", "变更!H7", "变更!H8"}


def test_last_revision_is_named() -> None:
    case = followed(clean(TV), [typed("plan", "revisions", 8, total=D(5186545))])
    (finding,) = found_by([compared], case)
    assert finding.message() == "当前费用5,186,545.40≠基线5,186,545.00(A/1)+已批变更0.00。"


@pytest.mark.parametrize("code", [DORM, TV])
def test_unchecked_without_workbook_06(code: str) -> None:
    found = list(totals.baseline_and_changes(without(clean(code), "records")))
    assert [(c.rule, c.verdict) for c in found] == [("X220", Verdict.UNCHECKED)]
    assert "过程记录:已批变更" in found[0].why


def test_unreadable_change_is_left_unchecked() -> None:
    case = followed(clean(TV), [recorded("changes", 7, delta_cost=None)])
    verdicts = [c.verdict for c in totals.baseline_and_changes(case)]
    assert verdicts[0] is Verdict.UNCHECKED


# -- B412 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("applied", "pending"), [(date(2026, 6, 2), False), (None, True)], ids=["applied", "not yet applied"]
)
def test_missing_workbooks_block_once_somebody_applied(applied: date | None, pending: bool) -> None:
    case = followed(without(clean(), "cost"), [recorded("application", "head", apply_date=applied)])
    (finding,) = found_by([identity.all_workbooks], case)
    assert (finding.at, finding.pending) == (Place(DORM), pending)


def test_missing_workbooks_before_workbook_06() -> None:
    case = without(clean(), "cost", "records")
    assert [finding.pending for finding in found_by([identity.all_workbooks], case)] == [True]


def test_documents_of_sheets_that_hold_something() -> None:
    """Without a contract review there is no CRV; the handover list may not name it."""
    case = followed(clean(), [removed("creview"), recorded("creview", "head", **_blank_head(clean()))])
    assert hits([across_records.handed_files], case, "X221") == {"移交清单!H22"}


def _blank_head(case: Case) -> dict[str, None]:
    return dict.fromkeys(case.project.head("records", "creview").cells)


def test_path_in_another_unicode_form() -> None:
    case = clean()
    (first, *rest) = case.project.attachments
    kept = (replace(first, path="附件/Café.pdf"), *rest)
    case = replace(case, project=replace(case.project, attachments=kept))
    case = followed(case, [recorded("handover", 18, file=("附件/Cafe\u0301.pdf",))])
    assert hits([across_records.handed_files], case, "X221") == set()


def test_a_promotion_without_days_is_mended_in_workbook_00() -> None:
    """X228: one row of 00 was overwritten; the record of before stays, and a second row says both posts."""
    promoted = mastered("persons", ({"emp_no": "E002"}, {"post": "CEO"}))
    found = [one for one in found_by(CHECKS, followed(clean(), [promoted])) if one.rule.code == "X228"]
    assert found
    assert all(cells(one) == {"人员!F8"} for one in found)
    assert all("原行填离职日期,新行填岗位和入职日期" in one.remedy() for one in found)
    days = {"entered": date(2026, 9, 1), "post": "CEO"}
    known = mastered("persons", ({"emp_no": "E002"}, {"left": date(2026, 8, 31)}), more=[{"emp_no": "E002", **days}])
    assert not hits(CHECKS, followed(clean(), [known]), "X228")
