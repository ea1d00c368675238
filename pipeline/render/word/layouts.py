"""Other layouts of a filled document, for when LibreOffice drops rows from the first: same content, other page ends.

Each changes only the tables that lost rows. They are tried in their order, the least visible first; what is kept is
the DOCX as well as the PDF.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docx as word
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from pipeline.render.word.long_tables import is_head, part_table
from pipeline.render.word.package import W, same_bytes
from pipeline.render.word.row_heights import part_tall_rows
from pipeline.render.word.rows_arrived import TableRow

if TYPE_CHECKING:
    from docx.document import Document

# Moves a table by less than a line of it.
ROOM = Pt(10)
_LEADING = 4


@dataclass(frozen=True)
class Spot:
    """A table that lost rows, and the place of the first of them among its own rows, from 0."""

    table: Any
    row: int


Layout = Callable[["Document", Sequence[Spot]], None]


def first_rows_together(document: Document, spots: Sequence[Spot]) -> None:
    """The first row below the heads holds on to the second: a lone one at the end of a page sets the fault off."""
    for spot in spots:
        rows = [row for row in spot.table.findall(f"{W}tr") if not is_head(row)]
        for paragraph in _paragraphs(rows[0], document) if len(rows) > 1 else ():
            paragraph.paragraph_format.keep_with_next = True


def room_above(document: Document, spots: Sequence[Spot]) -> None:
    """A little more space above what leads to the table."""
    for spot in spots:
        first = _leading(spot.table, document)[0]
        first.paragraph_format.space_before = _space_before(first) + ROOM


def loose_captions(document: Document, spots: Sequence[Spot]) -> None:
    """Nothing around the table holds on to what comes next: captions, headings, heads."""
    for spot in spots:
        table = spot.table
        for paragraph in (*_leading(table, document), *_paragraphs(table, document), *_following(table, document)):
            paragraph.paragraph_format.keep_with_next = False


def tall_rows_parted(document: Document, _: Sequence[Spot]) -> None:
    """Rows of more than half a page may be parted."""
    part_tall_rows(document)


def on_a_new_page(document: Document, spots: Sequence[Spot]) -> None:
    """The table begins on a new page, with what leads to it."""
    for spot in spots:
        _leading(spot.table, document)[0].paragraph_format.page_break_before = True


def parted(document: Document, spots: Sequence[Spot]) -> None:
    """What was lost, and all below it, is a table of its own on the next page, under the same heads."""
    for spot in spots:
        if not part_table(spot.table, spot.row):
            on_a_new_page(document, [spot])


def heads_once(_: Document, spots: Sequence[Spot]) -> None:
    """The heads of the table stand above its first row only."""
    for spot in spots:
        for mark in list(spot.table.iter(f"{W}tblHeader")):
            mark.getparent().remove(mark)


LAYOUTS: tuple[Layout, ...] = (
    *(first_rows_together, room_above, loose_captions, tall_rows_parted),
    *(on_a_new_page, heads_once, parted),
)


def lay_out(path: Path, layout: Layout, lost: Iterable[TableRow]) -> None:
    """Lay out a filled document another way.

    Args:
        path: the .docx as it was filled.
        layout: how.
        lost: rows that did not arrive from it, numbered as they stand in it.
    """
    document = word.Document(str(path))
    rows = list(document.element.body.iter(f"{W}tr"))
    spots: dict[Any, int] = {}
    for number in sorted(row.number for row in lost):
        table = rows[number].getparent()
        spots.setdefault(table, table.findall(f"{W}tr").index(rows[number]))
    layout(document, [Spot(table, row) for table, row in spots.items()])
    path.write_bytes(same_bytes(document))


def _paragraphs(node: Any, document: Document) -> Iterator[Paragraph]:
    return (Paragraph(paragraph, document._body) for paragraph in node.iter(f"{W}p"))


def _leading(table: Any, document: Document) -> list[Paragraph]:
    """Paragraphs before a table that hold on to it, the first of them first; without one, the first of the table."""
    found: list[Paragraph] = []
    node = table.getprevious()
    while node is not None and node.tag == f"{W}p" and len(found) < _LEADING:
        paragraph = Paragraph(node, document._body)
        if not _keeps(paragraph):
            break
        found.insert(0, paragraph)
        node = node.getprevious()
    return found or [next(_paragraphs(table, document))]


def _following(table: Any, document: Document) -> Iterator[Paragraph]:
    """Headings and captions behind a table, and the heads of the next one."""
    node = table.getnext()
    while node is not None and node.tag == f"{W}p" and _keeps(paragraph := Paragraph(node, document._body)):
        yield paragraph
        node = node.getnext()
    if node is not None and node.tag == f"{W}tbl":
        yield from _paragraphs(node.find(f"{W}tr"), document)


def _keeps(paragraph: Paragraph) -> bool:
    return bool(_said(paragraph, "keep_with_next"))


def _space_before(paragraph: Paragraph) -> int:
    return int(_said(paragraph, "space_before") or 0)


def _said(paragraph: Paragraph, what: str) -> Any:
    """What the paragraph, or else its style or one under that, says of its format."""
    holder: Any = paragraph
    while holder is not None:
        if (value := getattr(holder.paragraph_format, what)) is not None:
            return value
        holder = paragraph.style if holder is paragraph else holder.base_style
    return None
