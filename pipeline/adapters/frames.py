"""The line on which a fenced child answers: everything of a length that was said before, whole or not at all."""

from __future__ import annotations

import sys
from typing import BinaryIO


def read_exactly(line: BinaryIO, size: int) -> bytes:
    """So many bytes; a child whose parent closed the line ends here, without a word."""
    received = bytearray()
    while len(received) < size:
        piece = line.read(size - len(received))
        if not piece:
            sys.exit(0)
        received += piece
    return bytes(received)


def read_framed(line: BinaryIO) -> bytes:
    """What follows its own length of eight bytes."""
    return read_exactly(line, int.from_bytes(read_exactly(line, 8), "big"))


def write_framed(line: BinaryIO, content: bytes) -> None:
    """Send content after its length of eight bytes; an unbuffered line may take it piece by piece."""
    view = memoryview(len(content).to_bytes(8, "big") + content)
    while view:
        view = view[line.write(view) :]
