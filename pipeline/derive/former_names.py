"""Names of departments that workbook 00 no longer says: gathered from who signed for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from pipeline.core.company import Company, Department, normal_name
from pipeline.core.places import Place
from pipeline.core.sheets import Project
from pipeline.derive.days import day_of

# Where staff write a department: sheet and field, with the person who signs for it, if one does.
_WRITTEN = (
    ("cost", "lines", "dept", ""),
    ("records", "countersign", "dept", "signer"),
    ("records", "creview", "dept", "reviewer"),
    ("records", "problems", "dept", "raiser"),
    ("records", "notice", "notify", ""),
)
_WITNESSES = 2


def with_supposed_names(project: Project, company: Company) -> Company:
    """The company with former names that workbook 00 lacks, as far as the project's own signatures leave no doubt.

    A name that no department has or had on any day counts as a former one of a department when everybody who signs
    under it, in several sheets, belonged to that department on the day of the signature, whose own name stands nowhere
    in the project. A slip of the pen in one row does not.
    """
    owners: dict[str, set[str]] = defaultdict(set)
    sheets: dict[str, set[str]] = defaultdict(set)
    written = {name for name, *_ in _written(project)}
    for name, sheet, own in _signed(project, company):
        if own and not company.ever_named(name):
            owners[name].add(own.code)
            sheets[name].add(sheet)
    own_names = {company.department_key(name) for name in written}
    sure = {
        name: next(iter(codes))
        for name, codes in owners.items()
        if len(codes) == 1 and len(sheets[name]) >= _WITNESSES and not codes & own_names
    }
    several = [code for code in sure.values() if list(sure.values()).count(code) > 1]
    return _named(company, {name: code for name, code in sure.items() if code not in several})


def _named(company: Company, supposed: dict[str, str]) -> Company:
    if not supposed:
        return company
    names = {code: name for name, code in supposed.items()}
    offices = tuple(
        replace(one, former=(names[one.code], *one.former)) if one.code in names else one for one in company.offices
    )
    departments = {
        code: replace(one, former=(names[code], *one.former)) if code in names else one
        for code, one in company.departments.items()
    }
    return replace(company, offices=offices, departments=departments, supposed=tuple(supposed.items()))


def _written(project: Project) -> Iterator[tuple[str, Place]]:
    """Every department that staff wrote, as names are compared, with its cell."""
    for book, sheet, key, _ in _WRITTEN:
        for record in (project.head(book, sheet), *project.rows(book, sheet)):
            yield from ((normal_name(name), record.at(key)) for name in record.choices(key))


def _signed(project: Project, company: Company) -> Iterator[tuple[str, str, Department | None]]:
    """Department, sheet and the signer's own department of that day, of every signature."""
    for book, sheet, key, person in _WRITTEN:
        for record in project.rows(book, sheet) if person else ():
            if not record.blank(key) and not record.blank(person):
                day = day_of(project, f"{book}.{sheet}.{person}", record, {})
                then = company.on(day.value) if day else company
                yield normal_name(record.text(key)), sheet, then.department_of(record.text(person))


def cells_named(project: Project, name: str) -> tuple[Place, ...]:
    """Where staff wrote a department's name."""
    return tuple(at for text, at in _written(project) if text == name)
