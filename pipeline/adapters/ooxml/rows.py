"""Read one worksheet part: rows, cells, merges, links, in one pass that keeps nothing it has read."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import TypeVar

from lxml import etree

from pipeline.adapters.ooxml.blanks import LARGE, without_styled_blanks
from pipeline.adapters.ooxml.conditions import veils_of
from pipeline.adapters.ooxml.raw import NotAWorkbook, RawCell, RawSheet, TooMuch, Veil, column_number
from pipeline.adapters.ooxml.remote import is_outside, reaches_outside
from pipeline.adapters.ooxml.runs import Struck, run_text
from pipeline.adapters.ooxml.styles import Condition
from pipeline.core.conventions import READING

T = TypeVar("T")

MAX_CELLS = 1_000_000
MAX_MERGES = 10_000
# A real quotation with one stray cell has a box of 15.6 million; A1 and XFD1048576 make 17,180 million.
MAX_BOX = 1_000_000_000
_COLUMNS_SEEN = 300
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_CORNER = re.compile(r"\$?([A-Z]{1,3})?\$?([0-9]{1,7})?")
_LAST = (16384, 1048576)
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_HALF = re.compile("[\ud800-\udfff]")
_ILLEGAL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]")
_BELOW_A_SECOND = re.compile(r"(\.\d+)?Z?$")
_ZONED = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})")
_HERE = timezone(timedelta(hours=READING["time"]["hours_east"]))
_LEAST_HEIGHT, _LEAST_WIDTH = READING["hidden"]["row_points"], READING["hidden"]["column_characters"]
RICH = "#PICTURE!"  # ours: an error cell with rich data, as Excel 365 stores pictures in cells and data types
# Formulas as staff type them into a price: 2*350, H7*1.13; and those that give another value every time.
_ARITHMETIC, _CALL = re.compile(r"[-+*/().\d\s$A-Z]{1,80}"), re.compile(r"[A-Z]\(")
_VOLATILE_WORDS = ("TODAY", "NOW", "RAND")
_VOLATILE = re.compile(r"(?<![A-Z0-9_.])(?:TODAY|NOW|RAND|RANDBETWEEN|RANDARRAY)\s*\(", re.IGNORECASE)
_VALUE = re.compile(rb"<(?:\w+:)?(?:v|is)>")
_REFERENCE = re.compile(rb"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,8}));")


def tolerant(read: Callable[[bytes], T], content: bytes) -> T:
    """Read a part; when it is no XML, once more with U+FFFD for the characters that XML forbids.

    Raises:
        etree.XMLSyntaxError: it is no XML even so.
    """
    try:
        return read(content)
    except etree.XMLSyntaxError:
        if (printable := _printable(content)) == content:
            raise
        return read(printable)


def parsed(content: bytes) -> etree._Element:
    """Root of a part.

    Raises:
        etree.XMLSyntaxError: it is no XML.
        NotAWorkbook: it declares a document type.
    """
    root = tolerant(_root, content)
    _no_document_type(root)
    return root


def _root(content: bytes) -> etree._Element:
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _no_document_type(node: etree._Element) -> None:
    if node.getroottree().docinfo.internalDTD is not None:
        raise NotAWorkbook("document type")


def _printable(content: bytes) -> bytes:
    """A part in UTF-8 without the characters that XML forbids, written raw or as a number."""
    return _REFERENCE.sub(_legal_reference, _ILLEGAL.sub(b"\xef\xbf\xbd", content))


def _legal_reference(match: re.Match[bytes]) -> bytes:
    number = int(match[1], 16) if match[1] else int(match[2])
    legal = number in {9, 10, 13} or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD
    return match[0] if legal or 0x10000 <= number <= 0x10FFFF else b"&#xFFFD;"


def elements(content: bytes, *tags: str) -> Iterator[etree._Element]:
    """Elements of a part in their order; what was given is forgotten when the next is asked for."""
    events = etree.iterparse(
        io.BytesIO(content),
        events=("end",),
        tag=[f"{{*}}{tag}" for tag in tags],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    first = True
    for _, node in events:
        if first:
            _no_document_type(node)
            first = False
        yield node
        node.clear()
        while (before := node.getprevious()) is not None and (parent := node.getparent()) is not None:
            parent.remove(before)


def item_text(item: etree._Element) -> str:
    """Text of a shared or inline string: plain or in runs, without phonetic guides; a `Struck` where a run is."""
    plain = unescaped("".join([node.text or "" for node in item.iterfind("{*}t")]))
    runs = [run_text(run) for run in item.iterfind("{*}r")]
    if not runs:
        return plain
    struck = unescaped("".join(text for text, out in runs if out)).strip()
    whole = plain + unescaped("".join(text for text, _ in runs))
    if not struck:
        return whole
    found = Struck(whole)
    found.part = struck
    return found


def unescaped(text: str) -> str:
    """Text with `_x000B_` turned into the character; how Excel stores what XML cannot (ECMA-376 22.9.2.19)."""
    turned = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return _whole_characters(turned) if _HALF.search(turned) else turned


def _whole_characters(text: str) -> str:
    """Two halves of a character (surrogates) made one; a half alone, as a formula cuts it off, is U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def fewest_cells(content: bytes) -> int:
    """Cells with a value that a worksheet part holds at least, counted without parsing: a hundred times as fast."""
    return len(_VALUE.findall(content))


def box_of(ref: str) -> tuple[int, int, int, int]:
    """First column, first row, last column, last row of a range; whole columns and rows are ranges too.

    Raises:
        NotAWorkbook: it is no range.
    """
    first, _, last = ref.partition(":")
    corners = _CORNER.fullmatch(first), _CORNER.fullmatch(last or first)
    if not ref or corners[0] is None or corners[1] is None:
        raise NotAWorkbook(f"no range: {ref[:40]}")
    return *_corner(corners[0], (1, 1)), *_corner(corners[1], _LAST)


def _corner(match: re.Match[str], default: tuple[int, int]) -> tuple[int, int]:
    """Column and row; what a range does not say is that of the whole sheet."""
    return column_number(match[1]) if match[1] else default[0], int(match[2]) if match[2] else default[1]


@dataclass
class _Found:
    """What one worksheet part holds so far; `row` is the last row met, `addresses` the targets of its links."""

    strings: Sequence[str]
    addresses: Mapping[str, str]
    cells: dict[tuple[int, int], RawCell] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    remote: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    struck: list[tuple[str, str]] = field(default_factory=list)
    spilled: list[tuple[int, int, int, int]] = field(default_factory=list)
    filtered: tuple[int, int] = (0, 0)
    shared: set[str] = field(default_factory=set)
    veiling: Mapping[int, Condition] = field(default_factory=dict)
    veils: list[Veil] = field(default_factory=list)
    formulas: list[tuple[str, str]] = field(default_factory=list)
    row: int = 0


def read_sheet(
    content: bytes,
    name: str,
    strings: Sequence[str],
    addresses: Mapping[str, str],
    *,
    hidden: bool,
    veiling: Mapping[int, Condition],
) -> RawSheet:
    """Read a worksheet part.

    Args:
        content: the part.
        name: name of the sheet.
        strings: shared strings of the workbook.
        addresses: targets of outside links by relation.
        hidden: the sheet is hidden.
        veiling: what each format of conditions makes of cells.

    Raises:
        TooMuch: more cells or merges than a form can have, or cells too far apart.
        NotAWorkbook, ValueError, etree.XMLSyntaxError: it is damaged.
    """
    if len(content) > LARGE:
        content = without_styled_blanks(content)
    found = tolerant(lambda part: _read(part, _Found(strings, addresses, veiling=veiling)), content)
    sheet = RawSheet(
        name,
        hidden,
        found.cells,
        tuple(found.merges),
        frozenset(found.hidden_rows),
        frozenset(found.hidden_columns),
        tuple(found.remote),
        tuple(found.outside),
        found.filtered,
        tuple(found.struck),
        tuple(found.spilled),
        tuple(found.veils),
        tuple(found.formulas),
    )
    if sheet.box > MAX_BOX:
        raise TooMuch("grid", f"{name}: {sheet.box}")
    return sheet


def _read(content: bytes, found: _Found) -> _Found:
    for node in elements(content, *_TAKEN):
        _TAKEN[etree.QName(node).localname](node, found)
    return found


def _row(node: etree._Element, found: _Found) -> None:
    found.row = int(node.get("r") or found.row + 1)
    for row, column, child in _with_content(node, found.row):
        value, formula, inline = _inside(child)
        cell = _cell(child, row, column, value, formula is not None, inline, found.strings)
        if isinstance(cell.text, Struck):
            found.struck.append((cell.ref, cell.text.part))
            cell = replace(cell, text=str(cell.text))
        if cell.text is not None or cell.formula:
            found.cells[row, column] = cell
            if len(found.cells) > MAX_CELLS:
                raise TooMuch("grid_cells", str(len(found.cells)))
        if formula is not None:
            _formula(formula, cell.ref, found)
    if _unseen(node, "ht", _LEAST_HEIGHT) and node.find("{*}c") is not None:
        found.hidden_rows.add(found.row)


def _with_content(node: etree._Element, row: int) -> Iterator[tuple[int, int, etree._Element]]:
    """Row, column and element of the cells that are more than a format: in a form, one in four."""
    column, ref = 0, ""
    for child in node.iterchildren("{*}c"):
        given = child.get("r")
        if given and len(child) == 0:
            ref = given
            continue
        match = _REF.fullmatch(given or ref)
        if match:
            column, row = column_number(match[1]), int(match[2])
        if not given or not match:
            column += 1
        ref = ""
        if len(child):
            yield row, column, child


def _inside(cell: etree._Element) -> tuple[etree._Element | None, etree._Element | None, etree._Element | None]:
    """Value, formula and inline text of a cell; one walk, since a search for each takes thrice the time."""
    value = formula = inline = None
    for child in cell.iterchildren("*"):
        tag = str(child.tag)
        if tag.endswith("}v") or tag == "v":
            value = child if value is None else value
        elif tag.endswith("}f") or tag == "f":
            formula = child if formula is None else formula
        elif tag.endswith("}is") or tag == "is":
            inline = child if inline is None else inline
    return value, formula, inline


def _formula(node: etree._Element, ref: str, found: _Found) -> None:
    """Note a formula that reaches outside, or is simple; the cells that share it hold its number only."""
    text, kind = node.text or "", node.get("t")
    if kind in {"array", "dataTable"} and (box := node.get("ref")):
        found.spilled.append(box_of(box))
    elif _is_simple(text):
        found.formulas.append((ref, text))
    group = str(node.get("si")) if kind == "shared" else ""
    reaches = reaches_outside(text)
    if reaches and group:
        found.shared.add(group)
    if reaches or group in found.shared:
        found.remote.append(ref)


def _is_simple(formula: str) -> bool:
    """Whether a formula is mere arithmetic, or changes by itself; nearly none is, and all are asked."""
    if _ARITHMETIC.fullmatch(formula):
        return not _CALL.search(formula) or bool(_VOLATILE.search(formula))
    return any(word in formula for word in _VOLATILE_WORDS) and bool(_VOLATILE.search(formula))


def _cell(
    node: etree._Element,
    row: int,
    column: int,
    value: etree._Element | None,
    formula: bool,
    inline: etree._Element | None,
    strings: Sequence[str],
) -> RawCell:
    kind = node.get("t") or "n"
    text = None if value is None else value.text or ""
    if kind == "s" and text:
        index = int(text)
        if not 0 <= index < len(strings):
            raise NotAWorkbook(f"no shared string {text}")
        text = strings[index]
    elif kind == "inlineStr":
        text, kind = ("" if inline is None else item_text(inline)), "s"
    elif kind == "str":
        text, kind = (None if text is None else unescaped(text)), "s"
    elif kind == "d" and text:
        text = _local_time(text)
    elif kind == "e" and node.get("vm"):
        text = RICH
    elif kind == "n" and text == "":
        text = None
    return RawCell(row, column, kind, text, formula, int(node.get("s") or 0))


def _local_time(text: str) -> str:
    """An ISO date without fractions of a second; one of a time zone as the clock of China shows it."""
    zoned = _ZONED.fullmatch(text)
    if zoned:
        try:
            text = datetime.fromisoformat(zoned[0].replace("Z", "+00:00")).astimezone(_HERE).isoformat()[:19]
        except ValueError:
            return text
    return _BELOW_A_SECOND.sub("", text)


def _column(node: etree._Element, found: _Found) -> None:
    if _unseen(node, "width", _LEAST_WIDTH):
        last = min(int(node.get("max") or 1), _COLUMNS_SEEN)
        found.hidden_columns.update(range(int(node.get("min") or 1), last + 1))


def _unseen(node: etree._Element, size: str, least: float) -> bool:
    """Whether a row or column is hidden, or so small that nobody reads it."""
    return node.get("hidden") in {"1", "true"} or float(node.get(size) or least) < least


def _merge(node: etree._Element, found: _Found) -> None:
    if ref := node.get("ref"):
        found.merges.append(box_of(ref))
    if len(found.merges) > MAX_MERGES:
        raise TooMuch("grid_merges", str(len(found.merges)))


def _filter(node: etree._Element, found: _Found) -> None:
    if (ref := node.get("ref")) and node.find("{*}filterColumn") is not None:
        found.filtered = box_of(ref)[1::2]


def _link(node: etree._Element, found: _Found) -> None:
    relation = next((str(v) for k, v in node.attrib.items() if etree.QName(str(k)).localname == "id"), "")
    if (ref := node.get("ref")) and is_outside(found.addresses.get(relation, "")):
        found.outside.append(ref.split(":")[0])


def _conditions(node: etree._Element, found: _Found) -> None:
    if boxes := tuple(box_of(ref) for ref in str(node.get("sqref") or "").split()):
        found.veils += veils_of(node, boxes, found.veiling)


_TAKEN: Mapping[str, Callable[[etree._Element, _Found], None]] = {
    "row": _row,
    "col": _column,
    "mergeCell": _merge,
    "autoFilter": _filter,
    "hyperlink": _link,
    "conditionalFormatting": _conditions,
}
