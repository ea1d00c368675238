"""`presales alert` and `presales tidy`: what keeps the service itself, whatever has become of the workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli import keeping, run
from pipeline.core.errors import ExitCode
from tests.service.stage import Stage, master


def test_it_needs_somebody_to_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["alert", "presales-watch.service", "-w", "ws"]) == ExitCode.DEFINITION


def test_a_workspace_that_cannot_be_read_does_not_keep_the_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[list[str]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(keeping, "alert", lambda _, what, lines, now: told.append([what, *lines]) or "pmo@x.example")
    assert run(["alert", "presales-watch.service", "-w", "nowhere"]) == 0
    assert told[0][0] == "presales-watch.service"
    assert told[0][1].startswith("状态读不出来：UsageProblem")
    assert "已写信给 pmo@x.example" in capsys.readouterr().out


def test_settings_that_are_wrong_do_not_keep_the_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With those of the last beginning; the letter says what is wrong with those of now."""
    told: list[tuple[str, str]] = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        keeping, "alert", lambda settings, _, lines, now: told.append((settings.mail_pmo, lines[0])) or "x"
    )
    Stage(tmp_path).ledger.close()
    (tmp_path / "presales.toml").write_text('mail_pmo = "pmo@x.example"\nmail_from = "p@x.example"\n', encoding="utf-8")
    night = ["batch", "inbox", "-w", "ws", "--company", str(master())]
    assert run(night) == 0
    (tmp_path / "presales.toml").write_text("job = 2\n", encoding="utf-8")
    assert run(night) == ExitCode.DEFINITION
    assert run(["alert", "presales-batch.service", "-w", "ws"]) == 0
    ((to, said),) = told
    assert to == "pmo@x.example"
    assert said.startswith("现在的设置不能用：")
    assert "jobs" in said


def test_tidy_lists_and_removes_only_when_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Stage(tmp_path).ledger.close()
    kept = tmp_path / "inbox" / "已接收" / "2008-02"
    kept.mkdir(parents=True)
    command = ["tidy", "-w", "ws", "--inbox", "inbox", "--company", str(master())]
    assert run(command) == 0
    said = capsys.readouterr().out
    assert "原件 已接收/2008-02：保存至 2023-03-01" in said
    assert "没有删除" in said
    assert kept.is_dir()
    assert run([*command, "--yes"]) == 0
    assert "已清理 1 项" in capsys.readouterr().out
    assert not kept.exists()
    assert run(command) == 0
    assert "没有保存期满的（00 的保存年限 15 年）" in capsys.readouterr().out
