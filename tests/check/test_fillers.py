"""Required texts that say nothing (W219)."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.check import fillers
from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.findings import Finding
from tests.cases import DORM, TV, load_case
from tests.check.followed import Edit, added, followed, recorded, typed
from tests.check.reported import cells, found_by, table


def found(*edits: Edit, code: str = DORM) -> list[Finding]:
    case: Case = followed(load_case(code=code), edits)
    return found_by(fillers.CHECKS, case)


def opinion(*texts: str) -> list[Edit]:
    return [recorded("approval", row, opinion_text=text) for row, text in zip((7, 8), texts, strict=True)]


@pytest.mark.parametrize("text", ["略", "同上", "待定", "/", "—", "tbd", "略。", " N/A ", "无可奉告"])
def test_a_filler_is_no_answer(text: str) -> None:
    (finding,) = found(typed("plan", "feasibility", "head", f_a=text, f_b=text))
    assert table([finding]) == {("可行性分析!C8", "W219")}
    assert cells(finding) == {"可行性分析!C9"}
    labels = "a) 公司市场战略和策略、b) 用户的需求和期望"
    assert finding.message() == f"“{labels}”只写了“{text}”,等于没有回答。"


@pytest.mark.parametrize("text", ["无", "略高于同行", "待定项见风险表", "N/A 接口不涉及"])
def test_an_answer_may_be_short(text: str) -> None:
    assert found(typed("plan", "feasibility", "head", f_h=text)) == []


def test_what_need_not_be_filled_may_hold_anything() -> None:
    assert found(recorded("handover", 18, remark="/"), recorded("handover", 19, remark="略")) == []


def test_an_opinion_says_more_than_the_decision_beside_it() -> None:
    """6.2.2: a) to h) are considered; one approver who speaks of them is enough."""
    (finding,) = found(*opinion("同意", "批准"))
    assert table([finding]) == {("立项审批!D7", "W219")}
    assert finding.message() == "“可行性意见(a–h)”只写了“同意”,等于没有回答:没有一位审批人说到a)–h)。"
    assert found(*opinion("d)、e)项可行,同意", "批准")) == []


@pytest.mark.parametrize("code", [DORM, TV])
def test_samples_answer(code: str) -> None:
    assert found(code=code) == []


@pytest.mark.parametrize("text", ["略", "无", "/", "待定"])
def test_a_ground_that_says_nothing_is_none(text: str) -> None:
    """Number of a rule, reason of a deviation: 无 is no answer there, and the remedy does not ask for it."""
    change = added("changes", no="CR-01", kind="商务", basis="公司明文规定", basis_no=text, reason="让利")
    (one,) = found(change)
    assert table([one]) == {("变更!Q7", "W219")}
    assert one.remedy() == "写明实际内容;规定文号写文件号和条款,没有规定的改动事先批准。"
    (one,) = found(added("deviations", rule="G308", cell="洽谈投标!C11", reason=text))
    assert table([one]) == {("偏差说明!C7", "W219")}
    assert "无" not in one.remedy()


def test_a_ground_that_says_something_is_one() -> None:
    change = added("changes", no="CR-01", kind="商务", basis="公司明文规定", basis_no="Q/DY 05.1 第5条", reason="让利")
    assert found(change, added("deviations", rule="G308", cell="洽谈投标!C11", reason="截止提前,无法先批")) == []


def test_a_rule_without_its_number_is_no_basis() -> None:
    """G310 is held where the number only says 略; where nothing stands there F001 says it."""
    late = {"kind": "商务", "status": "已批准", "approver": "E101", "consulted": "E005", "basis": "公司明文规定"}
    days = {"date": date(2026, 7, 8), "approve_date": date(2026, 7, 12), "effective_date": date(2026, 7, 10)}

    def held(number: str | None) -> bool:
        case = followed(load_case(), [added("changes", no="CR-01", basis_no=number, **late, **days)])
        return any(one.rule.code == "G310" for one in judge(case)[0])

    assert [held(number) for number in ("略", "无", None, "价格管理办法第5条")] == [True, True, False, False]


SETTLED = "写明是什么、怎样办的"
RAISED = {
    "条件": ([recorded("req_review", "head", conclusion="有条件通过", conditions="无")], "需求评审!B8"),
    "解决结果": ([recorded("problems", 7, result="无")], "问题对策!J7"),
    "问题描述": ([recorded("creview", 18, opinion_text="没有")], "合同评审意见!D18"),
    "具体意见": ([recorded("countersign", 7, opinion="有条件同意", opinion_text="无")], "计划会签!E7"),
}


@pytest.mark.parametrize("label", RAISED)
def test_what_was_raised_or_settled_is_written_down(label: str) -> None:
    """6.3.2, 6.4.2, 6.4.6: a condition, an objection, the solution of a problem is not 无."""
    edits, where = RAISED[label]
    (one,) = found(*edits)
    assert table([one]) == {(where, "W219")}
    assert one.message().startswith(f"“{label}”只写了")
    assert SETTLED in one.remedy()


def test_where_nothing_was_raised_there_is_nothing_to_write() -> None:
    agreed = recorded("creview", 18, opinion="同意", opinion_text="无")
    open_yet = recorded("problems", 7, status="处理中", result="无")
    met = recorded("req_review", "head", conclusion="通过", conditions="无")
    tested = typed("plan", "basics", "head", no_test_reason="无", skip_tracking_reason="无")
    assert found(agreed, open_yet, met, tested, recorded("countersign", 7, opinion_text="无")) == []
    assert found(typed("plan", "basics", "head", skip_tracking="是", skip_tracking_reason="无")) != []
