from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters.lok_child import Child
from pipeline.adapters.private_folders import claim, private_folder
from tests.cases import ROOT

_OWNER = """
import sys
from pathlib import Path
from {module} import {name}
folder = {make}
print("ready", flush=True)
sys.stdin.read()
"""
_PLAIN = {"module": "pipeline.adapters.private_folders", "name": "claim", "make": "claim('presales-')"}
_OFFICE = {
    "module": "pipeline.adapters.lok_child",
    "name": "Child",
    "make": "Child(Path('/nowhere'), Path(sys.argv[1]), 5.0)",
}
_SILENT = "import sys; sys.stdin.read()"


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty and only ours."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


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
    (left / "half.docx").write_text("x", "utf-8")
    with private_folder() as ours:
        assert {left, ours} == set(temp.iterdir())  # its owner lives
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list(temp.iterdir()) == [left]
    with private_folder() as ours:
        assert list(temp.iterdir()) == [ours]
    assert list(temp.iterdir()) == []
    next(other, None)


def test_a_converter_clears_up_after_one_that_was_killed(temp: Path, tmp_path: Path) -> None:
    other = owner(temp, _PLAIN)
    process = next(other)
    process.kill()
    process.wait()
    child = Child(Path("/nowhere"), tmp_path / "worker.py", 5.0)
    assert [path == child._home for path in temp.iterdir()] == [True]
    child.end()
    assert list(temp.iterdir()) == []
    next(other, None)


def test_only_folders_of_the_name_are_looked_at(temp: Path, tmp_path: Path) -> None:
    others = [temp / "presales", temp / "other-1"]
    for path in others:
        path.mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    (temp / "presales-link").symlink_to(outside)
    (temp / "presales-file").touch()
    with private_folder():
        pass
    assert set(temp.iterdir()) == {*others, temp / "presales-link", temp / "presales-file"}
    assert outside.is_dir()


def test_a_folder_that_was_taken_before_it_was_ours_is_made_anew(temp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, made = tempfile.mkdtemp, []

    def robbed(**given: object) -> str:
        made.append(real(**given))  # type: ignore[call-overload]
        if len(made) == 1:
            monkeypatch.setattr(os, "open", _takes(os.open, made[0]))
        return made[-1]

    monkeypatch.setattr(tempfile, "mkdtemp", robbed)
    folder, handle = claim("presales-")
    os.close(handle)
    assert [str(folder)] == made[1:]
    assert folder.is_dir()


def _takes(real: object, path: str) -> object:
    """Opens, and then somebody removes that folder."""

    def opening(name: object, *given: object) -> int:
        handle = real(name, *given)  # type: ignore[operator]
        if str(name) == path and os.path.isdir(path):  # noqa: PTH112
            os.rmdir(path)  # noqa: PTH106
        return int(handle)

    return opening


def test_a_folder_beside_what_is_made(tmp_path: Path) -> None:
    with private_folder(".making-", tmp_path) as folder:
        assert folder.parent == tmp_path
        assert folder.stat().st_mode & 0o777 == 0o700
    assert list(tmp_path.iterdir()) == []
