"""Duties of departments of which nothing says that they were theirs when the work was done (clauses 6.3.2, 6.4.6).

Which departments countersign and review stands in workbook 00 alone. A department or a duty that is written there
without its first day would hold for ever, also for plans that were approved and contracts that were signed before.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.core.company import Company, Department
from pipeline.core.places import Place
from pipeline.core.sheets import Project
from pipeline.derive.records import Records

_MARKS = {"countersign": "countersign_required", "creview": "creview_required"}


def unproved(
    project: Project, company: Company, departments: Iterable[Department], sheet: str
) -> tuple[Department, ...]:
    """Departments that have no row in a table, and of which nothing shows that they should have had one.

    The next step was taken without them by those who saw the table, workbook 00 gives no day for the duty, and the
    notice did not tell them. Who leads the project is told anyway, which proves no duty to countersign its own plan.

    Args:
        project: the project.
        company: workbook 00 as it was on the day of the step.
        departments: who owes something under it.
        sheet: `countersign` or `creview` of workbook 06.
    """
    rows = project.rows("records", sheet)
    if not rows or not _over(project, sheet):
        return ()
    key, notice = company.department_key, project.head("records", "notice")
    there = {key(row.text("dept")) for row in rows}
    told = {key(name) for name in notice.choices("notify")}
    if sheet == "countersign" and (lead := company.department_of(project.head("plan", "basics").text("sales_rep"))):
        told -= {lead.code}
    return tuple(dept for dept in departments if dept.code not in there | told and not _dated(company, dept.code))


def _over(project: Project, sheet: str) -> bool:
    records = Records(project)
    after = records.first_approval if sheet == "countersign" else records.day("signing", "sign_date")
    return after is not None


def _dated(company: Company, code: str) -> bool:
    """Whether workbook 00 says since when a department has its duties; the day of a renaming says nothing of them."""
    return any(one.valid_from and not one.former for one in company.offices if one.code == code)


def mark(company: Company, code: str, sheet: str) -> Place | None:
    """The cell of workbook 00 that gives a department its duty, where no row says since when."""
    rows = [row for row in company.book.sheets["departments"].rows if row.text("dept_code") == code]
    return rows[-1].at(_MARKS[sheet]) if rows and not _dated(company, code) else None
