"""The folders that people share with the service: the installation's own script, tried with accounts of numbers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases import ROOT
from tests.service.accounts import PERSON, SERVICE, STAFF, STRANGER, ground, only_root


@pytest.fixture
def top() -> Iterator[Path]:
    with ground() as folder:
        yield folder


def share(top: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = arguments or (str(SERVICE.uid), str(STAFF), str(top / "投放"), str(top / "发布"))
    return subprocess.run(
        [str(ROOT / "scripts" / "share-folders"), *given], capture_output=True, text=True, check=False
    )


@only_root
def test_the_group_writes_in_the_inbox_and_reads_what_is_published(top: Path) -> None:
    (top / "投放" / "财务部").mkdir(parents=True)
    (top / "投放" / "财务部" / "旧的.xlsx").write_bytes(b"x")
    done = share(top)
    assert done.returncode == 0, done.stderr
    for box in (top / "投放", top / "投放" / "财务部"):
        assert PERSON.may(lambda box=box: (box / "新的.xlsx").write_bytes(b"x"))
        assert not STRANGER.may(lambda box=box: list(box.iterdir()))
        assert SERVICE.may((box / "新的.xlsx").unlink)
    assert (top / "投放" / "财务部" / "旧的.xlsx").exists()
    assert SERVICE.may(lambda: (top / "发布" / "a").write_bytes(b"x"))
    assert PERSON.may((top / "发布" / "a").read_bytes)
    assert not PERSON.may(lambda: (top / "发布" / "b").write_bytes(b"x"))
    assert share(top).returncode == 0, "a second time changes nothing"


@only_root
def test_folders_above_that_are_closed_are_named(top: Path) -> None:
    (top / "closed" / "投放").mkdir(parents=True)
    (top / "closed").chmod(0o700)
    done = share(top, str(SERVICE.uid), str(STAFF), str(top / "closed" / "投放"), str(top / "发布"))
    assert done.returncode == 2
    assert "cannot write there" in done.stderr


def test_what_does_not_exist_is_named(top: Path) -> None:
    done = share(top, "nobody-such", "no-such-group", str(top), str(top / "发布"))
    assert done.returncode == 2
    assert "no such user or group" in done.stderr
    assert share(top, "1", "1", str(top / "nowhere"), str(top / "发布")).returncode == 2
    assert share(top, "1").returncode == 2


@pytest.mark.parametrize("bad", ["a b", "50%"])
def test_a_state_folder_that_systemd_reads_otherwise_is_refused(top: Path, bad: str) -> None:
    script = ROOT / "scripts" / "install-service"
    (top / "00.xlsx").write_bytes(b"x")
    command = [str(script), str(top), str(top / "发布"), str(top / "00.xlsx"), f"/var/lib/{bad}"]
    done = subprocess.run(
        command, env={"PATH": "/usr/bin:/bin", "DESTDIR": str(top)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no blanks" in done.stderr


def test_units_and_settings_as_they_would_be_installed(top: Path) -> None:
    (top / "in").mkdir()
    (top / "00.xlsx").write_bytes(b"x")
    command = [str(ROOT / "scripts" / "install-service"), "--secret-group", "root"]
    command += [str(top / "in"), str(top / "out"), str(top / "00.xlsx")]
    environment = {"PATH": "/usr/bin:/bin", "DESTDIR": str(top / "dest")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    settings = (top / "dest" / "var/lib/presales/presales.toml").read_text("utf-8")
    assert 'secret_group = "root"' in settings
    units = list((top / "dest" / "etc/systemd/system").iterdir())
    assert len(units) == 4
    assert not any(
        "@ROOT@" in unit.read_text("utf-8") or "RestrictSUIDSGID=" in unit.read_text("utf-8") for unit in units
    )
