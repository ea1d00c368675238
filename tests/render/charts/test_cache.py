from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path

import pytest

from pipeline.adapters.kept_files import trim
from pipeline.render.charts import cache as charts_cache
from pipeline.render.charts.cache import drawn
from pipeline.render.charts.schedule import Month

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


def test_a_damaged_picture_is_drawn_again(tmp_path: Path) -> None:
    """One wrong bit anywhere is enough; also a picture that is still a whole PNG."""
    pen = Pen()
    drawn("F5", 1, pen, tmp_path)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for at in (0, len(PNG) // 2, len(PNG) - 1, len(whole) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        charts_cache._kept.clear()
        assert drawn("F5", 1, pen, tmp_path) == PNG
        assert path.read_bytes() == whole
    assert pen.strokes == 5


@pytest.mark.parametrize("foreign", [PNG, b"", b"x" * 40, "link", "folder", "other"])
def test_a_foreign_file_never_becomes_a_picture(tmp_path: Path, foreign: bytes | str) -> None:
    drawn("F5", 1, Pen(), tmp_path)
    (path,) = tmp_path.iterdir()
    path.unlink()
    if foreign == "folder":
        path.mkdir()
    elif foreign == "link":
        path.symlink_to("/dev/zero")
    elif foreign == "other":  # a picture of ours under the name of another one
        drawn("F5", 2, lambda: PNG + b"other", tmp_path)
        next(tmp_path.iterdir()).rename(path)
    else:
        path.write_bytes(foreign)  # type: ignore[arg-type]
    charts_cache._kept.clear()
    assert drawn("F5", 1, Pen(), tmp_path) == PNG


def test_another_font_is_another_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pen = Pen()
    for face in ("1", "1", "2"):
        monkeypatch.setattr(charts_cache, "identity", lambda _, face=face: face)
        charts_cache._drawer.cache_clear()
        charts_cache._kept.clear()
        drawn("F5", 1, pen, tmp_path)
    charts_cache._drawer.cache_clear()
    assert pen.strokes == 2


def test_processes_share_a_folder(tmp_path: Path) -> None:
    """Each draws or finds the whole picture, whatever the others and a cleaner do meanwhile."""
    with ProcessPoolExecutor(3, get_context("fork")) as pool:
        found = list(pool.map(_draw_some, [tmp_path] * 6))
    assert found == [[PNG] * 20] * 6


def _draw_some(folder: Path) -> list[bytes]:
    found = []
    for number in range(20):
        found.append(drawn("F5", number % 5, Pen(), folder))
        charts_cache._kept.clear()
        trim(folder, 200)
    return found


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
