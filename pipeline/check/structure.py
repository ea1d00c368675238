"""Is the form still the form: its formulas, sheets, columns and version (rules F026 .. F029, F031, F034)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pipeline.check.case import Case, shown
from pipeline.check.cells import Entry, books, entries
from pipeline.core.characters import printable
from pipeline.core.findings import Finding
from pipeline.core.sheets import Flaw, Sheet, version_told
from pipeline.definitions.forms import SheetForm


def formula_error(case: Case) -> Iterator[Finding]:
    """F026: no cell holds an error value; one whose value could be worked out again is left to F027."""
    for entry in entries(case, "F026"):
        if Flaw.ERROR in entry.cell.flaws and entry.cell.calculated is None:
            value = entry.cell.shown
            yield case.finding("F026", entry.cell.at, value=value, found=value, expected="没有错误的公式")


def live_formula(case: Case) -> Iterator[Finding]:
    """F027 (6.3.1): the form's formulas are still there, and were calculated.

    A constant that differs from what the formula gives is reported by itself, with which of the two counts. Formulas
    that a whole sheet lost or that no program ever calculated have one cause: one finding at the first cell, the
    others related. A formula in error over a text that was meant as a date is not named: the text is (F048).
    """
    alike: dict[tuple[str, str | None, str], list[Entry]] = {}
    for entry in entries(case, "F027"):
        cell = entry.cell
        cause = _cause(entry)
        if cause == "overwritten" and (Flaw.REPLACED in cell.flaws or cell.value != cell.calculated):
            yield _recomputed(case, [entry], cause, cell.shown)
        elif cause:
            alike.setdefault((cell.at.workbook, cell.at.sheet, cause), []).append(entry)
    for (_, _, cause), found in alike.items():
        yield _recomputed(case, found, cause, found[0].cell.shown if cause == "overwritten" else "未计算")


_CAUSES = {
    "overwritten": ("被键入的内容盖掉", "was typed over"),
    "never": ("没有计算过(不是由Excel或WPS保存的)", "was never calculated (not saved by Excel or WPS)"),
    "spoilt": ("因为引用的格里是文字而出错", "is in error, because a cell that it uses holds a text"),
    "nothing": (
        "没有查到(多半是它要查的格写法不同,如只写了姓名)",
        "found nothing (the cell it looks up is spelled another way)",
    ),
}


def _cause(entry: Entry) -> str:
    """Why a formula cell has no value of its own; empty where it has one, or where a date as text is to blame."""
    cell = entry.cell
    if Flaw.OVERWRITTEN in cell.flaws:
        return "overwritten"
    if Flaw.UNCALCULATED not in cell.flaws:
        return ""
    if Flaw.ERROR in cell.flaws:
        dates = any(Flaw.TEXT_DATE in one.flaws for one in entry.record.cells.values())
        return "" if dates else "spoilt"
    return "nothing" if Flaw.FOUND_NOTHING in cell.flaws else "never"


def _recomputed(case: Case, found: Sequence[Entry], cause: str, seen: str) -> Finding:
    """The finding for cells of one cause; its value is that of the first."""
    first, others = found[0], [entry.cell.at for entry in found[1:]]
    program = _program(case, first.cell.at.workbook) if cause == "never" else ""
    calc = shown(first.cell.calculated) or "—"
    why, why_en = _CAUSES[cause]
    if program:
        why, why_en = f"没有计算过(由{program}写出)", f"was never calculated (written by {program})"
    values = {"calc": f"{calc}(等{len(found)}格)" if others else calc, "found": seen, "expected": calc}
    values |= {"label": first.field.label, "cause": why, "cause_en": why_en, **_counted(first, values["calc"])}
    return case.finding("F027", first.cell.at, others, pending=False, **values)


def _counted(entry: Entry, calc: str) -> dict[str, str]:
    """Which value counts: the formula's, or of an amount (and where the formula knows none) what was typed."""
    cell = entry.cell
    if Flaw.OVERWRITTEN in cell.flaws and Flaw.REPLACED not in cell.flaws and cell.value != cell.calculated:
        return {
            "counts": f"公式应为{calc},仍以单元格中的{cell.shown}为准",
            "counts_en": f"the formula gives {calc}, what stands in the cell ({cell.shown}) counts",
        }
    if Flaw.REPLACED in cell.flaws:
        return {"counts": f"按公式的{calc}计算和打印", "counts_en": f"the formula's {calc} is used and printed"}
    return {"counts": f"已由系统计算为{calc}", "counts_en": f"worked out as {calc}"}


def _program(case: Case, name: str) -> str:
    """The program that wrote a workbook; empty where it calls itself Excel, as many that are not do."""
    found = next((book.program for book in case.project.books if book.name == name), "")
    return "" if found.startswith("Microsoft") else found


def known_version(case: Case) -> Iterator[Finding]:
    """F028 (7.1): the workbook was made from a version of the form that we know."""
    for book in books(case, "F028"):
        if not book.known_version:
            expected = "、".join(case.forms[book.form].supported)
            told = version_told(book.form_version, book.program)
            seen = book.form_version or "无版本"
            yield case.finding("F028", book.at, pending=False, found=seen, expected=expected, **told)


def columns(case: Case) -> Iterator[Finding]:
    """F029 (7.1): every sheet and column of the form is there, once, under its own label."""
    for book in books(case, "F029"):
        for definition in case.forms[book.form].sheet:
            yield from _columns(case, definition, book.sheets[definition.key])


def _columns(case: Case, definition: SheetForm, sheet: Sheet) -> Iterator[Finding]:
    if not sheet.present:
        if not definition.optional:
            yield case.finding(
                "F029", sheet.at, label="整张工作表", key=definition.key, found="没有", expected=definition.name
            )
        return
    for label, key in sheet.missing:
        yield case.finding("F029", sheet.at, label=label, key=key, found="没有", expected=label)
    for label, key in sheet.doubled:
        twice = f"{key},出现两次,只能有一列"
        yield case.finding("F029", sheet.at, label=label, key=twice, found="两列", expected="一列")
    for crossed in sheet.crossed:
        both = f"{crossed.key},但表头写的是“{crossed.written}”"
        label, written = crossed.label, crossed.written
        yield case.finding("F029", crossed.at, label=label, key=both, found=written, expected=label)


def doubtful_workbook(case: Case) -> Iterator[Finding]:
    """F031: nothing comes from elsewhere, nothing is merged or hidden where data stand."""
    for book in books(case, "F031"):
        for remark in (one for one in book.remarks if one.rule == "F031"):
            what, at, others = remark.what, remark.at, len(remark.related)
            where = f"{what}({at.sheet}!{at.cell}{f'等{others + 1}格' if others else ''})" if at.cell else what
            yield case.finding("F031", at, remark.related, where=where, found=what, expected="无")


def no_lost_characters(case: Case) -> Iterator[Finding]:
    """F034: a document can hold every character; one that it cannot is printed as U+FFFD."""
    for entry in entries(case, "F034"):
        if Flaw.CONTROL in entry.cell.flaws:
            seen = printable(entry.cell.shown)
            yield case.finding("F034", entry.cell.at, label=entry.field.label, found=seen, expected="没有这样的字符")


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    formula_error,
    live_formula,
    known_version,
    columns,
    doubtful_workbook,
    no_lost_characters,
)
