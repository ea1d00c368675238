"""The store keeps every content once, whole, read-only, and notices damage."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from pipeline.core.errors import Busy, DeliveryFailed
from pipeline.workspace import store
from pipeline.workspace.locks import locked

DIGEST = hashlib.sha256(b"abc").hexdigest()


def test_a_content_is_kept_once_read_only_under_its_hash(tmp_path: Path) -> None:
    first, second = store.keep(tmp_path, io.BytesIO(b"abc")), store.keep(tmp_path, io.BytesIO(b"abc"))
    assert first == second == store.Kept(DIGEST, 3, tmp_path / DIGEST[:2] / DIGEST)
    assert first.path.stat().st_mode & 0o777 == 0o444
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_content_is_on_disk_before_it_has_its_name_and_its_name_before_anybody_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[tuple[str, str]] = []
    fsync, replace = os.fsync, os.replace

    def synced(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        steps.append(("sync", path.name if path.is_dir() else path.read_bytes().decode()))
        fsync(handle)

    def named(source: os.PathLike[str], target: os.PathLike[str]) -> None:
        steps.append(("name", Path(target).name))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", named)
    store.keep(tmp_path, io.BytesIO(b"abc"))
    assert steps[-3:] == [("sync", "abc"), ("name", DIGEST), ("sync", DIGEST[:2])]


class _Broken(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        raise OSError(5, "Input/output error")


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="Input/output"):
        store.keep(tmp_path, _Broken())  # type: ignore[arg-type]
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_damaged_content_is_named_not_handed_out_and_replaced_by_a_good_copy(tmp_path: Path) -> None:
    kept = store.keep(tmp_path, io.BytesIO(b"abc"))
    kept.path.chmod(0o644)
    kept.path.write_bytes(b"abd")
    assert list(store.damaged(tmp_path)) == [kept.path]
    with pytest.raises(DeliveryFailed, match="从备份恢复"):
        store.take_out(tmp_path, DIGEST, tmp_path / "x")
    store.keep(tmp_path, io.BytesIO(b"abc"))
    assert list(store.damaged(tmp_path)) == []


def test_taken_out_is_the_same_content_where_no_link_is_possible_too(tmp_path: Path, monkeypatch) -> None:
    store.keep(tmp_path, io.BytesIO(b"abc"))
    store.take_out(tmp_path, DIGEST, tmp_path / "a" / "one.xlsx")
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError(18, "cross-device")))
    store.take_out(tmp_path, DIGEST, tmp_path / "a" / "two.xlsx")
    assert [p.read_bytes() for p in sorted((tmp_path / "a").iterdir())] == [b"abc", b"abc"]


def test_what_an_interrupted_copy_left_is_cleared(tmp_path: Path) -> None:
    store.keep(tmp_path, io.BytesIO(b"abc"))
    (tmp_path / "incoming" / "tmpx").write_bytes(b"half")
    assert store.clear_incoming(tmp_path) == 1
    assert store.clear_incoming(tmp_path) == 0


def test_a_lock_is_refused_while_held_and_free_afterwards(tmp_path: Path) -> None:
    with locked(tmp_path, "watch", wait=False):
        with pytest.raises(Busy, match=f"进程 {os.getpid()}"), locked(tmp_path, "watch", wait=False):
            pass
        with locked(tmp_path, "batch", wait=False):
            pass
    with locked(tmp_path, "watch", wait=False):
        pass
