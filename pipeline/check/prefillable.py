"""Cells that the pipeline fills, now or once other workbooks are there: said once a workbook (rule F058)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.check.case import Case
from pipeline.check.cells import begun
from pipeline.check.required import wanted
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Record, Workbook
from pipeline.definitions.forms import Field, SheetForm
from pipeline.definitions.prefill import FIGURES, VERSION, prefill_key
from pipeline.definitions.values import Values
from pipeline.derive.formulas import values_of
from pipeline.derive.known import rolled_up
from pipeline.derive.proposed import Asked, value_for

_PLAN_SET = ("survey", "plan", "cost", "materials", "staffing")
_FEW = 3  # so many blank cells are told one by one
# What is said because lines that roll up another workbook, or marks of the group, are not written yet.
_FOLLOWS = {"cost": frozenset({"X203", "X204", "X205", "X206", "X207", "W122"}), "staffing": frozenset({"W165"})}


@dataclass(frozen=True, slots=True)
class _Gap:
    """A blank cell: its value is `known` now, follows from other blanks, or is a sum of the workbook `of`."""

    at: Place
    known: bool
    of: str = ""


def not_prefilled(case: Case) -> Iterator[Finding]:
    """F058 (6.3.1): what `forms prefill` writes is not there yet; one finding a workbook, which holds all its cells.

    Pending while all of it waits for workbooks that nobody has filled.
    """
    begun_ones = [form for form in _PLAN_SET if begun(case, form)]
    gaps = {form: list(_gaps(case, case.project.workbooks[form])) for form in begun_ones}
    lines = {form: _lines(case, form) for form in begun_ones}
    now = {form for form in begun_ones if lines[form] or len([g for g in gaps[form] if g.known and not g.of]) >= _FEW}
    for form in begun_ones:
        told = [gap for gap in gaps[form] if form in now or _waits(case, gap, now)]
        if not told and not lines[form]:
            continue
        places = [*(gap.at for gap in sorted(told, key=lambda gap: bool(gap.of))), *lines[form]]
        sheets = "、".join(dict.fromkeys(str(at.sheet) for at in places))
        values = {"name": case.forms[form].name, "n": str(len(places)), "sheets": sheets}
        at, *others = dict.fromkeys(places)
        yield case.finding("F058", at, others, pending=form not in now, found="", expected=sheets, **values)


def _gaps(case: Case, book: Workbook) -> Iterator[_Gap]:
    values = values_of(book, case.company, case.forms, case.parameter)
    for definition in case.forms[book.form].sheet:
        sheet = book.sheets[definition.key]
        labelled = 0 if definition.kind == "form" else -1
        yield from _of_record(case, definition, sheet.head, labelled, values)
        for index, row in enumerate(sheet.rows):
            yield from _of_record(case, definition, row, index, values, sheet.rows)


def _of_record(
    case: Case, definition: SheetForm, record: Record, index: int, values: Values, rows: Sequence[Record] = ()
) -> Iterator[_Gap]:
    asked = Asked(case.project, case.facts, case.company, record, rows)
    item = definition.item(record.text("no")) if definition.items else None
    fields = {f.key: f for f in (definition.fields if rows else definition.labelled)}
    if item:
        fields = {"value": item.field} if record.text("status") in {"", "明确"} else {}
    for key, field in fields.items():
        if field.prefill and key in record.cells and record.blank(key) and wanted(field, definition, index, values):
            yield _Gap(record.at(key), value_for(field.prefill, asked) is not None, _sum_of(field))


def _sum_of(field: Field) -> str:
    """The workbook that a field adds up; empty where it adds none."""
    if field.prefill.startswith(FIGURES):
        return prefill_key(field.prefill)[0][0]
    return "cost" if field.prefill.startswith(VERSION) else ""


def _waits(case: Case, gap: _Gap, now: set[str]) -> bool:
    """Whether a sum cannot be there yet: its workbook is not filled, or lacks what the pipeline fills itself."""
    return bool(gap.of) and (gap.of in now or not gap.known or not case.project.rows(gap.of, "lines"))


def _lines(case: Case, form: str) -> list[Place]:
    """The table, begun, that holds no line rolled up from another workbook; once for each line that is due."""
    found = []
    for definition in case.forms[form].sheet:
        rows = case.project.rows(form, definition.key)
        for template in definition.prefill_rows:
            due = rolled_up(str(template["from"]), case.project, case.company)
            accounts = {str(template["acc"]).format_map(line) for line in due}
            if due and rows and not any(row.text("acc") in accounts for row in rows):
                found += [case.project.sheet(form, definition.key).at] * len(due)
    return found


def told_with(case: Case, findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """What other rules say of those blanks, or of sums without the lines that are not written yet."""
    roots = {number: one for number, one in enumerate(findings) if one.rule.code == "F058"}
    cells = {at: number for number, one in roots.items() for at in (one.at, *one.related) if at.cell}
    forms = {book.name: book.form for book in case.project.books}
    following = {code: n for n, one in roots.items() for code in _FOLLOWS.get(forms.get(one.at.workbook, ""), ())}
    for number, one in enumerate(findings):
        if number in roots:
            continue
        root = cells.get(one.at, following.get(one.rule.code))
        if root is not None:
            yield number, root


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (not_prefilled,)
