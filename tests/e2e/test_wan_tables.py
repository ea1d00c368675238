"""Tables in 万元: what is printed adds up to its printed total, or the line above says why it need not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from pipeline.definitions.documents import load_documents
from pipeline.definitions.forms import data_folder
from tests.cases import DORM, TV
from tests.e2e.built import sample

NOTE = "万元为汇总后换算，各行之和与合计可有尾差"
# One part of the total and the margin: nothing that adds up to anything in the table.
WITHOUT_SUMS = {"PAR"}
_WHOLE = re.compile(r"合计|预计毛利.*")
_PART = re.compile(r"其中.*")
_WAN = re.compile(r".*\.wan\s*\}\}")


def tables(path: Path) -> Iterator[tuple[Table, str]]:
    """The tables of a document, each with the line above it."""
    document: Any = docx.Document(str(path))
    for table in document.tables:
        above = table._tbl.getprevious()
        found = above is not None and above.tag == qn("w:p")
        yield table, Paragraph(above, document._body).text if found else ""


def wan_columns(rows: list[list[str]]) -> list[int]:
    return [column for column, head in enumerate(rows[0]) if "万元" in head and "（元）" not in head]


def wan_faults(rows: list[list[str]]) -> list[str]:
    """Totals in 万元 that are not the sum of what is printed above them, nor of what is printed as its parts."""
    faults = []
    for column in wan_columns(rows):
        numbers = [(row[0], number(row[column])) for row in rows[1:]]
        plain = [value for label, value in numbers if value is not None and not _WHOLE.match(label)]
        total = next((value for label, value in numbers if label.startswith("合计")), None)
        parts = [value for label, value in numbers if value is not None and _PART.match(label)]
        whole = total or next((value for label, value in numbers if label.startswith("计划总费用")), None)
        if total is not None and sum(p for p in plain if p not in parts) != total and "累计" not in rows[0][column]:
            faults.append(f"合计 {total}")
        if len(parts) > 1 and sum(parts) != whole:
            faults.append(f"其中 {parts}")
    return faults


def number(text: str) -> Decimal | None:
    text = text.strip().replace(",", "")
    return Decimal(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


@pytest.mark.parametrize("code", sorted(code for code in load_documents() if code != "BAT"))
def test_a_template_with_sums_in_wan_says_so_above_them(code: str) -> None:
    for table, above in tables(data_folder("output_templates") / load_documents()[code].template):
        rows = texts(table)
        wan = [row for row in rows if any(_WAN.fullmatch(cell.strip()) for cell in row)]
        sums = [row for row in rows if any(_WHOLE.match(cell) or _PART.match(cell) for cell in row[:2])]
        if len(wan) > 1 and sums and code not in WITHOUT_SUMS:
            assert above.endswith(NOTE), (code, rows[0])


@pytest.mark.parametrize("name", [TV, DORM])
def test_what_does_not_add_up_in_a_paper_is_explained(name: str) -> None:
    found = [
        (document.code, rows[0], faults)
        for document in sample(name).result.documents
        for table, above in tables(document.docx)
        if wan_columns(rows := texts(table)) and (faults := wan_faults(rows)) and not above.endswith(NOTE)
    ]
    assert found == []


def test_there_is_something_to_explain() -> None:
    """The samples hold such tables, so that the test above looks at some."""
    rows = [["项目", "万元"], ["计划总费用", "71.23"], ["其中：售前费用", "7.15"], ["其中：工程测算", "64.09"]]
    assert wan_faults(rows) == ["其中 [Decimal('7.15'), Decimal('64.09')]"]
    assert wan_faults([["阶段", "金额（万元）"], ["S1", "0.46"], ["S2", "1.44"], ["合计", "1.91"]]) == ["合计 1.91"]
    assert wan_faults([["阶段", "金额（万元）"], ["S1", "0.46"], ["S2", "1.44"], ["合计", "1.90"]]) == []
