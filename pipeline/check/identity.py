"""Whether all workbooks speak of the same project: code, names, class, stages, and what the customer was told.

Rules F012, X201, X202, X213, X214, X216, X222 .. X224, B412, B413, B418.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pipeline.check.annex import at_row
from pipeline.check.case import Case, money, shown
from pipeline.check.cells import with_odd
from pipeline.core.company import normal_name
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Record, Sheet
from pipeline.definitions.forms import Form

_PLAN_SET = ("survey", "plan", "cost", "materials", "staffing")
_ANNEXES = ("cost", "materials", "staffing")
_UNCLEAR, _CODES = "不明确", "project_code_regex"
# A longer span is a mistyped year (F025); its years are not asked of the calendar.
_LONGEST_YEARS = 10


@dataclass(frozen=True, slots=True)
class Name:
    """A code or name with its cell; `what` is for people."""

    what: str
    text: str
    at: Place


def _basics(case: Case) -> Record:
    return case.project.head("plan", "basics")


def _heads(case: Case, key: str) -> Iterator[Name]:
    """What the workbooks' sheets are stamped with: each different text of a workbook once, with its first cell."""
    for book in case.project.books:
        cells = [sheet.stamp.cell(key) for sheet in book.sheets.values()]
        seen = {str(cell.value): cell.at for cell in reversed(cells) if cell.value is not None}
        for text, at in seen.items():
            yield Name(case.forms[book.form].name, text, at)


# -- project code ---------------------------------------------------------------------------------------------


def readable(pattern: str) -> str:
    """The pattern as people write it: LY-SQ-YYYY-NNN."""
    return pattern.replace(r"\d{4}", "YYYY").replace(r"\d{3}", "NNN").replace("\\", "")


def code_form(case: Case) -> Iterator[Finding]:
    """F012 (6.2.2): the project code of every workbook and of the plan has the company's form."""
    pattern = case.pattern(_CODES).pattern
    heads = [(book.head.text("project_code"), book.head.at("project_code")) for book in case.project.books]
    for text, at in [*heads, (_basics(case).text("project_code"), _basics(case).at("project_code"))]:
        if text and not re.fullmatch(pattern, text):
            expected = readable(pattern)
            yield case.finding("F012", at, value=with_odd(text), pattern=expected, found=text, expected=expected)


def one_code(case: Case) -> Iterator[Finding]:
    """X201 (6.2.1): one project code in all workbooks; a workbook that differs from the plan is reported once."""
    basics = _basics(case)
    anchor = Name("计划基本信息页", basics.text("project_code"), basics.at("project_code"))
    yield from _differing(case, "X201", anchor, list(_heads(case, "project_code")), str)


def file_name(case: Case) -> Iterator[Finding]:
    """B413: the code in the file name, where it has one, is the code inside."""
    pattern = re.compile(rf"(?<![A-Z0-9])(?:{case.pattern(_CODES).pattern})(?!\d)", re.IGNORECASE)
    for book in case.project.books:
        found = pattern.search(unicodedata.normalize("NFKC", book.name))
        inside = book.head.text("project_code")
        if found and inside and found[0].upper() != inside.upper():
            values = {"a": found[0], "b": inside, "found": inside, "expected": found[0]}
            yield case.finding("B413", book.head.at("project_code"), [book.at], pending=False, **values)


# -- names ----------------------------------------------------------------------------------------------------


def one_name(case: Case) -> Iterator[Finding]:
    """X202 (6.2.1): one project name and one customer name; blanks and width of brackets do not matter."""
    basics = _basics(case)
    anchor = Name("计划基本信息页", basics.text("project_name"), basics.at("project_name"))
    others = [*_heads(case, "project_name"), *_item_names(case, "B01")]
    yield from _differing(case, "X202", anchor, others, normal_name)
    customer = Name("计划基本信息页", basics.text("customer_name"), basics.at("customer_name"))
    yield from _differing(case, "X202", customer, list(_item_names(case, "A01")), normal_name)


def _item_names(case: Case, no: str) -> Iterator[Name]:
    item = case.item(no)
    if item and item.text("value") not in ("", _UNCLEAR):
        yield Name(f"调查项{no}", item.text("value"), item.at("value"))


def _differing(
    case: Case, rule: str, anchor: Name, others: Sequence[Name], normal: Callable[[str], str]
) -> Iterator[Finding]:
    """Report every name that is not the plan's; the plan's own where all others agree against it."""
    names = [name for name in (anchor, *others) if name.text]
    counted = Counter(normal(name.text) for name in names)
    if len(counted) < 2:
        return
    right = normal(anchor.text) if anchor.text else counted.most_common(1)[0][0]
    alone = len(counted) == 2 and counted[right] == 1 and len(names) > 2
    if alone:
        right = next(text for text in counted if text != right)
    expected = next(name.text for name in names if normal(name.text) == right)
    listed = ";".join(f"“{text}”({'、'.join(_whose(names, text))})" for text in dict.fromkeys(n.text for n in names))
    for name in names:
        if normal(name.text) != right:
            related = [other.at for other in names if normal(other.text) == right]
            yield case.finding(rule, name.at, related, list=listed, found=name.text, expected=expected)


def _whose(names: Sequence[Name], text: str) -> Sequence[str]:
    return list(dict.fromkeys(name.what for name in names if name.text == text))


# -- what the survey says ---------------------------------------------------------------------------------------


def contract_as_surveyed(case: Case) -> Iterator[Finding]:
    """X213 (6.1; 6.3.1): the contract amount stays near the survey's expectation (B08)."""
    planned, item = _basics(case).money("contract_amount"), case.item("B08")
    surveyed = item.money("value") if item else None
    if planned is None or surveyed is None or surveyed.value <= 0:
        return
    most = case.parameter("amount_diff")
    difference = planned.value - surveyed.value
    if abs(difference) > surveyed.value * most / 100:
        a, b, d = (money(value) for value in (planned.value, surveyed.value, difference))
        yield case.finding("X213", planned.at, [surveyed.at], a=a, b=b, d=d, limit=most, found=a, expected=b)


def class_as_surveyed(case: Case) -> Iterator[Finding]:
    """X214 (4.2; 6.2.2): survey and notice repeat what the plan says of case, software change and class."""
    basics = _basics(case)
    pairs = [
        (item, "value", key) for no, key in (("B15", "mature_case"), ("B17", "rd_modify")) if (item := case.item(no))
    ]
    pairs.append((case.project.head("records", "notice"), "class", "class"))
    for record, field, key in pairs:
        there, planned = record.text(field), basics.text(key)
        if there and planned and there not in {_UNCLEAR, planned}:
            label = case.forms["plan"].sheet_form("basics").field(key).label
            listed = f"{label}:计划“{planned}”、{_sheet_title(case, record)}“{there}”"
            at = record.at(field)
            yield case.finding("X214", at, [basics.at(key)], list=listed, found=there, expected=planned)


def _sheet_title(case: Case, record: Record) -> str:
    form = next((book.form for book in case.project.books if book.name == record.sheet.workbook), "")
    return case.forms[form].name if form else record.sheet.workbook


def stages_exist(case: Case) -> Iterator[Finding]:
    """X216 (6.3.1): the annexes name stages of the plan; nothing is said while the plan has none."""
    stages = case.project.rows("plan", "stages")
    known = {row.text("code") for row in stages} - {""}
    for form in _ANNEXES if known else ():
        for row in case.project.rows(form, "lines"):
            code = row.text("stage")
            if code and code not in known:
                related = [case.project.sheet("plan", "stages").at]
                expected = "、".join(sorted(known))
                yield at_row(case, "X216", row, "stage", related, code=code, found=code, expected=expected)


def _is_access_point(row: Record) -> bool:
    return row.text("category") == "硬件设备" and "AP" in normal_name(row.text("name"))


def _named(*parts: str) -> Callable[[Record], bool]:
    return lambda row: all(part in row.text("name") for part in parts)


_COUNTED: tuple[tuple[str, Callable[[Record], bool]], ...] = (
    ("D03", _is_access_point),
    ("D02", _named("模块及面板")),
    ("E03", _named("有卡", "工作站")),
    ("E04", _named("无卡", "工作站")),
)


def quantities_as_surveyed(case: Case) -> Iterator[Finding]:
    """X222 (6.1; 6.4.3): quantities of access points, outlets and workstations stay near the survey's."""
    share = case.parameter("qty_diff")
    rows = [row for row in case.project.rows("materials", "lines") if row.text("scope") == "工程"]
    for no, test in _COUNTED:
        item = case.item(no)
        surveyed = item.number_of("value") if item else None
        chosen = [row for row in rows if test(row)]
        quantities = [quantity for row in chosen if (quantity := row.number_of("qty"))]
        if surveyed is None or not chosen or len(quantities) < len(chosen):
            continue
        total = sum((quantity.value for quantity in quantities), Decimal(0))
        if abs(total - surveyed.value) > surveyed.value * share / 100:
            definition = case.forms["survey"].sheet_form("items").item(no)
            values = {"label": definition.label if definition else no, "a": shown(total), "b": shown(surveyed.value)}
            related = [*(quantity.at for quantity in quantities[1:]), surveyed.at]
            texts = {**values, "limit": shown(share), "found": values["a"], "expected": values["b"]}
            yield case.finding("X222", quantities[0].at, related, pending=False, **texts)


def finish_as_surveyed(case: Case) -> Iterator[Finding]:
    """X223 (6.1; 6.3.1): engineering is finished when the customer wants it (B11)."""
    item = case.item("B11")
    wanted = item.date("value") if item else None
    ends = [
        end
        for row in case.project.rows("plan", "stages")
        if row.text("code").startswith("G") and (end := row.date("end"))
    ]
    if wanted is None or not ends:
        return
    last = max(ends, key=lambda end: end.value)
    if last.value > wanted.value:
        a, b = last.value, wanted.value
        yield case.finding("X223", last.at, [wanted.at], a=a, b=b, found=a, expected=f"不晚于{b}")


def amount_in_budget(case: Case) -> Iterator[Finding]:
    """X224 (6.1): the contract amount stays within the customer's budget (B05)."""
    planned, item = _basics(case).money("contract_amount"), case.item("B05")
    budget = item.money("value") if item else None
    if planned and budget and planned.value > budget.value:
        a, b = money(planned.value), money(budget.value)
        d = money(planned.value - budget.value)
        yield case.finding("X224", planned.at, [budget.at], a=a, b=b, d=d, found=a, expected=f"不超过{b}")


# -- the set of workbooks, the calendar ---------------------------------------------------------------------------


def all_workbooks(case: Case) -> Iterator[Finding]:
    """B412 (6.2.1): workbooks 01-05 are there; pending as long as nobody has applied for initiation."""
    missing = [_title(case.forms[key]) for key in _PLAN_SET if not case.project.has(key)]
    if missing:
        code = case.project.code or case.project.folder.name
        items = "、".join(missing)
        there = "、".join(_title(case.forms[key]) for key in _PLAN_SET if case.project.has(key)) or "无"
        early = not case.project.head("records", "application").date("apply_date")
        yield case.finding(
            "B412", Place(code), pending=early, code=code, items=items, found=there, expected="01–05齐全"
        )


def _title(form: Form) -> str:
    return f"{form.no} {form.name}"


def calendar_years(case: Case) -> Iterator[Finding]:
    """B418 (6.3.1): the calendar knows every year that a stage or a stay touches; one finding a year."""
    cells: dict[int, list[Place]] = {}
    for sheet in (case.project.sheet("plan", "stages"), case.project.sheet("staffing", "lines")):
        for year, at in _years(sheet):
            cells.setdefault(year, []).append(at)
    for year, places in sorted(cells.items()):
        if not case.company.calendar.knows(year):
            expected = f"{year}年放假安排"
            yield case.finding("B418", places[0], places[1:], year=year, found="仅按周末", expected=expected)


def _years(sheet: Sheet) -> Iterator[tuple[int, Place]]:
    """Years from start to end of every row, with the end's cell (the start's where that alone is there)."""
    for row in sheet.rows:
        start, end = row.date("start"), row.date("end")
        first, last = start or end, end or start
        if first and last and last.value.year - first.value.year <= _LONGEST_YEARS:
            for year in range(first.value.year, last.value.year + 1):
                yield year, last.at


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    code_form,
    one_code,
    file_name,
    one_name,
    contract_as_surveyed,
    class_as_surveyed,
    stages_exist,
    quantities_as_surveyed,
    finish_as_surveyed,
    amount_in_budget,
    all_workbooks,
    calendar_years,
)
