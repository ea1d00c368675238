"""The sender's workbook with its findings, and what becomes of the marks when it comes back."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.adapters.ooxml.edit import Editor
from pipeline.adapters.ooxml.reader import read_book
from pipeline.core.findings import Finding
from pipeline.core.marks import MARKER
from pipeline.definitions.styles import REQUIRED
from pipeline.render.marked.colours import before
from pipeline.render.marked.copy import mark, unmark
from tests.adapters.packages import faults, parts, rich, same, zipped
from tests.render.findings import blank, pending, text_number

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
BOOK = "03_表.xlsx"
FINDINGS: tuple[Finding, ...] = (
    blank(BOOK, "表", "B2"),
    text_number(BOOK, "表", "B2"),
    text_number(BOOK, "表", "B3"),
    blank(BOOK, "表", "H30", "金额"),
    blank(BOOK, "表", "B8", "合并"),
    blank(BOOK, "表", "A1", "表头"),
    blank(BOOK, "别表"),
    blank(BOOK, "不在的表", "C3"),
    blank(BOOK),
    blank(""),
    pending(BOOK),
    blank("04_另一本.xlsx", "表", "B4"),
)


@pytest.fixture(scope="module")
def marked() -> bytes:
    return mark(rich(), FINDINGS, BOOK)


def loaded(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def fills(content: bytes, sheet: str = "表") -> dict[str, str]:
    book = Editor(content)
    return {ref: book.fill_of(sheet, ref) for ref in ("B2", "B3", "B4", "A7", "H30", "A1")}


def listed(sheet: Worksheet) -> list[list[str]]:
    """Rows of the list below its heads, without the empty ones."""
    rows = [
        ["" if value is None else str(value) for value in row] for row in sheet.iter_rows(min_row=5, values_only=True)
    ]
    return [row for row in rows if any(row)]


def test_cells_are_coloured_by_their_gravest_finding(marked: bytes) -> None:
    red, amber = "FC9091", "FDC051"  # shade 1: the cells were light yellow
    assert fills(marked) == {
        "B2": red,
        "B3": amber,
        "B4": REQUIRED[1:],
        "A7": "FC9090",
        "H30": "FC9090",
        "A1": "FC9090",
    }


def test_one_comment_says_everything_about_a_cell(marked: bytes) -> None:
    comment = loaded(marked)["表"]["B2"].comment
    assert comment.author == "系统校验"
    assert comment.text == (
        f"{MARKER}\n"
        "【错误 F001】【表】B2“客户名称”为必填项，不得留空。\n期望值：客户名称\n依据：6.2.1注; 通用\n"
        "怎么改：补填该单元格；确实没有内容的文本项填“无”。\n\n"
        f"【警告 F007】{FINDINGS[1].printed().message()}\n"
        f"原值：12\n期望值：数字\n依据：{FINDINGS[1].rule.clause}\n"
        f"怎么改：{FINDINGS[1].printed().remedy()}"
    )
    assert loaded(marked)["表"]["A1"].comment.text.startswith(f"填表说明\n\n{MARKER}\n【错误 F001】")
    assert loaded(marked)["表"]["A7"].comment is not None  # first cell of the merged range


def test_the_first_sheet_lists_all_by_cause_with_links(marked: bytes) -> None:
    sheet = loaded(marked).worksheets[0]
    assert (sheet.title, sheet["A1"].value) == ("校验结果", f"系统校验结果 — {BOOK}")
    assert [sheet[ref].value for ref in ("A2", "C2", "D2", "E2")] == [
        "错误 8 处",
        "警告 2 处",
        "提示 0 处",
        "未到期 1 处",
    ]
    assert "重新投放" in sheet["A3"].value
    rows = listed(sheet)
    places = [row[2] for row in rows]
    assert rows[0][0] == "一、要处理的问题"
    assert rows[1][1] == "F001\n共 8 处"
    assert places[1:9] == ["整个项目", "整本工作簿", "不在的表!C3", "整张表 别表", "表!A1", "表!B2", "表!B8", "表!H30"]
    assert [row[1] for row in rows[2:9]] == [""] * 7
    assert (rows[9][0], places[9], rows[9][4], rows[9][5]) == ("警告", "表!B2", "12", "数字")
    assert rows[11][0].startswith("二、未到期")
    assert (rows[12][0], places[12]) == ("未到期", "整本工作簿")
    links = {cell.value: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert links == {
        "整张表 别表": "'别表'!A1",
        "表!A1": "'表'!A1",
        "表!B2": "'表'!B2",
        "表!B3": "'表'!B3",
        "表!B8": "'表'!B8",
        "表!H30": "'表'!H30",
    }


def test_nothing_is_a_formula(marked: bytes) -> None:
    content = mark(rich(), [blank(BOOK, "表", "B2", "=1+1"), text_number(BOOK, "表", "B3", "=HYPERLINK(1)")], BOOK)
    cells = [cell for row in loaded(content).worksheets[0].iter_rows() for cell in row if cell.value is not None]
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


def test_the_package_is_sound_and_keeps_what_libraries_lose(marked: bytes) -> None:
    assert faults(marked) == []
    old, new = parts(rich()), parts(marked)
    kept = [n for n in old if n.startswith(("xl/drawings/drawing", "xl/charts", "xl/media", "customXml", "xl/printer"))]
    assert [name for name in kept if new[name] != old[name]] == []
    for wanted in (b"x14:dataValidation ", b"x14:conditionalFormatting", b"<sheetProtection ", b"<drawing "):
        assert new["xl/worksheets/sheet1.xml"].count(wanted) == old["xl/worksheets/sheet1.xml"].count(wanted) > 0


def test_values_stay(marked: bytes) -> None:
    before_, after = read_book(io.BytesIO(rich())), read_book(io.BytesIO(marked))
    for sheet in before_.sheets:
        found = after.sheet(sheet.name)
        assert found is not None
        assert {k: (c.kind, c.text) for k, c in found.cells.items()} == {
            k: (c.kind, c.text) for k, c in sheet.cells.items()
        }


# -- the second round ---------------------------------------------------------------------------------------------


def test_marking_again_gives_the_same_bytes(marked: bytes) -> None:
    assert mark(marked, FINDINGS, BOOK) == marked


def test_the_second_round_leaves_nothing_of_the_first(marked: bytes) -> None:
    again = mark(marked, [text_number(BOOK, "表", "B4")], BOOK)
    assert fills(again) == {"B2": "FFF9DB", "B3": "FFF9DB", "B4": "FDC051", "A7": "", "H30": "", "A1": ""}
    book = loaded(again)
    assert book.sheetnames == ["校验结果", "表", "别表"]
    comments = {cell.coordinate: cell.comment.text for row in book["表"].iter_rows() for cell in row if cell.comment}
    assert comments["A1"] == "填表说明"
    assert set(comments) == {"A1", "B4"}
    assert faults(again) == []


def test_without_marks_it_is_what_it_was(marked: bytes) -> None:
    old, new = parts(rich()), parts(unmark(marked))
    assert set(old) == set(new)
    told = {"xl/styles.xml", "xl/comments1.xml", "xl/worksheets/sheet1.xml"}
    xml = [name for name in old if name.endswith((".xml", ".rels", ".vml")) and name not in told]
    assert [name for name in xml if not same(old[name], new[name])] == []
    assert fills(unmark(marked)) == fills(rich())
    assert unmark(unmark(marked)) == unmark(marked)


def test_a_round_after_libreoffice_has_saved_it(marked: bytes, office: LibreOffice, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(marked)
    office.resave(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    again = mark((tmp_path / "b.xlsx").read_bytes(), [text_number(BOOK, "表", "B4")], BOOK)
    assert fills(again) == {"B2": "FFF9DB", "B3": "FFF9DB", "B4": "FDC051", "A7": "", "H30": "", "A1": ""}
    book = loaded(again)
    assert book.sheetnames == ["校验结果", "表", "别表"]
    comments = {cell.coordinate: cell.comment.text for row in book["表"].iter_rows() for cell in row if cell.comment}
    assert comments["A1"] == "填表说明"
    assert set(comments) == {"A1", "B4"}


def test_a_colour_that_no_form_has_comes_back(office: LibreOffice, tmp_path: Path) -> None:
    book = Editor(rich())
    book.set_fill("表", "B3", "123456")
    content = mark(book.to_bytes(), FINDINGS, BOOK)
    assert fills(unmark(content))["B3"] == "123456"
    (tmp_path / "a.xlsx").write_bytes(content)
    office.resave(tmp_path / "a.xlsx", tmp_path / "b.xlsx")
    assert fills(unmark((tmp_path / "b.xlsx").read_bytes()))["B3"] == "123456"


def test_rows_that_moved_take_their_old_colour_with_them(marked: bytes) -> None:
    sheet = parts(marked)["xl/worksheets/sheet1.xml"].decode()
    row = sheet[sheet.index('<row r="2"') : sheet.index('<row r="3"')]
    moved = sheet.replace(row, "").replace(
        "</sheetData>", row.replace('r="2"', 'r="99"').replace('2"', '99"') + "</sheetData>"
    )
    content = unmark(zipped({**parts(marked), "xl/worksheets/sheet1.xml": moved.encode()}))
    assert Editor(content).fill_of("表", "B99") == REQUIRED[1:]


def test_a_sheet_of_the_same_name_that_is_not_ours_stays() -> None:
    book = Editor(mark(rich(), FINDINGS, BOOK))
    book.set_value("校验结果", "A1", "我们自己的表")
    again = loaded(mark(book.to_bytes(), FINDINGS, BOOK))
    assert again.sheetnames == ["校验结果 (2)", "校验结果", "表", "别表"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_languages(lang: str) -> None:
    book = loaded(mark(rich(), FINDINGS, BOOK, lang))
    assert ("What to do" in str(book.worksheets[0]["G4"].value)) is (lang == "en")
    assert before(Editor(mark(rich(), FINDINGS, BOOK, lang)).fill_of("表", "B2"), {}) == REQUIRED[1:]


def signed() -> bytes:
    """A workbook with the parts of a digital signature."""
    found = parts(rich())
    kind = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature"
    origin = f'<Relationship Id="sig" Type="{kind}/origin" Target="_xmlsignatures/origin.sigs"/></Relationships>'
    found["_rels/.rels"] = found["_rels/.rels"].replace(b"</Relationships>", origin.encode())
    found["_xmlsignatures/origin.sigs"] = b""
    found["_xmlsignatures/sig1.xml"] = b"<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/>"
    found["_xmlsignatures/_rels/origin.sigs.rels"] = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r1" Type="' + kind.encode() + b'/signature" Target="sig1.xml"/></Relationships>'
    )
    return zipped(found)


def test_the_copy_of_a_signed_workbook_says_that_the_signature_no_longer_holds(marked: bytes) -> None:
    copy = mark(signed(), FINDINGS, BOOK)
    assert not [name for name in parts(copy) if "sig" in name.lower()]
    assert b"sig" not in parts(copy)["_rels/.rels"]
    assert not faults(copy)
    assert "数字签名" in str(loaded(copy)["校验结果"]["A3"].value)
    assert "数字签名" not in str(loaded(marked)["校验结果"]["A3"].value)
    assert mark(copy, FINDINGS, BOOK) == copy


FIRST, COMMENTS = "xl/worksheets/sheet1.xml", "xl/comments1.xml"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (FIRST, "<sheetView ", '<sheetView tabSelected="false" '),
        (COMMENTS, "填表说明", "填表说明\n"),
        (COMMENTS, "填表说明", "填表说明&#13;\n\n"),
        (FIRST, '<c r="A2"', '<c r="A2" s="99"'),
        ("xl/workbook.xml", 'activeTab="1"', 'activeTab="9"'),
    ],
)
def test_what_programs_write_otherwise_outlives_the_marks(part: str, old: str, new: str) -> None:
    found = parts(rich())
    found[part] = found[part].replace(old.encode(), new.encode(), 1)
    content = zipped(found)
    copy = mark(content, FINDINGS, BOOK)
    assert mark(copy, FINDINGS, BOOK) == copy
    assert part != COMMENTS or parts(unmark(copy))[part] == found[part]


def test_a_cell_of_a_format_that_is_not_there_takes_none_of_our_colours() -> None:
    found = parts(rich())
    count = len(Editor(zipped(found)).styles)
    found[FIRST] = found[FIRST].replace(b'<c r="A3"', f'<c r="A3" s="{count}"'.encode())
    assert Editor(mark(zipped(found), FINDINGS, BOOK)).fill_of("表", "A3") == ""
