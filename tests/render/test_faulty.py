"""Forty conversions with faults of every kind; `scripts/soak conversions` does a thousand."""

from __future__ import annotations

from pathlib import Path

from tests.render.faulty import KINDS, convert, plan


def test_faults_of_every_kind_make_no_wrong_pdf_and_leave_nothing(tmp_path: Path) -> None:
    outcome = convert(tmp_path, plan(40, 0.05, seed=3), timeout_s=8)
    assert dict(outcome.planned) == dict.fromkeys(KINDS, 1)
    assert (outcome.wrong, outcome.left) == ([], [])
    assert outcome.right + len(outcome.failed) == 40
    assert len(outcome.failed) < len(KINDS), "most faults are made good"


def test_a_plan_has_its_share_of_faults_and_every_kind() -> None:
    words = plan(1000, 0.05, seed=0)
    assert len(words) == 1000
    assert {kind: words.count(kind) for kind in KINDS} == dict.fromkeys(KINDS, 10)
    assert words == plan(1000, 0.05, seed=0) != plan(1000, 0.05, seed=1)
