from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.office.lok_child import OfficeChild
from pipeline.adapters.private_folders import PREFIX, claim_folder, private_folder
from tests.cases import ROOT

_OWNER = """
import sys
from pathlib import Path
from {module} import {name}
folder = {make}
print("ready", flush=True)
sys.stdin.read()
"""
_PLAIN = {"module": "pipeline.adapters.private_folders", "name": "claim_folder", "make": "claim_folder()"}
_OFFICE = {
    "module": "pipeline.adapters.office.lok_child",
    "name": "OfficeChild",
    "make": "OfficeChild(Path('/nowhere'), Path(sys.argv[1]), 5.0)",
}
_SILENT = "import sys; sys.stdin.read()"


def owner(temp: Path, what: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Another process that owns a folder."""
    worker = temp.parent / "worker.py"
    worker.write_text(_SILENT, "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", _OWNER.format(**what), str(worker)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temp)},
    )
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize("what", [_PLAIN, _OFFICE], ids=["plain", "office"])
def test_what_a_killed_process_left_goes_with_the_next_folder(temp: Path, what: dict[str, str]) -> None:
    other = owner(temp, what)
    process = next(other)
    (left,) = temp.iterdir()
    (left / "files" / "half.docx").write_text("x", "utf-8")
    with private_folder() as ours:
        assert {left, ours.parent} == set(temp.iterdir())  # its owner lives
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list(temp.iterdir()) == [left]
    with private_folder() as ours:
        assert list(temp.iterdir()) == [ours.parent]
        assert list(ours.iterdir()) == []
    assert list(temp.iterdir()) == []
    next(other, None)


def test_a_converter_clears_up_after_one_that_was_killed(temp: Path, tmp_path: Path) -> None:
    other = owner(temp, _PLAIN)
    process = next(other)
    process.kill()
    process.wait()
    child = OfficeChild(Path("/nowhere"), tmp_path / "worker.py", 5.0)
    assert list(temp.iterdir()) == [child._home.parent]
    child.end()
    assert list(temp.iterdir()) == []
    next(other, None)


def test_a_folder_that_does_not_say_it_is_ours_stays_whatever_its_name(temp: Path, tmp_path: Path) -> None:
    for name in ("presales-workspace", f"{PREFIX}notes", "presales-office-1"):
        (temp / name).mkdir()
        (temp / name / "收下的.xlsx").write_text("x", "utf-8")
    outside = tmp_path / "outside"
    outside.mkdir()
    (temp / f"{PREFIX}link").symlink_to(outside)
    (temp / f"{PREFIX}file").touch()
    before = sorted(temp.rglob("*"))
    with private_folder():
        pass
    assert sorted(temp.rglob("*")) == before
    assert outside.is_dir()


def test_an_empty_one_was_left_in_the_moment_of_its_making(temp: Path) -> None:
    (temp / f"{PREFIX}1").mkdir()
    with private_folder():
        pass
    assert list(temp.iterdir()) == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_folder_that_was_taken_before_it_was_ours_is_made_anew(
    temp: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Another process finds it between its making, its mark and the lock."""
    real, robbed = os.open, []

    def opening(path: object, *given: object, **named: object) -> int:
        if robbed or not str(path).endswith(".presales-owned"):
            return real(path, *given, **named)  # type: ignore[arg-type]
        robbed.append(Path(str(path)).parent)
        if moment == "before":
            shutil.rmtree(robbed[0])
            return real(path, *given, **named)  # type: ignore[arg-type]
        handle = real(path, *given, **named)  # type: ignore[arg-type]
        shutil.rmtree(robbed[0])
        return handle

    monkeypatch.setattr(os, "open", opening)
    claim = claim_folder()
    assert claim.folder.is_dir()
    assert claim.folder.parent not in robbed
    assert len(robbed) == 1
    claim.leave()
    assert list(temp.iterdir()) == []


def test_a_folder_beside_what_is_made(tmp_path: Path) -> None:
    with private_folder(".making-", tmp_path) as folder:
        assert folder.parent.parent == tmp_path
        assert folder.parent.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_removed_does_not_pass_for_a_part_of_what_was_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(OSError, match="Input/output"), private_folder(".making-", tmp_path):
        monkeypatch.setattr(os, "rmdir", broken)


def test_one_that_another_process_sweeps_at_the_last_moment_is_left_all_the_same(
    temp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Emptied and not yet removed, it looks like one that was left in the moment of its making."""
    real = os.rmdir

    def swept(path: object, **named: object) -> None:
        real(path, **named)  # type: ignore[arg-type]
        if str(path).startswith(str(temp)):
            raise FileNotFoundError(path)

    with private_folder() as folder:
        (folder / "a").touch()
        monkeypatch.setattr(os, "rmdir", swept)
    assert list(temp.iterdir()) == []
