"""Workbook 00: the company's departments, people, rates, thresholds, calendar and approval chain, typed.

Everything holds for a time: `Company.on` is the company as it was on a day, and what is recorded is looked up there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from pipeline.core.errors import DefinitionError
from pipeline.core.money import NotAnAmount, typed_number
from pipeline.core.sheets import Record, Sheet, Workbook, no_sheet
from pipeline.core.workdays import WorkCalendar

# `E302 卢海峰`, `E302(卢海峰)`, `E302卢海峰` in one cell: letters, digits, and a stroke between them or none.
NUMBER_AND_NAME = re.compile(r"(?P<no>[A-Z]{0,4}-?\d{2,8})(?!\d)(?:[\s_-]*(?P<name>\S.*))?", re.IGNORECASE | re.ASCII)


# Parameters that only the voluntary workbooks ask for: workbook 00 may hold them, and says nothing of them as it comes.
OF_VOLUNTARY: Mapping[str, str] = {
    "day_start": "08:30",
    "day_end": "17:30",
    "travel_account": "3001",  # cost account of the trips of workbook 10
    "log_day_hours": "8",  # hours of a person-day
    "report_days": "5",  # working days from the end of a support to its report
    "research_days": "90",  # age of the newest market research at the application
    "lead_days": "30",  # without a step of a lead that is followed
    "amount_bands": "100000、500000、1000000、5000000",  # yuan: where the bands of the hit rate by amount begin
    "kickoff_days": "10",  # working days from the contract to the kick-off meeting
    "compensation_limit": "1000",  # yuan; above it a CXO approves what a customer is given for a problem
    "log_tolerance": "10",  # per cent by which logged and reported person-days may differ
}

# What the title of a network engineer holds, however it is put: 网络工程师, 高级网络工程师, 项目工程师(网络).
_ENGINEER = ("网络", "工程师")


@dataclass(frozen=True, slots=True)
class Department:
    """A department and what it must sign.

    Attributes:
        valid_from: from when the row holds; where there are former names, the day of the renaming.
        valid_until: last day on which it holds.
        former: names that it had before `valid_from`, the last one last.
    """

    code: str
    name: str
    head: str
    cxo: str
    construction: bool
    countersign: str
    creview: str
    mail_group: str
    valid_from: date | None = None
    valid_until: date | None = None
    former: tuple[str, ...] = ()

    def on(self, day: date) -> Department | None:
        """The department as it was on a day, under its name of then; None: there was none."""
        if self.valid_until and day > self.valid_until:
            return None
        if self.valid_from and day < self.valid_from:
            return replace(self, name=self.former[-1]) if self.former else None
        return self


@dataclass(frozen=True, slots=True)
class Person:
    """An employee; somebody who changes department or post has a row for each time.

    Attributes:
        dept: code of the department.
        active: works here today, as far as the status says.
        entered: first day; None: not known, long ago.
        left: last day; None: still here, or not known when.
        engineer: whether somebody is a network engineer of a construction department (6.2.3); None: the title says it.
        deputies: numbers of those who may sign and decide for this person, from `deputies_from` on.
    """

    no: str
    name: str
    dept: str
    title: str
    grade: str
    post: str
    email: str
    active: bool
    entered: date | None = None
    left: date | None = None
    engineer: bool | None = None
    deputies: tuple[str, ...] = ()
    deputies_from: date | None = None

    def on(self, day: date) -> Person:
        """The person with whether there is work here on a day; who left nobody knows when is not active."""
        begun = self.entered is None or self.entered <= day
        return replace(self, active=begun and (day <= self.left if self.left else self.active))

    @property
    def knows_networks(self) -> bool:
        """Whether workbook 00 says so, else the title."""
        return all(part in self.title for part in _ENGINEER) if self.engineer is None else self.engineer


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an approval chain: who does what for which document, class and amount."""

    doc_type: str
    project_class: str
    minimum: Decimal
    maximum: Decimal | None
    number: int
    role: str
    dept: str
    action: str
    valid_from: date | None = None


@dataclass(frozen=True, slots=True)
class Parameter:
    """A threshold with the day from which it counts."""

    key: str
    value: str
    valid_from: date | None

    def counts(self, on: date) -> bool:
        """Whether the value holds on a day, unless a later one does."""
        return self.valid_from is None or self.valid_from <= on


@dataclass(frozen=True)
class Company:
    """The master data. `book` keeps the cells, so that checks can point at them.

    Attributes:
        departments: by code, as they are on the day of this view; without a day as they are written last.
        persons: by number, likewise; who has left is still known.
        day: of this view; None: of no day.
        offices: every row of the departments.
        people: every row of the persons.
        supposed: former names that a project's signatures show and workbook 00 lacks, with the department's code.
        defaults: parameters that the program knows, with the values that count while workbook 00 says nothing of them.
        others: the company's workbooks beside 00 (09 resources), by form key, as far as they are there.
        unread: why a file beside 00 that is called as one of them could not be read, Chinese and English, by its name.
    """

    book: Workbook
    details: Mapping[str, str]
    departments: Mapping[str, Department]
    persons: Mapping[str, Person]
    accounts: Mapping[str, Record]
    rates: Sequence[tuple[str, Decimal, date]]
    tax_rates: frozenset[Decimal]
    units: frozenset[str]
    equipment: frozenset[str]
    steps: Sequence[Step]
    parameters: Sequence[Parameter]
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    defaults: Mapping[str, str] = field(default_factory=dict)
    offices: Sequence[Department] = ()
    people: Sequence[Person] = ()
    day: date | None = None
    supposed: Sequence[tuple[str, str]] = ()
    others: Mapping[str, Workbook] = field(default_factory=dict)
    unread: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    views: dict[date, Company] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Without rows of their own, departments and people are as they are given."""
        object.__setattr__(self, "offices", self.offices or tuple(self.departments.values()))
        object.__setattr__(self, "people", self.people or tuple(self.persons.values()))

    @property
    def workbooks(self) -> Mapping[str, Workbook]:
        """Workbook 00 and those beside it, by form key."""
        return {self.book.form: self.book, **self.others}

    def sheet(self, form: str, key: str) -> Sheet:
        """A sheet of one of the company's workbooks; an empty one where the workbook is missing."""
        book = self.workbooks.get(form)
        return book.sheets[key] if book else no_sheet(key)

    def on(self, day: date) -> Company:
        """The company as it was on a day: departments and people of then, under their names and posts of then."""
        if day not in self.views:
            departments = {d.code: d for one in self.offices if (d := one.on(day))}
            then = {p.no: p for p in sorted((one.on(day) for one in self.people), key=_last_then(day))}
            persons = {one.no: then[one.no] for one in self.people}
            self.views[day] = replace(self, departments=departments, persons=persons, day=day)
        return self.views[day]

    def employed(self, emp_no: str, day: date | None, today: date) -> bool:
        """Whether somebody is known and works here on a day; without a day: today.

        Of somebody who left nobody knows when, a day of the past is believed.
        """
        rows = [one for one in self.people if one.no == emp_no]
        if any(one.on(day or today).active for one in rows):
            return True
        return bool(day and day <= today) and any(_may_have_been(one, day or today) for one in rows)

    def turns(self) -> set[date]:
        """First days on which something of the company is another."""
        begins = {p.deputies_from for p in self.people} | {p.entered for p in self.people}
        begins |= {d.valid_from for d in self.offices} | {step.valid_from for step in self.steps}
        ends = {p.left for p in self.people} | {d.valid_until for d in self.offices}
        return {day for day in begins if day} | {day + timedelta(days=1) for day in ends if day and day < date.max}

    def text_parameter(self, key: str, on: date) -> str:
        """Value of a parameter on a business day: the latest row that is valid then, else its default.

        Raises:
            DefinitionError: neither workbook 00 nor the program knows such a parameter.
        """
        rows = [p for p in self.parameters if p.key == key and p.counts(on)]
        if rows:
            return max(rows, key=lambda p: p.valid_from or date.min).value
        if key in self.defaults or key in OF_VOLUNTARY:
            return self.defaults.get(key, OF_VOLUNTARY.get(key, ""))
        raise DefinitionError(f"{self.book.path}:“参数”表缺少 {key}(no parameter {key} valid on {on})。")

    def lacking(self, on: date) -> Mapping[str, str]:
        """Parameters of which workbook 00 says nothing on a day, with the defaults that count instead."""
        said = {p.key for p in self.parameters if p.counts(on)}
        return {key: value for key, value in self.defaults.items() if key not in said}

    def parameter(self, key: str, on: date) -> Decimal:
        """Numeric parameter on a business day.

        Raises:
            DefinitionError: missing, or no number.
        """
        text = self.text_parameter(key, on)
        try:
            return typed_number(text)
        except NotAnAmount as error:
            raise DefinitionError(f"{self.book.path}:参数 {key} 的值“{text}”不是数字(not a number)。") from error

    def department_named(self, name: str) -> Department | None:
        """Department by a name that it has or had."""
        code = self.department_key(name)
        return self.departments.get(code)

    def department_key(self, name: str) -> str:
        """Code of the department that has or had a name; the name itself, for comparing, when there is none."""
        wanted = normal_name(name)
        found = (one.code for one in reversed(self.offices) if wanted in _names(one))
        return next(found, wanted)

    def ever_named(self, name: str) -> bool:
        """Whether a department has a name, or had it on any day, also one that is abolished."""
        wanted = normal_name(name)
        return any(wanted in _names(one) for one in self.offices)

    def department_names(self, day: date) -> Mapping[str, str]:
        """Names by which a department may be called on a day, for comparing, with its code.

        Later names are among them: whoever files late knows the new one.
        """
        return {
            name: one.code
            for one in self.offices
            if one.valid_until is None or day <= one.valid_until
            for name in (_names(one) if one.valid_from is None or day < one.valid_from else {normal_name(one.name)})
        }

    def department_of(self, emp_no: str) -> Department | None:
        """Department of an employee."""
        person = self.persons.get(emp_no)
        return self.departments.get(person.dept) if person else None

    def name_of(self, emp_no: str) -> str:
        """Name of an employee; the number itself when unknown."""
        person = self.persons.get(emp_no)
        return person.name if person else emp_no

    def told_apart(self, emp_no: str) -> str:
        """Name of an employee, with the number where somebody else bears the same name."""
        name = self.name_of(emp_no)
        same = {one.no for one in self.people if one.name == name}
        return f"{name}（{emp_no}）" if len(same) > 1 else name

    def standard_rate(self, grade: str, on: date) -> Decimal | None:
        """Day rate of a grade: the latest one valid on that day, in yuan."""
        rows = [(start, rate) for g, rate, start in self.rates if g == grade and start <= on]
        return max(rows)[1] if rows else None

    def chain(self, doc_type: str, project_class: str, amount: Decimal, on: date) -> list[Step]:
        """Approval steps for a document, in order (clauses 4.4, 6.2.2), as they are on a day.

        For each document and class the set with the latest day from which it holds counts.
        """
        fitting = (
            step
            for kind in dict.fromkeys((project_class, "不限"))
            for step in _newest([s for s in self.steps if (s.doc_type, s.project_class) == (doc_type, kind)], on)
            if step.minimum <= amount and (step.maximum is None or amount < step.maximum)
        )
        return sorted(fitting, key=lambda step: step.number)

    def site_engineer(self, emp_no: str) -> bool:
        """Whether somebody is a network engineer of a construction department (6.2.3, 6.7)."""
        person, dept = self.persons.get(emp_no), self.department_of(emp_no)
        return bool(person and person.knows_networks and dept and dept.construction)

    def with_post(self, post: str) -> list[str]:
        """Numbers of those who hold a post and work here."""
        return [one.no for one in self.persons.values() if one.post == post and one.active]

    def deputies(self, numbers: Iterable[str]) -> list[str]:
        """Numbers of those who may sign and decide for some people on the day of this view."""
        known, today = [self.persons[no] for no in numbers if no in self.persons], self.day or date.max
        return [no for one in known if one.deputies_from is None or one.deputies_from <= today for no in one.deputies]

    def countersigning(self, project_class: str, modifies_software: bool) -> list[Department]:
        """Departments that must countersign the plan (clause 6.3.2, domain A.3)."""
        wanted = _wanted(project_class, modifies_software)
        return [d for d in self.departments.values() if d.countersign in wanted]

    def reviewing(self, project_class: str, modifies_software: bool) -> list[Department]:
        """Departments that must review the contract (clause 6.4.6, domain A.3)."""
        wanted = _wanted(project_class, modifies_software)
        return [d for d in self.departments.values() if d.creview in wanted]


def _names(department: Department) -> set[str]:
    """Names that a department has or had, for comparing."""
    return {normal_name(name) for name in (department.name, *department.former)}


def _last_then(day: date) -> Callable[[Person], tuple[bool, bool, date]]:
    """Order in which the row of somebody that counts on a day comes last: at work, begun, begun last."""

    def place(one: Person) -> tuple[bool, bool, date]:
        begun = one.entered or date.min
        return one.active, begun <= day, begun

    return place


def _may_have_been(one: Person, day: date) -> bool:
    return not one.active and one.left is None and (one.entered is None or one.entered <= day)


def _newest(steps: Sequence[Step], day: date) -> list[Step]:
    """The steps that hold on a day; rows without a day have held for ever."""
    begun = [step for step in steps if step.valid_from is None or step.valid_from <= day]
    latest = max((step.valid_from or date.min for step in begun), default=date.min)
    return [step for step in begun if (step.valid_from or date.min) == latest]


def _wanted(project_class: str, modifies_software: bool) -> set[str]:
    """Marks of workbook 00 under which a department must sign."""
    wanted = {"是"} | ({"仅重大"} if project_class == "重大项目" else set())
    return wanted | ({"仅涉软件"} if modifies_software else set())


def normal_name(text: str) -> str:
    """Name for comparing: NFKC, no blanks, half-width brackets (rule X202, domain C.0 10)."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
