"""Documents full of made tables: rows, heights, heads, captions and the room above them at random, by a number.

What a table says is known line by line, so that a proof needs nothing of the program's own comparison.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.shared import Pt

from pipeline.adapters.office.libreoffice import LibreOffice
from pipeline.adapters.pdf_text import pdf_text
from pipeline.core.errors import DocumentFailed
from pipeline.definitions.documents import DocumentForm
from pipeline.render.context.shown import Source
from pipeline.render.maker import Maker
from pipeline.render.orders import Order
from tests.cases import ROOT

STYLES = ROOT / "output_templates" / "STYLES.docx"
TABLES = 5
"""Tables in a document; a letter tells them apart."""
_WORDS = "接入交换机、壁挂机柜;六类非屏蔽网线 LC-LC 2m;信息点模块(含面板)施工与验收,按图纸编号逐一核对 IEEE802.3bt "


@dataclass
class Made:
    """A document that was written: each line of each of its cells, and what became of it."""

    lines: list[str]
    fault: str = ""


def go_through(number: int, source: Source, office: LibreOffice, folder: Path) -> Made:
    """Make the document of a number into a folder as every document is made; `fault` says what was lost."""
    template = folder / f"M{number:04d}.docx"
    made = Made(write(number, template))
    work = folder / f"{number:04d}"
    work.mkdir()
    form = DocumentForm(code="TST", title=f"表格{number}", template=str(template))
    try:
        document = Maker(source, work, office).make(Order(form))
    except DocumentFailed as refused:
        made.fault = f"refused: {refused}"
        return made
    assert document.pdf is not None
    text = "".join(pdf_text(document.pdf).split())
    lost = [line for line in made.lines if line not in text]
    made.fault = f"{len(lost)} of {len(made.lines)} lines lost: {lost[:5]}" if lost else ""
    return made


def write(number: int, path: Path) -> list[str]:
    """Write the document of a number; returns the mark of each line of each cell."""
    dice = random.Random(number)
    document: Any = docx.Document(str(STYLES))
    body = document.element.body
    for node in list(body):
        if not node.tag.endswith("}sectPr"):
            body.remove(node)
    lines: list[str] = []
    for _ in range(dice.randint(0, 20)):
        document.add_paragraph(_some(dice, 60), style="Body Text")
    for table in range(TABLES):
        if dice.random() < 0.5:
            document.add_paragraph(_some(dice, 8), style=dice.choice(["Heading 1", "Heading 2"]))
        if dice.random() < 0.4:
            document.add_paragraph(_some(dice, 90), style="Body Text")
        caption = document.add_paragraph(f"表 {_some(dice, 9)}", style="Caption")
        if dice.random() < 0.7:
            caption.paragraph_format.space_before = Pt(dice.randint(0, 40))
        lines += _table(document, dice, "ABCDE"[table])
    document.save(str(path))
    return lines


def _table(document: Any, dice: random.Random, name: str) -> list[str]:
    columns = dice.randint(2, 5)
    heads, tall = dice.randint(1, 3), dice.random() < 0.35
    counts = [dice.randint(1, 3) if dice.random() < 0.2 else 1 for _ in range(heads)]
    counts += [dice.randint(1, 4) if dice.random() < 0.3 else 1 for _ in range(dice.choice([1, 2, 3, 5, 12, 40]))]
    if tall:
        counts[dice.randrange(heads, len(counts))] = dice.randint(20, 120)
    table = document.add_table(rows=len(counts), cols=columns)
    table.style = document.styles["文档表格"]
    lines = []
    for number, (row, count) in enumerate(zip(table.rows, counts, strict=True)):
        properties = row._tr.get_or_add_trPr()
        properties.append(OxmlElement("w:cantSplit"))
        if number < heads:
            properties.append(OxmlElement("w:tblHeader"))
        long = dice.randrange(columns)
        for column, cell in enumerate(row.cells):
            marks = [f"{name}{number:02}{column}{line:03}。" for line in range(count if column == long else 1)]
            lines += marks
            _fill(cell, marks, "表头" if number < heads else "表格文字", dice)
    return lines


def _fill(cell: Any, marks: list[str], style: str, dice: random.Random) -> None:
    """One paragraph with line breaks, or a paragraph for each line; sometimes words behind the mark."""
    apart = dice.random() < 0.5
    for number, mark in enumerate(marks):
        if number and apart:
            cell.add_paragraph()
        paragraph = cell.paragraphs[-1]
        paragraph.style = cell.part.document.styles[style]
        run = paragraph.add_run()
        if number and not apart:
            run.add_break()
        run.add_text(mark + (_some(dice, dice.randint(0, 12)) if dice.random() < 0.3 else ""))


def _some(dice: random.Random, length: int) -> str:
    start = dice.randrange(len(_WORDS))
    return ((_WORDS * 3)[start : start + length]).strip() or "表"
