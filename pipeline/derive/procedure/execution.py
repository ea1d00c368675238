"""Tracking, requirement review, scheme, tests and bid (clauses 6.4.2 to 6.4.5; rules G306 to G309, W194)."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.entries import Awaited
from pipeline.core.places import Place
from pipeline.core.procedure import Answer, Breach, Missing
from pipeline.definitions.procedure import StepForm
from pipeline.derive.procedure.ground import Day, Ground, after, breach
from pipeline.derive.procedure.registry import step
from pipeline.derive.records import FAILED, last_result, passes
from pipeline.derive.survey import UNCLEAR

_PASSED = frozenset({"通过", "有条件通过"})
_SCHEME = {"author": "编制人", "checker": "审核人", "approver": "批准人"}
_SIGNED = {"author": "author_date", "checker": "check_date", "approver": "approve_date"}
_UNTESTED = {
    "none": {"what": "没有结果", "what_en": "has no result"},
    "failed": {"what": "不通过,没有复测", "what_en": "failed without a retest"},
}
NO_OFFER = "洽谈不报价"
_BID = {"submit_time": "投标(报价)递交时间", "result": "投标(洽谈)结果"}


@step("tracking")
def tracking(g: Ground, form: StepForm) -> Answer:
    """6.4.2: the customer was followed once more, on the day of the notice or later."""
    rows, notice = g.records.rows("tracking"), g.records.day("notice", "date")
    last = g.records.latest("tracking", "date")
    followed = bool(last and notice and last.value >= notice.value)
    missing = [] if followed else [Missing("用户跟踪情况报告", g.where("records", "tracking"), g.filler(form))]
    by = [row.text("by") for row in rows if last and row.date("date") == last]
    return g.answer(form, missing, _needed(g), last, reached=followed, by=by)


def _needed(g: Ground) -> Iterator[Breach]:
    """G306 (6.4.2, note): following the user may be left out only when every requirement is clear."""
    if not g.project.has("records") or g.basics.text("skip_tracking") != "是":
        return
    if unclear := [item for item in g.items.values() if item.applies and item.status == UNCLEAR]:
        at, cells = g.basics.at("skip_tracking"), [_status(g, item.no, item.at) for item in unclear]
        yield breach("G306", at, cells, found="是", expected=f"否(不明确{len(unclear)}项)")


def _status(g: Ground, no: str, at: Place) -> Place:
    row = g.project.sheet("survey", "items").find("no", no)
    return row.at("status") if row else at


@step("req_review")
def req_review(g: Ground, form: StepForm) -> Answer:
    """6.4.2: the requirements were reviewed and passed."""
    head = g.records.head("req_review")
    day, passed = head.date("date"), head.text("conclusion") in _PASSED
    cell = g.where("records", "req_review", "conclusion" if day else "date")
    missing = [] if day and passed else [Missing("顾客需求评审(通过)", cell, g.filler(form))]
    return g.answer(form, missing, (), day, by=[row.text("reviewer") for row in g.records.rows("req_review")])


@step("scheme")
def scheme(g: Ground, form: StepForm) -> Answer:
    """6.4.3: the scheme is written, checked and approved, after a requirement review that was passed."""
    head = g.records.head("scheme")
    text, approved = "系统方案审批单(批准)", head.date("approve_date")
    missing = [] if approved else [Missing(text, *_who_signs(g, form, key)) for key in _open_signatures(g)]
    by = [head.text(key) for key in _SCHEME]
    return g.answer(form, missing, _after_review(g, approved), approved, by=by)


def _open_signatures(g: Ground) -> list[str]:
    """Who has not signed the scheme yet; while nobody is named as its author, that alone."""
    head = g.records.head("scheme")
    return ["author"] if head.blank("author") else [key for key, day in _SIGNED.items() if not head.date(day)]


def _who_signs(g: Ground, form: StepForm, key: str) -> tuple[Place, Awaited]:
    head = g.records.head("scheme")
    if head.blank("author"):
        return g.where("records", "scheme", "author"), g.filler(form)
    return g.where("records", "scheme", _SIGNED[key]), g.named(form.paper, _SCHEME[key], head.text(key))


def _after_review(g: Ground, approved: Day) -> Iterator[Breach]:
    """G307 (6.4.3): the scheme is approved after a requirement review that was passed."""
    review = g.records.head("req_review")
    reviewed, conclusion = review.date("date"), review.text("conclusion")
    if approved and (review.blank("date") or after(reviewed, approved) or conclusion not in _PASSED):
        found = f"{reviewed.value if reviewed else ''} {conclusion}".strip()
        cells = [review.at("date"), review.at("conclusion")]
        yield breach("G307", approved.at, cells, found=found, expected=f"不晚于{approved.value},通过")


# -- tests (6.4.4) -----------------------------------------------------------------------------------------------------


@step("tests")
def tests(g: Ground, form: StepForm) -> Answer:
    """6.4.4: every test of the plan has a result, and its last one is a pass."""
    rows = g.records.rows("test_results")
    missing = [Missing(f"测试记录 {no}", at, g.filler(form)) for no, at in _undone(g)]
    last = g.records.latest("test_results", "date")
    breaches = [*_from_the_scheme(g), *_results(g)]
    return g.answer(form, missing, breaches, last, by=[row.text("tester") for row in rows])


def _undone(g: Ground) -> Iterator[tuple[str, Place]]:
    """Tests of the plan that are not passed, and the cell that says so or is to be filled."""
    rows = g.records.rows("test_results")
    for test in g.project.rows("plan", "tests"):
        if no := test.text("no"):
            last = last_result(rows, no)
            if last is None:
                yield no, test.at("no")
            elif not passes(last):
                yield no, last.at("actual" if last.blank("actual") else "verdict")


def _from_the_scheme(g: Ground) -> Iterator[Breach]:
    """G309 (6.4.4, note): tests are planned from the approved scheme; before or after the bid is free."""
    approved = g.records.day("scheme", "approve_date")
    if g.basics.text("needs_test") != "是":
        return
    starts = [day for row in g.project.rows("plan", "tests") if (day := row.date("start"))]
    first = min(starts, key=lambda day: day.value, default=None)
    if g.records.rows("test_results") and first and approved and after(approved, first):
        yield breach("G309", first.at, [approved.at], found=first.value, expected=f"不早于{approved.value}")


def _results(g: Ground) -> Iterator[Breach]:
    """W194 (6.4.4): once testing has begun, at the latest at the contract review, every planned test has a result.

    The last result of each is no failure.
    """
    rows, at = g.records.rows("test_results"), g.project.sheet("records", "test_results").at
    if not rows and not g.records.latest("creview", "date") and not g.records.day("signing", "sign_date"):
        return
    wanted = [row for row in g.project.rows("plan", "tests") if row.text("no")]
    if untested := [row for row in wanted if last_result(rows, row.text("no")) is None]:
        no = "、".join(row.text("no") for row in untested)
        values = {"no": no, **_UNTESTED["none"], "found": "", "expected": f"{no}的测试结果"}
        yield breach("W194", at, [row.at("no") for row in untested], **values)
    for no in dict.fromkeys(row.text("no") for row in rows if row.text("no")):
        last = last_result(rows, no)
        if last and (last.text("verdict") == FAILED or ("actual" in last.cells and last.blank("actual"))):
            said = _UNTESTED["failed" if last.text("verdict") == FAILED else "none"]
            values = {"no": no, **said, "found": last.text("verdict"), "expected": "结果,且通过或复测通过"}
            yield breach("W194", last.at("verdict"), [last.at("actual")], **values)


# -- bid (6.4.5) -------------------------------------------------------------------------------------------------------


@step("bid")
def bid(g: Ground, form: StepForm) -> Answer:
    """6.4.5: an offer was handed in and has its result; nothing is offered before the scheme is approved.

    Talks without a formal offer, of which the contract itself comes, have their result alone.
    """
    head, submitted = g.records.head("bidding"), g.records.day("bidding", "submit_time")
    offered = head.text("method") != NO_OFFER
    blank = [key for key in _BID if head.blank(key) and (offered or key == "result")]
    missing = [Missing(_BID[key], g.where("records", "bidding", key), g.filler(form)) for key in blank]
    if offered:
        return g.answer(form, missing, _after_scheme(g, submitted), submitted)
    return g.answer(form, missing, (), head.date("result_date"), ordered=())


def _after_scheme(g: Ground, submitted: Day) -> Iterator[Breach]:
    """G308 (6.4.3, 6.4.5): nothing is offered before the scheme is approved."""
    head = g.records.head("scheme")
    approved = head.date("approve_date")
    if submitted and (head.blank("approve_date") or after(approved, submitted)):
        found = approved.value if approved else ""
        yield breach("G308", submitted.at, [head.at("approve_date")], found=found, expected=f"不晚于{submitted.value}")
