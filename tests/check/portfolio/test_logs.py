"""Workbook 10: days, people and projects of the logs, 24 hours a day, trips, and what the reports say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.check.portfolio import logs
from pipeline.check.portfolio.rules import Told, judge_portfolio
from pipeline.core.facts import Facts
from pipeline.core.findings import Finding
from pipeline.core.places import Derived
from pipeline.core.sheets import Workbook
from pipeline.definitions.catalogue import load_catalogue
from pipeline.derive.worklog import logs_of
from tests.cases import AS_OF, DORM, load_case
from tests.logged import ENGINEER, MANAGER, changed, renamed, row_of, sample_logs, without_rows

Edit = Callable[[list[Workbook]], list[Workbook]]
CODES = frozenset({DORM, "LY-SQ-2026-007"})
CHECKED = {"P521", "P522", "P523", "P540", "P541", "P542", "P543", "P558", "P559", "F025"}


def judged(books: Sequence[Workbook], *projects: Facts, codes: frozenset[str] | None = CODES) -> list[Finding]:
    company, told = load_case().company, Told(logs_of(books), codes)
    found = judge_portfolio(projects or [load_case().facts], company, load_catalogue(), AS_OF, (), told)
    for finding in found:
        assert finding.message("zh")
        assert finding.message("en")
        assert {"found", "expected"} <= set(finding.values)
    return list(found)


def told(findings: Sequence[Finding]) -> set[tuple[str, str]]:
    """(person of the file, sheet, cell; rule)."""
    return {
        (f"{f.at.workbook.split('_')[2]} {f.at.sheet}!{f.at.cell}" if "_E" in f.at.workbook else str(f.at), f.rule.code)
        for f in findings
    }


def on(who: int, sheet: str, where: int | str, **fields: object) -> Edit:
    def edit(books: list[Workbook]) -> list[Workbook]:
        books[who] = changed(books[who], sheet, where, **fields)  # type: ignore[arg-type]
        return books

    return edit


def day(number: int, month: int = 6) -> date:
    return date(2026, month, number)


def copied(books: list[Workbook]) -> list[Workbook]:
    return [*books, renamed(books[MANAGER], "10_工作日志_E106_2026-06(1).xlsx")]


def bare(who: int, *rows: int) -> Edit:
    def edit(books: list[Workbook]) -> list[Workbook]:
        books[who] = without_rows(books[who], "log", *rows)
        return books

    return edit


FIRST = row_of(sample_logs()[MANAGER], day(1))
_LOG = sample_logs()[ENGINEER].sheets
_SECOND = _LOG["trips"].rows[1].text("no")
OF_SECOND = [row.number for row in _LOG["log"].rows if row.text("trip_no") == _SECOND]
FIRES: dict[str, tuple[list[Edit], set[tuple[str, str]]]] = {
    "24 hours and a half over two projects": (
        [on(MANAGER, "log", FIRST, hours=Decimal(20))],
        {(f"E106 日志!D{FIRST + 1}", "P521")},
    ),
    "a day of another month": ([on(MANAGER, "log", FIRST, date=day(29, 5))], {(f"E106 日志!A{FIRST}", "P540")}),
    "two people of one number": (
        [on(ENGINEER, "log", "head", emp_no="E106")],
        {("E203 日志!C5", "P541")},
    ),
    "the same log twice": ([copied], {("E106 日志!C5", "P541")}),
    "a project that is not there": (
        [on(MANAGER, "log", FIRST, project="LY-SQ-2026-999")],
        {(f"E106 日志!B{FIRST}", "P542")},
    ),
    "a trip that nobody registered": (
        [on(ENGINEER, "log", row_of(sample_logs()[ENGINEER], day(8)), trip_no="CC-2026-0099")],
        {(f"E203 日志!F{row_of(sample_logs()[ENGINEER], day(8))}", "P522")},
    ),
    "a line outside its trip": (
        [on(ENGINEER, "log", row_of(sample_logs()[ENGINEER], day(8)), trip_no="CC-2026-0013")],
        {(f"E203 日志!A{row_of(sample_logs()[ENGINEER], day(8))}", "P522")},
    ),
    "a day of the trip without a line": (
        [bare(ENGINEER, row_of(sample_logs()[ENGINEER], day(5)))],
        {("E203 出差!A7", "P522")},
    ),
    "trips beyond the plan": ([on(ENGINEER, "trips", 8, cost=Decimal(1500))], {("E203 出差!H8", "P543")}),
    "a number that is no number": (
        [on(MANAGER, "log", FIRST, kind="闲聊")],
        {(f"E106 日志!E{FIRST}", "F011")},
    ),
    "an earlier file that bears another's number": (
        [lambda books: [*books, renamed(books[ENGINEER], "10_工作日志_E102_2026-06.xlsx")]],
        {("E102 日志!C5", "P541")},
    ),
    "the only log of another person": (
        [lambda books: [renamed(books[ENGINEER], "10_工作日志_E102_2026-06.xlsx")]],
        {("E102 日志!C5", "P559")},
    ),
    "a trip that ends before it begins": (
        [on(ENGINEER, "trips", 7, until=day(1, 5))],
        {("E203 出差!D7", "P522")},
    ),
    "a trip approved by the traveller": ([on(ENGINEER, "trips", 7, approver="E203")], {("E203 出差!G7", "P522")}),
    "two trips of one number": (
        [on(ENGINEER, "trips", 8, no=_LOG["trips"].rows[0].text("no"))],
        {("E203 出差!A8", "P558"), *((f"E203 日志!F{row}", "P522") for row in OF_SECOND)},
    ),
    "a day to come": (
        [on(MANAGER, "log", FIRST, date=day(29, 12))],
        {
            (f"E106 日志!A{FIRST}", "P540"),
            (f"E106 日志!A{FIRST}", "F025"),
        },
    ),
    "nobody of that number": ([on(MANAGER, "log", "head", emp_no="E999")], {("E106 日志!C5", "F019")}),
}
PASSES: dict[str, list[Edit]] = {
    "as they are": [],
    "24 hours to the minute": [on(MANAGER, "log", FIRST, hours=Decimal("19.5"))],
    "work for no project": [on(MANAGER, "log", FIRST, project="内部")],
    "a file of no known name": [
        lambda books: [books[MANAGER], renamed(books[ENGINEER], "10_工作日志_白露_2026-06.xlsx")]
    ],
    "a code in small letters": [on(MANAGER, "log", FIRST + 1, project="ly-sq-2026-015")],
    "trips to the fen": [on(ENGINEER, "trips", 8, cost=Decimal("1440.00"))],
    "a chief whom nobody is above": [
        lambda books: [renamed(books[MANAGER], "10_工作日志_E001_2026-06.xlsx")],
        on(0, "log", "head", emp_no="E001"),
        on(0, "trips", 7, approver="E001"),
    ],
    "no logs at all": [lambda _: []],
}


def edited(edits: Sequence[Edit]) -> list[Workbook]:
    books = list(sample_logs())
    for edit in edits:
        books = edit(books)
    return books


@pytest.mark.parametrize("name", FIRES)
def test_it_is_said_at_the_cell(name: str) -> None:
    edits, expected = FIRES[name]
    assert {one for one in told(judged(edited(edits))) if one[1] in CHECKED | {"F011", "F019"}} == expected


@pytest.mark.parametrize("name", PASSES)
def test_nothing_is_said_of_what_is_right(name: str) -> None:
    assert told(judged(edited(PASSES[name]))) == set()


def test_where_nobody_knows_all_projects_no_code_is_wrong() -> None:
    edits, _ = FIRES["a project that is not there"]
    assert judged(edited(edits), codes=None) == []


def test_a_copy_counts_no_hour_twice() -> None:
    books = copied(edited([on(MANAGER, "log", FIRST, hours=Decimal("13.5"))]))
    assert {finding.rule.code for finding in judged(books)} == {"P541"}


RELATED: dict[str, tuple[str, set[str]]] = {
    "P521": ("24 hours and a half over two projects", {f"D{FIRST}"}),
    "P522": ("a line outside its trip", {"C7", "D7"}),
    "P540": ("a day of another month", {"C6"}),
    "P541": ("two people of one number", {"C5"}),
    "P543": ("trips beyond the plan", {"H7"}),
}


@pytest.mark.parametrize("rule", RELATED)
def test_the_other_cells_are_named(rule: str) -> None:
    """P521, P522, P540, P541, P543."""
    name, expected = RELATED[rule]
    (one,) = (finding for finding in judged(edited(FIRES[name][0])) if finding.rule.code == rule)
    found = {place.cell for place in one.related}
    assert found >= expected
    assert {place.sheet for place in one.related} <= {"日志", "出差", "费用明细"}


def test_all_rows_of_a_code_that_is_not_there_are_one_finding() -> None:
    """P542."""
    edits = [on(MANAGER, "log", row, project="LY-SQ-2026-999") for row in (FIRST, FIRST + 2)]
    (one,) = judged(edited(edits))
    assert [place.cell for place in one.related] == [f"B{FIRST + 2}"]


# -- what the reports say ----------------------------------------------------------------------------------------------


def reported(days: str, *planned: str) -> Facts:
    """The dormitory with a report of the 26th week, and with some of those who are planned."""
    facts = load_case().facts
    report = next(one for one in facts.entries.reports if one.period == "2026-W26")
    stays = tuple(one for one in facts.entries.stays if one.emp_no in planned and one.start and one.start.month == 6)
    entries = replace(facts.entries, reports=(replace(report, days=Decimal(days)),), stays=stays)
    return replace(facts, entries=entries)


def logged() -> Decimal:
    """Person-days of the logs up to the end of the 26th week."""
    lines = [line for log in logs_of(sample_logs()) for line in log.lines if line.project == DORM]
    return sum((line.hours for line in lines if line.hours and line.day and line.day <= day(26)), Decimal(0)) / 8


@pytest.mark.parametrize(
    ("days", "planned", "said"),
    [
        ("21", ("E106", "E203"), set()),
        ("19.5", ("E106", "E203"), set()),
        ("19", ("E106", "E203"), {"P523"}),
        ("26.5", ("E106", "E203"), {"P523"}),  # everybody keeps a log, and less is logged
        ("26.5", ("E106", "E203", "E302"), set()),  # one of them keeps none
        ("15", ("E106", "E203", "E302"), {"P523"}),  # more is logged than was reported
    ],
)
def test_reported_person_days_are_those_of_the_logs(days: str, planned: tuple[str, ...], said: set[str]) -> None:
    assert logged() == Decimal("21")
    assert {finding.rule.code for finding in judged(sample_logs(), reported(days, *planned))} == said


def test_the_logged_hours_are_named() -> None:
    """P523."""
    (one,) = judged(sample_logs(), reported("15", "E106"))
    assert (one.at.sheet, len(one.related) > 20) == ("项目汇报", True)
    assert one.values["projects"] == DORM


def test_a_report_that_the_logs_do_not_reach_is_left() -> None:
    facts = reported("1", "E302")
    late = replace(facts.entries.reports[0], end=day(31, 7))
    assert judged(sample_logs(), replace(facts, entries=replace(facts.entries, reports=(late,)))) == []


def test_without_a_cost_plan_no_trip_is_too_dear() -> None:
    facts = replace(load_case().facts, figures={("cost", "total"): Derived(Decimal(0))})
    assert {finding.rule.code for finding in judged(sample_logs(), facts)} == {"P543"}
    assert judged(sample_logs(), replace(facts, figures={})) == []


def test_every_check_is_among_those_of_the_portfolio() -> None:
    assert len(logs.CHECKS) == 11


def test_the_log_of_somebody_who_has_left_since_is_right_for_its_time() -> None:
    company = load_case().company
    gone = tuple(replace(one, left=day(30), active=False) if one.no == "E106" else one for one in company.people)
    then = replace(company, people=gone, persons={one.no: one for one in gone})
    found = judge_portfolio([], then, load_catalogue(), AS_OF, (), Told(logs_of(sample_logs()), None))
    assert [finding.rule.code for finding in found] == []
    gone_before = replace(then, people=tuple(replace(o, left=day(10)) if o.no == "E106" else o for o in gone))
    found = judge_portfolio([], gone_before, load_catalogue(), AS_OF, (), Told(logs_of(sample_logs()), None))
    assert [(finding.rule.code, finding.at.cell) for finding in found] == [("F019", "C5")]
