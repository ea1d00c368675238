"""Files leave and come back to the inbox by renames that never cost anybody else's file."""

from __future__ import annotations

import os
from pathlib import Path, PurePath

import pytest

from pipeline.adapters import files
from pipeline.service.arrivals import claiming
from pipeline.service.arrivals.claiming import REASON, ClaimedFile
from pipeline.workspace.inputs import Claim


@pytest.fixture
def held(tmp_path: Path) -> ClaimedFile:
    """A claimed file."""
    made = ClaimedFile(tmp_path, "", "0123", PurePath("a.xlsx"))
    made.file.parent.mkdir(parents=True)
    made.file.write_bytes(b"claimed")
    return made


def somebody_saves(path: Path, patch: pytest.MonkeyPatch) -> None:
    """At the very last moment a file comes to stand where ours is to go; once."""
    real = files._rename_new

    def late(source: Path, target: Path) -> None:
        if not path.exists():
            path.write_bytes(b"saved meanwhile")
        real(source, target)

    patch.setattr(files, "_rename_new", late)


def test_a_file_that_is_saved_as_ours_goes_back_stays(held: ClaimedFile, monkeypatch: pytest.MonkeyPatch) -> None:
    somebody_saves(held.box / "a.xlsx", monkeypatch)
    claiming.put_back(held)
    assert (held.box / "a.xlsx").read_bytes() == b"saved meanwhile"
    assert (held.box / "a_2.xlsx").read_bytes() == b"claimed"


def test_the_reason_follows_a_file_that_finds_its_place_taken(held: ClaimedFile, monkeypatch) -> None:
    somebody_saves(held.box / "退回" / "a.xlsx", monkeypatch)
    decided = Claim(held.id, "", "a.xlsx", "", "returned", "退回/a.xlsx", "为什么", size=1, changed=1)
    assert claiming.settle(held, decided) == "退回/a_2.xlsx"
    assert sorted(path.name for path in (held.box / "退回").iterdir()) == ["a.xlsx", "a_2.xlsx", f"a_2.xlsx{REASON}"]


def test_a_move_that_was_killed_between_two_names_is_ended(held: ClaimedFile) -> None:
    os.link(held.file, held.box / "a.xlsx")
    claiming.put_back(held)
    assert [path.name for path in held.box.iterdir()] == ["a.xlsx"]
