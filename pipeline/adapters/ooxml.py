"""Read the cells of an .xlsx package straight from its parts: values, formulas, errors, formats, merges, hidden rows.

One pass over the XML tells what no library tells in one pass: whether a formula was ever calculated, whether a cell
holds an error, and the number as it is stored. Cells are kept sparsely, so that a stray cell at XFD1048576 costs
nothing. Transitional and strict namespaces are read alike. The caller has made sure that the package is harmless
(`pipeline.intake.gate`).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from lxml import etree
from openpyxl.styles.numbers import is_date_format
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.utils.escape import unescape

from pipeline.adapters.ooxml_styles import CellStyle, cell_styles

MAX_CELLS = 1_000_000
_REF = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_PLAIN = CellStyle()
_REMOTE = re.compile(r"WEBSERVICE\(|RTD\(|\bDDE\(|\[\d+\]|\|'?[^']*'?!", re.IGNORECASE)


class TooManyCells(ValueError):
    """More filled cells than any form can have."""


class NotAWorkbook(ValueError):
    """The package lacks the parts of a workbook, or one of them is no XML."""


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell as stored.

    Attributes:
        kind: `n` number, `s` text, `b` boolean, `e` error, `d` ISO date.
        text: stored value; None for a formula that was never calculated and for an empty cell.
        formula: it has a formula.
        style: index of its cell format.
    """

    row: int
    column: int
    kind: str
    text: str | None
    formula: bool
    style: int

    @property
    def ref(self) -> str:
        """Address such as K12."""
        return f"{get_column_letter(self.column)}{self.row}"


@dataclass(frozen=True)
class RawSheet:
    """A sheet: cells by (row, column), merged ranges as (first column, first row, last column, last row).

    Attributes:
        filtered: rows first to last that a filter in force covers, (0, 0) without one: it hid what is hidden there.
    """

    name: str
    hidden: bool
    cells: Mapping[tuple[int, int], RawCell]
    merges: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    remote: tuple[str, ...] = ()
    filtered: tuple[int, int] = (0, 0)

    @property
    def last_row(self) -> int:
        """Last row that holds a cell."""
        return max((row for row, _ in self.cells), default=0)

    def row(self, number: int) -> dict[int, RawCell]:
        """Cells of a row by column."""
        return self._rows.get(number, {})

    @property
    def _rows(self) -> dict[int, dict[int, RawCell]]:
        if "rows" not in self.__dict__:
            rows: dict[int, dict[int, RawCell]] = {}
            for (row, column), cell in self.cells.items():
                rows.setdefault(row, {})[column] = cell
            self.__dict__["rows"] = rows
        found: dict[int, dict[int, RawCell]] = self.__dict__["rows"]
        return found


@dataclass(frozen=True)
class RawBook:
    """A workbook: sheets in their order, one-cell defined names, cell styles by index."""

    sheets: tuple[RawSheet, ...]
    date1904: bool = False
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    styles: tuple[CellStyle, ...] = ()
    links: tuple[str, ...] = ()

    def sheet(self, name: str) -> RawSheet | None:
        """Sheet by its name."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)

    def is_date(self, cell: RawCell) -> bool:
        """Whether the cell's number format shows a date."""
        return bool(is_date_format(self.format(cell)))

    def format(self, cell: RawCell) -> str:
        """Number format of a cell."""
        return self.style(cell).number_format

    def style(self, cell: RawCell) -> CellStyle:
        """Style of a cell; a plain one where the file has none of that index."""
        return self.styles[cell.style] if 0 <= cell.style < len(self.styles) else _PLAIN


def read_book(stream: BinaryIO) -> RawBook:
    """Read a package.

    Args:
        stream: the bytes of the .xlsx file, positioned anywhere.

    Raises:
        NotAWorkbook: a needed part is missing or broken.
        TooManyCells: over `MAX_CELLS` cells.
    """
    try:
        with zipfile.ZipFile(stream) as package:
            return _book(package)
    except (zipfile.BadZipFile, KeyError, etree.XMLSyntaxError, ValueError, EOFError) as error:
        if isinstance(error, TooManyCells | NotAWorkbook):
            raise
        raise NotAWorkbook(str(error)) from error


def _book(package: zipfile.ZipFile) -> RawBook:
    root = _related(package, "", "officeDocument")[0]
    tree = _parse(package, root)
    relations = _relations(package, root)
    strings = _strings(package, root)
    sheets = []
    for node in tree.iterfind("{*}sheets/{*}sheet"):
        target = relations.get(_attribute(node, "id"), ("", ""))[1]
        if target in package.namelist() and "worksheet" in relations[_attribute(node, "id")][0]:
            hidden = node.get("state", "visible") != "visible"
            sheets.append(_sheet(package, target, str(node.get("name")), strings, hidden=hidden))
    properties = tree.find("{*}workbookPr")
    date1904 = properties is not None and properties.get("date1904") in {"1", "true"}
    links = tuple(target for kind, target in relations.values() if kind.endswith("externalLink"))
    return RawBook(tuple(sheets), date1904, _names(tree), _styles(package, root), links)


def _parse(package: zipfile.ZipFile, part: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(package.read(part), parser)


def _attribute(node: etree._Element, local: str) -> str:
    """Attribute by its local name, whatever its namespace."""
    return next((str(v) for k, v in node.attrib.items() if etree.QName(str(k)).localname == local), "")


def _relations(package: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Relations of a part: id -> (type, target part or outside address)."""
    folder, name = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in package.namelist():
        return {}
    found = {}
    for node in _parse(package, rels).iterfind("{*}Relationship"):
        target = str(node.get("Target", ""))
        if node.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        found[str(node.get("Id"))] = (str(node.get("Type", "")), target)
    return found


def _related(package: zipfile.ZipFile, part: str, kind: str) -> list[str]:
    found = [target for type_, target in _relations(package, part).values() if type_.endswith(f"/{kind}")]
    if not found and kind == "officeDocument":
        raise NotAWorkbook("no workbook part")
    return found


def _strings(package: zipfile.ZipFile, root: str) -> list[str]:
    parts = _related(package, root, "sharedStrings")
    if not parts or parts[0] not in package.namelist():
        return []
    return [_text(item) for item in _parse(package, parts[0]).iterfind("{*}si")]


def _text(item: etree._Element) -> str:
    """Text of a shared or inline string: plain or in runs, without phonetic guides."""
    pieces = [node.text or "" for node in item.iterfind("{*}t")]
    pieces += [node.text or "" for node in item.iterfind("{*}r/{*}t")]
    return str(unescape("".join(pieces)))


def _styles(package: zipfile.ZipFile, root: str) -> tuple[CellStyle, ...]:
    parts = _related(package, root, "styles")
    if not parts or parts[0] not in package.namelist():
        return ()
    themes = [part for part in _related(package, root, "theme") if part in package.namelist()]
    return cell_styles(_parse(package, parts[0]), _parse(package, themes[0]) if themes else None)


def _names(tree: etree._Element) -> dict[str, tuple[str, str]]:
    """Defined names that point at one cell of one sheet."""
    found = {}
    for node in tree.iterfind("{*}definedNames/{*}definedName"):
        match = re.fullmatch(r"(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d+)", (node.text or "").strip())
        if match:
            sheet = (match[1] or match[2]).replace("''", "'")
            found[str(node.get("name"))] = (sheet, f"{match[3]}{match[4]}")
    return found


def _sheet(package: zipfile.ZipFile, part: str, name: str, strings: list[str], *, hidden: bool) -> RawSheet:
    cells: dict[tuple[int, int], RawCell] = {}
    hidden_rows: set[int] = set()
    hidden_columns: set[int] = set()
    merges: list[tuple[int, int, int, int]] = []
    remote: list[str] = []
    number, filtered = 0, (0, 0)
    with package.open(part) as stream:
        for node in _elements(stream):
            local = etree.QName(node).localname
            if local == "row":
                number = int(node.get("r") or number + 1)
                _row(node, number, strings, cells, remote)
                if _unseen(node, "ht") and any(True for _ in node.iterchildren()):
                    hidden_rows.add(number)
            elif local == "col" and _unseen(node, "width"):
                hidden_columns.update(range(int(node.get("min", "1")), min(int(node.get("max", "1")), 300) + 1))
            elif local == "mergeCell":
                merges.append(_box(str(node.get("ref"))))
            elif local == "autoFilter" and node.find("{*}filterColumn") is not None:
                filtered = _box(str(node.get("ref")))[1::2]
            node.clear()
    rows, columns = frozenset(hidden_rows), frozenset(hidden_columns)
    return RawSheet(name, hidden, cells, tuple(merges), rows, columns, tuple(remote), filtered)


def _unseen(node: etree._Element, size: str) -> bool:
    """Whether a row or column is hidden, or so small that nobody sees it."""
    return node.get("hidden") in {"1", "true"} or float(node.get(size) or 1) < 0.5


def _elements(stream: object) -> Iterator[etree._Element]:
    events = etree.iterparse(
        stream,
        events=("end",),
        tag=("{*}row", "{*}col", "{*}mergeCell", "{*}autoFilter"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
    )
    for _, node in events:
        yield node


def _box(ref: str) -> tuple[int, int, int, int]:
    """First column, first row, last column, last row."""
    first_column, first_row, last_column, last_row = range_boundaries(ref)
    return int(first_column or 1), int(first_row or 1), int(last_column or 1), int(last_row or 1)


def _row(
    node: etree._Element, row: int, strings: list[str], cells: dict[tuple[int, int], RawCell], remote: list[str]
) -> None:
    column = 0
    for child in node.iterfind("{*}c"):
        match = _REF.fullmatch(child.get("r") or "")
        column = column_index_from_string(match[1]) if match else column + 1
        row = int(match[2]) if match else row
        cell = _cell(child, row, column, strings)
        if cell.text is not None or cell.formula:
            cells[row, column] = cell
            if len(cells) > MAX_CELLS:
                raise TooManyCells(str(len(cells)))
        formula = child.find("{*}f")
        if formula is not None and _REMOTE.search(formula.text or ""):
            remote.append(cell.ref)


def _cell(node: etree._Element, row: int, column: int, strings: list[str]) -> RawCell:
    kind = node.get("t", "n")
    value = node.find("{*}v")
    text = None if value is None else value.text or ""
    if kind == "s" and text:
        index = int(text)
        if not 0 <= index < len(strings):
            raise NotAWorkbook(f"no shared string {text}")
        text = strings[index]
    elif kind == "inlineStr":
        inline = node.find("{*}is")
        text, kind = ("" if inline is None else _text(inline)), "s"
    elif kind == "str":
        text, kind = (None if text is None else str(unescape(text))), "s"
    elif kind == "n" and text == "":
        text = None
    return RawCell(row, column, kind, text, node.find("{*}f") is not None, int(node.get("s", "0")))
