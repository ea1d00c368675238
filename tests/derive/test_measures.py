from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from pipeline.core.entries import Entries
from pipeline.derive.measures import largest, loads, per_cent, ranked, unclear_by_day
from tests.cases import TV, load_case
from tests.render.made_up import book, source

D = Decimal


@pytest.mark.parametrize(("part", "whole", "share"), [("1", "3", "33.33"), ("2", "3", "66.67"), ("-1", "8", "-12.50")])
def test_per_cent_is_rounded_half_up_once(part: str, whole: str, share: str) -> None:
    assert per_cent(D(part), D(whole)) == D(share)
    assert per_cent(D(part), D(0)) is None


def test_classes_follow_the_share_of_what_is_larger() -> None:
    found = ranked({"小": D(4), "大": D(81), "中": D(15), "无": D(0)}.items(), 10)
    assert [(one.name, one.running, one.rank) for one in found] == [
        ("大", D("81.0"), "A"),
        ("中", D("96.0"), "B"),
        ("小", D("100.0"), "C"),
    ]


def test_what_is_too_small_to_show_in_the_share_is_of_the_last_class() -> None:
    found = ranked([("大", D(100000)), ("微", D(1)), ("更微", D("0.01"))], 10)
    assert [(one.running, one.rank) for one in found] == [(D("100.0"), "A"), (D("100.0"), "C"), (D("100.0"), "C")]


def test_the_rest_is_one_entry_and_nothing_is_lost() -> None:
    amounts = {f"第{number}项": D(number) for number in range(1, 101)}
    found = ranked(amounts.items(), 20)
    assert (len(found), found[-1].name) == (21, "其余80项")
    assert sum(one.amount for one in found) == D(5050)
    assert largest(amounts.items(), 2) == (("第100项", D(100)), ("第99项", D(99)), ("其余98项", D(4851)))
    assert largest([("甲", D(1))], 2) == (("甲", D(1)),)


def test_the_fullest_working_day_of_a_week_counts() -> None:
    case = load_case((), TV)
    stay = case.facts.entries.stays[0]
    made = Entries(
        stays=(
            replace(stay, start=date(2026, 3, 2), end=date(2026, 3, 4), alloc=D("60")),
            replace(stay, start=date(2026, 3, 4), end=date(2026, 3, 20), alloc=D("50")),
        )
    )
    weeks, found = loads(replace(case.facts, entries=made), case.company)
    assert weeks == (date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16))
    assert [one.weeks for one in found] == [(D(110), D(50), D(50))]


def test_a_stay_over_a_weekend_alone_loads_nothing() -> None:
    case = load_case((), TV)
    weekend = replace(case.facts.entries.stays[0], start=date(2026, 3, 7), end=date(2026, 3, 8), alloc=D("100"))
    assert loads(replace(case.facts, entries=Entries(stays=(weekend,))), case.company)[1][0].weeks == (D(0),)


def test_unclear_items_are_counted_back_from_today() -> None:
    case = load_case((), TV)
    found = unclear_by_day(case.project, case.facts)
    assert found[0] == (date(2026, 3, 6), 3)
    assert found[-1][1] == 0
    here = source(book("plan"))
    assert unclear_by_day(here.project, here.facts) == ()
