"""Sheets of a form as pandas frames: columns by the hidden keys, a row a line, with cell, convention and reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pipeline.audit.reader import Opened, Page, Stored
from pipeline.audit.values import Read, keyed, read
from pipeline.core.conventions import READING
from pipeline.definitions.forms import Field, SheetForm

if TYPE_CHECKING:
    import pandas as pd

_SUBTOTAL = re.compile(READING["rows"]["subtotal"])
_NOTE = re.compile(READING["rows"]["note"], re.DOTALL)
_WAN = re.compile(READING["wan"]["said"])
_UNIT = re.compile(r"\((?:元|人民币|人民币元|万元|单位:?万?元)\)$")
_TOP = 40
_REMEMBERED = 20_000  # labels
# Columns of a frame beside those of the fields: address, convention, reason and stored number format of each.
AT, HOW, UNREAD = "@", "~", "!"


class NotFound(Exception):
    """A sheet that is not there, or whose hidden keys are gone: nothing that follows from it is audited."""


@dataclass(frozen=True)
class Lines:
    """A table, or the labelled values of a form as a single row.

    Attributes:
        sheet: name of the sheet in the file.
        frame: a column a field key that was found, with `key@`, `key~`, `key!` beside it; `row` is the row's number.
        remarks: what is to be told of the sheet as a whole, in Chinese.
        doubts: rows that were left out, in Chinese.
        beside: labelled values above a table: field, cell and what was read.
    """

    book: str
    sheet: str
    frame: pd.DataFrame
    remarks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    beside: tuple[tuple[Field, str, Read], ...] = ()

    def place(self, cell: str) -> str:
        """A cell as provenance writes it."""
        return f"[{self.book}]{self.sheet}!{cell}"


def lines_of(opened: Opened, form: SheetForm, others: Iterable[SheetForm] = ()) -> Lines:
    """A sheet of a workbook.

    Args:
        opened: the workbook.
        form: what the sheet is.
        others: the other sheets of its form, whose pages it is not.

    Raises:
        NotFound: the sheet or its keys are not there.
    """
    page = _page(opened, form) or _page_by_keys(opened, form, others)
    if page is None:
        raise NotFound(f"{opened.name}:没有工作表“{form.name}”")
    return _form_lines(opened, page, form) if form.kind == "form" else _table_lines(opened, page, form)


def frame_of(rows: Iterable[Mapping[str, Any]], keys: Iterable[str]) -> pd.DataFrame:
    """Rows as a frame of objects (exact decimals, no nan), with all its columns even where there are no rows."""
    import pandas as pd

    columns = ["row", *(f"{key}{kind}" for key in keys for kind in ("", AT, HOW, UNREAD))]
    return pd.DataFrame(list(rows), columns=columns, dtype=object)


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of such a frame, by column.

    It is one block of objects, which is read at once; `to_dict` would take it column by column.
    """
    columns = list(map(str, frame.columns))
    return [dict(zip(columns, row, strict=True)) for row in frame.to_numpy().tolist()]


def _page(opened: Opened, form: SheetForm) -> Page | None:
    names = {keyed(name) for name in (form.name, *form.aliases)}
    return next((page for page in opened.pages if keyed(page.name) in names), None)


def _page_by_keys(opened: Opened, form: SheetForm, others: Iterable[SheetForm]) -> Page | None:
    """The page of another name that has most of the hidden keys, more than half and more than any other page.

    Apple Numbers calls each sheet after its table: `费用明细 - 表格 1`.
    """
    taken = [_page(opened, other) for other in others]
    by = 1 if form.kind == "form" else 0
    free = [page for page in opened.pages if page not in taken]
    ranked = sorted(((len(_most_keys(page, form, by)[1]), number) for number, page in enumerate(free)), reverse=True)
    most, second = ([count for count, _ in ranked] + [0, 0])[:2]
    return free[ranked[0][1]] if most > second and 2 * most > len(form.fields) else None


def _keys(page: Page, form: SheetForm, by: int) -> tuple[int, dict[str, int]]:
    """The row (0) or column (1) that holds most of the hidden keys, and where along it each stands."""
    best, found = _most_keys(page, form, by)
    if not best or len(found) < min(2, len(form.fields)):
        raise NotFound(f"工作表“{page.name}”没有隐藏的字段键")
    return best, found


def _most_keys(page: Page, form: SheetForm, by: int) -> tuple[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    known = set(form.by_key)
    for place, cell in sorted(page.cells.items()):
        if cell.kind == "s" and cell.text.strip() in known:
            found.setdefault(place[by], {}).setdefault(cell.text.strip(), place[1 - by])
    best = max(sorted(found), key=lambda line: len(found[line]), default=0)
    return best, found.get(best, {})


# -- tables -----------------------------------------------------------------------------------------------------------


def _table_lines(opened: Opened, page: Page, form: SheetForm) -> Lines:
    key_row, columns = _keys(page, form, 0)
    head = _head_row(page, form) or key_row
    fields = [one for one in form.fields if one.key in columns]
    rows = by_row(page)
    end = _end(page, form, head, {columns.get(form.fields[0].key, 1), 1})
    kept, doubts, rows_read = [number for number in rows if head < number < end and number != key_row], [], []
    for number in kept:
        if said := _subtotal(form, rows[number], columns):
            doubts.append(f"第{number}行“{said}”不计入")
            continue
        line = _line(rows[number], number, fields, columns)
        if _in_use(form, line) and not _is_note(form, line):
            rows_read.append(line)
    remarks = tuple(_wan(page, form, head, key_row, end))
    beside = tuple(_beside(rows, form, head))
    return Lines(opened.name, page.name, frame_of(rows_read, columns), remarks, tuple(doubts), beside)


def _beside(rows: Mapping[int, Mapping[int, Stored]], form: SheetForm, head: int) -> Iterator[tuple[Field, str, Read]]:
    """Labelled values above a table: the next filled cell right of a label, unless it is a label itself."""
    labels = {label(name): one for one in form.header for name in (one.label, *one.aliases)}
    for number in range(4, head):
        cells = list(rows.get(number, {}).values()) if labels else []
        for cell, following in pairwise(cells):
            one = labels.get(label(cell.text)) if cell.kind == "s" else None
            if one and (following.kind != "s" or label(following.text) not in labels):
                yield one, f"{letters(following.column)}{number}", read(following, one)


@cache
def letters(column: int) -> str:
    """Letters of a column counted from 1: 11 is K."""
    rest, last = divmod(column - 1, 26)
    return (letters(rest) if rest else "") + chr(ord("A") + last)


def by_row(page: Page) -> dict[int, dict[int, Stored]]:
    """Cells by row, then by column."""
    rows: dict[int, dict[int, Stored]] = {}
    for (row, column), cell in sorted(page.cells.items()):
        rows.setdefault(row, {})[column] = cell
    return rows


@lru_cache(_REMEMBERED)
def label(text: str) -> str:
    """A label without blanks, stars, colons and a unit of money in brackets behind it."""
    return _UNIT.sub("", re.sub(r"[*::]", "", keyed(text)))


def _head_row(page: Page, form: SheetForm) -> int:
    words = {label(name) for one in form.fields for name in (one.label, *one.aliases)}
    found: dict[int, set[str]] = {}
    for (row, _), cell in page.cells.items():
        if row <= _TOP and cell.kind == "s" and (word := label(cell.text)) in words:
            found.setdefault(row, set()).add(word)
    best = max(sorted(found), key=lambda row: len(found[row]), default=0)
    return best if best and len(found[best]) > 1 else 0


def _end(page: Page, form: SheetForm, head: int, columns: set[int]) -> int:
    """Row of the first total; of rows headed alike the last is the form's own."""
    ends = {label(name) for total in form.totals for name in (total.row_label, *total.row_aliases)}
    last: dict[str, int] = {}
    for (row, column), cell in page.cells.items():
        if row > head and column in columns and (word := label(cell.text)) in ends:
            last[word] = max(row, last.get(word, 0))
    return min(last.values(), default=1 << 30)


def _line(
    cells: Mapping[int, Stored], number: int, fields: Iterable[Field], columns: Mapping[str, int]
) -> dict[str, Any]:
    line: dict[str, Any] = {"row": number}
    for one in fields:
        put(line, one.key, read(cells.get(columns[one.key]), one), f"{letters(columns[one.key])}{number}")
    return line


def put(line: dict[str, Any], key: str, found: Read, at: str) -> None:
    """A cell of a line."""
    line[key], line[key + AT], line[key + HOW], line[key + UNREAD] = found.value, at, found.how, found.unread


def _in_use(form: SheetForm, line: Mapping[str, Any]) -> bool:
    wanted = {"input", "template"} if form.rows_fixed else {"input"}
    keys = [one.key for one in form.fields if one.fill in wanted and one.key in line]
    return any(line[key] is not None or line[key + UNREAD] for key in keys)


def _is_note(form: SheetForm, line: Mapping[str, Any]) -> bool:
    filled = [one.key for one in form.fields if line.get(one.key) is not None or line.get(one.key + UNREAD)]
    due = sum(one.required == "Y" and one.fill == "input" for one in form.fields)
    return due > 1 and len(filled) == 1 and bool(_NOTE.fullmatch(str(line[filled[0]] or line[filled[0] + UNREAD])))


def _subtotal(form: SheetForm, cells: Mapping[int, Stored], columns: Mapping[str, int]) -> str:
    """What a row says that only adds up others; empty for every other row."""
    if form.rows_fixed or not form.totals:
        return ""
    first = [cells[columns[one.key]] for one in form.fields[:4] if one.key in columns and columns[one.key] in cells]
    if "no" in columns and columns["no"] in cells and cells[columns["no"]].kind == "n":
        return ""
    texts = ("".join(cell.text.split()) for cell in first if cell.kind == "s")
    return next((text for text in texts if _SUBTOTAL.fullmatch(text)), "")


def _wan(page: Page, form: SheetForm, head: int, key_row: int, end: int) -> Iterator[str]:
    own = {label(form.unit_note), label(form.note), *(label(one.help) for one in form.fields)}
    own |= {label(one.label) for one in form.fields}
    for (row, _), cell in sorted(page.cells.items()):
        around = row <= head or row >= end
        says = cell.kind == "s" and "万" in cell.text and label(cell.text) not in own
        if says and around and row != key_row and (row == head or _WAN.search(cell.text)):
            yield f"{page.name}第{row}行写着“{cell.text[:30]}”,金额一律按元读,没有换算"


# -- forms ------------------------------------------------------------------------------------------------------------


def _form_lines(opened: Opened, page: Page, form: SheetForm) -> Lines:
    column, rows = _keys(page, form, 1)
    value_column = _value_column(page, column)
    line: dict[str, Any] = {"row": 0}
    for one in form.fields:
        if one.key in rows:
            at = f"{letters(value_column)}{rows[one.key]}"
            put(line, one.key, read(page.cells.get((rows[one.key], value_column)), one), at)
    return Lines(opened.name, page.name, frame_of([line], rows))


def _value_column(page: Page, key_column: int) -> int:
    """The column headed 内容 beside 项目, else the second one behind the keys."""
    heads = {cell.row for cell in page.cells.values() if cell.kind == "s" and label(cell.text) == "项目"}
    for (row, column), cell in sorted(page.cells.items()):
        if row in heads and column > key_column and label(cell.text) == "内容":
            return column
    return key_column + 2
