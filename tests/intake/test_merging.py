"""Several workbooks 06 of one project become one (rule X229)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipeline.check import required, structure, totals
from pipeline.core.findings import Finding, Verdict
from pipeline.core.places import Place, Sourced
from pipeline.core.sheets import Cell, Crossed, Record, Sheet, Value, Workbook
from pipeline.intake.merging import SHEET, WORKBOOK, merge
from tests.cases import TV, load_case, read_case, write_sample
from tests.check.reported import cells, found_by, retyped, table, with_books


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


def with_rows(book: Workbook, sheet: str, rows: Sequence[Record]) -> Workbook:
    """The workbook with other rows in a sheet."""
    return replace(book, sheets={**book.sheets, sheet: replace(book.sheets[sheet], rows=tuple(rows))})


def moved(book: Workbook, name: str) -> Workbook:
    """The same workbook under another file name."""
    return replace(book, name=name, sheets={key: _moved(old, name) for key, old in book.sheets.items()})


def typed(row: Record, number: int, **fields: Value | None) -> Record:
    """A copy of a row some lines below, with other values."""
    places = {key: replace(cell.at, cell=f"{(cell.at.cell or 'A1')[0]}{number}") for key, cell in row.cells.items()}
    cells = {
        key: Cell(at, fields[key], "" if fields[key] is None else str(fields[key]))
        if key in fields
        else replace(row.cell(key), at=at)
        for key, at in places.items()
    }
    return replace(row, cells=cells, number=number)


def merged_rows(sheet: str, *parts: Sequence[Record]) -> tuple[list[Record], list[Finding]]:
    """Rows of a sheet of as many workbooks 06, merged; the workbooks are called a.xlsx, b.xlsx ..."""
    case = load_case()
    book = case.project.workbooks["records"]
    books = [moved(with_rows(book, sheet, rows), f"{name}.xlsx") for name, rows in zip("abc", parts, strict=False)]
    merged, findings = merge(books, case.forms["records"], case.rules)
    return list(merged.sheets[sheet].rows), findings


def problem(number: int = 8, **fields: Value | None) -> Record:
    """A problem of the sample in another row."""
    row = load_case().project.rows("records", "problems")[0]
    return typed(row, number, **fields)


def places(rows: Iterable[Record], key: str = "no") -> list[str]:
    return [f"{row.at(key).workbook.removesuffix('.xlsx')}{row.at(key).row}" for row in rows]


@pytest.mark.parametrize(
    ("parts", "found", "rules"),
    [
        # one number twice in one workbook: two rows, with or without a second workbook
        (([problem(8), problem(9, desc="另一问题")], []), ["a8", "a9"], []),
        (([], [problem(8), problem(9, desc="另一问题")]), ["b8", "b9"], []),
        (([problem(8), problem(9)], []), ["a8", "a9"], []),
        # both hold both: the equal ones are one
        (([problem(8), problem(9, desc="另一")], [problem(8), problem(9, desc="另一")]), ["b8", "b9"], []),
        (([problem(8), problem(9, desc="另一")], [problem(8, desc="另一"), problem(9)]), ["b9", "b8"], []),
        (([problem(8), problem(9, desc="另一")], [problem(8, desc="另一")]), ["a8", "b8"], []),
        # the second differs: the newer counts, and it is said
        (([problem(8)], [problem(8, desc="另一")]), ["b8"], ["X229"]),
        (([problem(8)], [problem(8, desc="另一"), problem(9, desc="第三")]), ["b8", "b9"], ["X229"]),
        # a key that is not whole unites nothing
        (([problem(8, no=None)], [problem(8, no=None)]), ["a8", "b8"], []),
        (([problem(8, no=None)], [problem(8, no=None, desc="另一")]), ["a8", "b8"], []),
        # the same number in letters of another case or width
        (([problem(8, no="P-01")], [problem(8, no="ｐ-01 ")]), ["b8"], ["X229"]),
        # three workbooks
        (([problem(8)], [problem(9, no="P-77")], [problem(8), problem(9, no="P-78")]), ["c8", "b9", "c9"], []),
    ],
)
def test_rows_unite_by_key_and_only_with_rows_of_other_workbooks(
    parts: tuple[list[Record], ...], found: list[str], rules: list[str]
) -> None:
    rows, findings = merged_rows("problems", *parts)
    assert places(rows) == found
    assert [finding.rule.code for finding in findings] == rules


def test_a_key_with_one_blank_of_several_unites_nothing() -> None:
    row = load_case().project.rows("records", "tracking")[0]
    assert len(merged_rows("tracking", [typed(row, 6, contact=None)], [typed(row, 6, contact=None)])[0]) == 2
    assert len(merged_rows("tracking", [typed(row, 6)], [typed(row, 9)])[0]) == 1


def test_a_blank_round_is_the_first() -> None:
    row = load_case().project.rows("records", "countersign")[0]
    rows, findings = merged_rows("countersign", [typed(row, 6, round=None)], [typed(row, 6, round=Decimal(1))])
    assert ([row.text("round") for row in rows], findings) == (["1"], [])
    assert len(merged_rows("countersign", [typed(row, 6)], [typed(row, 6, round=Decimal(2))])[0]) == 2


def test_in_a_row_a_blank_erases_nothing_and_the_newer_of_two_counts() -> None:
    older = problem(8, desc="原来的", status="处理中", result=None)
    newer = problem(9, desc=None, status="已解决", result="已改")
    (row,), findings = merged_rows("problems", [older], [newer])
    assert {key: str(row.at(key)) for key in ("desc", "status", "result")} == {
        "desc": "[a.xlsx]问题对策!D8",
        "status": "[b.xlsx]问题对策!I9",
        "result": "[b.xlsx]问题对策!J9",
    }
    assert [row.text(key) for key in ("desc", "status", "result")] == ["原来的", "已解决", "已改"]
    assert table(findings) == {("问题对策!I9", "X229")}


def test_every_difference_of_a_row_is_named() -> None:
    _, findings = merged_rows("problems", [problem(8)], [problem(8, desc="另一", result="另一结果")])
    assert table(findings) == {("问题对策!D8", "X229"), ("问题对策!J8", "X229")}


def test_what_one_of_the_workbooks_leaves_to_another_is_not_missing() -> None:
    case = load_case()
    first, blank = case.project.workbooks["records"], second("06_财务.xlsx", "problems", 8, desc=None)

    def wanted(*books: Workbook) -> set[tuple[str, str]]:
        merged = merge(books, case.forms["records"], case.rules)[0]
        return table(required.required(with_books(case, {**case.project.workbooks, "records": merged})))

    assert wanted(first, blank) == wanted(blank, first) == wanted(first)
    assert wanted(blank, blank) == wanted(first) | {("问题对策!D8", "F001")}


def test_in_a_head_a_blank_erases_nothing_and_the_newer_of_two_counts() -> None:
    case = load_case()
    first = case.project.workbooks["records"]
    blank = second("06_财务.xlsx", "notice", "head", pm=None, by="E999")
    merged, findings = merge([first, blank], case.forms["records"], case.rules)
    head, before = merged.sheets["notice"].head, first.sheets["notice"].head
    assert head.cell("pm") == before.cell("pm")
    assert str(head.at("by")).startswith("[06_财务.xlsx]")
    assert {finding.values["label"] for finding in findings} == {"填写人"}


@pytest.mark.parametrize(
    ("sheet", "key", "parts", "found"),
    [
        ("tracking", "date", (["03-06", "05-01"], ["04-01"]), ["a6", "b6", "a7"]),
        ("tracking", "date", (["04-01"], ["03-06", "05-01"]), ["b6", "a6", "b7"]),
        ("tracking", "date", (["05-01", "03-06"], ["04-01"]), ["b6", "a6", "a7"]),  # its own order, odd as it is
        ("tracking", "date", (["03-06", "05-01"], []), ["a6", "a7"]),
        ("tracking", "date", (["03-06"], ["03-06"]), ["a6", "b6"]),
        ("reports", "period", (["W27"], ["06", "W31"], ["07"]), ["b6", "a6", "b7", "c6"]),
    ],
)
def test_rows_of_several_workbooks_stand_by_their_day(
    sheet: str, key: str, parts: tuple[list[str], ...], found: list[str]
) -> None:
    row = load_case(code=TV).project.rows("records", sheet)[0]

    def one(book: int, line: int, text: str) -> Record:
        value = date.fromisoformat(f"2026-{text}") if sheet == "tracking" else f"2026-{text}"
        return typed(row, 6 + line, **{key: value}, **({"contact": f"第{book}本"} if sheet == "tracking" else {}))

    rows, findings = merged_rows(
        sheet, *([one(n, line, text) for line, text in enumerate(part)] for n, part in enumerate(parts))
    )
    assert (places(rows, key), findings) == (found, [])


# -- what was noticed --------------------------------------------------------------------------------------------------

AT = Place("06.xlsx", "变更", "H5")
NOTICED: Mapping[str, Any] = {
    "missing": (("影响", "impact"),),
    "doubled": (("影响", "impact"),),
    "strays": (AT,),
    "subtotals": ((AT, "小计"),),
    "crossed": (Crossed("影响", "impact", "费用", AT),),
    "in_wan": (Sourced("万元", AT),),
    "columns": {"made_up": "Z"},
    "totals": Record(AT, {"made_up": Cell(AT, Decimal(1), "1")}),
    "stamp": Record(AT, {"made_up": Cell(AT, "甲", "甲")}),
}


def test_every_field_of_a_sheet_and_a_workbook_says_how_it_is_merged() -> None:
    assert {one.name for one in fields(Sheet)} == set(SHEET) | {"head", "rows"}
    assert {one.name for one in fields(Workbook)} == set(WORKBOOK) | {"sheets", "parts"}
    of_a_file = {"key", "at", "first_row", "present"}
    assert set(SHEET) - of_a_file == set(NOTICED)


@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize("name", NOTICED)
def test_what_was_noticed_about_one_of_the_workbooks_stays(name: str, *, older: bool) -> None:
    case = load_case()
    book = case.project.workbooks["records"]
    noticed = replace(book.sheets["changes"], **{name: NOTICED[name]})
    odd = replace(book, name="甲.xlsx", sheets={**book.sheets, "changes": noticed})
    books = [odd, moved(book, "乙.xlsx")] if older else [moved(book, "乙.xlsx"), odd]
    found = getattr(merge(books, case.forms["records"], case.rules)[0].sheets["changes"], name)
    if isinstance(NOTICED[name], Record):
        assert found.cells["made_up"] == NOTICED[name].cells["made_up"]
    elif isinstance(NOTICED[name], Mapping):
        assert found["made_up"] == "Z"
    else:
        assert found == NOTICED[name]


def two_books(folder: Path, edits: Sequence[Mapping[str, Any]]) -> Path:
    """Project 007 whose older 06 was edited, and a newer 06 with the notice alone, as another department keeps it."""
    write_sample(folder, edits, TV)
    only = [{"op": "clear_sheet", "workbook": "records", "sheet": key} for key in sheets() if key != "notice"]
    with tempfile.TemporaryDirectory() as other:
        second = next(write_sample(Path(other), only, TV).glob("06_*"))
        shutil.copyfile(second, folder / "06_过程记录_财务部.xlsx")
    for age, name in enumerate(["06_过程记录_财务部.xlsx", f"06_过程记录_{TV}.xlsx"]):
        os.utime(folder / name, (1_000_000 - age, 1_000_000 - age))
    return folder


def sheets() -> list[str]:
    return [sheet.key for sheet in load_case().forms["records"].sheet]


def test_what_was_noticed_is_found_in_the_workbook_it_was_noticed_in() -> None:
    case = load_case()
    book = case.project.workbooks["records"]
    crossed = replace(book.sheets["changes"], crossed=(Crossed("影响", "impact", "费用", AT),))
    odd = replace(moved(book, "甲.xlsx"), sheets={**book.sheets, "changes": crossed}, known_version=False)
    bare = moved(book, "乙.xlsx")
    bare = replace(bare, sheets={**bare.sheets, "notice": replace(bare.sheets["notice"], present=False)})
    merged, _ = merge([odd, bare, moved(book, "丙.xlsx")], case.forms["records"], case.rules)
    found = found_by(structure.CHECKS, with_books(case, {**case.project.workbooks, "records": merged}))
    assert {(finding.rule.code, str(finding.at)) for finding in found} == {
        ("F028", "[甲.xlsx]"),
        ("F029", "[06.xlsx]变更!H5"),
        ("F029", "[乙.xlsx]批准通知书"),
    }


def test_a_number_given_twice_in_one_of_two_workbooks_adds_up_as_with_one(tmp_path: Path) -> None:
    plain = load_case(code=TV)
    row = plain.project.rows("records", "changes")[0]
    again = {key: row.text(key) or None for key in row.cells} | {
        "delta_cost": "50000.00",
        "reason": "编号抄错的另一变更",
    }
    case = read_case(two_books(tmp_path, [{"op": "add_row", "workbook": "records", "sheet": "changes", "row": again}]))
    approved = plain.facts.figure("changes", "approved").value
    assert case.facts.figure("changes", "approved").value == approved + 50_000
    different = [found for found in totals.baseline_and_changes(case) if found.verdict is Verdict.DIFFERENT]
    assert [found.rule for found in different] == ["X220"]
