"""Mistakes that the rules of the first way cannot see: behind the check, or alike on both sides that it compares."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest

from pipeline.core.figures import Key
from pipeline.core.leaves import Shown
from pipeline.core.sheets import Cell, Record, Sheet
from pipeline.derive import facts, figures
from pipeline.intake import sheets, workbooks
from pipeline.render.context import shown, tables
from pipeline.render.context.shown import Node, Source, leaf

Plant = Callable[[pytest.MonkeyPatch], None]
Rows = Callable[[list[Node]], list[Node]]


def read_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what was read, and do not keep what is read wrongly."""
    monkeypatch.setattr(workbooks, "_known", OrderedDict())


# -- read wrongly ------------------------------------------------------------------------------------------------------


def _read(field: str, change: Callable[[Cell, Cell], Cell]) -> Plant:
    """A column of every list of lines is read otherwise; `change` is given a cell and the one below it."""

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        real = sheets._read_table

        def read(*given: Any) -> Sheet:
            found = real(*given)
            below = (*found.rows[1:], *found.rows[:1])
            rows = tuple(changed(*pair) for pair in zip(found.rows, below, strict=True))
            return replace(found, rows=rows) if found.key == "lines" else found

        def changed(row: Record, other: Record) -> Record:
            if field not in row.cells:
                return row
            return replace(row, cells={**row.cells, field: change(row.cells[field], other.cells[field])})

        monkeypatch.setattr(sheets, "_read_table", read)
        read_anew(monkeypatch)

    return plant


def _below(cell: Cell, other: Cell) -> Cell:
    return replace(cell, value=other.value, shown=other.shown)


def _a_day_late(cell: Cell, _: Cell) -> Cell:
    return replace(cell, value=cell.value + timedelta(days=1)) if isinstance(cell.value, date) else cell


# -- added wrongly -----------------------------------------------------------------------------------------------------


def _figures(change: Callable[[figures.Figures], figures.Figures]) -> Plant:
    """All figures, changed behind the adding."""

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        real = facts.all_figures
        monkeypatch.setattr(facts, "all_figures", lambda *given: change(real(*given)))

    return plant


def _next(*name: str) -> Plant:
    """Each sum of a name is that of the next group."""

    def change(found: figures.Figures) -> figures.Figures:
        keys = [key for key in found if key[: len(name)] == name]
        return {**found, **dict(zip(keys, [found[key] for key in (*keys[1:], *keys[:1])], strict=True))}

    return _figures(change)


def _other(key: Key, value: Callable[[Decimal], Decimal]) -> Plant:
    """One figure has another value."""

    def change(found: figures.Figures) -> figures.Figures:
        return {**found, key: replace(found[key], value=value(found[key].value))} if key in found else found

    return _figures(change)


def _as(key: Key, other: Key) -> Plant:
    """One figure is another one."""
    return _figures(lambda found: {**found, key: found[other]} if other in found else found)


def margin_with_tax(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gross profit of the amounts with tax."""
    real = figures._margin
    with_tax = {("revenue", "total_excl"): ("revenue", "total"), ("cost", "total_excl"): ("cost", "total")}
    monkeypatch.setattr(
        figures, "_margin", lambda found: real({**found, **{key: found[other] for key, other in with_tax.items()}})
    )


# -- printed wrongly ---------------------------------------------------------------------------------------------------


def _printed(name: str, change: Rows) -> Plant:
    """The rows of lists whose names begin so, changed before they are printed."""

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        real = tables.table

        def table(source: Source, called: str, *given: Any) -> list[Node]:
            found = real(source, called, *given)
            return change(found) if called.startswith(name) else found

        monkeypatch.setattr(tables, "table", table)

    return plant


def _of_the_row_below(field: str, *, with_cell: bool = False) -> Rows:
    """A field of the next row, from the cell of that row or as if it stood in the own one."""

    def change(rows: list[Node]) -> list[Node]:
        values = [row[field] for row in rows]
        return [
            {**row, field: _renamed(other, row[field], with_cell=with_cell)}
            for row, other in zip(rows, (*values[1:], *values[:1]), strict=True)
        ]

    return change


def _renamed(other: Shown, own: Shown, *, with_cell: bool) -> Shown:
    return Shown(
        str(other),
        name=own.name,
        value=other.value,
        cells=other.cells if with_cell else own.cells,
        forms=other.forms,
    )


def _valued(field: str, kind: str, change: Callable[[Any], Any]) -> Rows:
    """A field with another value, in figures and in the text alike."""

    def other(one: Shown) -> Shown:
        return one if one.value is None else leaf(one.name, change(one.value), kind, one.cells)

    return lambda rows: [{**row, field: other(row[field])} for row in rows]


def _swapped(first: str, second: str) -> Rows:
    return lambda rows: [{**row, first: row[second], second: row[first]} for row in rows]


def _formed(kind: str, form: str, change: Callable[[Any], Any]) -> Plant:
    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        how = shown.KINDS[kind]
        forms = {**how.forms, form: lambda value: how.forms[form](change(value))}
        monkeypatch.setitem(shown.KINDS, kind, replace(how, forms=forms))  # type: ignore[arg-type]

    return plant


_FEN, _DAY = Decimal("0.01"), timedelta(days=1)
QUIET: Mapping[str, Plant] = {
    "description_of_the_row_below": _read("desc", _below),
    "basis_of_the_row_below": _read("basis", _below),
    "needed_a_day_late": _read("need_date", _a_day_late),
    "model_of_the_row_below": _read("model", _below),
    "margin_with_tax": margin_with_tax,
    "margin_cut_down": _other(("gross_margin",), lambda value: value.quantize(Decimal(1), ROUND_DOWN)),
    "profit_with_the_wrong_sign": _other(("gross_profit",), lambda value: -value),
    "net_total_of_gross": _as(("cost", "total_excl"), ("cost", "total")),
    "net_presales_of_gross": _as(("cost", "presales_excl"), ("cost", "presales")),
    "net_accounts_swapped": _next("cost", "account_excl"),
    "months_swapped": _next("cost", "month"),
    "running_a_month_late": _next("cost", "running"),
    "departments_swapped": _next("staffing", "dept"),
    "department_amounts_swapped": _next("staffing", "dept_amount"),
    "department_scopes_swapped": _next("staffing", "dept_scope"),
    "material_groups_swapped": _next("materials", "group"),
    "revenue_a_fen_less": _other(("revenue", "total_excl"), lambda value: value - _FEN),
    "deviation_the_other_way": _other(("deviation", "cost"), lambda value: -value),
    "change_counted_twice": _other(("changes", "approved"), lambda value: value * 2),
    "person_of_the_row_below": _printed("staffing.lines", _of_the_row_below("emp_no")),
    "department_of_the_row_below": _printed("staffing.lines", _of_the_row_below("dept")),
    "amount_of_the_row_below": _printed("cost", _of_the_row_below("amount", with_cell=True)),
    "text_of_the_row_below": _printed("cost.presales_lines", _of_the_row_below("desc", with_cell=True)),
    "begins_a_day_late": _printed("staffing.lines", _valued("start", "date", lambda day: day + _DAY)),
    "days_one_more": _printed("staffing.lines", _valued("plan_days", "num", lambda value: value + 1)),
    "prices_without_fen": _printed("materials", _valued("unit_price", "money4", lambda v: v.quantize(Decimal(1)) - 1)),
    "begin_and_end_swapped": _printed("staffing.lines", _swapped("start", "end")),
    "in_thousands": _formed("money", "wan", lambda value: value * 10),
}
