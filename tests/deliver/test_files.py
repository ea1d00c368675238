from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from pipeline.adapters.files import sha256, write_atomic
from pipeline.deliver.files import BEGUN, LEDGER, OutputFolder


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A finished document as the pipeline hands it over."""
    path = tmp_path / "made.docx"
    path.write_bytes(b"first")
    return path


def run(out: Path, made: Path, content: bytes, name: str = "docx/X.docx") -> tuple[Path, list[str]]:
    """One run of the pipeline: where the file went, and what was noted."""
    made.write_bytes(content)
    box = OutputFolder(out)
    target = box.put(made, name)
    box.close()
    return target, box.notes


def test_a_file_of_ours_is_replaced(tmp_path: Path, made: Path) -> None:
    out = tmp_path / "out"
    assert run(out, made, b"first") == (out / "docx" / "X.docx", [])
    assert run(out, made, b"second") == (out / "docx" / "X.docx", [])
    assert (out / "docx" / "X.docx").read_bytes() == b"second"
    assert [path.name for path in (out / "docx").iterdir()] == ["X.docx"]


def test_what_somebody_has_changed_is_never_overwritten(tmp_path: Path, made: Path) -> None:
    out = tmp_path / "out"
    target, _ = run(out, made, b"first")
    target.write_bytes(b"signed by hand")
    for content in (b"second", b"third"):
        beside, notes = run(out, made, content)
        assert beside.name == "X_系统重新生成1.docx"
        assert beside.read_bytes() == content
        assert target.read_bytes() == b"signed by hand"
        assert len(notes) == 1
        assert str(target) in notes[0]
        assert beside.name in notes[0]
    beside.write_bytes(b"changed as well")
    again, _ = run(out, made, b"fourth")
    assert again.name == "X_系统重新生成2.docx"
    assert beside.read_bytes() == b"changed as well"


def test_a_file_that_was_there_before_us_is_not_ours(tmp_path: Path, made: Path) -> None:
    out = tmp_path / "out"
    (out / "docx").mkdir(parents=True)
    (out / "docx" / "X.docx").write_bytes(b"theirs")
    target, notes = run(out, made, b"ours")
    assert target.name == "X_系统重新生成1.docx"
    assert notes
    assert (out / "docx" / "X.docx").read_bytes() == b"theirs"


def test_a_file_that_somebody_took_back_is_ours_again(tmp_path: Path, made: Path) -> None:
    out = tmp_path / "out"
    target, _ = run(out, made, b"first")
    target.unlink()
    assert run(out, made, b"second") == (target, [])


@pytest.mark.parametrize("ledger", [None, b"", b'{"docx/X.do', bytes(64), b"[1]", b"\xff"])
def test_without_a_ledger_nothing_is_ours(tmp_path: Path, made: Path, ledger: bytes | None) -> None:
    out = tmp_path / "out"
    target, _ = run(out, made, b"first")
    (out / LEDGER).unlink()
    if ledger is not None:
        (out / LEDGER).write_bytes(ledger)
    assert run(out, made, b"second")[0] != target
    assert target.read_bytes() == b"first"


def test_writing_aside_replaces_a_file_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "folder" / "文件.json"
    write_atomic(target, b"one")
    write_atomic(target, b"two")
    assert target.read_bytes() == b"two"
    assert target.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in target.parent.iterdir()] == ["文件.json"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "x.json"
    write_atomic(target, b"old")
    with pytest.raises(TypeError):
        write_atomic(target, "no bytes")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_atomic(tmp_path / "folder", b"x")
    assert target.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "x.json"]


def test_hashes_are_those_of_everybody(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes("内容".encode())
    assert sha256(tmp_path / "x") == hashlib.sha256("内容".encode()).hexdigest()


def test_files_of_an_earlier_run_go_when_they_are_not_made_any_more(tmp_path: Path) -> None:
    box = OutputFolder(tmp_path)
    kept, gone, changed, other = (box.put_bytes(b"x", f"check/{n}_校验.xlsx") for n in "abcd")
    elsewhere = box.put_bytes(b"x", "docx/e_校验.xlsx")
    theirs = tmp_path / "check" / "f_校验.xlsx"
    theirs.write_bytes(b"x")
    box.close()
    changed.write_bytes(b"y")
    again = OutputFolder(tmp_path)
    again.retire("check", "_校验.xlsx", [kept, other])
    assert [path.exists() for path in (kept, gone, changed, other, elsewhere, theirs)] == [
        True,
        False,
        True,
        True,
        True,
        True,
    ]


def test_the_same_bytes_are_not_written_again(tmp_path: Path) -> None:
    box = OutputFolder(tmp_path)
    before = box.put_bytes(b"x", "docx/a").stat()
    box.close()
    again = OutputFolder(tmp_path)
    assert (again.put_bytes(b"x", "docx/a").stat().st_ino, again.notes) == (before.st_ino, [])
    assert again.put_bytes(b"y", "docx/a").stat().st_ino != before.st_ino


def test_what_a_killed_run_has_put_is_ours_and_what_a_person_did_since_is_not(tmp_path: Path) -> None:
    first = OutputFolder(tmp_path)
    for name in ("a", "b", "c"):
        first.put_bytes(b"old", name)
    first.close()
    assert not (tmp_path / BEGUN).exists()
    killed = OutputFolder(tmp_path)
    for name in ("a", "b", "new"):
        killed.put_bytes(b"put", name)
    with (tmp_path / BEGUN).open("a") as stream:
        stream.write('["c", "cut')
    (tmp_path / "b").write_bytes(b"a person's")
    after = OutputFolder(tmp_path)
    assert [after.put_bytes(b"newer", name).name for name in ("a", "b", "c", "new")] == [
        *("a", "b_系统重新生成1", "c", "new"),
    ]
    after.close()
    assert (tmp_path / "b").read_bytes() == b"a person's"
    assert not (tmp_path / BEGUN).exists()
