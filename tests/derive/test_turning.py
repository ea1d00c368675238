"""The next day on which rules may answer differently: what a rule looks at is said once, and announced."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline import check
from pipeline.check.case import Case
from pipeline.check.judge import judge
from pipeline.core.company import Parameter
from pipeline.core.findings import LooksAt
from pipeline.definitions.catalogue import load_catalogue
from pipeline.derive import procedure
from pipeline.derive.facts import derive
from pipeline.derive.turning import TURNS
from tests.cases import DORM, TV, load_case
from tests.check.reported import retyped

DAY = timedelta(days=1)
Answers = frozenset[tuple[object, ...]]


def on(case: Case, day: date) -> Case:
    """The same workbooks on another day."""
    return replace(case, facts=derive(case.project, case.company, case.forms, day))


def answers(case: Case, day: date) -> Answers:
    """What every rule says on a day: its code, its cell, what it found."""
    found = judge(on(case, day))[0]
    return frozenset((f.rule.code, f.at, f.pending, f.values.get("value", "")) for f in found)


def turns(case: Case, start: date, end: date) -> Iterator[tuple[date, date]]:
    """The announced turns from a day on, each with the one before it."""
    while (turn := on(case, start).facts.next_turn) and turn <= end:
        yield start, turn
        start = turn


def spoken(case: Case, start: date, end: date) -> list[Answers]:
    """What is said from turn to turn; between two of them nothing may change."""
    found = []
    for before, turn in turns(case, start, end):
        found.append(answers(case, before))
        if turn - DAY > before:
            assert answers(case, turn - DAY) == found[-1], (before, turn)
    return found


def changing(found: list[Answers]) -> set[object]:
    """Codes that are not said on every day alike."""
    return {code for code, *_ in frozenset().union(*found) - found[0].intersection(*found)}


# -- the two lists are one ------------------------------------------------------------------------------------------


def asking() -> Iterator[tuple[str, set[str]]]:
    """Functions of checks and steps that ask for today, directly or through others of their module; their rules."""
    for path in (file for room in (check, procedure) for file in Path(room.__path__[0]).glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        known: set[str] = set()
        more = {"plausible"}
        while more - known:
            known |= more
            more = {node.name for node in functions if _asks(node, known)}
        for node in functions:
            codes = {word.strip("(:,") for word in (ast.get_docstring(node) or "").split()} & set(load_catalogue())
            if node.name in known and codes:
                yield node.name, {code for code in codes if load_catalogue()[code].scope != "portfolio"}


def _asks(function: ast.FunctionDef, known: set[str]) -> bool:
    names = {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    read = {
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("case", "g")
    }
    return "as_of" in read or bool(names & known)


def test_every_check_that_asks_for_today_says_so_in_the_catalogue() -> None:
    found = {code for _, codes in asking() for code in codes}
    assert found == {code for code, rule in load_catalogue().items() if rule.looks_at}
    assert {"F025", "W181", "W184"} <= found


def test_every_way_of_looking_at_today_has_its_turn() -> None:
    assert set(TURNS) == set(LooksAt) == {look for rule in load_catalogue().values() for look in rule.looks_at}


# -- what is announced ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [(DORM, date(2026, 6, 20), date(2026, 7, 6)), (TV, date(2026, 6, 20), date(2026, 7, 5))],
)
def test_what_changes_with_the_day_is_announced(code: str, start: date, end: date) -> None:
    found = spoken(load_case(code=code), start, end)
    said = changing(found)
    assert said
    assert {str(code) for code in said} <= {code for code, rule in load_catalogue().items() if rule.looks_at}


def test_a_date_that_comes_is_a_turn_and_after_the_last_there_is_none() -> None:
    case = load_case()
    first = min(found.value for _, found in case.facts.days)
    assert on(case, first - DAY).facts.next_turn == first
    assert on(case, date(2080, 1, 1)).facts.next_turn is None


@pytest.mark.parametrize(
    ("sheet", "where", "key", "far"),
    [
        (("plan", "basics"), "head", "plan_end", date(2037, 3, 1)),
        (("plan", "stages"), 10, "end", date(2040, 2, 29)),
        (("cost", "lines"), 7, "use_month", "2037-03"),
    ],
)
def test_a_day_just_beyond_the_horizon_is_believed_from_an_announced_day(
    sheet: tuple[str, str], where: int | str, key: str, far: date | str
) -> None:
    """F025: its error goes when ten years ahead reach the day; W111 and W114 begin to count then."""
    case = retyped(load_case(), *sheet, where, **{key: far})
    come = {"2037-03": date(2027, 3, 1), date(2037, 3, 1): date(2027, 3, 1), date(2040, 2, 29): date(2030, 3, 1)}[far]
    assert come in [turn for _, turn in turns(case, come - 30 * DAY, come)]
    assert ("F025" in {code for code, *_ in answers(case, come - DAY)}) is True
    assert ("F025" in {code for code, *_ in answers(case, come)}) is False


def test_the_longest_gap_between_two_visits_is_a_turn() -> None:
    """W181 hits on the first working day beyond the gap, though nobody has typed that day, and on no day before."""
    case = untracked(load_case())
    visits = [found.value for row in case.project.rows("records", "tracking") if (found := row.date("date"))]
    last = max(visits)
    gap = int(case.company.parameter("tracking_gap", case.facts.business_date))
    come = next(
        day
        for day in (last + offset * DAY for offset in range(60))
        if case.company.calendar.between(last + DAY, day) == gap + 1
    )
    assert "W181" not in {code for code, *_ in answers(case, come - DAY)}
    assert "W181" in {code for code, *_ in answers(case, come)}
    assert come in [turn for _, turn in turns(case, last, come)]


@pytest.mark.parametrize(
    ("visit", "come"),
    [
        (date(2026, 6, 10), date(2026, 7, 3)),  # the Dragon Boat Festival (06-19) does not count
        (date(2026, 9, 18), date(2026, 10, 16)),  # 09-20 and 10-10 are worked, 09-25 and 10-01 to 10-07 are not
        (date(2026, 9, 30), date(2026, 10, 28)),  # the eve of a long holiday
        (date(2026, 1, 30), date(2026, 2, 28)),  # a Saturday that is worked, as 02-14; the Spring Festival is not
        (date(2026, 6, 13), date(2026, 7, 7)),  # a visit on a Saturday
        (date(9999, 12, 30), None),  # the end of time
    ],
)
def test_the_turn_of_a_visit_is_the_sixteenth_working_day_after_it(visit: date, come: date | None) -> None:
    """W181: fifteen working days without a visit are allowed; a day early, or late, and nobody would look again."""
    case = untracked(load_case())
    for row in case.project.rows("records", "tracking"):
        case = retyped(case, "records", "tracking", row.number, date=visit)
    turns = set(TURNS[LooksAt.GAP](case.project, case.company, case.facts.business_date))
    assert turns == ({come} if come else set())


def test_a_typed_day_turns_as_it_comes_and_as_it_is_over_and_on_no_other_day() -> None:
    case = load_case()
    found = set(TURNS[LooksAt.TYPED](case.project, case.company, case.facts.business_date))
    lonely = retyped(case, "plan", "basics", "head", plan_end=date(2031, 12, 31))
    more = set(TURNS[LooksAt.TYPED](lonely.project, lonely.company, lonely.facts.business_date)) - found
    assert more == {date(2031, 12, 31), date(2032, 1, 1)}
    far = retyped(case, "plan", "basics", "head", plan_end=date.max)
    assert date.max not in TURNS[LooksAt.TYPED](far.project, far.company, far.facts.business_date)


def untracked(case: Case) -> Case:
    """Nobody has signed, nothing is closed or archived: tracking goes on."""
    case = retyped(case, "records", "signing", "head", sign_date=None)
    case = retyped(case, "records", "handover", "head", archive_date=None)
    return retyped(case, "records", "closing", "head", close_date=None)


def test_a_visit_in_a_mistyped_year_hides_no_turn() -> None:
    """The rule counts from the last visit that is believed."""
    case = untracked(load_case())
    rows = case.project.rows("records", "tracking")
    dated = [row for row in rows if row.date("date")]
    case = retyped(case, "records", "tracking", dated[-1].number, date=date(2226, 7, 3))
    start = max(found.value for row in dated[:-1] if (found := row.date("date")))
    found = spoken(case, start + 18 * DAY, start + 28 * DAY)
    assert "W181" in changing(found)


def test_a_threshold_that_comes_is_a_turn_while_no_plan_is_dated() -> None:
    case = load_case()
    company = replace(
        case.company, parameters=[*case.company.parameters, Parameter("min_margin", "99", date(2027, 1, 1))]
    )
    case = replace(case, company=company)
    assert date(2027, 1, 1) not in [turn for _, turn in turns(case, date(2026, 12, 1), date(2027, 1, 2))]
    undated = retyped(case, "plan", "basics", "head", author_date=None)
    undated = retyped(undated, "plan", "revisions", 7, date=None)
    undated = retyped(undated, "survey", "versions", 7, date=None)
    for row in (*undated.project.rows("plan", "revisions"), *undated.project.rows("survey", "versions")):
        form = "plan" if row in undated.project.rows("plan", "revisions") else "survey"
        undated = retyped(undated, form, "revisions" if form == "plan" else "versions", row.number, date=None)
    assert date(2027, 1, 1) in [turn for _, turn in turns(undated, date(2026, 12, 1), date(2027, 1, 2))]
    assert answers(undated, date(2026, 12, 31)) != answers(undated, date(2027, 1, 1))
