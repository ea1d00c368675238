"""Every sum of the plan with the cells behind it; what there is to know under which key: `pipeline.core.figures`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from pipeline.core.figures import Key, Pattern, Unplaced, checked, name_of
from pipeline.core.money import half_up
from pipeline.core.places import Derived, Place, Sourced
from pipeline.core.sheets import Project, Record
from pipeline.derive.groups import (
    account,
    cost_groups,
    days_groups,
    labour_groups,
    material_groups,
    net_cost_groups,
    parts_of,
)
from pipeline.derive.records import IN_FORCE

Figures = dict[Key, Derived[Decimal]]


class FigureTally:
    """Adds values under keys and remembers the cells, and the cells that could not be read."""

    def __init__(self, unplaced: Iterable[Unplaced] = ()) -> None:
        """Begin with nothing.

        Args:
            unplaced: rows that belong to no group; what they may be part of cannot be read.
        """
        self._added: dict[Key, list[Sourced[Decimal]]] = {}
        self._broken: dict[Key, list[Place]] = {}
        self._unplaced = tuple(unplaced)

    def add(self, row: Record, field: str, keys: Iterable[Pattern]) -> None:
        """Add a row's field under several keys, which say every part."""
        value = row.money(field)
        for key in (checked(tuple(map(str, pattern))) for pattern in keys):
            self._added.setdefault(key, [])
            if value is None:
                self._broken.setdefault(key, []).append(row.at(field))
            else:
                self._added[key].append(value)

    def figures(self) -> Figures:
        """All sums, keys in order."""
        return {key: self._sum(key) for key in sorted(self._added)}

    def _sum(self, key: Key) -> Derived[Decimal]:
        values = self._added[key]
        total = sum((value.value for value in values), Decimal(0))
        lost = [one.at for one in self._unplaced if one.touches(key)]
        broken = dict.fromkeys((*self._broken.get(key, ()), *lost))
        return Derived(total, tuple(value.at for value in values), tuple(broken))


def account_of(row: Record) -> str:
    """Cost account that a materials row belongs to, empty for what costs nothing (rule X203)."""
    return account(row.text("category"), row.text("mode")) or ""


def all_figures(project: Project, unplaced: Iterable[Unplaced] = ()) -> Figures:
    """Every sum of the project's plan.

    Args:
        project: the workbooks.
        unplaced: rows that belong to no group (`pipeline.derive.groups.unplaced`).
    """
    tally = FigureTally(unplaced)
    _cost(project, tally)
    _materials(project, tally)
    _staffing(project, tally)
    _plan(project, tally)
    _revisions(project, tally)
    _changes(project, tally)
    _quotation(project, tally)
    figures = tally.figures()
    return {**figures, **_running(figures), **_margin(figures), **_deviation(project, figures), **_ratio(figures)}


def _cost(project: Project, tally: FigureTally) -> None:
    for row in project.rows("cost", "lines"):
        parts = parts_of("cost", row)
        tally.add(row, "amount", cost_groups(parts))
        tally.add(row, "amount_excl", net_cost_groups(parts))


def _materials(project: Project, tally: FigureTally) -> None:
    for row in project.rows("materials", "lines"):
        tally.add(row, "amount", material_groups(parts_of("materials", row)))


def _staffing(project: Project, tally: FigureTally) -> None:
    for row in project.rows("staffing", "lines"):
        parts = parts_of("staffing", row)
        tally.add(row, "plan_days", days_groups(parts))
        tally.add(row, "amount", labour_groups(parts))


def _plan(project: Project, tally: FigureTally) -> None:
    for row in project.rows("plan", "revenue"):
        tally.add(row, "amount", [("revenue", "total")])
        tally.add(row, "amount_excl", [("revenue", "total_excl")])
    for row in project.rows("plan", "stages"):
        tally.add(row, "person_days", [("plan", "stage_days")])
        tally.add(row, "budget", [("plan", "stage_budget")])


def _revisions(project: Project, tally: FigureTally) -> None:
    """Planned cost from version to version: the baseline, what approved changes add to it, the last one (6.4.8)."""
    revisions = project.rows("plan", "revisions")
    for row in revisions[:1]:
        tally.add(row, "total", [("revisions", "baseline"), ("revisions", "planned")])
    for row in revisions[-1:]:
        tally.add(row, "total", [("revisions", "last")])
    for row in project.rows("records", "changes"):
        if row.text("status") in IN_FORCE:
            tally.add(row, "delta_cost", [("changes", "approved"), ("revisions", "planned")])


def _changes(project: Project, tally: FigureTally) -> None:
    """What every change found and what it leads to (6.4.8): those approved earlier; an open one comes last."""
    rows, first = project.rows("records", "changes"), project.rows("plan", "revisions")[:1]
    order = sorted(rows, key=lambda row: day.value if (day := row.date("approve_date")) else date.max)
    for place, row in enumerate(order):
        before, after = (("changes", name, row.text("no")) for name in ("before", "after"))
        for revision in first:
            tally.add(revision, "total", [after])
        for earlier in order[:place]:
            if earlier.text("status") in IN_FORCE:
                tally.add(earlier, "delta_cost", [before, after])
        tally.add(row, "delta_cost", [after])


def _quotation(project: Project, tally: FigureTally) -> None:
    for row in project.rows("bids", "quotation"):
        tally.add(row, "cost", [("quotation", "cost")])
        tally.add(row, "price", [("quotation", "price")])


def _ratio(figures: Mapping[Key, Derived[Decimal]]) -> Figures:
    """What the quotation asks by what it costs; nothing while one side is missing or zero."""
    cost, price = figures.get(("quotation", "cost")), figures.get(("quotation", "price"))
    if cost is None or price is None or cost.broken or price.broken or not cost.value:
        return {}
    return {("quotation", "ratio"): Derived(half_up(price.value / cost.value * 100), cost.from_ + price.from_)}


def _running(figures: Mapping[Key, Derived[Decimal]]) -> Figures:
    """Cost up to and including each month."""
    found: Figures = {}
    total, cells, broken = Decimal(0), (), ()  # type: Decimal, tuple[Place, ...], tuple[Place, ...]
    for key, figure in figures.items():
        if name_of(key) == ("cost", "month"):
            total, cells, broken = total + figure.value, cells + figure.from_, broken + figure.broken
            found["cost", "running", key[-1]] = Derived(total, cells, broken)
    return found


def _margin(figures: Mapping[Key, Derived[Decimal]]) -> Figures:
    """Gross profit and margin on tax-exclusive figures (rule W122); nothing while one side is missing or zero."""
    revenue, cost = figures.get(("revenue", "total_excl")), figures.get(("cost", "total_excl"))
    if revenue is None or cost is None or revenue.broken or cost.broken or revenue.value <= 0:
        return {}
    cells = revenue.from_ + cost.from_
    profit = revenue.value - cost.value
    return {
        ("gross_profit",): Derived(profit, cells),
        ("gross_margin",): Derived(half_up(profit / revenue.value * 100), cells),
    }


def _deviation(project: Project, figures: Mapping[Key, Derived[Decimal]]) -> Figures:
    """Actual presales days and cost minus the plan's: of the closing, before it of the last report."""
    closing, reports = project.head("records", "closing"), project.rows("records", "reports")
    record = reports[-1] if closing.blank("actual_cost") and reports else closing
    found: Figures = {}
    for key, planned in (("days", ("staffing", "presales_days")), ("cost", ("cost", "presales"))):
        actual, plan = record.money(f"actual_{key}"), figures.get(planned)
        if actual and plan:
            found["deviation", key] = Derived(actual.value - plan.value, (actual.at, *plan.from_), plan.broken)
    return found
