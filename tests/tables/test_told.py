from __future__ import annotations

from dataclasses import replace

from pipeline.core.entries import SECRET
from tests.tables.told import told


def test_a_project_is_secret_when_it_says_so_or_nobody_can_tell() -> None:
    assert told(secrecy=SECRET).secret
    assert replace(told(), facts=None).secret
    assert not told(secrecy="内部").secret
