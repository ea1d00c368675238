"""Read one project's workbooks: values, formulas and errors of every cell, against what a user would pick instead.

Same files, same process, best of several rounds; the table shows seconds and the ratio to ours.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import python_calamine

from pipeline.adapters.ooxml import read_book

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "samples" / "LY-SQ-2026-007").glob("*.xlsx"))
ROUNDS = 5


def ours() -> None:
    """Values, formulas, errors, formats, hidden rows in one pass."""
    for path in FILES:
        read_book(io.BytesIO(path.read_bytes()))


def openpyxl_twice() -> None:
    """Values in one pass and formulas in another; the only way with openpyxl to have both."""
    for path in FILES:
        for data_only in (True, False):
            book = openpyxl.load_workbook(path, data_only=data_only)
            for sheet in book:
                for row in sheet.iter_rows():
                    for cell in row:
                        _ = cell.value


def calamine() -> None:
    """Values only: no formulas, errors read as blanks."""
    for path in FILES:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()


def pandas_frames() -> None:
    """Frames through openpyxl: values only, numbers as floats."""
    for path in FILES:
        pd.read_excel(path, sheet_name=None, header=None, engine="openpyxl")


WAYS: tuple[tuple[str, Callable[[], None], str], ...] = (
    ("presales reader", ours, "values, formulas, errors, formats"),
    ("openpyxl, twice", openpyxl_twice, "values and formulas"),
    ("pandas + openpyxl", pandas_frames, "values only"),
    ("python-calamine", calamine, "values only, errors lost"),
)


def seconds(way: Callable[[], None]) -> float:
    """Best time of several rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.perf_counter()
        way()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print the table."""
    times = [(name, seconds(way), gives) for name, way, gives in WAYS]
    base = times[0][1]
    print(f"{len(FILES)} workbooks of one project\n")
    print(f"{'way':<20}{'seconds':>9}{'ratio':>8}  gives")
    for name, taken, gives in times:
        print(f"{name:<20}{taken:>9.3f}{taken / base:>8.2f}  {gives}")


if __name__ == "__main__":
    main()
