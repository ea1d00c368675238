"""What the workbooks prove of the stages of the sibling procedures, and how long the steps with a limit took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from pipeline.core.company import Company
from pipeline.core.places import Sourced
from pipeline.core.sheets import Project, Record
from pipeline.core.stages import Coverage, Kept, Stage
from pipeline.definitions.forms import Form
from pipeline.definitions.stage_models import HOURS, StageForm, StageModel, load_stage_models


@dataclass(frozen=True)
class _Seen:
    """A project as it is looked at: by the thresholds of a day."""

    project: Project
    company: Company
    on: date


def covered(project: Project, company: Company, forms: Mapping[str, Form], on: date) -> tuple[Coverage, ...]:
    """Every model with its stages; none for a project without one of the voluntary workbooks.

    Args:
        project: what was read.
        company: workbook 00; its calendar and office hours count.
        forms: form definitions by key.
        on: day whose thresholds count.
    """
    if not any(forms[key].voluntary for key in project.workbooks):
        return ()
    seen = _Seen(project, company, on)
    return tuple(Coverage(key, model.title, _stages(seen, model)) for key, model in load_stage_models().items())


def _stages(seen: _Seen, model: StageModel) -> tuple[Stage, ...]:
    begun = [_begin(seen.project, stage) for stage in model.stage]
    return tuple(
        _stage(seen, stage, start, next(filter(None, begun[number + 1 :]), None))
        for number, (stage, start) in enumerate(zip(model.stage, begun, strict=True))
    )


def _begin(project: Project, form: StageForm) -> Sourced[date] | None:
    """The first day that proves the begin; of a step with a limit, by the first mark that is there in their order."""
    marks = [(name,) for name in form.begins] if form.limit else [form.begins]
    return next(filter(None, (first_day(project, names) for names in marks)), None)


def _stage(seen: _Seen, form: StageForm, begun: Sourced[date] | None, later: Sourced[date] | None) -> Stage:
    """A stage; one without an end mark of its own ends where a later one begins."""
    if form.absent:
        return Stage(form.no, form.name, absent=True)
    ended = _end(seen, form, begun) if form.ends else _latest(begun, later)
    limit = seen.company.parameter(form.limit, seen.on) if form.limit else None
    taken = _taken(seen, form, begun, ended) if form.limit else None
    kept = _kept(seen, form, taken, limit) if taken is not None and limit is not None else ()
    return Stage(form.no, form.name, begun=begun, ended=ended, taken=taken, limit=limit, unit=form.unit, kept=kept)


def _kept(seen: _Seen, form: StageForm, taken: Decimal, limit: Decimal) -> tuple[Kept, ...]:
    """Who carried a step out, and whether in time: of rows that begin and end on their own, each by its own hours."""
    if form.by_row and form.unit == HOURS:
        start, end, who = (names[0].rpartition(".")[2] for names in (form.begins, form.ends, form.executed))
        rows = [(row.text(who), _hours(seen, row.value(start), row.value(end))) for row in _rows(seen, form)]
        return tuple(Kept(no, hours <= limit) for no, hours in rows if no)
    people = dict.fromkeys(no for name in form.executed for no in _texts(seen.project, name) if no)
    return tuple(Kept(no, taken <= limit) for no in people)


def _texts(project: Project, name: str) -> Iterable[str]:
    """What some labelled cell says, or the cells of a column."""
    book, sheet, key = name.split(".")
    return (record.text(key) for record in (project.head(book, sheet), *project.rows(book, sheet)))


def _latest(begun: Sourced[date] | None, later: Sourced[date] | None) -> Sourced[date] | None:
    return max(begun, later, key=lambda day: day.value) if begun and later else None


def _end(seen: _Seen, form: StageForm, begun: Sourced[date] | None) -> Sourced[date] | None:
    """The first day from the begin on that proves the end; of rows that each begin and end, the last.

    Rows have ended once all have. Where every end lies before the begin, the first of them: its rules tell of that.
    """
    if not form.by_row:
        ends = list(_days_of(seen.project, form.ends))
        after = [day for day in ends if begun and day.value >= begun.value]
        return min(after or ends, key=lambda day: day.value, default=None)
    rows, key = _rows(seen, form), form.ends[0].rpartition(".")[2]
    days = [row.date(key) for row in rows]
    known = [day for day in days if day]
    return max(known, key=lambda day: day.value) if known and len(known) == len(days) else None


def _rows(seen: _Seen, form: StageForm) -> list[Record]:
    """Rows that have begun."""
    book, sheet, key = form.begins[0].split(".")
    rows = ((row, row.date(key)) for row in seen.project.rows(book, sheet))
    return [row for row, day in rows if day]


def _taken(seen: _Seen, form: StageForm, begun: Sourced[date] | None, ended: Sourced[date] | None) -> Decimal | None:
    """How long a step took: hours of work of the slowest row, or working days from the day after its begin."""
    if begun is None or ended is None:
        return None
    if form.unit == HOURS:
        start, end = (names[0].rpartition(".")[2] for names in (form.begins, form.ends))
        return max((_hours(seen, row.value(start), row.value(end)) for row in _rows(seen, form)), default=None)
    return Decimal(seen.company.calendar.between(begun.value + timedelta(days=1), ended.value))


def _hours(seen: _Seen, start: object, end: object) -> Decimal:
    """Hours of work between two moments; of a day without a time, none."""
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return Decimal(0)
    return Decimal(worked(seen.company, seen.on, start, end) // timedelta(seconds=1)) / 3600


def worked(company: Company, on: date, start: datetime, end: datetime) -> timedelta:
    """Time of work between two moments, by the calendar and the office hours of workbook 00 on a day."""
    opens, closes = (time.fromisoformat(company.text_parameter(key, on)) for key in ("day_start", "day_end"))
    return company.calendar.worked(start, end, opens, closes)


def first_day(project: Project, names: Sequence[str]) -> Sourced[date] | None:
    """The earliest day of some labelled cells or columns, `support.requests.assign_time`."""
    return min(_days_of(project, names), key=lambda day: day.value, default=None)


def _days_of(project: Project, names: Sequence[str]) -> Iterable[Sourced[date]]:
    """All days of some labelled cells or columns."""
    return (day for name in names for day in _days(project, name))


def _days(project: Project, name: str) -> Iterable[Sourced[date]]:
    book, sheet, key = name.split(".")
    records = (project.head(book, sheet), *project.rows(book, sheet))
    return (day for record in records if (day := record.date(key)))
