from __future__ import annotations

import gc
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import pipeline
from pipeline.adapters.limited import Limited, OverLimitError
from pipeline.core.errors import DefinitionError


def alive(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(number: int) -> bool:
    deadline = time.monotonic() + 3
    while alive(number) and time.monotonic() < deadline:
        pass
    return not alive(number)


def test_the_child_is_warm_and_its_memory_is_its_own() -> None:
    seen: list[int] = []

    def work(number: int) -> tuple[int, int]:
        seen.append(number)
        return os.getpid(), len(seen)

    limited = Limited(work)
    first, second = limited(1), limited(2)
    assert first[0] == second[0] != os.getpid()
    assert (first[1], second[1], seen) == (1, 2, [])


def test_what_fails_for_want_of_memory_is_told_so_whatever_it_says_itself() -> None:
    def work(size: int) -> None:
        kept = b"x" * size
        raise ValueError(f"unknown error after {len(kept)} bytes")

    before = b"x" * (300 << 20)  # what the parent has held does not count
    del before
    limited = Limited(work, memory=200 << 20)
    with pytest.raises(RuntimeError, match="unknown error"):
        limited(1 << 20)
    with pytest.raises(OverLimitError, match="超过内存限度"):
        limited(150 << 20)


def test_errors_come_back_as_they_are_and_the_child_goes_on() -> None:
    def work(what: str) -> int:
        if what == "ours":
            raise DefinitionError("PP1.docx:错")
        if what == "other":
            raise ValueError("odd")
        return os.getpid()

    limited = Limited(work)
    number = limited("")
    with pytest.raises(DefinitionError, match=r"PP1\.docx:错"):
        limited("ours")
    with pytest.raises(RuntimeError, match="odd"):
        limited("other")
    assert limited("") == number


def busy() -> None:
    while True:
        pass


def eat() -> None:
    kept = []
    while True:
        kept.append(bytearray(1 << 24))


def backtrack() -> None:
    re.match(r"(a+)+$", "a" * 64 + "b")  # holds the interpreter: no signal handler of Python's would run


def deep() -> object:
    node: list[object] = []
    for _ in range(100_000):
        node = [node]
    return repr(node)


@pytest.mark.parametrize("work", [busy, eat, backtrack, deep, lambda: os._exit(3), lambda: os.kill(os.getpid(), 9)])
def test_work_without_end_is_ended_and_the_next_call_finds_a_new_child(work: Callable[[], object]) -> None:
    limited = Limited(lambda wild: work() if wild else os.getpid(), seconds=1, memory=200 << 20)
    before = limited(False)
    start = time.monotonic()
    with pytest.raises(OverLimitError):
        limited(True)
    assert time.monotonic() - start < 4.5
    assert gone(before)
    assert limited(False) != before


def test_a_child_that_waits_is_ended_by_the_clock() -> None:
    limited = Limited(signal.pause, seconds=0.1)
    start = time.monotonic()
    with pytest.raises(OverLimitError, match="took too long"):
        limited()
    assert time.monotonic() - start < 3


def test_a_call_that_was_interrupted_owes_the_next_one_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    limited = Limited(lambda number: (number, os.getpid()))
    _, first = limited(1)

    def interrupted(*_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(limited._child, "_receive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        limited(2)
    assert gone(first)
    assert limited(3)[0] == 3


def test_nobody_else_takes_a_pickle() -> None:
    """What a child that reads strangers' files says is never executed."""
    root = Path(pipeline.__file__).parent
    found = {path.name for path in root.rglob("*.py") if "import pickle" in path.read_text("utf-8")}
    assert found == {"limited.py", "places.py"}  # and what machines of ours say that share a night, as Dask asks


def test_each_call_has_its_own_time() -> None:
    def work() -> float:
        start = time.process_time()
        while time.process_time() - start < 0.4:
            pass
        return time.process_time()

    limited = Limited(work, seconds=1)
    assert [limited() > 0 for _ in range(4)] == [True] * 4


def test_the_child_ends_with_its_owner() -> None:
    limited = Limited(os.getpid)
    number = limited()
    limited.close()
    assert gone(number)
    number = limited()
    del limited
    gc.collect()
    assert gone(number)


def test_the_child_ends_with_a_killed_parent() -> None:
    script = (
        "import os, signal\nfrom pipeline.adapters.limited import Limited\n"
        "limited = Limited(os.getpid)\nprint(limited(), flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    assert gone(int(done.stdout))


def test_what_is_begun_goes_on_beside_and_its_end_is_the_same() -> None:
    limited = Limited(lambda number: number // 2)
    limited.begin(4)
    assert (limited.result(), limited(6)) == (2, 3)
    limited.begin("x")
    with pytest.raises(RuntimeError, match="TypeError"):
        limited.result()
    limited.close()
