from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from pipeline.adapters.ooxml.edit import Editor, Look
from pipeline.adapters.ooxml.sheets import NewCell, NewSheet
from pipeline.core.sheets import Workbook
from pipeline.definitions.forms import load_forms
from pipeline.intake.gate import Refusal
from pipeline.intake.workbooks import Opened, open_file, read_workbook
from pipeline.render.marked.copy import mark
from tests.cases import DORM, write_sample
from tests.intake import made_files as made
from tests.render.findings import blank

FIRST = "xl/worksheets/sheet2.xml"  # after the instructions
FORMS = load_forms()


def only(folder: Path, no: str) -> Path:
    (path,) = folder.glob(f"{no}_*.xlsx")
    return path


def opened(path: Path) -> Opened:
    found = open_file(path, FORMS)
    assert isinstance(found, Opened), found
    return found


def read(path: Path) -> Workbook:
    found = opened(path)
    assert found.form is not None
    return read_workbook(found, found.form, {})


@pytest.mark.parametrize("key", ["master", "survey", "plan", "cost", "materials", "staffing"])
def test_a_workbook_is_known_by_what_it_says_not_by_its_name(dorm: Path, tmp_path: Path, key: str) -> None:
    path = tmp_path / "新建 Microsoft Excel 工作表.xlsx"
    path.write_bytes(only(dorm, FORMS[key].no).read_bytes())
    found = opened(path)
    assert found.form is FORMS[key]
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def drawn(path: Path, title: str) -> Path:
    path.write_bytes(made.workbook(made.rows_of(f"| {title}\n| 项目编号 | LY-SQ-2026-007\n")))
    return path


@pytest.mark.parametrize(
    ("title", "key"),
    [
        ("项目费用计划明细表", "cost"),
        ("费用明细表", "cost"),
        ("项目 费用 计划明细表 — 费用明细", "cost"),
        ("项目所需物资一览表", "materials"),
        ("关于项目费用计划明细表的说明", None),
        ("报价单", None),
    ],
)
def test_without_meta_the_title_tells(tmp_path: Path, title: str, key: str | None) -> None:
    form = opened(drawn(tmp_path / "x.xlsx", title)).form
    assert (form.key if form else None) == key


def test_an_unknown_version_is_known_to_be_unknown(dorm: Path, tmp_path: Path) -> None:
    known = opened(only(dorm, "03"))
    assert known.form is not None
    assert read_workbook(known, known.form, {}).known_version
    newer = replace(known, sha256="of another content", meta={**known.meta, "template_version": "9.0"})
    book = read_workbook(newer, known.form, {})
    assert (book.known_version, book.form_version) == (False, "9.0")
    titled = opened(drawn(tmp_path / "x.xlsx", "费用明细表"))
    assert titled.form is not None
    assert not read_workbook(titled, titled.form, {}).known_version


def test_what_was_read_is_not_read_again_but_for_other_people_or_another_form(dorm: Path, tmp_path: Path) -> None:
    known = opened(only(dorm, "05"))
    form = known.form
    assert form is not None
    copy = opened(Path(shutil.copy(known.path, tmp_path)))
    first, second = read_workbook(known, form, {}), read_workbook(copy, form, {})
    assert second.sheets is first.sheets
    assert (first.path, second.path) == (known.path, copy.path)
    assert read_workbook(known, form, {"沈嘉禾": "E101"}).sheets is not first.sheets
    assert read_workbook(known, replace(form, name="another"), {}).sheets is not first.sheets


def test_missing_sheets_are_there_as_missing(tmp_path: Path) -> None:
    book = read(drawn(tmp_path / "03_费用.xlsx", "费用明细表"))
    assert {key: sheet.present for key, sheet in book.sheets.items()} == {
        "lines": False,
        "deposits": False,
        "summary": False,
    }
    assert str(book.sheets["lines"].at) == "[03_费用.xlsx]费用明细"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "unreadable"),
        (b"", "empty"),
        (b"PK\x03\x04 half", "truncated"),
        (made.with_part("xl/worksheets/sheet1.xml", b"<a>"), "corrupt"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "03_费用.xlsx"
    if content is not None:
        path.write_bytes(content)
    found = open_file(path, FORMS)
    assert isinstance(found, Refusal)
    assert found.reason == reason


def test_a_stray_cell_far_away_costs_nothing(dorm: Path, tmp_path: Path) -> None:
    far = '<row r="1048576"><c r="AZ1048576"><v>1</v></c></row></sheetData>'
    path = made.edited(only(dorm, "03"), tmp_path / "03.xlsx", {FIRST: [("</sheetData>", far)]})
    assert len(read(path).sheets["lines"].rows) == len(read(only(dorm, "03")).sheets["lines"].rows)


def test_a_clean_sample_has_no_remarks(dorm: Path, tv: Path) -> None:
    for folder in (dorm, tv):
        for path in folder.glob("0[1-5]_*.xlsx"):
            assert read(path).remarks == ()


@pytest.mark.parametrize(
    ("part", "old", "new", "remark"),
    [
        (
            FIRST,
            '<mergeCell ref="A1:P1"/>',
            '<mergeCell ref="A1:P1"/><mergeCell ref="D8:E9"/>',
            ("数据区合并单元格", "D8"),
        ),
        (FIRST, '<row r="9" ', '<row r="9" hidden="1" ', ("隐藏的行", "A9")),
        (FIRST, '<col min="11" ', '<col hidden="1" min="11" ', ("隐藏的列", "K7")),
        (FIRST, "<f>SUM(K7:K106)</f>", "<f>SUM([1]别处!K7:K106)</f>", ("远程公式", "K109")),
        (
            "xl/workbook.xml",
            '<sheet name="费用明细" ',
            '<sheet name="费用明细" state="hidden" ',
            ("隐藏的工作表", None),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "</Relationships>",
            '<Relationship Id="x" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLink"'
            ' Target="externalLinks/externalLink1.xml"/></Relationships>',
            ("外部链接(externalLinks/externalLink1.xml)", None),
        ),
    ],
)
def test_what_makes_a_workbook_doubtful(
    dorm: Path, tmp_path: Path, part: str, old: str, new: str, remark: tuple[str, str | None]
) -> None:
    path = made.edited(only(dorm, "03"), tmp_path / "03.xlsx", {part: [(old, new)]})
    found = [(found.what, found.at.cell) for found in read(path).remarks]
    assert remark in found
    assert {what for what, _ in found} == {remark[0]}


def test_a_hidden_row_without_data_is_no_remark(dorm: Path, tmp_path: Path) -> None:
    path = made.edited(only(dorm, "03"), tmp_path / "03.xlsx", {FIRST: [('<row r="90" ', '<row r="90" hidden="1" ')]})
    assert read(path).remarks == ()


def test_rows_below_the_totals_are_named(tmp_path: Path) -> None:
    """They are not read; an amount there must not be lost in silence."""
    path = write_sample(tmp_path) / f"03_项目费用计划明细表_{DORM}.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book["费用明细"]
    sheet["G115"], sheet["I115"], sheet["D117"] = 2, 500, "备注:以上均含税"
    book.save(path)
    opened = open_file(path, load_forms())
    assert not isinstance(opened, Refusal)
    remarks = read_workbook(opened, load_forms()["cost"], {}).remarks
    assert [(found.what, str(found.at).partition("]")[2]) for found in remarks] == [
        ("合计行以下的明细(没有读取)", "费用明细!G115")
    ]


def test_the_list_of_findings_in_a_marked_copy_is_not_read(dorm: Path, tmp_path: Path) -> None:
    source = only(dorm, "03")
    path = tmp_path / source.name
    path.write_bytes(mark(source.read_bytes(), [blank(source.name, "费用明细", "C7")], source.name))
    assert [sheet.name for sheet in opened(path).book.sheets] == [sheet.name for sheet in opened(source).book.sheets]
    assert read(path).sheets["lines"].rows == read(source).sheets["lines"].rows


def test_what_apple_numbers_exports_is_our_form(dorm: Path, tmp_path: Path) -> None:
    """It names each sheet after its table, shows all and puts a list of them first."""
    source = only(dorm, "03")
    editor = Editor(source.read_bytes())
    editor.add_first_sheet(NewSheet("导出摘要", [{1: NewCell("此文稿导出自Numbers表格。", Look())}], {}, (20,), ()))
    workbook = editor.package.root(editor.package.workbook)
    for node in workbook.iterfind("{*}sheets/{*}sheet"):
        node.set("name", f"{node.get('name')} - 表格 1" if node.get("name") != "导出摘要" else "导出摘要")
        node.attrib.pop("state", None)
    workbook.remove(workbook.find("{*}definedNames"))
    editor.package.touch(editor.package.workbook)
    path = tmp_path / "x.xlsx"
    path.write_bytes(editor.to_bytes())
    book, known = read(path), read(source)
    assert (book.known_version, book.form_version, book.program) == (True, known.form_version, "Apple Numbers")
    assert {key: sheet.present for key, sheet in book.sheets.items()} == dict.fromkeys(known.sheets, True)
    assert book.sheets["lines"].totals.value("grand_total") == known.sheets["lines"].totals.value("grand_total")
    assert known.program == "Microsoft Excel"
