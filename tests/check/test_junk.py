"""Whatever stands in a cell, a rule answers or is silent; it never fails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.check import cost, identity, materials, staffing, totals
from pipeline.check.case import Case
from pipeline.core.findings import Finding
from pipeline.core.sheets import Record, Value
from tests.cases import load_case
from tests.check.reported import found_by, retyped

JUNK: list[Value | None] = [
    *(None, "x", "售前|S1", "2026-13", "是", ("a", "b"), date(1, 1, 1), date(9999, 12, 31)),
    *(Decimal(number) for number in ("-1", "0", "0.005", "1E-30", "1E+15", "1E+24", "1E+30")),
]
CHECKS = (*cost.CHECKS, *materials.CHECKS, *staffing.CHECKS, *identity.CHECKS)


def compare(case: Case) -> Iterator[Finding]:
    yield from totals.findings(case, [found for check in totals.COMPARISONS for found in check(case)])


def _cells(case: Case) -> list[tuple[str, str, int | str, str]]:
    found: list[tuple[str, str, int | str, str]] = []
    for form, book in case.project.workbooks.items():
        for key, sheet in book.sheets.items():
            places: list[tuple[int | str, Record]] = [(row.number, row) for row in sheet.rows]
            places += [("head", sheet.head), ("totals", sheet.totals), ("stamp", sheet.stamp)]
            found += [(form, key, where, field) for where, record in places for field in record.cells]
    return found


@settings(deadline=None)  # the first one reads the sample
@given(data=st.data(), values=st.lists(st.sampled_from(JUNK), min_size=1, max_size=4))
def test_no_rule_fails(data: st.DataObject, values: list[Value | None]) -> None:
    case = load_case()
    cells = _cells(case)
    for value in values:
        form, sheet, where, field = data.draw(st.sampled_from(cells))
        case = retyped(case, form, sheet, where, **{field: value})
    found_by([*CHECKS, compare], case)
