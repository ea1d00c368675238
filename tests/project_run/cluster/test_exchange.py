from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import DeliveryFailed, NotReady
from pipeline.project_run.cluster.exchange import MARK, Listed, attempt, identity, put, take, tree


@pytest.fixture
def source(tmp_path: Path) -> Path:
    top = tmp_path / "source"
    (top / "附件").mkdir(parents=True)
    (top / "02.xlsx").write_bytes(b"plan")
    (top / "附件" / "a b.pdf").write_bytes(b"same")
    (top / "again.pdf").write_bytes(b"same")
    return top


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "exchange"
    made.mkdir()
    return made


def test_a_tree_comes_out_as_it_went_in(source: Path, folder: Path, tmp_path: Path) -> None:
    put(source, tree(source), folder)
    assert len(list(folder.iterdir())) == 2, "a content lies there once"
    take(folder, tree(source), tmp_path / "target")
    assert tree(tmp_path / "target") == tree(source)
    assert (tmp_path / "target" / "附件" / "a b.pdf").read_bytes() == b"same"


def test_a_file_is_a_tree_of_itself(source: Path, folder: Path, tmp_path: Path) -> None:
    book = source / "02.xlsx"
    put(book, tree(book), folder)
    take(folder, tree(book), tmp_path / "00.xlsx")
    assert (tmp_path / "00.xlsx").read_bytes() == b"plan"


def test_what_is_known_does_not_travel_and_what_is_gone_goes(source: Path, folder: Path, tmp_path: Path) -> None:
    target, known = tmp_path / "target", tree(source)
    put(source, known, folder)
    take(folder, known, target)
    kept = (target / "02.xlsx").stat().st_ino
    for path in folder.iterdir():
        path.unlink()
    (source / "again.pdf").unlink()
    (source / "附件" / "a b.pdf").write_bytes(b"new")
    made = tree(source)
    put(source, made, folder, known)
    assert [path.read_bytes() for path in folder.iterdir()] == [b"new"]
    take(folder, made, target, known)
    assert tree(target) == made
    assert (target / "02.xlsx").stat().st_ino == kept


def test_a_file_of_two_names_is_replaced_and_never_written_into(source: Path, folder: Path, tmp_path: Path) -> None:
    """The output of the run before is carried over as hard links."""
    before, target = tmp_path / "before", tmp_path / "target"
    before.write_bytes(b"old")
    target.mkdir()
    (target / "02.xlsx").hardlink_to(before)
    put(source, tree(source), folder)
    take(folder, tree(source), target, tree(target))
    assert (before.read_bytes(), (target / "02.xlsx").read_bytes()) == (b"old", b"plan")


@pytest.mark.parametrize("damage", [b"other", None])
def test_what_is_damaged_or_missing_is_named_and_nothing_is_written(
    source: Path, folder: Path, tmp_path: Path, damage: bytes | None
) -> None:
    book, target = source / "02.xlsx", tmp_path / "00.xlsx"
    put(book, tree(book), folder)
    (lies,) = folder.iterdir()
    lies.write_bytes(damage) if damage else lies.unlink()
    with pytest.raises(DeliveryFailed, match=lies.name):
        take(folder, tree(book), target)
    assert not target.exists()


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x"])
def test_a_list_leads_nowhere_else(folder: Path, tmp_path: Path, name: str) -> None:
    with pytest.raises(DeliveryFailed, match="目录之外"):
        take(folder, {name: Listed("0" * 64, 0)}, tmp_path / "target")
    with pytest.raises(DeliveryFailed, match="目录之外"):
        take(folder, {}, tmp_path / "target", {name: Listed("0" * 64, 0)})


def test_attempts_have_folders_of_their_own_as_long_as_somebody_waits(folder: Path) -> None:
    assert attempt(folder) != attempt(folder)
    with pytest.raises(FileNotFoundError):
        attempt(folder / "gone")


def test_a_folder_on_which_nothing_is_mounted_is_another_one(tmp_path: Path, folder: Path) -> None:
    one = identity(folder)
    assert identity(folder) == one
    assert (folder / MARK).read_text() == one
    (tmp_path / "empty").mkdir()
    assert identity(tmp_path / "empty") != one
    with pytest.raises(NotReady, match="没有挂载"):
        identity(tmp_path / "gone")
