"""Which documents are made now, in which state, of which row and by which date (`documents.toml`; design 7.7)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from pipeline.core.documents import PARTLY, RECORDED, UNSIGNED
from pipeline.core.facts import Facts
from pipeline.core.places import Place
from pipeline.core.procedure import Answer
from pipeline.core.sheets import Cell, Record
from pipeline.definitions.documents import PLAN, SURVEY, DocumentForm
from pipeline.definitions.procedure import load_procedure
from pipeline.derive.conditions import cells, fits, holds, labelled
from pipeline.derive.history import change_of
from pipeline.derive.records import Records, last_round
from pipeline.render.context.shown import Source

_PART_MAX = 40


@dataclass(frozen=True)
class Order:
    """A document to be made.

    Attributes:
        row: row of a document that there is one a row of.
        part: what tells documents of one code apart: HY-01, a department; empty where there is only one.
        state: 待签, 部分登记 or 记录; empty for a document that nobody signs.
    """

    form: DocumentForm
    row: Record | None = None
    part: str = ""
    state: str = ""


def orders(source: Source, forms: Iterable[DocumentForm]) -> list[Order]:
    """The documents of these kinds that the procedure has come to, those of rows one by one."""
    return [order for form in forms for order in _of_form(source, form)]


def _of_form(source: Source, form: DocumentForm) -> list[Order]:
    present = all(source.project.has(key) for key in form.needs)
    if not present or not all(
        holds(source.project, source.forms, one) for one in form.conditions if not _of_row(form, one.name)
    ):
        return []
    due = reached(source.facts, form.due) and not _needless(source, form)
    if not form.by_row:
        return [Order(form, state=state_of(source, form))] if due or _begun(source, form) else []
    return _distinct([_of_line(source, form, row) for row in rows_of(source, form) if due or row.number])


def _of_line(source: Source, form: DocumentForm, row: Record) -> Order:
    return Order(form, row, row.text(form.row_name) or str(row.number), state_of(source, form, row))


def _distinct(found: list[Order]) -> list[Order]:
    """The same orders with parts that make different file names."""
    used: dict[str, int] = {}
    made = []
    for order in found:
        key = file_part(order.part).casefold()
        used[key] = used.get(key, 0) + 1
        made.append(order if used[key] == 1 else replace(order, part=f"{order.part[:_PART_MAX]}.{used[key]}"))
    return made


def file_part(part: str) -> str:
    """A part in a file name (domain E.5): HY-01 becomes HY01."""
    return re.sub(r"[^\w.]|_", "", part)[: _PART_MAX + 4].strip(".") or "X"


def reached(facts: Facts, gate: str) -> bool:
    """Whether a gate and all before it are passed, and the project goes on."""
    if not gate:
        return True
    procedure, passed = load_procedure(), set(facts.passed)
    keys = list(procedure.gates)
    return facts.state not in procedure.stopped and passed.issuperset(keys[: keys.index(gate) + 1])


def _needless(source: Source, form: DocumentForm) -> bool:
    """The steps that the document records are left out."""
    answers = [step_answer(source, _sheet_of(name)) for name in form.records]
    return bool(answers) and all(answer is not None and not answer.needed for answer in answers)


def rows_of(source: Source, form: DocumentForm) -> list[Record]:
    """Rows that make a document each: of the last round, and a blank one (number 0) for a department without one."""
    book, sheet = form.per.split(".")
    rows = list(last_round(source.project.rows(book, sheet)))
    if "dept" in source.forms[book].sheet_form(sheet).by_key and (answer := step_answer(source, form.per)):
        at, key = source.project.sheet(book, sheet).at, source.company.department_key
        given = {key(row.text("dept")) for row in rows}
        missing = [name for name in answer.asked if key(name) not in given]
        rows += [Record(at, {"dept": Cell(at, name, name)}) for name in missing]
    chosen = [one for one in form.conditions if _of_row(form, one.name)]
    return [row for row in rows if all(fits([row.cell(one.name.split(".")[2])], one) for one in chosen)]


# -- state -----------------------------------------------------------------------------------------------------------


def state_of(source: Source, form: DocumentForm, row: Record | None = None) -> str:
    """待签, once the first has registered 部分登记, and 记录 when all have; empty for a document that nobody signs."""
    if not form.state:
        return ""
    if _recorded(source, form, row):
        return RECORDED
    return PARTLY if _partly(source, form, row) else UNSIGNED


def _partly(source: Source, form: DocumentForm, row: Record | None) -> bool:
    """Whether people have begun to fill the record of a document, which is not whole."""
    if row is not None and form.record in ("", form.per):
        return False
    if not _OF_THIS_VERSION.get(form.about, _any_version)(source):
        return False
    days = [name for name in form.day if _sheet_of(name) in form.own]
    single = [name for name in (*form.records, *days) if name.count(".") == 2]
    if any(not cell.blank for name in single for cell in _cells(source, form, name, row)):
        return True
    answers = [step_answer(source, name) for name in form.records if name.count(".") == 1]
    return any(answer.begun for answer in answers if answer)


def lacking(source: Source, form: DocumentForm) -> list[str]:
    """What is missing in the record of a document, in the words of its steps; no more where nobody is waited for."""
    answers = [step_answer(source, _sheet_of(name)) for name in form.records]
    return list(dict.fromkeys(missing.text for answer in answers if answer for missing in answer.missing))


def _sheet_of(name: str) -> str:
    return ".".join(name.split(".")[:2])


def _recorded(source: Source, form: DocumentForm, row: Record | None) -> bool:
    if row is not None and form.record in ("", form.per):
        return row.number > 0
    if not _OF_THIS_VERSION.get(form.about, _any_version)(source):
        return False
    filled = any(_filled(source, name, _cells(source, form, name, row)) for name in form.records)
    return filled or nothing_to_register(source, form)


def nothing_to_register(source: Source, form: DocumentForm) -> bool:
    """Whether the step of a document found nothing that its sheet would hold: a record with 无 (clause 6.4.6)."""
    review, sheet = source.facts.steps.get("creview"), "records.problems"
    return sheet in form.records and review is not None and review.settled and Records(source.project).no_problem


def emptied(source: Source, order: Order) -> bool:
    """Whether nothing stands in the record of an order; a workbook that is not there says nothing of it."""
    form = order.form
    if not all(source.project.has(word.split(".")[0]) for word in form.own):
        return False
    if order.row is not None and form.record in ("", form.per):
        return order.row.number == 0
    if not _OF_THIS_VERSION.get(form.about, _any_version)(source):
        return True
    return all(cell.blank for name in form.records for cell in _cells(source, form, name, order.row))


def _any_version(_: Source) -> bool:
    return True


def _of_this_survey(source: Source) -> bool:
    """Whether the survey as it stands is written down among its versions, with who changed it and when."""
    survey = source.facts.survey
    return survey is not None and any(
        row.text("version") == survey.version for row in source.project.rows("survey", "versions")
    )


def _of_this_plan(source: Source) -> bool:
    """Whether the plan as it stands was countersigned, or made by a change that was approved after the initiation."""
    version = source.project.head("plan", "basics").text("plan_version")
    named = [row.text("plan_version") for row in source.project.rows("records", "countersign")]
    return version in named or change_of(source.project, version) is not None


_OF_THIS_VERSION = {PLAN: _of_this_plan, SURVEY: _of_this_survey}


def _filled(source: Source, name: str, cells: Iterable[Cell]) -> bool:
    """A cell or a whole column is filled; a sheet holds something, and all who must answer in it have."""
    blank = [cell.blank for cell in cells]
    if name.count(".") == 2:
        return bool(blank) and not any(blank)
    return not all(blank) and _answered(source, name)


def _answered(source: Source, sheet: str) -> bool:
    """A sheet that several people fill is a record once all have, or somebody refused."""
    answer = step_answer(source, sheet)
    return answer is None or not answer.asked or answer.settled


def step_answer(source: Source, sheet: str) -> Answer | None:
    """What is known of the step that a sheet records."""
    step = load_procedure().step_of(sheet)
    return source.facts.steps.get(step.key) if step else None


def _begun(source: Source, form: DocumentForm) -> bool:
    return any(not cell.blank for name in form.records for cell in cells(source.project, source.forms, name))


# -- conditions and cells ----------------------------------------------------------------------------------------------


def _of_row(form: DocumentForm, name: str) -> bool:
    return form.by_row and name.startswith(f"{form.per}.")


def _cells(source: Source, form: DocumentForm, name: str, row: Record | None) -> list[Cell]:
    """Cells that a dotted name means, for a document of this row."""
    if row is not None and _of_row(form, name) and not labelled(source.forms, name):
        return [row.cell(name.split(".")[2])]
    return cells(source.project, source.forms, name)


# -- date ------------------------------------------------------------------------------------------------------------


def own_days(source: Source, order: Order) -> list[tuple[date, Place]]:
    """Days of the record that a document prints, with their cells; none while nothing is recorded."""
    cells = [cell for name in order.form.day for cell in _cells(source, order.form, name, order.row)]
    return [(day, cell.at) for cell in cells if (day := _day(cell))]


def newest(source: Source, order: Order) -> tuple[date, Place | None]:
    """Date of the newest record printed in a document with `day`: its own, else of the procedure, else of the plan."""
    known: list[tuple[date, Place]] = own_days(source, order)
    known = known or [(found.value, found.at) for _, found in source.facts.days]
    return max(known, key=lambda pair: pair[0], default=(source.facts.business_date, None))


def _day(cell: Cell) -> date | None:
    if isinstance(cell.value, datetime):
        return cell.value.date()
    return cell.value if isinstance(cell.value, date) else None
