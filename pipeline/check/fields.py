"""Does each cell hold what its field wants: numbers, choices, lengths (rules F007 .. F018, F030).

The other field rules stand in `required`, `dates`, `codes`, `references`, `structure` and `shown_cells`; `CHECKS` lists
all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal

from pipeline.check import codes, dates, references, required, shown_cells, structure
from pipeline.check.case import Case, money, shown
from pipeline.check.cells import Entry, books, entries, with_odd
from pipeline.core.findings import Finding
from pipeline.core.money import half_up
from pipeline.core.sheets import Cell, Flaw
from pipeline.definitions.forms import NUMERIC, Field

_PHONE = re.compile(
    r"1[3-9]\d(?:\d{8}|([- ])\d{4}\1\d{4})|0\d{2,3}-?\d{3,4}-?\d{4}(-\d{1,6})?|400-?\d{3}-?\d{4}", re.ASCII
)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_OPEN = "…"
_DECIMALS = {"money": 2, "money4": 4}
_IN_WAN = frozenset(
    {
        "plan.basics.contract_amount",
        "plan.basics.planned_total_cost",
        "survey.items.value(B05)",
        "survey.items.value(B08)",
    }
)


def _named(entry: Entry) -> str:
    """Name of the field; of a survey value with its item: `survey.items.value(B05)`."""
    return f"{entry.name}({entry.record.text('no')})" if entry.name == "survey.items.value" else entry.name


# -- numbers --------------------------------------------------------------------------------------------------


def number_as_text(case: Case) -> Iterator[Finding]:
    """F007: a number is stored as a number; several of one column have one cause, and are one finding."""
    alike: dict[tuple[str, str | None, str], list[Cell]] = {}
    for entry in entries(case, "F007", NUMERIC):
        if Flaw.TEXT_NUMBER in entry.cell.flaws:
            alike.setdefault((entry.cell.at.workbook, entry.cell.at.sheet, entry.name), []).append(entry.cell)
    for first, *others in alike.values():
        count, value, parsed = len(others) + 1, first.shown, shown(first.value)
        more, more_en = (f"(这一列共{count}格)", f" ({count} cells of the column)") if others else ("", "")
        texts = {"value": value, "parsed": parsed, "more": more, "more_en": more_en, "found": value, "expected": parsed}
        yield case.finding("F007", first.at, [cell.at for cell in others], pending=False, **texts)


def number(case: Case) -> Iterator[Finding]:
    """F008: a number cell holds no other text; error values are F026."""
    for entry in entries(case, "F008", NUMERIC):
        if Flaw.NOT_A_NUMBER in entry.cell.flaws:
            value = entry.cell.shown
            yield case.finding("F008", entry.cell.at, value=with_odd(value), found=value, expected="数字")


def not_negative(case: Case) -> Iterator[Finding]:
    """F009: no negative number where the form allows none."""
    for entry, value in _numbers(case, "F009"):
        if _too_negative(entry.field, value):
            yield case.finding("F009", entry.cell.at, value=value, found=value, expected="不小于0")


def _numbers(case: Case, rule: str) -> Iterator[tuple[Entry, Decimal]]:
    for entry in entries(case, rule, NUMERIC):
        if isinstance(entry.cell.value, Decimal):
            yield entry, entry.cell.value


def _too_negative(field: Field, value: Decimal) -> bool:
    return value < 0 and any(low is not None and low >= 0 for low in (field.min, field.min_exclusive))


def decimals(case: Case) -> Iterator[Finding]:
    """F010: amounts have two decimals, unit prices up to four."""
    for entry, value in _numbers(case, "F010"):
        most = _DECIMALS.get(entry.field.type)
        if most is not None and half_up(value, most) != value:
            yield case.finding("F010", entry.cell.at, value=value, found=value, expected=half_up(value, most))


def in_range(case: Case) -> Iterator[Finding]:
    """F017 (6.3.1): a number lies within the limits of its field; a forbidden negative one is F009."""
    for entry, value in _numbers(case, "F017"):
        field = entry.field
        low, high, above = field.min, field.max, field.min_exclusive
        out = (low is not None and value < low) or (high is not None and value > high)
        if (out or (above is not None and value <= above)) and not _too_negative(field, value):
            least = f">{shown(above)}" if above is not None else _OPEN if low is None else shown(low)
            most = _OPEN if high is None else shown(high)
            told = {"min": least, "max": most, "expected": f"{least}–{most}", **_how_to_say(entry)}
            yield case.finding("F017", entry.cell.at, pending=False, value=value, found=value, **told)


def _how_to_say(entry: Entry) -> dict[str, str]:
    """What helps with a number out of its limits: what is no item of this customer, or how a share is written."""
    if entry.name == "survey.items.value":
        return {
            "hint": "这一项用不着的:明确状态选“不适用”,并写明理由。",
            "hint_en": " An item that does not apply: choose 不适用 as its status and say why.",
        }
    if entry.field.type == "percent":
        return {"hint": "百分比写13表示13%。", "hint_en": " For per cent write 13 for 13 %."}
    return {"hint": "", "hint_en": ""}


def in_wan(case: Case) -> Iterator[Finding]:
    """F018: a large amount that is so small, or reads 万, was typed in 万元; so were those under such a label."""
    guard = case.parameter("wan_guard")
    for entry in entries(case, "F018", _DECIMALS):
        value = entry.cell.value
        small = isinstance(value, Decimal) and 0 < value < guard and _named(entry) in _IN_WAN
        if small or "万" in entry.cell.shown:
            found = entry.cell.shown
            expected = f"单位为元,不小于{money(guard)}" if small else "单位为元"
            yield case.finding("F018", entry.cell.at, value=found, found=found, expected=expected)
    for sheet in (sheet for book in books(case, "F018") for sheet in book.sheets.values()):
        for said in sheet.in_wan:
            text = f"“{said.value}”"
            yield case.finding("F018", said.at, pending=False, value=text, found=said.value, expected="单位为元")


# -- texts ----------------------------------------------------------------------------------------------------


def choice(case: Case) -> Iterator[Finding]:
    """F011: what is chosen is one of the form's choices; of a list every element."""
    for entry in entries(case, "F011", {"enum", "list"}):
        choices = (*entry.field.choices, *entry.field.also_allowed)
        value = entry.cell.value
        elements = value if isinstance(value, tuple) else () if value is None else (str(value),)
        wrong = "、".join(element for element in elements if element not in choices)
        if entry.field.choices and wrong:
            allowed = "、".join(choices)
            yield case.finding(
                "F011", entry.cell.at, value=with_odd(wrong), allowed=allowed, found=wrong, expected=allowed
            )


def telephone(case: Case) -> Iterator[Finding]:
    """F014: a telephone number is a mobile, a fixed or a 400 number."""
    yield from _spelled(case, "F014", "phone", _PHONE, "区号-号码或11位手机号")


def email(case: Case) -> Iterator[Finding]:
    """F015: a mail address looks like one."""
    yield from _spelled(case, "F015", "email", _EMAIL, "name@example.com")


def _spelled(case: Case, rule: str, kind: str, pattern: re.Pattern[str], expected: str) -> Iterator[Finding]:
    for entry in entries(case, rule, {kind}):
        value = entry.cell.value
        if value is not None and not pattern.fullmatch(str(value)):
            yield case.finding(rule, entry.cell.at, value=value, found=value, expected=expected)


def length(case: Case) -> Iterator[Finding]:
    """F030: a text fits its place in the documents."""
    for entry in entries(case, "F030"):
        most, count = entry.field.max_len, len(entry.cell.shown.strip())
        if most and count > most and Flaw.ERROR not in entry.cell.flaws:
            yield case.finding("F030", entry.cell.at, max=most, found=f"{count}字", expected=f"不超过{most}字")


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    *required.CHECKS,
    *dates.CHECKS,
    number_as_text,
    number,
    not_negative,
    decimals,
    choice,
    *codes.CHECKS,
    telephone,
    email,
    *references.CHECKS,
    in_range,
    in_wan,
    *structure.CHECKS,
    *shown_cells.CHECKS,
    length,
)
