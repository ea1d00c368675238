"""Charts of a document: drawn only when a template prints them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from pipeline.adapters.jinja import Shown
from pipeline.render import charts
from pipeline.render.charts_flow import flow_alt, flow_states, flowchart
from pipeline.render.orders import skipped
from pipeline.render.shown import Node, Source

LAST = 18  # F1 to F14 of domain E.4, and those that E.1 wants beside them


@dataclass(frozen=True)
class Picture:
    """A drawing to be made, and what it shows in words."""

    png: Callable[[], bytes]
    alt: str


def pictures(source: Source) -> Node:
    """F1 (flow of appendix A), F3 (Gantt) and F5 (cost by month); empty where there is nothing to draw."""
    bars, months = _bars(source), _months(source)
    as_of, holidays = source.facts.as_of, source.company.calendar.holidays()
    # Kept, because a document with a table of contents is rendered twice.
    gantt, monthly = cache(lambda: charts.gantt(bars, as_of, holidays)), cache(lambda: charts.monthly_cost(months))
    states = flow_states(source.facts.passed, skipped(source))
    empty = {f"F{number}": Shown(name=f"charts.F{number}") for number in range(1, LAST + 1)}
    return empty | {
        "F1": Picture(cache(lambda: flowchart(states)), flow_alt(states)),
        "F3": Picture(gantt, charts.gantt_alt(bars, as_of)) if bars else Shown(name="charts.F3"),
        "F5": Picture(monthly, charts.monthly_cost_alt(months)) if months else Shown(name="charts.F5"),
    }


def _bars(source: Source) -> list[charts.Bar]:
    found = []
    for row in source.project.rows("plan", "stages"):
        start, end, done = row.date("start"), row.date("end"), row.date("actual_end")
        if start and end and start.value <= end.value:
            code = row.text("code")
            actual = done.value if done else None
            found.append(charts.Bar(code, row.text("name"), start.value, end.value, code.startswith("S"), actual))
    return found


def _months(source: Source) -> list[charts.Month]:
    amounts, running = source.facts.group("cost.month"), source.facts.group("cost.running")
    return [charts.Month(key, amounts[key].value, running[key].value) for key in sorted(amounts) if key in running]
