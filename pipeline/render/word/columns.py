"""Widths of columns by what stands in them: no number and no code is broken, and texts wrap about equally often.

The template's widths are made for any data; once a wide list is filled, a column that is empty everywhere gives its
room to those that wrap. A form, a narrow table and a table with blank rows for the hand stay as the template has them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from lxml import etree

from pipeline.render.word.fewer_lines import Lines, fewest_lines, lines_of
from pipeline.render.word.long_tables import is_head
from pipeline.render.word.package import W
from pipeline.render.word.row_heights import FontLook, ems, line_texts, looks_of, outer_tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from docx.document import Document

_STYLE = "DocTable"
_AT_LEAST = 6  # columns of a table that is fitted
_LISTS = 12  # from so many on nobody writes into an empty column by hand
_MARGINS, _CLOSE = 120, 80  # twips beside the text of a cell; the same in a list of so many columns
_SPARE = 3  # twips of them on each side that nobody fills
_WHOLE = 12.0  # ems: a longer word may be broken
_SHORT, _FEW = 5.0, 4.0  # ems: a name, a unit or a department stays whole; the least of a longer text
_HEAD = 3  # characters of a head that stays in one line
_SLACK = 1.03  # of an estimate
# Widths in ems of the Latin letters of the house (Times New Roman and what stands in for it); all others as in `ems`.
_LATIN = {
    **dict.fromkeys("0123456789", 0.5),
    **dict.fromkeys("-,.:;/|()[]' ", 0.34),
    **dict.fromkeys("%+×≥≤=", 0.84),
    "W": 0.95,
    "M": 0.9,
}
# Between a Chinese character and a letter or digit a program leaves this much room of itself, in ems.
_SCRIPTS = re.compile(r"[\u4e00-\u9fff](?=[A-Za-z0-9])|[A-Za-z0-9](?=[\u4e00-\u9fff])")
_BETWEEN_SCRIPTS = 0.25
_ROUNDS = 40
_LAST = {f"{W}{name}" for name in ("tblLook", "tblCaption", "tblDescription")}  # after the margins of cells
_WORD = re.compile(r"[\x21-\u2000\u2010-\u2027]+")
_CODED = re.compile(r"[\u4e00-\u9fff].*\d-\d")  # 姜远 010-5550-0100: a line may end at any of the hyphens
_PAIR = re.compile(r"(?:[A-Za-z]+|[\u4e00-\u9fff]{1,3})、[A-Za-z]+")  # 纸质、PDF: LibreOffice parts 纸 and 质


class Asked(NamedTuple):
    """What a cell asks for, in twips: the width of its longest word and those of its lines."""

    need: float
    lines: Lines


@dataclass(frozen=True, slots=True)
class Demand:
    """What a column asks for inside its cells, in twips: `need` for its longest word, `want` for its longest line."""

    need: float = 0.0
    want: float = 0.0
    filled: bool = False

    def joined(self, need: float, want: float, *, filled: bool) -> Demand:
        """With another cell."""
        return replace(self, need=max(self.need, need), want=max(self.want, want), filled=self.filled or filled)


def fit_columns(document: Document) -> int:
    """Fit every wide list of a document; returns how many were."""
    looks, fitted = looks_of(document.styles.element), 0
    for table in outer_tables(document.element.body):
        grid = _grid(table)
        if len(grid) < _AT_LEAST or not all(grid) or not _is_list(table):
            continue
        margins = _MARGINS if len(grid) < _LISTS else _CLOSE
        if inside := _fitted(table, [width - margins for width in grid], looks):
            _apply(table, [width + margins for width in inside])
            _set_margins(table, margins)
            _break_heads(table, inside, looks)
            fitted += 1
    return fitted


def _fitted(table: etree._Element, own: Sequence[int], looks: Mapping[str, FontLook]) -> list[int] | None:
    """Widths with which the columns wrap about equally often; others where these give the rows fewer lines."""
    read = [_asked_of_row(row, len(own), looks) for row in table.findall(f"{W}tr")]
    columns = _demands(read, own)
    equal = shared(columns, sum(own))
    return equal and by_rows(columns, equal, [cells for head, cells in read if not head])


def by_rows(columns: Sequence[Demand], equal: list[int], rows: Iterable[Mapping[int, Asked]]) -> list[int]:
    """`equal`, or widths of the same sum with which the rows have fewer lines."""
    wrap = [at for at, column in enumerate(columns) if column.want > column.need]
    counted = Counter(tuple(row[at].lines if at in row else () for at in wrap) for row in rows)
    room = sum(equal) - sum(column.need for column in columns if column.want <= column.need)
    raised = dict(zip(wrap, fewest_lines([columns[at].need for at in wrap], counted, room), strict=True))
    asked = [replace(column, need=raised.get(at, column.need)) for at, column in enumerate(columns)]
    better = shared(asked, sum(equal)) or equal
    before, after = (lines_of(counted, [widths[at] for at in wrap]) for widths in (equal, better))
    return better if after < before else equal


def shared(columns: Sequence[Demand], total: int) -> list[int] | None:
    """Widths that fill `total`: as few lines as there is room for, about the same number in every column.

    None where not even the longest words have room: the template's widths are as good then.
    """
    if sum(column.need for column in columns) > total:
        return None
    few, many = 1.0, max(column.want / max(column.need, 1.0) for column in columns) + 1.0
    for _ in range(_ROUNDS):
        lines = (few + many) / 2
        few, many = (few, lines) if sum(_width(column, lines) for column in columns) <= total else (lines, many)
    found = [_width(column, many) for column in columns]
    scale = total / sum(found)
    widths = [int(width * scale) for width in found]
    widest = max(range(len(widths)), key=widths.__getitem__)
    widths[widest] += total - sum(widths)
    return widths


def _width(column: Demand, lines: float) -> float:
    return max(column.need, column.want / lines)


def _grid(table: etree._Element) -> list[int]:
    return [int(column.get(f"{W}w") or 0) for column in table.findall(f"{W}tblGrid/{W}gridCol")]


def _is_list(table: etree._Element) -> bool:
    """Whether the table is a list with fixed widths and no blank row for the hand."""
    style = table.find(f"{W}tblPr/{W}tblStyle")
    if style is None or style.get(f"{W}val") != _STYLE:
        return False
    rows = [row for row in table.findall(f"{W}tr") if not is_head(row)]
    return bool(rows) and all(any(map(str.strip, map(str, row.itertext(f"{W}t")))) for row in rows)


# -- what stands in the cells -----------------------------------------------------------------------------------------


def _asked_of_row(row: etree._Element, columns: int, looks: Mapping[str, FontLook]) -> tuple[bool, dict[int, Asked]]:
    """Whether a row is a head, and what each of its cells asks for that stands in one column."""
    head = is_head(row)
    cells = ((at, cell) for at, span, cell in _cells(row) if span == 1 and at < columns)
    return head, {at: _asked(cell, looks, head=head) for at, cell in cells}


def _demands(rows: Iterable[tuple[bool, Mapping[int, Asked]]], own: Sequence[int]) -> list[Demand]:
    found = [Demand() for _ in own]
    for head, cells in rows:
        for at, asked in cells.items():
            want = max(asked.lines, default=0.0)
            found[at] = found[at].joined(asked.need, want, filled=bool(want) and not head)
    if len(own) >= _LISTS:
        return found
    return [one if one.filled else replace(one, need=width, want=width) for one, width in zip(found, own, strict=True)]


def _cells(row: etree._Element) -> Iterator[tuple[int, int, etree._Element]]:
    """Column, number of columns and element of every cell."""
    before = row.find(f"{W}trPr/{W}gridBefore")
    at = 0 if before is None else int(before.get(f"{W}val", "0"))
    for cell in row.findall(f"{W}tc"):
        span = cell.find(f"{W}tcPr/{W}gridSpan")
        count = 1 if span is None else int(span.get(f"{W}val", "1"))
        yield at, count, cell
        at += count


def _asked(cell: etree._Element, looks: Mapping[str, FontLook], *, head: bool) -> Asked:
    """What a cell asks for; nothing if it is empty."""
    need, lines = 0.0, list[float]()
    for paragraph in cell.iter(f"{W}p"):
        size = _look(paragraph, looks).size * _SLACK
        for text in filter(None, map(str.strip, line_texts(paragraph))):
            longest = max(map(_wide, head_lines(text))) if head else _longest_word(text)
            need = max(need, longest * size)
            lines.append(_wide(text) * size)
    return Asked(need, tuple(lines))


def _wide(text: str) -> float:
    """Width of a text in ems; capitals are wider than digits, marks are narrower."""
    marks = sum(_LATIN.get(char) or (0.72 if "A" <= char <= "Z" else ems(char)) for char in text)
    return marks + _BETWEEN_SCRIPTS * len(_SCRIPTS.findall(text))


def _longest_word(text: str) -> float:
    whole = _wide(text)
    if whole <= _WHOLE and _CODED.search(text):
        return whole
    words = [_wide(word) for word in (*_WORD.findall(text), *_PAIR.findall(text))]
    return max([whole if whole <= _SHORT else _FEW, *(word for word in words if word <= _WHOLE)])


def _look(paragraph: etree._Element, looks: Mapping[str, FontLook]) -> FontLook:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return looks.get("" if style is None else style.get(f"{W}val", ""), looks[""])


def head_lines(text: str) -> Sequence[str]:
    """A head in lines as it may be broken: before its bracket, else in the middle; a short one stays whole."""
    if len(text) <= _HEAD or _WORD.search(text):
        return (text,)
    at = text.find("（")
    at = at if at > 0 else -(-len(text) // 2)
    at += text[at] == "、"  # which no line begins with
    return (text[:at], text[at:])


# -- what is done -----------------------------------------------------------------------------------------------------


def _apply(table: etree._Element, widths: Sequence[int]) -> None:
    for column, width in zip(table.iterfind(f"{W}tblGrid/{W}gridCol"), widths, strict=True):
        column.set(f"{W}w", str(width))
    for row in table.findall(f"{W}tr"):
        for at, span, cell in _cells(row):
            own = cell.find(f"{W}tcPr/{W}tcW")
            if own is not None and own.get(f"{W}type", "dxa") == "dxa":
                own.set(f"{W}w", str(sum(widths[at : at + span])))


def _set_margins(table: etree._Element, margins: int) -> None:
    """Let the text of a list of many columns come nearer to the lines, so that its columns hold more."""
    properties = table.find(f"{W}tblPr")
    if margins == _MARGINS or properties is None or properties.find(f"{W}tblCellMar") is not None:
        return
    cells = properties.makeelement(f"{W}tblCellMar", {})
    for side in ("left", "right"):
        etree.SubElement(cells, f"{W}{side}", {f"{W}w": str(margins // 2 - _SPARE), f"{W}type": "dxa"})
    properties.insert(len([child for child in properties if child.tag not in _LAST]), cells)


def _break_heads(table: etree._Element, inside: Sequence[int], looks: Mapping[str, FontLook]) -> None:
    """Break a head that does not fit where it may be broken, not where the line happens to end."""
    heads: Iterable[Any] = takewhile(is_head, table.findall(f"{W}tr"))
    for row in heads:
        for at, span, cell in _cells(row):
            texts = list(cell.iter(f"{W}t"))
            if span != 1 or len(texts) != 1 or cell.find(f".//{W}br") is not None:
                continue
            [node] = texts
            text, paragraph = node.text or "", next(node.iterancestors(f"{W}p"))
            lines = head_lines(text)
            if len(lines) > 1 and _wide(text) * _look(paragraph, looks).size * _SLACK > inside[at]:
                _broken(node, lines)


def _broken(node: etree._Element, lines: Sequence[str]) -> None:
    node.text = lines[0]
    after = node
    for line in lines[1:]:
        gap = node.makeelement(f"{W}br", {})
        more = node.makeelement(f"{W}t", {})
        more.text = line
        after.addnext(gap)
        gap.addnext(more)
        after = more
