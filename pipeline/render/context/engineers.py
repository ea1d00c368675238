"""How full the week was of the engineers who were named for a request (SRQ)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from pipeline.core.entries import Request
from pipeline.derive.load import Busy, busy, monday_of
from pipeline.derive.occupancy import Use, people
from pipeline.render.context.shown import Node, Source, leaf, words

_TO_SUNDAY = timedelta(days=6)
_OVER, _WITHIN = "超过", "未超过"


def engineer_weeks(source: Source) -> list[Node]:
    """A row a request with somebody named, by this project's plan of people alone; none while there is no such plan."""
    if not source.facts.entries.stays:
        return []
    uses, requests = people([source.facts]), source.facts.entries.requests
    return [_row(source, f"engineer_weeks[{n}]", one, uses) for n, one in enumerate(requests)]


def _row(source: Source, name: str, request: Request, uses: Mapping[str, list[Use]]) -> Node:
    worked = cache(source.company.calendar.is_workday)
    week = busy(uses.get(request.engineer, ()), monday_of(request.day), worked)
    planned = (request.at, *(use.at for use in week.uses))
    return {
        "no": words(f"{name}.no", request.no, (request.at,)),
        "engineer": words(f"{name}.engineer", source.company.name_of(request.engineer), (request.at,)),
        "week": words(f"{name}.week", _span(week), (request.at,)),
        "workdays": leaf(f"{name}.workdays", week.workdays, "num", (request.at,)),
        "planned": leaf(f"{name}.planned", week.planned, "num", planned),
        "verdict": words(f"{name}.verdict", _OVER if week.over else _WITHIN, planned),
    }


def _span(week: Busy) -> str:
    return f"{week.monday}至{week.monday + _TO_SUNDAY}"


# Names of the context, with what makes them.
ENGINEERS: Mapping[str, Callable[[Source], Any]] = {"engineer_weeks": engineer_weeks}
