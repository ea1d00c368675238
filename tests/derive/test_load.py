from __future__ import annotations

from datetime import date
from decimal import Decimal

from pipeline.derive.load import busy, equipment_load, monday_of, mondays, people_load
from pipeline.derive.occupancy import people
from tests.cases import AS_OF
from tests.made_projects import company, loan, made, stay

WEEKS = mondays(AS_OF)  # a Monday


def test_weeks_around_today() -> None:
    assert (len(WEEKS), WEEKS[2], WEEKS[0]) == (16, AS_OF, date(2026, 11, 9))
    assert mondays(date(2026, 11, 29)) == WEEKS  # a Sunday


def test_a_week_is_as_full_as_its_fullest_working_day() -> None:
    rows = (stay("L7", "E203", "2026-11-23", "2026-11-24", 60), stay("L8", "E203", "2026-11-24", "2026-12-04", 50))
    (load,) = people_load([made(1, stays=rows[:1]), made(2, stays=rows[1:])], company(), WEEKS)
    week = load.weeks[2]
    assert (load.name, load.group, week.peak, week.over) == ("白露", "网络产品部", Decimal(110), True)
    assert week.projects == ("LY-SQ-2026-001", "LY-SQ-2026-002")
    assert (load.weeks[3].peak, load.weeks[3].over, load.weeks[4].peak) == (Decimal(50), False, Decimal(0))


def test_a_week_end_is_no_load_and_a_stay_outside_the_weeks_is_not_shown() -> None:
    rows = (stay("L7", "E203", "2026-11-28", "2026-11-29", 60), stay("L8", "E204", "2026-01-05", "2026-01-09", 60))
    assert people_load([made(1, stays=rows)], company(), WEEKS) == ()


def test_equipment_of_the_ledger_is_shown_even_when_nobody_wants_it() -> None:
    loads = equipment_load([made(1, loans=(loan("P7", "EQ-WT-01", "2026-11-28", "2026-11-29", 2),))], company(), WEEKS)
    assert [load.key for load in loads] == ["EQ-SW-03", "EQ-WT-01", "EQ-OTDR-01", "EQ-DEMO-01", "EQ-AP-05", "EQ-PJ-01"]
    busy = loads[1]
    assert (busy.most, busy.weeks[2].peak, busy.weeks[2].over) == (Decimal(1), Decimal(2), True)  # on a week-end, too
    assert [load.key for load in loads if load.over] == ["EQ-WT-01"]


def test_person_days_of_a_week_are_its_working_days_by_share() -> None:
    rows = (stay("L7", "E203", "2026-11-16", "2026-11-24", 60), stay("L8", "E203", "2026-11-28", "2026-11-29", 100))
    uses, worked = people([made(1, stays=rows)])["E203"], company().calendar.is_workday
    week = busy(uses, monday_of(date(2026, 11, 29)), worked)
    assert (week.monday, week.workdays, week.planned, week.over) == (AS_OF, 5, Decimal("1.2"), False)
    assert [use.at.cell for use in week.uses] == ["L7"]  # the other one is a week-end
    assert busy((), AS_OF, worked).planned == 0
