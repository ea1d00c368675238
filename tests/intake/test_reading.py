"""What is read from the parts of a package, and how it becomes the cells of a workbook."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.adapters.ooxml.reader import NotAWorkbook, RawBook, RawCell, TooMuch, read_book
from pipeline.core.money import excel_number
from pipeline.core.places import Place
from pipeline.definitions.forms import Field
from pipeline.intake.convert import Reader
from tests.cases import DORM, TV, write_sample
from tests.intake import made_files as made


def book_of(rows: str, **options: Any) -> RawBook:
    return read_book(io.BytesIO(made.workbook(rows, **options)))


def texts(book: RawBook) -> dict[str, str | None]:
    return {cell.ref: cell.text for cell in book.sheets[0].cells.values()}


def row(*cells: str, r: int = 1) -> str:
    return f'<row r="{r}">{"".join(cells)}</row>'


# -- cells as they are stored -----------------------------------------------------------------------------------


def test_a_stray_cell_far_down_costs_nothing() -> None:
    """A real quotation has one; its box holds 15.6 million cells (threats 3)."""
    far = row('<c r="A1"><v>1</v></c>') + row('<c r="O1048576"><v>2</v></c>', r=1048576)
    (sheet,) = book_of(far).sheets
    assert texts(book_of(far)) == {"A1": "1", "O1048576": "2"}
    assert (sheet.last_row, sheet.box) == (1048576, 15 * 1048576)


def test_cells_in_the_far_corners_are_too_much() -> None:
    """A file of 5 KB whose box holds 17 thousand million cells kills other readers (threats 0.4)."""
    with pytest.raises(TooMuch) as caught:
        book_of(row('<c r="A1"><v>1</v></c>') + row('<c r="XFD1048576"><v>2</v></c>', r=1048576))
    assert caught.value.reason == "grid"


def test_formats_in_the_far_corners_are_nothing() -> None:
    """A whole sheet that somebody formatted holds no more than its values."""
    assert texts(book_of(row('<c r="A1"><v>1</v></c>') + row('<c r="XFD1048576" s="1"/>', r=1048576))) == {"A1": "1"}


KINDS = [
    ('<c r="A1"><v>1.5</v></c>', "n", "1.5"),
    ('<c r="A1" t="n"><v>5186545.4000000004</v></c>', "n", "5186545.4000000004"),
    ('<c r="A1" t="s"><v>0</v></c>', "s", "青岚台"),
    ('<c r="A1" t="s"><v>1</v></c>', "s", "核心 交换机"),  # two runs, the phonetic guide left out
    ('<c r="A1" t="inlineStr"><is><t>内联</t></is></c>', "s", "内联"),
    ('<c r="A1" t="inlineStr"><is><r><t>内</t></r><r><t>联</t></r></is></c>', "s", "内联"),
    ('<c r="A1" t="str"><f>A2</f><v>算出</v></c>', "s", "算出"),
    ('<c r="A1" t="str"><f>A2</f><v></v></c>', "s", ""),
    ('<c r="A1" t="b"><v>1</v></c>', "b", "1"),
    ('<c r="A1" t="e"><v>#REF!</v></c>', "e", "#REF!"),
    ('<c r="A1" t="d"><v>2026-03-05</v></c>', "d", "2026-03-05"),
    ('<c r="A1" t="d"><v>2026-03-05T08:30:00.000Z</v></c>', "d", "2026-03-05T16:30:00"),
    ('<c r="A1"><f>A2*2</f></c>', "n", None),  # never calculated
    ('<c r="A1"><f>A2*2</f><v/></c>', "n", None),
]
STRINGS = [
    "<t>青岚台</t>",
    '<r><t>核心</t></r><r><t xml:space="preserve"> 交换机</t></r><rPh sb="0" eb="2"><t>ひ</t></rPh>',
]


@pytest.mark.parametrize("namespace", [made.TRANSITIONAL, made.STRICT])
@pytest.mark.parametrize(("cell", "kind", "text"), KINDS)
def test_kinds_of_cells(cell: str, kind: str, text: str | None, namespace: str) -> None:
    (found,) = book_of(row(cell), strings=STRINGS, namespace=namespace).sheets[0].cells.values()
    assert (found.kind, found.text, found.formula) == (kind, text, "<f>" in cell)


@pytest.mark.parametrize("cell", ['<c r="A1"/>', '<c r="A1" s="3"/>', '<c r="A1"><v></v></c>', '<c r="A1" t="n"/>'])
def test_a_cell_without_content_is_not_there(cell: str) -> None:
    assert texts(book_of(row(cell))) == {}


def test_cells_without_an_address_follow_each_other() -> None:
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c><c r='D2'><v>4</v></c><c><v>5</v></c></row>"
    assert texts(book_of(rows)) == {"A1": "1", "B1": "2", "A2": "3", "D2": "4", "E2": "5"}


def test_an_empty_row_without_an_address_counts() -> None:
    assert texts(book_of("<row/><row><c><v>1</v></c></row>")) == {"A2": "1"}


@pytest.mark.parametrize("index", ["7", "-9", "99999999999999999999"])
def test_a_shared_string_that_is_not_there_is_a_damaged_file(index: str) -> None:
    with pytest.raises(NotAWorkbook):
        book_of(row(f'<c r="A1" t="s"><v>{index}</v></c>'), strings=STRINGS)


@pytest.mark.parametrize(
    "content",
    [
        made.zipped({"[Content_Types].xml": b"<x/>"}),
        made.zipped({k: v for k, v in made.GOOD.items() if k != "xl/workbook.xml"}),
        made.with_part("xl/workbook.xml", b"<workbook"),
        made.with_part("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r='1'><c r='A1'><v>1</v></c>"),
        made.with_part("xl/worksheets/sheet1.xml", made.GOOD["xl/worksheets/sheet1.xml"].replace(b'r="1"', b'r="x"')),
        b"no zip",
    ],
)
def test_a_package_that_lacks_what_a_workbook_has(content: bytes) -> None:
    with pytest.raises(NotAWorkbook):
        read_book(io.BytesIO(content))


def test_more_cells_than_any_form_has(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [f'<c r="{column}1"><v>1</v></c>' for column in "ABCD"]
    monkeypatch.setattr("pipeline.adapters.ooxml.rows.MAX_CELLS", 3)
    with pytest.raises(TooMuch) as caught:
        book_of(row(*cells))
    assert caught.value.reason == "grid_cells"


def test_more_cells_on_all_sheets_than_any_form_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.adapters.ooxml.reader.MAX_CELLS", 3)
    sheet = f"<sheetData>{row('<c><v>1</v></c>', '<c><v>1</v></c>')}</sheetData>"
    with pytest.raises(TooMuch) as caught:
        read_book(io.BytesIO(made.zipped(made.parts({"一": sheet, "二": sheet}))))
    assert caught.value.reason == "grid_cells"


def test_too_many_cells_are_told_before_one_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would take longer to read than the reader may take, and the file would be called slow instead."""
    monkeypatch.setattr("pipeline.adapters.ooxml.reader.MAX_CELLS", 3)
    monkeypatch.delattr("pipeline.adapters.ooxml.reader.read_sheet")
    with pytest.raises(TooMuch) as caught:
        book_of(row(*['<x:c xmlns:x="x"><x:v>1</x:v></x:c>'] * 4))
    assert caught.value.reason == "grid_cells"


def test_cells_are_counted_by_their_values_and_never_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.adapters.ooxml.reader.MAX_CELLS", 2)
    book = book_of(
        row('<c r="A1"><f>1</f><v>1</v></c>', '<c r="B1" t="inlineStr"><is><t>v</t></is></c>', '<c r="C1" s="1"/>')
    )
    assert len(book.sheets[0].cells) == 2


def test_one_part_listed_as_a_thousand_sheets() -> None:
    listed = b'<sheet name="x" sheetId="9" r:id="rId1"/>' * 1000
    part = made.GOOD["xl/workbook.xml"].replace(b"<sheets>", b"<sheets>" + listed)
    with pytest.raises(TooMuch) as caught:
        read_book(io.BytesIO(made.with_part("xl/workbook.xml", part)))
    assert caught.value.reason == "parts"


def test_sheets_names_hidden_rows_and_merges() -> None:
    first = (
        '<cols><col min="3" max="4" hidden="1"/><col min="9" max="16384" hidden="true"/></cols><sheetData>'
        '<row r="2" hidden="1"><c r="A2"><v>1</v></c></row></sheetData>'
        '<mergeCells><mergeCell ref="A2:C3"/></mergeCells>'
    )
    names = {"f_basics_pm": "'基本 信息'!$C$12", "NR": "第一!K109", "area": "第一!$A$1:$B$2", "it": "'It''s'!A1"}
    package = made.parts({"第一": first, "基本 信息": "<sheetData/>"}, names=names)
    hidden = package["xl/workbook.xml"].replace('name="第一"'.encode(), 'name="第一" state="veryHidden"'.encode())
    book = read_book(io.BytesIO(made.zipped({**package, "xl/workbook.xml": hidden})))
    sheet = book.sheet("第一")
    assert sheet is not None
    assert sheet.hidden
    assert sheet.hidden_rows == {2}
    assert {3, 4, 9, 300} <= sheet.hidden_columns
    assert max(sheet.hidden_columns) <= 16384
    assert sheet.merges == ((1, 2, 3, 3),)
    assert book.names == {"f_basics_pm": ("基本 信息", "C12"), "NR": ("第一", "K109"), "it": ("It's", "A1")}
    assert book.sheet("没有") is None


def test_formulas_that_reach_outside_are_named_with_their_cells() -> None:
    master = '<c r="B3"><f t="shared" ref="B3:B5" si="0">[1]Sheet1!A1</f><v>1</v></c>'
    others = [row(f'<c r="B{r}"><f t="shared" si="{si}"/><v>1</v></c>', r=r) for r, si in ((4, 0), (5, 0), (6, 1))]
    names = {"far": "[2]Sheet1!$A$1", "near": "表!$A$1"}
    book = book_of(row(master, r=3) + "".join(others), names=names)
    assert book.sheets[0].remote == ("B3", "B4", "B5")
    assert book.remote_names == ("far",)


def test_links_that_lead_outside_are_named() -> None:
    """What a cell links to, and what the package hangs on: other files, pictures, data connections, DDE."""
    relation = '<Relationship Id="{}" Type="x/{}" Target="{}"{}/>'
    external = ' TargetMode="External"'
    rels = f'<Relationships xmlns="{made._PACKAGE}/relationships">'
    links = "<hyperlinks>" + "".join(f'<hyperlink ref="{ref}" r:id="{r}"/>' for ref, r in (("A1", "a"), ("B2:C3", "b")))
    body = f'<sheetData/>{links}<hyperlink ref="D4" r:id="c"/><hyperlink ref="E5" location="表!A1"/></hyperlinks>'
    parts = made.parts({"表": body})
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(
        b"<worksheet ", f'<worksheet xmlns:r="{made._RELATIONS[made.TRANSITIONAL]}" '.encode()
    )
    addresses = (
        ("a", "hyperlink", "https://x.cn/"),
        ("b", "hyperlink", r"\\srv\x"),
        ("c", "hyperlink", "mailto:a@b.cn"),
    )
    outside = (("d", "image", "http://x.cn/p.png"),)
    all_of_them = "".join(relation.format(*one, external) for one in (*addresses, *outside))
    parts["xl/worksheets/_rels/sheet1.xml.rels"] = f"{rels}{all_of_them}</Relationships>".encode()
    parts["xl/externalLinks/externalLink1.xml"] = (
        f'<externalLink xmlns="{made.TRANSITIONAL}"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
    ).encode()
    parts["xl/connections.xml"] = (
        f'<connections xmlns="{made.TRANSITIONAL}"><connection id="1" name="库"/></connections>'.encode()
    )
    book = read_book(io.BytesIO(made.zipped(parts)))
    assert book.sheets[0].outside == ("A1", "B2")
    assert set(book.links) == {"http://x.cn/p.png", "DDE cmd|/c calc", "库"}


@pytest.mark.parametrize("bad", ["\x0b", "\x01", "\ufffe", "&#11;", "&#xFFFF;", "&#x0;"])
def test_characters_that_xml_forbids_do_not_cost_the_file(bad: str) -> None:
    """No program should write them, some do: the cell says so by U+FFFD."""
    assert texts(book_of(row(f'<c r="A1" t="inlineStr"><is><t>甲{bad}乙&#10;&amp;</t></is></c>'))) == {
        "A1": "甲\ufffd乙\n&"
    }
    shared = book_of(row('<c r="A1" t="s"><v>0</v></c>'), strings=[f"<t>甲{bad}乙</t>"])
    assert texts(shared) == {"A1": "甲\ufffd乙"}


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("好_xD83D__xDE00_", "好\U0001f600"),  # both halves of one character
        ("好_xD83D_", "好\ufffd"),  # cut in the middle by a formula
        ("_xDE00_好_xD83D_", "\ufffd好\ufffd"),
        ("_xD83D__xD83D__xDE00_", "\ufffd\U0001f600"),
    ],
)
def test_half_a_character_is_one_that_cannot_be_printed(stored: str, text: str) -> None:
    assert texts(book_of(row(f'<c r="A1" t="inlineStr"><is><t>{stored}</t></is></c>')))["A1"] == text


def test_escaped_characters_are_what_they_stand_for() -> None:
    assert texts(book_of(row('<c r="A1" t="inlineStr"><is><t>甲_x000B_乙_x005F_x0041_</t></is></c>'))) == {
        "A1": "甲\x0b乙_x0041_"
    }


@pytest.mark.parametrize(
    ("format_code", "date"),
    [
        ("yyyy-mm-dd", True),
        ('yyyy"年"m"月"d"日"', True),
        ("h:mm", True),
        ("#,##0.00", False),
        ("General", False),
        ("0%", False),
    ],
)
def test_number_formats_tell_dates(format_code: str, date: bool) -> None:
    book = book_of(row('<c r="A1" s="0"><v>46086</v></c>'), formats=[format_code])
    assert book.is_date(book.sheets[0].cells[1, 1]) is date


def test_both_date_systems_mean_the_same_day() -> None:
    """2026-03-05 is day 46086 since 1900 and day 44624 since 1904."""
    for date1904, stored in ((False, 46086), (True, 44624)):
        book = book_of(row(f'<c r="A1" s="0"><v>{stored}</v></c>'), formats=["yyyy-mm-dd"], date1904=date1904)
        reader = Reader(book, {})
        cell = reader.read(book.sheets[0].cells[1, 1], Field("day", "日期", "date"), Place("x", "表", "A1"))
        assert str(cell.value) == "2026-03-05"


@pytest.mark.parametrize(
    ("filter_", "rows"),
    [
        ('<autoFilter ref="A5:P106"/>', (0, 0)),  # the arrows alone hide nothing
        ('<autoFilter ref="A5:P106"><filterColumn colId="4"><filters><filter val="售前"/></filters>'
         "</filterColumn></autoFilter>", (5, 106)),
    ],
)  # fmt: skip
def test_a_filter_in_force_tells_its_rows(filter_: str, rows: tuple[int, int]) -> None:
    data = row('<c r="A1"><v>1</v></c>')
    package = made.parts({"表": f"<sheetData>{data}</sheetData>{filter_}"})
    assert read_book(io.BytesIO(made.zipped(package))).sheets[0].filtered == rows


def test_rows_and_columns_without_height_or_width_are_hidden() -> None:
    cell = '<c r="A{0}"><v>1</v></c>'
    drawn = (
        '<cols><col min="2" max="2" width="0" customWidth="1"/><col min="3" max="3" width="9"/></cols><sheetData>'
        f'<row r="1" ht="0" customHeight="1">{cell.format(1)}</row>'
        f'<row r="2" ht="15">{cell.format(2)}</row></sheetData>'
    )
    (sheet,) = read_book(io.BytesIO(made.zipped(made.parts({"表": drawn})))).sheets
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({1}, {2})


# -- three writers, three readers ---------------------------------------------------------------------------------

TABLE: dict[str, Any] = {
    "A1": "青岚市广播电视台",
    "B1": " 前后空格 ",
    "C1": "两行\n文字",
    "D1": "A&B <C> \"D\" 'E'",
    "A2": 1,
    "B2": -0.005,
    "C2": 5186545.4,
    "D2": 123456789012345,
    "A3": True,
    "B3": "007",
    "C3": "=1+1 不是公式"[1:],
    "Z40": "远",
}


def by_openpyxl(path: Path) -> None:
    book = openpyxl.Workbook()
    for cell, value in TABLE.items():
        book.active[cell] = value
    book.save(path)


def by_xlsxwriter(path: Path) -> None:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Sheet")
    for cell, value in TABLE.items():
        sheet.write(cell, value)
    book.close()


def values(path: Path) -> dict[str, Any]:
    """Cells as Python values, numbers to the 15 digits of a spreadsheet."""
    with path.open("rb") as stream:
        (sheet,) = read_book(stream).sheets
    return {cell.ref: plain_value(cell) for cell in sheet.cells.values()}


def plain_value(cell: RawCell) -> Any:
    if cell.kind == "n" and cell.text is not None:
        return float(excel_number(cell.text))
    return cell.text == "1" if cell.kind == "b" else cell.text


def test_three_programs_write_one_table_and_it_reads_the_same(tmp_path: Path, office: LibreOffice) -> None:
    by_openpyxl(tmp_path / "openpyxl.xlsx")
    by_xlsxwriter(tmp_path / "xlsxwriter.xlsx")
    office.resave(tmp_path / "openpyxl.xlsx", tmp_path / "libreoffice.xlsx")
    read = {path.stem: values(path) for path in tmp_path.glob("*.xlsx")}
    assert read == {"openpyxl": TABLE, "xlsxwriter": TABLE, "libreoffice": TABLE}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    return {code: write_sample(tmp_path_factory.mktemp(code), (), code) for code in (TV, DORM)}


@pytest.mark.parametrize("code", [TV, DORM])
@pytest.mark.parametrize("no", ["00", "01", "02", "03", "04", "05"])
def test_openpyxl_and_calamine_read_every_cell_as_we_do(samples: Mapping[str, Path], code: str, no: str) -> None:
    (path,) = samples[code].glob(f"{no}_*.xlsx")
    with path.open("rb") as stream:
        ours = {
            (sheet.name, cell.row, cell.column): plain_value(cell)
            for sheet in read_book(stream).sheets
            for cell in sheet.cells.values()
        }
    ours = {place: value for place, value in ours.items() if value not in (None, "")}
    assert len(ours) > 200
    assert ours == {**dict(by_openpyxl_reader(path))}
    assert ours == {**dict(by_calamine(path))}


def by_openpyxl_reader(path: Path) -> Any:
    book = openpyxl.load_workbook(path, data_only=True)
    for sheet in book.worksheets:
        for cells in sheet.iter_rows():
            for cell in cells:
                if cell.value not in (None, ""):
                    yield (sheet.title, cell.row, cell.column), number_of(cell.value)


def by_calamine(path: Path) -> Any:
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        for r, cells in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), start=1):
            for c, value in enumerate(cells, start=1):
                if value not in (None, ""):
                    yield (name, r, c), number_of(value)


def number_of(value: Any) -> Any:
    """Dates of the other readers back to Excel's day number."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | float):
        return float(excel_number(repr(value)))
    from openpyxl.utils.datetime import to_excel

    return float(to_excel(value))
