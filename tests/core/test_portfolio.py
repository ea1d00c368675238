from __future__ import annotations

from decimal import Decimal

import pytest

from pipeline.core.findings import Finding
from pipeline.core.places import Place
from pipeline.core.portfolio import Load, Week, projects_of, shade
from pipeline.definitions.catalogue import load_catalogue


@pytest.mark.parametrize(
    ("peak", "most", "level"),
    [(0, 100, 0), (10, 100, 1), (50, 100, 2), (75, 100, 3), (100, 100, 4), (101, 100, 5), (1, 2, 2), (1, 0, 5)],
)
def test_shades_say_how_full_a_week_is(peak: int, most: int, level: int) -> None:
    week = Week(Decimal(peak), (), peak > most)
    assert shade(week, Load("E1", "甲", "", Decimal(most))) == level


def test_a_finding_of_one_project_names_no_others() -> None:
    rule = load_catalogue()["B411"]
    assert projects_of(Finding(rule, Place("x"))) == ()
    assert projects_of(Finding(rule, Place("x"), (), {"projects": "甲、乙"})) == ("甲", "乙")
