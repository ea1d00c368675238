from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.render import charts_cache
from pipeline.render.charts import Month
from pipeline.render.charts_cache import drawn

PNG = b"\x89PNG\r\n\x1a\n data IEND\xaeB`\x82"


class Pen:
    """Draws, and counts how often."""

    def __init__(self) -> None:
        self.strokes = 0

    def __call__(self) -> bytes:
        self.strokes += 1
        return PNG


@pytest.fixture(autouse=True)
def empty() -> None:
    charts_cache._kept.clear()


def test_the_same_data_are_drawn_once() -> None:
    pen, data = Pen(), [Month("2026-03", Decimal(1), Decimal(1))]
    assert drawn("F5", data, pen) == drawn("F5", list(data), pen) == PNG
    assert pen.strokes == 1
    drawn("F5", [], pen)
    drawn("F4", [], pen)
    assert pen.strokes == 3


def test_a_folder_keeps_them_between_runs(tmp_path: Path) -> None:
    pen = Pen()
    drawn("F5", 1, pen, tmp_path)
    charts_cache._kept.clear()
    assert drawn("F5", 1, pen, tmp_path) == PNG
    assert pen.strokes == 1
    assert [path.suffix for path in tmp_path.iterdir()] == [".png"]


def test_half_a_picture_is_drawn_again(tmp_path: Path) -> None:
    pen = Pen()
    drawn("F5", 1, pen, tmp_path)
    next(tmp_path.iterdir()).write_bytes(PNG[:-3])
    charts_cache._kept.clear()
    assert drawn("F5", 1, pen, tmp_path) == PNG
    assert pen.strokes == 2


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert drawn("F5", 1, Pen(), tmp_path / "file" / "below") == PNG


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts_cache, "_MOST", 2)
    pen = Pen()
    for number in (1, 2, 1, 3, 1):  # the one that is used stays
        drawn("F5", number, pen)
    assert pen.strokes == 3
    drawn("F5", 2, pen)
    assert pen.strokes == 4
