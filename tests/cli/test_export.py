"""`presales export`: from folders and from a workspace."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.cli import run
from pipeline.core.documents import ProjectResult
from pipeline.core.entries import SECRET
from pipeline.workspace.ledger import open_ledger
from pipeline.workspace.projects import Ran, remember
from tests.cases import AS_OF, DORM, ROOT
from tests.tables.told import told

SAMPLE = ROOT / "samples" / DORM


def rows(out: Path, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((out / f"{name}.csv").read_text("utf-8-sig"))))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A ledger with an open and a secret project."""
    ledger = open_ledger(tmp_path / "ws")
    for one in (told(1), told(2, secrecy=SECRET)):
        result = ProjectResult(one.code, one.name, one.facts, one.findings, one.comparisons, one.documents)
        remember(ledger, result, Ran(datetime(2026, 11, 23, tzinfo=UTC), AS_OF, {}, "run"))
    ledger.close()
    return tmp_path / "ws"


def test_a_folder_is_read_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["export", str(SAMPLE), "-o", str(tmp_path), "--amounts", "--as-of", "2026-11-23"]) == 0
    [project] = rows(tmp_path, "项目")
    assert (project["项目编号"], project["项目经理"], project["计划总费用(元)"]) == (DORM, "秦川", "712346")
    assert {row["科目名称"] for row in rows(tmp_path, "费用")} >= {"设备购置费"}
    assert sum(float(row["金额(元)"]) for row in rows(tmp_path, "费用")) == pytest.approx(712346)
    assert "共 1 个项目（projects exported）" in capsys.readouterr().out


def test_a_workspace_gives_what_its_ledger_knows_but_secret_projects(
    workspace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(["export", "-w", str(workspace), "-o", str(out)]) == 0
    [project] = rows(out, "项目")
    assert project["项目编号"] == "LY-SQ-2026-001"
    assert "计划合同额(元)" not in project
    assert [row["核对什么"] for row in rows(out, "核对")] == ["购置费"]
    assert [row["文件"] for row in rows(out, "文档")] == ["报告.docx"]
    assert "另有 1 个秘密或看不出密级的没有导出" in capsys.readouterr().out


def test_secret_projects_and_amounts_are_there_when_they_are_asked_for(workspace: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(["export", "-w", str(workspace), "-o", str(out), "--secret", "--amounts"]) == 0
    assert [(row["密级"], row["计划合同额(元)"]) for row in rows(out, "项目")] == [
        ("", "1234567.89"),
        (SECRET, "1234567.89"),
    ]
    [first, _] = rows(out, "核对")
    assert (first["一边的值"], first["另一边的值"]) == ("12.5", "无")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], 2, "写一样"),
        (["x", "-w", "y"], 2, "写一样"),
        (["-w", "nowhere"], 2, "不是工作区"),
        (["nowhere"], 2, "nowhere"),
        (["-w", "nowhere", "--company", "none.xlsx"], 5, "none.xlsx"),
    ],
)
def test_what_cannot_be_exported_is_said(
    words: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["export", *words, "-o", "out"]) == code
    assert said in capsys.readouterr().err


def test_a_file_that_is_not_read_is_named_and_the_rest_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / DORM
    folder.mkdir()
    for path in SAMPLE.glob("0[02]*.xlsx"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "03_费用.xlsx").write_bytes(b"PK\x03\x04 torn")
    assert run(["export", str(folder), "-o", str(tmp_path / "out")]) == 3
    assert "没有读入" in capsys.readouterr().err
    assert len(rows(tmp_path / "out", "项目")) == 1


def test_pandas_is_loaded_with_the_export_alone() -> None:
    script = "import sys, pipeline.cli.export, pipeline.service.watch; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
