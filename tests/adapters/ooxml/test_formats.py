from __future__ import annotations

import io

import openpyxl
import pytest

from pipeline.adapters.ooxml.edit import Editor
from pipeline.adapters.ooxml.formats import Look, Styles, fill_xml
from pipeline.adapters.ooxml.package import Package
from tests.adapters.packages import faults, parts, rich
from tests.intake import made_files as made

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
THEMED = "<patternFill patternType='solid'><fgColor theme='4' tint='0.5'/><bgColor indexed='64'/></patternFill>"
GRADIENT = (
    "<gradientFill degree='90'><stop position='0'><color rgb='FFFFFFFF'/></stop>"
    "<stop position='1'><color rgb='FF000000'/></stop></gradientFill>"
)


@pytest.mark.parametrize("fill", ["FC9090", THEMED, GRADIENT, ""])
def test_a_fill_is_read_as_it_was_given(fill: str) -> None:
    styles = Styles(Package(rich()))
    assert styles.fill(styles.with_fill(1, fill)) == fill


@pytest.mark.parametrize("fill", [THEMED, GRADIENT, "DDEBF7", ""])
def test_another_fill_and_back_is_the_first_format(fill: str) -> None:
    styles = Styles(Package(rich()))
    start = styles.with_fill(1, fill)
    assert styles.with_fill(styles.with_fill(start, "FC9090"), fill) == start


def test_formats_and_fills_are_made_once() -> None:
    package = Package(rich())
    styles = Styles(package)
    first = [styles.with_fill(1, "FC9090"), styles.with_format(1, "0.000"), styles.look(Look(bold=True))]
    before = package.read("xl/styles.xml")
    assert [styles.with_fill(1, "FC9090"), styles.with_format(1, "0.000"), styles.look(Look(bold=True))] == first
    assert package.read("xl/styles.xml") == before


def test_a_format_that_is_not_there_counts_as_the_first() -> None:
    styles = Styles(Package(rich()))
    assert styles.with_fill(999, "FC9090") == styles.with_fill(0, "FC9090")


@pytest.mark.parametrize("formats", [(), ("0.00",)])
def test_styles_that_lack_parts_or_are_missing_get_them(formats: tuple[str, ...]) -> None:
    content = made.zipped(
        made.parts({"表": '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'}, formats=formats)
    )
    book = Editor(content)
    book.set_fill("表", "A1", "FC9090")
    book.set_value("表", "A2", 1.5, number_format="#,##0.00")
    after = book.to_bytes()
    sheet = openpyxl.load_workbook(io.BytesIO(after))["表"]
    assert (sheet["A1"].fill.fgColor.rgb, sheet["A2"].number_format) == ("FFFC9090", "#,##0.00")
    assert [fault for fault in faults(after) if "type" not in fault and "opens" not in fault] == []


def test_differential_formats_are_left_alone() -> None:
    content = rich()
    book = Editor(content)
    book.set_fill("表", "B2", "FC9090")
    cut = [
        text[text.index(b"<dxfs") :]
        for text in (parts(content)["xl/styles.xml"], parts(book.to_bytes())["xl/styles.xml"])
    ]
    assert cut[0] == cut[1]


def test_the_xml_of_a_plain_fill() -> None:
    assert fill_xml("FC9090").startswith("<patternFill patternType='solid'><fgColor rgb='FFFC9090'/>")
    assert fill_xml(THEMED) == THEMED
