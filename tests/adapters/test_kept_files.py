"""Contents are made once, kept by what they depend on, and nothing foreign or damaged is taken for one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.adapters.kept_files import kept, trim

KEY, OTHER = "a" * 64, "b" * 64


def made(content: bytes = b"content") -> tuple[Callable[[], bytes], list[bytes]]:
    """Something that makes a content, and what it made so far."""
    times: list[bytes] = []

    def make() -> bytes:
        times.append(content)
        return content

    return make, times


def test_a_content_is_made_once_for_its_key(tmp_path: Path) -> None:
    make, times = made()
    assert kept(tmp_path, KEY, ".pdf", make) == kept(tmp_path, KEY, ".pdf", make) == b"content"
    assert len(times) == 1
    kept(tmp_path, OTHER, ".pdf", make)
    kept(None, KEY, ".pdf", make)
    assert len(times) == 3


def test_one_wrong_bit_is_enough_to_make_it_anew(tmp_path: Path) -> None:
    make, times = made()
    kept(tmp_path, KEY, ".pdf", make)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    for at in (0, 3, len(whole) - 1):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert kept(tmp_path, KEY, ".pdf", make) == b"content"
        assert path.read_bytes() == whole
    assert len(times) == 4


def test_a_content_kept_under_another_key_is_not_taken(tmp_path: Path) -> None:
    kept(tmp_path, KEY, ".pdf", made(b"other")[0])
    (tmp_path / f"{KEY}.pdf").rename(tmp_path / f"{OTHER}.pdf")
    assert kept(tmp_path, OTHER, ".pdf", made()[0]) == b"content"


@pytest.mark.parametrize("place", ["file/below", "gone"])
def test_a_folder_that_cannot_be_written_is_done_without(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    assert kept(tmp_path / place, KEY, ".pdf", made()[0]) == b"content"


def test_what_was_longest_not_used_goes_first(tmp_path: Path) -> None:
    make, _ = made()
    names = [tmp_path / f"{letter * 64}.png" for letter in "0123"]
    for number, path in enumerate(names):
        kept(tmp_path, path.stem, ".png", make)
        os.utime(path, (number, number))
    (tmp_path / "notes.txt").write_text("ours it is not", "utf-8")
    kept(tmp_path, names[0].stem, ".png", make)  # used again
    trim(tmp_path, 2 * names[0].stat().st_size)
    assert set(tmp_path.iterdir()) == {names[0], names[3], tmp_path / "notes.txt"}
    trim(tmp_path / "gone", 0)
