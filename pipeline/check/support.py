"""Workbook 07: requests given out in time, steps within their limits, needs confirmed (rules G319, G320, P504)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.core.places import Sourced
from pipeline.core.sheets import Record
from pipeline.definitions.stage_models import WORKING_DAYS, load_stage_models
from pipeline.derive.stages import worked

_HOUR = timedelta(hours=1)


def given_out_in_time(case: Case) -> Iterator[Finding]:
    """G319 (项目售前实施流程, 步骤1): somebody is in charge of a request within an hour of work.

    Hours of work are those between `day_start` and `day_end` of workbook 00, on days that are worked. What nobody has
    given out is told from the next day on.
    """
    limit = case.parameter("assign_hours")
    for row in case.project.rows("support", "requests"):
        received, given = row.value("receive_time"), row.value("assign_time")
        if not isinstance(received, datetime):
            continue
        late = isinstance(given, datetime) and _worked(case, received, given) > float(limit) * _HOUR
        if late or (row.blank("assign_time") and case.as_of > received.date()):
            at, found = row.at("assign_time"), f"{given:%Y-%m-%d %H:%M}" if isinstance(given, datetime) else ""
            values = {"no": row.text("no"), "hours": limit, "found": found, "expected": f"接单后{limit}小时内"}
            yield case.finding("G319", at, [row.at("receive_time")], pending=not late, **values)


def _worked(case: Case, received: datetime, given: datetime) -> timedelta:
    return worked(case.company, case.facts.business_date, received, given)


# -- the limits of the steps -------------------------------------------------------------------------------------------


def within_limits(case: Case) -> Iterator[Finding]:
    """G320 (项目售前实施流程, 步骤2, 4, 5): each step ends within its working days, counted from the next day."""
    labels = {form.no: form.label for model in load_stage_models().values() for form in model.stage if form.limit}
    for stage in (stage for model in case.facts.stages for stage in model.stages):
        if stage.in_time is False and stage.unit == WORKING_DAYS and stage.begun and stage.ended:
            said = {"step": labels[stage.no], "a": stage.taken, "limit": stage.limit, "found": stage.taken}
            expected = f"不超过{stage.limit}个工作日"
            yield case.finding("G320", stage.ended.at, [stage.begun.at], pending=False, **said, expected=expected)


# -- the customer's word -----------------------------------------------------------------------------------------------


def confirmed_by_customer(case: Case) -> Iterator[Finding]:
    """P504 (项目售前实施流程, 步骤2): the customer signs the needs before the scheme is handed in.

    Until a scheme is handed in or approved, nothing is due yet.
    """
    head = case.project.head("support", "req_confirm")
    if head.blank("prepared_on"):
        return
    signed, used = head.date("customer_date"), handed_in(case)
    if signed and used and signed.value > used.value:
        found = {"found": signed.value, "expected": f"不晚于{used.value}"}
        yield case.finding(
            "P504", signed.at, [used.at], what="晚于方案提交", what_en="after the scheme", pending=False, **found
        )
    elif signed is None:
        found = {"found": "", "expected": "客户签字人和日期"}
        at, related = head.at("customer_date"), [used.at] if used else [head.at("prepared_on")]
        said = {"what": "还没有", "what_en": "not yet"}
        yield case.finding("P504", at, related, pending=used is None, **said, **found)


def handed_in(case: Case) -> Sourced[date] | None:
    """When the scheme was handed in: of the final review, else its approval."""
    review: Record = case.project.head("bids", "final_review")
    return review.date("submit_date") or case.project.head("records", "scheme").date("approve_date")


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (given_out_in_time, within_limits, confirmed_by_customer)
