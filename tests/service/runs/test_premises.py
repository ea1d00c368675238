"""Folders that must not be worked with are refused before anything is done (OCRmyPDF's cases)."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import ExitCode, NotReady, UsageProblem
from pipeline.service.runs import premises
from pipeline.workspace.layout import Workspace
from tests.cases import ROOT


@pytest.mark.parametrize(
    ("inbox", "workspace", "publish", "said"),
    [
        ("in", "in/ws", "pub", "工作区(-w)"),
        ("in", "ws", "in/pub", "发布目录(publish_dir)"),
        ("ws/in", "ws", "pub", "投放目录(INBOX)"),
        ("in", "ws", "in", "请分开"),
        ("pub/in", "ws", "pub", "投放目录(INBOX)"),
        ("link", "ws", "pub", "符号链接"),
    ],
)
def test_refused(tmp_path: Path, inbox: str, workspace: str, publish: str, said: str) -> None:
    for name in ("in", "ws/in", "pub/in", "pub"):
        (tmp_path / name).mkdir(parents=True, exist_ok=True)
    (tmp_path / "link").symlink_to(tmp_path / "in")
    with pytest.raises(UsageProblem) as caught:
        premises.require(tmp_path / inbox, Workspace(tmp_path / workspace), tmp_path / publish)
    assert said in str(caught.value)
    assert caught.value.exit_code == ExitCode.USAGE


def test_an_inbox_that_is_not_there_may_come(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="没有这个目录,可能没有挂载") as caught:
        premises.require(tmp_path / "in", Workspace(tmp_path / "ws"), tmp_path / "pub")
    assert caught.value.exit_code == ExitCode.NOT_READY
    premises.refuse(tmp_path / "in", Workspace(tmp_path / "ws"), tmp_path / "pub")
    assert not (tmp_path / "ws").exists()


def test_what_never_mends_itself_is_said_before_what_may_pass(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="请分开"):
        premises.require(tmp_path / "in", Workspace(tmp_path / "in/ws"), tmp_path / "pub")


def test_a_folder_of_the_program_is_refused(tmp_path: Path) -> None:
    problems = premises.inspect(ROOT / "samples", Workspace(tmp_path / "ws"), tmp_path / "pub")
    assert any("在程序目录" in problem for problem in problems)


def test_the_usual_folders_are_fit(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    workspace = Workspace(tmp_path / "ws")
    assert premises.inspect(tmp_path / "in", workspace, tmp_path / "pub") == []
    assert premises.inspect(tmp_path / "in", workspace, tmp_path / "ws" / "发布") == []
