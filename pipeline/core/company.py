"""Workbook 00: the company's departments, people, rates, thresholds, calendar and approval chain, typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from pipeline.core.errors import DefinitionError
from pipeline.core.money import NotAnAmount, typed_number
from pipeline.core.sheets import Record, Workbook
from pipeline.core.workdays import WorkCalendar

# `E302 卢海峰`, `E302(卢海峰)`, `E302卢海峰` in one cell: letters, digits, and a stroke between them or none.
NUMBER_AND_NAME = re.compile(r"(?P<no>[A-Z]{0,4}-?\d{2,8})(?!\d)(?:[\s_-]*(?P<name>\S.*))?", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Department:
    """A department and what it must sign."""

    code: str
    name: str
    head: str
    cxo: str
    construction: bool
    countersign: str
    creview: str
    mail_group: str


@dataclass(frozen=True, slots=True)
class Person:
    """An employee; `dept` is the department code."""

    no: str
    name: str
    dept: str
    title: str
    grade: str
    post: str
    email: str
    active: bool


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
        defaults: parameters that the program knows, with the values that count while workbook 00 says nothing of them.
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

    def text_parameter(self, key: str, on: date) -> str:
        """Value of a parameter on a business day: the latest row that is valid then, else its default.

        Raises:
            DefinitionError: neither workbook 00 nor the program knows such a parameter.
        """
        rows = [p for p in self.parameters if p.key == key and p.counts(on)]
        if rows:
            return max(rows, key=lambda p: p.valid_from or date.min).value
        if key in self.defaults:
            return self.defaults[key]
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
        """Department by its name."""
        return next((d for d in self.departments.values() if d.name == name), None)

    def department_of(self, emp_no: str) -> Department | None:
        """Department of an employee."""
        person = self.persons.get(emp_no)
        return self.departments.get(person.dept) if person else None

    def name_of(self, emp_no: str) -> str:
        """Name of an employee; the number itself when unknown."""
        person = self.persons.get(emp_no)
        return person.name if person else emp_no

    def standard_rate(self, grade: str, on: date) -> Decimal | None:
        """Day rate of a grade: the latest one valid on that day, in yuan."""
        rows = [(start, rate) for g, rate, start in self.rates if g == grade and start <= on]
        return max(rows)[1] if rows else None

    def chain(self, doc_type: str, project_class: str, amount: Decimal) -> list[Step]:
        """Approval steps for a document, in order (clauses 4.4, 6.2.2)."""
        fitting = (
            step
            for step in self.steps
            if step.doc_type == doc_type
            and step.project_class in (project_class, "不限")
            and step.minimum <= amount
            and (step.maximum is None or amount < step.maximum)
        )
        return sorted(fitting, key=lambda step: step.number)

    def countersigning(self, project_class: str, modifies_software: bool) -> list[Department]:
        """Departments that must countersign the plan (clause 6.3.2, domain A.3)."""
        wanted = _wanted(project_class, modifies_software)
        return [d for d in self.departments.values() if d.countersign in wanted]

    def reviewing(self, project_class: str, modifies_software: bool) -> list[Department]:
        """Departments that must review the contract (clause 6.4.6, domain A.3)."""
        wanted = _wanted(project_class, modifies_software)
        return [d for d in self.departments.values() if d.creview in wanted]


def _wanted(project_class: str, modifies_software: bool) -> set[str]:
    """Marks of workbook 00 under which a department must sign."""
    wanted = {"是"} | ({"仅重大"} if project_class == "重大项目" else set())
    return wanted | ({"仅涉软件"} if modifies_software else set())


def normal_name(text: str) -> str:
    """Name for comparing: NFKC, no blanks, half-width brackets (rule X202, domain C.0 10)."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
