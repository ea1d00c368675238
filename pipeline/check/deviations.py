"""What is let pass: approved deviations of workbook 06, and records older than a rule (rules F053, F054, F055)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from pipeline.check.case import Case
from pipeline.check.causes import Folded
from pipeline.core.company import normal_name
from pipeline.core.errors import DefinitionError
from pipeline.core.findings import Eased, Finding, Severity
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.definitions.fillers import is_nothing

# Day from which a company holds its records to the rules that came later; workbook 00 may lack it.
RULES_FROM = "rules_from"
# `[06_….xlsx]洽谈投标!C11`, `06 洽谈投标!C11` and `洽谈投标!C11` are the same cell, written in three ways.
_PLACE = re.compile(r"(?:\[(?P<book>[^\]]*)\]|\d\d)?(?P<where>.*)", re.DOTALL)
_BLANK = "F001"
_SAID = ("rule", "cell", "reason", "approver", "date")


def let_pass(case: Case, found: Folded, read: Sequence[Finding] = ()) -> list[Finding]:
    """The findings with what is let pass as warnings, and what is wrong with the rows that let it pass.

    A row that lets a cause pass settles what follows from it.

    Args:
        case: the project.
        found: its findings by their causes.
        read: what was found while the workbooks were read: nothing lets it pass.
    """
    rows = [row for row in case.project.rows("records", "deviations") if not any(map(row.blank, _SAID))]
    good = [row for row in rows if _may(case, row) and not is_nothing(row.text("reason"))]
    apart = {(one.rule.code, one.at) for one in read}
    kept = [one if (one.rule.code, one.at) in apart else _deviating(case, one, good) for one in found.kept]
    why = {id(old): new.eased for old, new in zip(found.kept, kept, strict=True) if new.eased and new is not old}
    causes = {id(one): why[id(cause)] for one, cause in found.settled if id(cause) in why}
    kept = [_settled(case, new, causes.get(id(old))) for old, new in zip(found.kept, kept, strict=True)]
    known = [*found.kept, *(one for one, cause in found.follows if id(cause) in why)]
    return [*kept, *(wrong for row in rows for wrong in _row(case, row, known))]


def _firm(case: Case, finding: Finding) -> bool:
    """Whether nothing lets a finding pass: what its rule says is not so can be mended, or it is a blank of a plan.

    A blank of workbook 06 may be of something that nobody did; one of the other workbooks can still be filled.
    """
    records = {book.name for book in case.project.books if book.form == "records"}
    return finding.rule.firm or (finding.rule.code == _BLANK and finding.at.workbook not in records)


def _settled(case: Case, finding: Finding, why: Eased | None) -> Finding:
    """A finding that is settled with its cause."""
    error = finding.rule.severity is Severity.ERROR and not _firm(case, finding)
    return finding.ease(why) if why and error else finding


def _deviating(case: Case, finding: Finding, rows: Sequence[Record]) -> Finding:
    """The finding as a warning where an approved row names it."""
    if finding.rule.severity is not Severity.ERROR or _firm(case, finding):
        return finding
    row = next((row for row in rows if _names(row, finding)), None)
    if row is None:
        return finding
    name, reason, day = case.company.name_of(row.text("approver")), row.text("reason"), row.text("date")[:10]
    zh, en = f"偏差说明:{reason};{name} {day}批准", f"deviation approved by {name} on {day}: {reason}"
    return finding.ease(Eased(zh, en, row.at("reason")))


def _names(row: Record, finding: Finding) -> bool:
    return row.text("rule").strip().upper() == finding.rule.code and _same_place(row.text("cell"), finding.at)


def _same_place(text: str, at: Place) -> bool:
    """Whether a place as people copy it is this one; a workbook is compared only where they wrote it."""
    match = _PLACE.fullmatch(_plain(text))
    own = f"{at.sheet or ''}{'!' if at.cell else ''}{at.cell or ''}"
    return match is not None and match["where"] == _plain(own) and match["book"] in {None, _plain(at.workbook)}


def _plain(text: str) -> str:
    return normal_name(text).upper().replace("$", "").replace("'", "")


def _may(case: Case, row: Record) -> bool:
    """Whether somebody approved who may: a chief officer, or the head of the department that watches the handover."""
    day = row.date("date")
    company = case.company.on(day.value) if day else case.company
    person = company.persons.get(row.text("approver"))
    chiefs = {dept.cxo for dept in company.departments.values()} - {""}
    watching = {step.dept for step in company.steps if step.action == "监交"}
    heads = {dept.head for code, dept in company.departments.items() if code in watching}
    return person is not None and (person.post in chiefs or person.no in heads)


def _row(case: Case, row: Record, findings: Sequence[Finding]) -> Iterator[Finding]:
    """F053: nothing fits the row. F054: who approved it may not. F055: the rule lets nothing pass."""
    code, rule = row.text("rule"), case.rules.get(row.text("rule").strip().upper())
    named = [one for one in findings if _names(row, one)]
    if (rule and rule.firm) or (named and all(_firm(case, one) for one in named)):
        yield case.finding("F055", row.at("rule"), value=code, found=code, expected="改正")
    elif not named:
        where = f"{code} {row.text('cell')}"
        yield case.finding("F053", row.at("cell"), value=where, found=where, expected="校验报告上的规则和位置")
    if not _may(case, row):
        who = case.company.name_of(row.text("approver"))
        yield case.finding("F054", row.at("approver"), value=who, found=who, expected="CXO或质量管理部门负责人")


# -- records older than a rule ------------------------------------------------------------------------------------


def older(case: Case, finding: Finding) -> Finding:
    """The finding as a warning where its record is older than the day from which newer rules are held."""
    since, held = finding.rule.since, _held_from(case) if finding.rule.since else None
    if finding.rule.severity is not Severity.ERROR or since is None or held is None:
        return finding
    day = _day_of(case, finding.at) or case.facts.business_date
    if day >= held:
        return finding
    zh = f"记录日期{day},早于规则启用日{held},只提醒"
    return finding.ease(Eased(zh, f"the record of {day} is older than {held}, from which newer rules are held"))


def _held_from(case: Case) -> date | None:
    try:
        return date.fromisoformat(case.company.text_parameter(RULES_FROM, case.as_of).strip()[:10])
    except (DefinitionError, ValueError):  # no such parameter, or none is set: every rule is held
        return None


def _day_of(case: Case, at: Place) -> date | None:
    """The last day that the record around a cell of workbook 06 names; of a whole sheet that of all its records."""
    sheets = [sheet for book in case.project.books if book.form == "records" for sheet in book.sheets.values()]
    records = [record for sheet in sheets if sheet.at == Place(at.workbook, at.sheet) for record in sheet.records()]
    own = [record for record in records if any(cell.at == at for cell in record.cells.values())]
    days = [day.value for record in own or records for key in record.cells if (day := record.date(key))]
    return max(days, default=None)
