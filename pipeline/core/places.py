"""Where a value stands: a workbook, a sheet, a cell. Taken from the file, never counted by us."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_CELL = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True, slots=True)
class Place:
    """A workbook, one of its sheets, or one cell (`K12`) of a sheet.

    `workbook` is the file name as staff see it; it is empty for the project folder itself.
    """

    workbook: str
    sheet: str | None = None
    cell: str | None = None

    def __str__(self) -> str:
        """Print as Excel writes a reference: `[03_费用.xlsx]费用明细!K12`."""
        sheet = f"{self.sheet}" if self.sheet else ""
        cell = f"!{self.cell}" if self.cell else ""
        return f"[{self.workbook}]{sheet}{cell}"

    @property
    def row(self) -> int | None:
        """Row number as Excel shows it (from 1)."""
        match = _CELL.fullmatch(self.cell or "")
        return int(match[2]) if match else None

    @property
    def order(self) -> tuple[str, str, int, int, str]:
        """Sort key: workbook, sheet, row, column (A before AA)."""
        match = _CELL.fullmatch(self.cell or "")
        if not match:
            return (self.workbook, self.sheet or "", 0, 0, "")
        return (self.workbook, self.sheet or "", int(match[2]), len(match[1]), match[1])


def runs(cells: Sequence[Place]) -> list[str]:
    """Cells of one sheet, those that follow each other down a column joined: K7:K23; the sheet itself is empty."""
    found: list[tuple[Place, Place]] = []
    for cell in cells:
        if found and _below(found[-1][1], cell):
            found[-1] = (found[-1][0], cell)
        else:
            found.append((cell, cell))
    return [f"{one.cell}:{last.cell}" if one != last else one.cell or "" for one, last in found]


def _below(cell: Place, other: Place) -> bool:
    (_, _, row, *column), (_, _, next_row, *next_column) = cell.order, other.order
    return row > 0 and next_row == row + 1 and column == next_column


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T_co]):
    """A value with the cell it was read from."""

    value: T_co
    at: Place


@dataclass(frozen=True, slots=True)
class Derived(Generic[T_co]):
    """A computed value with all the cells behind it, and the cells that could not be read (`broken`)."""

    value: T_co
    from_: tuple[Place, ...] = ()
    broken: tuple[Place, ...] = ()
