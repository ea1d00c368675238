"""Issued papers in packs, and taken over from them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from pipeline.core.documents import Document
from pipeline.core.errors import DeliveryFailed, UsageProblem
from pipeline.deliver.issued.carrying import Issued, taken_over
from pipeline.deliver.issued.register import Register, from_bytes
from pipeline.deliver.issued.shelf import Shelf
from pipeline.deliver.pack import Contents, make_pack
from pipeline.deliver.verify import verify
from tests.deliver.issued.papers import CODE, register, shelved


def pack(folder: Path, issued: Issued, *documents: Document) -> Path:
    """A pack of some documents."""
    contents = Contents(
        CODE, "项目", "评审包", date(2026, 7, 31), documents, None, {"documents": []}, {}, issued=issued
    )
    return make_pack(contents, folder / "pack").folder


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, Issued]:
    """A pack with one record, whose former paper is on the shelf as well."""
    shelf, former, _ = shelved(tmp_path / "one")
    _, last, document = shelved(tmp_path / "one", seq=3, kind="更正")
    issued = Issued(register(former, last), shelf)
    return pack(tmp_path, issued, document), issued


def test_a_pack_carries_entries_values_and_former_papers(made: tuple[Path, Issued]) -> None:
    """What lies in docx/ already is there once."""
    folder, issued = made
    former, last = issued.register.issues
    inside = {path.name for path in (folder / "签发登记" / "files").iterdir()}
    assert inside == {f"{former.docx}.docx", f"{former.values}.json"}
    assert former.values == last.values
    assert from_bytes((folder / "签发登记" / "register.json").read_bytes()) == issued.register
    listed = json.loads((folder / "manifest.json").read_bytes())["files"]
    assert {"签发登记/register.json", "签发登记/签发登记.csv"} <= set(listed)
    assert verify(folder) == []


def test_only_its_own_documents_and_what_still_counts(tmp_path: Path) -> None:
    """A paper of another kind stays at home, and so does what was signed since."""
    shelf, last, document = shelved(tmp_path / "one")
    _, waiting, _ = shelved(tmp_path / "one", "待签")
    other = replace(last, code="RRV")
    folder = pack(tmp_path, Issued(register(waiting, last, other), shelf), document)
    carried = from_bytes((folder / "签发登记" / "register.json").read_bytes())
    assert carried == register(last)


def test_without_issued_papers_a_pack_is_as_before(tmp_path: Path) -> None:
    shelf, _, document = shelved(tmp_path / "one")
    assert not (pack(tmp_path, Issued(Register(CODE), shelf), document) / "签发登记").exists()


@pytest.mark.parametrize("form", ["folder", "zip", "output", "outputs"])
def test_papers_are_taken_over(made: tuple[Path, Issued], tmp_path: Path, form: str) -> None:
    folder, issued = made
    output = tmp_path / "old" / CODE
    shutil.copytree(issued.shelf.folder, output / "issued")
    Shelf(output / "issued").write(issued.register)
    source = {
        "folder": folder,
        "zip": folder.with_name(f"{folder.name}.zip"),
        "output": output,
        "outputs": output.parent,
    }
    ours = Issued(Register(CODE), Shelf(tmp_path / "new" / "issued"))
    found, notes = taken_over([source[form]], ours)
    assert (found, notes) == (issued.register, [])
    for issue in found.issues:
        assert ours.shelf.values(issue)
        assert ours.shelf.file(issue.docx, "docx", issue).is_file()


def test_what_was_issued_here_stays(made: tuple[Path, Issued], tmp_path: Path) -> None:
    shelf, mine, _ = shelved(tmp_path / "mine", seq=1)
    found, notes = taken_over([made[0]], Issued(register(mine), shelf))
    assert found == register(mine)
    assert "没有接收" in notes[0]


def test_taking_the_same_over_twice_changes_nothing(made: tuple[Path, Issued]) -> None:
    assert taken_over([made[0]], made[1]) == (made[1].register, [])


def test_another_project_is_refused_and_beside_its_own_passed_over(made: tuple[Path, Issued], tmp_path: Path) -> None:
    other = Issued(Register("LY-SQ-2026-015"), Shelf(tmp_path / "new"))
    with pytest.raises(DeliveryFailed, match=f"{CODE} 的签发登记"):
        taken_over([made[0]], other)
    shelf, mine, _ = shelved(tmp_path / "two")
    theirs = Shelf(tmp_path / "two" / "issued")
    theirs.write(Register("LY-SQ-2026-015", (mine,)))
    found, _ = taken_over([made[0], tmp_path / "two"], Issued(Register(CODE), Shelf(tmp_path / "third")))
    assert found == made[1].register
    assert shelf.there


def test_a_pack_that_does_not_verify_is_refused(made: tuple[Path, Issued], tmp_path: Path) -> None:
    next((made[0] / "docx").iterdir()).write_bytes(b"changed")
    ours = Issued(Register(CODE), Shelf(tmp_path / "new"))
    with pytest.raises(DeliveryFailed, match="与制作时不符"):
        taken_over([made[0]], ours)
    assert not ours.shelf.folder.exists()


def test_a_folder_without_a_register_and_one_that_is_not_there(tmp_path: Path) -> None:
    ours = Issued(Register(CODE), Shelf(tmp_path / "new"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(DeliveryFailed, match="没有签发登记"):
        taken_over([tmp_path / "empty"], ours)
    with pytest.raises(UsageProblem, match="没有这个文件包"):
        taken_over([tmp_path / "nowhere"], ours)
