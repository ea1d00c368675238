"""A child process that may hang, die or lie: questions and answers over a socket, under a deadline.

How they travel says a codec. Those of this module carry answers as JSON, so that nothing of a child that was taken over
is ever executed here.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from pipeline.adapters.fences import MAX_ANSWER

LONGEST_LINE = 1 << 16
_LAST_LINES, _LAST_WORDS = 3, 300
_TOO_LONG = (signal.SIGXCPU, signal.SIGALRM)
_PIECE = 1 << 20
_PLAIN = {"LANG": "C.UTF-8", "PATH": os.defpath}

# Gives at least a byte and at most so many.
Receive = Callable[[int], bytes]


class ChildLost(Exception):
    """The child gave no answer and was ended; there is no use in asking it again.

    Attributes:
        slow: it took too long, by the clock or by the CPU; else it died or talked nonsense.
    """

    def __init__(self, why: str, *, slow: bool = False) -> None:
        super().__init__(why)
        self.slow = slow


@dataclass(frozen=True)
class Codec:
    """How a question and its answer travel.

    Attributes:
        put: the bytes of a question and of a content that goes with it.
        take: the bytes of an answer; ValueError when it is too long.
        load: what they say; ValueError when it is nonsense.
    """

    put: Callable[[Any, bytes], bytes]
    take: Callable[[Receive], bytes]
    load: Callable[[bytes], Any]


def frame(content: bytes) -> bytes:
    """Eight bytes of length (big-endian) and the content."""
    return len(content).to_bytes(8, "big") + content


def take_frame(receive: Receive) -> bytes:
    """The content of a frame.

    Raises:
        ValueError: it would be too long.
    """
    size = int.from_bytes(_exactly(8, receive), "big")
    if size > MAX_ANSWER:
        raise ValueError(f"an answer of {size} bytes")
    return _exactly(size, receive)


def _exactly(size: int, receive: Receive) -> bytes:
    received = bytearray()
    while len(received) < size:
        received += receive(size - len(received))
    return bytes(received)


def _put_frames(question: Any, content: bytes) -> bytes:
    return frame(json.dumps(question).encode()) + frame(content)


def _put_line(question: Any, _: bytes) -> bytes:
    return json.dumps(question).encode() + b"\n"


def _take_line(receive: Receive) -> bytes:
    received = b""
    while not received.endswith(b"\n"):
        received += receive(LONGEST_LINE)
        if len(received) > LONGEST_LINE:
            raise ValueError("an answer without end")
    return received


# A question is a frame of JSON and one of content, an answer a frame of JSON.
FRAMES = Codec(_put_frames, take_frame, json.loads)
# A line of JSON each way, without a content.
LINES = Codec(_put_line, _take_line, json.loads)


class Process(Protocol):
    """A process that is ours to end."""

    @property
    def returncode(self) -> int | None:
        """None until it has been waited for."""

    def kill(self) -> None:
        """End it with all that it started."""

    def wait(self) -> int:
        """How it ended: its exit code, or the negative number of a signal."""


# Starts a process that talks on the second socket; the first one is our end, the file is for what it says otherwise.
Start = Callable[[socket.socket, socket.socket, BinaryIO], Process]


class _Spawned(subprocess.Popen[bytes]):
    """The leader of a session."""

    def kill(self) -> None:
        """End the session."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)


def spawned(
    command: Sequence[str],
    *,
    printed: bool = False,
    cwd: Path = Path("/"),
    environment: Mapping[str, str] = _PLAIN,
) -> Start:
    """A program in a session of its own, with nothing of our environment but what is given.

    Args:
        command: program and arguments; it talks on its standard input, which is a socket.
        printed: it answers on its standard output; else what it prints are its last words.
        cwd: folder in which it starts.
        environment: all of its environment.
    """

    def start(_: socket.socket, far_end: socket.socket, said: BinaryIO) -> Process:
        line, words = far_end.fileno(), said.fileno()
        out = line if printed else words
        return _Spawned(command, stdin=line, stdout=out, stderr=words, cwd=cwd, env=environment, start_new_session=True)

    return start


class Child:
    """One child process on a line.

    Args:
        start: starts it.
        codec: how it talks.

    Attributes:
        asked: the number of questions so far.
    """

    def __init__(self, start: Start, codec: Codec) -> None:
        self.asked = 0
        self._codec = codec
        self._timeout_s = self._deadline = 0.0
        self._line, far_end = socket.socketpair()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        try:
            with far_end:
                self._process = start(self._line, far_end, self._said)
        except BaseException:
            self.abandon()
            raise

    def ask(self, question: object, content: bytes = b"", *, timeout_s: float) -> Any:
        """Put a question and wait for its answer, whatever it is.

        Args:
            question: what is asked.
            content: bytes that go with it.
            timeout_s: seconds that the answer may take.

        Raises:
            ChildLost: no answer came in time; the child is gone.
        """
        self.put(question, content, timeout_s=timeout_s)
        return self.take()

    def put(self, question: object, content: bytes = b"", *, timeout_s: float) -> None:
        """Put a question whose answer is taken later; arguments and errors as of `ask`."""
        self.asked += 1
        self._timeout_s, self._deadline = timeout_s, time.monotonic() + timeout_s
        with self._or_lost():
            self._wait().sendall(self._codec.put(question, content))

    def take(self) -> Any:
        """The answer to the question that was put; errors as of `ask`."""
        with self._or_lost():
            return self._codec.load(self._codec.take(self._receive))

    def fileno(self) -> int:
        """Our end of the line; there is something to read once the child answers or dies."""
        return self._line.fileno()

    @property
    def left_s(self) -> float:
        """Seconds that are left for the answer; none or less when it is overdue."""
        return self._deadline - time.monotonic()

    @contextlib.contextmanager
    def _or_lost(self) -> Iterator[None]:
        """Whatever goes wrong on the line loses the child, and ends it.

        Also when we are interrupted: it would owe an answer that the next question would take for its own.
        """
        try:
            with self._named():
                yield
        except BaseException:
            self.end()
            raise

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """What goes wrong on the line, as the loss of a child."""
        if self._line.fileno() < 0:
            raise ChildLost("ended before")
        try:
            yield
        except TimeoutError as problem:
            raise ChildLost(f"no answer within {self._timeout_s:g} s", slow=True) from problem
        except (OSError, EOFError) as problem:
            status = self._stop()
            raise ChildLost(f"ended with {status} {self._last_words()}", slow=-status in _TOO_LONG) from problem
        except (ValueError, RecursionError) as problem:
            raise ChildLost(f"its answer is nonsense: {problem}") from problem

    def _wait(self) -> socket.socket:
        """The line, with what is left of the time."""
        # Zero would mean "do not wait at all" and raise another error than TimeoutError.
        self._line.settimeout(max(self.left_s, 0.001))
        return self._line

    def _receive(self, most: int) -> bytes:
        piece = self._wait().recv(min(most, _PIECE))
        if not piece:
            raise EOFError
        return piece

    def _last_words(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().split("\n")
        return f"({' | '.join(lines[-_LAST_LINES:])[-_LAST_WORDS:]})"

    def end(self) -> None:
        """Kill the child with all that it started and wait for it; a second time does nothing."""
        if self._line.fileno() >= 0:
            self._stop()
            self.abandon()

    def _stop(self) -> int:
        """Kill it; returns how the child ended, which is its own way if it was dying already."""
        # Not poll() first: until it is reaped, its number cannot pass to anyone else.
        if self._process.returncode is None:
            self._process.kill()
        return self._process.wait()

    def abandon(self) -> None:
        """Close our end in a process that only inherited it; the child belongs to another."""
        self._line.close()
        self._said.close()
