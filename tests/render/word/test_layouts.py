from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from pipeline.render.word.layouts import LAYOUTS, Layout, lay_out
from pipeline.render.word.rows_arrived import rows_of
from tests.cases import ROOT


def filled(folder: Path) -> Path:
    """A heading, a caption and a table of six rows under one head; then another heading and another table."""
    made: Any = docx.Document(str(ROOT / "output_templates" / "STYLES.docx"))
    for name in "甲乙":
        made.add_paragraph(f"标题{name}", style="Heading 1")
        made.add_paragraph(f"表 {name}", style="Caption")
        table = made.add_table(rows=7, cols=2)
        for number, row in enumerate(table.rows):
            properties = row._tr.get_or_add_trPr()
            properties.append(OxmlElement("w:cantSplit"))
            if number == 0:
                properties.append(OxmlElement("w:tblHeader"))
            for cell in row.cells:
                cell.text = f"{name}{number}"
    path = folder / "filled.docx"
    made.save(str(path))
    return path


def texts(path: Path) -> Counter[str]:
    return Counter(row.text for row in rows_of(docx.Document(str(path)).element.body))


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_a_layout_keeps_every_row_and_changes_the_table_that_lost_some(tmp_path: Path, layout: Layout) -> None:
    path = filled(tmp_path)
    before, lost = (
        texts(path),
        [r for r in rows_of(docx.Document(str(path)).element.body) if r.text in ("甲3甲3", "甲4甲4")],
    )
    others = docx.Document(str(path)).tables[-1]._tbl.xml
    lay_out(path, layout, lost)
    after = docx.Document(str(path))
    assert {text: min(count, before[text]) for text, count in texts(path).items()} == dict(before)
    assert [p.text for p in after.paragraphs if p.text] == [
        p.text for p in docx.Document(str(filled(tmp_path))).paragraphs if p.text
    ]
    if layout.__name__ != "loose_captions":  # which also lets go of what follows
        assert after.tables[-1]._tbl.xml == others


def test_what_was_lost_begins_a_new_page_under_the_same_heads(tmp_path: Path) -> None:
    path = filled(tmp_path)
    lay_out(path, LAYOUTS[-1], [row for row in rows_of(docx.Document(str(path)).element.body) if row.text == "甲3甲3"])
    tables = docx.Document(str(path)).tables[-3:]
    assert [[row.cells[0].text for row in table.rows] for table in tables[:2]] == [
        ["甲0", "甲1", "甲2"],
        ["甲0", "甲3", "甲4", "甲5", "甲6"],
    ]
    gap = tables[0]._tbl.getnext()
    assert gap.find(f"{qn('w:pPr')}/{qn('w:pageBreakBefore')}") is not None


def test_a_table_that_lost_all_its_rows_begins_a_new_page_with_its_heading(tmp_path: Path) -> None:
    path = filled(tmp_path)
    lay_out(path, LAYOUTS[-1], [row for row in rows_of(docx.Document(str(path)).element.body) if row.text == "乙1乙1"])
    made = docx.Document(str(path))
    assert [p.text for p in made.paragraphs if p.paragraph_format.page_break_before] == ["标题乙"]


def test_the_first_row_below_the_heads_holds_on_to_the_second(tmp_path: Path) -> None:
    path = filled(tmp_path)
    lay_out(path, LAYOUTS[0], [row for row in rows_of(docx.Document(str(path)).element.body) if row.text == "甲5甲5"])
    held = [
        row.cells[0].text
        for table in docx.Document(str(path)).tables[-2:]
        for row in table.rows
        if row.cells[0].paragraphs[0].paragraph_format.keep_with_next
    ]
    assert held == ["甲1"]
