from __future__ import annotations

import random

import pytest

from pipeline.core.places import Place, runs

COST = "03_项目费用计划明细表_LY-SQ-2026-007.xlsx"


@pytest.mark.parametrize(
    ("place", "text", "row"),
    [
        (Place(COST, "费用明细", "K12"), f"[{COST}]费用明细!K12", 12),
        (Place(COST, "费用明细"), f"[{COST}]费用明细", None),
        (Place(COST), f"[{COST}]", None),
        (Place(COST, "费用明细", "XFD1048576"), f"[{COST}]费用明细!XFD1048576", 1048576),
    ],
)
def test_places_print_as_excel_writes_them(place: Place, text: str, row: int | None) -> None:
    assert str(place) == text
    assert place.row == row


def test_places_sort_by_workbook_sheet_row_and_column() -> None:
    wanted = [
        Place("01.xlsx"),
        Place("01.xlsx", "A"),
        Place("01.xlsx", "A", "B2"),
        Place("01.xlsx", "A", "Z2"),
        Place("01.xlsx", "A", "AA2"),
        Place("01.xlsx", "A", "A10"),
        Place("01.xlsx", "B", "A1"),
        Place("02.xlsx", "A", "A1"),
    ]
    mixed = random.Random(7).sample(wanted, len(wanted))
    assert sorted(mixed, key=lambda place: place.order) == wanted


def test_cells_that_follow_each_other_down_a_column_are_joined() -> None:
    cells = [Place("a.xlsx", "表", cell) for cell in ("K7", "K8", "K10", "L11", "AK12")]
    assert runs(cells) == ["K7:K8", "K10", "L11", "AK12"]
    assert runs([Place("a.xlsx", "表")]) == [""]
    assert runs([]) == []
