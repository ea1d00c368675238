"""What must exist in workbook 00: tax rates, people, departments, accounts, units, parameters.

Rules F016, F019 .. F023, F037, F057.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from pipeline.check.case import Case, shown
from pipeline.check.cells import Entry, entries
from pipeline.check.procedure import on_the_day, undated, who
from pipeline.core.company import NUMBER_AND_NAME, OF_VOLUNTARY, Company, normal_name
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.derive.days import SIGNED, day_of
from pipeline.derive.former_names import cells_named
from pipeline.derive.records import Records

_SIGNED = {f"records.{sheet}.{person}": day for sheet, person, day in SIGNED}
_BETWEEN = re.compile(r"[、;,\n]")
# From when somebody is needed: it counts while it is still to come.
_BEGINS = {
    "staffing.lines.emp_no": "start",
    "master.departments.head_emp": "valid_from",
    "master.persons.deputies": "deputies_from",
}
# Workbooks that make the plan: a change leaves its older version as it was.
_PLANNED = frozenset({"plan", "cost", "materials", "staffing"})
_SHARED_DEPARTMENT, _LABOUR_ACCOUNT = "相关部门", "2001"
# Whose department stands beside them in workbook 06 (rule F021): sheet, person.
_OF_DEPARTMENTS = (("countersign", "signer"), ("creview", "reviewer"), ("problems", "raiser"))


def tax_rate(case: Case) -> Iterator[Finding]:
    """F016: a tax rate is one of the company's."""
    expected = "、".join(shown(rate) for rate in sorted(case.company.tax_rates))
    for entry in entries(case, "F016", {"percent"}):
        rate = entry.cell.value
        known = not isinstance(rate, Decimal) or rate in case.company.tax_rates
        if entry.field.reference == "master.tax_rates.rate" and not known:
            yield case.finding("F016", entry.cell.at, value=rate, found=rate, expected=expected)


def known_person(case: Case) -> Iterator[Finding]:
    """F019 (6.2.3): an employee is in the company's list and works there on the day; 待定 will do until the approval.

    Whoever has left is no fault of a record of before, only of what is still to be done; he is told once, with all
    cells that name him, but for those of workbook 00, which others mend. A number that nobody has is told everywhere.
    """
    named = Records(case.project).approved
    gone: dict[tuple[str, bool], list[tuple[Entry, str]]] = {}
    for entry in _people(case, "F019"):
        value, other = entry.cell.value, () if named else entry.field.also_allowed
        for number in value if isinstance(value, tuple) else (str(value),):
            if number not in other and number not in case.company.persons:
                yield _nobody(case, entry, number)
            elif number not in other and (found := _absent(case, entry, number)):
                gone.setdefault((number, entry.name.startswith("master.")), []).append((entry, found))
    for (number, _), cells in gone.items():
        yield _gone(case, number, cells)


# What to do about somebody who is not there: in a row of workbook 00, else in a record of the project.
_SECOND_ROW = "请质量管理部在00的{}表另加一行(原行填{},新行填{}和在职的{}),以前的签字仍按原行;工号写错的直接改正"
_SECOND_ROW_EN = (
    "Ask quality management to add a second row in workbook 00, sheet {} (last day on the old row; first day and a {} "
    "who works here on the new one): signatures from before keep the old row; a mistyped number is simply corrected"
)
_IN_00 = {
    "master.departments.head_emp": (
        _SECOND_ROW.format("部门", "失效日期", "生效日期", "负责人"),
        _SECOND_ROW_EN.format("部门", "head"),
    ),
    "master.persons.deputies": (
        _SECOND_ROW.format("人员", "离职日期", "入职日期", "代理人"),
        _SECOND_ROW_EN.format("人员", "deputy"),
    ),
}
_IN_PROJECT = (
    "从下拉列表选择当日在职的人员;离职的由接手人办理:06“变更”登记一张类型“人员”的变更单(变更前写谁,变更后写接手人),"
    "批准以后原计划不用改。离职以前的签字仍然有效:请质量管理部在00的人员表填离职日期",
    "Choose somebody who works here that day; a successor takes over what is still open: register a change of kind "
    "人员 in 06 (before: who; after: the successor), and once it is approved the plan of before stays as it is. "
    "Signatures from before stay valid: ask quality management to fill the leaving date in workbook 00",
)


def _do(entry: Entry) -> dict[str, str]:
    return dict(zip(("do", "do_en"), _IN_00.get(entry.name, _IN_PROJECT), strict=True))


def _nobody(case: Case, entry: Entry, number: str) -> Finding:
    what = {"what": "不在人员表中", "what_en": "is unknown", **_do(entry)}
    return case.finding("F019", entry.cell.at, pending=False, value=number, **what, found=number, expected="在职人员")


def _gone(case: Case, number: str, cells: Sequence[tuple[Entry, str]]) -> Finding:
    """Somebody who has left, at the first signature after that; without one at the first cell that still names him."""
    (first, said), *others = sorted(cells, key=lambda cell: not _signed_there(cell[0]))
    what, what_en = "那天不在职", "does not work here that day"
    if others:
        what, what_en = f"{what},共{len(cells)}处", f"{what_en}, in {len(cells)} cells"
    values = {"value": said, "what": what, "what_en": what_en, "found": number, "expected": "在职人员", **_do(first)}
    return case.finding("F019", first.cell.at, [entry.cell.at for entry, _ in others], pending=False, **values)


def _signed_there(entry: Entry) -> bool:
    """Whether a cell is a signature with its day."""
    day = _SIGNED.get(entry.name)
    return day is not None and entry.record.date(day) is not None


def _absent(case: Case, entry: Entry, number: str) -> str:
    """What to call somebody who is not there when the work is done; empty for everybody else."""
    late = [
        day or case.as_of for day in _needed(case, entry, number) if not case.company.employed(number, day, case.as_of)
    ]
    return f"{who(case, number)}({late[0]})" if late else ""


def _needed(case: Case, entry: Entry, number: str) -> Sequence[date | None]:
    """Days on which somebody is needed; None: today."""
    if made := _planned_before(case, entry, number):
        return [made]
    begin = entry.record.date(_BEGINS[entry.name]) if entry.name in _BEGINS else None
    until = day_of(case.project, entry.name, entry.record, case.facts.steps)
    days = [begin.value] if begin and begin.value > case.as_of else []
    return [*days, *([until.value] if until else [] if days else [None])]


def _planned_before(case: Case, entry: Entry, number: str) -> date | None:
    """Day of a plan that names somebody whom a later approved change relieves: it is right for its time (6.4.8)."""
    change, versions = case.relieved.get(number), case.project.rows("plan", "revisions")
    made, approved = versions[-1].date("date") if versions else None, change.date("approve_date") if change else None
    if made is None or approved is None or change is None or entry.name.split(".")[0] not in _PLANNED:
        return None
    follows = made.value > approved.value or versions[-1].text("change_no") == change.text("no")
    return None if follows else made.value


def _people(case: Case, rule: str) -> Iterator[Entry]:
    for entry in entries(case, rule, {"emp", "list"}):
        if entry.cell.value is not None and (entry.field.type == "emp" or entry.field.item_type == "emp"):
            yield entry


def _is_list(entry: Entry) -> bool:
    return entry.field.type == "list"


def name_beside_number(case: Case) -> Iterator[Finding]:
    """F020 (6.2.3): a name beside an employee number is that employee's."""
    for entry in _people(case, "F020"):
        text = unicodedata.normalize("NFKC", entry.cell.shown)
        for part in _BETWEEN.split(text) if _is_list(entry) else [text]:
            if (match := NUMBER_AND_NAME.fullmatch(part.strip())) and match["name"]:
                number, name = match["no"], match["name"].strip(" ()/:-_")
                yield from _name(
                    case, (number if number in case.company.persons else number.upper(), name), entry.cell.at
                )
    for row in case.project.rows("staffing", "lines"):
        yield from _name(case, (row.text("emp_no"), row.typed("name")), row.at("name"), row.at("emp_no"))


def _name(case: Case, pair: tuple[str, str], at: Place, *related: Place) -> Iterator[Finding]:
    number, name = pair
    person = case.company.persons.get(number)
    if person and name and normal_name(name) != normal_name(person.name):
        yield case.finding("F020", at, related, emp=number, value=name, found=name, expected=person.name)


def known_department(case: Case) -> Iterator[Finding]:
    """F021 (6.2.3): a department exists; beside a person it is that person's, under a name it has or had."""
    planned = case.company.department_names(case.facts.business_date)
    for row in case.project.rows("cost", "lines"):
        dept = row.text("dept")
        shared = dept == _SHARED_DEPARTMENT and row.text("acc") == _LABOUR_ACCOUNT
        if dept and not shared and normal_name(dept) not in planned:
            yield _department(case, row, "", "部门表中的部门")
    for row, name in _beside_people(case):
        person, views = name.rpartition(".")[2], _views(case, name, row)
        days = [(then, then.day or case.as_of) for then in views]
        if row.typed("dept") and all(_of_another(then, day, row, person) for then, day in days):
            own = views[0].department_of(row.text(person))
            yield _department(case, row, person, own.name if own else "部门表中的部门")


def _views(case: Case, name: str, row: Record) -> tuple[Company, ...]:
    """The company on the day of a row; of the plan also on the plan's own day: who moved since was there then."""
    then, planned = on_the_day(case, name, row), case.facts.business_date
    of_plan = name.partition(".")[0] in _PLANNED and then.day and planned < then.day
    return (then, case.company.on(planned)) if of_plan else (then,)


def _of_another(then: Company, day: date, row: Record, person: str) -> bool:
    """Whether the department beside somebody is not there on a day, or not that of this person."""
    own, names = then.department_of(row.text(person)), then.department_names(day)
    code = names.get(normal_name(row.typed("dept")))
    former = own is not None and code is None and own.code == then.department_key(row.typed("dept"))
    return not former and (code is None or (own is not None and code != own.code))


def supposed_department(case: Case) -> Iterator[Finding]:
    """F057 (6.2.3): a name that counts as a former one of a department stands in workbook 00, too."""
    for name, code in case.company.supposed:
        dept, (first, *others) = case.company.departments.get(code), cells_named(case.project, name)
        expected = dept.name if dept else code
        yield case.finding("F057", first, others, value=name, found=name, expected=expected)


def _beside_people(case: Case) -> Iterator[tuple[Record, str]]:
    """Rows with a department and the field of the person beside it, as forms name it; of records the last round."""
    yield from ((row, "staffing.lines.emp_no") for row in case.project.rows("staffing", "lines"))
    for sheet, person in _OF_DEPARTMENTS:
        yield from ((row, f"records.{sheet}.{person}") for row in Records(case.project).rows(sheet))


def _department(case: Case, row: Record, person: str, expected: str) -> Finding:
    found, emp = row.typed("dept"), row.text(person) if person else ""
    related = [row.at(person), *undated(case, emp, "dept_code")] if emp else []
    what, what_en = _wrong_department(case, found, emp)
    texts = {"value": found, "what": what, "what_en": what_en, "found": found, "expected": expected}
    return case.finding("F021", row.at("dept"), related, pending=False, **texts)


def _wrong_department(case: Case, name: str, emp: str) -> tuple[str, str]:
    """What is wrong with a department: unknown, another's, or there on other days only."""
    if not case.company.ever_named(name):
        return "不在00的部门表里", "is not in workbook 00"
    if emp:
        return f"不是{who(case, emp)}的部门", f"is not that of {who(case, emp)}"
    day = case.facts.business_date
    return f"在{day}已撤销或还没有设立(00的部门表)", f"is not there on {day} (workbook 00)"


def known_account(case: Case) -> Iterator[Finding]:
    """F022 (6.3.1): a cost account exists."""
    for row in case.project.rows("cost", "lines"):
        acc = row.text("acc")
        if acc and acc not in case.company.accounts:
            yield case.finding("F022", row.at("acc"), value=acc, found=acc, expected="费用科目表中的科目")


def known_unit(case: Case) -> Iterator[Finding]:
    """F023 (6.3.1): a unit of measure is given and is one of the company's."""
    for form in ("cost", "materials"):
        for row in case.project.rows(form, "lines"):
            unit = row.text("unit")
            if "unit" in row.cells and unit not in case.company.units:
                yield case.finding("F023", row.at("unit"), value=unit, found=unit, expected="计量单位表中的单位")


def known_parameter(case: Case) -> Iterator[Finding]:
    """F037 (7.1): a parameter of workbook 00 is one that the program reads; of a misspelt one the default counts."""
    known = {**case.company.defaults, **OF_VOLUNTARY}
    for row in case.company.book.sheets["parameters"].rows:
        key = row.text("key")
        if key and key not in known:
            near = "、".join(difflib.get_close_matches(key, known, n=1)) or "参数表说明中的参数"
            yield case.finding("F037", row.at("key"), value=key, found=key, expected=near)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    tax_rate,
    known_person,
    name_beside_number,
    known_department,
    supposed_department,
    known_account,
    known_unit,
    known_parameter,
)
