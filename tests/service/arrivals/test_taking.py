"""Files come into the inbox in every way that people have, and each ends in exactly one place."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from pipeline.service.arrivals import taking
from pipeline.service.arrivals.claiming import REASON
from pipeline.service.clock import Clock
from pipeline.service.state import status
from pipeline.settings import Settings
from pipeline.workspace import inputs, refusals, store
from tests.cases import DORM, TV
from tests.service.stage import STABLE, Stage, master, workbook


@pytest.fixture
def stage(tmp_path: Path):
    made = Stage(tmp_path)
    yield made
    made.ledger.close()


def slots(stage: Stage, code: str = DORM) -> dict[str, int]:
    return {one.slot: one.version for one in inputs.current(stage.ledger, code)}


def reason(stage: Stage, name: str) -> str:
    return (stage.inbox / "退回" / (name + REASON)).read_bytes().decode("utf-8-sig")


def test_a_workbook_under_any_name_becomes_current_by_the_code_inside(stage: Stage) -> None:
    stage.drop(workbook("03"), "费用最终版(2).xlsx")
    round_result = stage.settle()
    assert (round_result.projects, round_result.taken, slots(stage)) == ({DORM}, 1, {"cost": 1})
    assert stage.files() == ["已接收/2026-11/费用最终版(2).xlsx"]
    (current,) = inputs.current(stage.ledger, DORM)
    kept = store.place(stage.workspace.store, current.sha256)
    assert kept.read_bytes() == workbook("03").read_bytes()


def test_a_file_must_stand_still_at_start_up_too(stage: Stage) -> None:
    path = stage.drop(workbook("03"), "a.xlsx")
    os.utime(path, (1, 1))
    assert stage.round().waiting == {"a.xlsx": "正在写入"}
    stage.hands.turn(STABLE - 1)
    path.write_bytes(path.read_bytes())
    stage.hands.turn(STABLE - 1)
    assert stage.round().taken == 0
    stage.hands.turn(STABLE)
    assert stage.round().taken == 1


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_half_a_file_waits_and_goes_back_after_ten_minutes(stage: Stage, share: float) -> None:
    content = workbook("03").read_bytes()
    path = stage.drop(content[: int(len(content) * share)], "a.xlsx")
    assert stage.settle().waiting == {"a.xlsx": "不完整"}
    stage.hands.turn(599)
    assert stage.round().waiting == {"a.xlsx": "不完整"}
    assert path.exists()
    stage.hands.turn(1)
    assert [one.name for one in stage.round().returned] == ["a.xlsx"]
    assert stage.files() == ["退回/a.xlsx", f"退回/a.xlsx{REASON}"]
    assert "不完整" in reason(stage, "a.xlsx")


def test_zeros_that_a_copy_has_reserved_are_half_a_file(stage: Stage) -> None:
    content = workbook("03").read_bytes()
    stage.drop(content[:2000] + b"\0" * (len(content) - 2000), "a.xlsx")
    stage.drop(b"\0" * 9000, "b.xlsx")
    assert stage.settle().waiting == {"a.xlsx": "不完整", "b.xlsx": "不完整"}


@pytest.mark.parametrize(
    "owner", ["~$费用表.xlsx", ".~费用表.xlsx", ".~用表.xlsx", ".~lock.费用表.xlsx#", "~$用表.xlsx"]
)
def test_a_file_that_somebody_has_open_is_left_until_it_is_closed(stage: Stage, owner: str) -> None:
    stage.drop(workbook("03"), "费用表.xlsx")
    held = stage.drop(b"owner", owner)
    os.utime(held, (stage.hands.wall.timestamp(),) * 2)
    assert stage.settle().waiting == {"费用表.xlsx": "被占用"}
    stage.hands.turn(3600)
    assert stage.round().waiting == {"费用表.xlsx": "被占用"}
    held.unlink()
    assert stage.round().taken == 1


def test_an_owner_file_of_yesterday_holds_nobody_up(stage: Stage) -> None:
    stage.drop(workbook("03"), "费用表.xlsx")
    os.utime(stage.drop(b"owner", "~$费用表.xlsx"), (stage.hands.wall.timestamp(),) * 2)
    stage.hands.turn(24 * 3600 + 1)
    assert stage.settle().taken == 1


@pytest.mark.parametrize(
    "name",
    ["~$a.xlsx", ".~a.xlsx", ".~lock.a.xlsx#", "~WRL0001.tmp", "a.xlsx.crdownload", "a.part", "Thumbs.db", ".DS_Store",
     "desktop.ini", "a.xlsx.filepart", "~syncthing~a.xlsx.tmp", "@eaDir/a.xlsx", "#recycle/a.xlsx", "a.xlsx.!sync"],
)  # fmt: skip
def test_what_programs_leave_is_never_looked_at(stage: Stage, name: str) -> None:
    stage.drop(workbook("03"), name)
    round_result = stage.settle()
    assert (round_result.taken, round_result.returned, round_result.waiting) == (0, [], {})
    assert stage.files() == [name]


def test_the_same_bytes_twice_are_said_and_not_processed_and_older_versions_stay(stage: Stage) -> None:
    first = workbook("03").read_bytes()
    changed = _resaved(first)
    for name, content in (("a.xlsx", first), ("b.xlsx", first), ("c.xlsx", changed)):
        stage.drop(content, name)
        round_result = stage.settle()
    assert round_result.projects == {DORM}
    assert slots(stage) == {"cost": 2}
    verdicts = {c.source: (c.verdict, c.message) for c in inputs.newest_claims(stage.ledger, 9)}
    assert verdicts["b.xlsx"] == ("same", "内容与现用的版本相同,没有重复处理")
    assert [p.read_bytes() for p in sorted(stage.workspace.store.glob("??/*"))].count(first) == 1
    assert len(inputs.versions(stage.ledger, DORM)) == 2


def _resaved(content: bytes) -> bytes:
    """The same workbook, packed otherwise."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for entry in old.infolist():
            new.writestr(entry.filename, old.read(entry))
    return out.getvalue()


def test_a_folder_with_its_attachments_in_any_order(stage: Stage) -> None:
    stage.drop(b"%PDF-1.4 x %%EOF", "新建文件夹/附件/合同.pdf")
    stage.drop(b"%PDF-1.4 y %%EOF", "新建文件夹/签字件/PPR.pdf")
    assert set(stage.settle().waiting.values()) == {"等待同一文件夹里的工作簿"}
    stage.drop(workbook("02"), "新建文件夹/计划.xlsx")
    stage.settle()
    assert stage.round().taken in (0, 2)
    assert slots(stage) == {"plan": 1, "附件/合同.pdf": 1, "签字件/ppr.pdf": 1}


def test_attachments_come_later_beside_a_workbook_that_is_known_already(stage: Stage) -> None:
    stage.drop(workbook("02"), "02.xlsx")
    stage.settle()
    stage.drop(workbook("02"), "补交/02.xlsx")
    stage.drop(b"%PDF-1.4 x %%EOF", "补交/附件/合同.pdf")
    stage.settle()
    stage.settle()
    assert (slots(stage), stage.settle().waiting) == ({"plan": 1, "附件/合同.pdf": 1}, {})


def test_an_attachment_alone_belongs_to_the_code_in_its_name(stage: Stage) -> None:
    stage.drop(b"%PDF-1.4 x %%EOF", f"{DORM}_PPR_V1_20260701_签字.pdf")
    stage.drop(b"%PDF-1.4 x %%EOF", "销售合同.pdf")
    round_result = stage.settle()
    assert slots(stage) == {f"签字件/{DORM}_PPR_V1_20260701_签字.pdf".casefold(): 1}
    assert [one.name for one in round_result.returned] == ["销售合同.pdf"]
    assert "在文件名里写上项目编号" in reason(stage, "销售合同.pdf")


def _zip(members: dict[str, bytes], encoding: str = "ascii") -> bytes:
    """A zip; in another encoding than UTF-8 the names are written as Chinese Windows does, without a mark."""
    out, plain = io.BytesIO(), {}
    with zipfile.ZipFile(out, "w") as package:
        for number, (name, content) in enumerate(members.items()):
            raw = name.encode(encoding, "surrogateescape") if encoding != "utf-8" else b""
            stand_in = f"{number:03d}".ljust(len(raw), "~") if raw and not name.isascii() else name
            plain[stand_in.encode()] = raw or name.encode()
            package.writestr(stand_in, content)
    done = out.getvalue()
    for stand_in_bytes, raw in plain.items():
        done = done.replace(stand_in_bytes, raw) if encoding not in ("utf-8", "ascii") else done
    return done


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_zip_is_opened_and_only_what_is_wrong_in_it_goes_back(stage: Stage, encoding: str) -> None:
    members = {
        "项目/02.xlsx": workbook("02").read_bytes(),
        "项目/附件/合同.pdf": b"%PDF-1.4 x %%EOF",
        "项目/坏.xlsx": b"<html>",
    }
    stage.drop(_zip(members, encoding), "全部.zip")
    round_result = stage.settle()
    assert (round_result.projects, slots(stage)) == ({DORM}, {"plan": 1, "附件/合同.pdf": 1})
    assert stage.taken() == ["已接收/2026-11/全部.zip"]
    back = [name for name in stage.returned() if name.startswith("退回/全部_")]
    assert [Path(name).name for name in back] == ["坏.xlsx", f"坏.xlsx{REASON}"]
    assert [one.name for one in round_result.returned] == ["全部.zip/项目/坏.xlsx"]
    assert "网页" in round_result.returned[0].reason
    assert round_result.returned[0].target == back[0]
    assert refusals.since(stage.ledger, stage.hands.wall, 9) == round_result.returned
    assert any(
        line.startswith("退回  全部.zip/项目/坏.xlsx:") for line in status(stage.workspace.root, Settings(), Clock())[0]
    )


def test_what_nobody_meant_in_a_zip_is_left_aside(stage: Stage) -> None:
    names = (
        "项目/03.xlsx:Zone.Identifier",
        "03.xlsx:Zone.Identifier",
        "#recycle/03.xlsx",
        "@eaDir/03.xlsx",
        "5F3D1000",
    )
    members = {"项目/02.xlsx": workbook("02").read_bytes(), **dict.fromkeys(names, workbook("03").read_bytes())}
    stage.drop(_zip(members, "utf-8"), "全部.zip")
    assert (stage.settle().projects, slots(stage)) == ({DORM}, {"plan": 1})
    assert (stage.taken(), stage.returned()) == (["已接收/2026-11/全部.zip"], [])


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"../a.xlsx": b"x"}, "不合规的路径"),
        ({"C:/a.xlsx": b"x"}, "不合规的路径"),
        ({f"{n}.xlsx": b"x" for n in range(501)}, "超过 500 个文件"),
        ({"a.xlsx": b"<html>"}, "网页"),
        ({}, "空的"),
    ],
)
def test_a_bad_zip_goes_back_whole(stage: Stage, members: dict[str, bytes], said: str) -> None:
    stage.drop(_zip(members), "全部.zip")
    assert stage.settle().taken == 0
    assert stage.files() == ["退回/全部.zip", f"退回/全部.zip{REASON}"]
    assert said in reason(stage, "全部.zip")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"<html><table>", "报价.xlsx", "网页"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "报价.xls", "退回原因:"),
        (b"a,b\n1,2\n", "清单.csv", ".xlsx"),
        (b"MZ\x90\x00", "setup.exe", "不是"),
    ],
)
def test_what_cannot_be_read_goes_back_with_its_reason(stage: Stage, content: bytes, name: str, said: str) -> None:
    stage.drop(content, name)
    (returned,) = stage.settle().returned
    assert (returned.name, returned.department) == (name, "")
    assert said in reason(stage, name)
    assert str(stage.root) not in reason(stage, name)


def test_the_master_workbook_an_archived_project_and_a_foreign_code_go_back(stage: Stage) -> None:
    stage.drop(master(), "00.xlsx")
    stage.drop(workbook("02"), "冻结.xlsx")
    round_result = stage.settle(frozen={DORM})
    reasons = {one.name: one.reason for one in round_result.returned}
    assert "质量管理部" in reasons["00.xlsx"]
    assert f"{DORM} 已归档" in reasons["冻结.xlsx"]
    assert slots(stage) == {}


def test_departments_have_boxes_of_their_own(stage: Stage) -> None:
    stage.drop(workbook("06"), "网络工程部/06.xlsx")
    stage.drop(b"<html>", "财务部/坏.xlsx")
    stage.drop(workbook("02", TV), "不是部门/02.xlsx")
    round_result = stage.settle()
    assert "网络工程部/已接收/2026-11/06.xlsx" in stage.files()
    assert "财务部/退回/坏.xlsx" in stage.files()
    assert "已接收/2026-11/不是部门/02.xlsx" in stage.files()
    assert [one.department for one in round_result.returned] == ["财务部"]


def test_two_departments_may_each_have_their_06(stage: Stage) -> None:
    stage.drop(workbook("06"), "网络工程部/06.xlsx")
    stage.drop(_resaved(workbook("06").read_bytes()), "财务部/06.xlsx")
    stage.settle()
    assert [slot.split("/")[:2] for slot in slots(stage)] == [["records", "网络工程部"], ["records", "财务部"]]


def slowly(stage: Stage, name: str):
    """A picture whose copy pauses half-way for longer than we wait: it looks whole, and is taken."""
    stream = (stage.inbox / name).open("wb")
    stream.write(b"\xff\xd8\xff\xe0 first half,")
    stream.flush()
    return stream


def test_the_rest_of_a_slow_copy_is_taken_as_well(stage: Stage) -> None:
    with slowly(stage, f"{DORM}_照片.jpg") as stream:
        assert stage.settle().taken == 1
        assert stage.files() == [f"已接收/2026-11/{DORM}_照片.jpg"]
        stream.write(b" second half")
    assert stage.settle().taken == 1
    assert stage.files() == [f"已接收/2026-11/{DORM}_照片.jpg"]
    versions = inputs.versions(stage.ledger, DORM)
    assert [store.place(stage.workspace.store, one.sha256).read_bytes()[-11:] for one in versions] == [
        b"first half,",
        b"second half",
    ]
    assert stage.settle().waiting == {}
    assert len(inputs.versions(stage.ledger, DORM)) == 2


@pytest.mark.parametrize(("hours", "again"), [(1, True), (47, True), (49, False)])
def test_what_the_night_before_took_is_looked_at_once_more(stage: Stage, hours: int, again: bool) -> None:
    with slowly(stage, f"{DORM}_照片.jpg") as stream:
        stage.settle()
        stream.write(b" second half")
    stage.hands.turn(hours * 3600)
    stage.start()
    assert stage.settle().taken == again


def test_another_time_on_the_same_bytes_is_no_change(stage: Stage) -> None:
    stage.drop(workbook("03"), "a.xlsx")
    stage.settle()
    taken = stage.inbox / "已接收/2026-11/a.xlsx"
    os.utime(taken, (5, 5))
    assert (stage.settle().taken, stage.settle().same, stage.files()) == (0, 0, ["已接收/2026-11/a.xlsx"])
    taken.unlink()
    assert (stage.settle().taken, stage.files()) == (0, [])


def test_a_copy_that_is_finished_after_it_went_back_is_taken(stage: Stage) -> None:
    content = workbook("03").read_bytes()
    with (stage.inbox / "a.xlsx").open("wb") as stream:
        stream.write(content[:-50])
        stream.flush()
        stage.settle()
        stage.hands.turn(11 * 60)
        assert [one.name for one in stage.round().returned] == ["a.xlsx"]
        assert len(stage.returned()) == 2
        stream.write(content[-50:])
    assert stage.settle().taken == 1
    assert stage.files() == ["已接收/2026-11/a.xlsx"]


def test_a_returned_file_that_somebody_edits_where_it_lies_stays_there(stage: Stage) -> None:
    stage.drop(b"<html>", "a.xlsx")
    stage.settle()
    (stage.inbox / "退回" / "a.xlsx").write_bytes(b"<html> changed")
    assert (stage.settle().returned, len(stage.returned())) == ([], 2)


def test_a_flood_is_taken_in_turns(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "MOST_AT_ONCE", 10)
    for number in range(13):
        stage.drop(b"<html>" + str(number).encode(), f"{number}.html")
    stage.drop(workbook("03"), "财务部/费用.xlsx")
    round_result = stage.settle()
    assert round_result.taken == 1, "one department's flood does not keep another waiting"
    assert len(round_result.returned) == 9
    assert len(stage.round().returned) == 4
