"""Two readers never silently differ: LibreOffice's saving, three writers, and our reader against two others."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import to_excel
from python_calamine import CalamineWorkbook

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.adapters.ooxml.reader import read_book
from pipeline.core.money import excel_number
from pipeline.core.sheets import Cell, Flaw, Record, Sheet, Workbook
from pipeline.core.texts import half_width
from pipeline.definitions.forms import DATED, NUMERIC, Field, load_forms
from pipeline.intake.convert import Reader
from pipeline.intake.disguise import without_mark
from pipeline.intake.sheets import read_sheet
from pipeline.intake.workbooks import Opened, open_file, read_workbook
from tests.cases import ROOT

D = Decimal
FORMS = load_forms()
BLANKS = sorted((ROOT / "input_templates").glob("*.xlsx"))
SAMPLES = sorted(path for path in (ROOT / "samples").glob("*/*.xlsx") if path.name[:2].isdigit())


def read(path: Path) -> Workbook:
    opened = open_file(path, FORMS)
    assert isinstance(opened, Opened)
    assert opened.form
    return read_workbook(opened, opened.form, {})


def records(sheet: Sheet) -> Iterator[tuple[str, Record]]:
    yield from ((f"row {record.number}", record) for record in sheet.rows)
    yield from (("stamp", sheet.stamp), ("head", sheet.head), ("totals", sheet.totals))


def contents(book: Workbook) -> dict[tuple[str, str, str], Any]:
    """Every needed cell of a workbook: value, flaws, hidden or disguised; with what is said of the workbook itself."""
    found: dict[tuple[str, str, str], Any] = {
        (key, where, name): (cell.value, cell.flaws, cell.hidden, cell.disguise, cell.at.cell)
        for key, sheet in book.sheets.items()
        for where, record in records(sheet)
        for name, cell in record.cells.items()
    }
    for key, sheet in book.sheets.items():
        found[key, "sheet", ""] = (
            sheet.present,
            sheet.missing,
            sheet.doubled,
            sheet.crossed,
            sheet.in_wan,
            sheet.strays,
        )
    found["", "", ""] = (book.form, book.form_version, book.known_version, [r.what for r in book.remarks])
    return found


# -- saved by LibreOffice -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [*BLANKS, *SAMPLES], ids=lambda path: f"{path.parent.name}-{path.name[:2]}")
def test_saved_by_libreoffice_it_reads_the_same(path: Path, resaved: Callable[[Path], Path]) -> None:
    """It recalculates every formula, writes its own styles, strings and names: nothing that is read may change."""
    ours, theirs = contents(read(path)), contents(read(resaved(path)))
    assert len(ours) > 1
    assert theirs == ours


# -- written by three programs --------------------------------------------------------------------------------------

KEYS = ("no", "acc", "desc", "scope", "stage", "qty", "unit", "unit_price", "tax_rate", "amount", "use_month", "dept")
TABLE: tuple[tuple[Any, ...], ...] = (
    (1, "1001", "交换机\n(外购)", "工程", "G1", 2, "项", 3601400.05, 13, 7202800.1, "2026-08", "商务采购部"),
    (2, "3001", "差旅 & <住宿>", "售前", "S2", 46, "人天", 420, 0, 19320, date(2026, 4, 1), "市场销售部"),
    (3, "2001", " 前后空格 ", "售前", "S1", 0.5, "项", "1,200.50", 0, None, "2026年3月", "相关部门"),
    (4, "3002", "１２３", "售前", "S1", "12元", "项", True, -1, 1e-7, "2026/5", None),
)


def cells() -> Iterator[tuple[int, int, Any]]:
    """The table as (row, column, value) from 1: labels in row 5, keys in row 6."""
    fields = FORMS["cost"].sheet_form("lines").by_key
    rows = [[fields[key].label for key in KEYS], list(KEYS), *TABLE]
    for number, row in enumerate(rows, start=5):
        yield from ((number, column, value) for column, value in enumerate(row, start=1))


def by_openpyxl(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "费用明细"
    for row, column, value in cells():
        sheet.cell(row, column, value)
    book.save(path)


def by_xlsxwriter(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("费用明细")
    for row, column, value in cells():
        sheet.write(row - 1, column - 1, value)
    book.close()


def table(path: Path) -> list[dict[str, Any]]:
    raw = read_book(io.BytesIO(path.read_bytes()))
    form = FORMS["cost"]
    sheet = read_sheet(form, form.sheet_form("lines"), raw.sheets[0], "03.xlsx", Reader(raw, {}))
    return [{key: (cell.value, cell.flaws) for key, cell in row.cells.items()} for row in sheet.rows]


def test_one_table_by_three_programs(tmp_path: Path, office: LibreOffice) -> None:
    by_openpyxl(tmp_path / "openpyxl.xlsx")
    by_xlsxwriter(tmp_path / "xlsxwriter.xlsx")
    office.resave(tmp_path / "openpyxl.xlsx", tmp_path / "libreoffice.xlsx")
    first = table(tmp_path / "openpyxl.xlsx")
    assert len(first) == len(TABLE)
    assert first[0]["unit_price"] == (D("3601400.05"), frozenset({}))
    assert first[1]["use_month"] == ("2026-04", frozenset())
    assert first[2]["unit_price"] == (D("1200.5"), frozenset({Flaw.TEXT_NUMBER}))
    assert first[3]["qty"] == (None, frozenset({Flaw.NOT_A_NUMBER}))
    assert table(tmp_path / "xlsxwriter.xlsx") == first
    assert table(tmp_path / "libreoffice.xlsx") == first


# -- our reader against two others (threats B3) ----------------------------------------------------------------------

ERRORS = ("#REF!", "#VALUE!", "#N/A", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!")
SOME_FIELDS = ("desc", "qty", "unit_price", "amount", "use_month", "acc")
NUMBERS = st.one_of(
    st.integers(-(10**15), 10**15),
    st.floats(allow_nan=False, allow_infinity=False, width=64).filter(lambda x: x == 0 or 1e-290 < abs(x) < 1e300),
    st.decimals(-(10**9), 10**9, places=2).map(float),
)
TEXTS = st.one_of(
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=40
    ),
    st.sampled_from(
        ["1,800.00", "１８００", "¥12", "92万", " ", "　", "两行\n文字", "\t", "'x", "=1+1", "TRUE", "007"]
    ),
    st.sampled_from(
        ["2026-03-05", "2026年3月5日", "2026-06-31", "#REF!", "_x0041_", "_x005F_", "&amp;", "<t>", "E302"]
    ),
)
KINDS = st.one_of(
    st.tuples(st.just("blank"), st.none()),
    st.tuples(st.just("styled"), st.none()),
    st.tuples(st.just("number"), NUMBERS),
    st.tuples(st.just("text"), TEXTS),
    st.tuples(st.just("rich"), st.sampled_from(["核心交换机", "ab cd"])),
    st.tuples(st.just("bool"), st.booleans()),
    st.tuples(st.just("date"), st.dates(date(1900, 3, 1), date(2199, 12, 31))),
    st.tuples(
        st.just("moment"),
        st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda m: m.replace(second=0, microsecond=0)),
    ),
    st.tuples(st.just("calculated number"), NUMBERS),
    st.tuples(st.just("calculated text"), st.sampled_from(["", "售前", "12.5"])),
    st.tuples(st.just("error"), st.sampled_from(ERRORS)),
)
FIRST = 7


def written(rows: list[list[tuple[str, Any]]], *, inline: bool) -> bytes:
    """A cost plan with these cells, strings shared or in the cells."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": inline, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("费用明细")
    fields = FORMS["cost"].sheet_form("lines").by_key
    sheet.write_row(4, 0, [fields[key].label for key in SOME_FIELDS])
    sheet.write_row(5, 0, SOME_FIELDS)
    style = book.add_format({"bold": True})
    write: dict[str, Callable[[int, int, Any], object]] = {
        "blank": lambda r, c, v: None,
        "styled": lambda r, c, v: sheet.write_blank(r, c, None, style),
        "number": sheet.write_number,
        "text": sheet.write_string,
        "rich": lambda r, c, v: sheet.write_rich_string(r, c, style, v[:2], v[2:]),
        "bool": sheet.write_boolean,
        "date": sheet.write_datetime,
        "moment": sheet.write_datetime,
        "calculated number": lambda r, c, v: sheet.write_formula(r, c, "=1", None, v),
        "calculated text": lambda r, c, v: sheet.write_formula(r, c, "=T(1)", None, v),
        "error": lambda r, c, v: sheet.write_formula(r, c, "=1/0", None, v),
    }
    for number, row in enumerate(rows, start=FIRST - 1):
        for column, (kind, value) in enumerate(row):
            write[kind](number, column, value)
    book.close()
    return out.getvalue()


def our_cells(content: bytes) -> Mapping[tuple[int, str], Cell]:
    raw = read_book(io.BytesIO(content))
    form = FORMS["cost"]
    sheet = read_sheet(form, form.sheet_form("lines"), raw.sheets[0], "03.xlsx", Reader(raw, {}))
    return {(row.number, key): cell for row in sheet.rows for key, cell in row.cells.items()}


def openpyxl_values(content: bytes) -> Mapping[tuple[int, str], Any]:
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True).worksheets[0]
    return {
        (number, key): sheet.cell(number, column).value
        for number in range(FIRST, sheet.max_row + 1)
        for column, key in enumerate(SOME_FIELDS, start=1)
    }


def calamine_values(content: bytes) -> Mapping[tuple[int, str], Any]:
    lines = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    return {
        (number, key): value
        for number, line in enumerate(lines[FIRST - 1 :], start=FIRST)
        for key, value in zip(SOME_FIELDS, line, strict=False)
    }


def agrees(cell: Cell | None, field: Field, other: Any) -> bool:
    """Whether our cell says what another reader's plain value says; never a number made of something else."""
    if other is None or (isinstance(other, str) and not other.strip()):
        return cell is None or cell.blank or cell.flaws == {Flaw.ERROR}  # calamine loses errors (threats 0.2)
    if cell is None:
        return field.fill != "input"  # a row that holds nothing but what formulas give is a prepared one
    if isinstance(other, bool):
        return cell.shown == str(other).upper() and (field.type not in NUMERIC or cell.value is None)
    if isinstance(other, int | float):
        return _agrees_as_number(cell, field, excel_number(repr(other)))
    if isinstance(other, date):
        return _agrees_as_day(cell, field, other)
    return _agrees_as_text(cell, field, other)


def _agrees_as_number(cell: Cell, field: Field, number: Decimal) -> bool:
    if field.type in NUMERIC:
        return cell.value == number
    if field.type in DATED:
        return cell.value is None or isinstance(cell.value, str)
    return cell.shown == str(cell.value) and D(cell.shown) == number


def _agrees_as_day(cell: Cell, field: Field, day: date) -> bool:
    if field.type in NUMERIC:
        serial = cell.value
        return isinstance(serial, Decimal) and abs(serial - D(str(to_excel(day)))) < D("0.00001")
    if field.type == "month":
        return cell.value == f"{day:%Y-%m}"
    return cell.shown.startswith(f"{day:%Y-%m-%d}")


def _agrees_as_text(cell: Cell, field: Field, text: str) -> bool:
    if Flaw.ERROR in cell.flaws:
        return cell.value is None and cell.shown == text
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    if cell.shown != unified and (cell.shown != without_mark(unified) or not _told_of_mark(cell)):
        return False
    if field.type in NUMERIC and cell.value is not None:
        return Flaw.TEXT_NUMBER in cell.flaws and set(half_width(text)) <= set("0123456789.,+-¥ '’_\n\t")
    return True


def _told_of_mark(cell: Cell) -> bool:
    """We read a text without the apostrophe that only says that it is one, and say so."""
    return any(note.flaw is Flaw.UNSEEN for note in cell.notes)


@given(st.lists(st.lists(KINDS, min_size=6, max_size=6), min_size=1, max_size=5), st.booleans())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_needed_cell_differs_from_what_two_other_readers_see(rows: list[Any], inline: bool) -> None:
    content = written(rows, inline=inline)
    ours, fields = our_cells(content), FORMS["cost"].sheet_form("lines").by_key
    for theirs in (openpyxl_values(content), calamine_values(content)):
        differing = {
            (at, str(ours.get(at)), str(other))
            for at, other in theirs.items()
            if not agrees(ours.get(at), fields[at[1]], other) and not _escaped(ours.get(at))
        }
        assert differing == set()
    assert {at for at, cell in ours.items() if not cell.blank} <= set(openpyxl_values(content))


def _escaped(cell: Cell | None) -> bool:
    """What looks like an escaped character: calamine drops x005F_, openpyxl leaves it escaped in inline text."""
    return cell is not None and bool(re.search(r"x[0-9A-Fa-f]{4}_", cell.shown))


def test_escapes_are_read_as_excel_reads_them() -> None:
    for inline in (False, True):
        content = written([[("text", "_x0041_"), *[("number", 1)] * 5]], inline=inline)
        assert our_cells(content)[7, "desc"].shown == "_x0041_"


def test_the_comparison_would_see_a_difference() -> None:
    """A property that cannot fail proves nothing."""
    content = written([[("text", "甲"), ("number", 5), ("number", 6.5), *[("blank", None)] * 3]], inline=False)
    fields = FORMS["cost"].sheet_form("lines").by_key
    ours = our_cells(content)
    assert agrees(ours[7, "qty"], fields["qty"], 5)
    assert not agrees(ours[7, "qty"], fields["qty"], 6)
    assert not agrees(ours[7, "desc"], fields["desc"], "乙")
    assert not agrees(ours[7, "unit_price"], fields["unit_price"], None)
    assert not agrees(None, fields["unit_price"], 6.5)
