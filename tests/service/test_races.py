"""Somebody writes while we take: no wrong content, no lost file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.service.arrivals import claiming
from pipeline.service.arrivals.listing import Mark
from pipeline.service.arrivals.taking import Intake
from tests.service.races import race

SEEDS = 40  # the first that goes wrong is enough; which one does, the threads decide


@pytest.mark.parametrize("seed", range(30))
def test_a_race_with_a_writer(tmp_path: Path, seed: int) -> None:
    assert race(tmp_path, seed) == []


def caught(tmp_path: Path) -> bool:
    """Whether one of some races goes wrong."""
    for seed in range(SEEDS):
        folder = tmp_path / str(seed)
        folder.mkdir()
        if race(folder, seed):
            return True
    return False


def test_the_races_miss_the_look_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Intake, "_take_back", lambda _: None)
    assert caught(tmp_path)


class Unchanged(Mark):
    """A mark that is like every other."""

    def __eq__(self, _: object) -> bool:
        return True

    __hash__ = Mark.__hash__


def test_the_races_miss_the_comparison_of_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = claiming.mark_of
    blind = Unchanged(0, 0, 0, 0)
    monkeypatch.setattr(claiming, "mark_of", lambda path: blind if ".处理中" in str(path) else real(path))
    assert caught(tmp_path)
