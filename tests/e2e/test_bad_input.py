"""Bad input on the command line: one clear finding or message each, the rest still checked, the right exit code."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from pipeline.cli import run
from tests.cases import DORM, ROOT, TV
from tests.e2e.built import only
from tests.intake import made_files as made

Sample = Callable[..., Path]


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    """Copies the dormitory's workbooks, all or those whose numbers are given."""

    def copy(*numbers: str) -> Path:
        folder = tmp_path / "project"
        folder.mkdir()
        for path in (ROOT / "samples" / DORM).glob("*.xlsx"):
            if not numbers or path.name[:2] in numbers:
                shutil.copy2(path, folder)
        if not numbers:
            shutil.copytree(ROOT / "samples" / DORM / "附件", folder / "附件")
        return folder

    return copy


def check(folder: Path, tmp_path: Path) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of `presales check`."""
    target = tmp_path / "found.json"
    code = run(["check", str(folder), "--as-of", "2026-11-23", "--json", str(target)])
    return code, json.loads(target.read_text(encoding="utf-8"))


def codes(found: dict[str, Any], state: str = "open") -> set[str]:
    return {f["rule"] for p in found["projects"] for f in p["findings"] if f["state"] == state}


def book(folder: Path, number: str) -> Path:
    return next(folder.glob(f"{number}_*.xlsx"))


def edit(path: Path, change: Callable[[Any], None]) -> None:
    workbook = openpyxl.load_workbook(path)
    change(workbook)
    workbook.save(path)


def test_missing_workbooks_are_named_and_not_yet_due(sample: Sample, tmp_path: Path) -> None:
    code, found = check(sample("00", "01", "02"), tmp_path)
    assert (code, codes(found)) == (0, set())
    assert codes(found, "pending") == {"B412"}
    missing = "、".join(found["projects"][0]["missing"])
    assert all(name in missing for name in ("项目费用计划明细表", "项目所需物资明细表", "项目人员需求一览表"))


def test_unknown_form_version_is_named_and_the_rest_checked(sample: Sample, tmp_path: Path) -> None:
    folder = sample()
    edit(
        book(folder, "03"),
        lambda w: w["_meta"].__setitem__("B1", "presales.unknown") or w["费用明细"].__setitem__("A1", "x"),
    )
    code, found = check(folder, tmp_path)
    assert code == 3
    (finding,) = [f for f in found["projects"][0]["findings"] if f["rule"] == "F028"]
    assert finding["workbook"] == book(folder, "03").name
    assert "X208" in {c["rule"] for c in found["projects"][0]["comparisons"]}


def test_a_foreign_workbook_is_no_finding(sample: Sample, tmp_path: Path) -> None:
    folder = sample()
    other = openpyxl.Workbook()
    other.active["A1"] = "午餐统计"
    other.save(folder / "午餐统计.xlsx")
    code, found = check(folder, tmp_path)
    assert (code, codes(found)) == (0, set())
    assert [f["verdict"] for f in found["files"] if "午餐" in f["path"]] == ["unknown"]


def test_missing_column_is_named(sample: Sample, tmp_path: Path) -> None:
    folder = sample()

    def spoil(workbook: Any) -> None:
        sheet = workbook["费用明细"]
        sheet["E5"], sheet["E6"] = "不知道", "nothing"

    edit(book(folder, "03"), spoil)
    code, found = check(folder, tmp_path)
    assert code == 3
    (finding,) = [f for f in found["projects"][0]["findings"] if f["rule"] == "F029"]
    assert "归属" in finding["message"]
    assert finding["sheet"] == "费用明细"


def test_renamed_label_with_its_key_is_read(sample: Sample, tmp_path: Path) -> None:
    folder = sample()
    edit(book(folder, "04"), lambda w: w["物资明细"].__setitem__("G5", "数 量"))
    code, found = check(folder, tmp_path)
    assert code == 0
    assert "F029" not in codes(found)


def test_two_workbooks_of_one_kind(sample: Sample, tmp_path: Path) -> None:
    folder = sample()
    old = shutil.copy2(book(folder, "05"), folder / "旧的人员表.xlsx")
    edit(Path(old), lambda w: w["人员需求"].__setitem__("P7", "改过"))
    os.utime(old, (1, 1))
    code, found = check(folder, tmp_path)
    assert code == 0
    (finding,) = [f for f in found["projects"][0]["findings"] if f["rule"] == "B402"]
    assert finding["workbook"] == "旧的人员表.xlsx"
    assert book(folder, "05").name in finding["message"]


def test_other_projects_workbook(sample: Sample, tmp_path: Path) -> None:
    folder = sample()
    shutil.copy2(book(ROOT / "samples" / TV, "03"), folder)
    code, found = check(folder, tmp_path)
    assert code == 3
    foreign = [f for f in found["projects"][0]["findings"] if f["rule"] == "X201"]
    assert [TV in f["message"] and DORM in f["message"] for f in foreign] == [True]
    assert codes(found) == {"X201"}


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not whole", b"a,b\n1,2\n"])
def test_unreadable_file_is_refused_and_the_rest_checked(sample: Sample, tmp_path: Path, content: bytes) -> None:
    folder = sample()
    (folder / "03_坏文件.xlsx").write_bytes(content)
    code, found = check(folder, tmp_path)
    assert code == 3
    assert codes(found) == {"B415"}
    assert [f["rule"] for f in found["files"] if "坏文件" in f["path"]] == ["B415"]


@pytest.mark.parametrize("verb", ["check", "build"])
def test_half_a_character_is_a_finding_at_its_cell_and_stops_nothing(
    sample: Sample, tmp_path: Path, verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = sample()
    edit(book(folder, "03"), lambda w: w["费用明细"].__setitem__("D7", "工具_xD83D_"))
    target = tmp_path / "found.json"
    where = ["--annotate", str(tmp_path / "marked")] if verb == "check" else ["-o", str(tmp_path / "out"), "--no-pdf"]
    with only(("PP1",)):
        code = run([verb, str(folder), "--as-of", "2026-11-23", "--json", str(target), *where])
    assert code == 0
    found = json.loads(target.read_text(encoding="utf-8"))["projects"][0]["findings"]
    assert [(f["sheet"], f["cell"], f["severity"]) for f in found if f["rule"] == "F034"] == [
        ("费用明细", "D7", "warning")
    ]
    assert "F034" in capsys.readouterr().out
    (marked,) = (tmp_path / ("marked" if verb == "check" else "out")).rglob("03_*.xlsx")
    assert "�" not in openpyxl.load_workbook(marked)["费用明细"]["D7"].value


def test_a_file_name_that_is_no_text_stops_nothing(sample: Sample, tmp_path: Path) -> None:
    folder = sample()
    (folder / os.fsdecode(b"\xb7\xd1\xd3\xc3.xlsx")).write_bytes(b"")
    code, found = check(folder, tmp_path)
    assert (code, codes(found)) == (3, {"B415"})


@pytest.mark.parametrize(("old", "new"), [("sheet2.xml", "Sheet2.xml"), ("sheet2.xml", "sheet2x.xml")])
def test_a_sheet_whose_part_is_spelled_otherwise_is_read_and_one_without_a_part_is_refused(
    sample: Sample, tmp_path: Path, old: str, new: str
) -> None:
    folder = sample()
    path = book(folder, "03")
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/worksheets/" + new] = parts.pop("xl/worksheets/" + old)
    path.write_bytes(made.zipped(parts))
    code, found = check(folder, tmp_path)
    if new.lower() == old:
        assert (code, codes(found)) == (0, set())
    else:
        assert code == 3
        (refused,) = [f for f in found["files"] if f["verdict"] == "refused"]
        assert (refused["rule"], "少了它自己提到的部分" in refused["message"]) == ("B415", True)


def test_a_refused_file_as_the_only_path(sample: Sample, tmp_path: Path) -> None:
    folder = sample("00")
    (folder / "x.xlsx").write_bytes(b"")
    code, found = check(folder / "x.xlsx", tmp_path)
    assert (code, codes(found)) == (3, {"B415"})


def test_single_workbook_as_path(sample: Sample, tmp_path: Path) -> None:
    code, found = check(book(sample(), "01"), tmp_path)
    assert code == 0
    assert found["projects"][0]["stage"] == "调查中"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["check", "{tmp}/nowhere"], 2, "没有这个文件或目录"),
        (["check", "{tmp}"], 2, "没有工作簿"),
        (["check", "{tmp}", "--as-of", "5.3.2026"], 2, "2026-03-05"),
        (["check", "{lonely}"], 5, "找不到 00"),
        (["check", "{lonely}", "--company", "{lonely}/01.xlsx"], 5, "不是 00"),
        (["build", "{lonely}"], 2, "--out"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_message_and_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    lonely = tmp_path / "lonely"
    if "{lonely}" in " ".join(arguments):
        lonely.mkdir()
        shutil.copy(book(ROOT / "samples" / DORM, "01"), lonely / "01.xlsx")
    words = [word.format(tmp=tmp_path, lonely=lonely) for word in arguments]
    assert run(words) == code
    shown = capsys.readouterr()
    assert said in shown.err + shown.out
    assert "Traceback" not in shown.err


def test_unknown_setting_names_file_key_and_the_nearest(
    sample: Sample, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "presales.toml").write_text('compny = "00.xlsx"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["check", str(sample())]) == 5
    shown = capsys.readouterr().err
    assert all(word in shown for word in ("presales.toml", "compny", "company"))


def test_no_libreoffice_is_exit_4_with_the_command(
    sample: Sample, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRESALES_LIBREOFFICE", str(tmp_path / "no-office"))
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = sample("00", "01")
    code = run(["build", str(folder), "-o", str(tmp_path / "out")])
    shown = capsys.readouterr().err
    assert code == 4
    assert "apt-get install" in shown
    assert run(["build", str(folder), "-o", str(tmp_path / "out"), "--no-pdf", "--as-of", "2026-11-23"]) == 0


def test_folder_of_projects_runs_all_and_the_worst_code_wins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (DORM, "wrong-015"):
        shutil.copytree(ROOT / "samples" / name, tmp_path / name)
    assert run(["check", str(tmp_path), "--as-of", "2026-11-23"]) == 3
    shown = capsys.readouterr().out
    assert shown.count("LY-SQ-2026-015 华澄") == 2


def test_only_the_wanted_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (DORM, TV):
        (tmp_path / "all" / name).mkdir(parents=True)
        for number in ("00", "01"):
            shutil.copy2(book(ROOT / "samples" / name, number), tmp_path / "all" / name)
    arguments = ["build", str(tmp_path / "all"), "-o", str(tmp_path / "out"), "--no-pdf", "--as-of", "2026-11-23"]
    assert run([*arguments, "--only", DORM]) == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [".presales-cache", DORM]
    assert run([*arguments, "--only", "LY-SQ-2026-999"]) == 2


def test_english_findings(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(ROOT / "samples" / "wrong-015"), "--as-of", "2026-11-23", "--lang", "en"]) == 3
    shown = capsys.readouterr().out
    assert "Survey item D05" in shown
    assert "restore" in shown.lower()
