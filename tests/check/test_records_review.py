from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.check import records_review
from pipeline.check.case import Case
from pipeline.core.sheets import Value
from tests.answered import asked
from tests.cases import DORM, TV, load_case
from tests.check.followed import added, followed
from tests.check.reported import cells, found_by, retyped, table, typed_in, with_sheet, without
from tests.check.test_records import CHECKS, Edit, found, row_added, row_without, typed

D = Decimal
Deleted = dict[str, object]


def deleted(sheet: str, **match: object) -> list[Deleted]:
    return [{"op": "delete_row", "workbook": "records", "sheet": sheet, "match": match}]


# -- countersigning -------------------------------------------------------------------------------------------------


def test_m25_department_that_did_not_countersign() -> None:
    case = load_case(deleted("countersign", dept="网络工程部"))
    (finding,) = found_by(CHECKS, case)
    assert table([finding]) == {("计划会签", "W193")}
    assert finding.message() == "会签缺少网络工程部。"
    assert cells(finding) == {"立项申请!C8", "部门!F9"}
    applied = retyped(case, "records", "application", "head", apply_date=None)
    assert found_by(CHECKS, applied) == []


def test_signature_for_another_version_does_not_count() -> None:
    assert found([("countersign", 7, {"plan_version": "A/1"})]) == {("计划会签", "W193")}


def test_who_signs_the_same_plan_again_leaves_the_other_signatures() -> None:
    assert not found_by(CHECKS, typed([("countersign", 7, {"round": D(2)})]))


@pytest.mark.parametrize(
    ("values", "hits"),
    [
        pytest.param({"class": "重大项目"}, {"W184", "W193"}, id="major: R&D signs too"),
        pytest.param({"rd_modify": "是"}, set(), id="software: no department of that kind"),
    ],
)
def test_departments_go_by_the_stated_class(values: dict[str, Value | None], hits: set[str]) -> None:
    told = {"notify": ("市场销售部", "研发中心")}  # W234: who was not told owes nothing that has no day in workbook 00
    case = retyped(retyped(load_case(), "plan", "basics", "head", **values), "records", "notice", "head", **told)
    reported = [f for f in found_by(CHECKS, case) if f.rule.code in {"W184", "W193"}]
    assert {f.rule.code for f in reported} == hits
    assert {f.values["dept"] for f in reported} <= {"研发中心"}


def test_refusal_is_coordinated() -> None:
    refused: dict[str, Value | None] = {"opinion": "不同意", "opinion_text": "工期过短"}
    settled: dict[str, Value | None] = {
        "cxo": "E002",
        "cxo_result": "按调整后的工期同意",
        "cxo_date": date(2026, 6, 1),
    }
    (finding,) = found_by(CHECKS, typed([("countersign", 8, refused)]))
    assert table([finding]) == {("计划会签!D8", "W193")}
    assert cells(finding) == {"计划会签!H8", "计划会签!I8", "计划会签!J8"}
    assert found([("countersign", 8, {**refused, **settled})]) == set()
    assert found([("countersign", 8, {**refused, **settled, "cxo_result": None})]) == {("计划会签!D8", "W193")}
    assert found([("countersign", 8, refused), ("application", "head", {"apply_date": None})]) == set()


# -- contract review ------------------------------------------------------------------------------------------------


def test_department_without_an_opinion() -> None:
    case = row_without(load_case(), "creview", 14, 19)
    (finding,) = found_by(CHECKS, case)
    assert table([finding]) == {("合同评审意见", "W184")}
    assert finding.message() == "合同评审缺少市场销售部、质量管理部的意见。"


def test_review_that_still_runs_lacks_nobody() -> None:
    """015 while the contract is reviewed: no signature, no problem yet; the last opinion is of today."""
    case = retyped(row_without(load_case(), "creview", 19), "records", "signing", "head", sign_date=None, signer=None)
    sheet = case.project.sheet("records", "problems")
    unlisted = with_sheet(case, "records", "problems", replace(sheet, rows=()))

    def reported(on: date, what: Case) -> set[str]:
        what = asked(replace(what, facts=replace(what.facts, as_of=on)))
        return {rule for _, rule in table(found_by(CHECKS, what))}

    assert reported(date(2026, 7, 23), unlisted) == {"W185"}
    assert reported(date(2026, 7, 24), unlisted) == {"W184", "W185"}
    assert reported(date(2026, 7, 23), case) == {"W184"}


def test_objection_without_a_countermeasure() -> None:
    assert found([("problems", 8, {"dept": "财务部"})]) == {("合同评审意见!C16", "W185")}
    objected: Edit = ("creview", 17, {"opinion": "不同意", "opinion_text": "违约金无上限"})
    assert found([objected]) == {("合同评审意见!C17", "W185")}
    assert found([objected, ("problems", 9, {"dept": "商务采购部"}), ("creview", 18, {"opinion": "同意"})]) == set()


def test_m29_problem_without_a_countermeasure() -> None:
    values = {"countermeasure": None, "status": "处理中", "result": None, "close_date": None, "verifier": None}
    case = load_case(typed_in("records", "problems", {"no": "P-02"}, **values))
    assert table(found_by(CHECKS, case)) == {("问题对策!F8", "W183")}


# -- requirement review, tests ---------------------------------------------------------------------------------------


def unclear(case: Case, rate: str) -> Case:
    """Of a version that the table of versions does not hold today's rate counts."""
    facts = case.facts.survey
    assert facts
    case = retyped(case, "records", "req_review", "head", survey_version="V0.9")
    return replace(case, facts=replace(case.facts, survey=replace(facts, clear_rate=D(rate))))


def test_review_of_unclear_requirements() -> None:
    (finding,) = found_by(CHECKS, unclear(load_case(), "89.99"))
    assert table([finding]) == {("需求评审!B6", "W102")}
    assert finding.message() == "需求明确率89.99%低于90%,不宜组织需求评审。"
    assert found_by(CHECKS, unclear(load_case(), "90.00")) == []
    undated = retyped(unclear(load_case(), "10"), "records", "req_review", "head", date=None)
    assert found_by(CHECKS, undated) == []


def test_a_review_sees_the_survey_of_its_version() -> None:
    """Twenty items that became clear a fortnight after the review were unclear on its day."""
    case = load_case()
    review = case.project.head("records", "req_review").text("survey_version")
    late = [row.text("no") for row in case.project.rows("survey", "items") if row.text("status") == "明确"][12:32]
    cleared = {"version": "V1.3", "date": date(2026, 6, 26), "old_status": "不明确", "new_status": "明确", "by": "E103"}
    updated = followed(case, [added("updates", "survey", item_no=no, **cleared) for no in late])
    (finding,) = found_by([records_review.clear_enough], updated)
    assert (review, finding.values["found"]) == ("V1.2", "77.89%")
    before = [added("updates", "survey", item_no=no, **{**cleared, "version": "V1.2"}) for no in late]
    assert found_by([records_review.clear_enough], followed(case, before)) == []


def test_conclusion_of_the_review() -> None:
    assert found([("req_review", "head", {"conclusion": None})]) == {("需求评审!B7", "W192")}
    assert found([("req_review", "head", {"conclusion": "有条件通过"})]) == {("需求评审!B8", "W192")}
    assert found([("req_review", "head", {"conclusion": "有条件通过", "conditions": "测试通过"})]) == set()
    blank: dict[str, Value | None] = dict.fromkeys(("survey_version", "date", "conclusion", "conditions", "round"))
    empty = typed([("req_review", "head", blank)])
    assert table(found_by(CHECKS, empty)) == {("需求评审!B7", "W192")}  # reviewers have answered
    assert found_by(CHECKS, row_without(empty, "req_review", 13, 14, 15, 16)) == []


def test_tests_without_a_result() -> None:
    (finding,) = found_by(CHECKS, row_without(load_case(), "test_results", 8, 9))
    assert table([finding]) == {("测试记录", "W194")}
    assert finding.message() == "测试项T02、T03没有结果。"
    untested = row_without(load_case(), "test_results", 7, 8, 9)
    assert table(found_by(CHECKS, untested)) == {("测试记录", "W194")}  # the contract is under review
    before = row_without(untested, "creview", *(row.number for row in untested.project.rows("records", "creview")))
    bid = retyped(before, "records", "signing", "head", sign_date=None, signer=None)
    assert "W194" not in {finding.rule.code for finding in found_by(CHECKS, bid)}


def test_failure_is_repeated() -> None:
    failed = typed([("test_results", 8, {"verdict": "不通过"})])
    assert table(found_by(CHECKS, failed)) == {("测试记录!D8", "W194")}
    again: dict[str, Value | None] = {"verdict": "复测通过", "date": date(2026, 7, 9)}
    assert found_by(CHECKS, row_added(failed, "test_results", 8, 10, **again)) == []
    earlier = row_added(failed, "test_results", 8, 10, verdict="通过", date=date(2026, 7, 1))
    assert table(found_by(CHECKS, earlier)) == {("测试记录!D8", "W194")}
    assert found([("test_results", 9, {"actual": None})]) == {("测试记录!D9", "W194")}


# -- team -----------------------------------------------------------------------------------------------------------


def staffed(role: str, **values: Value | None) -> Case:
    """015 with other values in the first row of a role."""
    case = load_case()
    row = next(r for r in case.project.rows("staffing", "lines") if r.text("role") == role)
    return retyped(case, "staffing", "lines", row.number, **values)


def test_one_project_manager() -> None:
    (finding,) = found_by(CHECKS, staffed("售前项目经理", emp_no="E105"))
    assert finding.message() == "售前项目经理应为且仅为一人,现为2人。"
    case = load_case()
    rows = [r for r in case.project.rows("staffing", "lines") if r.text("role") == "售前项目经理"]
    assert {finding.at, *finding.related} >= {rows[0].at("emp_no"), rows[1].at("emp_no")}
    for row in rows:
        case = retyped(case, "staffing", "lines", row.number, role="售前工程师")
    assert table(found_by(CHECKS, case)) == {("人员需求", "W164")}
    assert found_by(CHECKS, retyped(case, "records", "notice", "head", date=None)) == []
    assert found_by(CHECKS, without(case, "staffing")) == []


def test_nobody_named_after_the_approval() -> None:
    case = retyped(load_case(), "staffing", "lines", 11, emp_no=None)
    assert table(found_by(CHECKS, case)) == {("人员需求!C11", "W168")}
    assert found_by(CHECKS, retyped(case, "records", "approval", 8, decision="同意")) == []


# -- handover -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "items"),
    [
        pytest.param((18,), "a)合同", id="contract"),
        pytest.param((19,), "a)协议 AG-02 补充协议:架空层AP", id="supplement"),
        pytest.param((20, 21), "b)系统方案(拓扑图、设备清单、业务流程)或投标书", id="scheme and bid"),
        pytest.param((22, 23), "c)合同评审表、d)问题对策表", id="review"),
    ],
)
def test_mandatory_documents(numbers: tuple[int, ...], items: str) -> None:
    (finding,) = found_by(CHECKS, row_without(load_case(), "handover", *numbers))
    assert table([finding]) == {("移交清单", "W188")}
    assert finding.message() == f"移交清单缺少必备文件:{items}。"


def test_m32_list_without_the_table_of_countermeasures() -> None:
    case = load_case(deleted("handover", clause_item="d"))
    assert table(found_by(CHECKS, case)) == {("移交清单", "W188")}


def test_documents_that_may_be_absent() -> None:
    case = load_case()
    assert found_by(CHECKS, row_without(case, "handover", 20)) == []  # the bid is there
    scheme = row_without(case, "handover", 21)
    assert found_by(CHECKS, scheme) == []
    (finding,) = found_by(CHECKS, retyped(scheme, "records", "scheme", "head", has_flow="否"))
    assert (finding.rule.code, cells(finding)) == ("W188", {"方案审批!C11"})
    written = retyped(row_without(case, "handover", 19), "records", "agreements", 8, origin="书面", name="备忘")
    assert table(found_by(CHECKS, written)) == {("移交清单", "W188")}  # any agreement, by its number
    sheet = case.project.sheet("records", "handover")
    early = retyped(case, "records", "handover", "head", giver=None, handover_date=None)
    assert (
        found_by(
            CHECKS,
            with_sheet(
                early, "records", "handover", replace(sheet, rows=(), head=early.project.head("records", "handover"))
            ),
        )
        == []
    )


def test_who_hands_over_and_who_receives() -> None:
    assert found([("handover", "head", {"giver": "E103"})]) == {("移交清单!C5", "W189")}
    assert found([("handover", "head", {"receiver": "E303"})]) == {("移交清单!C6", "W189")}  # not of the team
    assert found([("handover", "head", {"receiver": "E203"})]) == {("移交清单!C6", "W189")}  # no construction
    assert found([("handover", "head", {"receiver": None})]) == set()
    # the notice decides who manages; without it the plan
    assert found([("notice", "head", {"pm": "E103"})]) == {("移交清单!C5", "W189")}
    assert found([("notice", "head", {"pm": None})]) == set()


def test_m22_receiver_who_is_not_in_the_team() -> None:
    edits = [e for no in (6, 10) for e in typed_in("staffing", "lines", {"no": no}, emp_no="E204")]
    assert table(found_by(CHECKS, load_case(edits))) == {("移交清单!C6", "W189")}


@pytest.mark.parametrize("code", [TV, DORM])
def test_before_plan_and_staffing_are_there(code: str) -> None:
    case = without(load_case(code=code), "plan", "staffing", "survey")
    assert found_by(CHECKS, case) == []
