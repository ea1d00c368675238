"""A function in a child process of ours, bounded in time and memory: for work on what people outside have edited.

The child is forked, so it has everything that was loaded already and starts in milliseconds; it stays warm from one
question to the next, and is replaced after it was ended. What it does to its own memory stays its own.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import signal
import socket
import traceback
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.adapters.child import Child, ChildLost, Codec, Start, frame, take_frame
from pipeline.adapters.fences import die_with_parent, limit, limit_cpu
from pipeline.core.errors import PipelineError

SECONDS = 30
MEMORY = 1 << 30
FILE_LIMIT = 512 << 20
_MUCH = 0.6  # of the memory that it may take: what fails once it held as much fails for want of it
# The deadline by the clock is for a child that waits instead of working; a busy machine must not bring it on.
CLOCK_FACTOR = 4


class OverLimitError(Exception):
    """The work was ended: it took too long or too much memory, or its process died."""


class Limited:
    """Calls a function in a warm child process.

    One instance serves one thread. It ends its child when it is closed or no longer used.

    Args:
        work: what to do; it and all that it knows are what they were when the child was forked. Arguments and results
            are pickled.
        seconds: processor time that one call may take.
        memory: bytes that the child may take beyond what it has at its start.
    """

    def __init__(self, work: Callable[..., Any], *, seconds: float = SECONDS, memory: int = MEMORY) -> None:
        self._work, self._seconds, self._memory = work, seconds, memory
        self._child: Child | None = None
        self._end = contextlib.ExitStack()
        weakref.finalize(self, self._end.close)

    def __call__(self, *arguments: object) -> Any:
        """The function's result; an error that it raises is raised here.

        Raises:
            OverLimitError: the call was ended by a limit.
        """
        self.begin(*arguments)
        return self.result()

    def begin(self, *arguments: object) -> None:
        """Let the function work while other work goes on; `result` waits for it.

        Raises:
            OverLimitError: the child does not hear it.
        """
        with self._told():
            self._ready().put(arguments, timeout_s=self._seconds * CLOCK_FACTOR)

    def result(self, meanwhile: Callable[[Child], None] | None = None) -> Any:
        """What has become of what was begun; result and errors as when called.

        Args:
            meanwhile: other work, until the child has its answer or has had its time.
        """
        with self._told():
            if meanwhile:
                meanwhile(self._ready())
            done, answer = self._ready().take()
        if done:
            return answer
        if isinstance(answer, MemoryError | RecursionError):
            self.close()
            raise OverLimitError(f"超过内存限度 {self._memory >> 20} MB 或嵌套过深(too much memory)") from answer
        raise answer

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """A child that is lost, as what it means to who called."""
        try:
            yield
        except ChildLost as lost:
            self.close()
            long = f"超过 {self._seconds:g} 秒(took too long)"
            raise OverLimitError(long if lost.slow else f"处理进程中止(the process ended): {lost}") from lost
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the child; a further call starts a new one."""
        self._end.close()
        self._child = None

    def _ready(self) -> Child:
        if self._child is None:
            self._child = Child(_forked(self._work, self._seconds, self._memory), _PICKLES)
            self._end.callback(self._child.end)
        return self._child


# Only for a child that runs our own code on what people have edited; strangers' files go to a reader that talks JSON.
_PICKLES = Codec(lambda question, _: frame(pickle.dumps(question)), take_frame, pickle.loads)


@dataclass
class _Forked:
    """A forked copy of this process."""

    pid: int
    returncode: int | None = None

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> int:
        if self.returncode is None:
            self.returncode = 0  # also when somebody else has waited for it
            with contextlib.suppress(ChildProcessError):
                self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


def _forked(work: Callable[..., Any], seconds: float, memory: int) -> Start:
    def start(near_end: socket.socket, far_end: socket.socket, _: BinaryIO) -> _Forked:
        number = os.fork()
        if number == 0:
            near_end.close()
            _serve(far_end, work, seconds, memory)
        return _Forked(number)

    return start


# -- the child --------------------------------------------------------------------------------------------------------


def _serve(line: socket.socket, work: Callable[..., Any], seconds: float, memory: int) -> None:
    """Answer until the other end closes; never returns, and runs none of the parent's clean-up."""
    try:
        _limit_ourselves(memory)
        much = _held() + int(_MUCH * memory)

        def receive(most: int) -> bytes:
            if piece := line.recv(most):
                return piece
            raise EOFError

        while True:
            arguments = pickle.loads(take_frame(receive))  # noqa: S301  from our own parent
            limit_cpu(seconds)
            line.sendall(frame(pickle.dumps(_answer(work, arguments, much))))
    except (EOFError, OSError):
        os._exit(0)
    except BaseException:
        os._exit(1)


def _answer(work: Callable[..., Any], arguments: tuple[object, ...], much: int) -> tuple[bool, Any]:
    try:
        return True, work(*arguments)
    except (PipelineError, MemoryError, RecursionError) as error:
        return False, error.with_traceback(None)
    except Exception:
        # A library in C that gets no memory says what it likes, an "unknown error" for one.
        return False, MemoryError() if _held() > much else RuntimeError(traceback.format_exc())


def _limit_ourselves(memory: int) -> None:
    die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    # Ctrl-C goes to the whole group; the parent decides what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit(AS=_size() + memory, FSIZE=FILE_LIMIT, CORE=0)


def _held() -> int:
    """The most memory that we have held since we were forked, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) << 10


def _size() -> int:
    """Address space that we have, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
