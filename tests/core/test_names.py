from __future__ import annotations

import pytest

from pipeline.core.names import is_owner, unseen


@pytest.mark.parametrize(
    "name",
    [
        *("@Recycle", "@Recently-Snapshot", "@eaDir", "#recycle", "#Recycle", "#snapshot", "~snapshot", "RECYCLER"),
        *("$RECYCLE.BIN", "$Recycle.Bin", "System Volume Information", "lost+found", "__MACOSX", ".snapshot", ".git"),
        *("费用.xlsx.download", "~$资料", "上传.tmp"),
    ],
)
def test_bins_snapshots_and_their_like_are_never_looked_at(name: str) -> None:
    assert unseen(name, folder=True)
    assert unseen(name)


@pytest.mark.parametrize(
    "name",
    [
        *("~$03_费用.xlsx", ".~03_费用.xlsx", ".~lock.03_费用.xlsx#", ".03_费用.xlsx", "~WRL0001.tmp", "thumbs.db"),
        *("desktop.ini", "03_费用.xlsx.part", "03_费用.XLSX.CRDOWNLOAD", "03_费用.xlsx.td", "03_费用.xlsx.xltd"),
        *("03_费用.xlsx.xltd.cfg", "03_费用.xlsx.baiduyun.p.downloading", "03_费用.xlsx.wdp", "03.xlsx.aria2"),
        *("03_费用.xlsx:Zone.Identifier", "03_费用.xlsx\uf03aZone.Identifier", "a.xlsx:Zone.Identifier:$DATA"),
        *("5F3D1000", "a5b40000", "20269900", "费用.xlsx@SynoEAStream"),
    ],
)
def test_marks_and_halves_of_files_are_never_looked_at(name: str) -> None:
    assert unseen(name)


@pytest.mark.parametrize(
    "name",
    [
        *("03_费用.xlsx", "~03.xlsx", "部分.xlsx", "x.part.xlsx", "部分.part.xlsx", "Thumbs.db.xlsx", "20261123"),
        *(
            "费用:一期.xlsx",
            "Zone.Identifier.xlsx",
            "5F3D1000.xlsx",
            "5F3D100",
            "abcdefgh",
            "@ABC.xlsx",
            "recycle.xlsx",
        ),
    ],
)
def test_files_of_people_are_looked_at(name: str) -> None:
    assert not unseen(name)


@pytest.mark.parametrize(
    "name",
    [
        "recycle",
        "Recycle Bin 项目",
        "snapshot",
        "@ABC",
        "#1楼",
        "20261123",
        "5F3D1000",
        "第一部分.part",
        "LY-015.td",
        "回收站",
    ],
)
def test_folders_of_people_are_looked_into(name: str) -> None:
    assert not unseen(name, folder=True)


def test_owner_files() -> None:
    assert [is_owner(name) for name in ("~$a.xlsx", ".~lock.a.xlsx#", ".~a.xlsx", "~a.xlsx", ".a")] == [True] * 3 + [
        False
    ] * 2
