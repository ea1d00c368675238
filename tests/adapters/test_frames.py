"""Frames on the line of a fenced child."""

from __future__ import annotations

import io

import pytest

from pipeline.adapters.frames import read_exactly, read_framed, write_framed


class Slow(io.BytesIO):
    """A line that gives and takes three bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(3, size if size is not None and size >= 0 else 3))

    def write(self, content, /) -> int:  # type: ignore[no-untyped-def]
        return super().write(bytes(content)[:3])


def test_what_is_written_in_pieces_is_read_whole() -> None:
    line = Slow()
    write_framed(line, b"0123456789" * 3)
    write_framed(line, b"")
    line.seek(0)
    assert (read_framed(line), read_framed(line)) == (b"0123456789" * 3, b"")


def test_a_line_that_ends_within_a_frame_ends_the_child() -> None:
    with pytest.raises(SystemExit):
        read_exactly(io.BytesIO(b"12"), 3)
