"""Workbook 06: what a record of the procedure must say (rules F032, F033, W180 .. W183, W186, W187, W195)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from pipeline.check.case import Case, money, shown
from pipeline.check.dates import plausible
from pipeline.core.findings import Finding
from pipeline.core.money import NotAnAmount, from_words, in_words
from pipeline.core.places import Place, Sourced
from pipeline.core.sheets import Record
from pipeline.derive.days import SIGNED
from pipeline.derive.records import Records

_HEADS = frozenset({"scheme", "signing", "handover"})
# Answers that are none without their reasons: sheet, answer, who answers, and the answers.
RESERVED = (
    ("countersign", "opinion", "dept", frozenset({"不同意", "有条件同意"})),
    ("creview", "opinion", "dept", frozenset({"有问题", "不同意"})),
    ("req_review", "result", "topic", frozenset({"有条件满足", "不满足"})),
    ("approval", "decision", "role", frozenset({"不批准", "补充后再审"})),
)
# Cells that no row in use leaves blank: rule, sheet, field that names the row, fields.
_FILLED = (
    ("W180", "tracking", "no", "date by contact method content next"),
    ("W182", "memos", "no", "start end place host recorder attendees discussion resolution"),
    ("W182", "actions", "memo_no", "item owner due"),
    ("W183", "problems", "no", "countermeasure owner due"),
    ("W186", "changes", "no", "reason before after impact approver"),
)
_CONSULTED = frozenset({"方案-技术", "商务"})


def missing(row: Record, key: str) -> bool:
    """Whether a cell that the sheet has is blank."""
    return key in row.cells and row.blank(key)


def _label(case: Case, sheet: str, key: str) -> str:
    definition = case.forms["records"].sheet_form(sheet)
    return {**{f.key: f.label for f in definition.labelled}, **{f.key: f.label for f in definition.fields}}[key]


def signature_pairs(case: Case) -> Iterator[Finding]:
    """F032 (6.3.2, 6.2.2, 6.7): a signature has its date, and a date its signature."""
    records = Records(case.project)
    for sheet, person, day in SIGNED:
        for row in (records.head(sheet),) if sheet in _HEADS else records.rows(sheet):
            blank = [key for key in (person, day) if missing(row, key)]
            if len(blank) == 1 and person in row.cells and day in row.cells:
                other = day if blank == [person] else person
                names = {"label": _label(case, sheet, person), "expected": _label(case, sheet, blank[0])}
                yield case.finding("F032", row.at(blank[0]), [row.at(other)], pending=False, found="", **names)


def reserved_without_reasons(case: Case, sheet: str, row: Record) -> bool:
    """Whether a row of the last round answers with a reservation and does not say which (F033)."""
    for name, answer, _, answers in RESERVED:
        if name == sheet and row.text(answer) in answers and missing(row, "opinion_text"):
            return row in Records(case.project).rows(sheet)
    return False


def opinion(case: Case) -> Iterator[Finding]:
    """F033 (6.3.2, 6.4.6): who does not simply agree says what the opinion is."""
    for sheet, answer, who, _ in RESERVED:
        for row in case.project.rows("records", sheet):
            if reserved_without_reasons(case, sheet, row):
                dept, value = row.text(who) or f"第{row.number}行", row.text(answer)
                expected = _label(case, sheet, "opinion_text")
                at, related = row.at("opinion_text"), [row.at(answer)]
                yield case.finding("F033", at, related, dept=dept, value=value, found="", expected=expected)


def filled(case: Case) -> Iterator[Finding]:
    """W180, W182, W183, W186 (6.4.2, 6.4.6 .. 6.4.8): a row in use is complete."""
    for rule, sheet, name, keys in _FILLED:
        for row in Records(case.project).rows(sheet):
            for key in keys.split():
                yield from _blank(case, rule, (sheet, name), row, key)


def consulted(case: Case) -> Iterator[Finding]:
    """W186 (6.4.5): a technical or commercial change names who was consulted."""
    for row in Records(case.project).rows("changes"):
        if row.text("kind") in _CONSULTED:
            yield from _blank(case, "W186", ("changes", "no"), row, "consulted")


def oral_agreement(case: Case) -> Iterator[Finding]:
    """W187 (6.7 a): an oral agreement is put in writing and signed by the COO; a technical one approved by the CTO."""
    for row in Records(case.project).rows("agreements"):
        if row.text("origin") == "口头":
            keys = ["written_date", "coo_sign", *(["cto_sign"] if row.text("technical") == "是" else [])]
            for key in keys:
                yield from _blank(case, "W187", ("agreements", "no"), row, key)


def _blank(case: Case, rule: str, names: tuple[str, str], row: Record, key: str) -> Iterator[Finding]:
    """A finding when a cell is blank; `names` are the sheet and the field that names the row."""
    if missing(row, key):
        sheet, name = names
        label = _label(case, sheet, key)
        no = row.text(name) or f"第{row.number}行"
        yield case.finding(rule, row.at(key), no=no, label=label, row=row.number, found="", expected=label)


# -- tracking -------------------------------------------------------------------------------------------------


def tracking_gap(case: Case) -> Iterator[Finding]:
    """W181 (6.4.2): after the notice the customer is visited again and again, until the contract is signed."""
    records = Records(case.project)
    notice = records.day("notice", "date")
    if notice is None:
        return
    days = [day for row in records.rows("tracking") if (day := row.date("date")) and plausible(case, day.value)]
    days.sort(key=lambda day: (day.value, day.at.order))
    for before, after in pairwise(days):
        if after.value >= notice.value:
            yield from _gap(case, before, after.value, after.at, [before.at])
    if days and _still_tracked(records):
        yield from _gap(case, days[-1], case.as_of, days[-1].at, [notice.at])


def _still_tracked(records: Records) -> bool:
    """Tracking goes on: not signed, not ended, and not left out by the plan."""
    ended = records.day("closing", "close_date") or records.archive.date("archive_date")
    omitted = records.project.head("plan", "basics").text("skip_tracking") == "是"
    return records.head("signing").blank("sign_date") and not ended and not omitted


def _gap(case: Case, before: Sourced[date], after: date, at: Place, related: list[Place]) -> Iterator[Finding]:
    most = case.parameter("tracking_gap")
    calendar = case.company.calendar
    between = calendar.between(before.value + timedelta(days=1), after)
    for start, end in _pauses(case, before.value, after):
        between -= calendar.between(start, end)
    if between > most:
        found, expected = f"{between}个工作日", f"不超过{shown(most)}个工作日"
        yield case.finding("W181", at, related, a=before.value, b=after, gap=most, found=found, expected=expected)


def _pauses(case: Case, before: date, after: date) -> Iterator[tuple[date, date]]:
    """Pauses that the customer asked for (workbook 06 暂停), as far as they lie after one day and up to another."""
    for row in case.project.rows("records", "pauses"):
        start, until = row.date("from"), row.date("until")
        first = max(start.value, before + timedelta(days=1)) if start else after
        last = min(until.value - timedelta(days=1), after) if until else after
        if start and first <= last:
            yield first, last


# -- bid ------------------------------------------------------------------------------------------------------


def bid_price(case: Case) -> Iterator[Finding]:
    """W195 (6.4.5): the price in words equals the price, and the price stays under the ceiling."""
    head = Records(case.project).head("bidding")
    price, ceiling, words = head.money("price"), head.money("ceiling"), head.text("price_upper")
    if price is None:
        return
    if words and not _same(case, words, price):
        at = head.at("price_upper")
        what, what_en = f"投标报价的大写与{money(price.value)}不一致", "The bid price in words is another amount"
        said = {"what": what, "what_en": what_en}
        yield case.finding("W195", at, [price.at], pending=False, **said, found=words, expected=_words(price))
    if ceiling and price.value > ceiling.value:
        found, expected = money(price.value), f"不超过{money(ceiling.value)}"
        over = f"投标报价{found}超过最高限价{money(ceiling.value)}"
        said = {"what": over, "what_en": f"The bid price {found} exceeds the ceiling {money(ceiling.value)}"}
        yield case.finding("W195", price.at, [ceiling.at], pending=False, **said, found=found, expected=expected)


def _same(case: Case, words: str, price: Sourced[Decimal]) -> bool:
    try:
        return abs(from_words(words) - price.value) < case.parameter("tolerance")
    except NotAnAmount:
        return False


def _words(price: Sourced[Decimal]) -> str:
    try:
        return in_words(price.value)
    except ValueError:
        return money(price.value)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    signature_pairs,
    opinion,
    filled,
    consulted,
    oral_agreement,
    tracking_gap,
    bid_price,
)
