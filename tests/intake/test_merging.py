"""Several workbooks 06 of one project become one (rule X229)."""

from __future__ import annotations

from dataclasses import replace

from pipeline.core.sheets import Record, Sheet, Value, Workbook
from pipeline.intake.merging import merge
from tests.cases import load_case
from tests.check.reported import cells, retyped, table


def second(name: str, sheet: str, where: int | str, /, **fields: Value | None) -> Workbook:
    """Workbook 06 from another hand, with other values in one row."""
    book = retyped(load_case(), "records", sheet, where, **fields).project.workbooks["records"]
    return replace(book, name=name, sheets={key: _moved(old, name) for key, old in book.sheets.items()})


def _moved(sheet: Sheet, name: str) -> Sheet:
    def moved(record: Record) -> Record:
        cells = {key: replace(cell, at=replace(cell.at, workbook=name)) for key, cell in record.cells.items()}
        return replace(record, sheet=replace(record.sheet, workbook=name), cells=cells)

    rows = tuple(moved(row) for row in sheet.rows)
    return replace(sheet, at=replace(sheet.at, workbook=name), head=moved(sheet.head), rows=rows)


def test_the_same_row_said_twice_differently() -> None:
    case = load_case()
    first = case.project.workbooks["records"]
    other = second("06_财务.xlsx", "problems", 8, status="处理中")
    merged, findings = merge([first, other], case.forms["records"], case.rules)
    assert table(findings) == {("问题对策!I8", "X229")}
    assert cells(findings[0]) == {"问题对策!I8"}  # the same cell of the first workbook
    assert findings[0].message() == "两本过程记录同一行的“状态”不同:“已解决”和“处理中”。"
    assert len(merged.sheets["problems"].rows) == len(first.sheets["problems"].rows)


def test_the_same_said_twice_counts_once() -> None:
    case = load_case()
    first = case.project.workbooks["records"]
    merged, findings = merge([first, second("06_副本.xlsx", "notice", "head")], case.forms["records"], case.rules)
    assert findings == []
    assert len(merged.sheets["tracking"].rows) == len(first.sheets["tracking"].rows)
