"""Labels as people change them: blanks, line breaks, stars, colons and units do not matter; places of the words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache, lru_cache

from pipeline.adapters.ooxml.reader import RawSheet
from pipeline.core.texts import without_unseen
from pipeline.definitions.forms import Field, SheetForm, Total
from pipeline.intake.convert import Reader

_SHORT = 60  # characters: labels are asked for again and again, sentences are not kept
_UNIT = re.compile(r"\((?:元|人民币|人民币元|万元|单位:?万?元)\)$")


def label_of(text: str) -> str:
    """Label for comparing: no blanks, line breaks, stars or colons."""
    return _label(text) if len(text) <= _SHORT else _label.__wrapped__(text)


@lru_cache(maxsize=4096)
def _label(text: str) -> str:
    return re.sub(r"[\s**::]", "", without_unseen(unicodedata.normalize("NFKC", text)))


def bare_label(text: str) -> str:
    """Label without a unit of money in brackets behind it."""
    return _UNIT.sub("", label_of(text))


def labels_of(field: Field) -> frozenset[str]:
    """What a field may be called."""
    return _labels((field.label, *field.aliases))


@cache
def _labels(names: tuple[str, ...]) -> frozenset[str]:
    """Names of the forms only, which are few; what stands in cells is endless and not kept."""
    return frozenset(map(label_of, names))


def total_labels(total: Total) -> frozenset[str]:
    """What may stand in front of a total."""
    return frozenset(bare_label(name) for name in (total.row_label, *total.row_aliases))


def named_field(sheet: SheetForm, text: str) -> Field | None:
    """The field that a label names; None when it names none or several."""
    label = label_of(text)
    called = {label, bare_label(text)}
    found = [f for f in sheet.fields if called & labels_of(f)]
    exact = [f for f in found if label_of(f.label) == label]
    return (exact or found)[0] if len(exact or found) == 1 else None


def line_with_most(
    raw: RawSheet,
    words: Collection[str],
    normal: Callable[[str], str],
    reader: Reader,
    *,
    by: int,
    lines: Iterable[int],
) -> int:
    """Row (`by` 0) or column (`by` 1) that holds most of the words, 0 when none holds two.

    Args:
        raw: the sheet.
        words: what is looked for.
        normal: how a cell's text becomes such a word.
        reader: shows cells.
        by: what a line is.
        lines: numbers of the lines to look at.
    """
    wanted, found = set(lines), {}  # type: set[int], dict[int, set[str]]
    for place, cell in raw.cells.items():
        if place[by] in wanted and (word := normal(reader.shown(cell))) in words:
            found.setdefault(place[by], set()).add(word)
    best = max(sorted(found), key=lambda line: len(found[line]), default=0)
    return best if best and len(found[best]) > 1 else 0


def first_in_column(
    raw: RawSheet, column: int, normal: Callable[[str], str], reader: Reader
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Words of a column with their first row, and those that come again with the row of the second."""
    found: dict[str, int] = {}
    again: dict[str, int] = {}
    for (row, col), cell in sorted(raw.cells.items()):
        if col == column and (word := normal(reader.shown(cell))):
            (again if word in found else found).setdefault(word, row)
    return found, again
