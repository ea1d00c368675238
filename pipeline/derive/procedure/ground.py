"""What the steps look at: the project, the company, what was found out before, and who owes what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.core.company import Company, Step
from pipeline.core.entries import Awaited
from pipeline.core.facts import ItemFacts
from pipeline.core.places import Place, Sourced
from pipeline.core.procedure import Answer, Breach, Missing
from pipeline.core.sheets import Project, Record
from pipeline.definitions.forms import Form
from pipeline.definitions.procedure import Procedure, StepForm, load_procedure
from pipeline.derive.conditions import holds, typed_cells
from pipeline.derive.managers import Manager, manager_on, managers
from pipeline.derive.records import Records, round_of

Day = Sourced[date] | None


@dataclass(frozen=True)
class Ground:
    """What the steps look at.

    Attributes:
        items: survey items by number.
        blanks: numbers of the items without an answer.
        countersigners: departments that must countersign.
        reviewers: departments that must review the contract.
        project_class: class as stated, else as derived; empty while neither is known.
        answers: of the steps before, by key.
    """

    project: Project
    company: Company
    forms: Mapping[str, Form]
    as_of: date
    items: Mapping[str, ItemFacts] = field(default_factory=dict)
    blanks: Sequence[str] = ()
    countersigners: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    project_class: str = ""
    procedure: Procedure = field(default_factory=load_procedure)
    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def records(self) -> Records:
        """Workbook 06."""
        return Records(self.project)

    @property
    def basics(self) -> Record:
        """First sheet of the plan."""
        return self.project.head("plan", "basics")

    def holds(self, names: tuple[str, ...]) -> list[bool]:
        """Whether each condition, or each of a named list, holds."""
        conditions = self.procedure.conditions_of(names, "procedure.toml")
        return [holds(self.project, self.forms, one) for one in conditions]

    def begun(self, form: StepForm) -> bool:
        """Whether people have filled a cell of the step, and the step that opens it has its day."""
        opened = not form.opened_by or self.answers[form.opened_by].day is not None
        return opened and any(self.filled(name) for name in form.begun_by)

    def filled(self, name: str) -> bool:
        """Whether people have written anything that can be read under a dotted name."""
        return any(cell.value is not None for cell in typed_cells(self.project, self.forms, name))

    def wanted_before(self) -> list[Missing]:
        """What the gates before this one still want, in order."""
        return [one for answer in self.answers.values() if answer.gate for one in answer.missing]

    # -- answers -------------------------------------------------------------------------------------------------------

    def answer(
        self,
        form: StepForm,
        missing: Sequence[Missing] = (),
        breaches: Iterable[Breach] = (),
        day: Day = None,
        /,
        **more: Any,
    ) -> Answer:
        """An answer with what follows from the form: whether it is needed and begun, and its place in the order.

        Args:
            form: the step.
            missing: what it wants where it is needed.
            breaches: what its records break, needed or not.
            day: when it was done.
            more: other attributes of `Answer`, and `by` as employee numbers.
        """
        waived = any(self.holds(form.waived_when)) or not all(self.holds(form.when))
        begun = self.begun(form)
        more["by"] = tuple(dict.fromkeys(self.company.name_of(no) for no in more.get("by", ()) if no))
        more.setdefault("cells", (day.at,) if day else ())
        more.setdefault("ordered", ((form.dated, day),) if form.dated and day else ())
        more = {"begun": begun, "reached": begun, "needed": not waived, "gate": form.gate, "day": day, **more}
        wanted = () if waived else tuple(missing)
        more.setdefault("settled", not wanted)
        return Answer(form.key, missing=wanted, breaches=tuple(breaches), **more)

    def where(self, form: str, sheet: str, key: str = "") -> Place:
        """Where something is filled in: its cell; the sheet, with the name that it should have, where there is none."""
        at = self.project.head(form, sheet).at(key) if key else self.project.sheet(form, sheet).at
        if at.workbook:
            return at
        definition = self.forms[form]
        name = definition.file.format(project_code=self.project.code)
        return Place(name, definition.sheet_form(sheet).name)

    # -- people --------------------------------------------------------------------------------------------------------

    def named(self, what: str, role: str, emp_no: str) -> Awaited:
        """Somebody by number; who is not in workbook 00 stays a role."""
        known = self.company.persons.get(emp_no)
        return Awaited(what, role, known.name if known else "", emp_no if known else "")

    def filler(self, form: StepForm, role: str = "") -> Awaited:
        """Who fills the record of a step: somebody of the project, as `procedure.toml` says."""
        return self.of_role(form.paper, role or form.fills[0])

    def of_role(self, what: str, role: str) -> Awaited:
        """Somebody by a role of the project: cells first, then a title or department of workbook 00, then a post."""
        known = self.procedure.roles.get(role)
        if known is None:
            return self.named(what, role, next(iter(self.then(None).with_post(role)), ""))
        if known.follows and (manager := self.manager(self.as_of)):
            return self.named(what, role, manager.no)
        for name in known.cells:
            book, sheet, key = name.split(".")
            if text := self.project.head(book, sheet).text(key):
                return self.head(what, text) if known.department else self.named(what, role, text)
        if known.department:
            return self.head(what, known.department)
        titled = (one.no for one in self.then(None).persons.values() if one.title == known.title and one.active)
        return self.named(what, role, next(titled, "") if known.title else "")

    def manager(self, day: date | None) -> Manager | None:
        """The project manager of a day; without a day the last one."""
        return manager_on(managers(self.project, self.company), day)

    def head(self, what: str, dept: str) -> Awaited:
        """Head of a department."""
        found = self.then(None).department_named(dept)
        return self.named(what, dept, found.head if found else "")

    def decider(self, what: str, step: Step) -> Awaited:
        """Who takes a step of an approval chain of workbook 00."""
        if dept := self.then(None).departments.get(step.dept):
            return self.named(what, f"{dept.name}{step.role}", dept.head)
        return self.of_role(what, step.role)

    def then(self, day: Day) -> Company:
        """The company as it was on the day of a record; without one, as it is today."""
        return self.company.on(day.value if day else self.as_of)

    def chain(self, doc_type: str, day: Day = None) -> list[Step]:
        """Steps of an approval chain for class and amount, as they were on a day; none while one is not known."""
        amount, on = self.basics.money("contract_amount"), day.value if day else self.as_of
        return self.company.chain(doc_type, self.project_class, amount.value, on) if amount else []

    def who(self, no: str) -> str:
        """A person inside a message: E103 田一诺."""
        name = self.company.name_of(no)
        return no if name == no else f"{no} {name}"


def breach(rule: str, at: Place, related: Iterable[Place] = (), /, **values: Any) -> Breach:
    """A broken sentence; places that lie in no workbook are left out."""
    others = tuple(dict.fromkeys(place for place in related if place != at and place.workbook))
    return Breach(rule, at, others, values)


def in_round(rows: Sequence[Record]) -> dict[str, str]:
    """How a message says that all must answer again, in both languages; nothing in the first round.

    A later round is about another draft or another application: what was said of the one before does not count.
    """
    number = max(map(round_of, rows), default=1)
    if number < 2:
        return {"again": "", "again_en": ""}
    zh = f"第{number}轮（以前各轮说的是改动前的，每一个都要在第{number}轮再写一行）"
    return {
        "again": zh,
        "again_en": f" in round {number} (earlier rounds were about what has changed since: all answer anew)",
    }


def after(one: Day, other: Day) -> bool:
    """Whether both days are known and the first is the later one."""
    return one is not None and other is not None and one.value > other.value
