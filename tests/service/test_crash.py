"""After a crash at any moment a rerun leaves each input in one place, one pack, nothing half, nothing double.

One step of three is tried here, `CRASH_STRIDE=1 scripts/test tests/service/test_crash.py` tries them all; so does
`scripts/soak crash --every-step` for kills.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.crash import (
    EVERY,
    Steps,
    begin,
    broken,
    cycle,
    die,
    end_of,
    faults,
    full,
    in_child,
    killed_at,
    lay_out,
    picture,
    steps_of,
)

STRIDE = int(os.environ.get("CRASH_STRIDE", "3"))
CHUNKS = 8
RANDOM_MOMENTS = 10
# Where syncing costs nothing, a thousand cycles do not take an hour.
_QUICK_DISK = Path("/dev/shm")


@pytest.fixture
def root() -> Iterator[Path]:
    where = _QUICK_DISK if _QUICK_DISK.is_dir() else None
    made = Path(tempfile.mkdtemp(prefix="presales-crash-", dir=where))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], dict[str, object]]:
    """Steps of an undisturbed cycle, and what it leaves."""
    made = tmp_path_factory.mktemp("reference")
    lay_out(made)
    steps = steps_of(made)
    assert faults(made) == []
    return steps, picture(made)


def again(root: Path) -> Path:
    """A fresh stage at the same place."""
    shutil.rmtree(root)
    root.mkdir()
    lay_out(root)
    return root


def test_an_undisturbed_cycle_leaves_what_people_expect(reference) -> None:
    _, seen = reference
    assert sorted(seen["inbox"]) == [
        "已接收/2026-11/02.xlsx",
        "已接收/2026-11/LY-SQ-2026-015_合同.pdf",
        "已接收/2026-11/人员.zip",
        "退回/人员/bad.xlsx",
        "退回/人员/bad.xlsx.原因.txt",
        "退回/坏.xlsx",
        "退回/坏.xlsx.原因.txt",
    ]
    assert seen["share"]["LY-SQ-2026-015/文档包/LY-SQ-2026-015_计划包_V1_20260601.zip"] == b"whole"
    assert [version for _, version, _, _ in seen["versions"]] == [1, 1, 1]
    assert seen["outputs"] == 1
    assert seen["told"] == [("pmo@lanyu.example", "退回 人员.zip/bad.xlsx"), ("pmo@lanyu.example", "退回 坏.xlsx")]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_killed_at_every_durable_step(root: Path, reference, chunk: int) -> None:
    steps, expected = reference
    for step in range(1 + STRIDE * chunk, len(steps) + 1, STRIDE * CHUNKS):
        again(root)
        assert killed_at(root, step), step
        cycle(root)
        assert picture(root) == expected, (step, steps[step - 1])
        assert faults(root) == [], (step, steps[step - 1])


@pytest.fixture(scope="module")
def every_step(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Everything that may fail: durable steps, writes, the ledger, a commit before and after it counts."""
    made = tmp_path_factory.mktemp("every")
    lay_out(made)
    names = steps_of(made, EVERY)
    assert {"write", "sendfile", "sql", "commit", "committed", "fsync", "rename", "replace"} <= set(names)
    return names


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_step_fails_once(root: Path, reference, every_step, chunk: int) -> None:
    """A full disk and a damaged one by turns; the next run goes on by itself."""
    _, expected = reference
    for step in range(1 + STRIDE * chunk, len(every_step) + 1, STRIDE * CHUNKS):
        again(root)
        in_child(root, Steps(step, full if step // STRIDE % 2 else broken, EVERY))
        cycle(root)
        assert picture(root) == expected, (step, every_step[step - 1])
        assert faults(root) == [], (step, every_step[step - 1])


@pytest.mark.parametrize("seed", range(RANDOM_MOMENTS))
def test_killed_at_a_random_moment_twice(root: Path, reference, seed: int) -> None:
    _, expected = reference
    again(root)
    for moment in random.Random(seed).choices([n / 1000 for n in range(1, 400)], k=2):
        in_child(root, Steps(), moment)
    cycle(root)
    assert picture(root) == expected
    assert faults(root) == []


def test_killed_again_while_it_recovers(root: Path, reference) -> None:
    steps, expected = reference
    for step in range(20, len(steps), 40):
        again(root)
        assert killed_at(root, step)
        for later in (5, 11, 17):
            killed_at(root, later)
        cycle(root)
        assert picture(root) == expected, step
        assert faults(root) == [], step


def test_two_at_the_same_time_take_turns(root: Path, reference) -> None:
    _, expected = reference
    again(root)
    assert [end_of(child) for child in [begin(root, Steps()) for _ in range(3)]] == [0, 0, 0]
    assert picture(root) == expected
    assert faults(root) == []


def test_the_harness_itself_can_fail(root: Path, reference) -> None:
    """A cycle that was killed and not run again is not what is expected."""
    _, expected = reference
    again(root)
    assert in_child(root, Steps(40, die)) < 0
    assert picture(root) != expected
