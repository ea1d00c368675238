"""Workbook 10: whose and of which month it is, hours of a day, trips, and what the reports say (rules P521-P523)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from pipeline.check import fields
from pipeline.check.batch import Batch, grouped, some
from pipeline.check.case import Case, money
from pipeline.core.entries import Reported
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding
from pipeline.core.money import half_up
from pipeline.core.places import Place
from pipeline.core.sheets import Project, Workbook
from pipeline.core.workdays import months
from pipeline.definitions.forms import load_forms
from pipeline.derive.worklog import INSIDE, Line, Trip, hours, lines_of, once

_DAY_HOURS = 24
_PRESALES, _HIGHEST = "售前", "CEO"


# -- the workbook itself -----------------------------------------------------------------------------------------------


def as_the_form_wants(batch: Batch) -> Iterator[Finding]:
    """F001 to F049: every cell of a log holds what its field wants, as in the workbooks of a project."""
    yield from (finding for log in batch.logs for finding in cells_as_wanted(batch, log.book))


def cells_as_wanted(batch: Batch, book: Workbook) -> Iterator[Finding]:
    """What is wrong with single cells of a workbook that belongs to no project."""
    project = Project("", Path(), {book.form: book})
    facts = Facts("", "", batch.as_of, batch.as_of, "", "", ())
    case = Case(project, batch.company, facts, load_forms(), batch.rules)
    for finding in (finding for check in fields.CHECKS for finding in check(case)):
        if finding.at.workbook == book.name:
            yield replace(finding, values={**finding.values, "projects": ""})


def one_log_a_month(batch: Batch) -> Iterator[Finding]:
    """P541 (售前工作流程): a person keeps one log a month; a second one bears somebody else's number, or is a copy."""
    for (emp_no, month), group in grouped(batch.logs, lambda log: (log.emp_no, log.month)).items():
        if emp_no and month:
            for log in group[1:]:
                said = {"who": batch.company.name_of(emp_no), "month": month, "other": group[0].book.name}
                yield batch.finding("P541", (), log.at, [group[0].at], **said, found=emp_no, expected="一人一月一本")


def as_its_file_says(batch: Batch) -> Iterator[Finding]:
    """P559 (售前工作流程): person and month on top are those in the name of the file; of the only log of the two."""
    for log in once(batch.logs):
        said, known = {"emp_no": log.emp_no, "month": log.month}, batch.company.persons
        named = dict(zip(said, log.named, strict=True)) if {log.emp_no, log.named[0]} <= set(known) else {}
        for key, name in named.items():
            if said[key] and said[key] != name:
                at = log.book.sheets["log"].head.at(key)
                yield batch.finding("P559", (), at, (), named=name, head=said[key], found=said[key], expected=name)


def of_its_month(batch: Batch) -> Iterator[Finding]:
    """P540 (售前工作流程): the days of a log lie in its month."""
    for log in batch.logs:
        for line in log.lines:
            if line.day and log.month and f"{line.day:%Y-%m}" != log.month:
                said = {"day": line.day, "month": log.month, "found": line.day, "expected": log.month}
                related = [log.book.sheets["log"].head.at("month")]
                yield batch.finding("P540", (), line.row.at("date"), related, **said)


def of_a_project(batch: Batch) -> Iterator[Finding]:
    """P542 (售前工作流程): a log names projects that are there, or 内部; one finding a code and log."""
    if batch.codes is None:
        return
    known = {code.upper() for code in batch.codes} | {INSIDE}
    for log in batch.logs:
        all_rows: tuple[Line | Trip, ...] = (*log.lines, *log.trips)
        rows = [one for one in all_rows if one.project and one.project not in known]
        for code, group in grouped(rows, lambda one: one.project).items():
            at, *others = [one.row.at("project") for one in group]
            said = {"code": code, "found": code, "expected": "已有的项目编号,或“内部”"}
            yield batch.finding("P542", (), at, others, **said)


# -- hours -------------------------------------------------------------------------------------------------------------


def hours_of_a_day(batch: Batch) -> Iterator[Finding]:
    """P521 (售前工作流程): a day of somebody has 24 hours, whichever projects and logs they stand in."""
    for (emp_no, day), lines in grouped(lines_of(batch.logs), lambda line: (line.emp_no, line.day)).items():
        total = hours(lines)
        if total > _DAY_HOURS and emp_no:
            at, related = lines[-1].row.at("hours"), [line.row.at("hours") for line in lines[:-1]]
            said = {"who": batch.company.name_of(emp_no), "day": day, "total": total, "found": total}
            yield batch.finding("P521", _codes(lines), at, related, **said, expected=f"不超过{_DAY_HOURS}")


def _codes(lines: Iterable[Line | Trip]) -> list[str]:
    return [line.project for line in lines if line.project and line.project != INSIDE]


def as_reported(batch: Batch) -> Iterator[Finding]:
    """P523 (售前工作流程; 6.4.9): the person-days of the newest report are those of the logs, within 10 per cent.

    Where one of those who are planned keeps no log of the time, fewer days are logged than were worked: then only more
    of them than reported is told.
    """
    lines, tolerance = grouped(lines_of(batch.logs), lambda line: line.project), batch.parameter("log_tolerance")
    for facts in batch.projects:
        own = lines.get(facts.code.upper(), [])
        report = next((one for one in reversed(facts.entries.reports) if _told(batch, facts, own, one)), None)
        logged = [line for line in own if report and line.day and line.day <= report.end]
        if report is None or not logged:
            continue
        days = hours(logged) / batch.parameter("log_day_hours")
        least = report.days * (100 - tolerance) / 100 if _complete(batch, facts, report.end) else Decimal(0)
        if not least <= days <= report.days * (100 + tolerance) / 100:
            said = {"period": report.period, "reported": report.days, "days": half_up(days, 1), "found": report.days}
            related = [line.row.at("hours") for line in logged]
            yield batch.finding("P523", [facts.code], report.at, related, **said, expected=half_up(days, 1))


def _told(batch: Batch, facts: Facts, own: Sequence[Line], report: Reported) -> bool:
    """Whether the logs reach the end of a report: one of them goes on that long, or all are there."""
    return any(line.day and line.day >= report.end for line in own) or _complete(batch, facts, report.end)


def _complete(batch: Batch, facts: Facts, end: date) -> bool:
    """Whether everybody who is planned for the presales keeps a log of all months until a day."""
    stays = [stay for stay in facts.entries.stays if stay.scope == _PRESALES and stay.start and stay.start <= end]
    kept = {(log.emp_no, log.month) for log in batch.logs if log.lines}
    wanted = {
        (one.emp_no, month) for one in stays if one.start for month in months(one.start, min(one.end or end, end))
    }
    return bool(wanted) and wanted <= kept


# -- trips -------------------------------------------------------------------------------------------------------------


def trips_in_the_log(batch: Batch) -> Iterator[Finding]:
    """P522 (售前工作流程): a line of a trip names one of its own and lies within it; each working day has its line.

    Of a trip that ends before it begins only that is told, of a number that two trips have nothing (P558).
    """
    every = [trip for log in once(batch.logs) for trip in log.trips if trip.no]
    times = Counter((trip.emp_no, trip.no) for trip in every)
    trips = {(trip.emp_no, trip.no): trip for trip in every}
    kept, lines = {(log.emp_no, log.month) for log in batch.logs}, lines_of(batch.logs)
    told = Counter((line.emp_no, line.trip_no, line.day) for line in lines)
    for line in lines:
        if line.trip_no and times[line.emp_no, line.trip_no] < 2:
            yield from _line_of_trip(batch, line, trips.get((line.emp_no, line.trip_no)))
    for trip in (trip for trip in every if times[trip.emp_no, trip.no] < 2):
        if trip.reversed:
            yield _of_trip(batch, trip.row.at("until"), [trip.row.at("from")], trip, "返回日期早于出发日期")
        days = [day for day in trip.days if day < batch.as_of and (trip.emp_no, f"{day:%Y-%m}") in kept]
        bare = [day for day in days if batch.company.calendar.is_workday(day) and not told[trip.emp_no, trip.no, day]]
        if bare:
            what = f"{some(map(str, bare))}没有日志"
            yield _of_trip(batch, trip.row.at("no"), [trip.row.at("from"), trip.row.at("until")], trip, what)


def approved_by_another(batch: Batch) -> Iterator[Finding]:
    """P522 (售前工作流程): nobody approves his own trip, but who has nobody above him."""
    for log in once(batch.logs):
        person = batch.company.persons.get(log.emp_no)
        for trip in log.trips if person and person.post != _HIGHEST else ():
            if trip.row.text("approver") == log.emp_no:
                yield _of_trip(batch, trip.row.at("approver"), [log.at], trip, "批准人就是出差的人")


def trips_once(batch: Batch) -> Iterator[Finding]:
    """P558 (售前工作流程): a person's trips have a number each."""
    every = [trip for log in once(batch.logs) for trip in log.trips if trip.no]
    for (_, number), (first, *others) in grouped(every, lambda trip: (trip.emp_no, trip.no)).items():
        if others:
            at, *related = [trip.row.at("no") for trip in (*others, first)]
            said = {"book": "10", "sheet": "出差", "code": number, "n": len(others) + 1}
            yield batch.finding("P558", _codes([first]), at, related, **said, found=number, expected="各一行")


def _line_of_trip(batch: Batch, line: Line, trip: Trip | None) -> Iterator[Finding]:
    if trip is None:
        said = {"no": line.trip_no, "what": "没有在“出差”登记", "found": line.trip_no, "expected": "本人登记的出差单号"}
        yield batch.finding("P522", _codes([line]), line.row.at("trip_no"), (), **said)
    elif not trip.reversed and trip.start and trip.end and line.day and not trip.start <= line.day <= trip.end:
        related = [trip.row.at("from"), trip.row.at("until")]
        yield _of_trip(batch, line.row.at("date"), related, trip, f"{line.day}的日志不在出差期间")


def _of_trip(batch: Batch, at: Place, related: Sequence[Place], trip: Trip, what: str) -> Finding:
    said = {"no": trip.no, "what": what, "found": what, "expected": f"{trip.start}至{trip.end}"}
    return batch.finding("P522", _codes([trip]), at, related, **said)


def trips_within_the_plan(batch: Batch) -> Iterator[Finding]:
    """P543 (售前工作流程; 6.3.1): the trips of a project cost no more than its plan holds for travelling."""
    account = batch.company.text_parameter("travel_account", batch.as_of)
    trips = grouped((trip for log in once(batch.logs) for trip in log.trips if trip.cost), lambda trip: trip.project)
    for facts in batch.projects:
        own, planned = trips.get(facts.code.upper(), []), facts.figure_or_zero("cost", "account", account)
        spent = sum((trip.cost.value for trip in own if trip.cost), Decimal(0))
        if facts.figure_or_none("cost", "total") and not planned.broken and spent > planned.value:
            places = [trip.cost.at for trip in own if trip.cost]
            most, related = money(planned.value), [*places[:-1], *planned.from_]
            said = {"spent": money(spent), "planned": most, "account": account, "found": money(spent)}
            yield batch.finding("P543", [facts.code], places[-1], related, **said, expected=f"不超过{most}")


CHECKS: tuple[Callable[[Batch], Iterator[Finding]], ...] = (
    as_the_form_wants,
    one_log_a_month,
    as_its_file_says,
    of_its_month,
    of_a_project,
    hours_of_a_day,
    as_reported,
    trips_in_the_log,
    approved_by_another,
    trips_once,
    trips_within_the_plan,
)
