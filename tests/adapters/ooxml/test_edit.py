"""A workbook is edited in place: what is not touched stays, what is changed opens without repair."""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.adapters.ooxml.edit import CannotEdit, Editor, Look
from pipeline.adapters.ooxml.reader import read_book
from pipeline.adapters.ooxml.sheets import NewCell, NewSheet
from tests.adapters.packages import faults, parts, rich, same
from tests.intake import made_files as made

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
OURS = "系统校验:"


@pytest.fixture(scope="module")
def original() -> bytes:
    return rich()


def cell_of(content: bytes, ref: str, sheet: str = "表") -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))[sheet][ref]


def set_one(content: bytes, ref: str, value: Any, **options: Any) -> bytes:
    book = Editor(content)
    book.set_value("表", ref, value, **options)
    return book.to_bytes()


def first_sheet(name: str = "校验结果") -> NewSheet:
    link = NewCell("表!B2", Look(underline=True, colour="0563C1"), ("表", "B2"))
    return NewSheet(name, [{1: NewCell("标题", Look(bold=True))}, {1: link, 2: NewCell(3, Look())}], merges=["A1:B1"])


def marked(content: bytes) -> bytes:
    book = Editor(content)
    book.set_fill("表", "B2", "FC9090")
    book.set_fill("表", "J40", "FC9090")
    book.add_comments("表", {"B2": f"{OURS}\n错误", "A1": f"{OURS}\n表头"}, "系统校验")
    book.add_comments("别表", {"A2": f"{OURS}\n错误"}, "系统校验")
    book.add_first_sheet(first_sheet())
    return book.to_bytes()


# -- nothing else changes -----------------------------------------------------------------------------------------


def test_an_editor_that_does_nothing_changes_no_part(original: bytes) -> None:
    assert parts(Editor(original).to_bytes()) == parts(original)


def test_a_value_changes_its_sheet_and_the_wish_to_calculate_and_nothing_else(original: bytes) -> None:
    before, after = parts(original), parts(set_one(original, "B2", 7))
    assert {name for name in before | after if before.get(name) != after.get(name)} == {
        "xl/worksheets/sheet1.xml",
        "xl/workbook.xml",
    }


def test_marks_keep_drawings_and_extensions(original: bytes) -> None:
    before, after = parts(original), parts(marked(original))
    kept = [
        n for n in before if n.startswith(("xl/drawings/drawing", "xl/charts", "xl/media", "customXml", "xl/printer"))
    ]
    assert len(kept) >= 5
    assert [name for name in kept if after[name] != before[name]] == []
    sheet = after["xl/worksheets/sheet1.xml"]
    for wanted in (b"x14:dataValidation ", b"x14:conditionalFormatting", b"<drawing ", b"<sheetProtection "):
        assert sheet.count(wanted) == before["xl/worksheets/sheet1.xml"].count(wanted) > 0


def unmarked(content: bytes) -> bytes:
    book = Editor(content)
    book.remove_sheet("校验结果")
    book.remove_comments(OURS)
    book.set_fill("表", "B2", "FFF9DB")
    book.set_fill("表", "J40", "")
    book.open_on("别表")
    return book.to_bytes()


def test_taking_the_marks_out_gives_every_part_back(original: bytes) -> None:
    before, after = parts(original), parts(unmarked(marked(original)))
    assert set(before) == set(after)
    told = {"xl/styles.xml", "xl/comments1.xml"}  # unused formats stay behind; the header's comment became a run
    xml = [name for name in before if name.endswith((".xml", ".rels", ".vml")) and name not in told]
    assert [name for name in xml if not same(without_hints(before[name]), without_hints(after[name]))] == []


def without_hints(part: bytes) -> bytes:
    """A sheet without the box of its cells, which a mark outside has widened."""
    return re.sub(rb'<dimension ref="[^"]*"/>', b"", part)


def test_marking_again_after_that_makes_nothing_new(original: bytes) -> None:
    once, twice = parts(marked(original)), parts(marked(unmarked(marked(original))))
    assert sorted(once) == sorted(twice)
    assert [name for name in once if len(once[name]) != len(twice[name])] == []


# -- values -------------------------------------------------------------------------------------------------------

VALUES = [
    ("文本", "文本"),
    ("=1+1", "=1+1"),
    (" 两边 \n换行", " 两边 \n换行"),
    ("甲&乙<丙>]]>", "甲&乙<丙>]]>"),
    (Decimal("5186545.40"), 5186545.4),
    (Decimal("1E+3"), 1000),
    (12, 12),
    (0.5, 0.5),
    (True, True),
    (date(2026, 3, 5), datetime(2026, 3, 5)),
    (datetime(2026, 3, 5, 9, 30), datetime(2026, 3, 5, 9, 30)),
    (None, None),
]


@pytest.mark.parametrize("ref", ["B2", "D2", "A7", "H60"])
@pytest.mark.parametrize(("value", "read"), VALUES)
def test_values_are_read_as_they_were_set(original: bytes, ref: str, value: Any, read: Any) -> None:
    content = set_one(original, ref, value)
    found = cell_of(content, ref)
    assert found.value == read
    assert found.data_type != "f"
    assert faults(content) == []


@pytest.mark.parametrize("text", ["a\x0bb", "_x000B_", "\ufffe", "\r\n"])
def test_awkward_characters_come_back_or_are_replaced(original: bytes, text: str) -> None:
    cells = read_book(io.BytesIO(set_one(original, "B2", text))).sheets[0].cells
    assert cells[2, 2].text == {"\ufffe": "\ufffd", "\r\n": "\n"}.get(text, text)


def test_a_cell_keeps_its_looks_and_gets_a_fill(original: bytes) -> None:
    found = cell_of(set_one(original, "B2", Decimal(8), fill="DDEBF7"), "B2")
    assert (found.number_format, found.fill.fgColor.rgb, found.border.left.style, found.protection.locked) == (
        "#,##0.00",
        "FFDDEBF7",
        "thin",
        False,
    )


def test_one_format_for_one_look(original: bytes) -> None:
    book = Editor(original)
    for row in range(2, 6):
        book.set_value("表", f"B{row}", row, fill="DDEBF7")
    grown = parts(book.to_bytes())["xl/styles.xml"].count(b"<xf ") - parts(original)["xl/styles.xml"].count(b"<xf ")
    assert grown == 1


def test_a_date_shows_as_a_date_only_where_the_cell_showed_none(original: bytes) -> None:
    assert cell_of(set_one(original, "B2", date(2026, 3, 5)), "B2").number_format == "yyyy-mm-dd"
    kept = set_one(set_one(original, "B2", 1, number_format="d/m/yy"), "B2", date(2026, 3, 5))
    assert cell_of(kept, "B2").number_format == "d/m/yy"


def test_dates_of_a_1904_workbook() -> None:
    content = set_one(made.workbook('<row r="1"><c r="A1"><v>1</v></c></row>', date1904=True), "A1", date(2028, 3, 1))
    assert cell_of(content, "A1").value == datetime(2028, 3, 1)


# -- formulas -----------------------------------------------------------------------------------------------------


def test_a_formula_goes_or_keeps_with_the_value_it_gave_last(original: bytes) -> None:
    gone, kept = set_one(original, "D2", 9), set_one(original, "D2", 9, keep_formula=True)
    assert cell_of(gone, "D2").value == 9
    assert cell_of(kept, "D2").value == "=B2*2"
    assert openpyxl.load_workbook(io.BytesIO(kept), data_only=True)["表"]["D2"].value == 9
    text = read_book(io.BytesIO(set_one(original, "D2", "无", keep_formula=True))).sheets[0].cells[2, 4]
    assert (text.text, text.kind, text.formula) == ("无", "s", True)


def test_excel_calculates_anew_only_where_there_are_formulas(original: bytes) -> None:
    assert b'fullCalcOnLoad="1"' in parts(set_one(original, "B2", 7))["xl/workbook.xml"]
    plain = made.workbook('<row r="1"><c r="A1"><v>1</v></c></row>')
    assert b"fullCalcOnLoad" not in parts(set_one(plain, "A1", 2))["xl/workbook.xml"]
    assert b"fullCalcOnLoad" not in parts(marked(plain_with_two()))["xl/workbook.xml"]


def plain_with_two() -> bytes:
    rows = '<sheetData><row r="2"><c r="B2"><v>1</v></c></row></sheetData>'
    return made.zipped(made.parts({"表": rows, "别表": "<sheetData/>"}))


SHARED = (
    '<row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">B1*2</f><v>2</v></c></row>'
    '<row r="2"><c r="A2"><f t="shared" si="0"/><v>4</v></c></row>'
    '<row r="3"><c r="A3"><f t="shared" si="0"/><v>6</v></c></row>'
)


def test_cells_that_borrow_a_formula_keep_it_when_its_owner_goes() -> None:
    content = set_one(made.workbook(SHARED), "A1", 5)
    assert [cell_of(content, ref).value for ref in ("A1", "A2", "A3")] == [5, "=B2*2", "=B3*2"]


def test_part_of_an_array_formula_is_refused() -> None:
    rows = '<row r="1"><c r="A1"><f t="array" ref="A1:A2">B1:B2*2</f><v>2</v></c></row>'
    rows += '<row r="2"><c r="A2"><v>4</v></c></row>'
    with pytest.raises(CannotEdit, match="A1:A2"):
        set_one(made.workbook(rows), "A1", 5)


def test_the_calculation_chain_goes_with_the_formula() -> None:
    found = made.parts({"表": f"<sheetData>{SHARED}</sheetData>"})
    found["xl/calcChain.xml"] = f'<calcChain xmlns="{made.TRANSITIONAL}"><c r="A1" i="1"/></calcChain>'.encode()
    rels = "xl/_rels/workbook.xml.rels"
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    node = b'<Relationship Id="c" Type="' + kind + b'" Target="calcChain.xml"/></Relationships>'
    found[rels] = found[rels].replace(b"</Relationships>", node)
    after = parts(set_one(made.zipped(found), "A1", 5))
    assert "xl/calcChain.xml" not in after
    assert b"calcChain" not in after[rels]
    kept = parts(set_one(made.zipped(found), "A1", 5, keep_formula=True))
    assert "xl/calcChain.xml" in kept


# -- whole workbooks ----------------------------------------------------------------------------------------------


def test_a_marked_workbook_has_no_fault(original: bytes) -> None:
    assert faults(original) == []
    assert faults(marked(original)) == []


@pytest.mark.parametrize("namespace", [made.TRANSITIONAL, made.STRICT])
def test_strict_packages_are_edited_in_their_own_words(namespace: str) -> None:
    rows = '<sheetData><row r="2"><c r="B2"><v>1</v></c></row></sheetData>'
    content = marked(made.zipped(made.parts({"表": rows, "别表": "<sheetData/>"}, namespace=namespace)))
    after = parts(content)
    other = {made.TRANSITIONAL: b"purl.oclc.org", made.STRICT: b"schemas.openxmlformats.org/spreadsheetml/2006/main"}
    assert [name for name, text in after.items() if other[namespace] in text] == []
    found = read_book(io.BytesIO(content))
    assert [sheet.name for sheet in found.sheets] == ["校验结果", "表", "别表"]
    assert found.sheets[1].cells[2, 2].text == "1"


def test_libreoffice_opens_it_and_sees_everything(original: bytes, office: LibreOffice, tmp_path: Path) -> None:
    source, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    source.write_bytes(marked(original))
    office.resave(source, target)
    book = openpyxl.load_workbook(target)
    assert book.sheetnames == ["校验结果", "表", "别表"]
    assert book["表"]["B2"].fill.fgColor.rgb == "FFFC9090"
    assert book["表"]["B2"].comment.text.startswith(OURS)
    assert book["表"]["A1"].comment.text == f"填表说明\n\n{OURS}\n表头"
    assert book["校验结果"]["A2"].hyperlink.location.replace("$", "") in ("表!B2", "'表'!B2")


def test_what_cannot_be_edited_is_said() -> None:
    for content in (b"", b"PK\x03\x04", made.zipped({"[Content_Types].xml": b"<Types/>"})):
        with pytest.raises(CannotEdit):
            Editor(content)
    with pytest.raises(CannotEdit, match="no sheet"):
        Editor(made.good()).set_value("没有", "A1", 1)
    with pytest.raises(CannotEdit, match="address"):
        Editor(made.good()).set_value("表", "A0", 1)
    with pytest.raises(CannotEdit):
        Editor(made.with_part("xl/worksheets/sheet1.xml", b"<worksheet>")).set_value("表", "A1", 1)
