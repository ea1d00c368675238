"""Dates: are they days of the calendar, plausible, and worked (rules F006, F024, F025, F039)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

from pipeline.check.case import Case, shown
from pipeline.check.cells import entries, text_of, with_odd
from pipeline.core.findings import Finding
from pipeline.core.horizon import EARLIEST, horizon
from pipeline.core.sheets import Flaw, Value
from pipeline.definitions.forms import DATED

_HAPPENED = frozenset(
    {
        "survey.versions.date",
        "survey.updates.date",
        "survey.items.updated",
        "plan.stages.actual_end",
        "plan.revisions.date",
        "records.countersign.sign_date",
        "records.countersign.cxo_date",
        "records.plan_approval.date",
        "records.application.apply_date",
        "records.approval.date",
        "records.notice.date",
        "records.tracking.date",
        "records.req_review.date",
        "records.scheme.author_date",
        "records.scheme.check_date",
        "records.scheme.approve_date",
        "records.test_results.date",
        "records.bidding.submit_time",
        "records.bidding.result_date",
        "records.bidding.conclusion_date",
        "records.bidding.tech_date",
        "records.bidding.business_date",
        "records.creview.date",
        "records.creview.conclusion_date",
        "records.problems.close_date",
        "records.signing.sign_date",
        "records.signing.permit_date",
        "records.memos.start",
        "records.memos.end",
        "records.changes.date",
        "records.changes.approve_date",
        "records.changes.consulted_date",
        "records.agreements.written_date",
        "records.agreements.raised_on",
        "records.agreements.coo_date",
        "records.agreements.cto_date",
        "records.closing.accept_date",
        "records.closing.close_date",
        "records.closing.close_result_date",
        "records.handover.handover_date",
        "records.handover.archive_date",
        "records.archive.archive_date",
        "records.deviations.date",
        "records.rounds.date",
        "records.pauses.from",
        "support.requests.request_time",
        "support.requests.receive_time",
        "support.requests.assign_time",
        "support.requests.need_confirmed_date",
        "support.requests.site_confirmed_date",
        "support.site_survey.date",
        "support.req_confirm.prepared_on",
        "support.req_confirm.customer_date",
        "support.req_confirm.review_date",
        "support.design_tasks.issued",
        "support.design_tasks.done",
        "support.design_plan.done",
        "support.design_review.date",
        "support.drawing_review.raised",
        "support.drawing_review.answered",
        "support.design_outputs.made",
        "support.design_outputs.sent",
        "support.tech_support.apply_date",
        "support.tech_support.checked",
        "support.tech_support.accepted",
        "support.support_plan.reviewed",
        "support.support_plan.cosigned",
        "support.support_result.reviewed",
        "support.support_result.cosigned",
        "support.support_result.delivered",
        "support.support_result.report_date",
        "support.demos.confirmed",
        "support.demos.installed",
        "support.customer_issues.date",
        "support.customer_issues.closed",
        "support.customer_issues.improved",
        "bids.market_research.date",
        "bids.negotiations.date",
        "bids.quotation.finance_date",
        "bids.stakeholders.last_contact",
        "bids.decision_events.actual",
        "bids.proposal.written_on",
        "bids.proposal.sent",
        "bids.proposal.confirmed_date",
        "bids.final_review.submit_date",
        "bids.final_review.date",
        "bids.customer_confirm.confirmed_date",
        "bids.tender_help.commissioned_on",
        "bids.tender_help.submitted",
        "bids.tender_help.passed",
        "bids.bid_plan.done",
        "bids.bid_check.checked_on",
        "bids.bid_check.fix_done",
        "bids.bid_check.recheck_date",
        "bids.bid_opening.opened",
        "bids.work_order.issue_date",
        "worklog.log.date",
    }
)
# Records are kept longer than ten years (clause 7.2); W190 says until when.
_FAR_AHEAD = frozenset({"records.handover.retention_until", "records.archive.retention_until"})
# Days on which people meet or work begins and ends: form, sheet, fields.
_WORKED = (
    ("plan", "stages", ("start", "end")),
    ("records", "memos", ("start",)),
    ("records", "signing", ("sign_date",)),
)
_SPELLED = {"month": "2026-03", "datetime": "2026-03-05 09:30"}


def real_date(case: Case) -> Iterator[Finding]:
    """F006: what stands in a date cell is a day of the calendar."""
    for entry in entries(case, "F006", DATED):
        if Flaw.NOT_A_DATE in entry.cell.flaws:
            expected = _SPELLED.get(entry.field.type, "2026-03-05")
            value = entry.cell.shown
            yield case.finding("F006", entry.cell.at, value=with_odd(value), found=value, expected=expected)


def working_day(case: Case) -> Iterator[Finding]:
    """F024 (6.3.1): stages begin and end, people meet and sign on working days of the company's calendar."""
    for form, sheet, keys in _WORKED:
        for row in case.project.sheet(form, sheet).records():
            for day in (row.date(key) for key in keys):
                if day and not case.company.calendar.is_workday(day.value):
                    yield case.finding("F024", day.at, value=day.value, found=day.value, expected="工作日")


def plausible_date(case: Case) -> Iterator[Finding]:
    """F025: no date lies before 2000 or more than ten years ahead; what has happened is not in the future."""
    last = horizon(case.as_of)
    for entry in entries(case, "F025", DATED):
        day = _day(entry.cell.value)
        limit = case.as_of if entry.name in _HAPPENED else date.max if entry.name in _FAR_AHEAD else last
        if day and not EARLIEST <= day <= limit:
            found, expected = text_of(entry.cell), f"{EARLIEST}~{limit}"
            yield case.finding("F025", entry.cell.at, value=found, found=found, expected=expected)


def plausible(case: Case, *days: date) -> bool:
    """Whether all days lie within the bounds of F025, so that counting the days between them makes sense."""
    return all(EARLIEST <= day <= horizon(case.as_of) for day in days)


def _day(value: Value | None) -> date | None:
    """The day of a date, datetime or month (its first); None where it cannot be read."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(f"{value}-01")
    except ValueError:
        return None


def no_time_before_midnight(case: Case) -> Iterator[Finding]:
    """F039: a moment in the last minute of a day counts as the next day, and never in silence."""
    for entry in entries(case, "F039", DATED):
        if Flaw.NEAR_MIDNIGHT in entry.cell.flaws:
            stored, value = entry.cell.shown, shown(entry.cell.value)
            yield case.finding("F039", entry.cell.at, stored=stored, value=value, found=stored, expected=value)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    real_date,
    working_day,
    plausible_date,
    no_time_before_midnight,
)
