"""Who manages the project on a day: the notice names the first, approved changes of kind 人员 those who follow."""

from __future__ import annotations

from collections.abc import Iterable
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


def _successor(row: Record, company: Company) -> Manager | None:
    """Who takes over by an approved change: the cell for it, else the one person that the new state names."""
    start = row.date("effective_date") or row.date("approve_date")
    if row.text("kind") != _KIND or row.text("status") not in IN_FORCE or start is None:
        return None
    if row.text("new_pm"):
        return Manager(row.text("new_pm"), row.at("new_pm"), start.value)
    after = row.text("after")
    named = [one.no for one in company.persons.values() if one.name in after or one.no in after]
    return Manager(named[0], row.at("after"), start.value) if _POST in after and len(named) == 1 else None
