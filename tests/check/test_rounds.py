"""Earlier rounds that are kept, and pauses that somebody ends (W222, W223, W224)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from pipeline.check import rounds
from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.findings import Severity
from tests.cases import load_case
from tests.check.followed import Edit, added, followed, recorded, removed, repeated, typed, with_files
from tests.check.reported import cells, found_by, table
from tests.check.test_legitimate import raised

PAUSE = {"from": date(2026, 7, 10), "reason": "预算", "by": "E106"}


def found(*edits: Edit) -> set[tuple[str, str]]:
    return table(found_by(rounds.CHECKS, followed(load_case(), edits)))


def kept(number: int, step: str = "洽谈投标", on: date = date(2026, 6, 3)) -> Edit:
    fields = {"version": "HCZB-99", "date": on, "result": "废标", "reason": "不足三家"}
    return added("rounds", step=step, round=D(number), **fields)


def second(number: int, sheet: str = "bidding") -> Edit:
    return recorded(sheet, "head", round=D(number))


@pytest.mark.parametrize(
    "edits",
    [(), (second(2), kept(1)), (second(3), kept(1), kept(2)), (second(2, "req_review"), kept(1, "需求评审"))],
    ids=["one round", "the first is kept", "both are kept", "of the review"],
)
def test_nothing_is_said_where_all_earlier_rounds_are_kept(edits: tuple[Edit, ...]) -> None:
    assert found(*edits) == set()


def test_each_round_that_is_lost_is_named() -> None:
    (one,) = found_by(rounds.CHECKS, followed(load_case(), [second(4), kept(2)]))
    assert (one.rule.code, one.values["lost"]) == ("W223", "1、3")


def test_a_project_that_is_cancelled_while_it_rests_never_went_on() -> None:
    edits = [added("pauses", **PAUSE), recorded("closing", "head", close_type="客户取消")]
    assert found(*edits) == set()


def test_a_round_of_another_step_does_not_stand_for_it() -> None:
    assert {code for _, code in found(second(2), kept(1, "需求评审"))} == {"W223", "W224"}


def test_a_kept_round_that_is_not_earlier() -> None:
    assert {code for _, code in found(second(2), kept(1), kept(2))} == {"W224"}


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({}, {"W222"}),
        ({"until": date(2026, 7, 12)}, set()),
        ({"from": date(2026, 8, 30)}, set()),
        ({"until": date(2026, 7, 20)}, {"W222"}),
        ({"from": date(2026, 7, 14), "until": date(2026, 7, 23)}, set()),
        ({"from": date(2026, 6, 25), "until": date(2026, 6, 30)}, set()),
        ({"until": "七月底"}, set()),
    ],
    ids=[
        "work went on and nobody ended it",
        "ended",
        "nothing happened after it",
        "bid in a pause that ended",
        "records on both its days",
        "the customer was visited in it",
        "an end that cannot be read",
    ],
)
def test_a_pause_after_which_work_went_on_has_an_end(fields: dict[str, date | str], codes: set[str]) -> None:
    assert {code for _, code in found(added("pauses", **{**PAUSE, **fields}))} == codes


def test_each_pause_with_a_record_in_it_is_told() -> None:
    """One that has ended says until when; the last one may be open."""
    first = added("pauses", **{**PAUSE, "from": date(2026, 6, 3), "until": date(2026, 6, 12)})
    ended, still = found_by([rounds.pause_over], followed(load_case(), [first, added("pauses", **PAUSE)]))
    assert ended.message() == "2026-06-03登记了暂停,2026-06-11仍有记录,恢复日期填的是2026-06-12。"
    assert still.message() == "2026-07-10登记了暂停,2026-08-05仍有记录,恢复日期没有填。"
    assert cells(ended) == {"需求评审!B6"}


# -- the order of rounds (W206) -------------------------------------------------------------------------------------


def again(sheet: str, number: int, **fields: object) -> Edit:
    """A row of a table once more as its second round."""

    def edit(case: Case) -> Case:
        row = next(one for one in case.project.rows("records", sheet) if one.number == number)
        given = {key: cell.value for key, cell in row.cells.items()}
        return added(sheet, **{**given, "round": D(2), **fields})(case)

    return edit


FALLING: dict[str, tuple[list[Edit], str, str]] = {
    "countersigned": ([again("countersign", 9, sign_date=date(2026, 5, 20))], "计划会签!G12", "6.3.2"),
    "approved": ([again("approval", 8, date=date(2026, 6, 1))], "立项审批!F9", "6.2.2"),
    "reviewed": ([again("creview", 17, date=date(2026, 7, 1))], "合同评审意见!F20", "6.4.6"),
    "the requirements": ([second(2, "req_review"), kept(1, "需求评审", date(2026, 6, 20))], "需求评审!B6", "6.4.2"),
    "the scheme": ([kept(1, "方案审批", date(2026, 7, 9))], "方案审批!C17", "6.4.3"),
    "the bid": ([second(2), kept(1, on=date(2026, 8, 9))], "洽谈投标!C14", "6.4.5"),
    "two earlier ones": ([second(3), kept(1, on=date(2026, 6, 9)), kept(2)], "以前轮次!D8", "6.4.5"),
}


@pytest.mark.parametrize("name", FALLING)
def test_a_later_round_has_no_earlier_day(name: str) -> None:
    edits, cell, clause = FALLING[name]
    (one,) = (one for one in found_by(rounds.CHECKS, followed(load_case(), edits)) if one.rule.code == "W206")
    assert table([one]) == {(cell, "W206")}
    assert one.values["clause"] == clause
    assert len(cells(one)) == 1


def test_the_message_names_both_rounds() -> None:
    edits = [again("countersign", 9, sign_date=date(2026, 5, 20)), again("countersign", 8, sign_date=date(2026, 5, 20))]
    (one,) = found_by(rounds.CHECKS, followed(load_case(), edits))
    assert one.message().startswith("日期的先后不合常情(6.3.2):计划会签“")
    assert "第2轮 2026-05-20早于第1轮 2026-0" in one.message()
    assert len(cells(one)) == 3


@pytest.mark.parametrize(
    "edit",
    [
        again("countersign", 9),
        again("countersign", 9, sign_date=date(2026, 6, 2)),
        again("countersign", 9, sign_date=None),
        again("countersign", 9, plan_version="A/1", round=D(1), sign_date=date(2026, 5, 20)),
        again("countersign", 9, dept="市场销售部", sign_date=date(2026, 5, 20)),
    ],
    ids=["the same day", "later", "not yet", "another version", "another department"],
)
def test_a_round_that_may_have_its_day(edit: Edit) -> None:
    assert found(edit) == set()


# -- what follows is judged by what stood on its day --------------------------------------------------------------


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def decided(step: str, number: int, version: str, on: date, result: str) -> Edit:
    fields = {"version": version, "date": on, "result": result, "reason": "客户改了要求"}
    return added("rounds", step=step, round=D(number), **fields)


LISTED = 20  # row of the scheme in the handover list
LATE_SCHEME = recorded(
    "scheme", "head", version="V1.2", author_date=day(7, 17), check_date=day(7, 17), approve_date=day(7, 20)
)
NEW_SCHEME = [LATE_SCHEME, recorded("handover", LISTED, version="V1.2")]
NEW_REVIEW = recorded("req_review", "head", round=D(2), date=day(7, 17), survey_version="V1.3")
FIRST_SCHEME = decided("方案审批", 1, "V1.1", day(7, 2), "通过")
FIRST_REVIEW = decided("需求评审", 1, "V1.2", day(6, 11), "通过")
TECHNICAL = {
    "no": "CR-01", "by": "E106", "date": day(7, 9), "kind": "方案-技术", "reason": "答疑", "before": "单机",
    "after": "双机", "delta_cost": D(0), "delta_days": D(0), "impact": "无", "consulted": "E202", "approver": "E201",
    "approve_date": day(7, 9), "effective_date": day(7, 9), "status": "已批准",
}  # fmt: skip

PASSES: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "a scheme approved anew after the bid": ([*NEW_SCHEME, FIRST_SCHEME], set()),
    "requirements reviewed anew after the scheme": ([NEW_REVIEW, FIRST_REVIEW], set()),
    "both anew": ([*NEW_SCHEME, FIRST_SCHEME, NEW_REVIEW, FIRST_REVIEW], set()),
    "requirements that passed in the second round": (
        [
            recorded("req_review", "head", round=D(2), date=day(6, 26), survey_version="V1.3"),
            decided("需求评审", 1, "V1.2", day(6, 11), "不通过"),
        ],
        set(),
    ),
    "a scheme that passed in the second round": (
        [
            *NEW_SCHEME,
            recorded("scheme", "head", author_date=day(7, 1), check_date=day(7, 2), approve_date=day(7, 3)),
            decided("方案审批", 1, "V1.1", day(7, 1), "修改后再审"),
            *(typed("plan", "tests", row, basis="网络系统方案V1.2") for row in (7, 8, 9)),
        ],
        set(),
    ),
    "another scheme that was refused": (
        [
            *NEW_SCHEME[:1],
            recorded("scheme", "head", approve_date=day(7, 10), author_date=day(7, 8), check_date=day(7, 9)),
            recorded("scheme", "head", approve_opinion="不同意"),
            FIRST_SCHEME,
        ],
        set(),
    ),
    "a later version by an approved change": (
        [added("changes", **TECHNICAL), recorded("handover", LISTED, version="V1.2")],
        set(),
    ),
    "tests on the scheme that was replaced later": (
        [*NEW_SCHEME, FIRST_SCHEME, typed("plan", "tests", 7, basis="网络系统方案V1.1")],
        set(),
    ),
}


def judged(*edits: Edit) -> set[tuple[str, str]]:
    case = with_files(followed(load_case(), edits))
    return table(one for one in judge(case)[0] if not one.pending and one.rule.severity is not Severity.INFO)


@pytest.mark.parametrize("name", PASSES)
def test_a_later_round_takes_nothing_back(name: str) -> None:
    edits, wanted = PASSES[name]
    assert judged(*edits) == wanted


BITES: dict[str, tuple[str, list[Edit]]] = {
    "a bid before any scheme passed": ("G308", [LATE_SCHEME, decided("方案审批", 1, "V1.1", day(7, 18), "通过")]),
    "a bid on a scheme that was refused": ("G308", [LATE_SCHEME, decided("方案审批", 1, "V1.1", day(7, 2), "不同意")]),
    "an earlier bid before any scheme passed": (
        "G308",
        [second(2), added("rounds", step="洽谈投标", round=D(1), version="HCZB-99", date=day(6, 30), amount=D(920000),
                          result="废标", reason="不足三家")],
    ),
    "a scheme before any review passed": ("G307", [NEW_REVIEW, decided("需求评审", 1, "V1.2", day(6, 11), "不通过")]),
    "a scheme of requirements that were refused since": (
        "G307",
        [NEW_REVIEW, decided("需求评审", 1, "V1.1", day(6, 5), "通过"),
         decided("需求评审", 2, "V1.2", day(6, 11), "不通过")],
    ),
    "tests before any scheme passed": ("G309", [LATE_SCHEME, decided("方案审批", 1, "V1.1", day(7, 13), "通过")]),
    "tests on a version that was never reviewed": (
        "W217",
        [*NEW_SCHEME, FIRST_SCHEME, typed("plan", "tests", 7, basis="网络系统方案V0.9")],
    ),
    "tests on a version of later": ("W217", [*NEW_SCHEME, FIRST_SCHEME, typed("plan", "tests", 7, basis="方案V1.2")]),
    "a contract before requirements that passed": (
        "G340",
        [recorded("req_review", "head", round=D(2), date=day(7, 10), conclusion="不通过", survey_version="V1.3"),
         FIRST_REVIEW],
    ),
    "the scheme handed over is not the last": ("X245", [LATE_SCHEME, FIRST_SCHEME]),
    "a later version that nothing explains": ("X245", [recorded("handover", LISTED, version="V1.2")]),
    "a change does not explain an older version": (
        "X245",
        [added("changes", **TECHNICAL), recorded("handover", LISTED, version="V0.9")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BITES)
def test_what_no_round_let_pass_is_told(name: str) -> None:
    rule, edits = BITES[name]
    assert rule in {code for _, code in judged(*edits)}


# -- who answers anew ---------------------------------------------------------------------------------------------

FINANCE, ENGINEERING = 18, 8  # rows of the contract review and of the countersigning
OBJECTED = recorded("countersign", ENGINEERING, opinion="不同意", opinion_text="工期过短")
ONLY_FINANCE = {"dept": "财务部", "scope": "费用", "opinion": "同意", "signer": "E601", "sign_date": day(6, 2)}
OF_A1 = [
    *raised(day(6, 1), None),
    recorded("application", "head", att_plan="A/1"),
    added("countersign", plan_version="A/1", **ONLY_FINANCE),
]


def message(rule: str, *edits: Edit) -> str:
    (one,) = (one for one in judge(followed(load_case(), edits))[0] if one.rule.code == rule)
    assert one.message("en")
    return one.message()


@pytest.mark.parametrize(
    "edits",
    [[repeated("countersign", ENGINEERING)], [repeated("countersign", ENGINEERING), OBJECTED]],
    ids=["signs again", "objected before"],
)
def test_one_department_signs_the_same_plan_again(edits: list[Edit]) -> None:
    """6.3.2: what the others signed is the same version; who objected, and agrees now, needs no coordination."""
    assert judged(*edits) == set()


def test_the_last_word_of_a_department_counts() -> None:
    last = recorded("countersign", ENGINEERING + 100, opinion="不同意", opinion_text="工期过短")
    assert "W193" in {code for _, code in judged(repeated("countersign", ENGINEERING), last)}


def test_another_version_of_the_plan_is_signed_by_all() -> None:
    said = "会签缺少网络产品部、网络工程部、商务采购部、质量管理部（申请附的是A/1；会签过A/0的，还要会签A/1）。"
    assert message("W193", *OF_A1) == said


def test_a_second_review_says_that_all_answer_anew_and_why() -> None:
    said = message("W184", repeated("creview", FINANCE))
    assert said.startswith("合同评审第2轮（以前各轮说的是改动前的，每一个都要在第2轮再写一行）缺少市场销售部、")
    assert message("W184", removed("creview", FINANCE)) == "合同评审缺少财务部的意见。"


def test_a_second_approval_says_so_too() -> None:
    assert message("G303", repeated("approval", 8)).startswith("立项审批第2轮（")
    assert message("G303", removed("approval", 7)) == "立项审批缺少部门经理的意见。"


def test_a_round_is_kept_once() -> None:
    """X242: which of two first rounds counted, and what was offered in it, could not be known."""
    twice = found(second(3), kept(1), kept(1), kept(2))
    assert twice == {("以前轮次!B8", "X242")}
    assert found(second(2), second(2, "req_review"), kept(1), kept(1, "需求评审")) == set()
