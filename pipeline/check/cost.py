"""Rules of workbook 03, the cost plan (clause 6.3.1; rules W135 .. W139)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from pipeline.check.annex import at_row, doubled, thousands, window_of
from pipeline.check.case import Case, limit, money, shown
from pipeline.core.findings import Finding
from pipeline.core.money import half_up
from pipeline.core.places import Derived
from pipeline.core.sheets import Record


def _lines(case: Case) -> tuple[Record, ...]:
    return case.project.rows("cost", "lines")


def doubled_cost(case: Case) -> Iterator[Finding]:
    """W135 (6.3.1): two rows with the same account, description, scope and stage."""
    for first, later in doubled(_lines(case), ("acc", "desc", "scope", "stage")):
        values = {"row2": first.number, "found": later.text("desc"), "expected": "每项费用一行"}
        yield at_row(case, "W135", later, "desc", [first.at("desc")], **values)


def use_month(case: Case) -> Iterator[Finding]:
    """W136 (6.3.1): the month of use is given and lies within the stage's months."""
    for row in _lines(case):
        window = window_of(case, row)
        month = row.text("use_month")
        if window is None or "use_month" not in row.cells or not (month or row.blank("use_month")):
            continue
        first, last = (f"{day:%Y-%m}" if day else "" for day in (window.start, window.end))
        if not month or (first and month < first) or (last and month > last):
            told = (f"{month}不在", f"{month} is outside") if month else ("没有填,应在", "is missing; it lies in")
            values = {"code": window.code, "found": month, "expected": f"{first}~{last}"}
            values |= dict(zip(("what", "what_en"), told, strict=True))
            yield at_row(case, "W136", row, "use_month", window.cells, **values)


def shares(case: Case) -> Iterator[Finding]:
    """W137 (6.3.1): contingency of engineering and entertainment of presales stay under their limits."""
    contingency, engineering = (
        case.facts.figure_or_zero("cost", "account_scope", "9001", "工程"),
        case.facts.figure_or_zero("cost", "engineering"),
    )
    yield from _share(case, contingency, engineering, "max_contingency", without_itself=True)
    entertainment, presales = (
        case.facts.figure_or_zero("cost", "account_scope", "3003", "售前"),
        case.facts.figure_or_zero("cost", "presales"),
    )
    yield from _share(case, entertainment, presales, "max_entertainment", without_itself=False)


def _share(
    case: Case, part: Derived[Decimal], whole: Derived[Decimal], key: str, *, without_itself: bool
) -> Iterator[Finding]:
    if part.broken or whole.broken or not part.from_:
        return
    base = whole.value - part.value if without_itself else whole.value
    most = case.parameter(key)
    if part.value * 100 > most * base:
        share = f"{shown(half_up(part.value / base * 100))}%" if base else ""
        found = f"{money(part.value)}/{money(base)}={share}" if base else money(part.value)
        yield case.finding("W137", part.from_[0], part.from_[1:], found=found, expected=f"不超过{shown(most)}%")


def deposits(case: Case) -> Iterator[Finding]:
    """W138 (6.3.1): a deposit comes back and is no cost; the fee for its guarantee is."""
    for row in _lines(case):
        desc = row.text("desc")
        if "保证金" in desc and "手续费" not in desc:
            yield case.finding("W138", row.at("desc"), [row.at("amount")], found=desc, expected="列入“资金占用”表")


def basis_of_estimate(case: Case) -> Iterator[Finding]:
    """W139 (6.3.1): an amount from the limit on says how it was estimated."""
    least = case.parameter("basis_limit")
    for row in _lines(case):
        amount = row.money("amount")
        if amount and amount.value >= least and row.blank("basis"):
            values = {"limit": limit(least), "limit_en": thousands(least), "a": money(amount.value)}
            yield at_row(case, "W139", row, "basis", [amount.at], found="", expected="测算依据", **values)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    doubled_cost,
    use_month,
    shares,
    deposits,
    basis_of_estimate,
)
