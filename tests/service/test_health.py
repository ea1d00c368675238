"""How the service is: for people, for monitoring by its exit code, and for the PMO when a unit has failed."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.cli import run
from pipeline.core.errors import ExitCode
from pipeline.service.health import HANGS, health, summary
from pipeline.settings import Settings
from pipeline.workspace import runs, signs
from pipeline.workspace.layout import Workspace
from pipeline.workspace.ledger import open_ledger, transaction
from pipeline.workspace.locks import locked
from pipeline.workspace.runs import Tally
from tests.cases import AS_OF
from tests.service.stage import master

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    workspace = Workspace(tmp_path / "ws")
    workspace.make()
    open_ledger(workspace.root).close()
    shutil.copy(master(), workspace.root / master().name)
    return workspace


def troubles(site: Workspace, at: datetime = NOW) -> list[str]:
    ledger = open_ledger(site.root)
    try:
        return list(health(site, ledger, Settings(), at).troubles)
    finally:
        ledger.close()


def test_all_is_well_where_nothing_ever_watched(site: Workspace) -> None:
    assert troubles(site) == []


def test_a_watch_that_died_and_one_that_hangs(site: Workspace) -> None:
    signs.look(site, "", NOW)
    assert len(troubles(site)) == 1
    assert troubles(site)[0].startswith("监视没有在运行，上次查看是")
    with locked(site.locks, "watch", wait=False):
        assert troubles(site, NOW + HANGS) == []
        signs.look(site, "运行 3 个项目", NOW)
        assert troubles(site, NOW + HANGS * 2)[0].endswith("停在：运行 3 个项目")


def test_the_page_and_the_status_say_of_a_dead_watch_once(site: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    signs.look(site, "", NOW)
    ledger = open_ledger(site.root)
    assert "\n".join(summary(health(site, ledger, Settings(), NOW))).count("监视") == 1
    with locked(site.locks, "watch", wait=False):
        assert "监视在运行" in summary(health(site, ledger, Settings(), NOW))[0]
    ledger.close()
    assert run(["status", "-w", "ws"]) == ExitCode.NOT_READY
    assert capsys.readouterr().out.count("监视") == 1


def a_night(site: Workspace, ended: datetime) -> None:
    ledger = open_ledger(site.root)
    runs.end(ledger, runs.begin(ledger, "batch", AS_OF, ended), Tally(), "完成", ended)
    ledger.close()


def a_file_waits(site: Workspace, since: datetime) -> None:
    ledger = open_ledger(site.root)
    with transaction(ledger):
        row = ("a.xlsx", "被占用", since.isoformat())
        ledger.execute("INSERT INTO waiting (path, why, since) VALUES (?, ?, ?)", row)
    ledger.close()


def test_nights_that_are_missed_and_files_that_are_stuck(site: Workspace) -> None:
    a_night(site, NOW - timedelta(hours=30))
    a_file_waits(site, NOW - timedelta(hours=1))
    assert troubles(site) == []
    later = troubles(site, NOW + timedelta(hours=8))
    assert [line.split(" ")[0] for line in later] == ["夜间批处理从", "a.xlsx"]


def test_workbook_00_that_is_gone(site: Workspace) -> None:
    (site.root / master().name).unlink()
    assert troubles(site)[0].startswith("00 公司基础资料不能用：")


def test_monitoring_reads_json_and_the_exit_code(site: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["status", "-w", "ws", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["healthy"] is True
    assert found["watch"] == {"alive": False, "last_look": None, "doing": "", "waits_for": ""}
    assert found["letters"]["queued"] == 0
    signs.say(site, f"{signs.STOPPED}磁盘满", NOW)
    assert run(["status", "-w", "ws", "--json"]) == ExitCode.NOT_READY
    found = json.loads(capsys.readouterr().out)
    assert (found["healthy"], found["troubles"]) == (False, ["监视停下等待:磁盘满"])
    assert run(["status", "-w", "ws"]) == ExitCode.NOT_READY
    assert "注意  监视停下等待:磁盘满" in capsys.readouterr().out


def test_a_night_that_was_killed_is_no_night(site: Workspace) -> None:
    a_night(site, NOW)
    ledger = open_ledger(site.root)
    runs.begin(ledger, "batch", AS_OF, NOW + timedelta(hours=24))
    runs.begin(ledger, "batch", AS_OF, NOW + timedelta(hours=48))
    ledger.close()
    assert any("夜间批处理从" in one for one in troubles(site, NOW + timedelta(hours=49)))
