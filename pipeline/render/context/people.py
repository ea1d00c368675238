"""The context of the report of a person over a week or month (WKR), drawn from the logs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.money import half_up
from pipeline.core.workdays import in_lists, period_end, period_start
from pipeline.definitions.documents import DocumentForm
from pipeline.definitions.forms import load_forms
from pipeline.derive.worklog import FORM, TRIP, Line, Log, Trip, between, by_project, hours, lines_of, once, unlogged
from pipeline.render.context.reports import spelled
from pipeline.render.context.shown import Node, leaf, of_rows, words

_WEEK, _MONTH = "售前周报", "售前月报"


@dataclass(frozen=True)
class Told:
    """What somebody has done in a week (2026-W26) or month (2026-06).

    Attributes:
        lines: by day.
        trips: that touch the period.
        start: first day; of a week its Monday.
        end: last day; of a week its Sunday.
    """

    emp_no: str
    period: str
    lines: tuple[Line, ...]
    trips: tuple[Trip, ...]
    start: date
    end: date

    @property
    def title(self) -> str:
        """What the report is called."""
        return _WEEK if "W" in self.period else _MONTH


def told(logs: Sequence[Log], periods: Iterable[str] = ()) -> list[Told]:
    """What each person says of each period; of periods without a line nothing.

    Args:
        logs: of any persons and months.
        periods: weeks and months; none: all of which something is said.
    """
    found = []
    for emp_no in dict.fromkeys(log.emp_no for log in logs):
        own = [log for log in logs if log.emp_no == emp_no]
        lines, trips = lines_of(own), [trip for log in once(own) for trip in log.trips]
        for period in dict.fromkeys(periods) or _periods(lines):
            found += _of_period(emp_no, period, lines, trips)
    return found


def _periods(lines: Iterable[Line]) -> list[str]:
    days = [line.day for line in lines if line.day]
    return sorted({f"{day:%G-W%V}" for day in days}) + sorted({f"{day:%Y-%m}" for day in days})


def _of_period(emp_no: str, period: str, lines: Sequence[Line], trips: Sequence[Trip]) -> list[Told]:
    start, end = period_start(period), period_end(period)
    if start is None or end is None:
        return []
    end += timedelta(days=2 if "W" in period else 0)
    own = between(lines, start, end)
    away = tuple(trip for trip in trips if trip.start and trip.end and trip.start <= end and trip.end >= start)
    return [Told(emp_no, period, tuple(own), away, start, end)] if own else []


def person_context(one: Told, company: Company, form: DocumentForm) -> Node:
    """Everything that the template may print."""
    then = company.on(one.end)
    department = then.department_of(one.emp_no)
    texts = {"no": one.emp_no, "name": then.name_of(one.emp_no), "dept": department.name if department else ""}
    return {
        "doc": _doc(one, form, company),
        "company": {key: words(f"company.{key}", company.details.get(key, "")) for key in ("name", "short_name")},
        "project": {key: words(f"project.{key}", "") for key in ("code", "name")},
        "person": {key: words(f"person.{key}", text) for key, text in texts.items()},
        "logged": _logged(one, company),
    }


def _doc(one: Told, form: DocumentForm, company: Company) -> Node:
    texts = {"code": form.code, "title": one.title, "record_no": form.record_no, "version": in_lists(one.period)}
    texts |= {"state": "", "standard": company.details.get("standard", ""), "secrecy": ""}
    found: Node = {key: words(f"doc.{key}", text) for key, text in texts.items()}
    return found | {"date": leaf("doc.date", one.end, "date"), "draft": False}


def _logged(one: Told, company: Company) -> Node:
    total, day = hours(one.lines), company.parameter("log_day_hours", one.end)
    bare = unlogged(one.lines, company, one.start, one.end)
    cells, away = [line.row.at("hours") for line in one.lines], [line for line in one.lines if line.kind == TRIP]
    forms = load_forms()[FORM]
    lines, trips = forms.sheet_form("log").fields, forms.sheet_form("trips").fields
    return {
        "period": words("logged.period", spelled(one.period)),
        "hours": leaf("logged.hours", total, "num", cells),
        "days": leaf("logged.days", half_up(total / day, 1), "num", cells),
        "away": leaf("logged.away", hours(away), "num", [line.row.at("hours") for line in away]),
        "count": leaf("logged.count", len(one.lines), "num"),
        "workdays": leaf("logged.workdays", company.calendar.between(one.start, one.end), "num"),
        "unlogged": words("logged.unlogged", "、".join(f"{day.month}月{day.day}日" for day in bare) or "无"),
        "projects": [_project(number, code, some) for number, (code, some) in enumerate(by_project(one.lines).items())],
        "lines": of_rows("logged.lines", (line.row for line in one.lines), lines, company),
        "trips": of_rows("logged.trips", (trip.row for trip in one.trips), trips, company),
    }


def _project(number: int, code: str, lines: Sequence[Line]) -> Node:
    name, away = f"logged.projects[{number}]", [line for line in lines if line.kind == TRIP]
    cells = [line.row.at("hours") for line in lines]
    return {
        "code": words(f"{name}.code", code, (line.row.at("project") for line in lines)),
        "count": leaf(f"{name}.count", Decimal(len(lines)), "num"),
        "hours": leaf(f"{name}.hours", hours(lines), "num", cells),
        "away": leaf(f"{name}.away", hours(away), "num", [line.row.at("hours") for line in away]),
    }
