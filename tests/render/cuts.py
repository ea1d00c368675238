"""Sample projects as they stood earlier: sheets of workbook 06 emptied, rows left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from pipeline.core.sheets import Project, Record, Sheet
from pipeline.derive.facts import derive
from pipeline.render.context.shown import Source
from tests.cases import AS_OF, DORM, load_case


def sample(code: str = DORM, *, cleared: tuple[str, ...] = (), without: tuple[str, str, str] | None = None) -> Source:
    """A sample as documents see it.

    Args:
        code: of the sample.
        cleared: sheets of workbook 06 that nobody has filled yet.
        without: sheet, field, value: rows that are not there.
    """
    case = load_case(code=code)
    project = case.project
    for key in cleared:
        project = changed(project, key, lambda sheet: replace(sheet, head=Record(sheet.at), rows=()))
    if without:
        key, field, value = without
        project = changed(
            project, key, lambda sheet: replace(sheet, rows=tuple(r for r in sheet.rows if r.text(field) != value))
        )
    facts = derive(project, case.company, case.forms, AS_OF)
    return Source(project, case.company, facts, case.forms)


def changed(project: Project, key: str, edit: Callable[[Sheet], Sheet]) -> Project:
    """The project with one sheet of workbook 06 edited."""
    book = project.workbooks["records"]
    sheets = {**book.sheets, key: edit(book.sheets[key])}
    return replace(project, workbooks={**project.workbooks, "records": replace(book, sheets=sheets)})
