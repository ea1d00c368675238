"""Every sum of the plan with the cells behind it; what there is to know under which key: `pipeline.core.figures`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from pipeline.core.figures import Key, checked, name_of
from pipeline.core.money import half_up
from pipeline.core.places import Derived, Place, Sourced
from pipeline.core.sheets import Project, Record
from pipeline.derive.records import IN_FORCE

Figures = dict[Key, Derived[Decimal]]
SCOPES = {"售前": "presales", "工程": "engineering"}
# Figures that a row is added to by its scope, and by its month.
_COST_SCOPES = ("cost.presales", "cost.engineering", "cost.account_scope", "cost.account_stage", "cost.month_scope")
_COST_MONTHS = ("cost.month", "cost.month_scope")
_MATERIAL_SCOPES = ("materials.presales", "materials.engineering", "materials.group", "materials.account_scope")
_STAFF_SCOPES = (
    "staffing.presales_days", "staffing.engineering_days", "staffing.presales_amount", "staffing.engineering_amount",
    "staffing.dept_scope", "staffing.scope_stage",
)  # fmt: skip
_NO_COST = {"借用", "库存", "客户提供"}
_CATEGORY_ACCOUNTS = {"硬件设备": "1001", "工具仪器": "1001", "辅材线缆": "1004", "办公资料": "1006"}


class FigureTally:
    """Adds values under keys and remembers the cells, and the cells that could not be read."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._added: dict[Key, list[Sourced[Decimal]]] = {}
        self._broken: dict[Key, list[Place]] = {}
        self._lost: dict[tuple[str, ...], list[Place]] = {}

    def lose(self, at: Place, *names: str) -> None:
        """A cell that should say under which of some figures its row belongs, and does not.

        Args:
            at: the cell.
            names: the figures, as `name_of` gives them joined by a dot; a table's name means all of its figures.
        """
        for name in names:
            self._lost.setdefault(tuple(name.split(".")), []).append(at)

    def add(self, row: Record, field: str, keys: Iterable[Key]) -> None:
        """Add a row's field under several keys."""
        value = row.money(field)
        for key in map(checked, keys):
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
        name = name_of(key)
        lost = [*self._lost.get(name[:1], ()), *(self._lost.get(name, ()) if len(name) > 1 else ())]
        broken = dict.fromkeys((*self._broken.get(key, ()), *lost))
        return Derived(total, tuple(value.at for value in values), tuple(broken))


def account_of(row: Record) -> str:
    """Cost account that a materials row belongs to, empty for what costs nothing (rule X203)."""
    mode, category = row.text("mode"), row.text("category")
    if mode in _NO_COST or not mode:
        return ""
    if mode == "租赁":
        return "1005"
    if category == "软件":
        return "1003" if mode == "自产" else "1002"
    return _CATEGORY_ACCOUNTS.get(category, "")


def all_figures(project: Project) -> Figures:
    """Every sum of the project's plan."""
    tally = FigureTally()
    for table in ("cost", "materials", "staffing"):
        for at, _ in project.sheet(table, "lines").subtotals:
            tally.lose(at, table)
    _cost(project, tally)
    _materials(project, tally)
    _staffing(project, tally)
    _plan(project, tally)
    _revisions(project, tally)
    _changes(project, tally)
    figures = tally.figures()
    return {**figures, **_running(figures), **_margin(figures), **_deviation(project, figures)}


def _cost(project: Project, tally: FigureTally) -> None:
    for row in project.rows("cost", "lines"):
        acc, scope, stage, month = (row.text(key) for key in ("acc", "scope", "stage", "use_month"))
        keys: list[Key] = [("cost", "total"), ("cost", "account", acc), ("cost", "account_scope", acc, scope)]
        keys += [("cost", "stage", stage), ("cost", "account_stage", acc, scope, stage)]
        keys += [("cost", "month", month), ("cost", "month_scope", month, scope)] if month else []
        keys += [("cost", SCOPES[scope])] if scope in SCOPES else []
        tally.add(row, "amount", keys)
        tally.add(row, "amount_excl", [("cost", "total_excl"), ("cost", "account_excl", acc)])
        _unplaced(row, tally, {"scope": _COST_SCOPES, "use_month": _COST_MONTHS})


def _materials(project: Project, tally: FigureTally) -> None:
    for row in project.rows("materials", "lines"):
        category, scope, mode = (row.text(key) for key in ("category", "scope", "mode"))
        keys: list[Key] = [("materials", "total"), ("materials", "category", category)]
        keys += [("materials", "group", category, scope, mode)]
        keys += [("materials", SCOPES[scope])] if scope in SCOPES else []
        keys += [("materials", "account_scope", acc, scope)] if (acc := account_of(row)) else []
        tally.add(row, "amount", keys)
        _unplaced(row, tally, {"scope": _MATERIAL_SCOPES})


def _unplaced(row: Record, tally: FigureTally, groups: Mapping[str, Sequence[str]]) -> None:
    """A row whose scope or month cannot be read belongs to none of the figures by them: those cannot be compared."""
    for key, names in groups.items():
        cell = row.cell(key)
        known = cell.value in SCOPES if key == "scope" else cell.value is not None
        if cell.shown and not known:
            tally.lose(cell.at, *names)


def _staffing(project: Project, tally: FigureTally) -> None:
    for row in project.rows("staffing", "lines"):
        dept, scope, stage = (row.text(key) for key in ("dept", "scope", "stage"))
        name = SCOPES.get(scope)
        days: list[Key] = [
            ("staffing", "days"),
            ("staffing", "dept", dept),
            ("staffing", "stage", stage),
            ("staffing", "dept_stage", dept, stage),
            ("staffing", "dept_scope", dept, scope),
        ]
        amount: list[Key] = [
            ("staffing", "amount"),
            ("staffing", "dept_amount", dept),
            ("staffing", "scope_stage", scope, stage),
        ]
        tally.add(row, "plan_days", days + ([("staffing", f"{name}_days")] if name else []))
        tally.add(row, "amount", amount + ([("staffing", f"{name}_amount")] if name else []))
        _unplaced(row, tally, {"scope": _STAFF_SCOPES})


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
