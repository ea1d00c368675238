"""`presales watch` and `batch` as processes: they stop cleanly, refuse a second one, and say what is wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.cli import run
from tests.cases import DORM
from tests.service.stage import master, workbook


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An inbox, a workbook 00 and settings; the working folder is there."""
    (tmp_path / "inbox").mkdir()
    shutil.copy(master(), tmp_path / "00.xlsx")
    (tmp_path / "presales.toml").write_text('company = "00.xlsx"\ninbox = "inbox"\nstable_s = 1\npoll_s = 1\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def watching(site: Path) -> Iterator[subprocess.Popen[str]]:
    """A watch that has begun."""
    code = "from pipeline.cli import main; main()"
    command = [sys.executable, "-c", code, "watch", "-w", "ws", "--poll", "--no-pdf"]
    with subprocess.Popen(command, cwd=site, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stderr
        assert "开始监视" in process.stderr.readline()
        yield process
        process.kill()


def test_a_second_watch_exits_8_and_sigterm_stops_the_first_with_130(watching, site: Path, capsys) -> None:
    assert run(["watch", "-w", "ws"]) == 8
    assert f"进程 {watching.pid}" in capsys.readouterr().err
    watching.send_signal(signal.SIGTERM)
    assert watching.wait(timeout=30) == 130
    assert not (site / "ws" / "locks" / "unclean").exists()


def test_changed_settings_are_taken_up_by_the_same_process_and_wrong_ones_are_said(watching, site: Path) -> None:
    said = iter(watching.stderr.readline, "")
    settings = site / "presales.toml"
    settings.write_text(settings.read_text() + "poll_s = \n")
    assert any("仍按原来的设置工作" in line for line in said)
    settings.write_text('company = "00.xlsx"\ninbox = "other"\nstable_s = 1\npoll_s = 1\n')
    (site / "other").mkdir()
    assert any("按新的设置重新开始" in line for line in said)
    assert str(site / "other") in next(line for line in said if "开始监视" in line)
    assert watching.poll() is None
    assert (site / "ws" / "locks" / "watch.lock").read_text().strip() == str(watching.pid)


def test_a_night_from_the_command_line(site: Path, capsys) -> None:
    shutil.copy(workbook("01"), site / "inbox")
    assert run(["batch", "-w", "ws", "--no-pdf", "--as-of", "2026-11-23"]) in (0, 3)
    assert "接收 1 个文件，退回 0 个；运行 1 个项目" in capsys.readouterr().out
    assert run(["why", DORM, "-w", "ws"]) == 0
    assert "第一次运行" in capsys.readouterr().out
    assert run(["status", "-w", "ws"]) == 0
    assert DORM in capsys.readouterr().out
    lines = (site / "ws" / "log" / "presales.jsonl").read_text("utf-8").splitlines()
    assert all(line.startswith("{") for line in lines)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["batch", "nowhere", "-w", "ws"], 9, "可能没有挂载"),
        (["batch", "inbox", "-w", "inbox/ws"], 2, "请分开"),
        (["status", "-w", "ws"], 2, "不是工作区"),
        (["reopen", DORM, "-w", "ws"], 2, "--reason"),
        (["withdraw", DORM, "02.xlsx", "-w", "ws"], 2, "--reason"),
        (["withdraw", DORM, "02.xlsx", "-w", "ws", "--reason", "x"], 2, "不是工作区"),
        (["batch", "inbox"], 2, "--workspace"),
    ],
)
def test_wrong_calls(site: Path, capsys, arguments: list[str], code: int, said: str) -> None:
    assert run(arguments) == code
    assert said in capsys.readouterr().err


def test_doctor_looks_at_the_workspace_too(site: Path, capsys) -> None:
    run(["doctor", "-w", "ws", "--inbox", "inbox"])
    out = capsys.readouterr().out
    assert "正常  目录" in out
    assert "正常  台账和库存：还没有" in out
