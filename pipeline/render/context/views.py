"""What each document speaks of, and the project as it is seen from there (`documents.toml`: about, plan_of, survey_of).

A record is printed with the plan and the survey that it is about and with what had happened by its day. What is not
known of an older plan is referred to; a newer figure never takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from pipeline.core.facts import View
from pipeline.core.leaves import Shown
from pipeline.core.workdays import period_end
from pipeline.definitions.documents import PLAN, RECORD, SURVEY, DocumentForm
from pipeline.derive.conditions import cells
from pipeline.derive.history import as_it_was, facts_then, known_plan, plan_on, survey_known, survey_on
from pipeline.render.context.shown import Node, Source, leaf
from pipeline.render.orders import Order, own_days

# Charts that show nothing of the plan's figures.
NO_PLAN = frozenset({"F1", "F2", "F9", "F10", "F11", "F17", "F18", "F19"})
_BOOKS = ("cost", "materials", "staffing")
_SUMS = ("stage_days", "stage_budget", "revenue_total", "revenue_excl", "gross_profit", "gross_margin")
# Words of workbook 02 that a change of the plan changes, and those that speak in figures.
_BUILT = {
    "narrative": ("objectives", "scope_in", "scope_out", "assumptions", "solution_brief"),
    "feasibility": ("f_d", "f_e"),
}
# Other ways to print an amount, which have columns of their own beside it.
_AMOUNTS = ("wan", "upper")
_COUNTS = ("items", "clear", "unclear_count", "not_applicable", "blank", "completeness", "clear_rate")


def view_of(source: Source, order: Order) -> View:
    """What a document speaks of; as long as it has no day of its own, of all that is recorded."""
    now = _now(source)
    about = order.form.about
    if about == PLAN:
        return replace(now, day=source.facts.business_date, survey=_survey_on(source, now), planned=True)
    if about == RECORD and (day := _day(source, order)):
        return _of_record(source, order, day, now)
    return replace(now, asks=order.form.asks)


def _now(source: Source) -> View:
    facts = source.facts
    plan = source.project.head("plan", "basics").text("plan_version")
    return View(plan=plan, survey=facts.survey.version if facts.survey else "")


def _survey_on(source: Source, now: View) -> str:
    return survey_on(source.project, source.facts.business_date) or now.survey


def _day(source: Source, order: Order) -> date | None:
    """The newest day of the record itself; of a report the end of its period."""
    days = own_days(source, order)
    return max(day for day, _ in days) if days else period_end(order.part) if order.row is not None else None


def _of_record(source: Source, order: Order, day: date, now: View) -> View:
    plan = _named(source, order.form.plan_of) or plan_on(source.project, day)
    survey = _named(source, order.form.survey_of) or survey_on(source.project, day)
    current = plan == now.plan or not source.project.has("plan")
    return View(day, plan, survey, asks=order.form.asks, current=current)


def _named(source: Source, name: str) -> str:
    """The version that a record names: the last one of several rows."""
    filled = [cell for cell in cells(source.project, source.forms, name) if not cell.blank] if name else []
    return str(filled[-1].value or filled[-1].shown) if filled else ""


def version_of(form: DocumentForm, view: View) -> str:
    """Version in the head and the file name of a document: of the plan; of the survey, and before the plan, of that."""
    return view.survey if form.about == SURVEY or not view.plan else view.plan


def seen(source: Source, view: View) -> Source:
    """The project from a point of view; as it stands where the view knows of everything."""
    if view.day is None and not view.planned and not view.asks:
        return replace(source, view=view)
    project = as_it_was(source.project, view)
    facts = facts_then(project, source.company, source.forms, source.facts, view)
    if not survey_known(source.project, view):
        facts = replace(facts, survey=None)
    company = source.company.on(facts.as_of)
    return replace(source, project=project, company=company, facts=facts, view=view)


# -- what is not known of an older plan --------------------------------------------------------------------------------


def only_known(context: Node, source: Source) -> Node:
    """The context of a view: figures of an older plan give way to what is known of it, or to where they stand.

    Args:
        context: of `seen(source, view)`, or a part of it; it stays as it is.
        source: that source.
    """
    view, found = source.view, dict(context)
    if source.facts.survey is None and source.project.has("survey") and "survey" in found:
        said = f"见{view.survey}版调查表"
        found["survey"] = {**found["survey"], **{key: _said(found["survey"][key], said) for key in _COUNTS}}
    if view.current:
        return found
    said = elsewhere(view)
    for key, give_way in _GIVE_WAY.items():
        if key in found:
            found[key] = give_way(found[key], said)
    if "charts" in found:
        found["charts"] = {
            key: chart if shows_known(key, view) else Shown(name=f"charts.{key}")
            for key, chart in found["charts"].items()
        }
    return _with_known(found, source)


def elsewhere(view: View) -> str:
    """What stands for the figures of a plan that the workbooks do not hold; empty where they do."""
    if view.current:
        return ""
    return f"见{view.plan}版计划包" if view.plan else "计划编制前"


def shows_known(chart: str, view: View) -> bool:
    """Whether a chart shows only what is known of the view's plan."""
    return view.current or chart in NO_PLAN


def _masked_project(node: Node, said: str) -> Node:
    """Of the project its amount, and why it is of its class."""
    return {
        **node,
        "contract": _said(node["contract"], said),
        "class_reasons": [_said(one, said) for one in node["class_reasons"][:1]],
        "class_met": _masked(node["class_met"], said),
    }


def _masked_plan(key: str, node: Any, said: str) -> Any:
    """Of workbook 02 what its sums, amounts and days say, and what is built.

    The revisions, and words about the customer and about why, belong to no version alone.
    """
    if key == "revisions":
        return node
    if key in _BUILT:
        return {name: _said(one, said) if name in _BUILT[key] else one for name, one in node.items()}
    if isinstance(node, Shown):
        return _said(node, said) if key in _SUMS else _masked_figure(node, said)
    return _each(node, lambda one: _masked_figure(one, said))


def _masked_figure(one: Shown, said: str) -> Shown:
    return one if isinstance(one.value, str | tuple | None) or one.name.endswith("author_date") else _said(one, said)


def _masked(node: Any, said: str) -> Any:
    """All leaves; a table becomes one line that says where it stands."""
    if isinstance(node, list):
        return [_only_first(_masked(node[0], said))] if node else node
    if isinstance(node, dict):
        return {key: _masked(one, said) for key, one in node.items()}
    return _each(node, lambda one: _said(one, said))


def _only_first(row: Any) -> Any:
    """A line whose first field (the name, where it has one) says it all."""
    if not isinstance(row, dict):
        return row
    first = next((key for key in ("name", "dept", "desc", "month", "category") if key in row), next(iter(row)))
    return {key: one if key == first or not isinstance(one, Shown) else _blank(one) for key, one in row.items()}


def _each(node: Any, change: Callable[[Shown], Shown]) -> Any:
    if isinstance(node, Shown):
        return change(node)
    if isinstance(node, dict):
        return {key: _each(one, change) for key, one in node.items()}
    return [_each(one, change) for one in node] if isinstance(node, list) else node


def _said(one: Shown, said: str) -> Shown:
    """A leaf that refers to the paper where its value stands; nothing where it had no value."""
    forms = {suffix: _nothing if suffix in _AMOUNTS else lambda _: said for suffix in one.forms}
    return Shown(said, name=one.name, forms=forms) if len(one) else one


def _blank(one: Shown) -> Shown:
    return Shown(name=one.name, forms=dict.fromkeys(one.forms, _nothing))


def _nothing(_: object) -> str:
    return ""


def _with_known(found: Node, source: Source) -> Node:
    known = known_plan(source.project, source.view.plan)
    places = (
        ("cost", "total", known.total, "money"),
        ("plan", "gross_margin", known.margin, "rate"),
        ("project", "contract", known.amount, "money"),
    )
    for node, key, value, kind in places:
        if value is not None and node in found:
            found[node] = {**found[node], key: leaf(f"{node}.{key}", value.value, kind, (value.at,))}
    return found


# How what stands in a plan's workbooks gives way, by its name.
_GIVE_WAY: Mapping[str, Callable[[Any, str], Any]] = {
    **dict.fromkeys(_BOOKS, _masked),
    "plan": lambda node, said: {key: _masked_plan(key, one, said) for key, one in node.items()},
    "deviation": _masked,
    "project": _masked_project,
}
