"""Parts are found without case, missing ones are damage, alternatives are counted: for reader and editor alike."""

from __future__ import annotations

import io

import pytest
from lxml import etree

from pipeline.adapters.ooxml.edit import Editor
from pipeline.adapters.ooxml.parts import PartNames, members, settle_alternatives, target_of
from pipeline.adapters.ooxml.reader import MissingPart, RawBook, read_book
from tests.adapters.packages import parts, rich, zipped
from tests.intake import made_files as made

_MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_CELLS = '<sheetData><row r="1"><c r="A1" s="1"><v>0.05</v></c><c r="B1" t="s"><v>0</v></c></row></sheetData>'
_PACKAGE = made.parts({"表": _CELLS, "附表": _CELLS}, strings=["<t>甲</t>"], formats=["0.00", "0%"])
_RELS = "xl/_rels/workbook.xml.rels"
NAMED = ("xl/worksheets/sheet2.xml", "xl/styles.xml", "xl/sharedStrings.xml")


def renamed(name: str, new: str) -> bytes:
    """The package with one part stored under another name."""
    return zipped({new if one == name else one: content for one, content in _PACKAGE.items()})


def read(content: bytes) -> RawBook:
    return read_book(io.BytesIO(content))


def themed(*, there: bool) -> bytes:
    found = parts(rich())
    return zipped({name: content for name, content in found.items() if there or "theme" not in name})


@pytest.mark.parametrize("name", [*NAMED, _RELS, "_rels/.rels", "xl/workbook.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("change", [str.upper, str.title])
def test_a_part_stored_in_another_case_is_found(name: str, change) -> None:  # type: ignore[no-untyped-def]
    content = renamed(name, change(name))
    assert read(content) == read(zipped(_PACKAGE))
    book = Editor(content)
    book.set_value("附表", "C1", "x", fill="FC9090")
    after = book.to_bytes()
    assert set(parts(after)) == {change(name) if one == name else one for one in _PACKAGE}
    (first, second) = read(after).sheets
    assert (first.cells[1, 1].text, second.cells[1, 3].text) == ("0.05", "x")


def test_a_name_with_percent_signs_is_the_decoded_one() -> None:
    assert PartNames(["xl/worksheets/表 1.xml"]).find("xl/worksheets/%E8%A1%A8%201.xml") == "xl/worksheets/表 1.xml"
    assert PartNames(["xl/a%201.xml"]).find("xl/A%201.xml") == "xl/a%201.xml"
    assert "xl/b.xml" not in PartNames(["xl/a.xml"])


@pytest.mark.parametrize(
    ("part", "reference", "target"),
    [
        ("", "xl/workbook.xml", "xl/workbook.xml"),
        ("xl/workbook.xml", "/xl/styles.xml", "xl/styles.xml"),
        ("xl/workbook.xml", "worksheets/../styles.xml", "xl/styles.xml"),
    ],
)
def test_targets(part: str, reference: str, target: str) -> None:
    assert target_of(part, reference) == target


@pytest.mark.parametrize("name", NAMED)
def test_a_part_that_is_named_and_not_there_is_damage(name: str) -> None:
    with pytest.raises(MissingPart):
        read(zipped({one: content for one, content in _PACKAGE.items() if one != name}))


def test_a_theme_that_is_named_and_not_there_is_damage() -> None:
    assert read(themed(there=True)).sheets
    with pytest.raises(MissingPart):
        read(themed(there=False))


def test_a_listed_sheet_without_a_relation_is_damage() -> None:
    rels = _PACKAGE[_RELS].replace(b'Id="rId2"', b'Id="rId9"')
    with pytest.raises(MissingPart, match="附表"):
        read(zipped({**_PACKAGE, _RELS: rels}))


def test_what_was_never_named_may_be_absent() -> None:
    """A workbook of a small program has no styles, strings or theme at all."""
    assert read(made.good()).styles == ()


# -- alternatives ---------------------------------------------------------------------------------------------------


def alternatives(choice: str, fallback: str = "", requires: str = "hs") -> str:
    return (
        f'<mc:AlternateContent xmlns:mc="{_MC}"><mc:Choice xmlns:hs="http://schemas.haansoft.com/x" '
        f'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main" Requires="{requires}">{choice}'
        f"</mc:Choice><mc:Fallback>{fallback}</mc:Fallback></mc:AlternateContent>"
    )


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("<a/>" + alternatives("<b/>", "<c/>") + "<d/>", "acd"),
        ("<a/>" + alternatives("<b/>", "<c/>", "x14") + "<d/>", "abd"),
        ("<a/>" + alternatives("<b/>", "<c/>", "x14 hs"), "ac"),
        ("<a/>" + alternatives("<b/>", "<c/>", ""), "ac"),
        ("<a/>" + alternatives("<b/>", "") + "<d/>", "ad"),
        (alternatives("<b/>", "<c/><d/>" + alternatives("<e/>", "<f/>")), "cdf"),
        ("<a/><!-- no member --><b/>", "ab"),
    ],
)
def test_which_alternative_counts(text: str, taken: str) -> None:
    root = etree.fromstring(f"<x>{text}</x>")
    assert "".join(node.tag for node in members(root)) == taken
    assert "".join(str(node.tag) for node in settle_alternatives(root) if isinstance(node.tag, str)) == taken


def hancom() -> bytes:
    """Formats 0, 0% (in alternatives) and 0.000; fonts and fills in alternatives before those that they use."""
    font, fill = (
        '<font><color rgb="FF{0}"/></font>',
        '<fill><patternFill patternType="solid"><fgColor rgb="FF{0}"/></patternFill></fill>',
    )
    styles = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts><numFmt numFmtId="170" '
        'formatCode="0.000"/></numFmts><fonts count="3"><font/>'
        + alternatives(font.format("111111"), font.format("222222"))
        + font.format("DDEBF7")
        + '</fonts><fills count="3"><fill><patternFill patternType="none"/></fill>'
        + alternatives(fill.format("333333"), fill.format("444444"))
        + fill.format("DDEBF7")
        + '</fills><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0"/>'
        + alternatives('<xf numFmtId="9" fontId="0" fillId="0"/>', '<xf numFmtId="9" fontId="0" fillId="0"/>')
        + '<xf numFmtId="170" fontId="2" fillId="2"/></cellXfs></styleSheet>'
    )
    cells = "".join(f'<c r="{ref}1" s="{style}"><v>0.05</v></c>' for ref, style in zip("ABC", range(3), strict=True))
    made_parts = made.parts({"表": f'<sheetData><row r="1">{cells}</row></sheetData>'}, formats=["x"])
    return zipped({**made_parts, "xl/styles.xml": styles.encode()})


def test_formats_in_alternatives_are_counted_by_the_reader() -> None:
    book = read(hancom())
    assert [style.number_format for style in book.styles] == ["General", "0%", "0.000"]
    assert [style.unseen for style in book.styles] == [False, False, True]


def test_formats_in_alternatives_are_counted_by_the_editor_and_left_alone() -> None:
    before = hancom()
    book = Editor(before)
    assert [book.fill_of("表", ref) for ref in ("A1", "B1", "C1")] == ["", "", "DDEBF7"]
    for ref in ("A1", "B1", "C1"):
        book.set_fill("表", ref, "FC9090")
    after = book.to_bytes()
    again = read(after)
    formats = [again.format(cell) for cell in again.sheets[0].cells.values()]
    assert formats == ["General", "0%", "0.000"]
    assert [Editor(after).fill_of("表", ref) for ref in ("A1", "B1", "C1")] == ["FC9090"] * 3
    styles = etree.fromstring(parts(after)["xl/styles.xml"])
    assert [node.get("count") for node in styles if node.get("count")] == ["3", "4", "6"]
    assert all(len(node.attrib) == 0 for node in styles.iter(f"{{{_MC}}}AlternateContent"))


def test_a_mark_that_is_taken_back_leads_to_the_format_in_the_alternatives() -> None:
    book = Editor(hancom())
    book.set_fill("表", "B1", "FC9090")
    book.set_fill("表", "B1", "")
    assert book.cells("表").style("B1") == 1


# -- empty attributes -----------------------------------------------------------------------------------------------


def test_empty_attributes_are_as_good_as_none() -> None:
    rows = (
        '<cols><col min="" max="" width="" style="" hidden=""/></cols><sheetData><row r="" ht="" s="" hidden="">'
        '<c r="A1" s="" t=""><v>1</v></c><c r="" s="" t="inlineStr"><is><t>甲</t></is></c></row></sheetData>'
        '<autoFilter ref=""><filterColumn colId=""/></autoFilter><mergeCells count=""><mergeCell ref=""/></mergeCells>'
    )
    found = made.parts({"表": rows}, formats=["0.00"])
    styles = found["xl/styles.xml"].replace(b'<xf numFmtId="164"/>', b'<xf numFmtId="" fontId="" fillId=""/>')
    content = zipped({**found, "xl/styles.xml": styles})
    (sheet,) = read(content).sheets
    assert {cell.ref: (cell.kind, cell.text, cell.style) for cell in sheet.cells.values()} == {
        "A1": ("n", "1", 0),
        "B1": ("s", "甲", 0),
    }
    assert (sheet.hidden_rows, sheet.merges, sheet.filtered) == (frozenset(), (), (0, 0))
    book = Editor(content)
    book.set_value("表", "A1", 2, fill="FC9090")
    book.add_comments("表", {"B1": "看"}, "系统校验")
    assert Editor(book.to_bytes()).fill_of("表", "A1") == "FC9090"
