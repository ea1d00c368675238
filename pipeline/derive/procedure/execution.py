"""Tracking, requirement review, scheme, tests and bid (clauses 6.4.2 to 6.4.5; rules G306 to G309, W194, W235)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from pipeline.core.entries import Awaited
from pipeline.core.places import Place, Sourced
from pipeline.core.procedure import Answer, Breach, Missing
from pipeline.core.sheets import Record
from pipeline.definitions.procedure import StepForm
from pipeline.derive.history import surveyed
from pipeline.derive.procedure.ground import Day, Ground, after, breach
from pipeline.derive.procedure.registry import step
from pipeline.derive.records import FAILED, last_result, passes
from pipeline.derive.rounds import OFFERS, REFUSALS, earlier, first_passed, last_decided, passed, rounds, stood
from pipeline.derive.survey import UNCLEAR

_SCHEME = {"author": "编制人", "checker": "审核人", "approver": "批准人"}
_SIGNED = {"author": "author_date", "checker": "check_date", "approver": "approve_date"}
_UNTESTED = {
    "none": {"what": "没有结果", "what_en": "has no result"},
    "failed": {"what": "不通过，没有复测", "what_en": "failed without a retest"},
}
_TO_APPROVE = "系统方案审批单（批准）"
NO_OFFER = "洽谈不报价"
_BID = {"submit_time": "投标（报价）递交时间", "result": "投标（洽谈）结果"}


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
        yield breach("G306", at, cells, found="是", expected=f"否（不明确{len(unclear)}项）")
    else:
        yield from _needed_then(g)


def _needed_then(g: Ground) -> Iterator[Breach]:
    """W235 (6.4.2, note): what was unclear at the approval became clear, and nobody followed the customer.

    A plan that was revised later left it out on the day of that revision; what the updates do not say is not judged.
    """
    approved = g.records.first_approval
    if approved is None or any(day.value >= approved.value for day in _followed(g)):
        return
    revised = max((day.value for row in g.project.rows("plan", "revisions") if (day := row.date("date"))), default=None)
    left_out = max(approved.value, revised or approved.value)
    known = surveyed(g.project, g.company, g.forms, left_out)
    if unclear := [item for item in (known[1] if known else {}).values() if item.applies and item.status == UNCLEAR]:
        at, cells = g.basics.at("skip_tracking"), [approved.at, *(_status(g, one.no, one.at) for one in unclear)]
        yield breach(
            "W235", at, cells, day=left_out, n=len(unclear), found="是", expected=f"否（不明确{len(unclear)}项）"
        )


def _followed(g: Ground) -> list[Sourced[date]]:
    return [day for row in g.records.rows("tracking") if (day := row.date("date"))]


def _status(g: Ground, no: str, at: Place) -> Place:
    row = g.project.sheet("survey", "items").find("no", no)
    return row.at("status") if row else at


@step("req_review")
def req_review(g: Ground, form: StepForm) -> Answer:
    """6.4.2: the requirements were reviewed and passed; a later round is open until it is passed, too."""
    head = g.records.head("req_review")
    cell = g.where("records", "req_review", "conclusion" if head.date("date") else "date")
    done = rounds(g.project, "req_review")[-1].passed
    missing = [] if done else [Missing("顾客需求评审（通过）", cell, g.filler(form))]
    by = [row.text("reviewer") for row in g.records.rows("req_review")]
    return g.answer(form, missing, (), last_decided(g.project, "req_review"), by=by, **_since(g, form))


def _since(g: Ground, form: StepForm) -> dict[str, Any]:
    """Place of a step with rounds in the order of days: when it was passed first, else where its last day stands."""
    first = first_passed(g.project, form.key)
    return {"ordered": ((form.dated, first),)} if first else {}


@step("scheme")
def scheme(g: Ground, form: StepForm) -> Answer:
    """6.4.3: the scheme is written, checked and approved, after a requirement review that was passed."""
    head, last = g.records.head("scheme"), rounds(g.project, "scheme")[-1]
    missing = [] if last.passed else [Missing(_TO_APPROVE, *_who_signs(g, form, key)) for key in _open_signatures(g)]
    by, day = [head.text(key) for key in _SCHEME], last_decided(g.project, "scheme")
    return g.answer(form, missing, _after_review(g), day, by=by, **_since(g, form))


def _open_signatures(g: Ground) -> list[str]:
    """Who has not signed the scheme yet; while nobody is named as its author, that alone."""
    head = g.records.head("scheme")
    unsigned = [key for key, day in _SIGNED.items() if not head.date(day)]
    return ["author"] if head.blank("author") else unsigned or ["approver"]


def _who_signs(g: Ground, form: StepForm, key: str) -> tuple[Place, Awaited]:
    head = g.records.head("scheme")
    if head.blank("author"):
        return g.where("records", "scheme", "author"), g.filler(form)
    return g.where("records", "scheme", _SIGNED[key]), g.named(form.paper, _SCHEME[key], head.text(key))


def _after_review(g: Ground) -> Iterator[Breach]:
    """G307 (6.4.3): the scheme is approved after a requirement review that was passed, in each of its rounds."""
    review, known = g.records.head("req_review"), rounds(g.project, "req_review")
    for one in passed(g.project, "scheme"):
        if one.day and not stood(g.project, "req_review", one.day.value):
            cells = [review.at("date"), review.at("conclusion"), *(each.day.at for each in known if each.day)]
            day, said = known[-1].day, review.text("conclusion")
            found = f"{day.value if day else ''} {said}".strip()
            yield breach("G307", one.day.at, cells, found=found, expected=f"不晚于{one.day.value}，通过")
            return


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
    approved = first_passed(g.project, "scheme")
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
            values = {"no": no, **said, "found": last.text("verdict"), "expected": "结果，且通过或复测通过"}
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
    """G308 (6.4.3, 6.4.5): nothing is offered before a scheme is approved, in none of the bids."""
    head, approved = g.records.head("scheme"), first_passed(g.project, "scheme")
    offers = [row.date("date") for row in earlier(g.project, OFFERS) if row.money("amount")]
    for day in (*offers, submitted):
        if day and (approved is None or after(approved, day)):
            cells = [approved.at if approved else head.at("approve_date"), *_refused(head)]
            found = f"{approved.value if approved else head.text('approve_opinion')}"
            yield breach("G308", day.at, cells, found=found, expected=f"不晚于{day.value}")
            return


def _refused(head: Record) -> list[Place]:
    """The cell that says that a scheme was not approved."""
    return [head.at("approve_opinion")] if head.text("approve_opinion") in REFUSALS else []
