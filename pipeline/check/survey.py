"""Rules of workbook 01, the customer requirement survey (clauses 6.1, 6.2.1 note; rules F002 .. F005, W101 .. W106)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from pipeline.check.case import Case, money, shown
from pipeline.check.cells import begun
from pipeline.core.findings import Finding
from pipeline.core.places import Place, Sourced
from pipeline.core.sheets import Record
from pipeline.definitions.fillers import is_filler
from pipeline.definitions.forms import Item
from pipeline.derive.survey import NOT_APPLICABLE, UNCLEAR, blank_items

_WHOLE = 100  # per cent


def _items(case: Case) -> tuple[Record, ...]:
    return case.project.rows("survey", "items")


def _number(case: Case, no: str) -> Sourced[Decimal] | None:
    """Numeric answer of a survey item."""
    row = case.item(no)
    return row.number_of("value") if row else None


# -- items ----------------------------------------------------------------------------------------------------


def answered(case: Case) -> Iterator[Finding]:
    """F002 (6.2.1 note): every item that applies and is required has an answer, if only 不明确."""
    definition = case.forms["survey"].sheet_form("items")
    if not begun(case, "survey"):
        return
    blank = set(blank_items(case.project, case.company, case.forms, case.facts.items))
    for item in definition.items:
        if item.no in blank:
            facts = case.facts.items.get(item.no)
            yield _unanswered(case, item, facts.at if facts else case.project.sheet("survey", "items").at)


def _unanswered(case: Case, item: Item, at: Place) -> Finding:
    return case.finding("F002", at, no=item.no, label=item.label, found="", expected=f"实际值或“{UNCLEAR}”")


def clarification(case: Case) -> Iterator[Finding]:
    """F003 (6.2.1 note, 6.4.2): an unclear item says how and when it will be clarified."""
    definition = case.forms["survey"].sheet_form("items")
    for row in _items(case):
        facts = case.facts.items.get(row.text("no"))
        if facts is None or facts.status != UNCLEAR:
            continue
        for key in ("clarify_plan", "clarify_date"):
            if key in row.cells and row.blank(key):
                label = definition.field(key).label
                yield case.finding("F003", row.at(key), [row.at("value")], no=facts.no, found="", expected=label)


def reason(case: Case) -> Iterator[Finding]:
    """F004 (6.2.1 note): an item that somebody declared not applicable says why."""
    for row in _items(case):
        if row.text("status") == NOT_APPLICABLE and "reason" in row.cells and row.blank("reason"):
            yield case.finding(
                "F004", row.at("reason"), [row.at("status")], no=row.text("no"), found="", expected="理由"
            )


def placeholder(case: Case) -> Iterator[Finding]:
    """F005 (6.2.1 note): an answer is a value, not a placeholder."""
    extra = case.project.rows("survey", "extra_items")
    for row, key in [*((row, "value") for row in _items(case)), *((row, "content") for row in extra)]:
        text = row.cell(key).shown
        if is_filler(text):
            expected = f"实际值、“{UNCLEAR}”或“{NOT_APPLICABLE}”"
            yield case.finding("F005", row.at(key), no=row.text("no"), value=text, found=text, expected=expected)


# -- the survey as a whole --------------------------------------------------------------------------------------


def completeness(case: Case) -> Iterator[Finding]:
    """W101 (6.1): how complete and how clear a survey is that is not both; information."""
    facts = case.facts.survey
    if facts and begun(case, "survey") and min(facts.completeness, facts.clear_rate) < _WHOLE:
        at = case.project.sheet("survey", "items").at
        rates = {"completeness": shown(facts.completeness), "clear_rate": shown(facts.clear_rate)}
        found = f"{rates['completeness']}%、{rates['clear_rate']}%"
        yield case.finding("W101", at, pending=False, **rates, found=found, expected="100%、100%")


def standard_scheme(case: Case) -> Iterator[Finding]:
    """W103 (6.1, 4.3): a standard scheme that was given is named."""
    given, named = case.item("B13"), case.item("B14")
    if given and named and given.text("value") == "是" and named.blank("value"):
        yield case.finding("W103", named.at("value"), [given.at("value")], found="", expected="方案名称和版本")


def version_registered(case: Case) -> Iterator[Finding]:
    """W227 (6.1, 6.4.2): the version on top of the survey stands among its versions."""
    if not case.project.has("survey"):
        return
    head, rows = case.project.workbooks["survey"].head, case.project.rows("survey", "versions")
    last = rows[-1].text("version") if rows else ""
    if head.text("version") and last and head.text("version") not in {row.text("version") for row in rows}:
        values = {"a": head.text("version"), "b": last, "found": head.text("version"), "expected": last}
        yield case.finding("W227", head.at("version"), [rows[-1].at("version")], pending=False, **values)


def concurrent_users(case: Case) -> Iterator[Finding]:
    """W104 (6.1): not more users at once than users."""
    concurrent, users = _number(case, "D05"), _number(case, "D04")
    if concurrent and users and concurrent.value > users.value:
        a, b = concurrent.value, users.value
        yield case.finding("W104", concurrent.at, [users.at], a=a, b=b, found=a, expected=f"不大于{shown(b)}")


def log_retention(case: Case) -> Iterator[Finding]:
    """W105 (6.1): logs are kept as long as the law wants."""
    kept, least = _number(case, "F03"), case.parameter("log_days_min")
    if kept and kept.value < least:
        yield case.finding(
            "W105", kept.at, v=kept.value, limit=least, found=kept.value, expected=f"不少于{shown(least)}"
        )


def bonds(case: Case) -> Iterator[Finding]:
    """W106 (6.1, 6.4.5): bid bond and performance bond stay under the statutory caps."""
    bid, performance = case.parameter("bid_bond_cap"), case.parameter("perf_bond_cap")
    bond, budget, share = _number(case, "I02"), _number(case, "B05"), _number(case, "I03")
    if bond and budget and bond.value * 100 > budget.value * bid:
        found, expected = money(bond.value), f"不超过{money(budget.value * bid / 100)}"
        related = [budget.at]
        yield case.finding("W106", bond.at, related, bid=bid, performance=performance, found=found, expected=expected)
    if share and share.value > performance:
        found, expected = f"{shown(share.value)}%", f"不超过{shown(performance)}%"
        yield case.finding("W106", share.at, bid=bid, performance=performance, found=found, expected=expected)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    answered,
    clarification,
    reason,
    placeholder,
    completeness,
    standard_scheme,
    version_registered,
    concurrent_users,
    log_retention,
    bonds,
)
