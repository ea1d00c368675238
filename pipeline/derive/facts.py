"""Put the facts of a project together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from pipeline.core.company import Company, Department
from pipeline.core.facts import Facts
from pipeline.core.places import Sourced
from pipeline.core.sheets import Cell, Project
from pipeline.definitions.forms import Form
from pipeline.derive.classification import classify, modifies_software
from pipeline.derive.duties import unproved
from pipeline.derive.entries import entries
from pipeline.derive.figures import all_figures
from pipeline.derive.groups import unplaced
from pipeline.derive.procedure import Ground, answers, next_gate, state_of
from pipeline.derive.records import Records
from pipeline.derive.stages import covered
from pipeline.derive.survey import blank_items, last_version, survey_facts, survey_items
from pipeline.derive.turning import next_turn


def derive(project: Project, company: Company, forms: Mapping[str, Form], as_of: date) -> Facts:
    """Find out everything about a project.

    Args:
        project: workbooks whose formula cells are settled (`pipeline.derive.formulas.settle`).
        company: workbook 00.
        forms: form definitions by key.
        as_of: today.
    """
    day = business_date(project, as_of)
    items = survey_items(project, last_version(project)[1])
    approved = Records(project).first_approval
    classified = classify(project, company, approved.value if approved else day)
    stated = project.head("plan", "basics").text("class")
    project_class = stated or (classified.project_class.value if classified else "")
    software = modifies_software(project)
    records = Records(project)
    applied = company.on(_ended(as_of, records.day("application", "apply_date")))
    signed = (records.day("signing", "sign_date"), records.day("closing", "close_date"))
    reviewed = company.on(_ended(as_of, *signed))
    signers = _owing(project, applied, applied.countersigning(project_class, software), "countersign")
    reviewers = _owing(project, reviewed, reviewed.reviewing(project_class, software), "creview")
    blanks = blank_items(project, company, forms, items)
    ground = Ground(project, company, forms, as_of, items, blanks, signers, reviewers, project_class)
    steps = answers(ground)
    state = state_of(ground, steps)
    gate, lost = next_gate(ground, steps, state), unplaced(project, company.accounts)
    return Facts(
        code=project.code,
        name=project.name,
        as_of=as_of,
        business_date=day,
        state=state,
        next_gate=ground.procedure.steps[gate.step].label if gate else "",
        missing=gate.texts if gate else (),
        project_class=classified.project_class if classified else None,
        class_because=classified.because if classified else (),
        class_reasons=classified.reasons if classified else (),
        figures=all_figures(project, lost),
        unplaced=lost,
        survey=survey_facts(project, company, forms, items),
        items=items,
        countersigners=signers,
        reviewers=reviewers,
        steps=steps,
        next_turn=next_turn(project, company, as_of, day),
        entries=entries(project, gate.awaited if gate else ()),
        said=said(project),
        stages=covered(project, company, forms, day),
    )


def _owing(project: Project, company: Company, departments: Sequence[Department], sheet: str) -> tuple[str, ...]:
    """Names of the departments that owe a signature, but for those of whom nothing says so (W234)."""
    none = unproved(project, company, departments, sheet)
    return tuple(dept.name for dept in departments if dept not in none)


def _ended(as_of: date, *days: Sourced[date] | None) -> date:
    """Day on which a step came to its end: the first that is known, today while it goes on."""
    return next((day.value for day in days if day), as_of)


def business_date(project: Project, as_of: date) -> date:
    """Day whose thresholds count: last plan revision, else the plan's, else the survey version's; never after today."""
    revisions = [row.date("date") for row in project.rows("plan", "revisions")]
    author = project.head("plan", "basics").date("author_date")
    candidates = [found.value for found in [*revisions[-1:], author] if found]
    version = last_version(project)[1]
    candidates += [version] if version else []
    return min(candidates[0] if candidates else as_of, as_of)


# -- what staff gave ------------------------------------------------------------------------------------------------


def said(project: Project) -> str:
    """SHA-256 over every value of the project's workbooks and its attachments; saving again does not change it."""
    books = {
        form: {
            key: [{name: _text(cell) for name, cell in record.cells.items()} for record in sheet.records()]
            for key, sheet in book.sheets.items()
        }
        for form, book in project.workbooks.items()
    }
    kept = sorted((attachment.path, attachment.sha256) for attachment in project.attachments)
    return hashlib.sha256(
        json.dumps([books, kept], ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    ).hexdigest()


def _text(cell: Cell) -> str:
    if isinstance(cell.value, Decimal):
        return format(cell.value.normalize(), "f")
    return cell.shown if cell.value is None else str(cell.value)
