"""What systemd hears of a service."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.adapters import supervisor


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
        wire.bind(str(tmp_path / "notify"))
        wire.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield wire


def test_systemd_hears_that_it_lives(systemd: socket.socket) -> None:
    supervisor.tell("READY=1\nWATCHDOG=1")
    assert systemd.recv(100) == b"READY=1\nWATCHDOG=1"


@pytest.mark.parametrize("address", ["", "nonsense", "/nowhere/notify", "@nobody-listens"])
def test_no_supervisor_is_no_matter(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)
    supervisor.tell("WATCHDOG=1")
