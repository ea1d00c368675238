"""Whose hand a record may bear (clauses 5.1 to 6.7; rules G330 .. G333, W200, W201, W203, W204).

`procedure.toml` says of each cell which roles may fill it or decide there, by roles of the project or by the approval
matrix of workbook 00 of that day; here it becomes findings. Deputies of workbook 00 count. A role that workbook 00 does
not know says nothing against anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pipeline.check.case import Case
from pipeline.check.procedure import on_the_day, records_of, undated, who
from pipeline.core.company import normal_name
from pipeline.core.findings import Finding
from pipeline.core.sheets import LIST_SEPARATORS, Record
from pipeline.definitions.fillers import is_nothing
from pipeline.definitions.procedure import Hand, load_procedure
from pipeline.derive.holders import holders, in_words
from pipeline.derive.managers import manager_on

_TEAM = "项目组成员"


@dataclass(frozen=True, slots=True)
class Signed:
    """A cell that names somebody, with its row and where the form puts it."""

    name: str
    row: Record

    @property
    def key(self) -> str:
        """Field of the cell."""
        return self.name.rpartition(".")[2]

    @property
    def emp_no(self) -> str:
        """Who is named."""
        return self.row.text(self.key)


def may_fill(case: Case) -> Iterator[Finding]:
    """G330 .. G333, W200, W204: who is named may do it; what one person did where he may not is one finding."""
    for hand in (hand for hand in load_procedure().hand if not _unknown_team(case, hand)):
        wrong: dict[tuple[str, str], list[Signed]] = {}
        for one in _signed(case, hand):
            if may := _lacking(case, hand, one):
                wrong.setdefault((one.emp_no, may), []).append(one)
        for (emp_no, may), found in wrong.items():
            yield _finding(case, hand.rule, found, emp_no, may)


def _unknown_team(case: Case, hand: Hand) -> bool:
    """Whether the team may, and the plan does not say who is in it (G343)."""
    return _TEAM in hand.may and case.project.has("plan") and not case.project.rows("plan", "organisation")


def _finding(case: Case, rule: str, found: list[Signed], emp_no: str, may: str) -> Finding:
    first, *others = found
    company = on_the_day(case, first.name, first.row)
    person, dept = company.persons[emp_no], company.department_of(emp_no)
    said = f"{who(case, emp_no)}({dept.name if dept else ''}{person.title})"
    related = [*(one.row.at(one.key) for one in others), *undated(case, emp_no, "post")]
    what, at = _what(case, first), first.row.at(first.key)
    return case.finding(rule, at, related, who=said, what=what, may=may, found=said, expected=may)


def _what(case: Case, one: Signed) -> str:
    """Sheet and label of a cell: 方案审批 批准人."""
    book, sheet, key = one.name.split(".")
    form = case.forms[book].sheet_form(sheet)
    item = form.item(one.row.text("no")) if form.items else None
    return f"{form.name} {item.label if item else {f.key: f.label for f in (*form.labelled, *form.fields)}[key]}"


def _signed(case: Case, hand: Hand) -> Iterator[Signed]:
    for name in hand.cells:
        book, sheet, key = name.split(".")
        rows = records_of(case).rows(sheet) if book == "records" else case.project.rows(book, sheet)
        for row in (case.project.head(book, sheet), *rows):
            chosen = not hand.where or row.text(hand.where) in hand.values
            if chosen and not row.blank(key) and row.text(key) in case.company.persons:
                yield Signed(name, row)


def _lacking(case: Case, hand: Hand, one: Signed) -> str:
    """Who may do it, in words, where the person named is none of them; empty where all is well, or nobody is known."""
    company = on_the_day(case, one.name, one.row)
    found = holders(case.project, company, case.facts, hand, one.row)
    numbers = [no for several in found.values() for no in several]
    if not numbers or one.emp_no in numbers or one.emp_no in company.deputies(numbers):
        return ""
    return in_words(company, found)


# -- the departments that are told, the authority to sign --------------------------------------------------------------


def told(case: Case) -> Iterator[Finding]:
    """W201 (6.2.2): the notice goes to the departments that countersigned and to those of the team."""
    head, key = case.project.head("records", "notice"), case.company.department_key
    if head.blank("notify"):
        return
    company = on_the_day(case, "records.notice.by", head)
    team = [dept.name for no in head.choices("team") if (dept := company.department_of(no))]
    told = head.choices("notify")
    named = {key(name) for name in told}
    wanted = (*case.facts.countersigners, *team)
    lacking = {key(name): name for name in wanted if key(name) not in named and not _written_in(told, name)}
    if lacking:
        names = "、".join(lacking.values())
        yield case.finding("W201", head.at("notify"), [head.at("team")], depts=names, found="", expected=names)


def _written_in(told: Sequence[str], name: str) -> bool:
    """Whether a name that holds a separator of lists itself stands in a list, taken apart as it was read."""
    parts = tuple(filter(None, map(normal_name, LIST_SEPARATORS.split(name))))
    there = tuple(map(normal_name, told))
    return any(there[start : start + len(parts)] == parts for start in range(len(there)))


def authority(case: Case) -> Iterator[Finding]:
    """W203 (6.5): the authority to sign is a paper: attached under its number, or numbered as the company numbers.

    A number that says nothing is none (G313).
    """
    head = case.project.head("records", "signing")
    number, signed = head.text("auth_no"), head.date("sign_date")
    manager = manager_on(case.managers, signed.value if signed else None)
    own = manager is not None and manager.no == head.text("signer")
    if is_nothing(number) or own or case.pattern("auth_no_regex").fullmatch(number):
        return
    if not any(number in file.path for file in case.project.attachments):
        yield case.finding(
            "W203", head.at("auth_no"), [head.at("signer")], value=number, found=number, expected="授权书"
        )


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (may_fill, told, authority)
