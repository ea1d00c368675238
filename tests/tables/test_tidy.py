"""What a row of each table says."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.core.places import Place
from pipeline.definitions.tables import TableForm, load_tables
from pipeline.tables.counted import MEASURES
from pipeline.tables.logged import LOGGED
from pipeline.tables.tidy import cells_text, letter_row, rows_of
from pipeline.tables.told import Names
from tests.tables.told import letter, told

NAMES = Names({"2001": "差旅费"}, {"E104": "陆子昂"})


def first(table: str, **entries: object) -> dict[str, object]:
    return dict(next(iter(rows_of(table, told(**entries), NAMES))))


OWN = [one for key, one in load_tables().items() if key not in {MEASURES, *LOGGED}]


@pytest.mark.parametrize("table", OWN, ids=lambda t: t.key)
def test_every_table_has_a_row_that_says_only_what_its_columns_are(table: TableForm) -> None:
    row = letter_row(letter("x")) if table.key == "letters" else first(table.key)
    keys = [one.key for one in table.column]
    assert set(row) <= set(keys)
    assert row["code"]


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        ("projects", {"pm_name": "陆子昂", "contract": Decimal("1234567.89"), "cost": Decimal("0.30"), "signed": None}),
        ("cost", {"account": "2001", "account_name": "差旅费", "stage": "S1", "amount": Decimal("0.30")}),
        ("cost_months", {"month": "2026-08", "scope": "售前", "cells": "[03_费用.xlsx]费用明细!K7:K8"}),
        ("materials", {"category": "软件", "mode": "外购", "amount": Decimal(-5)}),
        ("equipment", {"asset_no": "EQ-AP-05", "qty": None}),
        ("staffing_days", {"dept": "研发.中心", "days": Decimal("12.5")}),
        ("steps", {"people": "许知行", "missing": 0}),
        (
            "sibling_stages",
            {"stage": "现场调查与需求", "state": "已结束", "taken": Decimal(2), "in_time": True, "people": "E203"},
        ),
        ("customer_issues", {"kind": "方案", "open": False, "satisfaction": Decimal(5)}),
        ("bidders", {"name": "江城信合", "ours": False, "price": Decimal(905000), "rank": None}),
        ("supports", {"no": "ZC-2026-012", "people": "E203、E202", "end": None}),
        ("missing", {"text": "会签意见"}),
        ("actions", {"kind": "行动项", "text": "补充报价"}),
        ("findings", {"rule": "F002", "severity": "错误", "cells": "C5", "pending": False}),
        ("comparisons", {"verdict": "不一致", "left": "12.5", "right": "无", "right_cell": ""}),
        ("records", {"document": "PPR", "file": "报告.docx", "pages": 3}),
    ],
)
def test_what_a_row_says(table: str, wanted: dict[str, object]) -> None:
    row = first(table)
    assert {key: row.get(key) for key in wanted} == wanted


def test_comparisons_inside_tables_are_left_out() -> None:
    assert len(list(rows_of("comparisons", told(), NAMES))) == 1


def test_a_project_of_which_nothing_could_be_derived_is_one_row_with_its_failure() -> None:
    one = replace(told(), facts=None, failure="停电")
    row = next(iter(rows_of("projects", one, NAMES)))
    assert (row["failed"], row["failure"], "state" in row) == (True, "停电", False)
    assert list(rows_of("cost", one, NAMES)) == []


def test_a_finding_of_an_older_program_is_told_by_its_values() -> None:
    one = told()
    old = replace(one, findings=(replace(one.findings[0], values={"was": "12"}),))
    rows = list(rows_of("findings", old, NAMES))
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([], ""),
        ([Place("a.xlsx")], "[a.xlsx]"),
        ([Place("a.xlsx", "表", "A1"), Place("a.xlsx", "表", "A3")], "[a.xlsx]表!A1、A3"),
        ([Place("a.xlsx", "表", "A1"), Place("b.xlsx", "表", "A2")], "[a.xlsx]表!A1;[b.xlsx]表!A2"),
    ],
)
def test_cells_are_written_as_excel_writes_them(cells: list[Place], said: str) -> None:
    assert cells_text(cells) == said
