"""Which files are whole, and which stand still."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path, PurePath

import pytest

from pipeline.service.arrivals.listing import Mark, Seen
from pipeline.service.arrivals.settling import INCOMPLETE, OCCUPIED, SETTLING, Ripeness, hindrance, whole
from tests.service.stage import workbook

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_workbook_is_whole_only_to_its_last_bytes(tmp_path: Path) -> None:
    content, path = workbook("03").read_bytes(), tmp_path / "a.xlsx"
    for percent in range(100):
        path.write_bytes(content[: len(content) * percent // 100])
        assert not whole(path), percent
    path.write_bytes(content)
    assert whole(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"%PDF-1.7 ... %%EOF\n", True),
        (b"%PDF-1.7 ...", False),
        (b"\xff\xd8\xff\xe0 picture", True),
        (b"\0" * 5000, False),
        (b"head" + b"\0" * 9000, False),
        (b"", False),
        (b"text", True),
    ],
)
def test_other_files(tmp_path: Path, content: bytes, expected: bool) -> None:
    (tmp_path / "a").write_bytes(content)
    assert whole(tmp_path / "a") is expected


def seen(size: int = 1, owner: str = "") -> Seen:
    return Seen("", PurePath("a.xlsx"), Mark(size, 0, 1, 1), owner)


def test_a_change_begins_the_wait_anew_and_what_is_gone_is_forgotten() -> None:
    ripeness = Ripeness(5)
    assert ripeness.still([seen()], 0) == []
    assert ripeness.still([seen()], 4.9) == []
    assert ripeness.still([seen(2)], 5) == []
    assert ripeness.still([seen(2)], 10) == [seen(2)]
    assert ripeness.still([], 11) == []
    assert ripeness.still([seen(2)], 20) == []


def test_hindrances(tmp_path: Path) -> None:
    assert hindrance(tmp_path, seen(), NOW) == SETTLING
    (tmp_path / "a.xlsx").write_bytes(b"PK half")
    assert hindrance(tmp_path, seen(), NOW) == INCOMPLETE
    (tmp_path / "~$a.xlsx").write_bytes(b"x")
    assert hindrance(tmp_path, seen(owner="~$a.xlsx"), NOW) == OCCUPIED
    (tmp_path / "b.xlsx").symlink_to(tmp_path / "a.xlsx")
    link = Seen("", PurePath("b.xlsx"), Mark(1, 0, 1, 1))
    assert hindrance(tmp_path, link, NOW) == OCCUPIED, "a link is never opened"
