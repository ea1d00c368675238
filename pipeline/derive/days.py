"""Of which day a cell speaks that names somebody: a record is judged by what held on its day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from pipeline.core.places import Sourced
from pipeline.core.procedure import Answer
from pipeline.core.sheets import Project, Record
from pipeline.core.workdays import period_end
from pipeline.derive.records import Records

# Who signed and when: sheet of workbook 06, person, date. One of them alone is no signature (F032).
SIGNED = (
    ("countersign", "signer", "sign_date"),
    ("countersign", "cxo", "cxo_date"),
    ("plan_approval", "approver", "date"),
    ("approval", "approver", "date"),
    ("scheme", "author", "author_date"),
    ("scheme", "checker", "check_date"),
    ("scheme", "approver", "approve_date"),
    ("test_results", "tester", "date"),
    ("creview", "reviewer", "date"),
    ("signing", "signer", "sign_date"),
    ("changes", "approver", "approve_date"),
    ("agreements", "coo_sign", "coo_date"),
    ("agreements", "cto_sign", "cto_date"),
    ("handover", "giver", "handover_date"),
)
# The dates that say until when somebody is needed, where it is not the only date beside the name: the first that is
# filled counts. A name with a dot is a cell elsewhere, of a table in its last row; where all are blank the work is
# still open.
_VERSION, _LOGGED = "plan.revisions.date", "worklog.log.date"
_UNTIL: Mapping[str, tuple[str, ...]] = {
    **{f"records.{sheet}.{person}": (day,) for sheet, person, day in SIGNED},
    "master.departments.head_emp": ("valid_until",),
    "master.persons.deputies": ("left",),
    "plan.basics.sales_rep": ("records.application.apply_date",),
    "plan.basics.author": ("author_date",),
    "plan.basics.pm": (),
    "plan.basics.site_engineer": ("records.handover.handover_date",),
    **dict.fromkeys(("plan.organisation.emp", "plan.organisation.report_to", "plan.quality_goals.owner"), (_VERSION,)),
    "plan.stages.owner": ("actual_end", "end"),
    "materials.lines.owner": ("return_date", "need_date"),
    "staffing.lines.emp_no": ("end", "start"),
    "records.req_review.reviewer": ("records.req_review.date",),
    "bids.final_review.chair": ("date",),
    "records.bidding.chair": ("conclusion_date", "submit_time"),
    "records.bidding.consulted": ("approve_date",),
    "records.bidding.approver": ("approve_date",),
    "records.changes.by": ("date",),
    "records.bidding.tech_by": ("tech_date", "conclusion_date", "submit_time"),
    "records.bidding.business_by": ("business_date", "conclusion_date", "submit_time"),
    "records.changes.consulted": ("consulted_date", "approve_date", "date"),
    "records.problems.raiser": ("close_date", "records.creview.conclusion_date", "due"),
    "records.problems.owner": ("close_date",),
    "records.problems.verifier": ("close_date", "due"),
    "records.signing.permit_by": ("permit_date", "sign_date"),
    "records.closing.accept_by": ("accept_date",),
    "records.closing.close_result_by": ("close_result_date", "close_date"),
    "records.handover.receiver": ("handover_date",),
    "records.handover.witness": ("handover_date",),
    "records.reports.by": ("period",),
    "records.memos.host": ("start",),
    "survey.items.value": ("updated", "records.application.apply_date"),
    "records.memos.recorder": ("start",),
    "worklog.log.emp_no": (_LOGGED,),
}


def day_of(project: Project, name: str, record: Record, steps: Mapping[str, Answer]) -> Sourced[date] | None:
    """The day of a cell that names somebody; None: the work goes on, so that today counts.

    What has no day of its own is over with the project, and no day of it is later than that.

    Args:
        project: the project.
        name: where the form puts the cell: `records.scheme.author`.
        record: its row, or the labelled cells around it.
        steps: what is known of the steps, for the end of the project.
    """
    found = next((day for key in _keys(name, record) if (day := _date(project, record, key))), None)
    over = _over(project, steps)
    return min((day for day in (found, over) if day), key=lambda day: day.value, default=None)


def _keys(name: str, record: Record) -> Iterable[str]:
    """Fields to look at: those of the table, else the stamp's day, else every date of the record."""
    if name.split(".")[1] == "head":
        return ("filled_on",)
    return _UNTIL.get(name, tuple(key for key in record.cells if record.date(key)))


def _date(project: Project, record: Record, key: str) -> Sourced[date] | None:
    if key == "period":
        end = period_end(record.text(key))
        return Sourced(end, record.at(key)) if end else None
    if "." not in key:
        return record.date(key)
    book, sheet, field = key.split(".")
    rows = project.rows(book, sheet)
    return (rows[-1] if rows and key in (_VERSION, _LOGGED) else project.head(book, sheet)).date(field)


def _over(project: Project, steps: Mapping[str, Answer]) -> Sourced[date] | None:
    """Day from which nobody owes anything: handed over or archived; closed, where nothing is handed over."""
    records = Records(project)
    handed = steps.get("handover")
    if handed and handed.needed:
        return handed.day or records.archive.date("archive_date")
    return records.archive.date("archive_date") or records.day("closing", "close_date")
