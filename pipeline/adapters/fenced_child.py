"""A child process that may hang, die or lie: questions and answers in frames over a socket, under a deadline.

A frame is eight bytes of length (big-endian) and as many bytes. A question is a frame of JSON and a frame of bytes; an
answer is a frame of JSON, so that nothing of a child that was taken over is ever executed here.
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
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.adapters.fences import MAX_ANSWER

_LAST_WORDS = 300
_TOO_LONG = (signal.SIGXCPU, signal.SIGALRM)


class ChildLost(Exception):
    """The child gave no answer and was ended.

    Attributes:
        slow: it took too long, by the clock or by the CPU; else it died or talked nonsense.
    """

    def __init__(self, why: str, *, slow: bool = False) -> None:
        super().__init__(why)
        self.slow = slow


class FencedChild:
    """One child process in a session of its own, without our environment.

    Args:
        command: program and arguments; it talks on its standard input, which is a socket.
        timeout_s: seconds that an answer may take.

    Attributes:
        asked: the number of questions so far.
    """

    def __init__(self, command: Sequence[str], timeout_s: float) -> None:
        self.asked = 0
        self._timeout_s = timeout_s
        self._line, far_end = socket.socketpair()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        with far_end:
            self._process = subprocess.Popen(
                command,
                stdin=far_end.fileno(),
                stdout=self._said,
                stderr=self._said,
                cwd="/",
                env={"LANG": "C.UTF-8", "PATH": os.defpath},
                start_new_session=True,
            )

    def ask(self, head: Mapping[str, object], body: bytes) -> Any:
        """Put a question and wait for its answer, whatever JSON it is.

        Raises:
            ChildLost: no answer came in time; the child is gone.
        """
        self.asked += 1
        deadline = time.monotonic() + self._timeout_s
        try:
            for frame in (json.dumps(head).encode(), body):
                self._send(len(frame).to_bytes(8, "big") + frame, deadline)
            size = int.from_bytes(self._receive(8, deadline), "big")
            if size > MAX_ANSWER:
                raise ValueError(f"an answer of {size} bytes")
            return json.loads(self._receive(size, deadline))
        except TimeoutError as problem:
            self.end()
            raise ChildLost(f"no answer within {self._timeout_s:g} s", slow=True) from problem
        except (OSError, EOFError) as problem:
            status = self._wait_for_end()
            words = self._last_words()
            self.end()
            raise ChildLost(f"ended with {status} {words}", slow=-status in _TOO_LONG) from problem
        except (ValueError, RecursionError) as problem:
            self.end()
            raise ChildLost(f"its answer is no JSON: {problem}") from problem

    def _send(self, content: bytes, deadline: float) -> None:
        self._line.settimeout(max(deadline - time.monotonic(), 0.001))
        self._line.sendall(content)

    def _receive(self, size: int, deadline: float) -> bytes:
        received = bytearray()
        while len(received) < size:
            # Zero would mean "do not wait at all" and raise another error than TimeoutError.
            self._line.settimeout(max(deadline - time.monotonic(), 0.001))
            piece = self._line.recv(min(size - len(received), 1 << 20))
            if not piece:
                raise EOFError
            received += piece
        return bytes(received)

    def _wait_for_end(self) -> int:
        """Exit status of a child that closed its line: it is dying, or it is killed now."""
        try:
            return self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return 0

    def _last_words(self) -> str:
        self._said.seek(0)
        return f"({self._said.read().decode('utf-8', 'replace').strip()[-_LAST_WORDS:]})"

    def end(self) -> None:
        """Kill everything in the child's session and wait for it; a second time does nothing."""
        if self._process.returncode is None:
            # Its leader is not reaped, so the number of the group cannot have passed to anyone else.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._line.close()
        self._said.close()

    def abandon(self) -> None:
        """Close our end in a process that only inherited it; the child belongs to another."""
        self._line.close()
        self._said.close()
