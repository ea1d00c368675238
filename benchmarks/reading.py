"""Read one project's workbooks: values, formulas and errors of every cell, against what a user would pick instead.

Same files, same process, medians of several rounds; the table shows seconds and the ratio to ours.

    scripts/bench reading                      # against openpyxl, pandas, calamine
    scripts/bench reading --against 1a81025    # against an older commit of this repository, in turns
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import python_calamine

from benchmarks.tables import Table, show, table
from pipeline.adapters.ooxml.reader import read_book

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / "samples" / "LY-SQ-2026-007").glob("0*.xlsx"))
ROUNDS = 3


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


def seconds(way: Callable[[], None]) -> list[float]:
    """Times of several rounds."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        way()
        taken.append(time.perf_counter() - start)
    return taken


# Run by each of two source trees in turn: CPU seconds to take the packages apart, and to make typed workbooks of them.
_CHILD = """
import io, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from pipeline.adapters.ooxml.reader import read_book
from pipeline.definitions.forms import load_forms
from pipeline.intake.workbooks import Opened, read_workbook
files = [Path(name) for name in sys.argv[2:]]
forms = {form.no: form for form in load_forms().values()}
contents = [path.read_bytes() for path in files]
def parts():
    return [read_book(io.BytesIO(content)) for content in contents]
def typed(books):
    for path, book in zip(files, books, strict=True):
        form = forms[path.name[:2]]
        read_workbook(Opened(path, "", book, form, {}), form, {})
best = [60.0, 60.0]
for _ in range(5):
    start = time.process_time()
    books = parts()
    middle = time.process_time()
    typed(books)
    end = time.process_time()
    best = [min(best[0], middle - start), min(best[1], end - middle)]
print(*best)
"""


def in_turns(commit: str) -> tuple[list[float], list[float]]:
    """Best CPU seconds of the commit and of this tree: packages, typed workbooks."""
    with tempfile.TemporaryDirectory() as folder:
        archive = ["git", "-C", str(ROOT), "archive", commit, "pipeline", "input_templates", "output_templates"]
        then = subprocess.run(archive, check=True, capture_output=True).stdout
        subprocess.run(["tar", "x", "-C", folder], input=then, check=True)
        rounds = [[_timed(folder), _timed(str(ROOT))] for _ in range(ROUNDS)]
    old, new = zip(*rounds, strict=True)
    return [min(column) for column in zip(*old, strict=True)], [min(column) for column in zip(*new, strict=True)]


def _timed(tree: str) -> list[float]:
    command = [sys.executable, "-P", "-c", _CHILD, tree, *map(str, FILES)]
    return [float(word) for word in subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()]


def against(commit: str) -> None:
    """Print what reading takes now and at a commit."""
    old, new = in_turns(commit)
    print(f"{len(FILES)} workbooks of one project, CPU seconds, best of {ROUNDS} turns\n")
    print(f"{'':<20}{commit[:10]:>12}{'now':>9}{'ratio':>8}")
    for name, then, now in (*zip(("packages", "typed workbooks"), old, new, strict=True), ("both", sum(old), sum(new))):
        print(f"{name:<20}{then:>12.3f}{now:>9.3f}{now / then:>8.2f}")


def measure() -> Table:
    """The table of today's ways."""
    warnings.filterwarnings("ignore", module="openpyxl")  # of print areas that are formulas
    gives = {name: gives for name, _, gives in WAYS}
    return table(f"Reading {len(FILES)} workbooks of one project", {name: seconds(way) for name, way, _ in WAYS}, gives)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", metavar="COMMIT", help="compare with an older commit instead")
    if commit := parser.parse_args().against:
        against(commit)
        return
    show(measure())


if __name__ == "__main__":
    main()
