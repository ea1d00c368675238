"""What contradicts itself in workbook 00, so that nothing can be judged by it: every such place is named at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from itertools import combinations

from pipeline.core.company import normal_name
from pipeline.core.errors import DefinitionError
from pipeline.core.money import NotAnAmount, typed_number
from pipeline.core.places import Place
from pipeline.core.sheets import Record, Workbook
from pipeline.definitions.forms import Form

# Sheets with validity: first and last day, and what identifies a row.
_PERIODS = (
    ("departments", "valid_from", "valid_until", "dept_code"),
    ("departments", "valid_from", "valid_until", "dept_name"),
    ("persons", "entered", "left", "emp_no"),
)
# Rows that say the same in these twice are no contradiction.
_SAYS = {"departments": ("dept_code", "dept_name", "head_emp"), "persons": ("name", "dept_code", "title", "post")}
_MATRIX = ("doc_type", "class", "role", "action")


def refuse_contradictions(book: Workbook, form: Form) -> None:
    """Stop where workbook 00 says two things at once.

    Raises:
        DefinitionError: it does; every place is named with the remedy.
    """
    found = (
        *_backwards(book),
        *_at_a_time(book),
        *_unknown_roles(book, form),
        *_no_span(book),
        *_parameters(book, form),
    )
    faults = list(dict.fromkeys(found))
    if faults:
        raise DefinitionError(f"{book.path}:" + "\n".join(faults))


def _backwards(book: Workbook) -> Iterator[str]:
    """Rows that end before they begin."""
    for sheet, first, last, _ in _PERIODS:
        for row in book.sheets[sheet].rows:
            begin, end = _day(row, first), _day(row, last)
            if begin and end and end < begin:
                yield (
                    f"{_cell(row.at(last))}:{end} 早于 {_cell(row.at(first))} 的 {begin},请更正其中一个日期"
                    "(ends before it begins)。"
                )


def _at_a_time(book: Workbook) -> Iterator[str]:
    """Rows that hold on the same day and say different things: two heads, two departments of one name."""
    for sheet, first, last, key in _PERIODS:
        for one, other in combinations(_used(book, sheet, key), 2):
            if _same(one, other, key) and _overlap(one, other, first, last) and _differ(one, other, sheet):
                yield (
                    f"{_cell(other.at(key))}:“{other.text(key)}”与 {_cell(one.at(key))} 同时有效,内容不同;"
                    f"请给先前的一行填{_LAST[sheet]},给后来的一行填{_FIRST[sheet]},或删去一行"
                    "(two rows hold at the same time)。"
                )


_FIRST = {"departments": "生效日期", "persons": "入职日期"}
_LAST = {"departments": "失效日期", "persons": "离职日期"}


def _used(book: Workbook, sheet: str, key: str) -> Sequence[Record]:
    return [row for row in book.sheets[sheet].rows if row.text(key)]


def _same(one: Record, other: Record, key: str) -> bool:
    return normal_name(one.text(key)) == normal_name(other.text(key))


def _differ(one: Record, other: Record, sheet: str) -> bool:
    return any(one.text(key) != other.text(key) for key in _SAYS[sheet])


def _overlap(one: Record, other: Record, first: str, last: str) -> bool:
    starts, ends = ([_day(row, key) for row in (one, other)] for key in (first, last))
    return max(start or date.min for start in starts) <= min(end or date.max for end in ends)


def _unknown_roles(book: Workbook, form: Form) -> Iterator[str]:
    """Rows of the approval matrix with a word that the form does not know: nobody could ever sign them."""
    definition = form.sheet_form("approval_matrix")
    for row in book.sheets["approval_matrix"].rows:
        for key in _MATRIX:
            shown, known = row.cell(key).shown.strip() or row.text(key), definition.field(key).choices
            if shown and row.text(key) not in known:
                label = definition.field(key).label
                yield f"{_cell(row.at(key))}:{label}“{shown}”不认识,应为:{'、'.join(known)}(unknown {key})。"


def _no_span(book: Workbook) -> Iterator[str]:
    """Rows of the approval matrix that hold for no amount at all."""
    for row in book.sheets["approval_matrix"].rows:
        least, limit = row.money("min_amount"), row.money("max_amount")
        if least and limit and limit.value <= least.value:
            yield (
                f"{_cell(limit.at)}:金额上限 {limit.value} 不大于 {_cell(least.at)} 的下限 {least.value},"
                "这一行对什么金额都不适用,请更正(holds for no amount)。"
            )


def _parameters(book: Workbook, form: Form) -> Iterator[str]:
    """Parameters that are no number, day or expression where the default is one; two values from one day on."""
    defaults = {row["key"]: row["value"] for row in form.sheet_form("parameters").rows}
    first: dict[tuple[str, date | None], Record] = {}
    for row in book.sheets["parameters"].rows:
        key, value = row.text("key"), row.text("value")
        if wrong := _unreadable(key, value, defaults.get(key, "")):
            yield f"{_cell(row.at('value'))}:参数 {key} 的值“{value}”{wrong}。"
        before = first.setdefault((key, _day(row, "valid_from")), row)
        if key and before.text("value") != value:
            yield (
                f"{_cell(row.at('value'))}:参数 {key} 与 {_cell(before.at('value'))} 从同一天起有两个值,"
                "请给后来的一行填生效日期,或删去一行(two values from one day on)。"
            )


def _unreadable(key: str, value: str, default: str) -> str:
    """What is wrong with a value that cannot be read as its default is."""
    for readable, wrong in _KINDS if default else ():  # F037 tells of one that no rule knows
        if key.endswith("_regex") is (readable is re.compile) and _reads(readable, default):
            return "" if _reads(readable, value) else wrong
    return ""


def _reads(readable: Callable[[str], object], text: str) -> bool:
    try:
        readable(text)
    except (NotAnAmount, ValueError, re.error):
        return False
    return True


def _day_or_none(text: str) -> date | None:
    """A day as `rules_from` has it; nothing where it is not set."""
    return date.fromisoformat(text.strip()[:10]) if text.strip() else None


# How a parameter is read, and what is wrong with one that is not so; the first that reads the default.
_KINDS: tuple[tuple[Callable[[str], object], str], ...] = (
    (re.compile, "不是正则表达式(not a regular expression)"),
    (typed_number, "不是数字(not a number)"),
    (_day_or_none, "不是日期,应写成 2026-03-05(not a date)"),
)


def _day(row: Record, key: str) -> date | None:
    found = row.date(key)
    return found.value if found else None


def _cell(place: Place) -> str:
    return f"{place.sheet}!{place.cell}"
