"""Somebody writes while we take: no wrong content, no lost file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.service.races import race


@pytest.mark.parametrize("seed", range(30))
def test_a_race_with_a_writer(tmp_path: Path, seed: int) -> None:
    assert race(tmp_path, seed) == []
