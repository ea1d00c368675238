from __future__ import annotations

import io
import zipfile

import docx
import pytest
from lxml import etree

from pipeline.render.word.package import parse, repair, same_bytes, text_of

NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TABLE = "<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>"


def body(inside: str) -> etree._Element:
    return parse(f"<w:body {NS}>{inside}</w:body>")


def test_text_has_breaks_and_tabs_but_not_the_tab_stops_of_a_paragraph() -> None:
    tabs = "<w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>"
    root = body(f"<w:p>{tabs}<w:r><w:t>甲</w:t><w:br/><w:t>乙</w:t><w:tab/></w:r></w:p><w:p/>")
    assert text_of(root) == "\0甲\n乙\t\0"


def test_xml_that_is_not_well_formed_is_not_swallowed() -> None:
    with pytest.raises(etree.XMLSyntaxError):
        body("<w:p>甲 & 乙</w:p>")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<w:tbl><w:tblPr/></w:tbl><w:p/>", "<w:p/>"),
        ("<w:tbl><w:tr><w:trPr/></w:tr></w:tbl>", ""),
        (
            "<w:tbl><w:tr><w:tc><w:tcPr/></w:tc></w:tr></w:tbl>",
            "<w:tbl><w:tr><w:tc><w:tcPr/><w:p/></w:tc></w:tr></w:tbl>",
        ),
        (TABLE.format("<w:p/>"), TABLE.format("<w:p/>")),
        ("<w:p><w:r><w:t> 甲</w:t></w:r></w:p>", '<w:p><w:r><w:t xml:space="preserve"> 甲</w:t></w:r></w:p>'),
    ],
)
def test_what_word_would_refuse_is_repaired(before: str, after: str) -> None:
    root = body(before)
    repair(root)
    assert etree.tostring(root) == etree.tostring(body(after))


def test_a_zip_depends_on_its_parts_only() -> None:
    content = same_bytes(docx.Document())
    assert content == same_bytes(docx.Document())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist()[:2] == ["[Content_Types].xml", "_rels/.rels"]
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
