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


_OPEN_AND_SAVE = ("在Excel或WPS里打开,按F9,保存", "Open it in Excel or WPS, press F9, save")
_DO = {
    "overwritten": ("从同一列别的行或空白模板复制公式", "Copy the formula from another row or from the blank form"),
    "never": _OPEN_AND_SAVE,
    "spoilt": ("把引用的格改成数字,公式随后会自己算对", "Make the cell that it uses a number; it then comes right"),
    "nothing": (
        "系统已经查到,可以不改;要在表里也看到,把它查的格(工号、科目)从下拉列表中重选一次",
        "It was found; nothing must be done. To see it in the sheet, choose the cell that it looks up from its list",
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
    values |= dict(zip(("do", "do_en"), _DO[cause], strict=True))
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


# What to do about a remark of the reader, by a part of it; the last one serves the others.
_UNDO: tuple[tuple[str, str, str], ...] = (
    ("链接", "断开链接,换成数字或文字", "Break the link and type the value"),
    ("引用外部", "删去这个名称,或改成引用本工作簿", "Delete the name, or let it refer to this workbook"),
    ("远程公式", "把公式换成它的数值", "Type the value in place of the formula"),
    ("离表格很远", "删去那里的内容,或移到表里", "Delete what stands there, or move it into the table"),
    (
        "不属于本表",
        "要算数的移到本表的表里;不要的删去这张工作表",
        "Move what counts into the form's sheets; delete the rest",
    ),
    ("相同(没有读取)", "只留一张,另一张删去", "Keep one of the two sheets"),
    ("隐藏的工作表", "取消隐藏这张工作表", "Unhide the sheet"),
    ("合并单元格", "取消合并,每格各填各的", "Unmerge the cells and fill each"),
    ("合计行以下", "把这些行移到合计行以上,用表里空的行", "Move these rows above the total row, into free rows"),
    ("筛选", "清除筛选", "Clear the filter"),
    ("隐藏的", "取消隐藏", "Unhide it"),
    ("每次打开都会变", "换成数字或日期", "Type a figure or a date in place of the formula"),
    ("条件格式", "删去或改好这条条件格式", "Delete or mend the conditional format"),
    ("", "恢复模板的数字格式和字体颜色", "Restore number format and font colour of the form"),
)


def doubtful_workbook(case: Case) -> Iterator[Finding]:
    """F031: nothing comes from elsewhere, nothing is merged or hidden where data stand."""
    for book in books(case, "F031"):
        for remark in (one for one in book.remarks if one.rule == "F031"):
            what, at, others = remark.what, remark.at, len(remark.related)
            where = f"{what}({at.sheet}!{at.cell}{f'等{others + 1}格' if others else ''})" if at.cell else what
            do, do_en = next((do, do_en) for part, do, do_en in _UNDO if part in what)
            values = {"where": where, "do": do, "do_en": do_en, "found": what, "expected": "无"}
            yield case.finding("F031", at, remark.related, pending=False, **values)


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
