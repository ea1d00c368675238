"""Who may fill a cell or decide there, on a day: roles of the project, and the approval matrix of workbook 00."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.facts import Facts
from pipeline.core.sheets import Project, Record
from pipeline.definitions.procedure import Hand, Role, load_procedure
from pipeline.derive.classification import class_of
from pipeline.derive.managers import manager_on, managers

_CHAIR = {True: "chair_small", False: "chair_large"}
_MANAGER = "部门经理"


def holders(project: Project, company: Company, facts: Facts, hand: Hand, row: Record) -> Mapping[str, tuple[str, ...]]:
    """Numbers of those who may, by what they are called; nothing where one of the roles is nobody that is known.

    Args:
        project: the project.
        company: workbook 00 as it was on the day of the record.
        facts: what was found out, for class and chains.
        hand: which roles may.
        row: the record, for the department that it names.
    """
    found = {role: tuple(_of_role(project, company, facts, role, row)) for role in hand.may}
    found |= _of_matrix(project, company, facts, hand)
    wanted = len(hand.may) + bool(hand.matrix)
    return found if len(found) >= wanted and all(found.values()) else {}


def in_words(company: Company, found: Mapping[str, Iterable[str]]) -> str:
    """Who may, inside a message: 销售代表 E103 田一诺、市场销售部的人员."""
    texts = []
    for role, numbers in found.items():
        people = [f"{no} {company.name_of(no)}" for no in dict.fromkeys(numbers)]
        texts.append(f"{role}({'、'.join(people)})" if len(people) <= _FEW else role)
    return "、".join(texts)


_FEW = 2


# -- roles of the project ----------------------------------------------------------------------------------------------


def _of_role(project: Project, company: Company, facts: Facts, role: str, row: Record) -> Iterator[str]:
    known = load_procedure().roles.get(role)
    if known is None:
        yield from company.with_post(role)
        return
    yield from _managing(project, company, known) if known.follows else _named(project, known)
    yield from _by_title(company, known)
    if known.organised:
        rows = project.rows("plan", "organisation")
        yield from (one.text("emp") for one in rows if one.text("role") == known.organised and not one.blank("emp"))
    for name in filter(None, (known.department, row.text(known.row) if known.row else "")):
        dept = company.department_named(name)
        yield from [dept.head] if dept else []
    if known.members:
        code = company.department_key(known.members)
        yield from (one.no for one in company.persons.values() if one.dept == code)
    if known.chiefs:
        posts = {dept.cxo for dept in company.departments.values() if dept.cxo}
        yield from (one.no for one in company.persons.values() if one.post in posts)
    if known.chief_of and (dept := company.department_named(known.chief_of)):
        yield from company.with_post(dept.cxo)
    if known.presides:
        yield from _chair(project, company, facts)


def _managing(project: Project, company: Company, role: Role) -> Iterator[str]:
    """The project manager of the day of the view; before anybody took over whom notice and plan name."""
    found = managers(project, company)
    now = manager_on(found, company.day)
    if len(found) > 1 and now:
        yield now.no
    else:
        yield from _named(project, role)


def _named(project: Project, role: Role) -> Iterator[str]:
    """Everybody whom the cells of a role name, in heads and rows."""
    for name in role.cells:
        book, sheet, key = name.split(".")
        for record in (project.head(book, sheet), *project.rows(book, sheet)):
            yield from record.choices(key)


def _by_title(company: Company, role: Role) -> Iterator[str]:
    """Those with a title, and the heads of their departments."""
    titled = [one for one in company.persons.values() if role.title and role.title in one.title]
    for one in titled:
        yield one.no
        if dept := company.departments.get(one.dept):
            yield dept.head


def _chair(project: Project, company: Company, facts: Facts) -> Iterator[str]:
    """Who presides over the review of a bid of this price (parameters `chair_limit`, `chair_small`, `chair_large`).

    The price is that of the bid; before there is one, the quotation's.
    """
    price = project.head("records", "bidding").money("price") or facts.figure_or_none("quotation", "price")
    if price and company.day:
        limit = company.parameter("chair_limit", company.day)
        yield from company.with_post(company.text_parameter(_CHAIR[price.value <= limit], company.day))


# -- the approval matrix -----------------------------------------------------------------------------------------------


def _of_matrix(project: Project, company: Company, facts: Facts, hand: Hand) -> Mapping[str, tuple[str, ...]]:
    amount = project.head("plan", "basics").money("contract_amount")
    if not hand.matrix or not amount or not company.day:
        return {}
    steps = company.chain(hand.matrix, class_of(project, facts), Decimal(amount.value), company.day)
    found = {}
    for step in steps:
        if step.action in hand.actions:
            dept = company.departments.get(step.dept) if step.role == _MANAGER else None
            numbers = [dept.head] if dept else _of_role(project, company, facts, step.role, Record(amount.at))
            found[f"{dept.name if dept else ''}{step.role}"] = tuple(numbers)
    return found
