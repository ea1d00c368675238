"""A project as it was on a day: the survey of that version, the steps up to then, what is known of an older plan.

The workbooks hold the newest state and, beside it, how it came about: updates of the survey with old and new values,
revisions of the plan with their totals, approved changes, versions with figures where something was decided. What
these do not say of an older version is not known, and is not guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.facts import Facts, ItemFacts, SurveyFacts, View
from pipeline.core.places import Place, Sourced
from pipeline.core.procedure import Answer, Missing
from pipeline.core.sheets import Cell, Project, Record
from pipeline.definitions.forms import Form
from pipeline.derive.records import IN_FORCE, Records
from pipeline.derive.survey import last_version, survey_facts, survey_items

Cells = Mapping[str, Cell]


def plan_on(project: Project, day: date) -> str:
    """Version of the plan that stood on a day; empty before the first one, the current one where none has a day."""
    revisions = project.rows("plan", "revisions")
    if not any(row.date("date") for row in revisions):
        return project.head("plan", "basics").text("plan_version")
    return _version_on(revisions, day)


def survey_on(project: Project, day: date) -> str:
    """Version of the survey that stood on a day; empty before the first one."""
    return _version_on(project.rows("survey", "versions"), day)


def surveys_on(project: Project, day: date) -> tuple[str, ...]:
    """Versions of the survey that stood in the course of a day, the latest last: one may have been made on it."""
    made = [row for row in project.rows("survey", "versions") if (at := row.date("date")) and at.value == day]
    before = _version_on((row for row in project.rows("survey", "versions") if row not in made), day)
    return tuple(version for version in (before, *(row.text("version") for row in made)) if version)


def surveyed(
    project: Project, company: Company, forms: Mapping[str, Form], day: date, version: str = ""
) -> tuple[SurveyFacts, Mapping[str, ItemFacts]] | None:
    """Counts and items of the survey of a day, of the version that is named; None where the updates do not say them."""
    view = View(day, survey=version or survey_on(project, day))
    if not survey_known(project, view):
        return None
    then = as_it_was(project, view)
    items = survey_items(then, last_version(then)[1])
    found = survey_facts(then, company, forms, items)
    return (found, items) if found else None


def _version_on(rows: Iterable[Record], day: date) -> str:
    """The last row whose day is not later; a row without a day stands as long as the one before it."""
    known = ""
    for row in rows:
        at = row.date("date")
        if at and at.value > day:
            break
        known = row.text("version") or known
    return known


# -- the project as it was ---------------------------------------------------------------------------------------------


def as_it_was(project: Project, view: View) -> Project:
    """The project with the survey of the view's version, and a plan that knows of nothing later."""
    if project.has("survey"):
        project = _survey_then(project, view)
    return _plan_then(project, view) if project.has("plan") else project


def _survey_then(project: Project, view: View) -> Project:
    undone = _undone(project, view)
    kept = [row for row in project.rows("survey", "updates") if row not in undone]
    project = _with_rows(project, "survey", "items", _items_then(project.rows("survey", "items"), undone))
    project = _with_rows(project, "survey", "updates", kept)
    return _with_rows(project, "survey", "versions", _up_to(project.rows("survey", "versions"), view.survey))


def _undone(project: Project, view: View) -> list[Record]:
    """Updates of later versions; where one names no version of the table, those of later days."""
    versions = project.rows("survey", "versions")
    kept = _up_to(versions, view.survey)
    order = {row.text("version"): number for number, row in enumerate(versions)}
    last = kept[-1].date("date") if kept else None

    def later(row: Record) -> bool:
        number, day = order.get(row.text("version")), row.date("date")
        return number >= len(kept) if number is not None else bool(day and last and day.value > last.value)

    return [row for row in project.rows("survey", "updates") if later(row)]


def _up_to(rows: Sequence[Record], version: str) -> Sequence[Record]:
    """The rows up to the last one of a version; all where it is not among them."""
    found = [number for number, row in enumerate(rows) if row.text("version") == version]
    return rows[: found[-1] + 1] if found else rows


def _items_then(rows: Iterable[Record], undone: Iterable[Record]) -> list[Record]:
    """The items with the values that the first undone update of each found."""
    before: dict[str, Record] = {}
    for update in undone:
        before.setdefault(update.text("item_no"), update)
    return [_item_then(row, before.get(row.text("no"))) for row in rows]


def _item_then(row: Record, update: Record | None) -> Record:
    if update is None:
        return row
    then = {"value": update.cell("old_value"), "status": update.cell("old_status"), "updated": Cell(row.at("updated"))}
    return replace(row, cells={**row.cells, **then})


def survey_known(project: Project, view: View) -> bool:
    """Whether the counts of the view's survey are known.

    Its version is one of the table, and every later update says which status it found.
    """
    versions = {row.text("version") for row in project.rows("survey", "versions")}
    named = not view.survey or not versions or view.survey in versions
    return named and not any(row.blank("old_status") for row in _undone(project, view))


def _plan_then(project: Project, view: View) -> Project:
    revisions = _up_to(project.rows("plan", "revisions"), view.plan)
    project = _with_rows(project, "plan", "revisions", revisions)
    stages = [_ended_by(row, view) for row in project.rows("plan", "stages")]
    project = _with_rows(project, "plan", "stages", stages)
    last = next((row for row in reversed(revisions) if row.text("version") == view.plan), None)
    if last is None:
        return _with_head(
            project, {"plan_version": Cell(project.head("plan", "basics").at("plan_version"), view.plan, view.plan)}
        )
    written = {"author": last.cell("by"), "author_date": last.cell("date")}
    written = {key: cell for key, cell in written.items() if not cell.blank and len(revisions) > 1}
    return _with_head(project, {"plan_version": last.cell("version"), **written})


def _ended_by(row: Record, view: View) -> Record:
    """A stage without the end that it had not on the view's day; in a plan no stage has ended."""
    ended = row.date("actual_end")
    if ended is None or not (view.planned or (view.day and ended.value > view.day)):
        return row
    return replace(row, cells={**row.cells, "actual_end": Cell(ended.at)})


def _with_rows(project: Project, form: str, key: str, rows: Sequence[Record]) -> Project:
    return _with_sheet(project, form, key, rows=tuple(rows))


def _with_head(project: Project, cells: Cells) -> Project:
    head = project.head("plan", "basics")
    return _with_sheet(project, "plan", "basics", head=replace(head, cells={**head.cells, **cells}))


def _with_sheet(project: Project, form: str, key: str, **parts: object) -> Project:
    book = project.workbooks[form]
    sheet = replace(book.sheets[key], **parts)  # type: ignore[arg-type]
    return replace(project, workbooks={**project.workbooks, form: replace(book, sheets={**book.sheets, key: sheet})})


# -- what was found out of it ------------------------------------------------------------------------------------------


def facts_then(then: Project, company: Company, forms: Mapping[str, Form], facts: Facts, view: View) -> Facts:
    """The facts of a project as it was (`as_it_was`): its survey, its steps, its day. The figures stay the newest."""
    items = survey_items(then, last_version(then)[1])
    return replace(
        facts,
        as_of=min(view.day or facts.as_of, facts.as_of),
        business_date=min(view.day or facts.business_date, facts.business_date),
        survey=survey_facts(then, company, forms, items),
        items=items,
        steps={key: _answer_then(answer, view) for key, answer in facts.steps.items()},
        stages=tuple(one.until(view.day) for one in facts.stages) if view.day else facts.stages,
    )


def _answer_then(answer: Answer, view: View) -> Answer:
    """A step that was done later, or is only asked for, is still open."""
    later = bool(view.day and answer.day and answer.day.value > view.day)
    if not answer.needed or not (view.planned or later or answer.step == view.asks):
        return answer
    open_ = (Missing("", Place("")),) if answer.gate else ()
    return replace(answer, missing=open_, begun=False, settled=False, day=None, by=(), cells=())


# -- what is known of an older plan ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KnownPlan:
    """Figures of a version of the plan that stand beside it; None where nothing says them.

    Attributes:
        total: planned cost in yuan.
        margin: gross margin in per cent.
        amount: amount of the contract in yuan.
    """

    total: Sourced[Decimal] | None = None
    margin: Sourced[Decimal] | None = None
    amount: Sourced[Decimal] | None = None


def known_plan(project: Project, version: str) -> KnownPlan:
    """What revisions, countersignatures and the application say of a version of the plan."""
    application = project.head("records", "application")
    beside = [application] if application.text("att_plan") == version else []
    beside += [row for row in project.rows("records", "countersign") if row.text("plan_version") == version]
    revised = [row for row in project.rows("plan", "revisions") if row.text("version") == version]
    found = {
        "total": _first([*revised, *beside], "total"),
        "margin": _first(beside, "margin"),
        "amount": _first(beside, "amount"),
    }
    return KnownPlan(**found)


def _first(records: Iterable[Record], key: str) -> Sourced[Decimal] | None:
    return next((value for record in records if (value := record.money(key))), None)


def change_of(project: Project, version: str) -> Record | None:
    """The approved change that made a version of the plan after the initiation: it needs no second countersigning."""
    records = Records(project)
    revised = next((row for row in project.rows("plan", "revisions") if row.text("version") == version), None)
    numbers = set(re.split("[、,;]", revised.text("change_no"))) - {""} if revised else set()
    approved = records.approval_date
    for row in project.rows("records", "changes"):
        day = row.date("approve_date")
        if row.text("no") in numbers and row.text("status") in IN_FORCE and day and approved:
            return row if records.approved and day.value >= approved.value else None
    return None
