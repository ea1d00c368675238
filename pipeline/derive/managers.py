"""Who manages the project on a day, and whose work went to another.

The notice names the first project manager, approved changes of kind 人员 those who follow.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from pipeline.core.company import Company
from pipeline.core.places import Place
from pipeline.core.sheets import Project, Record
from pipeline.derive.records import IN_FORCE

_KIND, _POST = "人员", "项目经理"


@dataclass(frozen=True, slots=True)
class Manager:
    """A project manager; `since` is the first day, None for who began."""

    no: str
    at: Place
    since: date | None = None


def managers(project: Project, company: Company) -> tuple[Manager, ...]:
    """All of them in their order; none while neither notice nor plan names one."""
    heads = (project.head("records", "notice"), project.head("plan", "basics"))
    first = [Manager(head.text("pm"), head.at("pm")) for head in heads if head.text("pm")][:1]
    later = [found for row in project.rows("records", "changes") if (found := _successor(row, company))]
    return (*first, *sorted(later, key=lambda one: one.since or date.min)) if first else ()


def manager_on(found: Iterable[Manager], day: date | None) -> Manager | None:
    """Who manages on a day; without a day who came last."""
    there = [one for one in found if one.since is None or day is None or one.since <= day]
    return there[-1] if there else None


def relieved(project: Project, company: Company) -> Mapping[str, Record]:
    """Whose work went to another, by number, with the first approved change that says so.

    A change names them as its state before; one that appoints a project manager relieves who managed until then.
    """
    found: dict[str, Record] = {}
    chain = managers(project, company)
    for row in project.rows("records", "changes"):
        if start := _since(row):
            before = [one.no for one in chain if row.text("new_pm") and (one.since is None or one.since < start)][-1:]
            for no in (*before, *_named_in(row.text("before"), company)):
                found.setdefault(no, row)
    return found


def joined(project: Project, company: Company) -> frozenset[str]:
    """Numbers of those whom approved changes of kind 人员 bring into the project, by their state after."""
    rows = [row for row in project.rows("records", "changes") if _since(row)]
    return frozenset(no for row in rows for no in (row.text("new_pm"), *_named_in(row.text("after"), company)) if no)


def _since(row: Record) -> date | None:
    """From when an approved change of kind 人员 holds; None: it is none."""
    start = row.date("effective_date") or row.date("approve_date")
    valid = row.text("kind") == _KIND and row.text("status") in IN_FORCE
    return start.value if valid and start else None


def _named_in(text: str, company: Company) -> list[str]:
    return [one.no for one in company.persons.values() if one.name in text or one.no in text]


def _successor(row: Record, company: Company) -> Manager | None:
    """Who takes over by an approved change: the cell for it, else the one person that the new state names."""
    start = _since(row)
    if start is None:
        return None
    if row.text("new_pm"):
        return Manager(row.text("new_pm"), row.at("new_pm"), start)
    after = row.text("after")
    named = _named_in(after, company)
    return Manager(named[0], row.at("after"), start) if _POST in after and len(named) == 1 else None
