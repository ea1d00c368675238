"""Every printed value against the workbooks: figures by their name, single cells by what stands in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from string import ascii_uppercase

from pipeline.audit.books import Books
from pipeline.audit.compare import in_short, shown_value
from pipeline.audit.figures import ENGINEERING, PRESALES, Figure, Figures, Lost, why_lost
from pipeline.audit.frames import AT, HOW, UNREAD, Lines, NotFound, label, rows_of
from pipeline.audit.names import FORMS, in_words, key_of
from pipeline.audit.papers import Paper, PrintedField
from pipeline.audit.printed_texts import number, says
from pipeline.audit.values import keyed
from pipeline.core.audits import Agreement, Audit, Audited
from pipeline.core.figures import Key
from pipeline.definitions.forms import Field, SheetForm

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_ZERO = Figure(Decimal(0))
_AMOUNTS = ("money", "money4", "num")


@dataclass(frozen=True, slots=True)
class CellValue:
    """What the audit read in a cell of a form, or why it did not.

    Attributes:
        numeric: a number must be that number.
        own: what stands in it counts, not what the form's formula gives.
        called: what the head of its column says, behind it what it may say instead.
    """

    key: str
    value: Decimal | date | str | None
    how: str
    unread: str
    numeric: bool
    own: bool = True
    called: tuple[str, ...] = ()


@dataclass
class Grounds:
    """What printed values are held against.

    Attributes:
        books: the workbooks.
        figures: added up anew.
        lost: why some of them are not known.
        made_of: names and hashes of the workbooks, and why others are not there: all that the rest depends on.
    """

    books: Books
    figures: Figures
    lost: Lost
    made_of: tuple[object, ...] = ()

    @cached_property
    def cells(self) -> dict[str, CellValue]:
        """Every cell of every form that was read, by its place."""
        found: dict[str, CellValue] = {}
        for key, form in self.books.forms.items():
            for sheet in form.sheet if key in self.books.opened else ():
                try:
                    parts = self.books.parts(key, sheet.key)
                except NotFound:
                    continue
                for lines in parts:
                    found |= _cells(lines, sheet)
        return found

    @cached_property
    def rows(self) -> dict[str, list[CellValue]]:
        """Cells by their row, as `row_of` writes it."""
        found: dict[str, list[CellValue]] = {}
        for place, cell in self.cells.items():
            found.setdefault(row_of(place), []).append(cell)
        return found

    @cached_property
    def texts(self) -> dict[tuple[str, str], set[str]]:
        """Texts of a column by its sheet and field, those of persons by their number, too."""
        found: dict[tuple[str, str], set[str]] = {}
        for place, cell in self.cells.items():
            if cell.own and isinstance(cell.value, str):
                texts = {keyed(cell.value), keyed(cell.value.partition(" ")[0])}
                found.setdefault((sheet_of(place), cell.key), set()).update(texts)
        return found

    def figure(self, key: Key) -> Figure | None:
        """A figure; zero where nothing belongs to it, None where its table is not known."""
        return None if why_lost(key, self.lost) else self.figures.get(key, _ZERO)


def sheet_of(place: str) -> str:
    """The sheet of a cell: `[03_费用.xlsx]费用明细`."""
    return place.rpartition("!")[0]


def row_of(place: str) -> str:
    """The row of a cell with its sheet: `[03_费用.xlsx]费用明细!7`."""
    sheet, _, cell = place.rpartition("!")
    return f"{sheet}!{cell.lstrip(ascii_uppercase)}"


def _called(field: Field) -> tuple[str, ...]:
    return tuple(map(label, (field.label, *field.aliases)))


def _cells(lines: Lines, form: SheetForm) -> dict[str, CellValue]:
    found = {}
    called = {field.key: _called(field) for field in form.fields}
    own = {field.key for field in form.fields if not _by_formula(field)}
    numeric = own & {field.key for field in form.fields if field.numeric}
    keys = [column for column in lines.frame.columns if column + AT in lines.frame.columns]
    for row in rows_of(lines.frame):
        for key in keys:
            value = CellValue(key, row[key], row[key + HOW], row[key + UNREAD], key in numeric, key in own, called[key])
            found[lines.place(row[key + AT])] = value
    for field, at, read in lines.beside:
        found[lines.place(at)] = CellValue(
            field.key, read.value, read.how, read.unread, field.numeric, called=_called(field)
        )
    return found


def _by_formula(field: Field) -> bool:
    """Whether the form's formula counts, whatever was typed over it; of an amount what stands in the cell does.

    A department that was typed over is left unread where it is not the one of 00, so those that were read count.
    """
    return bool(field.formula) and field.type not in _AMOUNTS and field.key != "dept"


def printed(papers: Sequence[Paper], grounds: Grounds) -> Audit:
    """Hold the printed values of papers against the workbooks; only what differs becomes a line."""
    different: list[Audited] = []
    looked_at = 0
    for paper in papers:
        values = paper.values
        for field in paper.current:
            found = _audited(paper, field, values, grounds)
            looked_at += found is not None
            if found is not None and found.agreement is Agreement.DIFFERENT:
                different.append(found)
    return Audit(tuple(different), (), looked_at)


def where_printed(papers: Sequence[Paper], grounds: Grounds) -> dict[Key, list[str]]:
    """Labels of the papers that print a figure, by its key."""
    found: dict[Key, list[str]] = {}
    for paper in papers:
        values = paper.values
        for field in paper.current:
            key = key_of(_bare(field.name)[0], values)
            if key and _is_of(field, grounds.figures.get(key)) and paper.label not in found.setdefault(key, []):
                found[key].append(paper.label)
    return found


def _bare(name: str) -> tuple[str, str]:
    """A name without the form in which it is printed, and that form."""
    form = next((form for form in FORMS if name.endswith(form)), "")
    return name.removesuffix(form) if form else name, form


def _audited(paper: Paper, field: PrintedField, values: Mapping[str, str], grounds: Grounds) -> Audited | None:
    """What became of a printed value; None where there is nothing to hold it against."""
    name, form = _bare(field.name)
    if field.text and says(field.text, field.value, form) is False:
        return _different(paper, field, field.name, field.value, "印出的文字与值不符")
    if key := key_of(name, values):
        figure = grounds.figure(key)
        if figure is None or figure.unread or not _NUMBER.fullmatch(field.value):
            return None
        if _is_of(field, figure):
            return _as_figure(paper, field, key, figure)
    return _as_cell(paper, field, grounds) if len(field.cells) == 1 else None


def _is_of(field: PrintedField, figure: Figure | None) -> bool:
    """Whether a printed value speaks of the figure in the workbooks, not of what an older version said elsewhere."""
    sheets = {cell.partition("!")[0] for cell in field.cells}
    return figure is not None and (
        not figure.cells or not sheets or bool(sheets & {c.partition("!")[0] for c in figure.cells})
    )


def _as_figure(paper: Paper, field: PrintedField, key: Key, figure: Figure) -> Audited:
    if Decimal(field.value) == figure.value:
        return _equal(paper, field, in_words(key))
    return _different(paper, field, in_words(key), shown_value(figure.value), in_short(figure.cells))


def _as_cell(paper: Paper, field: PrintedField, grounds: Grounds) -> Audited | None:
    cell = grounds.cells.get(field.cells[0])
    if cell is None or cell.unread:
        return None
    # what is called otherwise only rests on the cell: a count says 1, and so may an answer of the column
    others = grounds.texts.get((sheet_of(field.cells[0]), cell.key), set()) if _is_named_so(field, cell) else ()
    same = _same(field.value, cell, others)
    if same is None:
        return None
    if same:
        return _equal(paper, field, field.name)
    return _different(paper, field, field.name, _shown(cell.value), in_short(field.cells))


def _same(value: str, cell: CellValue, column: Container[str]) -> bool | None:
    """Whether a value is what its only cell holds; None where the value only rests on it (a count, say).

    A text that another row holds in the same column is that row's.
    """
    if cell.numeric:
        amount = number(value)
        return None if amount is None else cell.value is not None and amount == cell.value
    if isinstance(cell.value, date):
        return value == cell.value.isoformat() if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else None
    if not isinstance(cell.value, str):
        return None
    text = keyed(value)
    return True if text and text in keyed(cell.value) else None if text not in column else False


def _shown(value: Decimal | date | str | None) -> str:
    return shown_value(value) if isinstance(value, Decimal) else "" if value is None else str(value)


def _equal(paper: Paper, field: PrintedField, what: str) -> Audited:
    return Audited(what, paper.label, field.text, field.text, "", Agreement.EQUAL)


def _different(paper: Paper, field: PrintedField, what: str, theirs: str, told: str) -> Audited:
    where = f"{paper.label} {field.name}"
    return Audited(what, where, field.text, theirs, told or in_short(field.cells), Agreement.DIFFERENT)


def of_other_rows(papers: Sequence[Paper], grounds: Grounds) -> Iterator[Audited]:
    """Fields of a printed item that come from another row of the sheet than most of it."""
    for paper in papers:
        for _, run in paper.items() if not paper.kept else ():
            rows = Counter(row for field in run if (row := own_row(field, grounds)))
            most = {sheet_of(row): row for row, _ in reversed(rows.most_common())}
            for field in run:
                row = own_row(field, grounds)
                if row and rows[row] < rows[most[sheet_of(row)]]:
                    told = f"{in_short(field.cells)},这一项的其余各格在第{most[sheet_of(row)].rpartition('!')[2]}行"
                    yield _different(paper, field, field.name, "", told)


def own_row(field: PrintedField, grounds: Grounds) -> str:
    """Row of a table of which a value is the field by whose name it is printed; empty for any other value."""
    cell = grounds.cells.get(field.cells[0]) if len(field.cells) == 1 else None
    if cell is None or not _is_named_so(field, cell):
        return ""
    row = row_of(field.cells[0])
    return row if len(grounds.rows[row]) > 1 else ""


def _is_named_so(field: PrintedField, cell: CellValue) -> bool:
    """Whether a value is printed by the name of the field in whose column its cell stands."""
    return cell.key == _bare(field.name)[0].rpartition(".")[2]


# Lists that print every line of a sheet (of one value): the column by which a line is known to be printed.
_LISTS: Mapping[str, tuple[str, str, str, tuple[str, str] | None]] = {
    "cost.presales_lines[]": ("cost", "lines", "amount", PRESALES),
    "cost.engineering_lines[]": ("cost", "lines", "amount", ENGINEERING),
    "materials.groups[].lines[]": ("materials", "lines", "amount", None),
    "staffing.lines[]": ("staffing", "lines", "amount", None),
    "plan.stages[]": ("plan", "stages", "budget", None),
    "plan.revenue[]": ("plan", "revenue", "amount", None),
}


def missing_lines(papers: Sequence[Paper], grounds: Grounds) -> Iterator[Audited]:
    """Lines of a sheet that a paper leaves out of a list in which it prints the others."""
    for paper in papers:
        shown: dict[str, set[str]] = {}
        for field in paper.current:
            owner, _, last = re.sub(r"\[\d+\]", "[]", field.name).rpartition(".")
            if owner in _LISTS and last == _LISTS[owner][2]:
                shown.setdefault(owner, set()).update(field.cells)
        for owner, cells in shown.items() if not paper.kept else ():
            yield from _left_out(paper, owner, cells, grounds)


def _left_out(paper: Paper, owner: str, cells: set[str], grounds: Grounds) -> Iterator[Audited]:
    form, sheet, column, where = _LISTS[owner]
    try:
        lines = grounds.books.lines(form, sheet)
    except NotFound:
        return
    frame = lines.frame
    if column not in frame.columns or not cells or not any(cell.startswith(f"[{lines.book}]") for cell in cells):
        return
    rows = frame if where is None or where[0] not in frame.columns else frame[frame[where[0]] == where[1]]
    gone = [at for at in map(lines.place, rows[rows[column].notna()][column + AT]) if at not in cells]
    if gone:
        what = f"{lines.sheet}的各行"
        total = f"{len(rows)} 行"
        yield Audited(
            what, f"{paper.label} {owner}", f"{len(cells)} 行", total, in_short(gone), Agreement.DIFFERENT, "没有印出"
        )
