"""Names and kinds of files that nobody should use: refused or handled, said, and nothing lost."""

from __future__ import annotations

import os
import socket
import unicodedata
from pathlib import Path

import pytest

from pipeline.service.arrivals.names import fitted, owner_of, shown
from pipeline.service.arrivals.settling import FORBIDDEN
from pipeline.workspace import inputs
from tests.cases import DORM
from tests.service.stage import STABLE, Stage, workbook

NFC, NFD = unicodedata.normalize("NFC", "é费用.xlsx"), unicodedata.normalize("NFD", "é费用.xlsx")


@pytest.fixture
def stage(tmp_path: Path):
    made = Stage(tmp_path)
    yield made
    made.ledger.close()


@pytest.mark.parametrize(
    "name",
    [
        "-rf.xlsx",
        "费用\u202excod.xlsx",
        "费\x07用\n.xlsx",
        "费\u200b用.xlsx",
        "CON.xlsx",
        "尾部空格 .xlsx",
        "a" * 250 + ".xlsx",
        "费" * 83 + ".xlsx",
        "%2e%2e%2fetc.xlsx",
        "a\\..\\b.xlsx",
        "😀.xlsx",
        NFC,
        NFD,
        "没有后缀",
        os.fsdecode(b"\xb7\xd1\xd3\xc3.xlsx"),
    ],
)
def test_a_strange_name_is_taken_under_a_name_that_every_system_can_hold(stage: Stage, name: str) -> None:
    stage.drop(workbook("03"), name)
    assert stage.settle().taken == 1
    (kept,) = [Path(path).name for path in stage.taken()]
    assert kept == unicodedata.normalize("NFC", kept)
    assert len(kept.encode()) <= 255
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs") for letter in kept)
    (current,) = inputs.current(stage.ledger, DORM)
    assert "/" not in current.name
    assert current.name.endswith(".xlsx")
    assert len(current.name.encode()) <= 200


def test_twins_in_spelling_or_case_are_both_taken_and_none_replaces_the_other_file(stage: Stage) -> None:
    wanted = []
    for name in (NFC, NFD, "A.xlsx", "a.xlsx"):
        content = workbook("03").read_bytes() + name.encode()  # a trailer that zip readers skip
        stage.drop(content, name)
        wanted.append(content)
    stage.settle()
    stage.hands.turn(700)
    stage.round()
    lying = [(stage.inbox / path).read_bytes() for path in stage.files() if not path.endswith(".txt")]
    assert sorted(lying) == sorted(wanted)


def test_links_pipes_sockets_and_devices_are_said_and_left(stage: Stage) -> None:
    secret = stage.root / "secret.xlsx"
    secret.write_bytes(workbook("03").read_bytes())
    (stage.inbox / "link.xlsx").symlink_to(secret)
    (stage.inbox / "folder").symlink_to(stage.root)
    os.mkfifo(stage.inbox / "pipe.xlsx")
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(str(stage.inbox / "socket.xlsx"))
        round_result = stage.settle()
    assert round_result.taken == 0
    assert set(round_result.waiting) == {"link.xlsx", "folder", "pipe.xlsx", "socket.xlsx"}
    assert all("不是普通文件" in why for why in round_result.waiting.values())
    assert (stage.inbox / "link.xlsx").is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes devices")
def test_a_device_is_not_read(stage: Stage) -> None:
    try:
        os.mknod(stage.inbox / "null.xlsx", 0o600 | 0o020000, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("no devices in this container")
    assert "不是普通文件" in stage.settle().waiting["null.xlsx"]


def test_a_link_put_in_the_place_of_a_file_between_look_and_claim_is_not_followed(stage: Stage, monkeypatch) -> None:
    secret = stage.root / "secret.xlsx"
    secret.write_bytes(workbook("03").read_bytes())
    path = stage.drop(workbook("05"), "a.xlsx")
    stage.round()
    stage.hands.turn(STABLE)
    real = stage.intake._ripe

    def swapped(*arguments: object) -> object:
        ripe = real(*arguments)  # type: ignore[arg-type]
        path.unlink()
        path.symlink_to(secret)
        return ripe

    monkeypatch.setattr(stage.intake, "_ripe", swapped)
    assert stage.round().taken == 0
    assert inputs.codes(stage.ledger) == frozenset()
    assert path.is_symlink()


def test_a_folder_that_is_too_deep_is_said(stage: Stage) -> None:
    stage.drop(workbook("03"), "1/2/3/4/5/6/7/a.xlsx")
    assert "超过 6 层" in stage.settle().waiting["1/2/3/4/5/6"]


def test_a_file_that_may_not_be_read_waits(stage: Stage) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    stage.drop(workbook("03"), "a.xlsx").chmod(0)
    assert stage.settle().waiting == {"a.xlsx": FORBIDDEN}


@pytest.mark.parametrize(
    ("name", "kept"),
    [("../x.xlsx", ".._x.xlsx"), ("..", "_"), (" a. ", "a"), ("nul.txt", "_nul.txt"), ("a\u202eb", "a_b"), ("", "_")],
)
def test_shown_names(name: str, kept: str) -> None:
    assert shown(name) == kept.strip(" .") or shown(name) == kept


def test_a_name_is_shortened_by_whole_characters_and_keeps_its_suffix() -> None:
    assert fitted("费" * 100 + ".xlsx", "_2", 50) == "费" * 14 + "_2.xlsx"


@pytest.mark.parametrize(
    ("name", "others", "owner"),
    [
        ("费用.xlsx", ["~$费用.xlsx"], "~$费用.xlsx"),
        ("费用明细.xlsx", [".~用明细.xlsx"], ".~用明细.xlsx"),
        ("费用.xlsx", ["~$其他.xlsx", "费用.xls"], None),
        ("大费用明细表.xlsx", ["~$明细表.xlsx"], None),
    ],
)
def test_owner_files(name: str, others: list[str], owner: str | None) -> None:
    assert owner_of(name, others) == owner


_BINS = ("@Recycle/03.xlsx", "@Recently-Snapshot/GMT+08_2026-11-20_0100/03.xlsx", "#recycle/新项目/03.xlsx")
_HALVES = ("03.xlsx:Zone.Identifier", "03.xlsx\uf03aZone.Identifier", "03.xlsx.xltd", "03.xlsx.td", "5F3D1000")


def test_bins_snapshots_and_halves_of_downloads_stay_where_they_are_and_nobody_is_told(stage: Stage) -> None:
    for name in (*_BINS, *_HALVES, "新项目/@eaDir/03.xlsx"):
        stage.drop(workbook("03"), name)
    before = stage.files()
    round_result = stage.settle()
    stage.hands.turn(90_000)
    stage.round()
    assert (round_result.taken, round_result.waiting) == (0, {})
    assert stage.files() == before
    assert inputs.codes(stage.ledger) == frozenset()


@pytest.mark.parametrize("name", ["@ABC/20261123/03.xlsx", "recycle/部分.part.xlsx"])
def test_names_that_only_look_like_those_are_taken(stage: Stage, name: str) -> None:
    stage.drop(workbook("03"), name)
    assert stage.settle().taken == 1
    assert stage.taken() == [f"已接收/2026-11/{name}"]
