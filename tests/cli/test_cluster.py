"""`presales worker`, and where a night is run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import cluster, presales
from pipeline.core.errors import DependencyMissing, UsageProblem
from pipeline.project_run import pool
from pipeline.settings import Settings
from tests.cases import ROOT

TCP = "tcp://127.0.0.1:8786"
_LOADS = "import sys, pipeline.cli.service, pipeline.cli.cluster as c; from pipeline.settings import Settings\n"
_LOADS += "c.engine_of(Settings(), None, None, 2); print({'dask', 'distributed'} & set(sys.modules))"


def test_without_a_scheduler_projects_are_run_here_and_dask_is_not_loaded() -> None:
    assert cluster.engine_of(Settings(jobs=3), None, None, None) == (pool.engine, 3)
    assert cluster.engine_of(Settings(jobs=3), None, None, 2) == (pool.engine, 2)
    done = subprocess.run([sys.executable, "-c", _LOADS], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    ("settings", "given"),
    [
        (Settings(), (TCP, None)),
        (Settings(scheduler=TCP), (None, None)),
        (Settings(scheduler="127.0.0.1:8786"), (None, Path("/x"))),
        (Settings(tls_ca_file="ca.pem"), (TCP, Path("/x"))),
    ],
)
def test_half_of_what_is_needed_is_refused(settings: Settings, given: tuple[str | None, Path | None]) -> None:
    with pytest.raises(UsageProblem):
        cluster.engine_of(settings, *given, None)


def test_a_worker_needs_a_scheduler_and_an_exchange_folder(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageProblem, match="--exchange"):
        CliRunner().invoke(presales, ["worker", "--scheduler", TCP], catch_exceptions=False)


def test_an_open_network_is_said_and_the_machine_itself_is_none(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    for host, said in (("10.0.0.5", "没有加密"), ("127.0.0.1", "")):
        with pytest.raises(DependencyMissing):
            cluster.engine_of(Settings(), f"tcp://{host}:8786", tmp_path, None)
        assert said in capsys.readouterr().err or not said


def test_a_worker_has_what_the_settings_and_the_command_say(tmp_path: Path, monkeypatch) -> None:
    served = []
    monkeypatch.chdir(tmp_path)
    (tmp_path / "presales.toml").write_text(f'scheduler = "{TCP}"\nexchange = "共享"\njobs = 2\n', "utf-8")
    monkeypatch.setattr("pipeline.project_run.cluster.worker.serve", lambda *given: served.append(given))
    assert CliRunner().invoke(presales, ["worker", "--cache", "c"]).exit_code == 0
    ((access, program, bench),) = served
    assert (access.scheduler, access.exchange) == (TCP, tmp_path / "共享")
    assert (bench.exchange, bench.cache, bench.beside) == (tmp_path / "共享", tmp_path / "c", 2)
    assert program == cluster._program(Settings())
    assert (tmp_path / "c").is_dir()
