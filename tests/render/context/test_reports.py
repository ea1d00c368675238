"""What a report says beside its own row (6.4.9)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline.render.context.reports import report
from pipeline.render.context.shown import Node
from tests.cases import TV
from tests.render.cuts import sample


def of(period: str, elsewhere: str = "") -> Node:
    source = sample(TV)
    row = source.project.sheet("records", "reports").find("period", period)
    assert row is not None
    return report(source, row, elsewhere)


def test_due_difference_and_share_stand_beside_what_was_done() -> None:
    found = {key: str(one) for key, one in of("2026-W28").items()}
    assert found == {
        "period": "2026年7月6日至7月10日（第28周）",
        "day": "2026-07-10",
        "days_due": "161",
        "days_diff": "-2",
        "days_pct": "92.2%",
        "cost_due": "260,650.00",
        "cost_diff": "-3,420.00",
        "cost_pct": "79.7%",
        "progress_due": "93%",
        "progress_diff": "按计划",
    }


def test_figures_of_a_plan_that_is_not_at_hand_are_referred_to_and_not_compared() -> None:
    found = {key: str(one) for key, one in of("2026-W15", "见A/0版计划包").items()}
    assert {found[f"{key}_due"] for key in ("days", "cost", "progress")} == {"见A/0版计划包"}
    assert {found[key] for key in ("days_diff", "days_pct", "cost_diff", "cost_pct", "progress_diff")} == {""}


def test_every_value_has_its_cells() -> None:
    assert all(one.cells for one in of("2026-W28").values() if str(one))


@pytest.mark.parametrize(("points", "said"), [("96", "超前3个百分点"), ("80", "落后13个百分点")])
def test_ahead_and_behind(points: str, said: str) -> None:
    source = sample(TV)
    row = source.project.sheet("records", "reports").find("period", "2026-W28")
    assert row is not None
    typed = replace(row, cells={**row.cells, "pct": replace(row.cell("pct"), value=Decimal(points))})
    assert str(report(source, typed, "")["progress_diff"]) == said
