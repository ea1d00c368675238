"""`presales alert`: called by systemd when a unit has failed, whatever has become of the workspace."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli import keeping, run
from pipeline.core.errors import ExitCode


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
    assert told[0][1].startswith("状态读不出来:UsageProblem")
    assert "已写信给 pmo@x.example" in capsys.readouterr().out
