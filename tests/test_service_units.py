"""What the service manager is given: units that it reads without a complaint, and a watch that speaks to it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cases import ROOT
from tests.service.stage import master

VERIFY = shutil.which("systemd-analyze")
UNITS = ("presales-watch.service", "presales-batch.service", "presales-batch.timer", "presales-alert@.service")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units as `install-service` would install them."""
    (tmp_path / "inbox").mkdir()
    shutil.copy(master(), tmp_path / "00.xlsx")
    given = [ROOT / "scripts" / "install-service", tmp_path / "inbox", tmp_path / "share", tmp_path / "00.xlsx"]
    subprocess.run(given, env={**os.environ, "DESTDIR": str(tmp_path / "dest")}, check=True)
    return tmp_path / "dest" / "etc" / "systemd" / "system"


def verified(folder: Path) -> tuple[int, str]:
    paths = [str(folder / unit) for unit in UNITS]
    done = subprocess.run([str(VERIFY), "verify", "--man=no", *paths], capture_output=True, text=True, check=False)
    return done.returncode, "".join(line for line in done.stderr.splitlines(keepends=True) if "presales" in line)


@pytest.mark.skipif(VERIFY is None, reason="no systemd-analyze on this machine")
def test_systemd_reads_every_unit_without_a_complaint(units: Path) -> None:
    assert verified(units) == (0, "")
    watch = units / "presales-watch.service"
    watch.write_text(watch.read_text("utf-8").replace("WatchdogSec=", "WatchdogSecs="), "utf-8")
    assert "Unknown key" in verified(units)[1]


def test_nothing_of_the_place_holders_is_left(units: Path) -> None:
    assert [unit for unit in UNITS if "@ROOT@" in (units / unit).read_text("utf-8")] == []
    assert f"{ROOT}/.venv/bin/presales watch -w /var/lib/presales/workspace" in (units / UNITS[0]).read_text("utf-8")


# -- Type=notify ------------------------------------------------------------------------------------------------------


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket at which systemd listens."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.bind(str(tmp_path / "notify"))
        wire.settimeout(60)
        yield wire


@contextmanager
def watching(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command as the unit starts it, in a folder of its own."""
    shutil.copy(master(), folder / "00.xlsx")
    (folder / "presales.toml").write_text("poll_s = 1\n", "utf-8")
    command = [Path(sys.executable).with_name("presales"), "watch", "inbox", "-w", "ws", "--company", "00.xlsx"]
    own = {**os.environ, "NOTIFY_SOCKET": str(folder / "notify")}
    with subprocess.Popen([*command, "--poll", "--no-pdf", "--no-mail"], cwd=folder, env=own) as watch:
        try:
            yield watch
        finally:
            watch.kill()


def heard(manager: socket.socket) -> list[str]:
    return manager.recv(2000).decode("utf-8", "ignore").splitlines()


def test_a_watch_says_that_it_is_ready_that_it_lives_and_that_it_stops(tmp_path: Path, manager: socket.socket) -> None:
    (tmp_path / "inbox").mkdir()
    with watching(tmp_path) as watch:
        assert [heard(manager) for _ in range(2)] == [["READY=1", "WATCHDOG=1", "STATUS=查看投放目录"]] * 2
        (tmp_path / "presales.toml").write_text("poll_s = 1\nquiet_s = 30\n", "utf-8")
        while "设置改过" not in (tmp_path / "ws" / "log" / "presales.jsonl").read_text("utf-8"):
            assert "STOPPING=1" not in heard(manager), "other settings are no end: systemd would wait for it"
        assert "READY=1" in heard(manager)
        watch.send_signal(signal.SIGTERM)
        while (last := heard(manager)) != ["STOPPING=1"]:
            assert "WATCHDOG=1" in last
        assert watch.wait(60) == 130


def test_a_watch_that_waits_is_ready_all_the_same_and_says_what_for(tmp_path: Path, manager: socket.socket) -> None:
    with watching(tmp_path):
        ready, lives, status, *_ = heard(manager)
    assert (ready, lives) == ("READY=1", "WATCHDOG=1")
    assert status.startswith("STATUS=")
    assert "没有这个目录" in status
