"""The cells of a workbook as its package stores them, kept sparsely; and how cells are addressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.adapters.ooxml.styles import CellStyle
from pipeline.core.number_formats import shows_date

_PLAIN = CellStyle()


class TooMuch(ValueError):
    """More than any form can have.

    Attributes:
        reason: `grid` how far apart the cells stand, `grid_cells` how many they are, `grid_merges`, `parts` sheets.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(detail)
        self.reason = reason


class NotAWorkbook(ValueError):
    """The package lacks the parts of a workbook, or one of them is no XML."""


class MissingPart(NotAWorkbook):
    """A part that the workbook names is not in the package: what stood in it is lost."""


@lru_cache(maxsize=1024)
def column_letter(number: int) -> str:
    """Letters of a column counted from 1: 11 is K."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@lru_cache(maxsize=1024)
def column_number(letters: str) -> int:
    """Number of a column from 1: K is 11."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def row_and_column(ref: str) -> tuple[int, int]:
    """Row and column, from 1, of an address: K12 is (12, 11)."""
    letters = ref.rstrip("0123456789")
    return int(ref.removeprefix(letters)), column_number(letters)


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
        return f"{column_letter(self.column)}{self.row}"


@dataclass(frozen=True, slots=True)
class Veil:
    """A rule of a conditional format under which a cell shows nothing, or something else, where the rule is true.

    Attributes:
        boxes: where it holds, as in `RawSheet.merges`; formulas are those of the first cell of the first.
        kind: `expression`, `cellIs`, ..., as ECMA-376 18.18.12 names them; `noValue` where bars or icons hide numbers.
        operator: comparison of a `cellIs`.
        formulas: what it compares with.
        text: what a rule on texts looks for.
        styles: cell formats that it hides; empty for every one.
        code: number format that it gives to the cells instead of hiding them.
        struck: it strikes them out instead of hiding them.
    """

    boxes: tuple[tuple[int, int, int, int], ...]
    kind: str
    operator: str
    formulas: tuple[str, ...]
    text: str
    styles: frozenset[int]
    code: str = ""
    struck: bool = False


@dataclass(frozen=True)
class RawSheet:
    """A sheet: cells by (row, column), merged ranges as (first column, first row, last column, last row).

    Attributes:
        remote: cells whose formula reaches outside the workbook.
        outside: cells with a hyperlink that leads outside the workbook.
        struck: cells of whose text a part is struck out, with that part.
        spilled: ranges that array formulas and data tables fill, as in `merges`: the cells in them are formulas.
        veils: rules of conditional formats that hide what is filled in.
        formulas: cells with a formula that is mere arithmetic, or that changes by itself, with that formula.
        filtered: rows first to last that a filter in force covers, (0, 0) without one: it hid what is hidden there.
    """

    name: str
    hidden: bool
    cells: Mapping[tuple[int, int], RawCell]
    merges: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    remote: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    filtered: tuple[int, int] = (0, 0)
    struck: tuple[tuple[str, str], ...] = ()
    spilled: tuple[tuple[int, int, int, int], ...] = ()
    veils: tuple[Veil, ...] = ()
    formulas: tuple[tuple[str, str], ...] = ()

    @property
    def last_row(self) -> int:
        """Last row that holds a cell."""
        return max((row for row, _ in self.cells), default=0)

    @property
    def box(self) -> int:
        """Cells, filled or not, of the smallest rectangle that holds all filled ones."""
        if not self.cells:
            return 0
        rows, columns = [row for row, _ in self.cells], [column for _, column in self.cells]
        return (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)

    def row(self, number: int) -> dict[int, RawCell]:
        """Cells of a row by column."""
        return self._rows.get(number, {})

    def formula(self, ref: str) -> str:
        """Formula of a cell, of those in `formulas`; empty for every other."""
        if "formulas_by_cell" not in self.__dict__:
            self.__dict__["formulas_by_cell"] = dict(self.formulas)
        found: dict[str, str] = self.__dict__["formulas_by_cell"]
        return found.get(ref, "")

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
    """A workbook: sheets in their order, one-cell defined names, cell styles by index.

    Attributes:
        links: what the package points at outside itself: files, addresses, data connections, DDE.
        stale: it says that its formulas were not calculated before it was saved.
        remote_names: defined names whose formula reaches outside the workbook.
        program: the program that says it wrote the file, such as `WPS 表格`; empty where none does.
    """

    sheets: tuple[RawSheet, ...]
    date1904: bool = False
    names: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    styles: tuple[CellStyle, ...] = ()
    links: tuple[str, ...] = ()
    remote_names: tuple[str, ...] = ()
    stale: bool = False
    program: str = ""

    def sheet(self, name: str) -> RawSheet | None:
        """Sheet by its name."""
        return next((sheet for sheet in self.sheets if sheet.name == name), None)

    def is_date(self, cell: RawCell) -> bool:
        """Whether the cell's number format shows a date."""
        return shows_date(self.format(cell))

    def format(self, cell: RawCell) -> str:
        """Number format of a cell."""
        return self.style(cell).number_format

    def style(self, cell: RawCell) -> CellStyle:
        """Style of a cell; a plain one where the file has none of that index."""
        return self.styles[cell.style] if 0 <= cell.style < len(self.styles) else _PLAIN
