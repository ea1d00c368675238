"""Workbook 09: what a project takes from the library, and gives to it (rules P524, P525, P533, P555, P572 .. P574)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from pipeline.check.case import Case
from pipeline.core.company import normal_name
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Cell, Record
from pipeline.definitions.fillers import is_nothing
from pipeline.definitions.procedure import load_procedure

_VERSION = re.compile(r"V\d+\.\d+", re.IGNORECASE)
_GONE = ("在09资源目录的标准方案里没有", "no such standard scheme in workbook 09")
_STOPPED = ("已经停用", "no longer in use")


def standard_scheme_current(case: Case) -> Iterator[Finding]:
    """P524, P525 (售前工作流程; 4.3): the standard scheme of the survey stands in the library, current and reviewed.

    It is named by its code or its name; a version beside it must be the current one. Without a library nothing is said.
    """
    named = case.item("B14")
    schemes = [row for row in case.company.sheet("library", "library").rows if row.text("kind") == "标准方案"]
    if named is None or not schemes or not _says_something(named):
        return
    cell = named.cell("value")
    row = next((row for row in schemes if _names(cell, row)), None)
    why = _GONE if row is None else _not_current(cell, row)
    if why:
        related = [row.at("version")] if row else []
        expected = f"{row.text('title')} {row.text('version')}" if row else "09资源目录的标准方案"
        values = {"what": cell.shown, "why": why[0], "why_en": why[1], "found": cell.shown, "expected": expected}
        yield case.finding("P524", cell.at, related, pending=False, **values)
    due = row.date("review_due") if row else None
    if row and due and due.value < _at_work(case):
        values = {
            "what": row.text("title"),
            "due": str(due.value),
            "found": str(due.value),
            "expected": "复核以后的日期",
        }
        yield case.finding("P525", cell.at, [due.at], pending=False, **values)


def _at_work(case: Case) -> date:
    """Today; of a project that has ended the day on which it did: what runs out later is no longer its matter."""
    closed = case.project.head("records", "closing").date("close_date")
    return min(closed.value, case.as_of) if closed and case.facts.state in load_procedure().ended else case.as_of


def _says_something(named: Record) -> bool:
    return not named.blank("value") and named.text("status") not in {"不适用", "不明确"} and named.text("value") != "无"


def _names(cell: Cell, row: Record) -> bool:
    """Whether a text names a scheme: by its code, or by its name."""
    text, words = normal_name(cell.shown).casefold(), (row.text("code"), row.text("title"))
    return any(word and normal_name(word).casefold() in text for word in words)


def _not_current(cell: Cell, row: Record) -> tuple[str, str] | None:
    said, current = _VERSION.findall(cell.shown), row.text("version")
    if row.text("status") == "停用":
        return _STOPPED
    if said and current and current.casefold() not in {version.casefold() for version in said}:
        return f"不是现行版本{current}", f"its current version is {current}"
    return None


def library_not_read(case: Case) -> Iterator[Finding]:
    """P533 (售前工作流程): a library that cannot be read is told to the projects that name something in it."""
    named = case.item("B14")
    if named is None or not _says_something(named):
        return
    for name, (why, why_en) in case.company.unread.items():
        values = {"name": name, "why": why, "why_en": why_en, "found": why, "expected": "能打开的工作簿"}
        yield case.finding("P533", Place(name), [named.at("value")], pending=False, **values)


def bidders_known(case: Case) -> Iterator[Finding]:
    """P555 (售前工作流程): whom we met at an opening stands among the competitors of workbook 09, once it has any."""
    known = {normal_name(row.text("title")) for row in case.company.sheet("library", "competitors").rows}
    rows = [row for row in case.project.rows("bids", "bid_opening") if row.text("ours") == "否"]
    new = [row for row in rows if not row.blank("bidder") and normal_name(row.text("bidder")) not in known]
    if known and new:
        first, *others = [row.at("bidder") for row in new]
        what = "、".join(row.text("bidder") for row in new)
        yield case.finding("P555", first, others, pending=False, what=what, found=what, expected="09竞争对手里有")


def suppliers_fit(case: Case) -> Iterator[Finding]:
    """P572 (售前工作流程): of whom we buy is fit while the project lasts; one finding a supplier, at his first row."""
    known = _listed(case)
    for name, (at, *others) in _bought_of(case).items():
        why = _unfit(known[normal_name(name)], _at_work(case)) if normal_name(name) in known else None
        if why:
            values = {"what": name, "why": why[0], "why_en": why[1], "found": why[0], "expected": "合格、资质有效"}
            yield case.finding("P572", at, others, pending=False, **values)


def suppliers_known(case: Case) -> Iterator[Finding]:
    """P573 (售前工作流程): of whom we buy stands among the suppliers of workbook 09, once it has any; one finding."""
    known = _listed(case)
    new = {name: places for name, places in _bought_of(case).items() if normal_name(name) not in known}
    if known and new:
        (first, *others), what = [at for places in new.values() for at in places], "、".join(new)
        yield case.finding("P573", first, others, pending=False, what=what, found=what, expected="09供应商名录里有")


def _listed(case: Case) -> dict[str, Record]:
    return {normal_name(row.text("title")): row for row in case.company.sheet("library", "suppliers").rows}


def _bought_of(case: Case) -> dict[str, list[Place]]:
    """The suppliers of workbook 04 that are chosen, each with his cells; the customer and our own store are none."""
    rows: dict[str, list[Place]] = {}
    for line in case.project.rows("materials", "lines"):
        name = line.text("supplier")
        if line.text("mode") in _FROM_OTHERS and not is_nothing(name) and not name.startswith(_UNDECIDED):
            rows.setdefault(name, []).append(line.at("supplier"))
    return rows


_UNDECIDED = ("待定", "待招", "待询", "待选")  # 待定标, 待招标, 待询价
_FROM_OTHERS = frozenset({"外购", "租赁"})


def _unfit(row: Record, today: date) -> tuple[str, str] | None:
    until = row.date("valid_until")
    if row.text("evaluation") == "停用":
        return "已经停用", "no longer to be used"
    if until and until.value < today:
        return f"的资质在{until.value}过期", f"its qualification ended on {until.value}"
    return None


def kept_for_later(case: Case) -> Iterator[Finding]:
    """P574 (售前工作流程): what a finished project gives to the library stands in it, once there is a library."""
    known = {row.text("code") for row in case.company.sheet("library", "library").rows}
    head = case.project.head("records", "closing")
    lost = [code for code in head.choices("library_codes") if code not in known]
    if known and lost:
        what = "、".join(lost)
        values = {"what": what, "found": what, "expected": "09资源目录的编号"}
        yield case.finding("P574", head.at("library_codes"), (), pending=False, **values)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    standard_scheme_current,
    library_not_read,
    bidders_known,
    suppliers_fit,
    suppliers_known,
    kept_for_later,
)
