"""Many projects: whatever happens to one of them, the others are done and it is named."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import run
from pipeline.core.errors import PipelineError
from pipeline.project_run import pool
from pipeline.project_run.jobs import CACHE, plan_jobs, run_jobs
from pipeline.project_run.judged import NothingRecognised
from pipeline.project_run.order import Job
from pipeline.project_run.request import RunRequest
from pipeline.settings import Settings
from tests.cases import AS_OF, DORM, ROOT, TV
from tests.intake import made_files as made


@pytest.fixture
def projects(tmp_path: Path) -> Path:
    """Two projects with their surveys and plans, workbook 00 beside them."""
    folder = tmp_path / "in"
    for code in (DORM, TV):
        (folder / code).mkdir(parents=True)
        for number in ("01", "02"):
            copy(code, number, folder / code)
    copy(DORM, "00", folder)
    return folder


def copy(code: str, number: str, folder: Path) -> None:
    shutil.copy2(next((ROOT / "samples" / code).glob(f"{number}_*.xlsx")), folder)


def presales(verb: str, tmp_path: Path, *words: object) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of a run."""
    target = tmp_path / "found.json"
    code = run([verb, *map(str, words), "--as-of", "2026-11-23", "--json", str(target)])
    return code, json.loads(target.read_text(encoding="utf-8"))


def built(projects: Path, tmp_path: Path, *words: object) -> tuple[int, dict[str, Any]]:
    return presales("build", tmp_path, projects, "-o", tmp_path / "out", "--no-pdf", *words)


def test_what_is_kept_lies_in_the_output_folder_or_where_the_settings_say(projects: Path, tmp_path: Path) -> None:
    """One place serves many output folders; what only checks keeps nothing."""

    def place(cache: str, out: Path | None) -> set[Path | None]:
        request = RunRequest(AS_OF, out, pdf=False)
        return {job.cache for job in plan_jobs([projects], None, Settings(cache=cache), request).jobs}

    assert place("", tmp_path / "out") == {tmp_path / "out" / CACHE}
    assert place(str(tmp_path / "kept"), tmp_path / "out") == {tmp_path / "kept"}
    assert place(str(tmp_path / "kept"), None) == {None}


def judged(found: dict[str, Any]) -> dict[str, str]:
    """Error of each project; empty where it was judged."""
    return {project["code"]: project.get("error", "") for project in found["projects"]}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_in_the_place_of_an_output_folder_fails_that_project_alone(
    projects: Path, tmp_path: Path, workers: int, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / TV).write_bytes(b"in the way")
    code, found = built(projects, tmp_path, "--jobs", workers)
    assert code == 7
    assert "读写失败" in judged(found)[TV]
    assert judged(found)[DORM] == ""
    assert list((tmp_path / "out" / DORM / "docx").glob("*.docx"))
    shown = capsys.readouterr().err
    assert f"错误：{TV}" in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize("verb", ["check", "build"])
def test_an_unexpected_error_of_one_project_is_told_and_the_others_are_done(
    projects: Path, tmp_path: Path, verb: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = pool.run_project

    def breaks(job: Job, office: object = None) -> object:
        if job.path.name == DORM:
            raise ZeroDivisionError("x")
        return real(job, None)

    monkeypatch.setattr(pool, "run_project", breaks)
    code, found = built(projects, tmp_path) if verb == "build" else presales("check", tmp_path, projects)
    assert code == 1
    assert "ZeroDivisionError" in judged(found)[DORM]
    assert judged(found)[TV] == ""
    assert "Traceback" not in capsys.readouterr().err


def _dies(job: Job) -> PipelineError:
    """Stands for a project that takes its process down; the other one has an answer."""
    if job.path.name == DORM:
        os.kill(os.getpid(), signal.SIGKILL)
    return PipelineError(job.path.name)


def test_a_project_that_takes_its_process_down_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "work", _dies)
    wanted = [Job(tmp_path / name, tmp_path, RunRequest(AS_OF)) for name in (DORM, TV)]
    _, failures = run_jobs(wanted, 2)
    assert [(path.name, str(error)[:5]) for path, error in failures] == [(DORM, "处理这个项"), (TV, TV[:5])]


def test_two_folders_of_one_code_fail_and_the_rest_is_built(projects: Path, tmp_path: Path) -> None:
    shutil.copytree(projects / TV, projects / "副本")
    code, found = built(projects, tmp_path)
    assert code == 2
    assert {name: "同一个项目编号" in error for name, error in judged(found).items()} == {
        DORM: False,
        TV: True,
        "副本": True,
    }
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [CACHE, DORM]
    assert built(projects, tmp_path, "--only", DORM)[0] == 0
    _, found = presales("check", tmp_path, projects)
    said = [(Path(one["path"]).name, one["verdict"]) for one in found["files"] if one["verdict"] == "twice"]
    assert said == [("副本", "twice")]


def test_a_path_that_is_not_there_and_a_project_without_00_stop_no_other(projects: Path, tmp_path: Path) -> None:
    lonely = tmp_path / "lonely"
    lonely.mkdir()
    copy(TV, "01", lonely)
    code, found = presales("check", tmp_path, tmp_path / "nowhere", lonely, projects / DORM)
    assert code == 5
    errors = judged(found)
    assert errors[DORM] == ""
    assert "没有这个文件或目录" in errors["nowhere"]
    assert "找不到 00" in errors["lonely"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("verb", ["check", "build"])
def test_a_stray_workbook_beside_project_folders_hides_none_of_them(
    tmp_path: Path, verb: str, lang: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    shutil.copytree(ROOT / "samples" / "wrong-015", folder / "2026" / DORM, ignore=shutil.ignore_patterns("00_*"))
    (folder / TV).mkdir()
    copy(TV, "01", folder / TV)
    copy(DORM, "00", folder)
    (folder / "部门通讯录.xlsx").write_bytes(made.good())
    words = ["-o", tmp_path / "out", "--no-pdf"] if verb == "build" else []
    code, found = presales(verb, tmp_path, folder, *words, "--lang", lang)
    assert code == 3
    findings = {
        p["code"]: [f for f in p["findings"] if f["severity"] == "error" and f["state"] == "open"]
        for p in found["projects"]
    }
    assert {name: len(errors) for name, errors in findings.items()} == {DORM: 10, TV: 0}
    (stray,) = [f for f in found["files"] if "部门通讯录" in f["path"]]
    assert (stray["verdict"], stray["message"]) == ("unknown", "不是本流程的表单,未处理。")
    said = {"zh": "部门通讯录.xlsx 未识别 不是本流程的表单", "en": "部门通讯录.xlsx unknown No form of this procedure"}
    assert said[lang] in capsys.readouterr().out


@pytest.mark.parametrize("beside", [True, False])
@pytest.mark.parametrize(
    ("name", "content", "verdict", "given"),
    [
        ("部门通讯录.xlsx", made.good(), "unknown", "file"),
        ("部门通讯录.xlsx", made.good(), "unknown", "folder"),
        ("空.xlsx", b"", "refused", "file"),
        ("~$03_a.xlsx", b"\x05LiLei".ljust(165, b"\0"), "refused", "file"),
    ],
)
def test_what_was_not_recognised_is_no_pass(
    tmp_path: Path, name: str, content: bytes, verdict: str, given: str, beside: bool,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """With workbook 00 in reach or without."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(content)
    if beside:
        copy(DORM, "00", folder)
    code, found = presales("check", tmp_path, folder / name if given == "file" else folder)
    assert code == 3
    assert verdict in [file["verdict"] for file in found["files"] if file["path"].endswith(name)]
    shown = capsys.readouterr()
    assert "通过: 0" not in shown.out.replace("不通过", "")
    assert name in shown.out
    if verdict == "unknown":
        assert found["projects"] == []
        assert "没有认出" in shown.err


def test_recycle_bins_beside_projects_are_none(projects: Path, tmp_path: Path) -> None:
    for name in ("#recycle", "@Recycle", "@Recently-Snapshot/GMT+08_2026-11-20"):
        shutil.copytree(projects / TV, projects / name)
    code, found = built(projects, tmp_path)
    assert (code, judged(found)) == (0, {DORM: "", TV: ""})


def test_nothing_recognised_crosses_a_process(tmp_path: Path) -> None:
    import pickle

    again = pickle.loads(pickle.dumps(NothingRecognised("x", ())))
    assert (str(again), again.files) == (str(NothingRecognised("x")), ())
