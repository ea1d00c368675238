"""Under which sums a row of an annex belongs, and which rows say so of none.

A row whose scope, account, stage, month, kind or department is blank or unknown belongs to a group that nobody knows:
no sum of a group that it may belong to means anything, and none is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping

from pipeline.core.figures import Pattern, Unplaced
from pipeline.core.sheets import Project, Record

SCOPES = {"售前": "presales", "工程": "engineering"}
NO_COST = frozenset({"借用", "库存", "客户提供"})
_CATEGORY_ACCOUNTS = {"硬件设备": "1001", "工具仪器": "1001", "辅材线缆": "1004", "办公资料": "1006"}
_MODES = NO_COST | {"外购", "自产", "租赁"}
# The fields of a row that say where it belongs; None: any, for nobody knows.
Parts = Mapping[str, str | None]
_FIELDS = {
    "cost": ("acc", "scope", "stage", "use_month"),
    "materials": ("category", "scope", "mode"),
    "staffing": ("dept", "scope", "stage"),
}


def parts_of(table: str, row: Record) -> dict[str, str | None]:
    """What a row says of where it belongs."""
    return {key: row.text(key) for key in _FIELDS[table]}


def account(category: str | None, mode: str | None) -> str | None:
    """Cost account of materials (rule X203): empty for what costs nothing, None while nobody knows."""
    if mode == "" or mode in NO_COST:
        return ""
    if mode is None:
        return None
    if mode == "租赁":
        return "1005"
    if category == "软件":
        return "1003" if mode == "自产" else "1002"
    return None if category is None else _CATEGORY_ACCOUNTS.get(category, "")


# -- the sums that a row is added to ------------------------------------------------------------------------------


def _by_scope(table: str, scope: str | None, name: str = "{}") -> list[Pattern]:
    return [(table, name.format(SCOPES[one])) for one in SCOPES if scope in (None, one)]


def cost_groups(parts: Parts) -> list[Pattern]:
    """Sums of amounts that a line of the cost plan belongs to."""
    acc, scope, stage, month = (parts[key] for key in _FIELDS["cost"])
    found: list[Pattern] = [("cost", "total"), ("cost", "account", acc), ("cost", "account_scope", acc, scope)]
    found += [("cost", "stage", stage), ("cost", "account_stage", acc, scope, stage), *_by_scope("cost", scope)]
    return found + ([("cost", "month", month), ("cost", "month_scope", month, scope)] if month != "" else [])


def net_cost_groups(parts: Parts) -> list[Pattern]:
    """Sums of tax-exclusive amounts that a line of the cost plan belongs to."""
    found: list[Pattern] = [("cost", "total_excl"), ("cost", "account_excl", parts["acc"])]
    return found + _by_scope("cost", parts["scope"], "{}_excl")


def material_groups(parts: Parts) -> list[Pattern]:
    """Sums of amounts that a line of the materials belongs to."""
    category, scope, mode = (parts[key] for key in _FIELDS["materials"])
    found: list[Pattern] = [("materials", "total"), ("materials", "category", category)]
    found += [("materials", "group", category, scope, mode), *_by_scope("materials", scope)]
    acc = account(category, mode)
    return found + ([("materials", "account_scope", acc, scope)] if acc != "" else [])


def days_groups(parts: Parts) -> list[Pattern]:
    """Sums of days that a line of the staffing plan belongs to."""
    dept, scope, stage = (parts[key] for key in _FIELDS["staffing"])
    found: list[Pattern] = [("staffing", "days"), ("staffing", "dept", dept), ("staffing", "stage", stage)]
    found += [("staffing", "dept_stage", dept, stage), ("staffing", "dept_scope", dept, scope)]
    return found + _by_scope("staffing", scope, "{}_days")


def labour_groups(parts: Parts) -> list[Pattern]:
    """Sums of labour that a line of the staffing plan belongs to."""
    dept, scope, stage = (parts[key] for key in _FIELDS["staffing"])
    found: list[Pattern] = [("staffing", "amount"), ("staffing", "dept_amount", dept)]
    found.append(("staffing", "scope_stage", scope, stage))
    return found + _by_scope("staffing", scope, "{}_amount")


def _all_cost(parts: Parts) -> list[Pattern]:
    return cost_groups(parts) + net_cost_groups(parts)


def _all_staffing(parts: Parts) -> list[Pattern]:
    return days_groups(parts) + labour_groups(parts)


_GROUPS: Mapping[str, Callable[[Parts], list[Pattern]]] = {
    "cost": _all_cost,
    "materials": material_groups,
    "staffing": _all_staffing,
}


# -- rows that belong to none -------------------------------------------------------------------------------------


def unplaced(project: Project, accounts: Container[str]) -> tuple[Unplaced, ...]:
    """Every cell that should say where its row belongs and does not, with the sums that the row may belong to.

    Args:
        project: the workbooks.
        accounts: cost accounts of workbook 00.
    """
    stages = {row.text("code") for row in project.rows("plan", "stages")} - {""}
    known: Mapping[str, Container[str]] = {"acc": accounts, "scope": SCOPES, "mode": _MODES, "stage": stages}
    known = {**known, "category": {*_CATEGORY_ACCOUNTS, "软件"}}
    return tuple(one for table in _FIELDS for one in _of_table(project, table, known))


def _of_table(project: Project, table: str, known: Mapping[str, Container[str]]) -> Iterator[Unplaced]:
    for at, _ in project.sheet(table, "lines").subtotals:
        yield Unplaced(at, ((table,),))
    for row in project.rows(table, "lines"):
        unread = [key for key in _FIELDS[table] if not _said(row, key, known)]
        parts = {**parts_of(table, row), **dict.fromkeys(unread)}
        for key in unread:
            without = set(_GROUPS[table]({**parts, key: "?"}))
            yield Unplaced(row.at(key), tuple(one for one in _GROUPS[table](parts) if one not in without))


def _said(row: Record, key: str, known: Mapping[str, Container[str]]) -> bool:
    """Whether a cell says where its row belongs; a column that is missing is told by itself (F029)."""
    values = known.get(key)
    if key not in row.cells:
        return True
    return row.cell(key).value is not None and (not values or row.text(key) in values)
