"""One form of day in a table: 2026-04-02, in a form and in columns; covers and sentences write it out."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest

from pipeline.definitions.forms import data_folder

COVER = "CoverInfo"


def written_out(template: Path) -> list[str]:
    """Cells of tables, covers left aside, that would print 2026年4月2日."""
    document = docx.Document(str(template))
    cells = document.element.body.iter("{*}tc")
    paragraphs = [node for cell in cells for node in cell.iter("{*}p")]
    texts = [
        "".join(str(part.text) for part in node.iter("{*}t"))
        for node in paragraphs
        if not any(COVER in style.values() for style in node.iter("{*}pStyle"))
    ]
    return [text for text in texts if ".cn " in text or ".cn}" in text]


@pytest.mark.parametrize("template", sorted(data_folder("output_templates").glob("*.docx")), ids=lambda path: path.stem)
def test_a_table_prints_days_in_one_form(template: Path) -> None:
    assert written_out(template) == []
