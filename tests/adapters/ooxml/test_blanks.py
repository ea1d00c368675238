"""Whole-sheet formatting costs nothing, and leaving it out changes nothing that is read."""

from __future__ import annotations

import io
import time

import pytest

from pipeline.adapters.ooxml.blanks import LARGE, without_styled_blanks
from pipeline.adapters.ooxml.reader import read_book
from tests.intake import made_files as made


@pytest.mark.parametrize(
    ("part", "left"),
    [
        (b'<row r="1"><c r="A1" s="5"/><c r="B1"><v>1</v></c></row>', b'<row r="1"><c r="B1"><v>1</v></c></row>'),
        (b'<row r="1" s="5" customFormat="1" ht="15"/><row r="2"><c r="A2"><v>1</v></c></row>',
         b'<row r="2"><c r="A2"><v>1</v></c></row>'),
        (b'<row r="1"><c r="A1" s="5"></c></row>', b""),
        (b'<row r="7" x14ac:dyDescent="0.2">\n</row>', b""),
        (b'<row r="1"><c r="A1" t="s"><v>0</v></c></row>', None),
        (b'<row r="1"><c r="A1"><f>B1</f></c></row>', None),
        (b'<row r="1"><c r="A1"/><c><v>1</v></c></row>', None),  # the second cell follows the first
        (b'<row r="1"/><row><c r="A2"><v>1</v></c></row>', None),
        (b'<row r="1"><c s="5"/><c r="B1"><v>1</v></c></row>', None),
        (b'<row r="1"><c r="A1" t="inlineStr"><is><t><![CDATA[<c r="A1"/>]]></t></is></c></row>', None),
        (b'<!-- <row r="1"/> --><row r="1"/>', None),
    ],
)  # fmt: skip
def test_what_is_left_out(part: bytes, left: bytes | None) -> None:
    assert without_styled_blanks(part) == (part if left is None else left)


def test_a_sheet_formatted_to_its_last_row_is_read_at_once() -> None:
    """1,048,576 styled rows: half a minute when each is parsed."""
    data = '<row r="7"><c r="A7"><v>1</v></c><c r="B7" s="5"/></row>'
    styled = "".join(f'<row r="{r}" s="5" customFormat="1"/>' for r in range(8, 1_048_577))
    package = made.parts({"表": f"<sheetData>{data}{styled}</sheetData>"})
    content = made.zipped(package)
    assert len(package["xl/worksheets/sheet1.xml"]) > LARGE
    start = time.process_time()
    (sheet,) = read_book(io.BytesIO(content)).sheets
    assert time.process_time() - start < 5
    assert {cell.ref: cell.text for cell in sheet.cells.values()} == {"A7": "1"}
