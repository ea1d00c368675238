"""Edit an .xlsx package in place: values, fills, comments, one more sheet; every part not touched stays byte for byte.

openpyxl drops on save what it does not model: drawings, extension validations and conditional formats, printer
settings, custom XML. Here only the elements that change are changed. Transitional and strict packages alike; protected
sheets stay protected. The caller has made sure that the package is harmless (`pipeline.intake.gate`).

    book = Editor(content)
    book.set_value("费用明细", "G7", Decimal("12.5"), fill="DDEBF7")
    content = book.to_bytes()
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from lxml import etree

from pipeline.adapters.ooxml.cells import Cells, Value
from pipeline.adapters.ooxml.comments import add_comments, comment_texts, remove_comments
from pipeline.adapters.ooxml.formats import Look, Styles
from pipeline.adapters.ooxml.package import CannotEdit, Package, damage_told, drop_signatures, insert_in_order, own
from pipeline.adapters.ooxml.sheets import (
    BOOK_ORDER,
    NewSheet,
    active_tab,
    add_first_sheet,
    free_sheet_name,
    hidden_texts,
    open_on,
    remove_sheet,
    set_hidden_texts,
    sheet_names,
    sheet_parts,
)
from pipeline.core.number_formats import shows_date

__all__ = ["CannotEdit", "Editor", "Look", "Value", "damage_told"]
_FORMULA = re.compile(rb"<(\w+:)?f[\s>/]")
_STYLE = re.compile(rb"\bs(?:tyle)?=\"(\d{1,9})\"")
_BUILT_IN_DATES = {*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)}  # ECMA-376 18.8.30


class Editor:
    """A workbook while it is edited. Addresses are such as K12, colours RRGGBB.

    Digital signatures do not hold for an edited workbook and are left out: `signed` says that there was one.

    Every method raises CannotEdit where the package lacks what it needs; a damaged part may lead to other errors, which
    `damage_told` turns into the same.
    """

    def __init__(self, content: bytes) -> None:
        """Open the bytes of an .xlsx file."""
        self.package = Package(content)
        self.styles = Styles(self.package)
        self._cells: dict[str, Cells] = {}
        self._stale = self._settled = False
        self.package.root(self.package.workbook)
        self.signed = drop_signatures(self.package)

    @property
    def sheets(self) -> tuple[str, ...]:
        """Names of the worksheets, hidden ones too, in their order."""
        return tuple(sheet_parts(self.package))

    @property
    def all_sheets(self) -> tuple[str, ...]:
        """Names of all sheets, those of charts too."""
        return tuple(sheet_names(self.package))

    def _part(self, sheet: str) -> str:
        found = sheet_parts(self.package).get(sheet)
        if found is None:
            raise CannotEdit(f"no sheet {sheet}")
        return found

    def cells(self, sheet: str) -> Cells:
        """Cells of a sheet."""
        part = self._part(sheet)
        if part not in self._cells:
            self._cells[part] = Cells(self.package.root(part))
        return self._cells[part]

    # -- cells ------------------------------------------------------------------------------------------------

    def set_value(
        self,
        sheet: str,
        ref: str,
        value: Value,
        *,
        fill: str = "",
        number_format: str = "",
        keep_formula: bool = False,
    ) -> None:
        """Set the value of a cell and make Excel calculate the formulas anew when it opens the file.

        Args:
            sheet: its sheet.
            ref: its address.
            value: text (never a formula, whatever it begins with), number, truth value, date or datetime; None empties
                the cell.
            fill: background that it gets; its other looks stay.
            number_format: such as `#,##0.00`; a date gets `yyyy-mm-dd` where the cell shows no date.
            keep_formula: leave its formula and replace only the value it gave last.

        Raises:
            CannotEdit: no such sheet, or the cell lies in an array formula of several cells.
        """
        self._settle_styles()
        cells = self.cells(sheet)
        removes = cells.has_formula(ref) and not keep_formula
        cells.set_value(ref, value, date1904=self._date1904(), keep_formula=keep_formula)
        style = cells.style(ref)
        if isinstance(value, date) and not number_format and not self._shows_dates(style):
            number_format = "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"
        if number_format:
            style = self.styles.with_format(style, number_format)
        if fill:
            style = self.styles.with_fill(style, fill)
        if style != cells.style(ref):
            cells.set_style(ref, style)
        self.package.touch(self._part(sheet))
        self._stale = True
        if removes:
            self._drop_calculation_chain()

    def set_fill(self, sheet: str, ref: str, fill: str) -> None:
        """Give a cell another background on top of its present looks; `fill` is RRGGBB or what `fill_of` gave."""
        self._settle_styles()
        cells = self.cells(sheet)
        cells.set_style(ref, self.styles.with_fill(cells.style(ref), fill))
        self.package.touch(self._part(sheet))

    def _settle_styles(self) -> None:
        """Before the first new format: cells of formats that are not there get the first, as every program shows them.

        Else a new format would take such a number, and cells that nobody touched would look like it.
        """
        if self._settled:
            return
        self._settled, count = True, len(self.styles)
        for sheet, part in sheet_parts(self.package).items():
            if lost := {n for n in map(int, _STYLE.findall(self.package.read(part))) if n >= count}:
                self.cells(sheet).replace_styles(dict.fromkeys(lost, 0))
                self.package.touch(part)

    def fill_of(self, sheet: str, ref: str) -> str:
        """Background of a cell: empty, RRGGBB, or XML for anything but one plain colour."""
        return self.styles.fill(self.cells(sheet).style(ref))

    def replace_fills(self, replacement: Callable[[str], str | None]) -> None:
        """Exchange backgrounds in all cells, rows and columns.

        Args:
            replacement: gets a fill as `fill_of` gives it and gives the one to put there; None leaves it alone.
        """
        wanted = {xf: new for xf, fill in self.styles.fills().items() if (new := replacement(fill)) is not None}
        for sheet, part in sheet_parts(self.package).items() if wanted else ():
            if used := self.cells(sheet).used_styles() & set(wanted):
                self.cells(sheet).replace_styles({xf: self.styles.with_fill(xf, wanted[xf]) for xf in used})
                self.package.touch(part)

    # -- comments and sheets ----------------------------------------------------------------------------------

    def add_comments(self, sheet: str, comments: Mapping[str, str], author: str) -> tuple[str, ...]:
        """Add comments by cell address; under the text of a comment that is there already.

        Returns:
            Cells with a conversation (threaded comment), where Excel would not show ours: nothing is added there.
        """
        return add_comments(self.package, self._part(sheet), comments, author)

    def comments(self, sheet: str) -> dict[str, str]:
        """Texts of the comments of a sheet by cell address."""
        return comment_texts(self.package, self._part(sheet))

    def remove_comments(self, marker: str) -> None:
        """Remove from all sheets the comments whose text begins with `marker`, and the ends that begin so."""
        for part in sheet_parts(self.package).values():
            remove_comments(self.package, part, marker)

    def add_first_sheet(self, sheet: NewSheet) -> None:
        """Put a sheet before all others and open the workbook on it."""
        add_first_sheet(self.package, sheet, self.styles.look)

    def remove_sheet(self, name: str) -> None:
        """Take a sheet out."""
        remove_sheet(self.package, name)

    def free_name(self, wanted: str) -> str:
        """A name that no sheet has yet."""
        return free_sheet_name(self.package, wanted)

    @property
    def active(self) -> str:
        """Name of the sheet that the workbook opens on."""
        number = active_tab(self.package)
        return self.all_sheets[number] if number < len(self.all_sheets) else ""

    def open_on(self, name: str) -> None:
        """Let the workbook open on a sheet."""
        open_on(self.package, self.all_sheets.index(name))

    def top_texts(self, sheet: str, rows: int = 5) -> list[str]:
        """Texts at the top of column A."""
        part = self.package.related(self.package.workbook, "sharedStrings")
        strings = [_joined(node) for node in self.package.root(part)] if part else []
        return self.cells(sheet).texts([f"A{row}" for row in range(1, rows + 1)], strings)

    def notes(self, prefix: str) -> dict[str, str]:
        """Texts kept in the workbook under a prefix, see `set_notes`."""
        return hidden_texts(self.package, prefix)

    def set_notes(self, prefix: str, texts: Mapping[str, str]) -> None:
        """Keep texts of up to 255 characters in hidden defined names, instead of those with the same prefix."""
        set_hidden_texts(self.package, prefix, texts)

    # -- workbook ---------------------------------------------------------------------------------------------

    def _date1904(self) -> bool:
        node = self.package.root(self.package.workbook).find("{*}workbookPr")
        return node is not None and node.get("date1904") in {"1", "true"}

    def _shows_dates(self, style: int) -> bool:
        code = self.styles.format_of(style)
        return shows_date(code) if code else self.styles.built_in(style) in _BUILT_IN_DATES

    def _drop_calculation_chain(self) -> None:
        """Excel makes the chain again; one that names a cell without a formula counts as damage."""
        workbook = self.package.workbook
        for relation in self.package.relations(workbook):
            if relation.kind == "calcChain":
                self.package.unrelate(workbook, relation.id)
                self.package.drop(relation.target)

    def to_bytes(self) -> bytes:
        """The workbook as it is now."""
        sheets = sheet_parts(self.package).values()
        if self._stale and any(_FORMULA.search(self.package.read(part)) for part in sheets):
            book = self.package.root(self.package.workbook)
            node = book.find("{*}calcPr")
            if node is None:
                node = etree.Element(own(book, "calcPr"), {}, None)
                insert_in_order(book, node, BOOK_ORDER)
            node.set("fullCalcOnLoad", "1")
            self.package.touch(self.package.workbook)
        return self.package.to_bytes()


def _joined(item: etree._Element) -> str:
    return "".join(node.text or "" for node in item.iter("{*}t"))
