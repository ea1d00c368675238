"""Workbook 06: handover and archiving (clauses 6.7, 7.2; rules W189 .. W191, W214, X245)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from pipeline.check.case import Case, shown
from pipeline.check.dates import plausible
from pipeline.check.mandatory_papers import contracts, names, of_item
from pipeline.check.procedure import undated
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.derive.known import known
from pipeline.derive.managers import joined, manager_on
from pipeline.derive.records import IN_FORCE, Records
from pipeline.derive.rounds import Round, passed

_ENGINEER = "网络工程师"
_KEEPER = "市场销售部"
_WHO = {
    "giver": {"what": "移交人", "what_en": "Who hands over"},
    "receiver": {"what": "接收人", "what_en": "Who receives"},
}
_TECHNICAL = "方案-技术"
_NUMBERS = re.compile(r"\d+")


def giver(case: Case) -> Iterator[Finding]:
    """W189 (6.7): the project manager hands over."""
    records = Records(case.project)
    head, handed = records.head("handover"), records.day("handover", "handover_date")
    manager, who = manager_on(case.managers, handed.value if handed else None), head.text("giver")
    deputies = case.company.on(handed.value).deputies([manager.no]) if handed and manager else []
    if handed and manager and who and who not in (manager.no, *deputies):
        found, expected = (f"{emp} {case.company.name_of(emp)}" for emp in (who, manager.no))
        yield case.finding(
            "W189", head.at("giver"), [manager.at], pending=False, **_WHO["giver"], found=found, expected=expected
        )


def receiver(case: Case) -> Iterator[Finding]:
    """W189 (6.7): a network engineer of a construction department takes over, core member, his successor or deputy."""
    head = Records(case.project).head("handover")
    who, lines = head.text("receiver"), case.project.rows("staffing", "lines")
    handed = head.date("handover_date")
    if not handed or not who or not lines:
        return
    own = [row for row in lines if row.text("emp_no") == who]
    members = {row.text("emp_no") for row in lines if row.text("core") == "是"} | joined(case.project, case.company)
    then = case.company.on(handed.value)
    engineers = [emp_no for emp_no in members if then.site_engineer(emp_no)]
    if who not in {*engineers, *then.deputies(engineers)}:
        found, expected = f"{who} {case.company.name_of(who)}", f"项目组内施工部门{_ENGINEER}"
        related = [*(row.at("core") for row in own), *undated(case, who, "title")]
        texts = {**_WHO["receiver"], "found": found, "expected": expected}
        yield case.finding("W189", head.at("receiver"), related, pending=False, **texts)


def _archives(case: Case) -> tuple[Record, ...]:
    """Head of the handover, and the sheet of projects that end without one."""
    records = Records(case.project)
    return records.head("handover"), records.head("archive")


def retention(case: Case) -> Iterator[Finding]:
    """W190 (7.2): records are kept as many years as the company says, from the day of archiving."""
    for head in _archives(case):
        archived = head.date("archive_date")
        if archived is None or not plausible(case, archived.value):
            continue
        years = case.company.parameter("retention_years", archived.value)
        end = _later(archived.value, int(years))
        period, until = head.number_of("retention_years"), head.date("retention_until")
        wrong = []
        if period and period.value != years:
            wrong.append((period.at, f"{shown(period.value)}年", f"{shown(years)}年"))
        follows = bool(wrong and period and until and until.value == _later(archived.value, int(period.value)))
        if until and until.value != end and not follows:
            wrong.append((until.at, shown(until.value), shown(end)))
        for at, a, expected in wrong:
            values = {"years": years, "a": a, "b": end, "found": a, "expected": expected}
            related = [archived.at, *([until.at] if until and follows else [])]
            yield case.finding("W190", at, related, pending=False, **values)


def _later(day: date, years: int) -> date:
    """The same day some years later; 28 February where 29 does not exist."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def keeper(case: Case) -> Iterator[Finding]:
    """W191 (7.2): the sales department keeps the records."""
    key = case.company.department_key
    for head in _archives(case):
        dept = head.text("archive_dept")
        if dept and key(dept) != key(_KEEPER):
            yield case.finding("W191", head.at("archive_dept"), a=dept, found=dept, expected=_KEEPER)


# -- the papers in the list ---------------------------------------------------------------------------------------


def papers_as_approved(case: Case) -> Iterator[Finding]:
    """X245 (6.7 a, b): contract and scheme in the list are those that were reviewed and approved."""
    records = Records(case.project)
    head, name = records.head("creview"), records.head("scheme").text("name")
    contract, rows = head.text("contract_no"), contracts(records)
    if contract and rows and not any(_is_contract(row, contract) for row in rows):
        yield _other_paper(case, "合同编号", rows[0], "doc_no", head.at("contract_no"), contract)
    schemes = [row for row in of_item(records, "b") if name and name in row.text("doc_name")]
    last = next(reversed(passed(case.project, "scheme")), None)
    if last and last.version and schemes and not any(_is_approved(records, row, last) for row in schemes):
        yield _other_paper(case, "方案版本", schemes[0], "version", last.at, last.version)


def _is_approved(records: Records, row: Record, last: Round) -> bool:
    """Whether a paper has the version that was approved last, or a later one that an approved change explains."""
    if _is_version(row, last.version):
        return True
    changes = [one for one in records.rows("changes") if one.text("kind") == _TECHNICAL]
    since = [day for one in changes if one.text("status") in IN_FORCE and (day := one.date("approve_date"))]
    changed = any(last.day and day.value >= last.day.value for day in since)
    return changed and _order(row.text("version")) > _order(last.version)


def _order(version: str) -> list[int]:
    """A version as numbers: V1.10 follows V1.9."""
    return [int(number) for number in _NUMBERS.findall(version)]


def _is_contract(row: Record, no: str) -> bool:
    """Whether a paper bears a number; its name counts where no number is given."""
    return row.text("doc_no").strip() == no or (row.blank("doc_no") and names(row, no))


def _is_version(row: Record, version: str) -> bool:
    return row.text("version").strip().upper() == version.strip().upper()


def _other_paper(case: Case, label: str, row: Record, key: str, at: Place, expected: str) -> Finding:
    found = row.text(key)
    texts = {"name": row.text("doc_name"), "label": label, "found": found, "expected": expected}
    return case.finding("X245", row.at(key), [at], pending=False, **texts)


def papers_as_they_are(case: Case) -> Iterator[Finding]:
    """W214 (6.7): versions and pages in the list are those of the papers."""
    survey, basics = case.facts.survey, case.project.head("plan", "basics")
    versions = {"CSR": survey.version if survey else "", "PPR": basics.text("plan_version")}
    for row in case.project.rows("records", "handover"):
        due = next((version for code, version in versions.items() if code in row.choices("file") and version), "")
        if due and row.text("version") and not _is_version(row, due):
            yield _other_than(case, row, "version", "版本", row.text("version"), due)
        counted = known("attachments.pages", case.project, case.facts, row)
        pages = row.number_of("pages")
        if pages and isinstance(counted, Decimal) and pages.value not in {counted, counted * _copies(row)}:
            yield _other_than(case, row, "pages", "页数", shown(pages.value), shown(counted))


def _copies(row: Record) -> Decimal:
    """Copies of a paper: its pages may be given of all of them together."""
    copies = row.number_of("copies")
    return copies.value if copies else Decimal(1)


def _other_than(case: Case, row: Record, key: str, label: str, found: str, expected: str) -> Finding:
    texts = {"name": row.text("doc_name"), "label": label, "found": found, "expected": expected}
    return case.finding("W214", row.at(key), [row.at("file")], pending=False, **texts)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    papers_as_approved,
    papers_as_they_are,
    giver,
    receiver,
    retention,
    keeper,
)
