from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

import pytest

from pipeline.check.case import Case
from pipeline.core.stages import Kept, Stage
from pipeline.derive.stages import covered, worked
from tests.cases import TV, load_case, voluntary_case
from tests.check.followed import Edit, added, followed, recorded, typed
from tests.check.reported import without


def steps(case: Case, key: str = "wbs") -> Sequence[Stage]:
    return next(one.stages for one in case.facts.stages if one.key == key)


def requested(received: str, assigned: str | None) -> Edit:
    times = {"receive_time": received, "assign_time": assigned}
    return typed("support", "requests", 7, **{k: datetime.fromisoformat(v) if v else None for k, v in times.items()})


def test_all_stages_of_the_finished_project_have_ended() -> None:
    states = {stage.state for one in voluntary_case().facts.stages for stage in one.stages}
    assert states == {"已结束", "原文缺失"}


def test_a_project_without_a_voluntary_workbook_has_none() -> None:
    assert load_case(code=TV).facts.stages == ()
    bare = without(voluntary_case(), "support", "bids")
    assert covered(bare.project, bare.company, bare.forms, bare.as_of) == ()


@pytest.mark.parametrize(
    ("received", "assigned", "hours"),
    [
        ("2026-06-22T17:45", "2026-06-23T08:45", "0.25"),  # the office opens at 8:30
        ("2026-06-22T09:00", "2026-06-22T10:00", "1"),
        ("2026-06-26T17:10", "2026-06-29T08:50", "0.6666666666666666666666666667"),  # Friday to Monday
    ],
)
def test_hours_are_hours_of_work(received: str, assigned: str, hours: str) -> None:
    second = typed("support", "requests", 8, receive_time=None, assign_time=None)
    (first, *_) = steps(followed(voluntary_case(), [requested(received, assigned), second]))
    assert (first.taken, first.in_time) == (Decimal(hours), True)


def test_the_slowest_request_counts_and_one_that_waits_has_not_ended() -> None:
    slow = followed(voluntary_case(), [requested("2026-06-22T09:00", "2026-06-22T11:30")])
    assert (steps(slow)[0].taken, steps(slow)[0].in_time) == (Decimal("2.5"), False)
    waits = followed(voluntary_case(), [requested("2026-06-22T09:00", None)])
    assert (steps(waits)[0].state, steps(waits)[0].taken) == ("进行中", None)


def test_each_request_is_kept_by_who_gave_it_out_and_a_step_by_all_who_did_it() -> None:
    slow = [requested("2026-06-22T09:00", "2026-06-22T11:30"), typed("support", "requests", 7, dispatcher="E101")]
    found = steps(followed(voluntary_case(), slow))
    assert found[0].kept == (Kept("E101", False), Kept("E201", True))
    assert found[0].until(date(2026, 6, 1)).kept == ()
    second = added("design_tasks", form="support", designer="E204", issued=date(2026, 6, 24))
    late = typed("bids", "final_review", "head", submit_date=date(2026, 7, 3))
    assert steps(followed(voluntary_case(), [second, late]))[3].kept == (Kept("E203", False), Kept("E204", False))


def test_a_step_that_goes_on_was_kept_by_nobody_yet() -> None:
    open_ = followed(voluntary_case(), [typed("bids", "final_review", "head", submit_date=None)])
    assert steps(open_)[3].kept == ()


def test_working_days_are_counted_from_the_next_day_over_the_holiday() -> None:
    """端午: 19 to 21 June 2026 are not worked, the Monday after is."""
    edits = [
        requested("2026-06-18T09:00", "2026-06-18T09:30"),
        typed("support", "req_confirm", "head", review_date=date(2026, 6, 24)),
    ]
    assert steps(followed(voluntary_case(), edits))[1].taken == 3


def test_a_stage_without_a_mark_of_its_own_ends_where_the_next_begins() -> None:
    six = steps(voluntary_case(), "six")
    assert (six[2].name, six[2].ended) == ("跟踪", six[3].begun)
    edits = [typed("bids", "bid_plan", row, done=None) for row in range(7, 17)]
    case = followed(voluntary_case(), [*edits, typed("bids", "bid_check", "head", checked_on=None)])
    open_ = followed(case, [recorded("bidding", "head", submit_time=None), recorded("signing", "head", sign_date=None)])
    assert steps(open_, "six")[2].state == "进行中"


def test_only_what_had_happened_until_a_day_counts() -> None:
    case = voluntary_case()
    nine = next(one.until(date(2026, 7, 1)).stages for one in case.facts.stages if one.key == "nine")
    assert [stage.state for stage in nine] == ["已结束"] * 3 + ["进行中"] + ["已结束"] + ["进行中"] + ["未开始"] * 3


def test_a_row_more_is_the_last_to_end() -> None:
    times = {"receive_time": datetime(2026, 7, 6, 9), "assign_time": datetime(2026, 7, 7, 9)}
    case = followed(voluntary_case(), [added("requests", form="support", no="FW-2026-0099", **times)])
    ended = steps(case)[0].ended
    assert ended
    assert ended.value == date(2026, 7, 7)


def test_office_hours_are_those_of_the_company() -> None:
    company = voluntary_case().company
    found = worked(company, date(2026, 6, 22), datetime(2026, 6, 22, 7), datetime(2026, 6, 22, 20))
    assert found.total_seconds() == 9 * 3600


def test_a_step_with_a_limit_begins_with_its_first_mark() -> None:
    """A scheme is made from the day of its task; without one, from the review of the needs."""
    early = typed("support", "req_confirm", "head", review_date=date(2026, 6, 12))
    none = typed("support", "design_tasks", 7, issued=None)
    begun = [steps(followed(voluntary_case(), edits))[3].begun for edits in ([early], [early, none])]
    assert [day.value for day in begun if day] == [date(2026, 6, 24), date(2026, 6, 12)]


def test_a_stage_does_not_end_before_it_begins() -> None:
    """The proposal was sent before the first request; what proves the end of that stage came after it."""
    stage = steps(voluntary_case(), "six")[1]
    assert stage.begun
    assert stage.ended
    assert (stage.begun.value, stage.ended.value) == (date(2026, 6, 22), date(2026, 7, 2))
    late = typed("support", "requests", 7, request_time=datetime(2026, 12, 1, 9))
    later = typed("support", "requests", 8, request_time=datetime(2026, 12, 1, 9))
    author = recorded("scheme", "head", author_date=None)
    alone = steps(followed(voluntary_case(), [late, later, author]), "six")[1].ended
    assert alone
    assert alone.value == date(2026, 6, 19)


def test_an_opportunity_is_judged_when_the_last_of_the_approvers_has_said_so() -> None:
    """The notice follows the whole approval, not its first signature."""
    stage = steps(voluntary_case(), "nine")[1]
    assert stage.ended
    assert stage.ended.value == date(2026, 6, 3)
