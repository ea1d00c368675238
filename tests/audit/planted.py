"""Mistakes planted in the first way from the workbooks to the papers: what a program could get wrong."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.audit.papers import Paper, of_document
from pipeline.audit.reader import Shelf
from pipeline.audit.whole import audit_run
from pipeline.check.case import Case
from pipeline.core import money
from pipeline.core.audits import Audit
from pipeline.core.sheets import Record, Sheet
from pipeline.definitions.forms import load_forms
from pipeline.derive import facts, figures, groups
from pipeline.derive.figures import FigureTally
from pipeline.intake import disguise, sheets
from pipeline.render.context import shown, tables
from pipeline.render.context.shown import Source
from pipeline.render.maker import Maker, wanted
from tests.audit.quiet import QUIET, read_anew
from tests.cases import DORM, ROOT, read_case

SHELF = Shelf()
PAPERS = frozenset({"PP1", "PP2", "PP3", "PAF"})
Plant = Callable[[pytest.MonkeyPatch], None]


def audit(code: str = DORM) -> Audit:
    """The figures of a sample with the first way as it is patched just now."""
    return audited(read_case(ROOT / "samples" / code))


def audited(case: Case, *papers: Paper) -> Audit:
    """Figures and papers of a case, audited from the files that it was read from."""
    books = (case.company.book, *case.project.books)
    files = {book.name: book.path.read_bytes() for book in books}
    return audit_run(files, case.facts, papers, load_forms(), SHELF)


def with_papers(case: Case) -> Audit:
    """The figures of a case and some of its papers as they are made just now; no PDFs."""
    source = Source(case.project, case.company, case.facts, case.forms)
    with tempfile.TemporaryDirectory() as work:
        maker = Maker(source, Path(work), None)
        orders = [one for one in wanted(source, blocked=False, draft=False) if one.form.code in PAPERS]
        return audited(case, *(of_document(maker.make(order)) for order in orders))


# -- read wrongly ------------------------------------------------------------------------------------------------------


def _rows(change: Callable[[tuple[Record, ...]], tuple[Record, ...]]) -> Plant:
    """Every list of lines is read with its rows changed."""

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        real = sheets._read_table

        def read(*given: Any) -> Sheet:
            found = real(*given)
            return replace(found, rows=change(found.rows)) if found.key == "lines" else found

        monkeypatch.setattr(sheets, "_read_table", read)
        read_anew(monkeypatch)

    return plant


def _from_the_row_below(rows: tuple[Record, ...]) -> tuple[Record, ...]:
    below = (*rows[1:], *rows[:1])
    pairs = zip(rows, below, strict=True)
    return tuple(replace(row, cells={**row.cells, "amount": other.cells["amount"]}) for row, other in pairs)


def a_fen_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every number with decimals."""
    real = money.excel_number
    monkeypatch.setattr(disguise, "excel_number", lambda text: real(text) + (money.FEN if "." in text else 0))
    read_anew(monkeypatch)


def cut_to_yuan(monkeypatch: pytest.MonkeyPatch) -> None:
    """Amounts lose their fen."""
    real = Record.money

    def cut(row: Record, key: str) -> Any:
        found = real(row, key)
        whole = found and found.value.quantize(Decimal(1), ROUND_DOWN)
        return found and (replace(found, value=whole) if key.startswith("amount") else found)

    monkeypatch.setattr(Record, "money", cut)


# -- added wrongly -----------------------------------------------------------------------------------------------------


def wrong_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums are subtracted."""
    real = FigureTally._sum
    monkeypatch.setattr(FigureTally, "_sum", lambda *given: replace(real(*given), value=-real(*given).value))


def dotted_name_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name is cut apart at a sign in it."""
    real = FigureTally.add

    def add(tally: FigureTally, row: Record, field: str, keys: Any) -> None:
        real(tally, row, field, [tuple(part.partition("部")[0] for part in key) for key in keys])

    monkeypatch.setattr(FigureTally, "add", add)


def half_even(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates are rounded as banks do."""

    def even(value: Decimal, places: int = 2) -> Decimal:
        return (value + Decimal("0.005")).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)

    monkeypatch.setattr(figures, "half_up", even)


def wrong_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """Devices are counted as cables."""
    real = groups.account
    monkeypatch.setattr(groups, "account", lambda *given: "1004" if real(*given) == "1001" else real(*given))


def swapped_column(monkeypatch: pytest.MonkeyPatch) -> None:
    """Amounts with and without tax."""
    real = Record.money
    swapped = {"amount": "amount_excl", "amount_excl": "amount"}
    monkeypatch.setattr(Record, "money", lambda row, key: real(row, swapped.get(key, key)))


def _parts(change: Callable[[dict[str, str]], dict[str, str]]) -> Plant:
    """What a row says of where it belongs, changed."""

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        real = groups.parts_of
        monkeypatch.setattr(figures, "parts_of", lambda *given: change(real(*given)))

    return plant


def _a_month_late(parts: dict[str, str]) -> dict[str, str]:
    month = parts.get("use_month")
    if not month:
        return parts
    later = date.fromisoformat(f"{month}-28") + timedelta(days=7)
    return {**parts, "use_month": f"{later:%Y-%m}"}


def scopes_swapped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Presales and engineering."""
    monkeypatch.setitem(groups.SCOPES, "售前", "engineering")
    monkeypatch.setitem(groups.SCOPES, "工程", "presales")


def class_mistaken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every project is of the other class."""
    real = facts.classify
    other = {"一般项目": "重大项目", "重大项目": "一般项目"}

    def classify(*given: Any) -> Any:
        found = real(*given)
        wrong = found and replace(found.project_class, value=other[found.project_class.value])
        return found and replace(found, project_class=wrong)

    monkeypatch.setattr(facts, "classify", classify)


# -- printed wrongly ---------------------------------------------------------------------------------------------------


def _text(kind: str, change: Callable[[Any], Any], form: str = "") -> Plant:
    """Values of a kind are printed as another value is."""

    def plant(monkeypatch: pytest.MonkeyPatch) -> None:
        how = shown.KINDS[kind]
        if form:
            forms = {**how.forms, form: lambda value: how.forms[form](change(value))}
            monkeypatch.setitem(shown.KINDS, kind, replace(how, forms=forms))  # type: ignore[arg-type]
        else:
            monkeypatch.setitem(shown.KINDS, kind, replace(how, text=lambda value: how.text(change(value))))  # type: ignore[arg-type]

    return plant


def row_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of the staffing plan is not printed."""
    real = tables.table

    def short(source: Source, name: str, *given: Any) -> Any:
        found = real(source, name, *given)
        return found[:-1] if name.startswith("staffing") else found

    monkeypatch.setattr(tables, "table", short)


def columns_swapped_in_print(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two columns of the cost plan change their places."""
    real = tables.table

    def swapped(source: Source, name: str, *given: Any) -> Any:
        found = real(source, name, *given)
        if not name.startswith("cost"):
            return found
        return [{**row, "qty": row["unit_price"], "unit_price": row["qty"]} if "qty" in row else row for row in found]

    monkeypatch.setattr(tables, "table", swapped)


def figure_of_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sum is printed under the name of the next one."""
    real = tables.figure
    other = {("cost", "presales"): ("cost", "engineering")}
    monkeypatch.setattr(tables, "figure", lambda source, name, key, *how: real(source, name, other.get(key, key), *how))


READ: Mapping[str, Plant] = {
    "lost_row": _rows(lambda rows: rows[:-1]),
    "first_row_lost": _rows(lambda rows: rows[1:]),
    "row_twice": _rows(lambda rows: rows + rows[-1:]),
    "off_by_one": _rows(_from_the_row_below),
    "a_fen_more": a_fen_more,
    "cut_to_yuan": cut_to_yuan,
}
ADDED: Mapping[str, Plant] = {
    "wrong_sign": wrong_sign,
    "dotted_name_cut": dotted_name_cut,
    "half_even": half_even,
    "wrong_group": wrong_group,
    "swapped_column": swapped_column,
    "a_month_late": _parts(_a_month_late),
    "scopes_swapped": scopes_swapped,
    "class_mistaken": class_mistaken,
}
PRINTED: Mapping[str, Plant] = {
    "a_fen_more_in_print": _text("money", lambda value: value + money.FEN),
    "wan_of_another": _text("money", lambda value: value - 100, "wan"),
    "words_of_another": _text("money", lambda value: value + 1, "upper"),
    "a_day_late_in_print": _text("date", lambda day: day + timedelta(days=1), "cn"),
    "row_not_printed": row_not_printed,
    "columns_swapped_in_print": columns_swapped_in_print,
    "figure_of_another_name": figure_of_another_name,
}
PLANTED: Mapping[str, Plant] = {**READ, **ADDED, **PRINTED, **QUIET}
