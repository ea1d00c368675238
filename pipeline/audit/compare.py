"""The figures of both ways side by side: equal, read by a convention, not compared and why, or different."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from pipeline.audit.books import MASTER, Books
from pipeline.audit.figures import Figure, Figures, Lost, why_lost
from pipeline.audit.frames import NotFound
from pipeline.audit.names import in_words
from pipeline.audit.values import keyed_number
from pipeline.core.audits import Agreement, Audited
from pipeline.core.facts import Facts
from pipeline.core.figures import Key
from pipeline.core.places import Derived

SYSTEM = "系统合计"
_AMOUNT = "major_amount"
_MAJOR, _ORDINARY = "重大项目", "一般项目"


def compared(facts: Facts, found: Figures, lost: Lost) -> list[Audited]:
    """Every figure that either way has, by its key."""
    keys = sorted(facts.figures.keys() | found.keys())
    return [_line(key, facts.figures.get(key), found.get(key), lost) for key in keys]


def _line(key: Key, ours: Derived[Decimal] | None, theirs: Figure | None, lost: Lost) -> Audited:
    shown = shown_value(ours.value) if ours else ""
    recomputed = shown_value(theirs.value) if theirs else ""
    cells = in_short(theirs.cells if theirs else tuple(map(str, ours.from_)) if ours else ())
    agreement, reason = _agreement(key, ours, theirs, lost)
    if agreement is Agreement.UNCHECKED:
        recomputed = ""
    return Audited(in_words(key), SYSTEM, shown, recomputed, cells, agreement, reason)


def _agreement(key: Key, ours: Derived[Decimal] | None, theirs: Figure | None, lost: Lost) -> tuple[Agreement, str]:
    if why := why_lost(key, lost):
        return Agreement.UNCHECKED, why
    if theirs and theirs.unread:
        return Agreement.UNCHECKED, ";".join(theirs.unread[:3])
    if ours and ours.broken:
        return Agreement.UNCHECKED, "系统读不出 " + in_short(map(str, ours.broken))
    if ours is None or theirs is None:
        return Agreement.DIFFERENT, "只有一路算出了这一项"
    if ours.value != theirs.value:
        return Agreement.DIFFERENT, _cells_apart(ours, theirs)
    return (Agreement.CONVENTION, "、".join(theirs.how)) if theirs.how else (Agreement.EQUAL, "")


def _cells_apart(ours: Derived[Decimal], theirs: Figure) -> str:
    """Cells that only one of the ways has added."""
    first, second = set(map(str, ours.from_)), set(theirs.cells)
    parts = [("只有系统计入", first - second), ("只有另行计算计入", second - first)]
    return ";".join(f"{name} {in_short(sorted(cells))}" for name, cells in parts if cells)


def shown_value(value: Decimal) -> str:
    """A figure as the audit prints it: with separators, two decimals where it has any."""
    whole = value == value.to_integral_value()
    return f"{value:,.0f}" if whole else f"{value:,.2f}" if value == round(value, 2) else f"{value:,f}"


def in_short(cells: Iterable[str]) -> str:
    """Cells as a person writes them: `03 费用明细!K7:K12、K15`."""
    sheets: dict[str, list[tuple[str, int]]] = {}
    for cell in dict.fromkeys(cells):
        match = re.fullmatch(r"\[(.*)\](.*)!([A-Z]+)(\d+)", cell)
        name = f"{match[1][:2] if match[1][:2].isdigit() else match[1]} {match[2]}" if match else cell
        sheets.setdefault(name, []).append((match[3], int(match[4])) if match else ("", 0))
    return ";".join(
        name + ("!" + _runs(sorted(at, key=_place)) if at != [("", 0)] else "") for name, at in sheets.items()
    )


def _place(cell: tuple[str, int]) -> tuple[int, str, int]:
    """Column by column as Excel counts them (A before AA), down each."""
    column, row = cell
    return len(column), column, row


def _runs(cells: Sequence[tuple[str, int]]) -> str:
    runs: list[tuple[str, int, int]] = []
    for column, row in cells:
        if runs and runs[-1][0] == column and runs[-1][2] == row - 1:
            runs[-1] = (column, runs[-1][1], row)
        else:
            runs.append((column, row, row))
    return "、".join(f"{c}{a}" if a == b else f"{c}{a}:{c}{b}" for c, a, b in runs)


# -- the class --------------------------------------------------------------------------------------------------------


def compared_class(said: str, where: str, books: Books) -> Audited | None:
    """The class of 4.2 anew: amount against every threshold of workbook 00, mature case, software; None without one.

    Args:
        said: the class of the first way; empty where it has none.
        where: where it says so.
        books: the workbooks.
    """
    try:
        amount, answers, cells = _asked(books)
        limits = _limits(books)
    except NotFound as problem:
        return Audited("项目类别", where, said, "", "", Agreement.UNCHECKED, str(problem)) if said else None
    if amount is None or not answers["mature"] or not answers["modify"]:
        return Audited("项目类别", where, said, "", cells, Agreement.UNCHECKED, "有一项读不出") if said else None
    because = "无" in answers["mature"] or "是" in answers["modify"]
    classes = {_MAJOR if because or amount >= limit else _ORDINARY for limit in limits}
    if len(classes) != 1:
        reason = "参数 major_amount 前后不同,按业务日期取值" if classes else "00 里没有参数 major_amount"
        return Audited("项目类别", where, said, "", cells, Agreement.UNCHECKED, reason)
    found = classes.pop()
    return Audited("项目类别", where, said, found, cells, Agreement.EQUAL if found == said else Agreement.DIFFERENT)


def _asked(books: Books) -> tuple[Decimal | None, dict[str, set[str]], str]:
    lines = books.lines("plan", "basics")
    row = lines.frame.iloc[0]
    if lost := {"contract_amount", "mature_case", "rd_modify"} - set(lines.frame.columns):
        raise NotFound(f"{lines.sheet}没有字段 {sorted(lost)[0]}")
    answers = {"mature": {row["mature_case"]} - {None}, "modify": {row["rd_modify"]} - {None}}
    if "survey" in books.opened:
        items = books.lines("survey", "items").frame
        for name, no in (("mature", "B15"), ("modify", "B17")):
            if answers[name]:
                answers[name] |= set(items[items["no"] == no]["value"]) - {None}
    cells = [lines.place(row[key + "@"]) for key in ("contract_amount", "mature_case", "rd_modify")]
    return row["contract_amount"], answers, in_short(cells)


def _limits(books: Books) -> set[Decimal]:
    frame = books.lines(MASTER, "parameters").frame
    given = [keyed_number(str(value)) for value in frame[frame["key"] == _AMOUNT]["value"]]
    return {value for value in given if value is not None}
