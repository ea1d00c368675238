"""A child process that may hang, die or lie: questions and answers over a socket, under a deadline.

Answers are JSON, so that nothing of a child that was taken over is ever executed here. How they travel says a codec.
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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
        put: the bytes of a question, of its JSON and of a content that goes with it.
        take: the bytes of an answer, which is JSON; ValueError when it is too long.
        printed: the child answers on its standard output, too; else everything that it prints are its last words.
    """

    put: Callable[[bytes, bytes], bytes]
    take: Callable[[Receive], bytes]
    printed: bool


def _put_frames(head: bytes, body: bytes) -> bytes:
    return b"".join(len(frame).to_bytes(8, "big") + frame for frame in (head, body))


def _take_frame(receive: Receive) -> bytes:
    size = int.from_bytes(_exactly(8, receive), "big")
    if size > MAX_ANSWER:
        raise ValueError(f"an answer of {size} bytes")
    return _exactly(size, receive)


def _exactly(size: int, receive: Receive) -> bytes:
    received = bytearray()
    while len(received) < size:
        received += receive(size - len(received))
    return bytes(received)


def _put_line(head: bytes, _: bytes) -> bytes:
    return head + b"\n"


def _take_line(receive: Receive) -> bytes:
    received = b""
    while not received.endswith(b"\n"):
        received += receive(LONGEST_LINE)
        if len(received) > LONGEST_LINE:
            raise ValueError("an answer without end")
    return received


# Eight bytes of length (big-endian) and as many bytes: a question has a frame of JSON and one of content.
FRAMES = Codec(_put_frames, _take_frame, printed=False)
# A line of JSON each way, without a content.
LINES = Codec(_put_line, _take_line, printed=True)


class Child:
    """One child process in a session of its own, with nothing of our environment but what is given.

    Args:
        command: program and arguments; it talks on its standard input, which is a socket.
        codec: how it talks.
        cwd: folder in which it starts.
        environment: all of its environment.

    Attributes:
        asked: the number of questions so far.
    """

    def __init__(
        self,
        command: Sequence[str],
        codec: Codec,
        *,
        cwd: Path = Path("/"),
        environment: Mapping[str, str] = _PLAIN,
    ) -> None:
        self.asked = 0
        self._codec = codec
        self._line, far_end = socket.socketpair()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        try:
            with far_end:
                self._process = subprocess.Popen(
                    command,
                    stdin=far_end.fileno(),
                    stdout=far_end.fileno() if codec.printed else self._said,
                    stderr=self._said,
                    cwd=cwd,
                    env=environment,
                    start_new_session=True,
                )
        except BaseException:
            self.abandon()
            raise

    def ask(self, question: Mapping[str, object], content: bytes = b"", *, timeout_s: float) -> Any:
        """Put a question and wait for its answer, whatever JSON it is.

        Args:
            question: what is asked.
            content: bytes that go with it.
            timeout_s: seconds that the answer may take.

        Raises:
            ChildLost: no answer came in time; the child is gone.
        """
        self.asked += 1
        try:
            return self._answer(self._codec.put(json.dumps(question).encode(), content), timeout_s)
        except BaseException:
            # Also when we are interrupted: it would owe an answer that the next question would take for its own.
            self.end()
            raise

    def _answer(self, question: bytes, timeout_s: float) -> Any:
        if self._line.fileno() < 0:
            raise ChildLost("ended before")
        try:
            return json.loads(self._exchange(question, timeout_s))
        except TimeoutError as problem:
            raise ChildLost(f"no answer within {timeout_s:g} s", slow=True) from problem
        except (OSError, EOFError) as problem:
            status = self._stop()
            raise ChildLost(f"ended with {status} {self._last_words()}", slow=-status in _TOO_LONG) from problem
        except (ValueError, RecursionError) as problem:
            raise ChildLost(f"its answer is no JSON: {problem}") from problem

    def _exchange(self, question: bytes, timeout_s: float) -> bytes:
        deadline = time.monotonic() + timeout_s

        def wait() -> socket.socket:
            # Zero would mean "do not wait at all" and raise another error than TimeoutError.
            self._line.settimeout(max(deadline - time.monotonic(), 0.001))
            return self._line

        def receive(most: int) -> bytes:
            piece = wait().recv(min(most, _PIECE))
            if not piece:
                raise EOFError
            return piece

        wait().sendall(question)
        return self._codec.take(receive)

    def _last_words(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().split("\n")
        return f"({' | '.join(lines[-_LAST_LINES:])[-_LAST_WORDS:]})"

    def end(self) -> None:
        """Kill everything in the child's session and wait for it; a second time does nothing."""
        if self._line.fileno() >= 0:
            self._stop()
            self.abandon()

    def _stop(self) -> int:
        """Kill the session; returns how the child ended, which is its own way if it was dying already."""
        # Not poll() first: until its leader is reaped, the number of the group cannot pass to anyone else.
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        return self._process.wait()

    def abandon(self) -> None:
        """Close our end in a process that only inherited it; the child belongs to another."""
        self._line.close()
        self._said.close()
