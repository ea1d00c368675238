"""Files stand there whole or not at all, and on disk before anybody is told; there is one way to write them."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import pipeline
from pipeline.adapters import files
from pipeline.adapters.office.libreoffice import _Job, _publish
from pipeline.core.errors import DocumentFailed
from pipeline.deliver.files import OutputFolder
from pipeline.render.word.fill import _write


def left(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_file_is_replaced_as_a_whole_with_the_mode_that_is_asked(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a"
    files.write_atomic(target, b"one")
    with files.replacing(target, 0o600) as stream:
        stream.write(b"two")
    assert left(target.parent) == {"a": b"two"}
    assert target.stat().st_mode & 0o777 == 0o600


def test_what_fails_half_way_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(TypeError), files.replacing(tmp_path / "a") as stream:
        stream.writelines([b"new", None])  # type: ignore[list-item]
    assert left(tmp_path) == {"a": b"old"}


def test_a_draft_that_is_not_settled_leaves_nothing_and_a_settled_one_its_file_alone(tmp_path: Path) -> None:
    for settled in (False, True):
        with files.draft(tmp_path) as beside:
            beside.stream.write(b"bytes")
            if settled:
                beside.settle(tmp_path / "there" / "a", 0o444)
        assert left(tmp_path) == {}
    assert left(tmp_path / "there") == {"a": b"bytes"}


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of what was brought to disk, in order."""
    names: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda handle: names.append(Path(f"/proc/self/fd/{handle}").readlink().name))
    return names


def test_a_tree_is_on_disk_from_the_leaves_up_but_for_what_was_on_disk_before(
    tmp_path: Path, synced: list[str]
) -> None:
    made = tmp_path / "made"
    (made / "b").mkdir(parents=True)
    (made / "b" / "c").write_bytes(b"c")
    (made / "a").write_bytes(b"a")
    (tmp_path / "run before").write_bytes(b"d")
    os.link(tmp_path / "run before", made / "d")
    files.sync_tree(made)
    assert synced == ["c", "b", "a", "made"]


def folder_says(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Files can be brought to disk, folders answer with an error."""
    real = os.fsync

    def fsync(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").is_dir():
            raise OSError(number, os.strerror(number))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)


def publish(target: Path) -> None:
    made = target.with_name("made")
    made.write_bytes(b"%PDF")
    _publish(made, _Job("pdf", made, target, "", "", "", lambda _: True))


@pytest.mark.parametrize("write", [lambda target: _write(target, b"docx"), publish])
def test_a_document_of_the_run_is_whole_and_is_brought_to_disk_when_it_is_published(
    tmp_path: Path, synced: list[str], write: Callable[[Path], None]
) -> None:
    write(tmp_path / "a")
    assert (left(tmp_path)["a"][:4] in {b"docx", b"%PDF"}, synced) == (True, [])
    OutputFolder(tmp_path / "out").put(tmp_path / "a", "docx/a")
    assert synced.index("docx") > 0


@pytest.mark.parametrize("write", [lambda target: _write(target, b"docx"), publish])
def test_a_document_that_cannot_be_written_is_named(tmp_path: Path, write: Callable[[Path], None]) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(DocumentFailed, match=f"{tmp_path}/a"):
        write(tmp_path / "a")


def test_a_document_whose_name_may_not_be_on_disk_is_not_published(tmp_path: Path, monkeypatch) -> None:
    folder_says(monkeypatch, errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        OutputFolder(tmp_path).put_bytes(b"docx", "a")


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EACCES])
def test_a_share_that_cannot_sync_folders_is_written_to_all_the_same(tmp_path: Path, monkeypatch, number: int) -> None:
    folder_says(monkeypatch, number)
    assert OutputFolder(tmp_path).put_bytes(b"docx", "a").is_file()


def test_there_is_one_writer() -> None:
    root = Path(pipeline.__file__).parent
    assert [path.name for path in root.rglob("*.py") if "fsync(" in path.read_text("utf-8")] == ["files.py"]


def _cannot(*_: object, **__: object) -> object:
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.mark.parametrize("means", ["renameat2", "link", "neither"])
def test_a_move_never_replaces_what_others_put_there(tmp_path: Path, means: str, monkeypatch) -> None:
    if means != "renameat2":
        monkeypatch.setattr(files, "_renameat2", None)
    if means == "neither":
        monkeypatch.setattr(os, "link", _cannot)
    (tmp_path / "a").write_bytes(b"ours")
    (tmp_path / "b").write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        files.move_new(tmp_path / "a", tmp_path / "b")
    assert left(tmp_path) == {"a": b"ours", "b": b"theirs"}
    files.move_new(tmp_path / "a", tmp_path / "c")
    assert left(tmp_path) == {"b": b"theirs", "c": b"ours"}


def test_a_move_that_cannot_be_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.move_new(tmp_path / "a", tmp_path / "b")
