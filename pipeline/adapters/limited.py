"""A function in a child process of ours, bounded in time and memory: for work on what people outside have edited.

The child is forked, so it has everything that was loaded already and starts in milliseconds; it stays warm from one
question to the next, and is replaced after it was ended. What it does to its own memory stays its own.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import traceback
import weakref
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pipeline.adapters.fences import die_with_parent, limit, limit_cpu
from pipeline.core.errors import PipelineError

SECONDS = 30
MEMORY = 1 << 30
FILE_LIMIT = 512 << 20
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
        self._child: tuple[int, Connection[Any, Any]] | None = None
        self._end = contextlib.ExitStack()
        weakref.finalize(self, self._end.close)

    def __call__(self, *arguments: object) -> Any:
        """The function's result; an error that it raises is raised here.

        Raises:
            OverLimitError: the call was ended by a limit.
        """
        _, line = self._child or self._start()
        try:
            line.send(arguments)
            if not line.poll(self._seconds * CLOCK_FACTOR):
                raise OverLimitError(f"超过 {self._seconds:g} 秒(took too long)")
            done, answer = line.recv()
        except (EOFError, OSError) as problem:
            raise OverLimitError(self._last_words()) from problem
        except BaseException:
            # Interrupted half-way, the child owes an answer that the next question would take for its own.
            self.close()
            raise
        if done:
            return answer
        if isinstance(answer, MemoryError | RecursionError):
            self.close()
            raise OverLimitError(f"超过内存限度 {self._memory >> 20} MB 或嵌套过深(too much memory)") from answer
        raise answer

    def close(self) -> None:
        """End the child; a further call starts a new one."""
        self._end.close()
        self._child = None

    def _start(self) -> tuple[int, Connection[Any, Any]]:
        ours, theirs = Pipe()
        number = os.fork()
        if number == 0:
            ours.close()
            _serve(theirs, self._work, self._seconds, self._memory)
        theirs.close()
        self._child = (number, ours)
        self._end.callback(_end, number, ours)
        return self._child

    def _last_words(self) -> str:
        """Why the child is gone."""
        number = self._child[0] if self._child else 0
        with contextlib.suppress(ChildProcessError):
            _, status = os.waitpid(number, 0)
            self._end.pop_all()
            self._child = None
            if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU:
                return f"超过 {self._seconds:g} 秒(took too long)"
            return f"处理进程中止(the process ended): {os.waitstatus_to_exitcode(status)}"
        return "处理进程中止(the process ended)"


def _end(number: int, line: Connection[Any, Any]) -> None:
    line.close()
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)


# -- the child --------------------------------------------------------------------------------------------------------


def _serve(line: Connection[Any, Any], work: Callable[..., Any], seconds: float, memory: int) -> None:
    """Answer until the other end closes; never returns, and runs none of the parent's clean-up."""
    try:
        _limit_ourselves(memory)
        while True:
            arguments = line.recv()
            limit_cpu(seconds)
            line.send(_answer(work, arguments))
    except (EOFError, OSError):
        os._exit(0)
    except BaseException:
        os._exit(1)


def _answer(work: Callable[..., Any], arguments: tuple[object, ...]) -> tuple[bool, Any]:
    try:
        return True, work(*arguments)
    except (PipelineError, MemoryError, RecursionError) as error:
        return False, error.with_traceback(None)
    except Exception:
        return False, RuntimeError(traceback.format_exc())


def _limit_ourselves(memory: int) -> None:
    die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGXCPU):
        signal.signal(number, signal.SIG_DFL)
    # Ctrl-C goes to the whole group; the parent decides what becomes of us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit(AS=_size() + memory, FSIZE=FILE_LIMIT, CORE=0)


def _size() -> int:
    """Address space that we have, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
