"""Workbook 06: handover and archiving (clauses 6.7, 7.2; rules W188 .. W191)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from pipeline.check.case import Case, shown
from pipeline.check.dates import plausible
from pipeline.core.company import normal_name
from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.sheets import Record
from pipeline.derive.records import Records

_ENGINEER = "网络工程师"
_KEEPER = "市场销售部"
_SUPPLEMENT = "补充协议"
_SCHEME_PARTS = ("has_topology", "has_bom", "has_flow")


def mandatory_documents(case: Case) -> Iterator[Finding]:
    """W188 (6.7 a-d): contract and supplements, scheme or bid, review form, table of countermeasures."""
    records = Records(case.project)
    if not records.rows("handover") and not records.day("handover", "handover_date"):
        return
    wanted: tuple[tuple[str, list[Place]] | None, ...] = (
        None if _listed(records, "a", "合同") else ("a)合同", []),
        _supplement(records),
        _scheme_or_bid(records),
        None if _listed(records, "c", "评审表") else ("c)合同评审表", []),
        None if _listed(records, "d", "对策表") else ("d)问题对策表", []),
    )
    lacking = [found for found in wanted if found]
    if lacking:
        items, related = "、".join(name for name, _ in lacking), [place for _, places in lacking for place in places]
        at = case.project.sheet("records", "handover").at
        yield case.finding("W188", at, related, items=items, found="", expected=items)


def _listed(records: Records, item: str, *names: str) -> bool:
    rows = (row.text("doc_name") for row in records.rows("handover") if row.text("clause_item") == item)
    return any(name in text for text in rows for name in names)


def _supplement(records: Records) -> tuple[str, list[Place]] | None:
    """Oral and supplementary agreements want a supplement in the list."""
    rows = [r for r in records.rows("agreements") if r.text("origin") == "口头" or "补充" in r.text("name")]
    if not rows or _listed(records, "a", _SUPPLEMENT):
        return None
    return f"a){_SUPPLEMENT}", [row.at("name") for row in rows]


def _scheme_or_bid(records: Records) -> tuple[str, list[Place]] | None:
    """The scheme counts when none of its parts is missing; the bid counts as it is."""
    scheme = records.head("scheme")
    lacking = [scheme.at(key) for key in _SCHEME_PARTS if scheme.text(key) == "否"]
    if _listed(records, "b", "投标书", "响应文件") or (_listed(records, "b", "方案") and not lacking):
        return None
    return "b)系统方案(拓扑图、设备清单、业务流程)或投标书", lacking


def giver(case: Case) -> Iterator[Finding]:
    """W189 (6.7): the project manager hands over."""
    records = Records(case.project)
    head, manager = records.head("handover"), records.pm
    who = head.text("giver")
    if head.date("handover_date") and manager and who and who != manager:
        found, expected = (f"{emp} {case.company.name_of(emp)}" for emp in (who, manager))
        notice = records.head("notice")
        source = notice if notice.text("pm") else case.project.head("plan", "basics")
        yield case.finding("W189", head.at("giver"), [source.at("pm")], found=found, expected=expected)


def receiver(case: Case) -> Iterator[Finding]:
    """W189 (6.7): a network engineer of a construction department, core member of the team, takes over."""
    head = Records(case.project).head("handover")
    who, lines = head.text("receiver"), case.project.rows("staffing", "lines")
    if not head.date("handover_date") or not who or not lines:
        return
    own = [row for row in lines if row.text("emp_no") == who]
    if not _is_site_engineer(case, who) or all(row.text("core") != "是" for row in own):
        found, expected = f"{who} {case.company.name_of(who)}", f"项目组内施工部门{_ENGINEER}"
        related = [row.at("core") for row in own]
        yield case.finding("W189", head.at("receiver"), related, found=found, expected=expected)


def _is_site_engineer(case: Case, emp: str) -> bool:
    person, department = case.company.persons.get(emp), case.company.department_of(emp)
    return bool(person and _ENGINEER in person.title and department and department.construction)


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
        if until and until.value != end:
            wrong.append((until.at, shown(until.value), shown(end)))
        for at, a, expected in wrong:
            values = {"years": years, "a": a, "b": end, "found": a, "expected": expected}
            yield case.finding("W190", at, [archived.at], pending=False, **values)


def _later(day: date, years: int) -> date:
    """The same day some years later; 28 February where 29 does not exist."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def keeper(case: Case) -> Iterator[Finding]:
    """W191 (7.2): the sales department keeps the records."""
    for head in _archives(case):
        dept = head.text("archive_dept")
        if dept and normal_name(dept) != _KEEPER:
            yield case.finding("W191", head.at("archive_dept"), a=dept, found=dept, expected=_KEEPER)


CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    mandatory_documents,
    giver,
    receiver,
    retention,
    keeper,
)
