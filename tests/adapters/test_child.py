"""A child that hangs, dies, floods or lies: the question ends with ChildLost, and nothing is left behind."""

from __future__ import annotations

import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.adapters.child import FRAMES, LINES, Child, ChildLost, spawned

HEAD = """
import os, sys, json, signal, time, subprocess
def read(size):
    got = b""
    while len(got) < size:
        got += os.read(0, size - len(got))
    return got
def frame():
    return read(int.from_bytes(read(8), "big"))
def say(content, size=None):
    os.write(0, (len(content) if size is None else size).to_bytes(8, "big") + content)
"""


class Timed(Child):
    """One whose answers all may take equally long."""

    def __init__(self, script: Path, timeout_s: float) -> None:
        super().__init__(spawned([sys.executable, "-I", str(script)]), FRAMES)
        self.timeout_s = timeout_s

    def ask(self, question: object, content: bytes = b"", *, timeout_s: float = 0) -> Any:
        return super().ask(question, content, timeout_s=timeout_s or self.timeout_s)


@pytest.fixture
def child(tmp_path: Path, request: pytest.FixtureRequest):
    """Makes children that run a piece of code; all are ended afterwards."""
    made: list[Timed] = []

    def make(code: str, timeout_s: float = 20) -> Timed:
        script = tmp_path / "child.py"
        script.write_text(HEAD + code, encoding="utf-8")
        made.append(Timed(script, timeout_s))
        return made[-1]

    yield make
    for one in made:
        one.end()


def test_questions_and_answers(child) -> None:
    one = child(
        "while True:\n  head, body = frame(), frame()\n  say(json.dumps([json.loads(head), len(body)]).encode())"
    )
    assert one.ask({"name": "费用.xlsx"}, b"") == [{"name": "费用.xlsx"}, 0]
    assert one.ask({}, bytes(3_000_000)) == [{}, 3_000_000]
    assert one.asked == 2


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("frame(); os.abort()", f"ended with {-signal.SIGABRT}"),
        ("os.kill(os.getpid(), signal.SIGKILL)", f"ended with {-signal.SIGKILL}"),
        ("frame(); frame(); sys.exit('大错')", r"ended with 1 \(大错\)"),
        ("frame(); frame(); say(b'{', 50)", "ended with 0"),
        ("frame(); frame(); say(b'not json')", "nonsense"),
        ("frame(); frame(); say(b'[' * 100000)", "nonsense"),
        ("frame(); frame(); say(b'', 1 << 60); time.sleep(60)", "nonsense: an answer of"),
    ],
)
def test_a_child_that_dies_or_lies(child, code: str, why: str) -> None:
    with pytest.raises(ChildLost, match=why) as caught:
        child(code).ask({}, b"x" * 300_000)
    assert not caught.value.slow


@pytest.mark.parametrize("code", ["time.sleep(60)", "frame(); frame(); say(b'', 9); time.sleep(60)"])
def test_a_child_that_hangs_is_ended(child, code: str) -> None:
    one = child(code, 0.3)
    with pytest.raises(ChildLost, match=r"no answer within 0\.3 s") as caught:
        one.ask({}, bytes(3_000_000))
    assert caught.value.slow
    assert one._process.returncode == -signal.SIGKILL


def test_a_child_that_used_up_its_cpu_time_is_slow(child) -> None:
    with pytest.raises(ChildLost) as caught:
        child("signal.signal(signal.SIGXCPU, signal.SIG_DFL); os.kill(os.getpid(), signal.SIGXCPU)").ask({}, b"")
    assert caught.value.slow


def test_what_the_child_started_ends_with_it(child) -> None:
    one = child("frame(); frame()\np = subprocess.Popen(['sleep', '600'])\nsay(str(p.pid).encode())\nread(9)")
    grandchild = os.pidfd_open(one.ask({}, b""))
    one.end()
    one.end()
    assert select.select([grandchild], [], [], 20)[0]  # readable once it has ended
    os.close(grandchild)


def test_what_a_dead_child_started_ends_too(child, tmp_path: Path) -> None:
    one = child(
        "frame(); frame()\np = subprocess.Popen(['sleep', '600'], stdin=subprocess.DEVNULL)\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(p.pid))\nos._exit(3)"
    )
    with pytest.raises(ChildLost, match="ended with 3"):
        one.ask({}, b"")
    assert ended(int((tmp_path / "pid").read_text()))


def ended(number: int) -> bool:
    """A process that is no child of ours is gone within a moment."""
    try:
        process = os.pidfd_open(number)
    except ProcessLookupError:
        return True
    with os.fdopen(process):
        return bool(select.select([process], [], [], 20)[0])


def test_a_child_that_was_interrupted_owes_nobody_an_answer(child, monkeypatch: pytest.MonkeyPatch) -> None:
    one = child("while True:\n  frame(); frame(); say(b'1')")
    monkeypatch.setattr(one, "_receive", _interrupted)
    with pytest.raises(KeyboardInterrupt):
        one.ask({}, b"")
    assert one._process.returncode == -signal.SIGKILL
    with pytest.raises(ChildLost, match="ended before"):
        one.ask({}, b"")


def _interrupted(*_: object) -> bytes:
    raise KeyboardInterrupt


@pytest.fixture
def by_line(tmp_path: Path) -> Iterator[Callable[[str], Child]]:
    """Makes children that talk in lines."""
    made: list[Child] = []

    def make(code: str) -> Child:
        script = tmp_path / "child.py"
        script.write_text("import os, sys, json\nfor line in sys.stdin:\n  " + code, encoding="utf-8")
        made.append(Child(spawned([sys.executable, "-I", str(script)], printed=True), LINES))
        return made[-1]

    yield make
    for one in made:
        one.end()


def test_questions_and_answers_in_lines(by_line: Callable[[str], Child]) -> None:
    one = by_line("print(json.dumps([json.loads(line)]), flush=True)")
    assert [one.ask({"甲": number}, timeout_s=20) for number in (1, 2)] == [[{"甲": 1}], [{"甲": 2}]]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("while True: sys.stdout.write('x' * 5000)", "nonsense: an answer without end"),
        ("print('Warning: javaldx', flush=True)", "nonsense"),
        ("print('[1', end='', flush=True); sys.exit('大错')", r"ended with 1 \(大错\)"),
    ],
)
def test_a_line_that_is_no_answer(by_line: Callable[[str], Child], code: str, why: str) -> None:
    with pytest.raises(ChildLost, match=why):
        by_line(code).ask({}, timeout_s=20)


def test_the_child_learns_nothing_of_us(child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "x")
    one = child(
        "frame(); frame(); say(json.dumps([dict(os.environ), os.getcwd(), os.listdir('/proc/self/fd')]).encode())"
    )
    environment, folder, descriptors = one.ask({}, b"")
    assert "SECRET" not in environment
    assert folder == "/"
    assert len(descriptors) == 4  # three, and the one that lists them


def test_a_copy_of_the_process_leaves_the_child_alone(child, monkeypatch: pytest.MonkeyPatch) -> None:
    one = child("while True:\n  frame(); frame(); say(b'1')")
    process = os.fork()
    if process == 0:
        try:
            one.abandon()
        finally:
            os._exit(0)
    os.waitpid(process, 0)
    assert one.ask({}, b"") == 1
