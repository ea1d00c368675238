"""The register of an output folder: sound, taken over, or left alone with everything new beside it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.core.errors import DeliveryFailed
from pipeline.deliver.files import OutputFolder
from pipeline.deliver.issued.register import Register, Wish
from pipeline.deliver.issued.shelf import RegisterUnsound, Shelf
from pipeline.project_run.issue_register import BESIDE, Opened, opened, put_register
from tests.deliver.issued.papers import CODE, register, shelved

WISH = Wish("SAF", "", "印错", date(2026, 8, 1))


def output(folder: Path, *strangers: str, ours: str = "") -> OutputFolder:
    """An output folder with some files in docx/: of ours, and of others."""
    box = OutputFolder(folder)
    if ours:
        box.put_bytes(b"ours", f"docx/{ours}")
        box.close()
    (folder / "docx").mkdir(parents=True, exist_ok=True)
    for name in strangers:
        (folder / "docx" / name).write_bytes(b"theirs")
    return OutputFolder(folder)


def sound(found: Opened) -> bool:
    return found.trouble is None and not found.beside


@pytest.mark.parametrize(
    ("strangers", "ours"),
    [
        ((), ""),
        ((), f"{CODE}_PPR_A0_20260701.docx"),
        (("说明.docx",), ""),
        (("LY-SQ-2026-015_PPR_A0_20260701.docx",), ""),
    ],
    ids=["nothing", "made before there were registers", "a person's note", "another project"],
)
def test_without_a_register_everything_is_issued_for_the_first_time(
    tmp_path: Path, strangers: tuple[str, ...], ours: str
) -> None:
    found = opened(output(tmp_path, *strangers, ours=ours), CODE, [])
    assert sound(found)
    assert found.register == Register(CODE)


def test_papers_that_are_not_ours_without_a_register_are_left_alone(tmp_path: Path) -> None:
    found = opened(output(tmp_path, f"{CODE}_PPR_A0_20260701.docx"), CODE, [])
    assert (found.beside, found.register) == (BESIDE, Register(CODE))
    assert f"{CODE}_PPR_A0_20260701.docx" in str(found.trouble)
    assert found.trouble
    assert int(found.trouble.exit_code) == 7


def test_a_register_that_was_there_is_missed(tmp_path: Path) -> None:
    shelf, made, _ = shelved(tmp_path / CODE)
    box = OutputFolder(tmp_path / CODE)
    put_register(box, Opened(shelf, register(made)), register(made))
    box.close()
    assert sound(opened(OutputFolder(tmp_path / CODE), CODE, []))
    (shelf.folder / "register.json").unlink()
    assert "不在了" in str(opened(OutputFolder(tmp_path / CODE), CODE, []).trouble)


def test_a_changed_register_is_left_as_it_is(tmp_path: Path) -> None:
    shelf, made, _ = shelved(tmp_path)
    shelf.write(register(made))
    path = shelf.folder / "register.json"
    path.write_bytes(path.read_bytes().replace(b"A/0", b"A/9", 1))
    before = path.read_bytes()
    found = opened(OutputFolder(tmp_path), CODE, [])
    assert "被改动或损坏" in str(found.trouble)
    put_register(OutputFolder(tmp_path), found, register(made))
    assert path.read_bytes() == before
    assert (tmp_path / BESIDE / "issued" / "register.json").is_file()


def test_what_is_missing_is_taken_over(tmp_path: Path) -> None:
    """The way out of a lost register."""
    shelf, made, _ = shelved(tmp_path / "old")
    shelf.write(register(made))
    box = output(tmp_path / "new", f"{CODE}_PPR_A0_20260701.docx")
    found = opened(box, CODE, [tmp_path / "old"])
    assert sound(found)
    assert found.register == register(made)


def test_what_cannot_be_taken_over_stops_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DeliveryFailed, match="没有签发登记"):
        opened(OutputFolder(tmp_path / "new"), CODE, [tmp_path / "empty"])
    assert not (tmp_path / "new").exists()


def test_wishes_of_the_run_and_of_the_register_are_both_heard(tmp_path: Path) -> None:
    shelf, made, _ = shelved(tmp_path)
    shelf.write(Register(CODE, (made,), (WISH,)))
    found = opened(OutputFolder(tmp_path), CODE, [], [Wish("PAF", "", "x", WISH.on)])
    assert [wish.code for wish in found.register.wishes] == ["SAF", "PAF"]


def test_where_nothing_was_issued_no_register_is_made(tmp_path: Path) -> None:
    put_register(OutputFolder(tmp_path), Opened(Shelf(tmp_path / "issued"), Register(CODE)), Register(CODE))
    assert list(tmp_path.iterdir()) == []


def test_a_register_that_cannot_be_written_is_a_delivery_that_failed(tmp_path: Path) -> None:
    (tmp_path / "issued").write_text("a file in its place")
    shelf, made, _ = shelved(tmp_path / "other")
    with pytest.raises(DeliveryFailed, match="写不进去"):
        put_register(OutputFolder(tmp_path), Opened(Shelf(tmp_path / "issued"), register(made)), register(made))
    assert not isinstance(shelf, RegisterUnsound)
