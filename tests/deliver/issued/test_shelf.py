"""Files by their hash: what is named is there byte for byte, and what nothing names goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.deliver.issued.shelf import RegisterUnsound, Shelf
from tests.deliver.issued.papers import CODE, OWN, RECORD, issue, register, said, shelved


def test_without_a_register_nothing_was_issued(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    assert not shelf.there
    assert shelf.read(CODE).issues == ()


def test_register_values_and_bytes_come_back(tmp_path: Path) -> None:
    shelf, made, document = shelved(tmp_path)
    shelf.write(register(made))
    fresh = Shelf(shelf.folder)
    assert fresh.read(CODE) == register(made)
    assert fresh.values(made) == said("2026-07-02")
    assert fresh.file(made.docx, "docx", made).read_bytes() == document.docx.read_bytes()
    assert "系统方案审批单" not in (shelf.folder / "签发登记.csv").read_text("utf-8-sig")
    assert "SAF" in (shelf.folder / "签发登记.csv").read_text("utf-8-sig")


def test_what_is_own_is_written_beside_each_value(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    digest = shelf.put_values(said("2026-07-02"), {OWN})
    content = (tmp_path / "files" / f"{digest}.json").read_text("utf-8")
    assert '["scheme.date","2026-07-02","2026-07-02",[["06.xlsx","方案审批","C5"]],1]' in content
    assert '["project.customer","甲大学","甲大学",[["06.xlsx","基本信息","C5"]],0]' in content


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"schema": 1}'])
def test_a_damaged_register_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "register.json").write_bytes(content)
    with pytest.raises(RegisterUnsound, match=r"register\.json"):
        Shelf(tmp_path).read(CODE)


def test_the_register_of_another_project_is_refused(tmp_path: Path) -> None:
    Shelf(tmp_path).write(register(RECORD))
    with pytest.raises(RegisterUnsound, match="LY-SQ-2026-007"):
        Shelf(tmp_path).read("LY-SQ-2026-015")


def test_a_changed_or_missing_file_is_named(tmp_path: Path) -> None:
    shelf, made, _ = shelved(tmp_path)
    path = shelf.file(made.docx, "docx", made)
    path.write_bytes(b"other")
    with pytest.raises(RegisterUnsound, match=r"SAF A/0.*被改动"):
        shelf.file(made.docx, "docx", made)
    path.unlink()
    with pytest.raises(RegisterUnsound, match="不在了"):
        shelf.file(made.docx, "docx", made)


def test_bytes_may_lie_beside_the_shelf(tmp_path: Path) -> None:
    shelf, made, document = shelved(tmp_path)
    shelf.file(made.docx, "docx", made).unlink()
    assert Shelf(shelf.folder, [tmp_path]).file(made.docx, "docx", made) == document.docx


def test_what_nothing_names_goes_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    shelf, made, _ = shelved(tmp_path)
    old = shelf.put(b"renewed since", "docx")
    (shelf.folder / "files" / "mine.txt").write_text("a person's")
    shelf.write(register(made))
    names = {path.name for path in (shelf.folder / "files").iterdir()}
    assert names == {f"{made.docx}.docx", f"{made.values}.json", "mine.txt"}
    assert f"{old}.docx" not in names


def test_the_same_register_is_not_written_again(tmp_path: Path) -> None:
    shelf, made, _ = shelved(tmp_path)
    shelf.write(register(made))
    before = (shelf.folder / "register.json").stat().st_ino
    shelf.write(register(made))
    assert (shelf.folder / "register.json").stat().st_ino == before
    shelf.write(register(made, issue(version="A/1", docx=made.docx, values=made.values)))
    assert (shelf.folder / "register.json").stat().st_ino != before
