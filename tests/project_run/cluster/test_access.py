from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipeline.core.errors import DependencyMissing, UsageProblem
from pipeline.project_run.cluster.access import Access, resource

PEM = ("ca.pem", "here.pem", "here.key")


@pytest.mark.parametrize(
    ("scheduler", "certificates"),
    [
        ("192.168.1.5:8786", ()),
        ("http://a:8786", ()),
        ("tls://a:8786", ()),
        ("tls://a:8786", PEM[:2]),
        ("tcp://a:8786", PEM),
    ],
)
def test_what_cannot_be_meant_is_refused(scheduler: str, certificates: tuple[str, ...]) -> None:
    with pytest.raises(UsageProblem):
        Access(scheduler, Path("/x"), *certificates)


@pytest.mark.parametrize(
    ("scheduler", "certificates", "is_open"),
    [
        ("tcp://127.0.0.1:8786", (), False),
        ("tcp://[::1]:8786", (), False),
        ("tcp://10.0.0.5:8786", (), True),
        ("tls://10.0.0.5:8786", PEM, False),
    ],
)
def test_an_open_network_is_known(scheduler: str, certificates: tuple[str, ...], is_open: bool) -> None:
    assert Access(scheduler, Path("/x"), *certificates).open is is_open


def test_with_certificates_nothing_is_said_in_the_open() -> None:
    security = Access("tls://a:8786", Path("/x"), *PEM).security()
    assert security.require_encryption
    for role in ("client", "worker"):
        config = security.get_tls_config_for_role(role)
        assert (config["ca_file"], config["cert"], config["key"]) == PEM


def test_without_dask_it_is_said_what_to_install(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(DependencyMissing, match="pip install distributed"):
        Access("tcp://127.0.0.1:8786", Path("/x")).security()


def test_another_program_or_another_folder_is_another_resource() -> None:
    assert len({resource(*both) for both in (("p", "x"), ("q", "x"), ("p", "y"))}) == 3
    assert resource("p", "x") == resource("p", "x")
