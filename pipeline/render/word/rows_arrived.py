"""Whether every table row of a DOCX reached the PDF: LibreOffice now and then drops the end of a table in silence.

A value may stand in five tables, so that all values can be in a PDF from which a row is missing. Here the cells of
each row, joined, must stand in the text of the PDF as it was drawn, in the order of the rows; what repeats (heads of
a table, edges of a page) lies in between.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from pipeline.render.word.arrived import RIGHT_TO_LEFT, in_pieces, squeezed
from pipeline.render.word.package import W

PAGE_END = "\f"
# LibreOffice counts these anew, so what the DOCX stores need not be what is printed; such rows are left out.
_VOLATILE = ("PAGE", "NUMPAGES", "SECTIONPAGES", "PAGEREF", "DATE", "TIME")
_ELSEWHERE = frozenset({f"{W}txbxContent", "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"})
_BETWEEN = (f"{W}numPr", f"{W}sym", f"{W}tbl", f"{W}vMerge", f"{W}footnoteReference", f"{W}endnoteReference")
# A row that is parted is looked for at the likeliest places, in so many ways at each; over a third page in fewer.
_STARTS, _WAYS, _DEEP, _SHORTER = 4, 60, 3, 3
# Of one row: pages that it is followed to, all ways together; where it may begin on a page. A cell that says the same
# over many pages could go on anywhere.
_TURNS, _MOST_STARTS = 100, 200


@dataclass(frozen=True, slots=True)
class TableRow:
    """A table row as it must arrive.

    Attributes:
        number: its place among all `w:tr` of the body, from 0.
        table: place of its table among all `w:tbl`, from 0.
        cells: texts without anything that layout adds or removes; of a loose row, its paragraphs.
        shown: the beginning of its text, for people.
        whole: it stands on one page.
        loose: something that is no text of the DOCX may stand in between: numbers of a list, symbols, tables.
        floating: it is placed freely, so its order says nothing.
    """

    number: int
    table: int
    cells: tuple[str, ...]
    shown: str
    whole: bool = True
    loose: bool = False
    floating: bool = False

    @property
    def text(self) -> str:
        """All cells, joined."""
        return "".join(self.cells)


def rows_of(body: etree._Element, styles: etree._Element | None = None) -> list[TableRow]:
    """Every row that has a text of its own; a table inside of a cell counts as text of that cell.

    Args:
        body: of the DOCX.
        styles: its `w:styles`; a style with list numbers puts a text there that is none of the DOCX.
    """
    tables = {table: number for number, table in enumerate(body.iter(f"{W}tbl"))}
    numbered = _numbered(styles)
    found = []
    for number, row in enumerate(body.iter(f"{W}tr")):
        if next(row.iterancestors(f"{W}tc"), None) is None:
            made = _row(row, number, tables[next(row.iterancestors(f"{W}tbl"))], numbered)
            if made.text and not _changes(row):
                found.append(made)
    return found


def lost_rows(rows: Sequence[TableRow], pdf_text: str) -> list[TableRow]:
    """Rows that do not stand in a PDF, or not as often, or not in their order; text from right to left by letters.

    Args:
        rows: of the DOCX, in order.
        pdf_text: text as it was drawn, pages parted by a form feed.
    """
    text = PAGE_END.join(map(plain, pdf_text.split(PAGE_END)))
    lost, at = [], 0
    for row in rows:
        end = _end(row, text, 0 if row.floating or _right_to_left(row.text) else at)
        if end is None:
            lost.append(row)
        elif not row.floating and not _right_to_left(row.text):
            at = end
    # A row that found only the like of it further on leaves those in between without a place; they are not to blame.
    return _too_few(rows, text, lost) or lost


def plain(text: str) -> str:
    """Text without what layout and fonts change: blanks, dashes at line ends, variants of a character, case."""
    return squeezed(text).casefold().translate(_KEPT)


class _Kept(dict[int, str | None]):
    """What becomes of a character; each is looked at once."""

    def __missing__(self, code: int) -> str | None:
        gone = unicodedata.category(chr(code)) == "Pd" or 0xFE00 <= code <= 0xFE0F or code >= 0xE0100
        self[code] = None if gone and code < 0xF0000 else chr(code)
        return self[code]


_KEPT = _Kept()


def _too_few(rows: Iterable[TableRow], text: str, lost: Sequence[TableRow]) -> list[TableRow]:
    """The lost rows that stand there less often than in the DOCX: the last ones of each text."""
    if not lost:
        return []
    wanted, texts = Counter(row.text for row in rows), {row.text for row in lost}
    short = {one: wanted[one] - text.count(one) for one in texts}
    return [row for row in lost if short[row.text] > 0]


# -- looking for a row ------------------------------------------------------------------------------------------------


def _end(row: TableRow, text: str, at: int) -> int | None:
    """Where a row ends that stands in the text from `at` on; None when it does not."""
    if _right_to_left(row.text):
        return at if set(row.text) <= set(text) else None
    found = text.find(row.text, at)
    near = found >= 0 and text.count(PAGE_END, at, found) <= 1
    if not near and not (row.whole and not row.loose):
        parted = _loose_end(row, text, at) if row.loose else _parted_end(row.cells, text, at, iter(range(_TURNS)))
        if parted is not None:
            return parted
    return found + len(row.text) if found >= 0 else None


def _right_to_left(text: str) -> bool:
    return not text.isascii() and any(unicodedata.bidirectional(char) in RIGHT_TO_LEFT for char in set(text))


def _loose_end(row: TableRow, text: str, at: int) -> int | None:
    """Cells one after the other with anything in between."""
    for cell in row.cells:
        found = text.find(cell, at)
        if found >= 0:
            at = found + len(cell)
        elif not in_pieces(cell, text[at:]):
            return None
    return at


def _parted_end(cells: Sequence[str], text: str, at: int, turns: Iterator[int]) -> int | None:
    """Beginnings of the cells, one after the other on a page, and all that is left of them on the next ones.

    Each page behind the next takes one of the `turns` that are left.
    """
    joined = "".join(cells)
    found = text.find(joined, at)
    if found >= 0 and PAGE_END not in text[at:found]:
        return found + len(joined)
    likely = dict.fromkeys(islice(_starts(cells, text, at), _MOST_STARTS))
    starts = sorted(likely, key=lambda start: -_stands_there(cells, text, start))
    for start in starts[:_STARTS]:
        ways = sorted(islice(_ways(cells, text, start), _WAYS), key=lambda rest: sum(map(len, rest)))
        for number, rest in enumerate(ways):
            if rest != tuple(cells) and (end := _continued(rest, text, start, turns, deep=number < _DEEP)) is not None:
                return end
    return None


def _stands_there(cells: Sequence[str], text: str, at: int) -> int:
    """How many characters of the cells, one after the other, stand in the text from `at` on."""
    rest = next(_ways(cells, text, at))
    return sum(map(len, cells)) - sum(map(len, rest))


def _continued(rest: Sequence[str], text: str, start: int, turns: Iterator[int], *, deep: bool) -> int | None:
    """Where the rest of a row ends on the next page; or on those behind it, when `deep`."""
    turn = text.find(PAGE_END, start)
    if turn < 0:
        return None
    joined, last = "".join(rest), text.find(PAGE_END, turn + 1)
    found = text.find(joined, turn, last if last >= 0 else len(text))
    if found >= 0:
        return found + len(joined)
    follow = deep and last >= 0 and next(turns, None) is not None
    return _parted_end(rest, text, turn + 1, turns) if follow else None


def _starts(cells: Sequence[str], text: str, at: int) -> Iterator[int]:
    """Where a row may begin on this page or the next: right here, or where one of its cells begins."""
    yield at
    first = text.find(PAGE_END, at)
    last = text.find(PAGE_END, first + 1) if first >= 0 else -1
    end = last if last >= 0 else len(text)
    for cell in filter(None, cells):
        found = text.find(cell[:3], at, end)
        while found >= 0:
            yield found
            found = text.find(cell[:3], found + 1, end)


def _ways(cells: Sequence[str], text: str, at: int) -> Iterator[tuple[str, ...]]:
    """What may be left of the cells when their beginnings stand one after the other from `at` on; likely ones first."""
    if not cells:
        yield ()
        return
    cell, others = cells[0], cells[1:]
    for length in _lengths(cell, next(filter(None, others), ""), text, at):
        for rest in _ways(others, text, at + length):
            yield (cell[length:], *rest)


def _lengths(cell: str, following: str, text: str, at: int) -> Iterable[int]:
    """How much of a cell may stand at a place: all that can, or less where the next cell begins as this one goes on."""
    most = _common(cell, text[at : at + len(cell)])
    found, less = at + most, list[int]()
    while following and len(less) < _SHORTER:
        found = text.rfind(following[:3], at, found + 2)
        if found < 0:
            break
        less.append(found - at)
    return dict.fromkeys((most, *less, *(max(0, most - one) for one in (1, 2)), 0))


def _common(one: str, other: str) -> int:
    """Length of the beginning that two texts share."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


# -- reading a row ----------------------------------------------------------------------------------------------------


def _row(row: etree._Element, number: int, table: int, numbered: frozenset[str]) -> TableRow:
    own = [cell for cell in row.iter(f"{W}tc") if next(cell.iterancestors(f"{W}tr")) is row]
    loose = _interrupted(row, numbered)
    parts = [part for cell in own if not _continues(cell) for part in (cell.iter(f"{W}p") if loose else (cell,))]
    texts = ["".join(_texts(part)) for part in parts]
    return TableRow(
        number,
        table,
        tuple(map(plain, texts)),
        " ".join(filter(None, (text.strip() for text in texts)))[:60],
        whole=row.find(f"{W}trPr/{W}cantSplit") is not None,
        loose=loose,
        floating=next(row.iterancestors(f"{W}tbl")).find(f"{W}tblPr/{W}tblpPr") is not None,
    )


def _continues(cell: etree._Element) -> bool:
    """Whether the cell belongs to the one above or before it; Word shows nothing of it."""
    merges = (cell.find(f"{W}tcPr/{W}{kind}") for kind in ("vMerge", "hMerge"))
    return any(merge is not None and merge.get(f"{W}val", "continue") == "continue" for merge in merges)


def _texts(cell: etree._Element) -> Iterator[str]:
    """Visible text of a cell or paragraph, in its order; text boxes are drawn elsewhere."""
    for node in cell.iter(f"{W}t", f"{W}p", f"{W}br", f"{W}tab", f"{W}cr"):
        if node.tag != f"{W}t":
            yield " "
        elif not _unseen(node, cell):
            yield node.text or ""


def _unseen(text: etree._Element, cell: etree._Element) -> bool:
    for parent in text.iterancestors():
        if parent is cell:
            return False
        if parent.tag in _ELSEWHERE or (parent.tag == f"{W}r" and parent.find(f"{W}rPr/{W}vanish") is not None):
            return True
    return False


def _interrupted(row: etree._Element, numbered: frozenset[str]) -> bool:
    if next(row.iter(*_BETWEEN), None) is not None:
        return True
    return any(style.get(f"{W}val") in numbered for style in row.iter(f"{W}pStyle"))


def _changes(row: etree._Element) -> bool:
    """Whether a field stands in it that LibreOffice counts anew."""
    return any((node.text or "").strip().upper().split(" ")[0] in _VOLATILE for node in row.iter(f"{W}instrText"))


def _numbered(styles: etree._Element | None) -> frozenset[str]:
    """Ids of the styles with list numbers of their own."""
    found = () if styles is None else styles.iter(f"{W}style")
    return frozenset(
        style.get(f"{W}styleId", "") for style in found if style.find(f"{W}pPr/{W}numPr/{W}numId") is not None
    )
