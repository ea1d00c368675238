"""Which documents are made now, in which state, of which row and by which date (`documents.toml`; design 7.7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from pipeline.core.facts import Facts
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Record
from pipeline.definitions.documents import GATE_KEYS, Condition, DocumentForm
from pipeline.derive.records import LOST, Records, last_round
from pipeline.render.shown import Source

UNSIGNED, RECORDED = "待签", "记录"
# What comes after these is not done any more; only what was recorded is printed.
_ENDED = frozenset({"客户取消", "立项未批准"})
# Sheets with a row for every department that must answer: one without an answer gets its paper too.
_DEPARTMENTS: Mapping[str, Callable[[Facts], tuple[str, ...]]] = {
    "records.countersign": lambda facts: facts.countersigners,
    "records.creview": lambda facts: facts.reviewers,
}
_PART_MAX = 40


@dataclass(frozen=True)
class Order:
    """A document to be made.

    Attributes:
        row: row of a document that there is one a row of.
        part: what tells documents of one code apart: HY-01, a department; empty where there is only one.
        state: 待签 or 记录; empty for a document that nobody signs.
    """

    form: DocumentForm
    row: Record | None = None
    part: str = ""
    state: str = ""


def orders(source: Source, forms: Iterable[DocumentForm]) -> list[Order]:
    """The documents of these kinds that the procedure has come to, those of rows one by one."""
    return [order for form in forms for order in _of_form(source, form)]


def _of_form(source: Source, form: DocumentForm) -> list[Order]:
    present = all(source.project.has(key) for key in form.needs)
    if not present or not all(_holds(source, one) for one in form.conditions if not _of_row(form, one.name)):
        return []
    due = reached(source.facts, form.due) and not _needless(source, form)
    if not form.by_row:
        return [Order(form, state=state_of(source, form))] if due or _begun(source, form) else []
    return _distinct([_of_line(source, form, row) for row in rows_of(source, form) if due or row.number])


def _of_line(source: Source, form: DocumentForm, row: Record) -> Order:
    return Order(form, row, row.text(form.row_name) or str(row.number), state_of(source, form, row))


def _distinct(found: list[Order]) -> list[Order]:
    """The same orders with parts that make different file names."""
    used: dict[str, int] = {}
    made = []
    for order in found:
        key = file_part(order.part).casefold()
        used[key] = used.get(key, 0) + 1
        made.append(order if used[key] == 1 else replace(order, part=f"{order.part[:_PART_MAX]}.{used[key]}"))
    return made


def file_part(part: str) -> str:
    """A part in a file name (domain E.5): HY-01 becomes HY01."""
    return re.sub(r"[^\w.]|_", "", part)[: _PART_MAX + 4].strip(".") or "X"


def reached(facts: Facts, gate: str) -> bool:
    """Whether a gate and all before it are passed, and the project goes on."""
    if not gate:
        return True
    before = GATE_KEYS[: GATE_KEYS.index(gate) + 1]
    return facts.state not in _ENDED and all(key in facts.passed for key in before)


def _needless(source: Source, form: DocumentForm) -> bool:
    """The step that the document records is left out; the archive of a lost project stands beside its handover."""
    steps = {name.split(".")[1] for name in form.records}
    return bool(steps) and steps <= skipped(source) - {"handover"}


def skipped(source: Source) -> frozenset[str]:
    """Gates that this project does not need: no test, needs that are clear, no contract."""
    basics, found = source.project.head("plan", "basics"), set[str]()
    if basics.text("needs_test") == "否":
        found.add("tests")
    if basics.text("skip_tracking") == "是":
        found.add("tracking")
    return frozenset(found | ({"creview", "signing", "handover"} if lost(source) else set()))


def lost(source: Source) -> bool:
    """The project ends without a contract."""
    records = Records(source.project)
    return (
        records.head("closing").text("close_type") in ("未中标终止", "客户取消")
        or records.head("bidding").text("result") in LOST
    )


def rows_of(source: Source, form: DocumentForm) -> list[Record]:
    """Rows that make a document each: of the last round, and a blank one (number 0) for a department without one."""
    book, sheet = form.per.split(".")
    rows = list(last_round(source.project.rows(book, sheet)))
    if form.per in _DEPARTMENTS:
        at, given = source.project.sheet(book, sheet).at, {row.text("dept") for row in rows}
        missing = [name for name in _DEPARTMENTS[form.per](source.facts) if name not in given]
        rows += [Record(at, {"dept": Cell(at, name, name)}) for name in missing]
    chosen = [one for one in form.conditions if _of_row(form, one.name)]
    return [row for row in rows if all(_fits([row.cell(one.name.split(".")[2])], one) for one in chosen)]


# -- state -----------------------------------------------------------------------------------------------------------


def state_of(source: Source, form: DocumentForm, row: Record | None = None) -> str:
    """待签 until the record is filled, then 记录 (design 7.7); empty for a document that nobody signs."""
    if not form.state:
        return ""
    return RECORDED if _recorded(source, form, row) else UNSIGNED


def _recorded(source: Source, form: DocumentForm, row: Record | None) -> bool:
    if row is not None and form.record in ("", form.per):
        return row.number > 0
    return any(_filled(source, name, _cells(source, form, name, row)) for name in form.records)


def _filled(source: Source, name: str, cells: Iterable[Cell]) -> bool:
    """A cell or a whole column is filled; a sheet holds something, and all who must answer in it have."""
    blank = [cell.blank for cell in cells]
    if name.count(".") == 2:
        return bool(blank) and not any(blank)
    return not all(blank) and _answered(source, name)


def _answered(source: Source, sheet: str) -> bool:
    """A sheet that several people fill is a record once all have: its gate is passed, or somebody refused."""
    if sheet == "records.approval" and Records(source.project).rejected:
        return True
    key = sheet.removeprefix("records.")
    return key not in ("countersign", "approval", "creview") or key in source.facts.passed


def _begun(source: Source, form: DocumentForm) -> bool:
    return any(not cell.blank for name in form.records for cell in _named(source, name))


# -- conditions and cells ----------------------------------------------------------------------------------------------


def _of_row(form: DocumentForm, name: str) -> bool:
    return form.by_row and name.startswith(f"{form.per}.")


def _holds(source: Source, one: Condition) -> bool:
    return _fits(_named(source, one.name), one)


def _fits(cells: Iterable[Cell], one: Condition) -> bool:
    filled = [cell for cell in cells if not cell.blank]
    if not one.values:
        return bool(filled) == one.wanted
    texts = {text for cell in filled for text in _texts(cell)} or {""}
    return bool(texts & set(one.values)) == one.wanted


def _texts(cell: Cell) -> tuple[str, ...]:
    return cell.value if isinstance(cell.value, tuple) else (str(cell.value) if cell.value is not None else cell.shown,)


def _cells(source: Source, form: DocumentForm, name: str, row: Record | None) -> list[Cell]:
    """Cells that a dotted name means, for a document of this row."""
    if row is not None and _of_row(form, name) and not _labelled(source, name):
        return [row.cell(name.split(".")[2])]
    return _named(source, name)


def _labelled(source: Source, name: str) -> bool:
    book, sheet, key = name.split(".")
    return any(field.key == key for field in source.forms[book].sheet_form(sheet).labelled)


def _named(source: Source, name: str) -> list[Cell]:
    """A labelled cell, a column in its last round, or every cell of a sheet."""
    book, sheet, *key = name.split(".")
    head, rows = source.project.head(book, sheet), last_round(source.project.rows(book, sheet))
    if not key:
        return [cell for record in (head, *rows) for cell in record.cells.values()]
    return [head.cell(key[0])] if _labelled(source, name) else [row.cell(key[0]) for row in rows]


# -- date ------------------------------------------------------------------------------------------------------------


def newest(source: Source, order: Order) -> tuple[date, Place | None]:
    """Date of the newest record printed in a document with `day`: its own, else of the procedure, else of the plan."""
    cells = [cell for name in order.form.day for cell in _cells(source, order.form, name, order.row)]
    own = [(day, cell.at) for cell in cells if (day := _day(cell))]
    known = own or [(found.value, found.from_[0]) for found in source.facts.dates.values() if found.from_]
    return max(known, key=lambda pair: pair[0], default=(source.facts.business_date, None))


def _day(cell: Cell) -> date | None:
    if isinstance(cell.value, datetime):
        return cell.value.date()
    return cell.value if isinstance(cell.value, date) else None
