"""What a cell shows is what counts: other currencies, dates as texts, changed texts (F035, F036, F041 .. F049)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pipeline.check.case import Case
from pipeline.check.cells import Entry, books, entries
from pipeline.core.findings import Finding
from pipeline.core.sheets import Flaw, Note


def _noted(case: Case, rule: str, flaw: Flaw) -> Iterator[Finding]:
    """A rule's findings: the notes of one kind that the reader made."""
    for entry in entries(case, rule):
        for note in entry.cell.notes:
            if note.flaw is flaw:
                yield case.finding(rule, entry.cell.at, pending=False, label=entry.field.label, **note.values)


def other_currency(case: Case) -> Iterator[Finding]:
    """F035: an amount is shown in yuan."""
    yield from _noted(case, "F035", Flaw.OTHER_CURRENCY)


def changed_by_the_program(case: Case) -> Iterator[Finding]:
    """F036: a text is what was typed, not a date, time or power of ten that the program made of it."""
    yield from _noted(case, "F036", Flaw.RETYPED)


def date_as_text(case: Case) -> Iterator[Finding]:
    """F048: a date or month is spelled so that formulas count with it, too."""
    yield from _noted(case, "F048", Flaw.TEXT_DATE)


def typed_formulas(case: Case) -> Iterator[Finding]:
    """F049 (6.3.1): what stands beside a typed formula is what it gives."""
    yield from _noted(case, "F049", Flaw.STALE)


def no_subtotals(case: Case) -> Iterator[Finding]:
    """F041 (6.3.1): the lines of a table are lines; what only adds up others is no line."""
    for book in books(case, "F041"):
        for at, text in (pair for sheet in book.sheets.values() for pair in sheet.subtotals):
            yield case.finding("F041", at, value=text, found=text, expected="没有小计行")


def nothing_struck_in_amounts(case: Case) -> Iterator[Finding]:
    """F043 (6.3.1): no amount is struck out, nor a row of a table of amounts; Excel counts it all the same."""
    for row in _struck(case, "F043"):
        amount = next((entry.cell.at.cell for entry, _ in row if entry.field.type == "money"), None)
        counted = [(entry.cell.at, note) for entry, note in row if _counts(entry, note, case)]
        if counted:
            (first, note), *others = sorted(counted, key=lambda one: one[0].cell != (amount or one[0].cell))
            yield case.finding("F043", first, [at for at, _ in others], pending=False, **note.values)


def struck_texts(case: Case) -> Iterator[Finding]:
    """F044: what is struck out in a text is printed all the same."""
    for entry, note in (pair for row in _struck(case, "F044") for pair in row):
        if not _counts(entry, note, case):
            yield case.finding("F044", entry.cell.at, pending=False, label=entry.field.label, **note.values)


def _struck(case: Case, rule: str) -> Iterable[list[tuple[Entry, Note]]]:
    """Struck cells, those of one row together."""
    rows: dict[int, list[tuple[Entry, Note]]] = {}
    for entry in entries(case, rule):
        for note in (note for note in entry.cell.notes if note.flaw is Flaw.STRUCK):
            rows.setdefault(id(entry.record), []).append((entry, note))
    return rows.values()


def _counts(entry: Entry, note: Note, case: Case) -> bool:
    """Whether what is struck counts: a number, or a whole cell in a table of amounts."""
    form, key, _ = entry.name.split(".")
    tables = {s.key for s in case.forms[form].sheet if s.kind != "form" and any(f.type == "money" for f in s.fields)}
    return entry.field.numeric or (bool(note.values["whole"]) and key in tables)


def texts_are_texts(case: Case) -> Iterator[Finding]:
    """F045: a text is a text, not a picture, an error value or a formula that nobody worked out."""
    for entry in entries(case, "F045"):
        for note in entry.cell.notes:
            if note.flaw is Flaw.NO_TEXT:
                told = {**note.values, "found": note.values["kind"], "expected": "文字"}
                yield case.finding("F045", entry.cell.at, pending=False, label=entry.field.label, **told)


def days_without_time(case: Case) -> Iterator[Finding]:
    """F046: a day has no time of day; one near midnight is F039."""
    yield from _noted(case, "F046", Flaw.TIMED)


def calculated(case: Case) -> Iterator[Finding]:
    """F047 (6.3.1): a workbook is calculated before it is saved."""
    for book in books(case, "F047"):
        for remark in (one for one in book.remarks if one.rule == "F047"):
            yield case.finding("F047", remark.at, pending=False, found=remark.what, expected="重算后保存")


def nothing_unseen(case: Case) -> Iterator[Finding]:
    """F042: a text holds nothing that cannot be seen."""
    yield from _noted(case, "F042", Flaw.UNSEEN)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    other_currency,
    changed_by_the_program,
    date_as_text,
    no_subtotals,
    nothing_unseen,
    nothing_struck_in_amounts,
    struck_texts,
    texts_are_texts,
    days_without_time,
    calculated,
    typed_formulas,
)
