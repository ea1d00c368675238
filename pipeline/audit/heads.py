"""Printed rows against the heads of their columns: under a head stands the field of that row which is called so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.audit.docx_rows import Laid, in_order, squeezed
from pipeline.audit.frames import label
from pipeline.audit.papers import Paper, PrintedField, distinct
from pipeline.audit.printed import CellValue, Grounds, own_row, sheet_of
from pipeline.audit.printed_texts import day, number
from pipeline.audit.values import half_up, keyed
from pipeline.core.audits import Agreement, Audited
from pipeline.core.conventions import READING

_WAN = Decimal(10000)
_WAN_SAID = re.compile(READING["wan"]["said"])
_HEADS_AT_LEAST = 2
_OWN_AT_LEAST = 2


@dataclass(frozen=True, slots=True)
class _Column:
    """A cell of a printed row: head above it, text, and the cells of the source row whose field is called so.

    Attributes:
        row: every cell of the source row.
        wan: whether a note outside of the heads says 万元, of this table or of another.
    """

    head: str
    text: str
    meant: Sequence[CellValue]
    row: Sequence[CellValue]
    wan: bool


def heads_hold(paper: Paper, document: Laid, grounds: Grounds) -> Iterator[Audited]:
    """Rows of lists in which a value stands under the head of another field; a row of several places may hold in one.

    Only what the workbooks can tell is held: a number or a day under the head of a number or a day, and under the
    field's own name (阶段 is a code in one list and a name in another) a text that is another field's.
    """
    lines = [(row, table[:at]) for table in document.tables for at, row in enumerate(table)]
    wan = any(_WAN_SAID.search(text) for text in document.paragraphs)
    rows = [(row, squeezed("".join(row.values())), above) for row, above in lines]
    for owner, run in paper.items():
        source, said = _source(paper, run, grounds), [squeezed(text) for text in distinct(run)]
        if not source or len(said) < _HEADS_AT_LEAST:
            continue
        found = [list(_columns(row, above, source, wan)) for row, text, above in rows if in_order(said, text)]
        faults = [[one for one in columns if not _holds(one)] for columns in found]
        if faults and all(faults):
            yield from (_fault(paper, owner, one) for one in faults[0])


def _source(paper: Paper, run: Sequence[PrintedField], grounds: Grounds) -> list[CellValue]:
    """Cells of the row of each sheet from which most of a printed item comes; none of what is printed as signed.

    A sum of one line is no line: at least two values are printed by the names of the row's fields.
    """
    if any(field.name in paper.kept for field in run):
        return []
    places = Counter(row for field in run if (row := own_row(field, grounds)))
    most = {sheet_of(row): row for row, count in reversed(places.most_common()) if count >= _OWN_AT_LEAST}
    return [cell for place in most.values() for cell in grounds.rows.get(place, ())]


def _columns(
    row: Mapping[int, str], above: Sequence[Mapping[int, str]], source: Sequence[CellValue], wan: bool
) -> Iterator[_Column]:
    """Columns of a row whose heads are fields of its source: the heads are the nearest row above that names two."""
    by_name: dict[str, list[CellValue]] = {}
    for cell in source:
        for name in dict.fromkeys(cell.called):
            by_name.setdefault(name, []).append(cell)
    for heads in reversed(above):
        if heads.keys() != row.keys():
            continue
        named = {at: by_name.get(label(text), []) for at, text in heads.items()}
        if sum(map(bool, named.values())) >= _HEADS_AT_LEAST:
            wan = wan or any(_WAN_SAID.search(text) for one in above for text in one.values() if one is not heads)
            yield from (_Column(heads[at], row[at], meant, source, wan) for at, meant in named.items() if meant)
            return


def _holds(column: _Column) -> bool:
    said = [_says(column, cell) for cell in column.meant]
    return not column.text.strip() or any(one is not False for one in said)


def _says(column: _Column, cell: CellValue) -> bool | None:
    """Whether a printed text says what its source cell holds; None where this cannot be told."""
    if cell.unread or cell.value is None or not cell.own:
        return None
    if isinstance(cell.value, Decimal):
        return _says_number(column, cell.value) if cell.numeric else None
    if isinstance(cell.value, date):
        found = day(column.text)
        return None if found is None else found == cell.value
    text, value = keyed(column.text), keyed(cell.value)
    if text in value or value in text:
        return True
    own_name = label(column.head) == cell.called[0]
    return False if own_name and text in _others(column) else None


def _says_number(column: _Column, value: Decimal) -> bool | None:
    found = number(column.text)
    if found is None:
        return None
    in_wan, in_yuan = {half_up(value / _WAN)}, {value, half_up(value)}
    return found in (in_wan if "万" in column.head else in_yuan | in_wan if column.wan else in_yuan)


def _others(column: _Column) -> set[str]:
    """Texts of the fields of the source row that are called otherwise."""
    others = (cell.value for cell in column.row if cell not in column.meant)
    return {keyed(value) for value in others if isinstance(value, str)}


def _fault(paper: Paper, owner: str, column: _Column) -> Audited:
    theirs = "、".join(str(cell.value) for cell in column.meant)
    what, where = f"表格“{squeezed(column.head)}”一栏", f"{paper.file} {owner}"
    return Audited(what, where, column.text, theirs, "", Agreement.DIFFERENT, "印的不是这一栏的值")
