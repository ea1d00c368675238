"""Whether projects share people sensibly (rules B404, B405, B409, P561)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache

from pipeline.check.batch import Batch, grouped, some
from pipeline.check.case import shown
from pipeline.core.company import normal_name
from pipeline.core.entries import UNDECIDED, Stay
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding
from pipeline.definitions.procedure import load_procedure
from pipeline.derive.classification import MAJOR
from pipeline.derive.load import busy, monday_of
from pipeline.derive.occupancy import Clash, Use, clashes, people

FULL = Decimal(100)


def person_overloaded(batch: Batch) -> Iterator[Finding]:
    """B404 (6.3.1; 6.2.3): nobody is planned for more than 100 % of a working day by several projects."""
    worked = cache(batch.company.calendar.is_workday)
    for emp_no, uses in people(batch.projects).items():
        for clash in clashes(uses, FULL, worked, projects=2):
            yield _shared(batch, "B404", clash, name=_name(batch, emp_no, uses), v=clash.peak, expected="≤100%")


def _shared(batch: Batch, rule: str, clash: Clash, **values: object) -> Finding:
    """Reported at the row that came last, the others related."""
    at = max(clash.uses, key=lambda use: (use.start, use.project))
    codes = [at.project, *clash.projects]
    texts = {"s": clash.first, "e": clash.last, "list": some(clash.projects), "found": f"{shown(clash.peak)}%"}
    return batch.finding(rule, codes, at.at, [use.at for use in clash.uses], **{**texts, **values})


def _name(batch: Batch, emp_no: str, uses: list[Use]) -> str:
    """Name by workbook 00, else as the projects write it."""
    known = batch.company.persons.get(emp_no)
    return known.name if known else next((use.label for use in uses if use.label), emp_no)


def engineer_full(batch: Batch) -> Iterator[Finding]:
    """P561 (网络工程项目工作流程要点, 2): who is named for a request has days left in that week, over all projects.

    Days of one project alone that are more than there are stand at its plan (W166).
    """
    worked, uses = cache(batch.company.calendar.is_workday), people(batch.projects)
    for facts in batch.projects:
        for request in facts.entries.requests:
            week = busy(uses.get(request.engineer, ()), monday_of(request.day), worked)
            codes = sorted({use.project for use in week.uses})
            if week.over and len(codes) > 1:
                values = {"no": request.no, "name": batch.company.name_of(request.engineer), "s": week.monday}
                days = {"a": week.planned, "b": week.workdays, "list": some(codes)}
                said = {"found": f"{shown(week.planned)}人天", "expected": f"≤{week.workdays}人天"}
                at, related = request.at, [use.at for use in week.uses]
                yield batch.finding("P561", [facts.code, *codes], at, related, **values, **days, **said)


def too_many_projects(batch: Batch) -> Iterator[Finding]:
    """B405 (5.1): a project manager has no more active projects than allowed, and one major one at most."""
    most, ended = batch.parameter("max_projects_per_pm"), load_procedure().ended
    active = [f for f in batch.projects if f.entries.appointed and f.state not in ended]
    for emp_no, group in grouped(active, _manager).items():
        major = sum(1 for facts in group if facts.project_class and facts.project_class.value == MAJOR)
        if len(group) > most or major > 1:
            *others, last = [(f.code, f.entries.appointed.at) for f in group if f.entries.appointed]
            found = f"{len(group)}个(重大{major}个):{some(facts.code for facts in group)}"
            values = {"n": len(group), "found": found, "expected": f"≤{shown(most)}个,重大项目≤1个"}
            related, codes = [at for _, at in others], [code for code, _ in (last, *others)]
            yield batch.finding("B405", codes, last[1], related, name=batch.company.name_of(emp_no), **values)


def _manager(facts: Facts) -> str:
    return facts.entries.appointed.value if facts.entries.appointed else ""


def one_person_a_number(batch: Batch) -> Iterator[Finding]:
    """B409 (6.2.3): an employee number stands for one name, department and grade in all files."""
    rows = [(f.code, stay) for f in batch.projects for stay in f.entries.stays if stay.emp_no != UNDECIDED]
    for emp_no, group in grouped(rows, lambda row: row[1].emp_no).items():
        counted = Counter(_who(stay) for _, stay in group)
        if len(counted) < 2 or len({code for code, _ in group}) < 2:
            continue
        right = counted.most_common(1)[0][0]
        odd = [row for row in group if _who(row[1]) != right]
        rest = [next(row for row in group if _who(row[1]) == right), *odd[1:]]
        values = {"emp": emp_no, "found": some("/".join(_who(stay)) for _, stay in odd), "expected": "/".join(right)}
        codes, related = [code for code, _ in (odd[0], *rest)], [stay.emp_at for _, stay in rest]
        yield batch.finding("B409", codes, odd[0][1].emp_at, related, **values)


def _who(stay: Stay) -> tuple[str, str, str]:
    return normal_name(stay.name), normal_name(stay.dept), stay.grade


CHECKS: tuple[Callable[[Batch], Iterator[Finding]], ...] = (
    person_overloaded,
    engineer_full,
    too_many_projects,
    one_person_a_number,
)
