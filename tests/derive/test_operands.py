"""Where an error value comes from, back along the formulas of the form."""

from __future__ import annotations

from dataclasses import replace

from pipeline.check.case import Case
from pipeline.core.sheets import Cell, Flaw
from pipeline.derive.operands import causes_of_errors
from tests.cases import load_case
from tests.check.reported import with_sheet


def spoilt(case: Case, row: int | None, key: str, shown: str, *flaws: Flaw) -> Case:
    """Another cell in the materials: of a row, or of the totals."""
    sheet = case.project.sheet("materials", "lines")
    old = sheet.totals if row is None else next(one for one in sheet.rows if one.number == row)
    new = replace(old, cells={**old.cells, key: Cell(old.at(key), None, shown, frozenset(flaws))})
    if row is None:
        return with_sheet(case, "materials", "lines", replace(sheet, totals=new))
    rows = tuple(new if one.number == row else one for one in sheet.rows)
    return with_sheet(case, "materials", "lines", replace(sheet, rows=rows))


def causes(case: Case) -> dict[str, str]:
    return {str(at.cell): str(cause.cell) for at, cause in causes_of_errors(case.project, case.forms).items()}


def test_row_total_and_cause() -> None:
    case = spoilt(load_case(), 9, "qty", "40箱", Flaw.NOT_A_NUMBER)
    quantity = case.project.rows("materials", "lines")[2].at("qty").cell
    case = spoilt(case, 9, "amount", "#VALUE!", Flaw.ERROR)
    case = spoilt(case, None, "grand_total", "#VALUE!", Flaw.ERROR)
    assert set(causes(case).values()) == {quantity}
    assert len(causes(case)) == 2


def test_of_two_errors_the_first_one_is_the_cause() -> None:
    case = spoilt(load_case(), 9, "amount", "#REF!", Flaw.ERROR)
    case = spoilt(case, None, "grand_total", "#REF!", Flaw.ERROR)
    amount = case.project.rows("materials", "lines")[2].at("amount").cell
    assert set(causes(case).values()) == {amount}


def test_an_error_by_itself_has_no_cause() -> None:
    assert causes(load_case()) == {}
    assert causes(spoilt(load_case(), 9, "amount", "#REF!", Flaw.ERROR)) == {}
