"""What must hold for gate and reader whatever the bytes are, and how to spoil a workbook below its zip."""

from __future__ import annotations

import json

from pipeline.adapters.ooxml.wire import from_wire
from pipeline.intake.reader_worker import verdict
from pipeline.intake.refusals import reasons
from tests.intake import made_files as made

WORKBOOK = made.parts(
    {
        "费用明细": "<dimension ref='A1:C3'/><cols><col min='3' max='4' hidden='1'/></cols><sheetData>"
        + made.rows_of("| 甲 | 1.5 | =A1*2 |\n| !#REF! | '7 | @46086 |")
        + "</sheetData><mergeCells><mergeCell ref='A1:C3'/></mergeCells>",
        "空": "<sheetData/>",
    },
    strings=("<t>青岚台</t>", "<r><t>核心</t></r>"),
    formats=("0.00", "yyyy-mm-dd"),
    names={"f_basics_pm": "费用明细!$C$12"},
)
NAMES = tuple(WORKBOOK)


def spoiled(name: str, start: int, length: int, text: bytes) -> bytes:
    """A whole zip, one part of which has some bytes replaced."""
    part = WORKBOOK[name]
    start %= len(part) + 1
    return made.zipped({**WORKBOOK, name: part[:start] + text + part[start + length :]})


def hold(content: bytes, name: str = "x.xlsx") -> str:
    """Judge a file here, without the child: a known reason, or a workbook that crosses the wire unchanged.

    Raises:
        AssertionError: neither; any other exception is a fault of gate or reader, too.
    """
    found = verdict(name, content)
    if "refused" in found:
        assert found["refused"] in reasons(), found
        return str(found["refused"])
    book = from_wire(json.loads(json.dumps(found["book"])))
    assert all(cell.row > 0 and cell.column > 0 for sheet in book.sheets for cell in sheet.cells.values())
    return "read"
