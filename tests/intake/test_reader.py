"""The reader child: whatever a file does to it, the run goes on and the file is named."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.adapters.ooxml.reader import RawBook, read_book
from pipeline.intake import reader, reader_worker
from pipeline.intake.reader import WORKER, Reading
from pipeline.intake.refusals import Refusal
from tests.intake import made_files as made

GOOD = made.workbook(made.rows_of("| 甲 | 1.5 | =A1*2 |"))
# What a file may do to a parser, by the bytes that ask for it: the real worker, its gate replaced.
ILL = """
import ctypes, os, signal, sys
from pipeline.intake import reader_worker
def refuse(name, content):
    does = content.decode()
    if does == "abort": os.abort()
    if does == "segfault": ctypes.string_at(0)
    if does == "exit": os._exit(3)
    if does == "loop":
        while True: pass
    if does == "hang": signal.pause()
    if does == "stack": ctypes.pythonapi.Py_FatalError(b"overflow")
    if does == "memory": return bytearray(2 << 30)
    if does == "grow": os.grown = bytes(300 << 20); sys.grown = bytearray(os.grown)
    if does == "nonsense": return __import__("types").SimpleNamespace(reason="?", detail=[])
    if does == "raise": raise KeyError("x")
    return reader_worker.Refusal("csv", str(os.getpid()))
reader_worker.refuse = refuse
reader_worker.SECONDS = 0
signal.alarm = lambda seconds: None
from pipeline.intake.refusals import Refusal
reader_worker.Refusal = Refusal
reader_worker.main()
"""


@pytest.fixture
def reading() -> Iterator[Reading]:
    one = Reading()
    yield one
    one.end()


@pytest.fixture
def ill(tmp_path: Path) -> Iterator[Callable[..., Reading]]:
    made_ones: list[Reading] = []

    def make(timeout_s: float = 20) -> Reading:
        (tmp_path / "ill.py").write_text(ILL, encoding="utf-8")
        made_ones.append(Reading([sys.executable, "-I", str(tmp_path / "ill.py")], timeout_s))
        return made_ones[-1]

    yield make
    for one in made_ones:
        one.end()


def pid(reading: Reading) -> int:
    assert reading._child
    return reading._child._process.pid


def test_the_clock_is_far_above_the_processor_time_that_counts() -> None:
    """A verdict must not depend on how busy the machine is."""
    assert reader.TIMEOUT_S >= 8 * reader_worker.SECONDS
    assert reader_worker.ALARM_S > reader.TIMEOUT_S


def test_what_the_child_reads_is_what_we_read(reading: Reading) -> None:
    assert reading.read("x.xlsx", GOOD) == read_book(io.BytesIO(GOOD))
    assert reading.used["peak_kb"] < 100_000


def test_one_child_serves_all_files(reading: Reading) -> None:
    found = set()
    for content in (GOOD, b"", made.old_xls(), GOOD, made.good()):
        reading.read("x.xlsx", content)
        found.add(pid(reading))
    assert len(found) == 1


@pytest.mark.parametrize(
    ("does", "reason", "detail"),
    [
        ("abort", "crash", f"ended with {-signal.SIGABRT}"),
        ("segfault", "crash", f"ended with {-signal.SIGSEGV}"),
        ("stack", "crash", f"ended with {-signal.SIGABRT}"),
        ("exit", "crash", "ended with 3"),
        ("raise", "crash", "KeyError: 'x'"),
        ("nonsense", "crash", ""),
        ("memory", "memory", ""),
    ],
)
def test_a_file_that_kills_its_reader_is_named_and_the_next_is_read(
    ill: Callable[..., Reading], does: str, reason: str, detail: str
) -> None:
    reading = ill()
    assert reading.read("a.csv", b"fine").reason == "csv"  # type: ignore[union-attr]
    found = reading.read("x.xlsx", does.encode())
    assert isinstance(found, Refusal)
    assert found.reason == reason
    assert detail in found.detail
    assert reading.read("b.csv", b"fine").reason == "csv"  # type: ignore[union-attr]


def test_an_endless_loop_ends_by_cpu_time(ill: Callable[..., Reading]) -> None:
    assert ill().read("x.xlsx", b"loop") == Refusal("slow", f"ended with {-signal.SIGXCPU} ()")


def test_a_file_that_hangs_ends_by_the_clock(ill: Callable[..., Reading]) -> None:
    assert ill(0.5).read("x.xlsx", b"hang") == Refusal("slow", "no answer within 0.5 s")


def test_a_child_that_died_in_peace_gets_a_successor(ill: Callable[..., Reading]) -> None:
    """The kernel may have killed it for memory; the next file is not to blame."""
    reading = ill()
    first = reading.read("a.csv", b"fine")
    os.kill(pid(reading), signal.SIGKILL)
    second = reading.read("b.csv", b"fine")
    assert isinstance(first, Refusal)
    assert isinstance(second, Refusal)
    assert (second.reason, second.detail != first.detail) == ("csv", True)


def test_a_child_that_has_grown_is_replaced(ill: Callable[..., Reading]) -> None:
    reading = ill()
    first = reading.read("a.csv", b"grow")
    assert isinstance(first, Refusal)
    assert reading._child is None
    assert reading.read("b.csv", b"fine") != first


def test_threads_take_turns(reading: Reading) -> None:
    found: list[RawBook | Refusal] = []
    threads = [threading.Thread(target=lambda: found.append(reading.read("x.xlsx", GOOD))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [read_book(io.BytesIO(GOOD))] * 8


def test_a_forked_process_starts_a_child_of_its_own() -> None:
    first, second = (made.workbook(made.rows_of(f"| 分叉 | {number} |")) for number in (1, 2))
    reader.shared.read("x.xlsx", first)
    owner = pid(reader.shared)
    line, far = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            same = reader.shared.read("x.xlsx", second) == read_book(io.BytesIO(second))
            os.write(far, b"1" if same and pid(reader.shared) != owner else b"0")
            reader.shared.end()
        finally:
            os._exit(0)
    os.waitpid(process, 0)
    os.close(far)
    assert os.read(line, 1) == b"1"
    assert reader.shared.read("x.xlsx", second) == read_book(io.BytesIO(second))
    assert pid(reader.shared) == owner


def test_the_fences_cost_no_verdict(reading: Reading) -> None:
    """What is loaded on first use would fail behind them: the child says what the gate says here."""
    files = [made.ods(), made.old_xls(), made.encrypted(), made.password_zip(), "甲\t乙".encode("utf-16"), made.good()]
    files += [
        "序号,科目\n".encode("gb18030"),
        made.with_part("xl/图.xml", b"<x/>"),
        made.lying_size("xl/workbook.xml", 9),
    ]
    files += [made.with_part("xl/sharedStrings.xml", "<x/>".encode("utf-16")), b"<html>", b"PK\x03\x04"]
    for content in files:
        here = reader_worker.verdict("x.xlsx", content)
        there = reading.read("x.xlsx", content)
        assert here.get("refused") == (there.reason if isinstance(there, Refusal) else None)


def test_the_worker_starts_from_a_module_of_ours() -> None:
    assert WORKER[-1] == reader_worker.__name__


def test_forms_that_were_just_read_are_kept(reading: Reading) -> None:
    first = reading.read("00.xlsx", GOOD)
    assert reading.read("00 (2).xlsx", GOOD) is first
    assert reading.read("x.xlsx", made.good()) != first
    assert reading._child
    assert reading._child.asked == 2
    for number in range(reader._KEPT):
        reading.read("x.xlsx", made.workbook(made.rows_of(f"| {number} |")))
    assert reading.read("00.xlsx", GOOD) is not first
