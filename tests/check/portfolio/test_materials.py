from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.check.portfolio.rules import judge_portfolio
from pipeline.core.facts import Facts
from pipeline.definitions.catalogue import load_catalogue
from tests.cases import AS_OF, load_case
from tests.made_projects import judged, loan, made, price, short

ASSET = "EQ-WT-01"  # one of it


def two(first: tuple[Any, ...], second: tuple[Any, ...], asset: str = ASSET) -> list[Facts]:
    return [made(n, loans=(loan(f"P{n}", asset, *row),)) for n, row in ((1, first), (2, second))]


def test_equipment_borrowed_twice() -> None:
    (found,) = judged(*two(("2026-06-01", "2026-06-10"), ("2026-06-08", "2026-06-12")))
    assert short([found]) == [("N2", "B406", ("N1",))]
    assert found.message() == (
        "共享设备EQ-WT-01在2026-06-08~2026-06-10被LY-SQ-2026-001、LY-SQ-2026-002重复占用(需2,可用1)。"
    )


def test_a_week_end_counts_and_both_ends_belong_to_it() -> None:
    (found,) = judged(*two(("2026-06-01", "2026-06-06"), ("2026-06-06", "2026-06-12")))
    assert (found.values["s"], found.values["e"]) == ("2026-06-06", "2026-06-06")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("2026-06-01", "2026-06-05"), ("2026-06-06", "2026-06-12")),
        (("2026-06-01", ""), ("2026-06-01", "2026-06-12")),  # nobody knows when it comes back
        (("2026-06-01", "2026-06-10", None), ("2026-06-01", "2026-06-12")),
        (("2026-06-01", "2026-06-10", 1, "租赁"), ("2026-06-01", "2026-06-12")),
    ],
)
def test_equipment_that_is_there(first: tuple[Any, ...], second: tuple[Any, ...]) -> None:
    assert judged(*two(first, second)) == []


def test_as_many_as_there_are() -> None:
    day = ("2026-06-01", "2026-06-02")
    assert judged(*two((*day, 1), (*day, 1), "EQ-SW-03")) == []  # two of it
    (alone,) = judged(made(1, loans=(loan("P1", "EQ-SW-03", *day, 3),)))
    assert (alone.rule.code, alone.values["a"], alone.values["b"]) == ("B406", "3", "2")


def test_what_is_repaired_cannot_be_borrowed() -> None:
    case, day = load_case(), ("2026-06-01", "2026-06-02")
    sheet = case.company.book.sheets["shared_equipment"]
    row = next(row for row in sheet.rows if row.text("asset_no") == ASSET)
    broken = replace(row, cells={**row.cells, "status": replace(row.cell("status"), value="维修")})
    sheets = {**case.company.book.sheets, "shared_equipment": replace(sheet, rows=(broken,))}
    own = replace(case.company, book=replace(case.company.book, sheets=sheets))
    (found,) = judge_portfolio([made(1, loans=(loan("P1", ASSET, *day),))], own, load_catalogue(), AS_OF)
    assert (found.rule.code, found.values["b"]) == ("B406", "0")
    assert judged(made(1, loans=(loan("P1", ASSET, *day),))) == []


def test_equipment_that_nobody_knows() -> None:
    day = ("2026-06-01", "2026-06-02")
    rows = (loan("P7", "EQ-XX-09", *day), loan("P8", ASSET, *day), loan("P9", "EQ-XX-09", *day, mode="库存"))
    found = judged(made(1, loans=rows))
    assert short(found) == [("P7", "B407", ("P9",))]
    assert found[0].message() == "设备编号EQ-XX-09不在共享设备台账。"


def test_one_thing_at_two_prices() -> None:
    (found,) = judged(made(1, prices=(price("H7", "100"),)), made(2, prices=(price("H8", "110.01"),)))
    assert short([found]) == [("H8", "B408", ("H7",))]
    assert found.message() == "“光模块 10G”在各项目单价相差10%。"


@pytest.mark.parametrize(
    "other",
    [
        price("H8", "110"),  # just within
        price("H8", "200", model="25G"),
        price("H8", "200", unit="箱"),
        price("H8", "0"),  # rule W152
    ],
)
def test_prices_that_can_stand_beside_each_other(other: Any) -> None:
    assert judged(made(1, prices=(price("H7", "100"),)), made(2, prices=(other,))) == []


def test_two_prices_in_one_project_are_its_own_affair() -> None:
    assert judged(made(1, prices=(price("H7", "100"), price("H8", "200")))) == []
