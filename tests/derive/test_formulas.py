"""Formula cells without a value of their own: never calculated, in error because of a text number, typed over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.check.case import Case
from pipeline.core.sheets import Cell, Flaw
from pipeline.definitions.forms import load_forms
from pipeline.derive.formulas import as_value, master_columns, recalculated, values_of
from tests.cases import DORM, TV, load_case, read_case, write_sample
from tests.derive.drawn import part_of_sample

D = Decimal
COST_1 = {"workbook": "cost", "sheet": "lines", "match": {"no": 1}}


def edit(op: str, field: str, value: Any, **where: Any) -> dict[str, Any]:
    return {"op": op, **COST_1, "field": field, "value": value, **where}


def amount(case: Case, field: str = "amount", no: str = "1") -> Cell:
    row = case.project.sheet("cost", "lines").find("no", no)
    assert row is not None
    return row.cell(field)


def total(case: Case, key: str = "grand_total", form: str = "cost", sheet: str = "lines") -> Cell:
    return case.project.sheet(form, sheet).totals.cell(key)


# -- never calculated -------------------------------------------------------------------------------------------


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def never_calculated(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The ordinary sample, saved by a program that drops the values of all formulas."""
    folder = write_sample(tmp_path_factory.mktemp("dropped"))
    for path in folder.glob("0[1-6]_*.xlsx"):
        openpyxl.load_workbook(path).save(path)
    before = files(folder)
    case = read_case(folder)
    assert files(folder) == before  # the folder is only read
    return case


def test_every_figure_is_there_all_the_same(never_calculated: Case) -> None:
    clean = load_case(code=DORM).facts
    assert {k: f.value for k, f in never_calculated.facts.figures.items()} == {
        k: f.value for k, f in clean.figures.items()
    }
    assert never_calculated.facts.project_class == clean.project_class
    assert never_calculated.facts.survey == clean.survey
    assert never_calculated.project.code == DORM


def test_a_calculated_amount_is_quantity_by_price_and_says_so(never_calculated: Case) -> None:
    cell = amount(never_calculated)
    assert cell.value == amount(load_case(code=DORM)).value
    assert cell.calculated == cell.value
    assert cell.flaws == {Flaw.UNCALCULATED}
    assert cell.shown == ""


def test_so_are_totals_names_and_days(never_calculated: Case) -> None:
    clean = load_case(code=DORM)
    for form, sheet in (("cost", "lines"), ("materials", "lines"), ("staffing", "lines"), ("plan", "revenue")):
        before = clean.project.sheet(form, sheet)
        after = never_calculated.project.sheet(form, sheet)
        assert {k: c.value for k, c in after.totals.cells.items()} == {
            k: c.value for k, c in before.totals.cells.items()
        }
        for old, new in zip(before.rows, after.rows, strict=True):
            assert {k: c.value for k, c in new.cells.items()} == {k: c.value for k, c in old.cells.items()}, new.number


def test_prefilled_cells_and_stamps_take_the_head(never_calculated: Case) -> None:
    basics = never_calculated.project.head("plan", "basics")
    assert basics.text("project_code") == DORM
    assert basics.text("plan_version") == load_case(code=DORM).project.head("plan", "basics").text("plan_version")
    for book in never_calculated.project.workbooks.values():
        assert {sheet.stamp.text("project_code") for sheet in book.sheets.values()} == {DORM}


def test_blank_rows_of_the_form_stay_no_rows(never_calculated: Case) -> None:
    clean = load_case(code=DORM).project
    for form in clean.workbooks:
        for key, sheet in clean.workbooks[form].sheets.items():
            assert len(never_calculated.project.rows(form, key)) == len(sheet.rows), (form, key)


# -- errors -----------------------------------------------------------------------------------------------------

FULL_WIDTH_10 = "\uff11\uff10"


def test_an_error_because_of_a_text_number_is_worked_out() -> None:
    case = part_of_sample([edit("set_raw_text", "qty", FULL_WIDTH_10), edit("set_error", "amount", "#VALUE!")], "cost")
    price = amount(case, "unit_price").value
    assert isinstance(price, Decimal)
    assert amount(case, "qty").flaws == {Flaw.TEXT_NUMBER}
    assert amount(case).value == 10 * price
    assert amount(case).flaws == {Flaw.ERROR, Flaw.UNCALCULATED}
    assert amount(case).shown == "#VALUE!"
    assert case.facts.figure("cost", "total").broken == ()
    clean = load_case(code=DORM)
    assert case.facts.figure("cost", "total").value == clean.facts.figure("cost", "total").value + 9 * price


def test_what_follows_from_that_error_is_worked_out_too() -> None:
    errors = [edit("set_error", "amount", "#VALUE!"), edit("set_error", "amount_excl", "#VALUE!")]
    spoilt = {"op": "set_error", "workbook": "cost", "sheet": "lines", "part": "totals", "value": "#VALUE!"}
    errors += [{**spoilt, "field": "grand_total"}, {**spoilt, "field": "grand_total_excl"}]
    case = part_of_sample([edit("set_raw_text", "qty", FULL_WIDTH_10), *errors], "cost")
    figures = case.facts.figures
    assert figures["cost", "total_excl"].broken == ()
    assert total(case).value == figures["cost", "total"].value
    assert total(case, "grand_total_excl").value == figures["cost", "total_excl"].value


@pytest.mark.parametrize("error", ["#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#N/A"])
def test_another_error_stays_unreadable_and_is_named(error: str) -> None:
    case = part_of_sample([edit("set_error", "amount", error)], "cost")
    cell = amount(case)
    assert (cell.value, cell.shown, cell.flaws) == (None, error, {Flaw.ERROR})
    figure = case.facts.figure("cost", "total")
    assert figure.broken == (cell.at,)
    assert cell.at not in figure.from_
    clean = load_case(code=DORM)
    lost = amount(clean).value
    assert isinstance(lost, Decimal)
    assert figure.value == clean.facts.figure("cost", "total").value - lost


def test_an_error_in_a_net_amount_leaves_no_margin() -> None:
    case = part_of_sample([edit("set_error", "amount_excl", "#REF!")], "plan", "cost")
    assert case.facts.figure("cost", "total_excl").broken
    assert "gross_margin" not in case.facts.figures
    assert case.facts.figure("cost", "total").broken == ()


def test_text_that_is_no_number_leaves_the_amount_unreadable() -> None:
    case = part_of_sample([edit("set_raw_text", "qty", "三台"), edit("set_error", "amount", "#VALUE!")], "cost")
    assert amount(case).value is None
    assert amount(case, "qty").flaws == {Flaw.NOT_A_NUMBER}


# -- typed over -------------------------------------------------------------------------------------------------


def test_a_constant_over_a_formula_counts_and_the_formula_is_told() -> None:
    case = part_of_sample([edit("set", "amount", "99.50")], "cost")
    cell = amount(case)
    assert cell.value == D("99.50")
    assert cell.calculated == amount(load_case(code=DORM)).value
    assert cell.flaws == {Flaw.OVERWRITTEN}


def test_a_total_typed_over_is_told_what_it_should_be() -> None:
    typed = {
        "op": "set",
        "workbook": "cost",
        "sheet": "lines",
        "part": "totals",
        "field": "grand_total",
        "value": "1.00",
    }
    cell = total(part_of_sample([typed], "cost"))
    assert (cell.value, cell.calculated) == (D("1.00"), load_case(code=DORM).facts.figure("cost", "total").value)
    assert Flaw.OVERWRITTEN in cell.flaws


def test_a_pasted_text_number_counts_as_that_number() -> None:
    case = part_of_sample([edit("set_raw_text", "amount", "1,800.00")], "cost")
    assert amount(case).value == D("1800.00")
    assert amount(case).flaws == {Flaw.TEXT_NUMBER, Flaw.OVERWRITTEN}


# -- and the rest -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [TV, DORM])
def test_a_clean_sample_needs_nothing_worked_out(code: str) -> None:
    for book in load_case(code=code).project.workbooks.values():
        for sheet in book.sheets.values():
            for record in (*sheet.records(), sheet.totals):
                assert {k: c.flaws for k, c in record.cells.items() if c.flaws} == {}, (book.form, sheet.key)


def test_huge_and_tiny_numbers_do_not_stop_the_run() -> None:
    for value in ("1E+300", "-1E+300", "1E-300"):
        case = part_of_sample([edit("set", "qty", value)], "cost", recalculate=True)
        assert case.facts.figure("cost", "total").broken == ()


def test_workbook_00_is_seen_by_formulas_as_written() -> None:
    case = load_case(code=DORM)
    master = master_columns(case.company)
    assert master.standard_rate("L3", date(2026, 6, 1)) == case.company.standard_rate("L3", date(2026, 6, 1))
    assert master.calendar.company == case.company.calendar.company


def test_row_indexes_are_those_of_the_rows_read() -> None:
    case = load_case(code=DORM)
    form = case.forms["cost"].sheet_form("lines")
    values = values_of(case.project.workbooks["cost"], case.company, load_forms())
    rows: Sequence[Any] = case.project.rows("cost", "lines")
    assert [values.cell(form, i, "amount") for i in range(len(rows))] == [row.value("amount") for row in rows]


@pytest.mark.parametrize(
    ("scalar", "kind", "value"),
    [
        (D(46086), "date", date(2026, 3, 5)),
        ("", "text", None),
        (None, "money", None),
        (D(1001), "code", "1001"),
        (D("12.50"), "money", D("12.50")),
        ("L3", "enum", "L3"),
    ],
)
def test_a_calculated_value_becomes_one_of_its_field(scalar: Any, kind: str, value: Any) -> None:
    found = as_value(scalar, kind)
    assert found == value
    assert type(found) is type(value)


# -- all formulas anew ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["survey", "plan", "cost", "materials", "staffing", "records"])
@pytest.mark.parametrize("code", [TV, DORM])
def test_every_formula_of_a_sample_gives_what_its_cell_holds(code: str, form: str) -> None:
    """The cells hold what Excel stored; LibreOffice agrees with them (tests of the two readers)."""
    case = load_case(code=code)
    book = case.project.workbooks[form]
    records = [r for s in book.sheets.values() for r in (*s.records(), s.stamp, s.totals)]
    stored = {cell.at: cell for record in records for cell in record.cells.values()}
    made = {
        record.at(field.key)
        for definition in case.forms[form].sheet
        for record in book.sheets[definition.key].records()
        for field in (*definition.fields, *definition.header)
        if field.formula and field.key in record.cells
    }
    found = recalculated(book, case.company, case.forms, lambda at: at in made)
    assert set(found) == made
    assert {at: (value, stored[at].value) for at, value in found.items() if value != stored[at].value} == {}


def test_a_formula_follows_what_was_typed_and_a_constant_stays() -> None:
    case = load_case([edit("set", "qty", "3"), edit("set", "amount", "7.00", match={"no": 2})], recalculate=False)
    book, typed = case.project.workbooks["cost"], amount(case, no="2").at
    found = recalculated(book, case.company, case.forms, lambda at: at != typed)
    assert found[amount(case).at] == D(3) * case.project.rows("cost", "lines")[0].money("unit_price").value
    assert typed not in found
    shown = sum(found.get(row.at("amount"), D(7)) for row in case.project.rows("cost", "lines"))
    assert found[total(case).at] == shown
