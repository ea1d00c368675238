"""Long tables in blocks of pages, because LibreOffice lays out a table in the square of its rows.

Measured on 7.4 with the 17 columns of the materials list: 200 rows load in 1.8 s, 400 in 5.5 s, 800 in over 30 s,
2,000 not within two minutes. In blocks the time per row stays the same. Each block begins on a new page and repeats
the head, in the DOCX as well, so that both have the same pages.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from itertools import takewhile

from lxml import etree

from pipeline.render.word.package import W

LONGEST = 250
BLOCK = 200
_BREAK = (
    f'<w:pPr xmlns:w="{W[1:-1]}"><w:pageBreakBefore/><w:spacing w:before="0" w:after="0" w:line="20" '
    'w:lineRule="exact"/><w:rPr><w:sz w:val="2"/></w:rPr></w:pPr>'
)


def split_long_tables(root: etree._Element) -> int:
    """Divide every table of more than 250 rows into blocks of at most 200; returns how many were divided.

    Blocks are about equally long, so that no total stands alone, and never part cells that are merged downwards. A
    table inside of a table stays as it is.
    """
    divided = 0
    for table in list(root.iter(f"{W}tbl")):
        rows = table.findall(f"{W}tr")
        if len(rows) > LONGEST and next(table.iterancestors(f"{W}tc"), None) is None:
            divided += _divide(table, rows)
    return divided


def part_table(table: etree._Element, row: int) -> bool:
    """Divide a table before a row, which begins a new page under the same heads; False where that is its beginning.

    Args:
        table: a `w:tbl`.
        row: place among all its rows, from 0.
    """
    rows = table.findall(f"{W}tr")
    head = _head(rows)
    body = rows[len(head) :]
    start = _free(body, row - len(head))
    if not 0 < start < len(body):
        return False
    _parted(table, head, body, [start])
    return True


def _divide(table: etree._Element, rows: Sequence[etree._Element]) -> int:
    head = _head(rows)
    body = rows[len(head) :]
    count = -(-len(body) // BLOCK)
    starts = [_free(body, len(body) * number // count) for number in range(1, count)]
    starts = [start for start in dict.fromkeys(starts) if start < len(body)]
    _parted(table, head, body, starts)
    return int(bool(starts))


def _parted(
    table: etree._Element, head: Sequence[etree._Element], body: Sequence[etree._Element], starts: Sequence[int]
) -> None:
    """Move the rows of the body from each start on into a block of their own."""
    after = table
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        block = table.makeelement(table.tag)
        block.extend(deepcopy(part) for part in table if part.tag in (f"{W}tblPr", f"{W}tblGrid"))
        block.extend(deepcopy(row) for row in head)
        block.extend(body[start:end])
        gap = table.makeelement(f"{W}p")
        gap.append(etree.fromstring(_BREAK))
        after.addnext(gap)
        gap.addnext(block)
        after = block


def _head(rows: Sequence[etree._Element]) -> list[etree._Element]:
    """The leading rows that are repeated on every page."""
    return list(takewhile(is_head, rows))


def is_head(row: etree._Element) -> bool:
    """Whether a row is marked as one that is repeated."""
    mark = row.find(f"{W}trPr/{W}tblHeader")
    return mark is not None and mark.get(f"{W}val", "1") not in ("0", "false", "off")


def _free(body: Sequence[etree._Element], start: int) -> int:
    """The first row from `start` on that continues no merged cell."""
    while start < len(body) and any(_continues(cell) for cell in body[start].iter(f"{W}vMerge")):
        start += 1
    return start


def _continues(merge: etree._Element) -> bool:
    return merge.get(f"{W}val", "continue") == "continue"
