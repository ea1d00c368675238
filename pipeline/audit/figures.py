"""Every figure of a project, added up anew with pandas; keys as `pipeline.core.figures` names them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipeline.audit.books import Books
from pipeline.audit.frames import AT, HOW, UNREAD, Lines, NotFound
from pipeline.audit.values import half_up
from pipeline.core.figures import Key

if TYPE_CHECKING:
    import pandas as pd

PRESALES, ENGINEERING = ("scope", "售前"), ("scope", "工程")
_IN_FORCE = ("已批准", "已实施")
_MERGED = "同一张表有几本,合并按约定"


@dataclass(frozen=True, slots=True)
class Figure:
    """A sum with what it was made of.

    Attributes:
        value: yuan, person-days or per cent.
        cells: as provenance writes them.
        how: conventions by which some of them were read.
        unread: why it cannot be told; empty where it can.
    """

    value: Decimal
    cells: tuple[str, ...] = ()
    how: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


Figures = dict[Key, Figure]
# Why the figures of a table (`("cost",)`) or of one name (`("staffing", "dept")`) cannot be told.
Lost = dict[Key, str]


@dataclass(frozen=True, slots=True)
class Sum:
    """A column to add: grouped by others, over the rows of one value; rows whose month is blank belong to no month."""

    name: Key
    column: str
    by: tuple[str, ...] = ()
    where: tuple[str, str] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that decide to which sum a row belongs."""
        return (*self.by, *((self.where[0],) if self.where else ()))


def _sums(sheet: str, column: str, **named: tuple[str, ...]) -> list[Sum]:
    return [Sum((sheet, name), column, by) for name, by in named.items()]


_TABLES: Mapping[tuple[str, str], Sequence[Sum]] = {
    ("cost", "lines"): [
        *_sums(
            "cost", "amount", total=(), account=("acc",), account_scope=("acc", "scope"), stage=("stage",),
            account_stage=("acc", "scope", "stage"), month=("use_month",), month_scope=("use_month", "scope"),
        ),
        Sum(("cost", "presales"), "amount", (), PRESALES),
        Sum(("cost", "engineering"), "amount", (), ENGINEERING),
        *_sums("cost", "amount_excl", total_excl=(), account_excl=("acc",)),
        Sum(("cost", "presales_excl"), "amount_excl", (), PRESALES),
        Sum(("cost", "engineering_excl"), "amount_excl", (), ENGINEERING),
    ],
    ("materials", "lines"): [
        *_sums(
            "materials", "amount", total=(), category=("category",), group=("category", "scope", "mode"),
            account_scope=("account", "scope"),
        ),
        Sum(("materials", "presales"), "amount", (), PRESALES),
        Sum(("materials", "engineering"), "amount", (), ENGINEERING),
    ],
    ("staffing", "lines"): [
        *_sums(
            "staffing", "plan_days", days=(), dept=("dept",), stage=("stage",), dept_stage=("dept", "stage"),
            dept_scope=("dept", "scope"),
        ),
        Sum(("staffing", "presales_days"), "plan_days", (), PRESALES),
        Sum(("staffing", "engineering_days"), "plan_days", (), ENGINEERING),
        *_sums("staffing", "amount", amount=(), dept_amount=("dept",), scope_stage=("scope", "stage")),
        Sum(("staffing", "presales_amount"), "amount", (), PRESALES),
        Sum(("staffing", "engineering_amount"), "amount", (), ENGINEERING),
    ],
    ("plan", "revenue"): _sums("revenue", "amount", total=()) + _sums("revenue", "amount_excl", total_excl=()),
    ("plan", "stages"): _sums("plan", "person_days", stage_days=()) + _sums("plan", "budget", stage_budget=()),
    ("bids", "quotation"): _sums("quotation", "cost", cost=()) + _sums("quotation", "price", price=()),
}  # fmt: skip
# Columns in which a blank means that the row belongs to no such sum; elsewhere blanks are a group of their own.
_NO_GROUP = ("use_month", "account")
# What costs nothing, and the accounts of the rest by category (clause 6.3.1; workbook 04, 对应费用科目).
_COSTS_NOTHING = ("借用", "库存", "客户提供")
_ACCOUNTS = {"硬件设备": "1001", "工具仪器": "1001", "辅材线缆": "1004", "办公资料": "1006"}
_RENTED = "1005"
_SOFTWARE = {"自产": "1003"}
_BOUGHT_SOFTWARE = "1002"


def figures_of(books: Books) -> tuple[Figures, Lost]:
    """All figures, and why some cannot be told."""
    found: Figures = {}
    lost: Lost = {}
    for (form, sheet), sums in _TABLES.items():
        if books.forms[form].voluntary and form not in books.opened:
            continue
        try:
            found |= _table(books, form, sheet, sums, lost)
        except NotFound as problem:
            lost |= {one.name[:1]: str(problem) for one in sums}
    for make, names, needed in _MORE:
        try:
            if gone := [why for key in needed if (why := why_lost(key, lost))]:
                raise NotFound(gone[0])
            found |= make(books, found)
        except NotFound as problem:
            lost |= dict.fromkeys(names, str(problem))
    return found, lost


def why_lost(key: Key, lost: Lost) -> str:
    """Why a figure cannot be told; empty where it can."""
    return lost.get(key[:1]) or lost.get(key[:2], "")


def _table(books: Books, form: str, sheet: str, sums: Sequence[Sum], lost: Lost) -> Figures:
    lines, definition = books.lines(form, sheet), books.forms[form].sheet_form(sheet)
    if form == "materials":
        lines = with_account(lines)
    choices = {one.key: one.choices for one in definition.fields if one.choices}
    found: Figures = {}
    for one in sums:
        if doubts := _doubts(lines, one, choices):
            lost[one.name] = ";".join(doubts[:3])
        else:
            found |= _summed(lines, one)
    return found


def with_account(lines: Lines) -> Lines:
    """Lines of materials with the account of cost that each belongs to, none for what costs nothing."""
    frame = lines.frame.copy()
    frame["account"] = [_account(row) for _, row in frame.iterrows()]
    frame["account" + UNREAD] = frame["category" + UNREAD] + frame["mode" + UNREAD]
    frame["account" + HOW] = ""
    return replace(lines, frame=frame)


def _account(row: Any) -> str | None:
    mode, category = row["mode"], row["category"]
    if not mode or mode in _COSTS_NOTHING:
        return None
    if mode == "租赁":
        return _RENTED
    return _SOFTWARE.get(mode, _BOUGHT_SOFTWARE) if category == "软件" else _ACCOUNTS.get(category)


def _summed(lines: Lines, wanted: Sum) -> Figures:
    frame = lines.frame
    if wanted.where:
        frame = frame[frame[wanted.where[0]] == wanted.where[1]]
    for key in set(wanted.by) & set(_NO_GROUP):
        frame = frame[frame[key].notna()]
    if frame.empty:
        return {}
    if not wanted.by:
        return {wanted.name: _added(lines, frame, wanted)}
    grouped = frame.assign(**{key: frame[key].map(_as_part) for key in wanted.by}).groupby(list(wanted.by), sort=True)
    return {(*wanted.name, *_parts(key)): _added(lines, rows, wanted) for key, rows in grouped}


def _as_part(value: object) -> str:
    return "" if value is None else str(value)


def _parts(key: Any) -> tuple[str, ...]:
    return tuple(key) if isinstance(key, tuple) else (key,)


def _doubts(lines: Lines, wanted: Sum, choices: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Why it is not known to which sum some row belongs; subtotals among the lines make every sum doubtful."""
    if missing := [key for key in (wanted.column, *wanted.columns) if key not in lines.frame.columns]:
        return (f"{lines.sheet}没有字段 {missing[0]}",)
    found = list(lines.doubts)
    for key in wanted.columns:
        column, unread = lines.frame[key], lines.frame[key + UNREAD]
        found += [f"{lines.sheet}:{why}" for why in unread[unread != ""]]
        if key == "scope":
            odd = column[column.notna() & ~column.isin(list(choices.get(key, ())))]
            found += [f"{lines.sheet}:归属写着“{value}”" for value in odd]
    return tuple(dict.fromkeys(found))


def _added(lines: Lines, rows: pd.DataFrame, wanted: Sum) -> Figure:
    column = wanted.column
    filled = rows[rows[column].notna()]
    total = Decimal(0) if filled.empty else Decimal(filled[column].sum())
    unread = [f"{at} {why or '没有值'}" for at, why in _pairs(rows[rows[column].isna()], column)]
    how = {why for key in (column, *wanted.columns) for why in filled[key + HOW] if why}
    cells = tuple(lines.place(at) for at in filled[column + AT])
    return Figure(total, cells, tuple(sorted(how)), tuple(unread))


def _pairs(rows: pd.DataFrame, column: str) -> Iterable[tuple[str, str]]:
    return zip(rows[column + AT], rows[column + UNREAD], strict=True)


# -- figures made of others -------------------------------------------------------------------------------------------


def combined(parts: Iterable[tuple[int, Figure]]) -> Figure:
    """The sum of figures, each with its sign."""
    found = list(parts)
    return Figure(
        sum((sign * part.value for sign, part in found), Decimal(0)),
        tuple(cell for _, part in found for cell in part.cells),
        tuple(dict.fromkeys(how for _, part in found for how in part.how)),
        tuple(dict.fromkeys(why for _, part in found for why in part.unread)),
    )


def _running(_: Books, found: Figures) -> Figures:
    months = sorted(key for key in found if key[:2] == ("cost", "month"))
    sums: Figures = {}
    for place, key in enumerate(months, start=1):
        sums["cost", "running", key[2]] = combined((1, found[one]) for one in months[:place])
    return sums


def _margin(_: Books, found: Figures) -> Figures:
    revenue, cost = found.get(("revenue", "total_excl")), found.get(("cost", "total_excl"))
    if revenue is None or cost is None or (revenue.value <= 0 and not revenue.unread):
        return {}
    profit = combined([(1, revenue), (-1, cost)])
    margin = half_up(profit.value / revenue.value * 100) if revenue.value else Decimal(0)
    return {("gross_profit",): profit, ("gross_margin",): replace(profit, value=margin)}


def _single(lines: Lines, row: Any, column: str, merged: tuple[str, ...] = ()) -> Figure | None:
    """A cell as a figure; None where it is blank."""
    if column not in row.index:
        raise NotFound(f"{lines.sheet}没有字段 {column}")
    if row[column] is None and not row[column + UNREAD]:
        return None
    unread = (f"{row[column + AT]} {row[column + UNREAD]}",) if row[column + UNREAD] else merged
    how = (row[column + HOW],) if row[column + HOW] else ()
    return Figure(row[column] or Decimal(0), (lines.place(row[column + AT]),), how, unread)


def _changes(books: Books, _others: Figures) -> Figures:
    """Planned cost from version to version, and what every change found and leads to (6.4.8)."""
    revisions = _column(books, "plan", "revisions", "total")
    changes = _approvals(books)
    base = [(1, figure) for _, figure in revisions[:1]]
    approved = [(1, figure) for _, in_force, figure in changes if in_force]
    found: Figures = {("changes", "approved"): combined(approved)} if approved else {}
    if base:
        found["revisions", "baseline"], found["revisions", "last"] = base[0][1], revisions[-1][1]
    if base or approved:
        found["revisions", "planned"] = combined([*base, *approved])
    for place, (no, _, figure) in enumerate(changes):
        earlier = [(1, one) for _, counts, one in changes[:place] if counts]
        if earlier:
            found["changes", "before", no] = combined(earlier)
        found["changes", "after", no] = combined([*base, *earlier, (1, figure)])
    return found


def _column(books: Books, form: str, sheet: str, column: str) -> list[tuple[Any, Figure]]:
    """A column row by row, over all workbooks of the form; a blank cell counts as one that cannot be read."""
    parts = _optional(books, form, sheet)
    merged = (_MERGED,) if len(parts) > 1 else ()
    found = []
    for lines in parts:
        for _, row in lines.frame.iterrows():
            figure = _single(lines, row, column, merged) or Figure(
                Decimal(0), (), (), (f"{lines.sheet}有空的 {column}",)
            )
            found.append((row, figure))
    return found


def _optional(books: Books, form: str, sheet: str) -> Sequence[Lines]:
    """A sheet of every workbook of a form; none where the project has no such workbook yet."""
    return books.parts(form, sheet) if form in books.opened or books.refused else []


def _approvals(books: Books) -> list[tuple[str, bool, Figure]]:
    """Number, whether in force, and amount of every change: by the day of approval, those without one last."""
    rows = _column(books, "records", "changes", "delta_cost")
    for row, _ in rows:
        if unread := row["approve_date" + UNREAD] + row["status" + UNREAD] + row["no" + UNREAD]:
            raise NotFound(f"变更:{unread}")
    numbers = [row["no"] for row, _ in rows]
    if len(set(numbers)) != len(numbers) or None in numbers:
        raise NotFound("变更单号空着或重复")
    rows.sort(key=lambda pair: pair[0]["approve_date"] or date.max)
    return [(_as_part(row["no"]), row["status"] in _IN_FORCE, figure) for row, figure in rows]


def _deviation(books: Books, found: Figures) -> Figures:
    """Actual presales days and cost, of the closing or else of the last report, minus the plan's."""
    closing, reports = _optional(books, "records", "closing"), _optional(books, "records", "reports")
    if len(closing) > 1:
        raise NotFound(_MERGED)
    rows = [(lines, lines.frame.iloc[0]) for lines in closing if len(lines.frame)]
    if not rows or _single(*rows[0], "actual_cost") is None:
        rows = [(lines, lines.frame.iloc[-1]) for lines in reports if len(lines.frame)] or rows
    sums: Figures = {}
    for key, planned in (("days", ("staffing", "presales_days")), ("cost", ("cost", "presales"))):
        actual = _single(*rows[0], f"actual_{key}") if rows else None
        if actual and planned in found:
            sums["deviation", key] = combined([(1, actual), (-1, found[planned])])
    return sums


def _ratio(_: Books, found: Figures) -> Figures:
    cost, price = found.get(("quotation", "cost")), found.get(("quotation", "price"))
    if cost is None or price is None or (not cost.value and not cost.unread):
        return {}
    both = combined([(1, cost), (1, price)])
    value = half_up(price.value / cost.value * 100) if cost.value else Decimal(0)
    return {("quotation", "ratio"): replace(both, value=value)}


# How the rest is made, what it gives, and the figures that it needs.
_MORE: Sequence[tuple[Callable[[Books, Figures], Figures], Sequence[Key], Sequence[Key]]] = (
    (_running, [("cost", "running")], [("cost", "month")]),
    (_margin, [("gross_profit",), ("gross_margin",)], [("revenue", "total_excl"), ("cost", "total_excl")]),
    (_changes, [("revisions",), ("changes",)], []),
    (_ratio, [("quotation", "ratio")], [("quotation", "cost"), ("quotation", "price")]),
    (_deviation, [("deviation",)], [("staffing", "presales_days"), ("cost", "presales")]),
)
