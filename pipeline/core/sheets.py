"""What was read: cells with their places, records, sheets, workbooks and the project they make up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from pipeline.core.attachments import Attachment
from pipeline.core.places import Place, Sourced

# What stands between the elements of a list in one cell; semicolon and comma in half and full width.
LIST_SEPARATORS = re.compile(r"[、;\uff1b,\uff0c\n]+")

Value = str | Decimal | date | datetime | bool | tuple[str, ...]


class Flaw(StrEnum):
    """Why a cell does not simply hold what its field wants."""

    TEXT_NUMBER = "number stored as text"
    NOT_A_NUMBER = "text where a number is due"
    NOT_A_DATE = "no calendar date"
    ERROR = "formula error"
    UNCALCULATED = "formula without a stored value"
    FOUND_NOTHING = "formula that gave the empty text where another way of reading gives a value"
    OVERWRITTEN = "constant typed over the form's formula"
    REPLACED = "typed over the form's formula, whose own value counts instead"
    CONTROL = "character that no document can hold"
    RETYPED = "number, date or time that the program made of a typed text"
    TEXT_DATE = "date or month stored as a text that no formula takes for one"
    STRUCK = "struck out, wholly or in part"
    NO_TEXT = "picture, error value or formula where a text is due"
    TIMED = "time of day in a day"
    UNSEEN = "character that nobody sees or every program shows otherwise"
    STALE = "a typed formula gives another value than the one that is stored"
    OTHER_CURRENCY = "shown in another currency than the yuan"
    NEAR_MIDNIGHT = "time of day less than a minute before midnight"


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a cell shows otherwise than its field wants.

    Attributes:
        flaw: the kind; each has its rule.
        values: what the rule's message names, by the names in the message.
    """

    flaw: Flaw
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a form, read by the type of its field.

    Attributes:
        at: where it stands.
        value: typed value; None when blank or unreadable. Money and numbers are Decimal, `emp` is the bare
            number E302, `month` is 2026-03, `list` a tuple.
        shown: what stands in the cell, as text; kept for messages.
        flaws: what is wrong with it.
        calculated: what the form's own formula gives for it, where that was worked out.
        hidden: its row, column or sheet is hidden.
        disguise: why the sheet shows something else than the value, in Chinese; empty where it does not.
        notes: what else is to be told of it, one for a kind.
    """

    at: Place
    value: Value | None = None
    shown: str = ""
    flaws: frozenset[Flaw] = frozenset()
    calculated: Value | None = None
    hidden: bool = False
    disguise: str = ""
    notes: tuple[Note, ...] = ()

    @property
    def blank(self) -> bool:
        """True when nothing stands in the cell (0 and 无 are something)."""
        return self.value is None and not self.shown


@dataclass(frozen=True, slots=True)
class Record:
    """A row of a table or the labelled values of a form: cells by field key.

    Attributes:
        sheet: place of the sheet.
        cells: by field key; a column that the sheet lacks is simply not there.
        number: row as Excel shows it, 0 for a form.
    """

    sheet: Place
    cells: Mapping[str, Cell] = field(default_factory=dict)
    number: int = 0

    def cell(self, key: str) -> Cell:
        """Cell of a field; a blank one that points at the sheet when the column is missing."""
        return self.cells.get(key) or Cell(self.sheet)

    def at(self, key: str) -> Place:
        """Place of a field's cell."""
        return self.cell(key).at

    def blank(self, key: str) -> bool:
        """True when the field is empty."""
        return self.cell(key).blank

    def value(self, key: str) -> Value | None:
        """Typed value without its place; for decisions, not for printing."""
        return self.cell(key).value

    def typed(self, key: str) -> str:
        """Text as somebody typed it, also where the form's formula counts instead."""
        cell = self.cell(key)
        return cell.shown.strip() if Flaw.REPLACED in cell.flaws else self.text(key)

    def text(self, key: str) -> str:
        """Text of a field, empty when blank; for decisions and messages."""
        value = self.cell(key).value
        if isinstance(value, tuple):
            return "、".join(value)
        return "" if value is None else str(value)

    def choices(self, key: str) -> tuple[str, ...]:
        """Elements of a list field."""
        value = self.cell(key).value
        if isinstance(value, tuple):
            return value
        return (str(value),) if value is not None else ()

    def money(self, key: str) -> Sourced[Decimal] | None:
        """Amount in yuan (or any number) with its cell; None when blank or unreadable."""
        cell = self.cell(key)
        return Sourced(cell.value, cell.at) if isinstance(cell.value, Decimal) else None

    number_of = money

    def date(self, key: str) -> Sourced[date] | None:
        """Date with its cell; the day of a datetime."""
        cell = self.cell(key)
        if isinstance(cell.value, datetime):
            return Sourced(cell.value.date(), cell.at)
        return Sourced(cell.value, cell.at) if isinstance(cell.value, date) else None

    def person(self, key: str) -> Sourced[str] | None:
        """Employee number with its cell."""
        cell = self.cell(key)
        return Sourced(str(cell.value), cell.at) if cell.value is not None else None


@dataclass(frozen=True, slots=True)
class Remark:
    """What makes a workbook doubtful though it can be read (rule F031).

    Attributes:
        what: the habit, in Chinese.
        at: the first cell, or the sheet or workbook.
        related: the other cells of the same cause.
        rule: the rule that reports it.
    """

    what: str
    at: Place
    related: tuple[Place, ...] = ()
    rule: str = "F031"


@dataclass(frozen=True, slots=True)
class Crossed:
    """A key and a label of one column (or line) that speak of two different fields.

    Attributes:
        label: label of the field that the key belongs to.
        key: the key.
        written: the label that stands there.
        at: cell of the label.
    """

    label: str
    key: str
    written: str
    at: Place


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as read.

    Attributes:
        key: field name of the sheet in its form.
        at: place of the sheet, with the name it has in the file; the workbook alone when it is missing.
        stamp: record number, version, project code and name that stand on top of it.
        head: labelled values of a form sheet.
        rows: rows in use of a table, in their order.
        totals: total cells by total key.
        missing: labels and keys of columns that were not found.
        present: False when the workbook has no such sheet.
        strays: first cells of rows below the totals that look like data; they are not read.
        subtotals: first cell and its text of rows among the data that only add up others; they are not read.
        crossed: columns and lines whose label says another field than their key.
        in_wan: notes and labels that speak of 万元 where the form is in 元.
        columns: letters of a table's columns by field key.
        first_row: first row below a table's labels and keys.
    """

    key: str
    at: Place
    stamp: Record
    head: Record
    rows: tuple[Record, ...] = ()
    totals: Record = field(default_factory=lambda: Record(Place("")))
    missing: tuple[tuple[str, str], ...] = ()
    doubled: tuple[tuple[str, str], ...] = ()
    present: bool = True
    strays: tuple[Place, ...] = ()
    subtotals: tuple[tuple[Place, str], ...] = ()
    crossed: tuple[Crossed, ...] = ()
    in_wan: tuple[Sourced[str], ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    first_row: int = 0

    def find(self, key: str, value: str) -> Record | None:
        """First row whose field `key` reads `value`."""
        return next((row for row in self.rows if row.text(key) == value), None)

    def records(self) -> Iterator[Record]:
        """Head of a form or rows of a table: everything that holds fields."""
        if self.head.cells:
            yield self.head
        yield from self.rows


def no_sheet(key: str, workbook: str = "", name: str | None = None) -> Sheet:
    """An empty sheet that stands for one that is not there, with the name it should have."""
    at = Place(workbook, name)
    return Sheet(key, at, Record(at), Record(at), present=False)


@dataclass(frozen=True, slots=True)
class Workbook:
    """A workbook of a known form.

    Attributes:
        form: key of the form (`cost`).
        name: file name as staff see it.
        path: where it was read.
        sha256: hash of its bytes, hexadecimal.
        form_version: version in `_meta`, empty when there is none.
        sheets: by sheet key; every sheet of the form is there.
        remarks: external links, merged data cells, hidden rows and the like: what F031 reports.
        parts: the workbooks that were merged into this one, oldest first; none when it stands for itself.
        program: the program that wrote it, as far as the file says.
    """

    form: str
    name: str
    path: Path
    sha256: str
    form_version: str
    sheets: Mapping[str, Sheet]
    remarks: tuple[Remark, ...] = ()
    known_version: bool = True
    parts: tuple[Workbook, ...] = ()
    program: str = ""

    @property
    def at(self) -> Place:
        """Place of the whole workbook."""
        return Place(self.name)

    @property
    def each(self) -> tuple[Workbook, ...]:
        """The workbooks as they were handed in: the parts, or this one."""
        return self.parts or (self,)

    @property
    def head(self) -> Record:
        """Record number, version, project code and name, typed on the first sheet."""
        return next(iter(self.sheets.values())).stamp


def version_told(version: str, program: str) -> dict[str, str]:
    """What F028 says of a workbook: its version, and the program that wrote it where the file tells."""
    return {
        "version": f"版本{version}" if version else "没有版本",
        "version_en": f"version {version}" if version else "none",
        "written": f",由{program}写出" if program else "",
        "written_en": f", written by {program}" if program else "",
    }


@dataclass(frozen=True, slots=True)
class Project:
    """All workbooks of one project code.

    Attributes:
        code: project code; the folder's name when no workbook holds one.
        folder: where it lies.
        workbooks: by form key; only those that are there.
        attachments: files of 附件/ and 签字件/ that can be kept, in the order of their paths.
    """

    code: str
    folder: Path
    workbooks: Mapping[str, Workbook]
    attachments: tuple[Attachment, ...] = ()

    @property
    def books(self) -> tuple[Workbook, ...]:
        """Every workbook as it was handed in; for what concerns a file, not the values that count."""
        return tuple(part for book in self.workbooks.values() for part in book.each)

    def has(self, form: str) -> bool:
        """Tell whether the workbook is there."""
        return form in self.workbooks

    def sheet(self, form: str, key: str) -> Sheet:
        """A sheet; an empty one where workbook or sheet is missing."""
        workbook = self.workbooks.get(form)
        return workbook.sheets[key] if workbook else no_sheet(key)

    def rows(self, form: str, key: str) -> tuple[Record, ...]:
        """Rows in use of a table."""
        return self.sheet(form, key).rows

    def head(self, form: str, key: str) -> Record:
        """Labelled values of a form sheet."""
        return self.sheet(form, key).head

    @property
    def name(self) -> str:
        """Project name: of the plan, else of the first workbook that holds one."""
        names = [self.head("plan", "basics").text("project_name")]
        names += [book.head.text("project_name") for book in self.workbooks.values()]
        return next((name for name in names if name), "")
