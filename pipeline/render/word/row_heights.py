"""Which rows hold together at the end of a page: all but those that need most of one.

LibreOffice (7.4 and 25.2 alike) loses the lines of a row that may not be parted and is taller than a page less the
heads that are repeated above it. So a row that may be so tall is parted, whatever the template says; every other one
holds together, because half a row on either page is hard to read. Heights are estimates from the texts, the styles
and the widths of the columns; between half a page and a whole one there is room for their error.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from lxml import etree

from pipeline.render.word.long_tables import is_head
from pipeline.render.word.package import W

if TYPE_CHECKING:
    from docx.document import Document

# Parts of the height of a page that its heads leave: a row from here on may be parted.
TALL = 0.65
# No row below this is ever parted.
LEAST = 0.5
# Heads that need more of a page than this would leave no room below them; they are not repeated.
LONGEST_HEAD = 0.5
EMU = 635  # in a twentieth of a point, which Word calls a twip
_A4 = (11906, 16838, 1440)
_CELL_MARGINS = 115
_NARROW = 0.55  # widths of a Latin letter or digit and of a Chinese character, in sizes of the font
_ON = f"{W}cantSplit"


@dataclass(frozen=True)
class FontLook:
    """A paragraph style, in twips: size of the font, height of a line (negative: in lines), space around."""

    size: float = 210
    line: float = -1.0
    around: float = 0.0


@dataclass(frozen=True)
class Page:
    """What a page has for its text, in twips."""

    width: int
    height: int


def hold_rows(document: Document) -> None:
    """Let every row hold together that needs no more than about half a page, and part every other one."""
    _hold(document, TALL)


def part_tall_rows(document: Document) -> None:
    """Part every row of more than half a page."""
    _hold(document, LEAST)


def _hold(document: Document, tall: float) -> None:
    looks = looks_of(document.styles.element)
    for table, page in tables_on_pages(document.element.body):
        rows = table.findall(f"{W}tr")
        heights = [_row_height(row, table, page, looks) for row in rows]
        room = page.height - _keep_heads(rows, heights, page)
        for row, height in zip(rows, heights, strict=True):
            _may_part(row, parted=height >= tall * room)


def _keep_heads(rows: Sequence[etree._Element], heights: Sequence[float], page: Page) -> float:
    """Height of the rows that are repeated on every page; too tall ones are repeated no more."""
    heads = list(takewhile(is_head, rows))
    height = sum(heights[: len(heads)])
    if height <= LONGEST_HEAD * page.height:
        return height
    for head in heads:
        for mark in head.findall(f"{W}trPr/{W}tblHeader"):
            mark.getparent().remove(mark)  # type: ignore[union-attr]
    return 0


def _may_part(row: etree._Element, *, parted: bool) -> None:
    properties = row.find(f"{W}trPr")
    for mark in () if properties is None else properties.findall(_ON):
        properties.remove(mark)  # type: ignore[union-attr]
    if parted:
        return
    if properties is None:
        properties = etree.Element(f"{W}trPr")
        exceptions = row.find(f"{W}tblPrEx")
        row.insert(0 if exceptions is None else row.index(exceptions) + 1, properties)
    properties.insert(0, properties.makeelement(_ON, {}))


# -- pages --------------------------------------------------------------------------------------------------------


def outer_tables(body: Any) -> Iterator[etree._Element]:
    """Every table that stands in no other."""
    return (table for table, _ in tables_on_pages(body))


def tables_on_pages(body: Any) -> Iterator[tuple[etree._Element, Page]]:
    """Every table that stands in no other, and the page of its section."""
    waiting: list[etree._Element] = []
    for node in body.iter(f"{W}tbl", f"{W}sectPr"):
        if node.tag == f"{W}tbl":
            if next(node.iterancestors(f"{W}tc"), None) is None:
                waiting.append(node)
            continue
        page = _page(node)
        yield from ((table, page) for table in waiting)
        waiting.clear()
    yield from ((table, _page(None)) for table in waiting)


def _page(section: etree._Element | None) -> Page:
    size, margins = (None, None) if section is None else (section.find(f"{W}{tag}") for tag in ("pgSz", "pgMar"))
    usual_width, usual_height, usual = _A4
    width, height = _number(size, "w", usual_width), _number(size, "h", usual_height)
    left, right, top, bottom = (abs(_number(margins, side, usual)) for side in ("left", "right", "top", "bottom"))
    return Page(int(width - left - right), int(height - top - bottom))


def _number(node: etree._Element | None, name: str, usual: float) -> float:
    try:
        return usual if node is None else float(node.get(f"{W}{name}", usual))
    except ValueError:
        return usual


# -- heights, in twips --------------------------------------------------------------------------------------------


def _row_height(row: etree._Element, table: etree._Element, page: Page, looks: Mapping[str, FontLook]) -> float:
    grid = [_number(column, "w", 0) for column in table.findall(f"{W}tblGrid/{W}gridCol")]
    asked = _number(row.find(f"{W}trPr/{W}trHeight"), "val", 0)
    at = int(_number(row.find(f"{W}trPr/{W}gridBefore"), "val", 0))
    heights = [asked]
    for cell in row.iterfind(f".//{W}tc"):
        if next(cell.iterancestors(f"{W}tr")) is not row:
            continue
        span = int(_number(cell.find(f"{W}tcPr/{W}gridSpan"), "val", 1))
        width = _width(cell, sum(grid[at : at + span])) or page.width / max(1, len(row))
        heights.append(_content_height(cell, Page(int(width - 2 * _CELL_MARGINS), page.height), looks))
        at += span
    return max(heights)


def _width(cell: etree._Element, of_grid: float) -> float:
    own = cell.find(f"{W}tcPr/{W}tcW")
    fixed = own is not None and own.get(f"{W}type", "dxa") == "dxa"
    return (_number(own, "w", 0) if fixed else 0) or of_grid


def _content_height(cell: etree._Element, inside: Page, looks: Mapping[str, FontLook]) -> float:
    height = 0.0
    for node in cell:
        if node.tag == f"{W}p":
            height += _paragraph_height(node, inside, looks)
        elif node.tag == f"{W}tbl":
            height += sum(_row_height(row, node, inside, looks) for row in node.findall(f"{W}tr"))
        elif node.tag in (f"{W}sdt", f"{W}sdtContent"):
            height += _content_height(node, inside, looks)
    return height


def _paragraph_height(paragraph: etree._Element, inside: Page, looks: Mapping[str, FontLook]) -> float:
    properties = paragraph.find(f"{W}pPr")
    style = None if properties is None else properties.find(f"{W}pStyle")
    look = looks.get("" if style is None else style.get(f"{W}val", ""), looks[""])
    look = look if properties is None else _changed(look, properties, paragraph)
    height = look.line if look.line >= 0 else -look.line * 1.3 * look.size
    lines = sum(_lines(text, max(1, inside.width) / look.size) for text in line_texts(paragraph))
    pictures = sum(int(extent.get("cy", "0")) / EMU for extent in paragraph.iter("{*}extent"))
    return lines * height + look.around + pictures


def line_texts(paragraph: etree._Element) -> list[str]:
    """Texts of a paragraph between its line breaks."""
    texts = [""]
    for node in paragraph.iter(f"{W}t", f"{W}br", f"{W}cr", f"{W}tab"):
        if node.tag in (f"{W}br", f"{W}cr"):
            texts.append("")
        else:
            texts[-1] += (node.text or "") if node.tag == f"{W}t" else "    "
    return texts


def _lines(text: str, room: float) -> int:
    """Lines that a text needs: Chinese breaks anywhere, words at their ends, longer words where the line ends."""
    if ems(text) <= room:
        return 1
    lines, used = 1, 0.0
    for piece in re.findall(r"[\x21-\u2000\u2010-\u2027]+|.", text):
        width = ems(piece)
        if used + width > room:
            more = math.ceil(width / room)
            lines, used = lines + more, width - (more - 1) * room
        else:
            used += width
    return lines


def ems(text: str) -> float:
    """Width of a text in sizes of its font."""
    wide = sum(1 for char in text if unicodedata.east_asian_width(char) in "WFA")
    return wide + (len(text) - wide) * _NARROW


# -- styles -------------------------------------------------------------------------------------------------------


def looks_of(styles: Any) -> dict[str, FontLook]:
    """Every paragraph style by its id; the default one also under the empty id."""
    nodes = {style.get(f"{W}styleId", ""): style for style in styles.iter(f"{W}style")}
    defaults = styles.find(f"{W}docDefaults")
    base = FontLook() if defaults is None else _changed(FontLook(), _default(defaults), defaults)
    looks = {name: _look(node, nodes, base) for name, node in nodes.items() if node.get(f"{W}type") == "paragraph"}
    usual = next((n for n, node in nodes.items() if n in looks and node.get(f"{W}default") in ("1", "true")), None)
    return {"": base if usual is None else looks[usual], **looks}


def _default(defaults: etree._Element) -> etree._Element:
    found = defaults.find(f"{W}pPrDefault/{W}pPr")
    return defaults if found is None else found


def _look(style: etree._Element, nodes: Mapping[str, etree._Element], base: FontLook) -> FontLook:
    chain: list[etree._Element] = []
    node: etree._Element | None = style
    while node is not None and node not in chain:
        chain.append(node)
        under = node.find(f"{W}basedOn")
        node = None if under is None else nodes.get(under.get(f"{W}val", ""))
    for one in reversed(chain):
        properties = one.find(f"{W}pPr")
        base = _changed(base, one if properties is None else properties, one)
    return base


def _changed(look: FontLook, properties: etree._Element, fonts: etree._Element) -> FontLook:
    """A look with what paragraph properties and the sizes of fonts below a node say otherwise."""
    size = max((10 * _number(one, "val", 0) for one in fonts.iter(f"{W}sz")), default=look.size)
    spacing = properties.find(f"{W}spacing")
    if spacing is None:
        return FontLook(size, look.line, look.around)
    line = _number(spacing, "line", 0)
    auto = spacing.get(f"{W}lineRule", "auto") == "auto"
    height = look.line if not line else -line / 240 if auto else line
    said = any(spacing.get(f"{W}{side}") for side in ("before", "after"))
    around = sum(_number(spacing, side, 0) for side in ("before", "after")) if said else look.around
    return FontLook(size, height, around)
