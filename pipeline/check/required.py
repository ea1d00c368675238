"""Cells that must not stay blank (clause 6.2.1, note; rule F001)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipeline.check.annex import window_of
from pipeline.check.case import Case
from pipeline.check.cells import begun, books, in_use, united
from pipeline.check.records import reserved_without_reasons
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Record, Workbook
from pipeline.definitions.forms import Field, SheetForm
from pipeline.definitions.values import Values
from pipeline.derive.formulas import values_of
from pipeline.derive.records import Records, last_of_each, last_result

_Condition = Callable[[Case, Record], bool]


def _always(_case: Case, _row: Record) -> bool:
    return True


def _tests_wanted(case: Case, _row: Record) -> bool:
    return case.project.head("plan", "basics").text("needs_test") == "是"


def _stage_known(case: Case, row: Record) -> bool:
    return window_of(case, row) is not None


def _approved(case: Case, _row: Record) -> bool:
    return Records(case.project).approved


def _applied_for(case: Case, row: Record) -> bool:
    """Whether W193 tells, or there is nothing to settle: the department has answered anew, or to a later version."""
    records, rows = Records(case.project), case.project.rows("records", "countersign")
    if row not in last_of_each(rows) or _asked_again(case, row, rows):
        return True
    return bool(records.day("application", "apply_date")) and row in records.countersigns


def _asked_again(case: Case, row: Record, rows: Sequence[Record]) -> bool:
    """Whether the department has signed a later version of the plan: its objection to the older one is answered."""
    key, order = case.company.department_key, [one.text("version") for one in case.project.rows("plan", "revisions")]
    later = order[order.index(row.text("plan_version")) + 1 :] if row.text("plan_version") in order else []
    return any(
        one.text("plan_version") in later and key(one.text("dept")) == key(row.text("dept")) and one.date("sign_date")
        for one in rows
    )


def _last_result(case: Case, row: Record) -> bool:
    return last_result(Records(case.project).rows("test_results"), row.text("no")) is row


def _unsigned(signature: str) -> _Condition:
    return lambda _case, row: row.blank(signature)


def _reserved(sheet: str) -> _Condition:
    return lambda case, row: reserved_without_reasons(case, sheet, row)


# Blank cells that a more specific rule reports: rule, sheet, fields, and when that rule looks at them at all.
TOLD_ELSEWHERE: tuple[tuple[str, str, str, _Condition], ...] = (
    ("W113", "plan.stages", "work goal quality owner output", _always),
    ("W116", "plan.basics", "contract_amount mature_case rd_modify", _always),
    ("W117", "plan.feasibility", "f_a f_b f_c f_d f_e f_f f_g f_h", _always),
    ("W119", "plan.tests", "item criteria resource start end", _tests_wanted),
    ("W119", "plan.basics", "no_test_reason", _always),
    ("W123", "plan.risks", "countermeasure owner due", _always),
    ("W136", "cost.lines", "use_month", _stage_known),
    ("W139", "cost.lines", "basis", _always),
    ("W150", "materials.lines", "return_date", _always),
    ("W151", "materials.lines", "asset_no", _always),
    ("W155", "materials.lines", "model", _always),
    ("W157", "materials.lines", "quote_basis", _always),
    ("W163", "staffing.lines", "rate_reason", _always),
    ("W168", "staffing.lines", "emp_no", _approved),
    ("W180", "records.tracking", "date by contact method content next", _always),
    ("W182", "records.memos", "start end place host recorder attendees discussion resolution", _always),
    ("W182", "records.actions", "item owner due", _always),
    ("W183", "records.problems", "countermeasure owner due", _always),
    ("W186", "records.changes", "reason before after impact approver consulted", _always),
    ("W187", "records.agreements", "written_date coo_sign cto_sign", _always),
    ("W187", "records.agreements", "coo_date", _unsigned("coo_sign")),
    ("W187", "records.agreements", "cto_date", _unsigned("cto_sign")),
    ("W192", "records.req_review", "conclusion conditions", _always),
    ("W193", "records.countersign", "cxo cxo_result cxo_date", _applied_for),
    ("W194", "records.test_results", "actual", _last_result),
    ("F033", "records.countersign", "opinion_text", _reserved("countersign")),
    ("F033", "records.creview", "opinion_text", _reserved("creview")),
    ("F033", "records.req_review", "opinion_text", _reserved("req_review")),
    ("F033", "records.approval", "opinion_text", _reserved("approval")),
)
_ELSEWHERE = {
    f"{sheet}.{field}": condition for _, sheet, fields, condition in TOLD_ELSEWHERE for field in fields.split()
}


def required(case: Case) -> Iterator[Finding]:
    """F001 (6.2.1 note): an input that is required, always or in this row, is filled.

    Rows in use and forms that somebody began; survey items are judged by F002. Of several workbooks of one form the
    record counts that they make together: what one leaves to another is not missing.
    """
    for book in books(case, "F001"):
        if book.form == "master" or begun(case, book.form):  # else F056 says that nothing is filled
            yield from _stamp(case, book)
    for book in united(case, "F001"):
        values = values_of(book, case.company, case.forms, case.parameter)
        for definition in case.forms[book.form].sheet:
            if not definition.items:
                yield from _sheet(case, book, definition, values)


def _stamp(case: Case, book: Workbook) -> Iterator[Finding]:
    """What every workbook carries on its first sheet: project code and name."""
    first = next(iter(book.sheets.values()))
    for field in case.forms[book.form].head.fields if first.present else ():
        if field.fill == "input" and field.required == "Y" and book.head.blank(field.key):
            yield _blank(case, book.head.at(field.key), field)


def _sheet(case: Case, book: Workbook, definition: SheetForm, values: Values) -> Iterator[Finding]:
    sheet = book.sheets[definition.key]
    if in_use(definition, sheet.head):
        index = 0 if definition.kind == "form" else -1
        yield from _record(case, book, definition, sheet.head, (index, definition.labelled, values))
    for index, record in enumerate(sheet.rows):
        yield from _record(case, book, definition, record, (index, definition.fields, values))


def _record(
    case: Case, book: Workbook, definition: SheetForm, record: Record, how: tuple[int, tuple[Field, ...], Values]
) -> Iterator[Finding]:
    index, fields, values = how
    for field in fields:
        missing = field.key in record.cells and record.blank(field.key)
        if missing and wanted(field, definition, index, values):
            told = _ELSEWHERE.get(f"{book.form}.{definition.key}.{field.key}")
            if told is None or not told(case, record):
                yield from _at_its_source(case, book, record, field)


def _at_its_source(case: Case, book: Workbook, record: Record, field: Field) -> Iterator[Finding]:
    """A blank cell; where its formula takes what stands on top of the first sheet, that is the cell to fill."""
    key = field.default.removeprefix("head.")
    source = next((f for f in case.forms[book.form].head.fields if field.default == f"head.{f.key}"), None)
    if source is None or not book.head.blank(key):
        yield _blank(case, record.at(field.key), field)
    elif source.required != "Y":  # else `_stamp` has told
        yield _blank(case, book.head.at(key), source)


def wanted(field: Field, definition: SheetForm, index: int, values: Values) -> bool:
    """Whether a field of a row (index from 0; -1: of a header) must be filled."""
    if field.fill != "input" or field.required == "N":
        return False
    return field.required == "Y" or values.required(definition, index, field.required_when)


def _blank(case: Case, at: Place, field: Field) -> Finding:
    return case.finding("F001", at, label=field.label, found="", expected="必填")


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (required,)
