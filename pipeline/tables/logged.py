"""Rows of what people wrote into workbooks 10: hours of a day for a project, and trips."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from pipeline.derive.worklog import INSIDE, Line, Log, Trip, once
from pipeline.tables.tidy import Row
from pipeline.tables.told import Names


def logged_rows(table: str, logs: Iterable[Log], names: Names, shown: Collection[str] | None) -> Iterator[Row]:
    """Rows of one of the `LOGGED` tables, by person and month; a copy of a log tells nothing again.

    Args:
        table: key of the table.
        logs: workbooks 10.
        names: of workbook 00.
        shown: codes of the projects that may be told of, beside work for none; None for every project.
    """
    for log in once(logs):
        for row in LOGGED[table](log):
            if shown is None or row["code"] in shown or row["code"] == INSIDE:
                yield {"emp_no": log.emp_no, "name": names.people.get(log.emp_no), "month": log.month, **row}


def _lines(log: Log) -> Iterator[Row]:
    for line in log.lines:
        told = {"day": line.day, "kind": line.kind, "hours": line.hours, "trip_no": line.trip_no}
        yield {"code": line.project, **told, "cells": _at(line)}


def _trips(log: Log) -> Iterator[Row]:
    for trip in log.trips:
        told = {"trip_no": trip.no, "start": trip.start, "end": trip.end, "approver": trip.row.text("approver")}
        cost = trip.cost.value if trip.cost else None
        yield {"code": trip.project, **told, "cost": cost, "cells": _at(trip)}


def _at(one: Line | Trip) -> str:
    return str(one.row.at("project"))


LOGGED: Mapping[str, Callable[[Log], Iterator[Row]]] = {"log_lines": _lines, "trips": _trips}
