"""The cells of one sheet part while it is edited: rows and cells stay in order, the schema's sequence is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from lxml import etree

from pipeline.adapters.ooxml.package import CannotEdit, local_name, own, unset
from pipeline.adapters.ooxml.raw import column_letter, column_number
from pipeline.adapters.ooxml.rows import box_of

Value = str | bool | int | float | Decimal | date | datetime | None

SHEET_ORDER = (
    "sheetPr", "dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData", "sheetCalcPr", "sheetProtection",
    "protectedRanges", "scenarios", "autoFilter", "sortState", "dataConsolidate", "customSheetViews", "mergeCells",
    "phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "printOptions", "pageMargins", "pageSetup",
    "headerFooter", "rowBreaks", "colBreaks", "customProperties", "cellWatches", "ignoredErrors", "smartTags",
    "drawing", "legacyDrawing", "legacyDrawingHF", "drawingHF", "picture", "oleObjects", "controls", "webPublishItems",
    "tableParts", "extLst",
)  # fmt: skip
_REF = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_NO_CHARACTER = re.compile(r"[\ud800-\udfff\ufffe\uffff]")
_LARGEST = (16384, 1048576)


def split_ref(ref: str) -> tuple[int, int]:
    """Row and column (from 1) of an address such as K12.

    Raises:
        CannotEdit: it is no address of one cell.
    """
    match = _REF.fullmatch(ref)
    column, row = (column_number(match[1]), int(match[2])) if match else (0, 0)
    if not match or column > _LARGEST[0] or row > _LARGEST[1]:
        raise CannotEdit(f"no cell address: {ref}")
    return row, column


def ref_of(row: int, column: int) -> str:
    """Address of a cell by row and column from 1."""
    return f"{column_letter(column)}{row}"


class Cells:
    """Rows and cells of a worksheet, found by their numbers."""

    def __init__(self, root: etree._Element) -> None:
        """Index a parsed worksheet; cells without an address get theirs.

        Raises:
            CannotEdit: it is no worksheet.
        """
        self.root = root
        data = root.find("{*}sheetData")
        if local_name(root) != "worksheet" or data is None:
            raise CannotEdit("no worksheet")
        self._data = data
        self._rows: dict[int, etree._Element] = {}
        self._cells: dict[tuple[int, int], etree._Element] = {}
        self._index()
        self._anchors = dict(self._merged())

    def _index(self) -> None:
        number = 0
        for row in self._data.iterfind("{*}row"):
            number = int(row.get("r") or number + 1)
            row.set("r", str(number))
            self._rows.setdefault(number, row)
            column = 0
            for cell in row.iterfind("{*}c"):
                column = split_ref(str(cell.get("r")))[1] if cell.get("r") else column + 1
                cell.set("r", ref_of(number, column))
                self._cells.setdefault((number, column), cell)

    def _merged(self) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """First cell of each merged range of moderate size, by its other cells."""
        for node in self.root.iterfind("{*}mergeCells/{*}mergeCell"):
            if not (ref := node.get("ref")):
                continue
            left, top, right, bottom = box_of(ref)
            if (right - left + 1) * (bottom - top + 1) <= 10_000:
                for row in range(top, bottom + 1):
                    yield from (((row, column), (top, left)) for column in range(left, right + 1))

    # -- looking ----------------------------------------------------------------------------------------------

    def anchor(self, ref: str) -> str:
        """The cell that shows at an address: the first one of a merged range."""
        place = split_ref(ref)
        return ref_of(*self._anchors.get(place, place))

    def style(self, ref: str) -> int:
        """Format of a cell, or the one that a new cell there would have from its row or column."""
        row, column = split_ref(ref)
        cell = self._cells.get((row, column))
        return int(cell.get("s") or 0) if cell is not None else self._inherited(row, column)

    def _inherited(self, row: int, column: int) -> int:
        node = self._rows.get(row)
        if node is not None and node.get("customFormat") in {"1", "true"}:
            return int(node.get("s") or 0)
        for col in self.root.iterfind("{*}cols/{*}col"):
            if int(col.get("min") or 0) <= column <= int(col.get("max") or 0):
                return int(col.get("style") or 0)
        return 0

    def has_formula(self, ref: str) -> bool:
        """Whether a cell holds a formula."""
        cell = self._cells.get(split_ref(ref))
        return cell is not None and cell.find("{*}f") is not None

    def texts(self, refs: Sequence[str], strings: Sequence[str]) -> list[str]:
        """Texts of some cells, as they are stored; `strings` are the shared ones."""
        found = []
        for ref in refs:
            cell = self._cells.get(split_ref(ref))
            stored = "" if cell is None else cell.findtext("{*}v") or ""
            if cell is not None and cell.get("t") == "s":
                number = int(stored or 0)
                stored = strings[number] if number < len(strings) else ""
            elif cell is not None and cell.get("t") == "inlineStr":
                stored = "".join(node.text or "" for node in cell.iterfind("{*}is//{*}t"))
            found.append(stored)
        return found

    # -- changing ---------------------------------------------------------------------------------------------

    def set_style(self, ref: str, style: int) -> None:
        """Give a cell a format; the cell is made where there is none, and goes again when nothing is left of it."""
        row, column = split_ref(ref)
        cell = self._cell(row, column)
        unset(cell, "s")
        if style:
            cell.set("s", str(style))
        if not len(cell) and set(cell.attrib) <= {"r", "s"} and style == self._inherited(row, column):
            self._forget(row, column)

    def used_styles(self) -> set[int]:
        """Formats that cells, rows and columns use."""
        cells = {int(cell.get("s") or 0) for cell in self._cells.values()}
        return cells | {int(node.get(name) or 0) for node, name in self._holders()}

    def _holders(self) -> Iterator[tuple[etree._Element, str]]:
        """Rows and columns with the attribute that names their format."""
        yield from ((node, "s") for node in self._rows.values())
        yield from ((node, "style") for node in self.root.iterfind("{*}cols/{*}col"))

    def replace_styles(self, by: Mapping[int, int]) -> None:
        """Exchange formats wherever cells, rows and columns use them."""
        for node, name in self._holders():
            if (old := int(node.get(name) or 0)) in by:
                node.set(name, str(by[old]))
        for (row, column), cell in list(self._cells.items()):
            if (old := int(cell.get("s") or 0)) in by:
                self.set_style(ref_of(row, column), by[old])

    def set_value(self, ref: str, value: Value, *, date1904: bool, keep_formula: bool) -> None:
        """Set what a cell holds; its format is left alone.

        Args:
            ref: address.
            value: None empties the cell; text is written as inline text, never as a formula.
            date1904: the workbook counts days from 1904.
            keep_formula: only the value that the formula gave last is replaced.

        Raises:
            CannotEdit: the cell lies inside an array formula of several cells.
        """
        row, column = split_ref(ref)
        cell = self._cell(row, column)
        formula = cell.find("{*}f")
        kept = formula if keep_formula else None
        if formula is not None and kept is None:
            self._release(cell, formula)
        for child in list(cell):
            if local_name(child) in {"f", "v", "is"} and child is not kept:
                cell.remove(child)
        unset(cell, *(("t", "cm", "vm") if kept is None else ("t",)))
        _fill(cell, value, date1904=date1904, formula=kept is not None)

    def _release(self, cell: etree._Element, formula: etree._Element) -> None:
        """Let no other cell depend on a formula that goes."""
        ref = str(formula.get("ref", cell.get("r")))
        if formula.get("t") in {"array", "dataTable"} and ref != cell.get("r"):
            raise CannotEdit(f"{cell.get('r')}: formula over {ref}")
        if formula.get("t") == "shared" and formula.get("ref"):
            self._unshare(formula, str(cell.get("r")))

    def _unshare(self, master: etree._Element, origin: str) -> None:
        """Write a shared formula out in the cells that borrow it."""
        from openpyxl.formula.translate import Translator  # costs 0.35 s, and few workbooks have such formulas

        text = f"={master.text or ''}"
        for other in self._cells.values():
            formula = other.find("{*}f")
            shares = formula is not None and formula is not master and formula.get("t") == "shared"
            if formula is not None and shares and formula.get("si") == master.get("si"):
                formula.text = Translator(text, origin=origin).translate_formula(str(other.get("r"))).removeprefix("=")
                unset(formula, "t", "si", "ref")

    # -- rows and cells ---------------------------------------------------------------------------------------

    def _cell(self, row: int, column: int) -> etree._Element:
        found = self._cells.get((row, column))
        if found is None:
            parent = self._row(row)
            found = parent.makeelement(own(parent, "c"), {"r": ref_of(row, column)})
            if style := self._inherited(row, column):
                found.set("s", str(style))
            columns = [split_ref(str(c.get("r")))[1] for c in parent.iterfind("{*}c")]
            parent.insert(sum(1 for other in columns if other < column), found)
            unset(parent, "spans")  # a hint for readers, wrong from now on
            self._cells[row, column] = found
            self._widen(row, column)
        return found

    def _row(self, number: int) -> etree._Element:
        if number not in self._rows:
            node = self._data.makeelement(own(self._data, "row"), {"r": str(number)})
            before = [n for n in self._rows if n < number]
            at = self._data.index(self._rows[max(before)]) + 1 if before else 0
            self._data.insert(at, node)
            self._rows[number] = node
        return self._rows[number]

    def _forget(self, row: int, column: int) -> None:
        """Remove an empty cell, and its row when that holds nothing else."""
        cell, parent = self._cells.pop((row, column)), self._rows[row]
        parent.remove(cell)
        if not len(parent) and set(parent.attrib) <= {"r", "spans"}:
            self._data.remove(parent)
            del self._rows[row]

    def _widen(self, row: int, column: int) -> None:
        """Let the dimension hold a new cell."""
        node = self.root.find("{*}dimension")
        if node is None or not node.get("ref"):
            return
        left, top, right, bottom = box_of(str(node.get("ref")))
        box = (min(left, column), min(top, row), max(right, column), max(bottom, row))
        if box != (left, top, right, bottom):
            node.set("ref", f"{ref_of(box[1], box[0])}:{ref_of(box[3], box[2])}")


def _fill(cell: etree._Element, value: Value, *, date1904: bool, formula: bool) -> None:
    """Write a value into an emptied cell."""
    if value is None:
        return
    if isinstance(value, str) and not formula:
        cell.set("t", "inlineStr")
        inline = cell.makeelement(own(cell, "is"), {})
        text = etree.SubElement(inline, own(cell, "t"))
        _spell(text, value)
        cell.insert(0, inline)
        return
    stored = cell.makeelement(own(cell, "v"), {})
    if isinstance(value, str):
        cell.set("t", "str")
        _spell(stored, value)
    else:
        stored.text = _number(value, date1904=date1904)
        if isinstance(value, bool):
            cell.set("t", "b")
    cell.insert(1 if formula else 0, stored)


def _number(value: bool | int | float | Decimal | date, *, date1904: bool) -> str:
    if isinstance(value, date):
        from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel

        epoch = CALENDAR_MAC_1904 if date1904 else CALENDAR_WINDOWS_1900
        return str(to_excel(value, epoch))  # type: ignore[no-untyped-call]
    return f"{value:f}" if isinstance(value, Decimal) else repr(int(value) if isinstance(value, bool) else value)


def _spell(node: etree._Element, text: str) -> None:
    """Text of an element; characters that XML cannot hold are written as Excel writes them (`_x000B_`)."""
    node.text = spelled(text)
    if text != text.strip() or "\n" in text or "  " in text:
        node.set(_SPACE, "preserve")


def spelled(text: str) -> str:
    """Text as a part can hold it: `_x000B_` for a control character, U+FFFD for what has no code at all."""
    text = _LOOKS_ESCAPED.sub("_x005F_", text.replace("\r\n", "\n"))
    text = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return _NO_CHARACTER.sub("\ufffd", text)
