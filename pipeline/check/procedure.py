"""What the rules across workbook 06 share: people as they are named, cells that exist, who must sign what."""

from __future__ import annotations

from pipeline.check.case import Case
from pipeline.core.company import Company
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.derive.days import day_of
from pipeline.derive.records import Records, coordinated, last_of_each, signed


def records_of(case: Case) -> Records:
    """Workbook 06; everything in it is empty while there is none."""
    return Records(case.project)


def who(case: Case, no: str) -> str:
    """A person inside a message: E103 田一诺."""
    name = case.company.name_of(no)
    return no if name == no else f"{no} {name}"


def undated(case: Case, no: str, key: str) -> tuple[Place, ...]:
    """The cell of workbook 00 by which somebody is judged on every day, where there is but one row of him.

    Who changed post or department has a second row there; without it a record of before is judged by today's.
    """
    rows = [row for row in case.company.book.sheets["persons"].rows if row.text("emp_no") == no]
    return (rows[0].at(key),) if len(rows) == 1 else ()


def on_the_day(case: Case, name: str, row: Record) -> Company:
    """The company as it was on the day of a cell that names somebody (`records.approval.approver`)."""
    found = day_of(case.project, name, row, case.facts.steps)
    return case.company.on(found.value if found else case.as_of)


def there(*places: Place) -> tuple[Place, ...]:
    """The places that lie in a workbook; a workbook that is missing has none."""
    return tuple(place for place in places if place.workbook)


def sheet_title(case: Case, key: str) -> str:
    """Name of a sheet of workbook 06."""
    return case.forms["records"].sheet_form(key).name


def unsigned(case: Case, rows: tuple[Record, ...]) -> list[str]:
    """Departments that must countersign (6.3.2) and have no signed row among these."""
    key = case.company.department_key
    given = {key(row.text("dept")) for row in rows if signed(row) or coordinated(row)}
    return [name for name in case.facts.countersigners if key(name) not in given]


def countersigned(case: Case, version: str) -> tuple[Record, ...]:
    """Countersign rows of a plan version, of each department the last."""
    rows = case.project.rows("records", "countersign")
    return last_of_each([row for row in rows if row.text("plan_version") == version])
