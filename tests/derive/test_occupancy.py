from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.places import Place
from pipeline.derive.occupancy import Use, clashes, equipment, people, spans
from tests.made_projects import loan, made, stay

FIRST = date(2026, 6, 1)
MOST = Decimal(100)


def use(number: int, project: str, start: int, length: int, amount: int) -> Use:
    begin = FIRST + timedelta(days=start)
    return Use(project, begin, begin + timedelta(days=length), Decimal(amount), Place("05.xlsx", "人员", f"L{number}"))


@st.composite
def uses(draw: st.DrawFn) -> list[Use]:
    rows = draw(
        st.lists(
            st.tuples(st.sampled_from("ABC"), st.integers(0, 20), st.integers(0, 9), st.integers(1, 120)), max_size=8
        )
    )
    return [use(number, *row) for number, row in enumerate(rows)]


def worked(day: date) -> bool:
    return day.weekday() < 5


def day_by_day(rows: list[Use]) -> list[tuple[date, Decimal, tuple[str, ...]]]:
    """The same, counted on every single working day."""
    found = []
    for day in (FIRST + timedelta(days=n) for n in range(40)):
        there = [row for row in rows if row.start <= day <= row.end]
        total, who = sum((row.amount for row in there), Decimal(0)), tuple(sorted({row.project for row in there}))
        if worked(day) and total > MOST and len(who) > 1:
            found.append((day, total, who))
    return found


@given(uses())
def test_clashes_are_what_counting_every_day_gives(rows: list[Use]) -> None:
    found = clashes(rows, MOST, worked, projects=2)
    truth = day_by_day(rows)
    inside = [(day, clash) for day, _, _ in truth for clash in found if clash.first <= day <= clash.last]
    assert [day for day, _ in inside] == [day for day, _, _ in truth]  # every such day in just one of them
    for clash in found:
        own = [(total, who) for day, total, who in truth if clash.first <= day <= clash.last]
        assert clash.peak == max(total for total, _ in own)
        assert {who for _, who in own} == {clash.projects}
        assert {use.project for use in clash.uses} == set(clash.projects)
    gaps = itertools.pairwise(found)
    for left, right in gaps:
        between = [day for n in range(1, 40) if (day := left.last + timedelta(days=n)) < right.first and worked(day)]
        assert between or left.projects != right.projects


@given(uses())
def test_spans_cover_every_day_once(rows: list[Use]) -> None:
    found = list(spans(rows))
    for first, last, there in found:
        assert all(row.start <= first and last <= row.end for row in there)
    assert all(left[1] + timedelta(days=1) == right[0] for left, right in itertools.pairwise(found))
    total = sum(((last - first).days + 1) * len(there) for first, last, there in found)
    assert total == sum((row.end - row.start).days + 1 for row in rows)


def test_only_what_can_be_read_occupies_anybody() -> None:
    rows = (
        stay("L7", "E203", "2026-06-01", "2026-06-02", 50),
        stay("L8", "E203", "", "2026-06-02"),
        stay("L9", "E203", "2026-06-03", "2026-06-02"),
        stay("L10", "E203", "2026-06-01", "2026-06-02", None),
        stay("L11", "待定", "2026-06-01", "2026-06-02"),
        stay("L12", "E203", "2026-06-01", "9999-12-31"),
        stay("L13", "E203", "2026-06-01", "2026-06-02", 0),
    )
    found = people([made(1, stays=rows)])
    assert [(emp, [row.at.cell for row in own]) for emp, own in found.items()] == [("E203", ["L7"])]


def test_only_what_is_borrowed_occupies_equipment() -> None:
    rows = tuple(
        loan(f"P{n}", "EQ-1", "2026-06-01", "2026-06-02", mode=mode) for n, mode in enumerate(("借用", "租赁", "库存"))
    )
    assert [len(own) for own in equipment([made(1, loans=rows)]).values()] == [1]
