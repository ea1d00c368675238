"""A constant pasted over each formula column of the forms: which value counts is the one that F027 names (6.3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.check.structure import live_formula
from pipeline.core.findings import Finding
from pipeline.core.sheets import Cell, Flaw, Value
from pipeline.definitions.forms import Field, load_forms
from pipeline.derive.formulas import AMOUNTS
from tests.cases import DORM, load_case, write_sample
from tests.check.reported import found_by
from tests.e2e.built import build

D = Decimal
BOOKS = ("survey", "plan", "cost", "materials", "staffing", "records")
# What is typed over a column: another value that its field takes.
OTHER: dict[str, Value] = {
    "materials.subtotals.acc": "4002",
    "plan.risks.level": "高",
    "staffing.lines.grade": "L5",
    "survey.items.applies": "否",
}
BY_TYPE: dict[str, Value] = {"int": D(77), "money": D("12.34"), "num": D("0.12"), "text": "键入的文字", "enum": "否"}


def columns() -> Iterator[tuple[str, str, Field]]:
    for book in BOOKS:
        for sheet in load_forms()[book].sheet:
            yield from ((book, sheet.key, field) for field in sheet.fields if field.formula)


COLUMNS = {f"{book}.{sheet}.{field.key}": (book, sheet, field) for book, sheet, field in columns()}


def pasted(name: str) -> tuple[Cell, Cell, list[Finding]]:
    """A cell as it was, the same cell with something typed over it, and what F027 says of that one."""
    book, sheet, field = COLUMNS[name]
    clean = load_case()
    typed = OTHER.get(name, BY_TYPE.get(field.type))
    rows = clean.project.rows(book, sheet)
    row = next(row for row in rows if row.cell(field.key).value not in (None, typed))
    marks = {key: row.cell(key).value for key in match_of(name, row.cells)}
    edit: dict[str, Any] = {"op": "set", "workbook": book, "sheet": sheet, "match": marks}
    case = load_case([{**edit, "field": field.key, "value": str(typed)}], recalculate=False)
    after = next(one for one in case.project.rows(book, sheet) if one.number == row.number).cell(field.key)
    found = [one for one in found_by([live_formula], case) if one.at == after.at]
    return row.cell(field.key), after, found


def match_of(name: str, cells: Any) -> list[str]:
    by_sheet = {"materials.subtotals": ["category", "mode", "scope"], "cost.summary": ["dim", "code"]}
    keys = by_sheet.get(name.rpartition(".")[0], ["no", "code", "acc", "item"])
    return [key for key in keys if key in cells][:3]


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_what_counts_is_what_the_finding_says(name: str) -> None:
    before, after, found = pasted(name)
    (finding,) = found
    if COLUMNS[name][2].type in AMOUNTS:
        assert after.value != before.value
        assert f"仍以单元格中的{after.shown}为准" in finding.message()
        assert f"公式应为{finding.values['expected']}" in finding.message()
    else:
        assert after.value == before.value
        assert {Flaw.OVERWRITTEN, Flaw.REPLACED} <= after.flaws
        assert f"按公式的{finding.values['expected']}计算和打印" in finding.message()
        assert finding.values["found"] == after.shown


def stage(**more: Any) -> dict[str, Any]:
    return {"op": "set", "workbook": "plan", "sheet": "stages", "match": {"no": "S1"}, **more}


def test_a_sum_follows_the_value_that_counts() -> None:
    """Excel has added the 77 that was typed; the sum that is used has the days of the calendar in it."""
    days = load_case().project.sheet("plan", "stages").totals.cell("stage_days_total").value
    case = load_case([stage(field="workdays", value="77")], recalculate=True)
    assert case.project.sheet("plan", "stages").totals.cell("stage_days_total").value == days


def test_what_no_formula_knows_stays_as_typed() -> None:
    """A helper from outside has no row in workbook 00: his name is typed over a formula that finds nothing."""
    row = {"op": "set", "workbook": "staffing", "sheet": "lines", "match": {"no": "1"}}
    edits = [{**row, "field": "emp_no", "value": "E999"}, {**row, "field": "name", "value": "外聘专家"}]
    cell = load_case(edits, recalculate=False).project.rows("staffing", "lines")[0].cell("name")
    assert cell.value == "外聘专家"
    assert Flaw.REPLACED not in cell.flaws


def test_the_papers_print_the_value_that_counts(tmp_path: Path) -> None:
    staff = {"op": "set", "workbook": "staffing", "sheet": "lines", "match": {"no": "7"}}
    cost = {"op": "set", "workbook": "cost", "sheet": "lines", "match": {"no": "12"}}
    edits = [
        stage(field="workdays", value="77"),
        {**staff, "field": "workdays", "value": "88"},
        {**staff, "field": "grade", "value": "L5"},
        {**cost, "field": "account", "value": "设备购置费"},
    ]
    made, codes = {}, ("PPR", "PP1", "PP2", "PP3")
    for name, some in (("clean", ()), ("typed", edits)):
        folder = write_sample(tmp_path / name, some, DORM, recalculate=False)
        result = build(folder, tmp_path / name / "out", *codes, pdf=False)
        made[name] = {
            (one.code, one.part): [(p.name, p.text) for p in one.printed]
            for one in result.documents
            if one.code in codes
        }
    assert len(made["clean"]) == 4
    assert made["typed"] == made["clean"]
