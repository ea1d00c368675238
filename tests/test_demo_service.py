"""The demonstration's own parts: a server that files what it is sent, and a folder of its own each time."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from pipeline.core.mail import Envelope
from pipeline.deliver.mail.delivery import Fate, Server, deliver
from tests.cases import ROOT


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("demo_service", ROOT / "scripts" / "demo_service.py")
    assert spec
    assert spec.loader
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    monkeypatch.setattr(loaded, "LINK", tmp_path / "out" / "demo-service")
    monkeypatch.setattr(loaded.tempfile, "tempdir", str(tmp_path))
    return loaded


def test_the_server_files_each_letter_as_it_was(demo: ModuleType, tmp_path: Path) -> None:
    content = b"To: a@lanyu.example\r\nSubject: one\r\n\r\n.a dot\r\n..two\r\n\r\nend\r\n"
    with demo.server(tmp_path) as port:
        server = Server("127.0.0.1", port, "none")
        envelope = Envelope("presales@lanyu.example", ("a@lanyu.example",))
        fates = [deliver(content, envelope, server, lambda: True).fates["a@lanyu.example"] for _ in range(2)]
    assert fates == [Fate.SENT, Fate.SENT]
    assert [path.read_bytes() for path in sorted(tmp_path.glob("*.eml"))] == [content, content]
    assert demo.letters(tmp_path) == [("a@lanyu.example", "one", [])] * 2


def test_a_second_run_removes_what_the_first_left_and_nothing_else(demo: ModuleType, tmp_path: Path) -> None:
    first = demo.fresh()
    (first / "投放" / "x").write_text("x")
    second = demo.fresh()
    assert (first.exists(), second.is_dir(), demo.LINK.resolve()) == (False, True, second)
    other = tmp_path / "somebody's"
    other.mkdir()
    demo.LINK.unlink()
    demo.LINK.symlink_to(other)
    demo.fresh()
    assert other.is_dir()
