"""How every template is laid out: what is said once, what stands under which head, which way its pages lie."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as Docx
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from tests.cases import ROOT

TEMPLATES = sorted((ROOT / "output_templates").glob("*.docx"))
STATE = "文件状态："
MONEY_HEAD = re.compile(r"（万?元）|^万元$")
NO_MONEY = re.compile(r"_days|margin|rate|pct")
ANNEXES = ("PP1", "PP2", "PP3")

every_template = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)


@every_template
def test_the_state_of_a_paper_is_told_once_and_in_no_line_of_its_own(path: Path) -> None:
    """A paper for the customer has no state: a line of its own would stay there, empty."""
    found = [one.text for one in Document(str(path)).paragraphs if STATE in one.text]
    assert len(found) <= 1
    assert [text for text in found if text.startswith("{%")] in ([], found if path.stem == "PPR" else [])


@every_template
def test_captions_count_themselves(path: Path) -> None:
    numbered = [one for one in Document(str(path)).paragraphs if re.match(r"[表图]\d", one.text)]
    assert [one.text for one in numbered if "SEQ" not in "".join(map(str, _fields(one)))] == []


def _fields(paragraph: Paragraph) -> Iterator[str | None]:
    return (node.text for node in paragraph._p.iter(qn("w:instrText")))


def below_money(table: Table) -> Iterator[str]:
    """What cells of one column print below a head that says yuan."""
    grid = len(table.columns)
    heads = [cell.text for cell in table.rows[0].cells]
    for row in table.rows[1:]:
        cells = list(row.cells)
        if len(heads) == len(cells) == grid:
            alone = [cell for cell in cells if cells.count(cell) == 1]
            yield from (cell.text for head, cell in zip(heads, cells, strict=True) if cell in alone and _money(head))


def _money(head: str) -> bool:
    return bool(MONEY_HEAD.search(head))


@every_template
def test_no_days_and_no_rates_stand_in_a_column_of_money(path: Path) -> None:
    found = [text for table in Document(str(path)).tables for text in below_money(table)]
    assert [text for text in found if NO_MONEY.search(text)] == []


@pytest.mark.parametrize("code", ANNEXES)
def test_the_list_of_an_annex_lies_across_and_its_sums_stand_upright(code: str) -> None:
    """A picture or a short table alone on a page that lies across is most of a page wasted."""
    document: Docx = Document(str(ROOT / "output_templates" / f"{code}.docx"))
    assert [one.orientation for one in document.sections] == [WD_ORIENT.LANDSCAPE, WD_ORIENT.PORTRAIT]
    room = document.sections[1].page_width - document.sections[1].left_margin - document.sections[1].right_margin
    after = document.tables[2:]
    widths = [sum(int(one.get(qn("w:w"))) for one in table._tbl.tblGrid.gridCol_lst) * 635 for table in after]
    assert len(after) >= 4
    assert all(width <= room + 635 for width in widths)
