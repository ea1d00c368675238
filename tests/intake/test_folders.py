"""Which folders are projects; what is none of them is named."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from pipeline.core.errors import UsageProblem
from pipeline.core.names import BAG, OUTPUT_LEDGER
from pipeline.definitions.forms import load_forms
from pipeline.intake.folders import DEEPEST, Survey, project_code, survey
from tests.cases import DORM, ROOT, TV
from tests.intake import made_files as made

FORMS = load_forms()
SAMPLES = {"dorm": ROOT / "samples" / DORM, "tv": ROOT / "samples" / TV}


def book(of: str) -> bytes:
    """Bytes of a workbook: `dorm 03` and `tv 03` of the samples, `foreign`, anything else is no workbook."""
    sample, _, number = of.partition(" ")
    if sample in SAMPLES:
        return next(SAMPLES[sample].glob(f"{number}_*.xlsx")).read_bytes()
    return made.good() if of == "foreign" else of.encode()


def tree(root: Path, files: dict[str, str]) -> Path:
    for name, of in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(book(of))
    return root


def told(found: Survey, root: Path) -> list[tuple[str, str]]:
    """What was named beside the projects: path and verdict; each is said in both languages."""
    assert all(v.message and v.message_en for v in found.files if v.verdict != "company")
    return sorted((str(Path(v.path).relative_to(root)), v.verdict) for v in found.files)


@pytest.mark.parametrize(
    ("files", "units", "named"),
    [
        # one project, nothing to weigh: its files are read when its turn comes
        ({"03_a.xlsx": "x"}, ["."], []),
        ({"03_a.xlsx": "dorm 03", "午餐.xlsx": "foreign"}, ["."], []),
        # folders of projects, at any depth
        ({"p2/03_b.xlsx": "x", "p1/03_a.xlsx": "x"}, ["p1", "p2"], []),
        ({"p1/03_a.XLSX": "x", "p2/说明.txt": "x"}, ["p1"], []),
        ({"p1/03_a.xlsx": "x", "2026/q1/p2/03_a.xlsx": "x"}, ["2026/q1/p2", "p1"], []),
        ({"p1/~$03_a.xlsx": "x", "p2/03_a.xls": "x"}, ["p2"], []),
        ({"recycle/03_a.xlsx": "x", "@ABC/03_a.xlsx": "x"}, ["@ABC", "recycle"], []),
        ({"p1/03_a.xlsx": "x", "#recycle/p2/03_a.xlsx": "x", "@Recycle/03_a.xlsx": "x"}, ["p1"], []),
        # workbook 00 and strays beside them
        ({"00_公司.xlsx": "dorm 00", "p1/03_a.xlsx": "x"}, ["p1"], [("00_公司.xlsx", "company")]),
        ({"通讯录.xlsx": "foreign", "p1/03_a.xlsx": "x"}, ["p1"], [("通讯录.xlsx", "unknown")]),
        ({"00_通讯录.xlsx": "foreign", "p1/03_a.xlsx": "x"}, ["p1"], [("00_通讯录.xlsx", "unknown")]),
        ({"坏.xlsx": "x", "2026/p1/03_a.xlsx": "x"}, ["2026/p1"], [("坏.xlsx", "refused")]),
        ({"26/册.xlsx": "foreign", "26/p/03.xlsx": "x", "q/03.xlsx": "x"}, ["26/p", "q"], [("26/册.xlsx", "unknown")]),
        ({"a.zip": "x", "p1/03.xlsx": "x", "p1/x.rar": "x"}, ["p1"], [("a.zip", "ignored"), ("p1/x.rar", "ignored")]),
        # a stray of ours: another project is judged beside the folders, the same project is in two places
        ({"03.xlsx": "tv 03", "p1/03_a.xlsx": "dorm 03"}, [".", "p1"], []),
        ({"03.xlsx": "dorm 03", "p1/03.xlsx": "dorm 03", "p1/04.xlsx": "dorm 04"}, [".", "p1"], []),
        # an older copy within a project's folder
        ({"03.xlsx": "dorm 03", "04.xlsx": "dorm 04", "旧/03.xlsx": "dorm 03"}, ["."], [("旧", "ignored")]),
        ({"03.xlsx": "dorm 03", "参考/报价.xlsx": "foreign"}, ["."], [("参考/报价.xlsx", "unknown")]),
        # what is no input
        ({"p1/03.xlsx": "x", "expected/a.json": "x", "预填/.gitkeep": "x", ".隐藏/03.xlsx": "x"}, ["p1"], []),
        ({"p1/03.xlsx": "x", "expected/03.xlsx": "x"}, ["p1"], [("expected", "ignored")]),
        ({"p1/03.xlsx": "x", "预填/p2/03.xlsx": "x"}, ["p1"], [("预填", "ignored")]),
        ({"p1/03.xlsx": "x", "p1/附件/03.xlsx": "x"}, ["p1"], []),
        ({"p1/03.xlsx": "x", "p1/附件/p2/03.xlsx": "x"}, ["p1"], [("p1/附件", "ignored")]),
        ({"p1/03.xlsx": "x", "附件/03.xlsx": "x"}, ["p1"], [("附件", "ignored")]),
        ({"p1/03.xlsx": "x", f"包/{BAG}": "x", "包/data/03.xlsx": "x"}, ["p1"], [("包", "ignored")]),
        ({"p1/03.xlsx": "x", f"o/p/{OUTPUT_LEDGER}": "{}", "o/p/check/03.xlsx": "x"}, ["p1"], [("o/p", "ignored")]),
    ],
)  # fmt: skip
def test_projects_and_what_lies_beside_them(
    tmp_path: Path, files: dict[str, str], units: list[str], named: list[tuple[str, str]]
) -> None:
    found = survey(tree(tmp_path, files), FORMS)
    assert sorted(str(unit.relative_to(tmp_path)) for unit in found.units) == units
    assert told(found, tmp_path) == named


def test_marked_workbooks_that_we_wrote_are_no_project_and_a_project_that_we_wrote_into_is(tmp_path: Path) -> None:
    tree(tmp_path, {"标注/p1/03.xlsx": "x", "p1/03.xlsx": "x", "p1/标注.xlsx": "x"})
    (tmp_path / "标注/p1" / OUTPUT_LEDGER).write_text(json.dumps({"03.xlsx": "0"}), encoding="utf-8")
    (tmp_path / "p1" / OUTPUT_LEDGER).write_text(json.dumps({"标注.xlsx": "0"}), encoding="utf-8")
    found = survey(tmp_path, FORMS)
    assert found.units == [tmp_path / "p1"]
    assert told(found, tmp_path) == [("标注/p1", "ignored")]


def test_too_deep_is_said_and_a_loop_of_links_ends(tmp_path: Path) -> None:
    deep = "/".join("abcdefg"[: DEEPEST + 1])
    tree(tmp_path, {f"{deep}/03.xlsx": "x", "p1/03.xlsx": "x"})
    (tmp_path / "p1" / "loop").symlink_to(tmp_path)
    found = survey(tmp_path, FORMS)
    assert found.units == [tmp_path / "p1"]
    assert told(found, tmp_path) == [(deep, "ignored")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root opens everything")
def test_a_folder_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    tree(tmp_path, {"p1/03.xlsx": "x", "zu/03.xlsx": "x"})
    (tmp_path / "zu").chmod(0)
    found = survey(tmp_path, FORMS)
    (tmp_path / "zu").chmod(0o700)
    assert (found.units, told(found, tmp_path)) == ([tmp_path / "p1"], [("zu", "refused")])


def test_a_link_to_nothing_is_a_workbook_that_cannot_be_read(tmp_path: Path) -> None:
    tree(tmp_path, {"p1/03.xlsx": "x"})
    (tmp_path / "03.xlsx").symlink_to(tmp_path / "away.xlsx")
    assert told(survey(tmp_path, FORMS), tmp_path) == [("03.xlsx", "refused")]


@pytest.mark.parametrize("name", ["预填", "expected", "附件", ".x"])
def test_a_folder_that_is_named_is_looked_into_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    assert survey(tree(tmp_path / name, {"03_a.xlsx": "x"}), FORMS).units == [tmp_path / name]


def test_the_folder_above_is_looked_into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree(tmp_path, {"03_a.xlsx": "x"}) / "附件").mkdir()
    monkeypatch.chdir(tmp_path / "附件")
    assert survey(Path(".."), FORMS).units == [Path("..")]


def test_a_file_is_its_own_unit(tmp_path: Path) -> None:
    tree(tmp_path, {"03_a.xlsx": "x"})
    assert survey(tmp_path / "03_a.xlsx", FORMS) == Survey([tmp_path / "03_a.xlsx"])


@pytest.mark.parametrize("files", [[], ["说明.txt"], ["~$03_a.xlsx"], ["#recycle/03_a.xlsx"], ["00_公司基础资料.xlsx"]])
def test_nothing_to_do_is_a_usage_problem_with_the_path(tmp_path: Path, files: list[str]) -> None:
    tree(tmp_path, dict.fromkeys(files, "x"))
    with pytest.raises(UsageProblem, match="没有工作簿") as problem:
        survey(tmp_path, FORMS)
    assert str(tmp_path) in str(problem.value)


def test_only_foreign_workbooks_are_named_and_make_no_project(tmp_path: Path) -> None:
    tree(tmp_path, {"a.xlsx": "foreign", "b/c.xlsx": "foreign", "b/d/e.xlsx": "foreign"})
    found = survey(tmp_path, FORMS)
    assert (found.units, [path for path, _ in told(found, tmp_path)]) == (
        [tmp_path / "b" / "d"],
        ["a.xlsx", "b/c.xlsx"],
    )


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="没有这个文件或目录"):
        survey(tmp_path / "没有", FORMS)


def test_the_code_of_a_folder_comes_from_inside(tmp_path: Path) -> None:
    folder = tree(tmp_path / "新", {"02.xlsx": "dorm 02", "00_旧.xlsx": "tv 00", "01.xlsx": "tv 01", "03_坏.xlsx": "x"})
    assert project_code(folder, FORMS) == DORM
    assert project_code(next(SAMPLES["tv"].glob("03_*")), FORMS) == TV
    (tmp_path / "空").mkdir()
    assert project_code(tmp_path / "空", FORMS) == "空"
