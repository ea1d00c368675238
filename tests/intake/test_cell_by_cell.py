"""Every cell that openpyxl sees is the one that we see: in a sample, and in the corpus where it lies beside us."""

from __future__ import annotations

import io
import os
import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import to_excel

from pipeline.adapters.ooxml.reader import NotAWorkbook, RawCell, TooMuch, read_book
from pipeline.adapters.ooxml.rows import RICH, unescaped
from pipeline.intake.gate import refuse
from tests.cases import DORM, ROOT

CORPUS = Path(os.environ.get("CORPUS", ROOT.parent / "shared" / "corpus"))
SAMPLE = sorted((ROOT / "samples" / DORM).glob("0*.xlsx"))
LARGEST = 60_000  # bytes of the corpus' files: larger ones say nothing new and take long


def alike(ours: RawCell, theirs: Any, epoch: datetime) -> bool:
    """Whether two readers mean the same; openpyxl makes days of numbers and leaves `_x000D_` as it stands."""
    text = ours.text or ""
    if isinstance(theirs, bool):
        return ours.kind == "b" and (text == "1") is theirs
    if isinstance(theirs, int | float):
        return ours.kind == "n" and abs(float(text) - theirs) <= 1e-9 * max(1, abs(theirs))
    if isinstance(theirs, datetime | date):
        return ours.kind == "d" or (ours.kind == "n" and abs(float(text) - to_excel(theirs, epoch)) < 1e-4)
    if isinstance(theirs, time | timedelta):
        return ours.kind in "nd"
    lines = [re.sub("\r\n?", "\n", one) for one in (text, unescaped(str(theirs)), str(theirs))]
    return lines[0] in lines[1:] or text == RICH


def differences(path: Path) -> Iterator[str]:
    """Cells of which one reader says something else than the other."""
    content = path.read_bytes()
    try:
        ours = read_book(io.BytesIO(content))
        theirs = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    except (NotAWorkbook, TooMuch, KeyError, TypeError, ValueError, IndexError):
        return  # not both can open it
    for sheet in ours.sheets:
        seen = {place: cell for place, cell in sheet.cells.items() if cell.text}
        rows = theirs[sheet.name].iter_rows()
        other = {(c.row, c.column): c.value for row in rows for c in row if c.value not in (None, "")}
        for place in sorted({*seen, *other}):
            cell, value = seen.get(place), other.get(place)
            if cell is None or value is None or not alike(cell, value, theirs.epoch):
                yield f"{path.name} {sheet.name} {place}: {cell and cell.text!r} {value!r}"


@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.name[:2])
def test_a_sample(path: Path) -> None:
    assert list(differences(path)) == []


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus lies beside the repository of the house only")
def test_the_corpus() -> None:
    """As found among 12,238 cells of 132 files: none."""
    paths = [path for path in sorted(CORPUS.glob("*.xlsx")) if path.stat().st_size <= LARGEST]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [one for path in paths if not refuse(path.name, path.read_bytes()) for one in differences(path)]
    assert len(paths) > 100
    assert found == []


def test_a_difference_would_be_seen() -> None:
    assert not alike(RawCell(1, 1, "n", "2", False, 0), 3, datetime(1899, 12, 30))
    assert not alike(RawCell(1, 1, "s", "甲", False, 0), "乙", datetime(1899, 12, 30))
    assert alike(RawCell(1, 1, "n", "46024", False, 0), datetime(2026, 1, 2), datetime(1899, 12, 30))
