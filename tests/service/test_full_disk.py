"""A real full disk: files wait in the inbox, nothing is half, and the night goes on by itself once there is room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.service.runs import premises
from tests.service.crash import Steps, cycle, faults, in_child, lay_out, picture

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A workspace of its own small disk beside an inbox with room."""
    disk = tmp_path / "ws"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("no mounts in this container")
    yield tmp_path
    subprocess.run(["umount", "-l", str(disk)], check=True)


def resize(root: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(root / "ws")], check=True)


@pytest.mark.parametrize("size", ["220k", "260k", "300k", "340k", "380k", "440k"])
def test_a_full_disk_loses_nothing_and_room_mends_it(small: Path, size: str, tmp_path_factory) -> None:
    reference = tmp_path_factory.mktemp("reference")
    lay_out(reference)
    cycle(reference)
    resize(small, "900k")
    lay_out(small)
    resize(small, size)
    in_child(small, Steps())
    resize(small, "64m")  # on a disk that is full to the last page not even a look into the ledger is possible
    assert (size, picture(small) == picture(reference)) != ("220k", True), "the disk was not full"
    cycle(small)
    assert picture(small) == picture(reference)
    assert faults(small) == []


def test_too_little_room_is_said_at_the_start(small: Path) -> None:
    from pipeline.workspace.layout import Workspace

    problems = premises.inspect(None, Workspace(small / "ws"), small / "share")
    assert len(problems) == 1
    assert "磁盘只剩" in problems[0]
