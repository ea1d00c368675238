"""The PMO hears that the service has stopped, though outbox and ledger may be what has failed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline.core.errors import DefinitionError, DeliveryFailed
from pipeline.service.post.alert import alert
from pipeline.settings import Settings
from tests.service.posting import settings_for
from tests.smtp_server import smtp_server

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_the_pmo_hears_of_a_unit_that_failed_though_the_ledger_is_gone(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as running:
        settings = settings_for(running, mail_pmo="pmo@lanyu.example")
        assert alert(settings, "presales-watch.service", ["监视停下等待:磁盘满"], NOW) == "pmo@lanyu.example"
        (taken,) = running.taken
    assert taken.recipients == ["pmo@lanyu.example"]


def test_nobody_to_tell_is_said(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="mail_pmo"):
        alert(Settings(), "presales-watch.service", [], NOW)


def test_a_server_that_does_not_take_it_is_said(tmp_path: Path) -> None:
    with smtp_server(tmp_path) as running:
        settings = settings_for(running, mail_pmo="pmo@lanyu.example")
    with pytest.raises(DeliveryFailed, match="报警信没有发出"):
        alert(settings, "presales-watch.service", [], NOW)
